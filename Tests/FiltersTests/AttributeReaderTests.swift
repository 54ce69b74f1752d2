import Filters
import Testing

/// What is read of attributes that nobody has checked.
@Suite struct AttributeReaderTests {
    private func read(_ attributes: String, _ field: String = "n") -> FilterValue? {
        AttributeReader(fields: [Array(field.utf8)]).values(in: Array(attributes.utf8))[0]
    }

    private func text(_ text: String) -> FilterValue { .string(Array(text.utf8)) }

    @Test func anObjectMustComeFirst() {
        #expect(read(" \t\r\n\u{B}\u{C}{ \"n\" : 6 }") == .number(6))
        for attributes in ["", " ", "6", "[{\"n\":6}]", "x{\"n\":6}", "\"n\":6", "null", "{", "{}"] {
            #expect(read(attributes) == nil, "\(attributes)")
        }
    }

    /// What follows the wanted field does not matter, what comes before does.
    @Test func onlyWhatComesBeforeMustBeSound() {
        for attributes in [
            "{\"n\":6} junk", "{\"n\":6", "{\"n\":6,", "{\"n\":6 x", "{\"n\":6]", "{\"n\":6,\"m\"", "{\"n\":6,}",
            "{\"m\":[1 2 {x}],\"n\":6}", "{\"m\":{\"n\":5},\"n\":6}", "{\"m\":\"}\\\"\",\"n\":6}",
            "{\"m\":+1e,\"n\":6}",
            "{\"\":1,\"n\":6}", "{\"m\":[\"]\"],\"n\":6}", "{\"m\":null,\"n\":6}", "{\"m\":true, \"n\":6}",
        ] { #expect(read(attributes) == .number(6), "\(attributes)") }
        for attributes in [
            "{\"m\":tru,\"n\":6}", "{\"m\" 5,\"n\":6}", "{\"m\":5 \"n\":6}", "{m:5,\"n\":6}", "{\"m\":,\"n\":6}",
            "{,\"n\":6}", "{\"m\":\"x,\"n\":6}", "{\"m\":{\"n\":6}", "{\"m\":[,\"n\":6}", "{\"n\" 6}", "{\"n\":}",
            "{'n':6}",
            "{\"m\":5}{\"n\":6}", "{\"m\":.5,\"n\":6}", "{\"n",
        ] { #expect(read(attributes) == nil, "\(attributes)") }
    }

    @Test func theFirstOfTheSameKeysCounts() {
        #expect(read("{\"n\":1,\"n\":2}") == .number(1))
        #expect(read("{\"n\":{},\"n\":2}") == nil)
        #expect(read("{\"n\":null,\"n\":2}") == .null)
    }

    @Test func keysAreComparedAsTheyAreWritten() {
        #expect(read("{\"\\u006e\":1}") == nil)
        #expect(read("{\"a\\\"b\":1,\"n\":2}") == .number(2))
        #expect(read("{\"N\":1,\"nn\":2,\"\":3}") == nil)
        #expect(read("{\"m\":{\"n\":1}}") == nil)
        #expect(read("{\"\":3}", "") == .number(3))
    }

    @Test func numbers() {
        let cases: [(String, Double?)] = [
            ("0", 0), ("-0", -0.0), ("+5", 5), ("-5.25", -5.25), ("1e3", 1000), ("1E-2", 0.01), ("5.", 5),
            ("-.5", -0.5),
            ("007", 7), ("0.1", 0.1), ("123456789012345", 123_456_789_012_345),
            ("1234567890123456789", 1.2345678901234568e18),
            ("0.3", 0.3), ("2.2250738585072014e-308", 2.2250738585072014e-308), ("1e999", .infinity),
            ("3.14159", 3.14159),
            ("9007199254740993", 9007199254740992), ("+", nil), ("-", nil), ("1-2", nil), ("1.2.3", nil), ("1e", nil),
            ("--1", nil), ("inf", nil), ("0x10", 0), ("NaN", nil), (".5", nil),
        ]
        for (number, expected) in cases {
            #expect(read("{\"n\":\(number)}") == expected.map { .number($0) }, "\(number)")
        }
    }

    @Test func words() {
        #expect(read("{\"n\":true}") == .number(1))
        #expect(read("{\"n\":false}") == .number(0))
        #expect(read("{\"n\":null}") == .null)
        for word in ["True", "nul", "tru", "undefined", "f"] { #expect(read("{\"n\":\(word)}") == nil) }
    }

    @Test func strings() {
        let cases = [
            ("", ""), ("a", "a"), ("1234567", "1234567"), ("12345678", "12345678"), ("\\\"\\\\\\n\\r\\t", "\"\\\n\r\t"),
            ("\\b\\f\\/", "\u{8}\u{C}/"), ("\\x\\'", "x'"), ("\\u0041\\u00e9\\u20AC", "Aé€"), ("\\ud83d\\ude00!", "😀!"),
            ("\\ud83d", "\u{FFFD}"), ("\\ude00x", "\u{FFFD}x"), ("\\ud83d\\u0041", "\u{FFFD}A"), ("\\u00g0", "u00g0"),
            ("\\u12", "u12"), ("é😀", "é😀"), ("line\nbreak", "line\nbreak"), ("\\u0000", "\0"),
            ("long\\tenough", "long\tenough"),
        ]
        for (raw, expected) in cases { #expect(read("{\"n\":\"\(raw)\"}") == text(expected), "\(raw)") }
        #expect(read("{\"n\":\"open}") == nil)
        #expect(read("{\"n\":\"open\\\"}") == nil)
        #expect(read("{\"n\":\"open\\") == nil)
        let latin: [UInt8] = Array("{\"n\":\"".utf8) + [0xE9, 0xFF, 0x00] + Array("\"}".utf8)
        #expect(AttributeReader(fields: [[0x6E]]).values(in: latin) == [.string([0xE9, 0xFF, 0x00])])
    }

    @Test func arrays() {
        #expect(read("{\"n\":[]}") == .tuple([]))
        #expect(
            read("{\"n\":[ 1 , \"a\",true,null,\"longer than seven\" ]}")
                == .tuple([.number(1), text("a"), .number(1), .null, text("longer than seven")]))
        #expect(read("{\"n\":[1,[2,\"and a long string\",[]],3]}") == .tuple([.number(1), .tuple([]), .number(3)]))
        #expect(read("{\"n\":[[],[]]}") == .tuple([.tuple([]), .tuple([])]))
        for array in ["[1,]", "[,1]", "[1 2]", "[1", "[[1]", "[1,,2]", "[}", "[x]", "[tru]", "[\"a]"] {
            #expect(read("{\"n\":\(array)}") == nil, "\(array)")
        }
    }

    /// The field is missing then; what follows is not.
    @Test func objectsCountAsMissing() {
        for value in ["{}", "{\"a\":1}", "[{}]", "[1,{\"a\":1}]", "[[[{}]]]", "[[1,2],[{}],3]", "[tru]", "1-2"] {
            let fields = [Array("n".utf8), Array("m".utf8)]
            let values = AttributeReader(fields: fields).values(in: Array("{\"n\":\(value),\"m\":6}".utf8))
            #expect(values == [nil, .number(6)], "\(value)")
        }
    }

    @Test func nesting() {
        func nested(_ depth: Int) -> String {
            "{\"n\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + ",\"m\":1}"
        }
        #expect(read(nested(FilterLimits.nesting)) == .tuple([.tuple([])]))
        #expect(read(nested(FilterLimits.nesting + 1)) == nil)
        #expect(read(nested(1_000_000)) == nil)
        #expect(read(nested(1_000_000), "m") == .number(1))
        #expect(read("{\"n\":" + String(repeating: "[", count: 1_000_000)) == nil)
        #expect(read("{\"m\":" + String(repeating: "{\"a\":", count: 1_000_000)) == nil)
    }

    @Test func longNumbers() {
        let longest = String(repeating: "1", count: FilterLimits.numberLength)
        #expect(read("{\"n\":\(longest)}") == Double(longest).map { .number($0) })
        #expect(read("{\"n\":\(longest)1}") == nil)
    }

    @Test func manyFieldsInOnePass() {
        let names = (0..<FilterLimits.fields).map { Array("f\($0)".utf8) }
        let attributes =
            "{" + (0..<FilterLimits.fields).reversed().map { "\"f\($0)\":\($0)" }.joined(separator: ",") + "}"
        let values = AttributeReader(fields: names).values(in: Array(attributes.utf8))
        #expect(values == (0..<FilterLimits.fields).map { .number(Double($0)) })
    }
}
