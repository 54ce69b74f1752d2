import Foundation
import TestSupport
import Testing

/// The program as a user runs it, on pictures that it draws itself.
@Suite
struct GalleryEndToEndTests {
    private let folder = TemporaryFolder()

    @Test func copiesFindTheirOriginals() throws {
        let made = try Program.run(["gallery", "make", folder.path("gallery"), "--per-family", "4", "--seed", "11"])
        #expect(made.status == 0)
        let indexed = try Program.run(
            [
                "index", folder.path("gallery"), "--store", folder.path("store"), "--json", "--report",
                folder.path("r.jsonl"),
            ])
        #expect(indexed.status == 0, "\(indexed.error)")
        let lines = try indexed.objects()
        let summary = try #require(lines.last)
        #expect(summary["summary"] as? Bool == true)
        let names = lines.dropLast().compactMap { $0["path"] as? String }.sorted()
        #expect(names.count >= 120)
        #expect(summary["indexed"] as? Int == names.count)
        #expect(summary["total"] as? Int == names.count)
        for key in ["unchanged", "rejected", "skipped", "removed"] { #expect(summary[key] as? Int == 0) }
        #expect(summary["seconds"] is Double)
        let report = try String(contentsOfFile: folder.path("r.jsonl"), encoding: .utf8)
        #expect(report.split(separator: "\n").map(String.init) == indexed.lines.dropLast())

        // Through a server, so that a hundred queries are quick.
        let server = try RunningServer(store: folder.path("store"))
        let sample = stride(from: 0, to: names.count, by: 3).map { names[$0] }
        var right = 0
        for name in sample {
            let copied = try Program.run(["gallery", "copy", folder.path("gallery/" + name), folder.path("copy.jpg")])
            #expect(copied.status == 0, "\(copied.error)")
            let query = try Program.run(
                ["query", folder.path("copy.jpg"), "--server", "127.0.0.1:\(server.port)", "--json", "--count", "3"])
            if try query.objects().first?["element"] as? String == name { right += 1 }
        }
        #expect(Double(right) >= 0.98 * Double(sample.count), "\(right) of \(sample.count)")
        #expect(server.stop() == 0)
    }

    @Test func textJSONAndSheetAgree() throws {
        let names = try SmallGallery.write(into: folder)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", folder.path("store")]).status == 0)
        let image = folder.path("pictures/" + names[4])
        let text = try Program.run(["query", image, "--store", folder.path("store"), "--count", "5"])
        let json = try Program.run(
            [
                "query", image, "--store", folder.path("store"), "--count", "5", "--json", "--html",
                folder.path("s.html"),
            ])
        let hits = try json.objects()
        #expect(hits.count == 5)
        #expect(hits[0]["element"] as? String == names[4])
        #expect(hits.compactMap { $0["rank"] as? Int } == [1, 2, 3, 4, 5])
        let scores = hits.compactMap { $0["score"] as? Double }
        #expect(scores == scores.sorted(by: >))
        #expect(abs((scores.first ?? 0) - 1) < 1e-5)
        #expect((hits[0]["attributes"] as? [String: Any])?["path"] as? String == image)
        #expect(text.lines.map { $0.split(separator: "\t")[2] } == hits.map { ($0["element"] as? String ?? "")[...] })
        let sheet = try String(contentsOfFile: folder.path("s.html"), encoding: .utf8)
        #expect(sheet.components(separatedBy: "data:image/jpeg;base64,").count == 7, "the query and five hits")
        // A picture on standard input is the same picture.
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: image)))
        let piped = try Program.run(
            ["query", "-", "--store", folder.path("store"), "--count", "5", "--json"], input: bytes)
        #expect(piped.output == json.output)
        // A box looks at a part: the whole picture as a box is the whole picture.
        let boxed = try Program.run(
            ["query", image, "--store", folder.path("store"), "--count", "5", "--json", "--box", "0,0,1,1"])
        #expect(boxed.output == json.output)
        let part = try Program.run(
            ["query", image, "--store", folder.path("store"), "--count", "5", "--json", "--box", "0.5,0,0.25,0.25"])
        #expect(part.status == 0 && part.output != json.output)
    }

    @Test func embedPrintsVectors() throws {
        let names = try SmallGallery.write(into: folder, families: 2, perFamily: 2)
        let paths = names.map { folder.path("pictures/" + $0) }
        let run = try Program.run(["embed"] + paths)
        let objects = try run.objects()
        #expect(objects.compactMap { $0["path"] as? String } == paths)
        #expect(objects.allSatisfy { $0["model"] as? String == "baseline-v1" })
        #expect(objects.allSatisfy { ($0["vector"] as? [Double])?.count == 240 })
        let listed = try Program.run(
            ["embed", "-", "--json"], input: [UInt8](paths.joined(separator: "\n").utf8))
        #expect(listed.output == run.output)
        try folder.write("no.jpg", [UInt8]("text".utf8))
        let mixed = try Program.run(["embed", folder.path("no.jpg"), paths[0]])
        #expect(mixed.status == 0)
        #expect(mixed.error.contains("notAnImage"))
        #expect(mixed.lines.count == 1)
        #expect(try Program.run(["embed", folder.path("no.jpg")]).status == 1)
    }

    @Test func everythingWorksWhileAServerHoldsTheStore() throws {
        let names = try SmallGallery.write(into: folder)
        let store = folder.path("store")
        let server = try RunningServer(store: store)
        let first = try Program.run(["index", folder.path("pictures"), "--store", store, "--json"])
        #expect(first.status == 0, "\(first.error)")
        #expect(try first.objects().last?["indexed"] as? Int == names.count)
        let second = try Program.run(["index", folder.path("pictures"), "--store", store, "--json"])
        #expect(try second.objects().last?["unchanged"] as? Int == names.count)
        let image = folder.path("pictures/" + names[0])
        let arguments = ["query", image, "--store", store, "--json", "--count", "4"]
        let held = try Program.run(arguments + ["--html", folder.path("s.html")])
        #expect(held.status == 0, "\(held.error)")
        #expect(try Program.run(["embed", image, "--store", store]).lines.count == 1)
        try folder.write("pictures/bad.png", [UInt8]("no".utf8))
        let third = try Program.run(["index", folder.path("pictures"), "--store", store, "--json"])
        #expect(try third.objects().last?["rejected"] as? Int == 1)
        #expect(try Program.run(["query", folder.path("pictures/bad.png"), "--store", store]).status == 1)
        #expect(server.stop() == 0)
        // The same answers when nobody holds it any more.
        let free = try Program.run(arguments)
        #expect(free.output == held.output)
    }

    @Test func storesInLongFoldersHaveASocketToo() throws {
        let names = try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        let store = folder.path(String(repeating: "a-rather-long-name/", count: 8) + "store")
        try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
        let server = try RunningServer(store: store)
        let indexed = try Program.run(["index", folder.path("pictures"), "--store", store, "--json"])
        #expect(try indexed.objects().last?["indexed"] as? Int == names.count, "\(indexed.error)")
        #expect(server.stop() == 0)
    }
}
