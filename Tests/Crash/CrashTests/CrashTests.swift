import Foundation
import Storage
import TestSupport
import Testing
import VectorCollections

/// A process that writes is killed at random moments, over and over on the same store.
@Suite struct CrashTests {
    static let rounds = 12

    /// The writer lies beside the bundle of the tests.
    static let writer: String? = {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let bundle = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        return ([beside] + [running].compactMap { $0 } + bundle)
            .map { $0.appendingPathComponent("CrashWriter").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// What elements may be: the version acknowledged last (nil for none), or the one that was being tried.
    private struct Expectation {
        var certain: [Int: Int] = [:]
        var tried: (name: Int, version: Int?)?

        mutating func hear(_ line: Substring) {
            let words = line.split(separator: " ")
            switch words.first {
            case "put": tried = (Int(words[1])!, Int(words[2])!)
            case "remove": tried = (Int(words[1])!, nil)
            case "ok":
                if let tried { certain[tried.name] = tried.version }
                tried = nil
            default: break
            }
        }
    }

    @Test(.enabled(if: writer != nil, "the CrashWriter executable is not beside the tests"))
    func acknowledgedChangesSurviveTheKill() throws {
        let seed = SeededRandom.seed(of: 91)
        var random = SeededRandom(seed: seed)
        let folder = TemporaryFolder()
        var expectation = Expectation()
        var acknowledged = 0
        for round in 0..<Self.rounds {
            let durability = [Durability.second, .none, .always][round % 3]
            let delay = Double.random(in: 0.05...0.5, using: &random)
            let output = try run(
                folder("store"), seed: seed + UInt64(round), first: 1_000_000 * (round + 1), durability, delay)
            for line in output.split(separator: "\n", omittingEmptySubsequences: true) {
                if line == "ok" { acknowledged += 1 }
                expectation.hear(line)
            }
            try check(folder("store"), &expectation, "seed \(seed), round \(round), killed after \(delay) s")
        }
        print("\(acknowledged) changes acknowledged in \(Self.rounds) rounds, none lost")
        #expect(acknowledged > 100)
    }

    /// Runs the writer, kills it after a delay, and returns the complete lines that it said.
    private func run(_ path: String, seed: UInt64, first: Int, _ durability: Durability, _ delay: Double) throws
        -> String
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.writer))
        process.arguments = [path, "\(seed)", "\(first)", durability.rawValue]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let killer = Thread {
            Thread.sleep(forTimeInterval: delay)
            kill(process.processIdentifier, SIGKILL)
        }
        killer.start()
        let said = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL)
        let text = String(decoding: said, as: UTF8.self)
        return String(text[..<(text.lastIndex(of: "\n") ?? text.startIndex)])
    }

    private func check(_ path: String, _ expectation: inout Expectation, _ what: String) throws {
        let store = try Store.open(path, options: StoreOptions(durability: .none))
        let collection = store.collection(CollectionName(CrashScript.collection))
        if let tried = expectation.tried {
            // It is there or it is not: whichever, that is the state from now on.
            let name = ElementName("\(tried.name)")
            let found = try collection?.attributes(of: name)
            if found == tried.version.map(CrashScript.attributes) { expectation.certain[tried.name] = tried.version }
            expectation.tried = nil
        }
        #expect(collection?.count ?? 0 == expectation.certain.count, "\(what)")
        for (name, version) in expectation.certain {
            let element = ElementName("\(name)")
            let stored = try collection?.vector(of: element)
            let vector = CrashScript.vector(version)
            let same = stored.map { stored in
                zip(stored.unit, vector).allSatisfy { abs($0 * stored.norm - $1) < 1e-4 }
            }
            #expect(same == true, "\(what): vector of \(name), version \(version)")
            #expect(try collection?.attributes(of: element) == CrashScript.attributes(version), "\(what): \(name)")
            #expect(try collection?.thumbnail(of: element) == CrashScript.thumbnail(version), "\(what): \(name)")
        }
        if let collection {
            let report = collection.validate(thumbnails: true)
            #expect(report.isSound, "\(what): \(report)")
        }
        // Every other time the checkpoint of an orderly end is part of the history too.
        if expectation.certain.count % 2 == 0 { try store.close() }
    }
}
