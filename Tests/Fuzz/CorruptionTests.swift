import Storage
import TestSupport
import Testing
import VectorCollections

/// Files of a store are damaged at random: bits flipped, bytes exchanged, ends cut, sectors lost. Whatever is damaged,
/// what is asked of the store is answered as before, or refused with an error that names the file; a log may lose the
/// last changes that nobody knows to have been durable, exactly those.
@Suite(.serialized) struct CorruptionTests {
    @Test func theStoresAreAsTheyShouldBe() throws {
        for store in FuzzStore.all {
            let names = store.files.keys.map { $0.dropFirst(FuzzStore.path.count + 1) }.sorted()
            #expect(
                names == [
                    "LOCK", "MANIFEST", "collections/1/log-3", "collections/1/log-4", "collections/1/snapshot-3",
                    "collections/1/thumbnails-1", "collections/2/log-1", "collections/2/thumbnails-1",
                ])
            var examination = Examination(store, on: try store.disk(), expecting: try Expectation.answers(store))
            var random = SeededRandom(seed: 1)
            examination.read()
            examination.change(&random)
            #expect(examination.wrong == [] && examination.errors == [] && examination.faults == [])
        }
    }

    @Test func damageIsToldOrDoesNoHarm() throws {
        var (told, harmless) = (0, 0)
        try FuzzRun.forEachCase(401) { number, random in
            let store = FuzzStore.random(&random)
            let path = store.files.keys.sorted().flatMap { path in
                Array(repeating: path, count: path.contains("snapshot") ? 4 : path.hasSuffix("LOCK") ? 1 : 2)
            }.randomElement(using: &random)!
            let damage = Damage(path, of: store, &random)
            let expectation = try Expectation.after(damage, store)
            var answers: [Question: Question.Answer]?
            if case .answers(let right) = expectation { answers = right }
            var examination = Examination(
                store, on: try store.disk(replacing: [path: damage.after]), expecting: answers)
            examination.mayLackThumbnails = path.contains("thumbnails") && damage.isShorter
            examination.read()
            let isReadWell = examination.errors.isEmpty
            examination.change(&random)
            let what = Comment(rawValue: "LOOKALIKE_FUZZ_CASE=\(number), \(store.configuration.quantization) \(damage)")
            switch expectation {
            case .error: #expect(!isReadWell && !examination.isOpen, what)
            case .answers:
                #expect(examination.wrong.prefix(3) == [], what)
                // A torn tail is no error.
                if path.contains("/log-") { #expect(isReadWell, what) }
            }
            for error in examination.errors {
                #expect(Self.names(damage, error), "\(what): \(error)")
                #expect(!error.description.contains("\n"), what)
            }
            // What could be come upon is found by who looks for it.
            if !isReadWell { #expect(!examination.faults.isEmpty, what) }
            if examination.errors.isEmpty { harmless += 1 } else { told += 1 }
        }
        print("\(told + harmless) damages: \(told) told, \(harmless) harmless")
        if FuzzRun.cases >= 100 { #expect(told > harmless && harmless > 0) }
    }

    /// Whether an error says what was damaged.
    private static func names(_ damage: Damage, _ error: StoreError) -> Bool {
        switch error {
        case .corrupt(let file, let offset, _): file == damage.path && offset <= UInt64(damage.before.count)
        case .unsupportedVersion(let file, _, _): file == damage.path
        case .notAStore(let path, let reason): path == FuzzStore.path && reason.contains("MANIFEST")
        case .io(let path, _, _): damage.after == nil && path == damage.path
        default: false
        }
    }
}
