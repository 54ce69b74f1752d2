import Storage
import TestSupport
import Testing
import VectorCollections

extension CorruptionTests {
    /// A file that was signed again and not altered is the file; so what the other tests find is not due to the
    /// signing.
    @Test func signingAgainChangesNothing() {
        for store in FuzzStore.all {
            let path = FuzzStore.path + "/collections/1/snapshot-3"
            var forge = SnapshotForge(store.files[path] ?? [])
            forge.sign()
            #expect(forge.bytes == store.files[path])
        }
    }

    /// Nonsense under right checksums: numbers in snapshots, logs and manifests are altered and everything is signed
    /// again. Nothing leads outside, no call traps or goes on for ever, and what `verify` finds nothing wrong with has
    /// the elements it had and can be searched and changed.
    @Test func rightChecksumsOverNonsenseLeadNowhere() throws {
        var (refused, found, harmless) = (0, 0, 0)
        try FuzzRun.forEachCase(402) { number, random in
            let store = FuzzStore.random(&random)
            let (path, bytes, what, keeps) = Self.forge(store, &random)
            let comment = Comment(
                rawValue: "LOOKALIKE_FUZZ_CASE=\(number), \(store.configuration.quantization) \(what)")
            let right = keeps ? try Expectation.answers(store).filter { Self.isKept($0.key) } : nil
            var examination = Examination(store, on: try store.disk(replacing: [path: bytes]), expecting: right)
            examination.isForged = true
            examination.read()
            examination.change(&random)
            for error in examination.errors { #expect(!error.description.contains("\n"), comment) }
            if !examination.isOpen {
                refused += 1
                #expect(!examination.faults.isEmpty, "\(comment): \(examination.errors.prefix(1))")
            } else if !examination.faults.isEmpty {
                found += 1
            } else {
                harmless += 1
                #expect(examination.wrong.prefix(3) == [], comment)
                if keeps { #expect(examination.errors.prefix(1) == [], comment) }
            }
        }
        print("\(refused + found + harmless) forgeries: \(refused) refused, \(found) found, \(harmless) harmless")
        if FuzzRun.cases >= 100 { #expect(refused > 0 && found > 0 && harmless > 0) }
    }

    /// A file, its forged bytes, what was forged, and whether the elements have to be what they were unless `verify`
    /// finds something: texts, vectors, and what logs and manifests say may be other ones, for all that anybody can
    /// tell.
    private static func forge(_ store: FuzzStore, _ random: inout SeededRandom) -> (String, [UInt8], String, Bool) {
        let draw = Int.random(in: 0..<20, using: &random)
        if draw == 0 {
            let path = FuzzStore.path + "/MANIFEST"
            return (path, Forge.manifest(store.files[path] ?? [], &random), "manifest", false)
        }
        if draw < 3 {
            let path = store.files.keys.filter { $0.contains("/log-") }.sorted().randomElement(using: &random)!
            return (path, Forge.log(store.files[path] ?? [], &random), path, false)
        }
        let path = FuzzStore.path + "/collections/1/snapshot-3"
        var forge = SnapshotForge(store.files[path] ?? [])
        if draw == 3 {
            for _ in 0..<Int.random(in: 1...3, using: &random) { forge.alter(nil, &random) }
            forge.signHeader()
            return (path, forge.bytes, "header page", false)
        }
        // State, rows, heads, links, uppers and names more often than what is not followed anywhere.
        let kind = [1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 6, 6, 7, 8, 8, 8, 9, 10, 10].randomElement(using: &random)!
        let section = forge.section(UInt32(kind))
        let count = Int.random(in: 1...4, using: &random)
        for _ in 0..<count {
            if Bool.random(using: &random) { forge.alter(section, &random) } else { forge.exchange(section, &random) }
        }
        forge.sign()
        return (path, forge.bytes, "\(count) words in section \(kind)", [3, 6, 8, 10].contains(kind))
    }

    /// Whether a question is about what heads, links, upper records and the table of names do not hold.
    private static func isKept(_ question: Question) -> Bool {
        switch question {
        case .collections, .names, .contains, .attributes, .thumbnail: true
        case .vector, .links, .search, .filtered, .like: false
        }
    }
}
