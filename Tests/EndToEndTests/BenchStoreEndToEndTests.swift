import Catalogue
import Client
import Foundation
import RESP
import Storage
import TestSupport
import Testing
import VectorCollections

/// `lookalike bench recall --store`, as a user runs it.
@Suite struct BenchStoreEndToEndTests {
    private let folder = TemporaryFolder()

    private func measure(_ arguments: [String]) throws -> Program.Result {
        try Program.run(["bench", "recall", "--store", folder.path("store")] + arguments)
    }

    @Test func recallIsMeasuredOnAFolderOfPictures() throws {
        let names = try SmallGallery.write(into: folder)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", folder.path("store")]).status == 0)
        let run = try measure(
            ["--ef", "10,100", "--target-recall", "0.9", "--threads", "2", "--json", "--plot", folder.path("plot.svg")])
        #expect(run.status == 0, "\(run.error)")
        let lines = try run.objects()
        #expect(lines.map { $0["phase"] as? String } == ["open", "search", "search", "tuned"])
        #expect(lines[0]["n"] as? Int == names.count && lines[0]["dim"] as? Int == 240)
        #expect(lines[0]["seconds"] is Double && lines[0]["bytes_per_vector"] is Double)
        #expect(lines[0]["seed"] as? Int == 1)
        #expect(lines[2]["ef"] as? Int == 100)
        #expect(lines[2]["recall"] as? Double == 1, "a search as wide as the graph is exact")
        for key in ["qps", "p50_us", "p99_us"] { #expect((lines[2][key] as? Double ?? 0) > 0) }
        #expect(lines[3]["target"] as? Double == 0.9)
        #expect((lines[3]["recall"] as? Double ?? 0) > 0.5 && (lines[3]["ef"] as? Int ?? 0) > 0)
        #expect(lines[3]["applied"] as? Bool == false)
        #expect(try String(contentsOfFile: folder.path("plot.svg"), encoding: .utf8).hasPrefix("<svg"))

        let text = try measure(["--queries-sample", "5", "--seed", "9", "--count", "3"])
        #expect(text.status == 0, "\(text.error)")
        #expect(text.output.contains("recall@3") && text.output.contains("seed 9"))
        #expect(text.output.contains("5 of them"))
        let others = try measure(["--collection", "other"])
        #expect(others.status == 1 && others.output.isEmpty)
        #expect(others.error.contains("'other'") && others.error.contains("images"), "\(others.error)")
        let server = try RunningServer(store: folder.path("store"))
        #expect(try measure([]).status == 0, "a store is measured beside whoever holds it")
        let held = try measure(["--target-recall", "0.9", "--apply"])
        #expect(held.status == 1 && held.error.split(separator: "\n").count == 1)
        #expect(held.error.contains("in use") && held.error.contains("stop it"), "\(held.error)")
        #expect(server.stop() == 0)
    }

    /// Among vectors drawn at random, in many dimensions, a narrow search and a wide one find different things: so it
    /// shows which of them was made.
    private func fillWithNoise(_ count: Int) throws {
        let store = try Store.open(folder.path("store"), options: StoreOptions(durability: .none))
        let model = try Catalogue(store: store).imageEmbedder(model: nil).embedder.model
        let configuration = CollectionConfiguration(dimension: model.dimension, model: ModelIdentity(model))
        var random = SeededRandom(seed: SeededRandom.seed(of: 211))
        for number in 0..<count {
            _ = try store.upsert(
                ElementName("\(number)"), ElementChange(vector: random.vector(model.dimension)), in: "images",
                configuration: configuration)
        }
        try store.close()
    }

    private func found(_ image: String, _ place: [String]) throws -> String? {
        let run = try Program.run(["query", image, "--count", "1", "--json"] + place)
        #expect(run.status == 0, "\(run.error)")
        return try run.objects().first?["element"] as? String
    }

    @Test func anAppliedWidthIsThatOfLaterSearches() async throws {
        let names = try SmallGallery.write(into: folder, families: 4, perFamily: 3)
        let images = names.map { folder.path("pictures/" + $0) }
        try fillWithNoise(2000)
        let store = ["--store", folder.path("store")]
        let usual = try images.map { try found($0, store) }

        let run = try measure(
            ["--count", "1", "--ef", "1", "--target-recall", "0.02", "--apply", "--json", "--queries-sample", "200"])
        #expect(run.status == 0, "\(run.error)")
        let tuned = try #require(try run.objects().last)
        #expect(tuned["applied"] as? Bool == true)
        let ef = try #require(tuned["ef"] as? Int)

        // What that width finds, asked of the library.
        func expected() throws -> [String?] {
            let opened = try Store.open(folder.path("store"), options: StoreOptions(readOnly: true))
            let collection = try #require(opened.collection("images"))
            #expect(collection.efSearch == ef, "it outlives reopening")
            return try images.map { image in
                let vector = try Catalogue(store: opened).queryVector(image: try contents(image), for: collection)
                return try collection.search(vector, count: 1, ef: ef).first.map { "\($0.name)" }
            }
        }
        let narrow = try expected()
        #expect(narrow != usual, "ef \(ef) and ef 100 find the same: nothing is told by it")
        #expect(try images.map { try found($0, store) } == narrow)

        let server = try RunningServer(store: folder.path("store"))
        #expect(try images.map { try found($0, ["--server", "127.0.0.1:\(server.port)"]) } == narrow)
        let connection = try await ServerConnection.connect(to: .tcp(host: "127.0.0.1", port: server.port))
        var differing = 0
        for image in images {
            func ask(_ options: String) async throws -> RESPReply {
                let words = ["VSIM", "images", "IMAGE"].map { [UInt8]($0.utf8) } + [try contents(image)]
                return try await connection.send(words + options.split(separator: " ").map { [UInt8]($0.utf8) })
            }
            let plain = try await ask("COUNT 1")
            #expect(try await ask("COUNT 1 EF \(ef)") == plain)
            if try await ask("COUNT 1 EF 100") != plain { differing += 1 }
        }
        #expect(differing > 0, "an EF that is given is used")
        await connection.close()
        #expect(server.stop() == 0)
        #expect(try expected() == narrow, "a server's run leaves it as it is")
    }

    @Test func tooFewElementsAndAMissingStoreAreFailures() throws {
        try fillWithNoise(1)
        let one = try measure([])
        #expect(one.status == 1 && one.error.contains("has 1 element"), "\(one.error)")
        #expect(one.error.split(separator: "\n").count == 1 && one.output.isEmpty)
        let missing = try Program.run([
            "bench", "recall", "--store", folder.path("none"), "--target-recall", "1", "--apply",
        ])
        #expect(missing.status == 1 && missing.error.contains("there is no store"), "\(missing.error)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("none")))
    }

    @Test func wrongArgumentsAreSaidWithoutRunning() throws {
        let wrong: [[String]] = [
            ["--base", "b.bvecs"], ["--queries", "q.bvecs"], ["--metric", "l2"], ["--m", "16"], ["--apply"],
            ["--target-recall", "0"], ["--target-recall", "1.5"], ["--target-recall=-1"], ["--target-recall", "nan"],
            ["--queries-sample", "0"], ["--queries-sample", "1", "--target-recall", "0.9"], ["--collection", ""],
            ["--ef", "0"], ["--count", "0"], ["--threads", "0"],
        ]
        for arguments in wrong {
            let run = try measure(arguments)
            #expect(run.status == 64, "\(arguments): \(run.status) \(run.error)")
            #expect(run.output.isEmpty && run.error.hasPrefix("Error: "), "\(arguments): \(run.error)")
        }
        for arguments in [["--target-recall", "0.9"], ["--collection", "c"], ["--seed", "1"], ["--store", ""]] {
            let run = try Program.run(["bench", "recall"] + arguments)
            #expect(run.status == 64, "\(arguments): \(run.status) \(run.error)")
        }
    }
}
