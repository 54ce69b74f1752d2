import Foundation
import TestSupport
import Testing

/// `lookalike bench recall` and `lookalike query --filter`, as a user runs them.
@Suite struct BenchEndToEndTests {
    private let folder = TemporaryFolder()

    /// A TEXMEX file of that many rows of bytes.
    private func writeVectors(_ name: String, rows: Int, dimension: Int, _ random: inout SeededRandom) throws {
        var data = Data()
        for _ in 0..<rows {
            withUnsafeBytes(of: Int32(dimension).littleEndian) { data.append(contentsOf: $0) }
            for _ in 0..<dimension { data.append(UInt8.random(in: 0...255, using: &random)) }
        }
        try data.write(to: URL(fileURLWithPath: folder.path(name)))
    }

    @Test func recallIsMeasuredOnFiles() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 201))
        try writeVectors("base.bvecs", rows: 1500, dimension: 24, &random)
        try writeVectors("queries.bvecs", rows: 40, dimension: 24, &random)
        for quantization in ["int8", "f32"] {
            let run = try Program.run(
                [
                    "bench", "recall", "--base", folder.path("base.bvecs"), "--queries", folder.path("queries.bvecs"),
                    "--metric", "l2", "--quantization", quantization, "--ef", "10,1500", "--threads", "2", "--json",
                    "--plot", folder.path("plot.svg"),
                ])
            #expect(run.status == 0, "\(run.error)")
            let lines = try run.objects()
            #expect(lines.map { $0["phase"] as? String } == ["build", "search", "search"])
            #expect(lines[0]["n"] as? Int == 1500 && lines[0]["dim"] as? Int == 24)
            #expect(lines[0]["seconds"] is Double && lines[0]["bytes_per_vector"] is Double)
            #expect(lines[1]["ef"] as? Int == 10)
            #expect((lines[1]["recall"] as? Double ?? 0) > 0.5)
            #expect(lines[2]["recall"] as? Double == 1, "a search as wide as the graph is exact")
            for key in ["qps", "p50_us", "p99_us"] { #expect((lines[2][key] as? Double ?? 0) > 0) }
            #expect(try String(contentsOfFile: folder.path("plot.svg"), encoding: .utf8).hasPrefix("<svg"))
        }
    }

    @Test func wrongArgumentsAreSaidInOneLine() throws {
        try Data([1, 0, 0]).write(to: URL(fileURLWithPath: folder.path("torn.bvecs")))
        let torn = try Program.run(
            ["bench", "recall", "--base", folder.path("torn.bvecs"), "--queries", folder.path("torn.bvecs")])
        #expect(torn.status == 1)
        #expect(torn.error.contains("torn.bvecs") && torn.error.split(separator: "\n").count == 1, "\(torn.error)")
        for wrong in [["--metric", "l3"], ["--ef", "0"], ["--quantization", "bin", "--metric", "l2"], ["--m", "3"]] {
            let run = try Program.run(
                ["bench", "recall", "--base", folder.path("torn.bvecs"), "--queries", folder.path("torn.bvecs")] + wrong
            )
            #expect(run.status == 64, "\(wrong): \(run.status) \(run.error)")
        }
    }

    @Test func aFilterNarrowsAQuery() throws {
        let names = try SmallGallery.write(into: folder)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", folder.path("store")]).status == 0)
        let image = folder.path("pictures/" + names[0])
        func elements(_ place: [String], _ filter: String) throws -> [String] {
            let run = try Program.run(["query", image, "--json", "--count", "1000", "--filter", filter] + place)
            #expect(run.status == 0, "\(run.error)")
            return try run.objects().compactMap { $0["element"] as? String }
        }
        let store = ["--store", folder.path("store")]
        #expect(try elements(store, ".width > 0").sorted() == names.sorted())
        #expect(try elements(store, ".format == \"gif\"").isEmpty)
        let suffix = "\"\(names[1])\" in .path"
        #expect(try elements(store, suffix) == [names[1]])
        let server = try RunningServer(store: folder.path("store"))
        #expect(try elements(["--server", "127.0.0.1:\(server.port)"], suffix) == [names[1]])
        #expect(try elements(store, suffix) == [names[1]], "through the server that holds the store")
        #expect(server.stop() == 0)
    }
}
