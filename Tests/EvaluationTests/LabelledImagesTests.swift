import Evaluation
import Foundation
import TestSupport
import Testing

@Suite("Labelled pictures")
struct LabelledImagesTests {
    private func bytes(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

    private func fields(_ text: String) throws -> [[String]] {
        try CSVReader.rows(of: bytes(text)).map { $0.fields.map { String(decoding: $0, as: UTF8.self) } }
    }

    @Test func fieldsOfAllKinds() throws {
        #expect(try fields("a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
        #expect(try fields("a,b\r\n1,2") == [["a", "b"], ["1", "2"]])
        #expect(try fields("\u{FEFF}a,b\n\n1,\n") == [["a", "b"], ["1", ""]])
        #expect(
            try fields("\"a,b\",\"say \"\"hi\"\"\"\n\"two\nlines\",x") == [
                ["a,b", "say \"hi\""], ["two\nlines", "x"],
            ])
        #expect(try fields("\"\",\n") == [["", ""]])
        #expect(try fields("a\"b,c d\n") == [["a\"b", "c d"]])
        #expect(try fields("").isEmpty)
        #expect(try CSVReader.rows(of: bytes("a\n\"b\nc\"\nd")).map(\.line) == [1, 2, 4])
        #expect(throws: LabelError.self) { try fields("a,\"b\n") }
        #expect(throws: LabelError.self) { try fields("a,\"b\"c\n") }
    }

    private func read(_ text: String) throws -> LabelledImages {
        try LabelledImages(csv: bytes(text), folder: bytes("/d/"), name: bytes("x.csv"))
    }

    @Test func setsAndColumnsInAnyOrder() throws {
        let images = try read("note,label,file,group,set\nn,cat,a.jpg,,one\n,dog,/b.jpg,g,two\n,cat,c/d.jpg,,one\n")
        #expect(images.sets.map { String(decoding: $0.name, as: UTF8.self) } == ["one", "two"])
        #expect(images.sets[0].images.map(\.path) == [bytes("/d/a.jpg"), bytes("/d/c/d.jpg")])
        #expect(images.sets[1].images == [.init(path: bytes("/b.jpg"), label: bytes("dog"), group: bytes("g"))])
        let plain = try read("file,label\na,1\nb,2\n")
        #expect(plain.sets.map(\.name) == [bytes("x.csv")] && plain.sets[0].images.count == 2)
    }

    @Test(arguments: [
        ("", "it is empty"), ("a,b\n", "names no columns file and label"), ("file,label,file\n", "two columns"),
        ("file,label\na\n", "line 2 has 1 fields"), ("file,label\n,x\n", "line 2 names no file"),
        ("file,label,group\na,,\n", "line 2 has neither label nor group"),
    ])
    func whatIsWrongIsSaid(_ text: String, _ fault: String) {
        let error = #expect(throws: LabelError.self) { try read(text) }
        #expect(error?.description.contains(fault) == true, "\(String(describing: error))")
    }

    @Test func aFolderIsOneSet() throws {
        let folder = TemporaryFolder()
        try folder.write("photos/cat/1.jpg", [1])
        try folder.write("photos/cat/2.jpg", [1])
        try folder.write("photos/big/dog/3.jpg", [1])
        try folder.write("photos/readme.txt", [1])
        let images = try LabelledImages(bytes(folder("photos") + "/"))
        #expect(images.withoutLabel == 1 && images.sets.count == 1)
        let set = try #require(images.sets.first)
        #expect(set.name == bytes("photos"))
        #expect(Set(set.images.map { String(decoding: $0.label, as: UTF8.self) }) == ["cat", "big/dog"])
        #expect(throws: LabelError.self) { try LabelledImages(bytes(folder("none"))) }
        try FileManager.default.createDirectory(atPath: folder("empty"), withIntermediateDirectories: true)
        #expect(throws: LabelError.self) { try LabelledImages(bytes(folder("empty"))) }
    }

    @Test func aFileIsRelativeToItself() throws {
        let folder = TemporaryFolder()
        try folder.write("labels/l.csv", bytes("file,label\np/a.jpg,x\n"))
        let images = try LabelledImages(bytes(folder("labels/l.csv")))
        #expect(images.sets.first?.images.first?.path == bytes(folder("labels/p/a.jpg")))
        #expect(images.sets.first?.name == bytes("l.csv"))
    }
}
