import Filters
import Testing

/// What is an expression, what is not, and what is said about it then.
@Suite struct FilterSyntaxTests {
    /// Reading stopped at something that is no token: the rest is printed.
    @Test(arguments: [
        (".n = 5", " 5"), (".n == 5 AND .b", " .b"), (".n & 5", " 5"), (".n == 5 foo (1)", " (1)"), ("@", "@"),
        (".n == 5 @ 3", "@ 3"), (".n == é", "é"), (".é == 1", ".é == 1"), (".né == 1", "é == 1"), (". n", ". n"),
        (".n == 1.2.3 ", " "), (".n == 5e-1", "-1"), (".n == 5e 1", " 1"), ("0x10", "10"), (".b == true or 1", " or 1"),
        (".n in [1 2]", "2]"), (".n in [foo]", "foo]"), (".n in [.a]", ".a]"), (".n in [1,,2]", ",2]"),
        (".n in [,]", ",]"), (".n in [[1]]", "[1]]"), (".n in [1, -]", "]"), (".n in [null]", "null]"),
        (".n in [+1]", "+1]"), ("#comment", "#comment"), ("{", "{"), (".n == ]", "]"), (".n == $x", "$x"),
    ]) func tokenFaultsPrintTheRest(filter: String, expected: String) {
        #expect(near(filter) == expected)
    }

    /// It stopped at the end, or the tokens do not fit together: the whole is printed.
    @Test(arguments: [
        "", "  ", ".b == true", ".n =", "(.b == true)", ".n == \"abc", ".n == 'abc", ".n == \"abc\\\"", ".n in [1, 2",
        ".n in [", ".n in [1,", ".n in [\"a", ".n == 5.0.1", "(", ")", "()", "(.n", ".n)", "((.n)", ".n ==", "== 5",
        ".n .m",
        ".a.b", "5 5", "1 2 +", ".n 5 ==", "+5", "-.n", "- 5", "--5", ".n not", ".n not 5", ".n not not in [5]", "not",
        "!", ".n !", ".n in", "in [5]", "1 + * 2", ".a and and .b", "null null", "[1] [2]", ".a (.b)", "(.a) .b",
        "5 -", ".n == 5 AND", ".a or", "* 5", ".n-3 .m", ".a ! .b", "!()",
    ]) func otherFaultsPrintTheWhole(filter: String) {
        #expect(near(filter) == filter)
    }

    @Test(arguments: [
        ".n", "5", "5.", "5.0", "5e0", "5E2", "1.e5", "-5", "'it'", "\"\"", "[]", "[1, \"a\", -2]", "[1,]", "[-.5]",
        "[ 'a' , ]", "null", ".5e1", ".a-b_c9", ".-", "((((.n))))", "!.n", "!!.n", "not not .n", "! not !.n", "!(!.n)",
        ".n==5and.b", ".n==5or.b", "not.n", "notnull", "1innull", ".n in[5]", ".n not in [5]",
        "1notin[5]", "2 ** -1", "5--3", "(1)-3", "\t.n\n>=\r\u{B}\u{C}5 ", ".a ** !.b", "1 + not 2", ".x in .y",
        "1 && 1||0",
    ]) func expressions(filter: String) {
        #expect(near(filter) == nil)
    }

    @Test func nothingIsSeenBehindANul() throws {
        #expect(near("1\0 ) junk") == nil)
        #expect(near(".n = 5\0 and more") == " 5")
        #expect(near("(\0)") == "(")
        #expect(near("\0") == "")
        #expect(try FilterExpression("1 \0 x").text == Array("1 ".utf8))
        #expect(try FilterExpression("1 \0 x") == FilterExpression("1 "))
    }

