import Foundation
import TestSupport
import Testing

/// `verify`, `inspect` and `repair` as users type them.
@Suite struct StoreToolsTests {
    private let folder = TemporaryFolder()
    private var picture = ""

    private mutating func makeStore() throws -> String {
        let store = folder("store")
        picture = try #require(try SmallGallery.write(into: folder).first)
        #expect(try Program.run(["index", folder("pictures"), "--store", store]).status == 0)
        return store
    }

    private func snapshot(_ store: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: store + "/collections/1")
        return store + "/collections/1/" + (try #require(names.first { $0.hasPrefix("snapshot") }))
    }

    @Test mutating func aSoundStoreIsVerifiedAndInspected() throws {
        let store = try makeStore()
        let verified = try Program.run(["verify", "--store", store, "--json"])
        #expect(verified.status == 0)
        let lines = try verified.objects()
        #expect(lines.first?["unreachable"] as? Int == 0 && lines.last?["faults"] as? Int == 0)
        let text = try Program.run(["verify", "--store", store])
        #expect(text.status == 0 && text.output.contains("unreachable 0"))
        let inspected = try Program.run(["inspect", "--store", store, "--json"])
        let object = try #require(try inspected.objects().first)
        #expect(object["collection"] as? String == "images")
        #expect(object["elements"] as? Int == lines.first?["elements"] as? Int)
        let files = try #require(object["files"] as? [[String: Any]])
        #expect(files.reduce(0) { $0 + ($1["bytes"] as? Int ?? 0) } == object["bytes"] as? Int)
        #expect(try Program.run(["inspect", "--store", store]).output.contains("codes: "))
    }

    @Test mutating func aDamagedStoreIsReportedAndRepaired() throws {
        let store = try makeStore()
        let path = try snapshot(store)
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        // In the first section there are heads.
        bytes[4096 + 10] ^= 1
        try Data(bytes).write(to: URL(filePath: path))
        let verified = try Program.run(["verify", "--store", store, "--json"])
        #expect(verified.status == 1 && verified.error.contains("repair"))
        #expect(try verified.objects().last?["faults"] as? Int == 1)
        let query = try Program.run(["query", folder("pictures/" + picture), "--store", store])
        #expect(query.status == 1 && query.error.contains("is corrupt at byte 4096"))
        let repaired = try Program.run(["repair", "--store", store, "--json"])
        #expect(repaired.status == 0)
        let summary = try #require(try repaired.objects().last)
        #expect(summary["repaired"] as? Int == 1 && (summary["lost"] as? Int ?? 0) > 0)
        #expect(try Program.run(["verify", "--store", store]).status == 0)
        // What was lost is indexed again, since the pictures are still there.
        let again = try Program.run(["index", folder("pictures"), "--store", store, "--json"])
        #expect(try again.objects().last?["indexed"] as? Int == summary["lost"] as? Int)
    }

    @Test func whereThereIsNoStoreThatIsSaid() throws {
        for command in ["verify", "inspect", "repair"] {
            let run = try Program.run([command, "--store", folder("none")])
            #expect(run.status == 1 && run.error.contains("no store at") && run.output.isEmpty, "\(command)")
            #expect(try Program.run([command]).status == 64)
        }
    }

    /// A server may be at work: verify and inspect read beside it, repair refuses and says who it is.
    @Test mutating func besideAServer() throws {
        let store = try makeStore()
        let server = try RunningServer(store: store)
        defer { server.kill() }
        #expect(try Program.run(["verify", "--store", store]).status == 0)
        #expect(try Program.run(["inspect", "--store", store]).status == 0)
        let repair = try Program.run(["repair", "--store", store])
        #expect(repair.status == 1 && repair.error.contains("lookalike serve"))
    }
}
