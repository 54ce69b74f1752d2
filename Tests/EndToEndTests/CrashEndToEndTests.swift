import Foundation
import TestSupport
import Testing

/// Ends that nobody planned.
@Suite
struct CrashEndToEndTests {
    private let folder = TemporaryFolder()

    /// Starts indexing, waits until `count` lines are out, sends the signal; the names told as indexed.
    private func index(until count: Int, then signal: Int32) throws -> (told: Set<String>, status: Int32, error: String)
    {
        let process = Process()
        let output = folder.path("out-\(UInt32.random(in: 0...UInt32.max))")
        try Data().write(to: URL(fileURLWithPath: output))
        try Data().write(to: URL(fileURLWithPath: output + ".err"))
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["index", folder.path("pictures"), "--store", folder.path("store"), "--json"]
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: output + ".err")
        try process.run()
        func lines() throws -> [Substring] {
            // A line without its end is not told yet.
            try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast()
        }
        while process.isRunning, try lines().count < count { usleep(500) }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        let told = try lines().compactMap { line -> String? in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["outcome"] as? String == "indexed" ? object?["path"] as? String : nil
        }
        return (
            Set(told), process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            try String(contentsOfFile: output + ".err", encoding: .utf8)
        )
    }

    @Test func whatWasToldSurvivesKillAndTheNextRunCompletesIt() throws {
        let names = try SmallGallery.write(into: folder, families: 20, perFamily: 5, side: 320, copies: 8)
        var told: Set<String> = []
        for count in [1, 17, 40] {
            let (more, status, _) = try index(until: told.count + count, then: SIGKILL)
            #expect(status == -SIGKILL, "it was still at work")
            told.formUnion(more)
            // What was told is there: the next run finds it unchanged.
        }
        #expect(told.count < names.count)
        let last = try Program.run(["index", folder.path("pictures"), "--store", folder.path("store"), "--json"])
        #expect(last.status == 0, "\(last.error)")
        let objects = try last.objects()
        let unchanged = Set(
            objects.filter { $0["outcome"] as? String == "unchanged" }.compactMap { $0["path"] as? String })
        #expect(told.isSubset(of: unchanged), "lost: \(told.subtracting(unchanged))")
        let summary = try #require(objects.last)
        #expect((summary["indexed"] as? Int ?? 0) + (summary["unchanged"] as? Int ?? 0) == names.count)
        // And it answers.
        let name = try #require(names.first { !$0.hasPrefix("copy") })
        let query = try Program.run(
            ["query", folder.path("pictures/" + name), "--store", folder.path("store"), "--json"])
        #expect(try query.objects().first?["element"].map { "\($0)" }?.hasSuffix(name) == true)
    }

    @Test func controlCStopsCleanly() throws {
        let names = try SmallGallery.write(into: folder, families: 20, perFamily: 5, side: 320, copies: 8)
        let (told, status, error) = try index(until: 10, then: SIGINT)
        #expect(status == 1)
        #expect(error.contains("run the same command again to go on"))
        let second = try Program.run(["index", folder.path("pictures"), "--store", folder.path("store"), "--json"])
        let summary = try #require(try second.objects().last)
        #expect(summary["unchanged"] as? Int == told.count)
        #expect(summary["indexed"] as? Int == names.count - told.count)
    }

    @Test func aKilledServerLeavesItsStore() throws {
        try SmallGallery.write(into: folder, families: 3)
        let store = folder.path("store")
        let server = try RunningServer(store: store, ["--durability", "always"])
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        server.kill()
        // Its socket is still there, and nobody answers.
        #expect(FileManager.default.fileExists(atPath: store + "/server.sock"))
        let again = try Program.run(["index", folder.path("pictures"), "--store", store, "--json"])
        #expect(try again.objects().last?["unchanged"] as? Int == 9, "\(again.error)")
        let next = try RunningServer(store: store)
        #expect(next.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: store + "/server.sock"))
    }
}
