import Foundation
import Storage
import TestSupport
import Testing
import VectorCollections

/// A process that writes is killed at random moments, over and over on the same store. What it had acknowledged is
/// there, what it was at is there as a whole or not at all, and nothing else is; whatever the durability, since what a
/// process has written is the system's.
///
/// LOOKALIKE_CRASHES says how often (50 unless it does), LOOKALIKE_SEED which moments and changes are drawn: when a
/// process dies is no more than drawn, so a run is like another of the same seed, and not the same.
@Suite struct CrashTests {
    static let crashes = ProcessInfo.processInfo.environment["LOOKALIKE_CRASHES"].flatMap(Int.init) ?? 50
    /// After so many crashes an empty store takes the place of the old one.
    static let generation = 25

    @Test(.enabled(if: CrashingWriter.path != nil, "the CrashWriter executable is not beside the tests"))
    func acknowledgedChangesSurviveTheKill() throws {
        let seed = SeededRandom.seed(of: 91)
        var random = SeededRandom(seed: seed)
        let begun = Date()
        var folder = TemporaryFolder()
        var model = CrashModel()
        var (acknowledged, unsettled, duringOpening) = (0, 0, 0)
        for round in 0..<Self.crashes {
            if round % Self.generation == 0 {
                acknowledged += model.acknowledged
                model = CrashModel()
                // Syncs take their time on a disk, and none in memory: both have moments of their own.
                folder = TemporaryFolder("lookalike-crash", inMemory: round / Self.generation % 2 == 1)
            }
            let writer = CrashingWriter(
                seed: random.next() >> 16, firstVersion: 1_000_000 * (round + 1),
                durability: [.always, .second, .always, .none, .always].randomElement(using: &random)!,
                threads: Int.random(in: 1...4, using: &random),
                checkpointLogBytes: [3_000, 20_000, 100_000].randomElement(using: &random)!,
                moment: .random(&random))
            let what = "seed \(seed), crash \(round), \(writer)"
            for line in try writer.run(on: folder("store")) where line != "begin" {
                let isUnderstood = model.hear(line)
                #expect(isUnderstood, "\(what): \(line)")
            }
            if case .opening = writer.moment { duringOpening += 1 }
            unsettled += model.tried.values.count { $0 != .nothing }
            try check(folder("store"), &model, closes: round % 3 == 0, what)
        }
        acknowledged += model.acknowledged
        let seconds = Date().timeIntervalSince(begun)
        print(
            "seed \(seed): \(Self.crashes) kills, \(duringOpening) of them during opening; \(acknowledged) changes "
                + "acknowledged, none lost; \(unsettled) under way; \(String(format: "%.1f", seconds)) s")
        #expect(acknowledged > 5 * Self.crashes)
    }

    /// Opens the store as a reader and as a writer, and compares.
    private func check(_ path: String, _ model: inout CrashModel, closes: Bool, _ what: String) throws {
        // Killed before there was anything.
        if !FileManager.default.fileExists(atPath: path + "/MANIFEST") {
            #expect(model.elements.isEmpty, "\(what)")
        } else {
            var options = StoreOptions()
            options.readOnly = true
            let reader = try Store.open(path, options: options)
            try model.settle { try CrashContents.matches(reader, $0, $1) }
            #expect(try CrashContents.differences(reader, model) == [], "\(what), as a reader")
        }
        let store = try Store.open(path, options: StoreOptions(durability: .none))
        #expect(try CrashContents.differences(store, model) == [], "\(what), as a writer")
        for name in store.collectionNames {
            let report = try #require(store.collection(name)).validate(thumbnails: true)
            #expect(report.isSound, "\(what): \(name): \(report)")
        }
        // Now and then the checkpoint of an orderly end is part of the history too.
        if closes {
            try store.close()
            let faults = try Store.verify(path).flatMap(\.faults)
            #expect(faults == [], "\(what)")
        }
    }
}

/// What is in a store of the crash writer.
enum CrashContents {
    /// Whether a store has that element under a key, or none.
    static func matches(_ store: Store, _ key: CrashModel.Key, _ element: CrashModel.Element?) throws -> Bool {
        let name = ElementName("\(key.name)")
        guard let collection = store.collection(CollectionName(key.collection)), try collection.contains(name) else {
            return element == nil
        }
        guard let element, let stored = try collection.vector(of: name) else { return false }
        let attributes = try collection.attributes(of: name)
        let thumbnail = try collection.thumbnail(of: name)
        return zip(stored.unit, CrashScript.vector(element.version)).allSatisfy { abs($0 * stored.norm - $1) < 1e-4 }
            && attributes == element.attributes.map(CrashScript.attributes)
            && thumbnail == CrashScript.thumbnail(element.version)
    }

    /// In what a store differs from what should be there.
    static func differences(_ store: Store, _ model: CrashModel) throws -> [String] {
        var found: [String] = []
        for (key, element) in model.elements where try !matches(store, key, element) {
            found.append("\(key.collection) \(key.name) is not \(element)")
        }
        let count = store.collectionNames.reduce(0) { $0 + (store.collection($1)?.count ?? 0) }
        if count != model.elements.count { found.append("\(count) elements instead of \(model.elements.count)") }
        return found
    }
}
