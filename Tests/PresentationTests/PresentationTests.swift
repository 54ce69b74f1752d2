import Foundation
import JSONLines
import Presentation
import Testing

@Suite("What people and programs read")
struct PresentationTests {
    @Test func linesKeepTheirOrderAndAreJSON() throws {
        var line = JSONLine()
        line.add("rank", 1)
        line.add("element", name: [UInt8]("a\"b\\c\n\u{1}é".utf8))
        line.add("score", 0.5)
        line.add("none", Double.nan)
        line.add("attributes", attributes: [UInt8]("{\"x\": [1,\n 2]}".utf8))
        #expect(!line.description.contains("\n"))
        #expect(line.description.hasPrefix("{\"rank\":1,\"element\":"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any])
        #expect(object["element"] as? String == "a\"b\\c\n\u{1}é")
        #expect((object["attributes"] as? [String: [Int]])?["x"] == [1, 2])
        #expect(object["none"] is NSNull)
        #expect(object["element_base64"] == nil)
    }

    @Test func namesThatAreNotTextComeTwice() throws {
        var line = JSONLine()
        line.add("path", name: [0xFF, 0x61])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: String])
        #expect(object["path"] == "\u{FFFD}a")
        #expect(object["path_base64"] == Data([0xFF, 0x61]).base64EncodedString())
    }

    @Test(arguments: ["not json", "{broken", "\u{7F}"])
    func attributesThatAreNoJSONAreText(_ text: String) throws {
        var line = JSONLine()
        line.add("attributes", attributes: [UInt8](text.utf8))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: String])
        #expect(object["attributes"] == text)
    }

    /// JSON text must not begin with a byte order mark, though parsers may let it pass.
    @Test func aByteOrderMarkDoesNotSpoilTheLine() {
        var line = JSONLine()
        line.add("attributes", attributes: [0xEF, 0xBB, 0xBF] + [UInt8]("{}".utf8))
        #expect(line.bytes.starts(with: [UInt8]("{\"attributes\":\"".utf8)))
    }

    @Test func scoresHaveFourDecimals() {
        #expect(ContactSheet.fixed(1) == "1.0000")
        #expect(ContactSheet.fixed(0.98765) == "0.9877")
        #expect(ContactSheet.fixed(0.00004) == "0.0000")
        #expect(ContactSheet.fixed(-0.5) == "-0.5000")
    }

    @Test func namesCannotCommandATerminal() {
        #expect(StandardStream.readable([UInt8]("a\nb\u{1B}[2Jé".utf8)) == "a\\u{A}b\\u{1B}[2Jé")
        #expect(StandardStream.readable([0x61, 0xFF]) == "a\u{FFFD}")
    }

    @Test func progressSaysRateAndTimeLeft() {
        #expect(
            ProgressLine.text(done: 50, total: 200, rejected: 2, bytes: 5_000_000, seconds: 10)
                == "50/200 files, 25%, 5 files/s, 0.5 MB/s, 2 rejected, 30 s left")
        #expect(ProgressLine.text(done: 0, total: 0, rejected: 0, bytes: 0, seconds: 0) == "0/0 files")
        #expect(ProgressLine.bar(done: 1, total: 4, width: 8) == "[##------]")
        #expect(ProgressLine.bar(done: 9, total: 4, width: 4) == "[####]")
        #expect(ProgressLine.duration(3725) == "1 h 2 min")
        #expect(ProgressLine.duration(59.2) == "1 min 0 s")
    }

    @Test func theSheetHoldsEverythingAndEscapesNames() {
        let sheet = ContactSheet(
            title: "t", query: .init(name: "<q>", score: nil, thumbnail: [1, 2, 3]),
            hits: [.init(name: "a&b", score: 0.9, thumbnail: [4]), .init(name: "c", score: 0.1, thumbnail: nil)],
            footer: "f")
        let html = sheet.html
        #expect(html.contains("data:image/jpeg;base64,AQID"))
        #expect(html.contains("&lt;q&gt;"))
        #expect(html.contains("a&amp;b"))
        let accented = ContactSheet(
            title: "t", query: .init(name: "\"\u{301} onload=x", score: nil, thumbnail: [1]), hits: [], footer: "")
        let scalars = Array(accented.html.unicodeScalars.map(\.value))
        let endsAnAttribute = zip(scalars, scalars.dropFirst()).contains { $0 == 0x22 && $1 == 0x301 }
        #expect(!endsAnAttribute)
        #expect(html.contains("no thumbnail"))
        #expect(!html.contains("http"), "nothing is loaded from elsewhere")
    }
}