    @Test func anExpressionKnowsItsFieldsAndItsText() throws {
        let filter = try FilterExpression(".b > 1 and (.a-b in .b or .5e1 == \".c\") and .n-3")
        #expect(filter.fields.map { String(decoding: $0, as: UTF8.self) } == ["b", "a-b", "5e1", "n-3"])
        #expect(String(decoding: filter.text, as: UTF8.self).hasSuffix("and .n-3"))
        #expect(try FilterExpression("1 and 2").fields.isEmpty)
        #expect(try Set([FilterExpression(".a"), FilterExpression(".a"), FilterExpression(".a ")]).count == 2)
    }

    @Test func errorsAreOneLine() {
        let errors: [FilterError] = [
            .syntax(near: Array(" 5".utf8)), .tooLong(length: 70_000), .tooManyTokens, .tooManyFields, .tooDeep,
        ]
        #expect("\(errors[0])" == "syntax error in FILTER expression near:  5")
        for error in errors { #expect(!"\(error)".contains("\n") && "\(error)".contains("FILTER expression")) }
    }
}

/// Each limit, at it and past it.
@Suite struct FilterLimitTests {
    private func fault(_ filter: String) -> FilterError? {
        do throws(FilterError) {
            _ = try FilterExpression(filter)
            return nil
        } catch {
            return error
        }
    }

    @Test func length() {
        let limit = FilterLimits.textLength
        #expect(fault("'" + String(repeating: "x", count: limit - 2) + "'") == nil)
        #expect(fault("'" + String(repeating: "x", count: limit - 1) + "'") == .tooLong(length: limit + 1))
    }

    @Test func numbers() {
        let longest = String(repeating: "1", count: FilterLimits.numberLength)
        #expect(fault(longest) == nil)
        #expect(fault(longest + "23 > 4") == .syntax(near: Array("23 > 4".utf8)))
        #expect(fault("[" + longest + "]") == nil)
        #expect(fault("[" + longest + "2]") == .syntax(near: Array("2]".utf8)))
    }

    @Test func tokens() {
        let limit = FilterLimits.tokens
        #expect(fault(String(repeating: "!", count: limit - 1) + "1") == nil)
        #expect(fault(String(repeating: "!", count: limit) + "1") == .tooManyTokens)
        #expect(fault("[" + String(repeating: "1,", count: limit - 1) + "]") == nil)
        #expect(fault("[" + String(repeating: "1,", count: limit) + "]") == .tooManyTokens)
    }

    /// Parentheses cost nothing to evaluate; operands that wait do.
    @Test func depth() throws {
        let limit = FilterLimits.depth
        func nested(_ count: Int) -> String {
            String(repeating: "1 + (", count: count - 1) + "1" + String(repeating: ")", count: count - 1)
        }
        #expect(fault(nested(limit)) == nil)
        #expect(fault(nested(limit + 1)) == .tooDeep)
        #expect(try matches("\(nested(limit)) == \(limit)", "{}"))
        #expect(fault(String(repeating: "1 ** ", count: limit - 1) + "1") == nil)
        #expect(fault(String(repeating: "1 ** ", count: limit) + "1") == .tooDeep)
        #expect(fault(String(repeating: "1 + ", count: 8000) + "1") == nil)
        let parentheses = FilterLimits.tokens / 2 - 1
        #expect(
            fault(String(repeating: "(", count: parentheses) + "1" + String(repeating: ")", count: parentheses)) == nil)
        let open = String(repeating: "(", count: FilterLimits.tokens)
        #expect(fault(open) == .syntax(near: Array(open.utf8)))
    }

    @Test func fields() throws {
        let limit = FilterLimits.fields
        func sum(_ count: Int) -> String { (0..<count).map { ".f\($0)" }.joined(separator: " + ") }
        #expect(fault(sum(limit)) == nil)
        #expect(fault(sum(limit) + " + .f0") == nil)
        #expect(fault(sum(limit + 1)) == .tooManyFields)
        let attributes = "{" + (0..<limit).map { "\"f\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try matches("\(sum(limit)) == \(limit * (limit - 1) / 2)", attributes))
    }
}
