import Foundation
import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

@Suite struct StoreTests {
    private let configuration = CollectionConfiguration(
        dimension: 6, parameters: HNSWParameters(m: 4, efConstruction: 20))

    private func open(_ path: String, _ change: (inout StoreOptions) -> Void = { _ in }) throws -> Store {
        var options = StoreOptions(durability: .none)
        change(&options)
        return try Store.open(path, options: options)
    }

    private func put(_ store: Store, _ name: ElementName, _ seed: UInt64, thumbnail: [UInt8]? = nil) throws {
        var random = SeededRandom(seed: seed)
        _ = try store.upsert(
            name, ElementChange(vector: random.vector(6), thumbnail: thumbnail), in: "c", configuration: configuration)
    }

    @Test(arguments: [UInt64(71), 72, 73], [Durability.none, .second, .always])
    func randomChangesAndReopeningsAgreeWithADictionary(seed: UInt64, durability: Durability) throws {
        let folder = TemporaryFolder(inMemory: true)
        var random = SeededRandom(seed: SeededRandom.seed(of: seed))
        var model = StoreModel()
        let options: (inout StoreOptions) -> Void = {
            $0.durability = durability
            $0.checkpointLogBytes = 6000
        }
        for round in 0..<8 {
            let store = try open(folder("store"), options)
            #expect(try StoreModel(store).agrees(with: model), "seed \(seed), round \(round)")
            for _ in 0..<60 {
                let step = StoreModel.Step.random(&random, dimension: 6)
                try StoreModel.run(step, on: store, configuration)
                model.apply(step)
            }
            #expect(try StoreModel(store).agrees(with: model), "seed \(seed), round \(round)")
            for name in store.collectionNames {
                let report = try #require(store.collection(name)).validate(thumbnails: true)
                #expect(report.isSound, "seed \(seed), round \(round): \(report)")
            }
            #expect(store.checkpointFailures.isEmpty)
            // Closed in order every other time; else left as a crash would leave it, but for the lock.
            if round % 2 == 0 { try store.close() }
        }
    }

    @Test func aClosedStoreTakesNoChangesAndClosesTwice() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        try put(store, "a", 1)
        try store.close()
        try store.close()
        #expect(throws: StoreError.closed(path: folder("store"))) { try put(store, "b", 2) }
        #expect(try store.collection("c")?.names() == ["a"], "what is held can still be read")
        let again = try open(folder("store"))
        #expect(again.collection("c")?.count == 1)
        #expect(folder.files.contains { $0.hasSuffix("snapshot-2") }, "closing makes a checkpoint")
    }

    @Test func aSecondOpenerIsToldWhoHasIt() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store")) { $0.program = "lookalike serve" }
        let expected = StoreError.inUse(
            path: folder("store"), pid: ProcessInfo.processInfo.processIdentifier, program: "lookalike serve")
        #expect(throws: expected) { try open(folder("store")) }
        #expect(expected.description.contains("lookalike serve (pid \(ProcessInfo.processInfo.processIdentifier))"))
        #expect(throws: Never.self, "a reader needs no lock") { try open(folder("store")) { $0.readOnly = true } }
        try store.close()
        _ = try open(folder("store"))
    }

    @Test func foldersOfOthersAreLeftAsTheyAre() throws {
        let folder = TemporaryFolder()
        func refuses(_ name: String, _ bytes: [UInt8]) throws {
            try FileManager.default.createDirectory(atPath: folder("x"), withIntermediateDirectories: true)
            try write(bytes, to: folder("x/" + name))
            let error = #expect(throws: StoreError.self) { try open(folder("x")) }
            guard case .notAStore = error else {
                Issue.record("\(name): \(String(describing: error))")
                return
            }
            #expect(folder.files == ["x/" + name])
            #expect(try contents(folder("x/" + name)) == bytes)
            try FileManager.default.removeItem(atPath: folder("x"))
        }
        try refuses("holiday.jpg", [1, 2, 3])
        try refuses("CURRENT", Array("MANIFEST-000001\n".utf8))
        try refuses("MANIFEST", Array("Manifest-Version: 1.0\n".utf8))
        try refuses("LOCK", Array("somebody else's".utf8))
        try write([1], to: folder("file"))
        let error = #expect(throws: StoreError.self) { try open(folder("file")) }
        #expect(error == .notAStore(path: folder("file"), reason: "it is not a folder"))
    }

    @Test func absentAndEmptyFolders() throws {
        let folder = TemporaryFolder()
        #expect(throws: StoreError.missing(path: folder("no"))) { try open(folder("no")) { $0.create = false } }
        #expect(throws: StoreError.missing(path: folder("no"))) { try open(folder("no")) { $0.readOnly = true } }
        #expect(folder.files == [])
        // A server's socket and what is left of a crash while the store was made are no obstacle.
        try FileManager.default.createDirectory(atPath: folder("new/collections"), withIntermediateDirectories: true)
        for name in ["server.sock", "LOCK", "MANIFEST.tmp"] { try write([], to: folder("new/" + name)) }
        let store = try open(folder("new/"))
        #expect(store.path == folder("new"))
        try put(store, "a", 1)
        try store.close()
        #expect(folder.files.contains("new/server.sock") && !folder.files.contains("new/MANIFEST.tmp"))
        // Without its manifest it is a damaged store, not an empty folder.
        try FileManager.default.removeItem(atPath: folder("new/MANIFEST"))
        let error = #expect(throws: StoreError.self) { try open(folder("new")) }
        guard case .corrupt(let file, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(file == folder("new/MANIFEST"))
    }

    @Test func aReaderChangesNothing() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        try put(store, "a", 1, thumbnail: [1, 2])
        try store.checkpoint()
        try put(store, "b", 2)
        try write([9], to: folder("store/collections/1/snapshot-77"))
        try store.sync()
        let log = folder("store/collections/1/log-2")
        try write(try contents(log) + [1, 2, 3], to: log)
        withExtendedLifetime(store) {}
        try copyWithoutLock(folder("store"), to: folder("copy"))
        let before = try folder.files.map { try contents(folder($0)) }
        let first = try open(folder("copy")) { $0.readOnly = true }
        let second = try open(folder("copy")) { $0.readOnly = true }
        for reader in [first, second] {
            #expect(try reader.collection("c")?.names() == ["a", "b"])
            #expect(try reader.collection("c")?.thumbnail(of: "a") == [1, 2])
            #expect(throws: StoreError.readOnly(path: folder("copy"))) { try put(reader, "c", 3) }
            #expect(throws: StoreError.self) { try reader.collection("c")?.setAttributes([1], of: "a") }
            #expect(throws: StoreError.self) { try reader.remove("a", from: "c") }
            #expect(throws: StoreError.self) { try reader.checkpoint() }
            try reader.close()
        }
        #expect(try folder.files.map { try contents(folder($0)) } == before)
    }

    private func copyWithoutLock(_ from: String, to: String) throws {
        try FileManager.default.copyItem(atPath: from, toPath: to)
        try FileManager.default.removeItem(atPath: to + "/LOCK")
    }

    @Test func leftoversAreClearedAway() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        try put(store, "a", 1)
        try store.close()
        let kept = folder.files
        for name in ["collections/1/snapshot-9", "collections/1/log-1", "collections/1/thumbnails-0", "MANIFEST.tmp"]
            + ["log-7", "log-3.tmp", "thumbnails-1.tmp"].map({ "collections/1/" + $0 })
        {
            try write([1], to: folder("store/" + name))
        }
        try FileManager.default.createDirectory(
            atPath: folder("store/collections/44"), withIntermediateDirectories: true)
        try write([1], to: folder("store/collections/44/log-1"))
        try write([1], to: folder("store/collections/1/notes.txt"))
        try open(folder("store")).close()
        #expect(folder.files == (kept + ["store/collections/1/notes.txt"]).sorted())
        #expect(!FileManager.default.fileExists(atPath: folder("store/collections/44")))
    }

    @Test func thumbnailsAreCompactedWhenMostAreGarbage() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        let blob = [UInt8](repeating: 6, count: 40_000)
        for i in 0..<10 { try put(store, ElementName("\(i)"), UInt64(i), thumbnail: blob + [UInt8(i)]) }
        try store.checkpoint()
        #expect(folder.files.contains { $0.hasSuffix("thumbnails-1") })
        for i in 0..<7 { _ = try store.remove(ElementName("\(i)"), from: "c") }
        let held = try #require(store.collection("c"))
        try store.checkpoint()
        #expect(folder.files.filter { $0.contains("thumbnails") } == ["store/collections/1/thumbnails-2"])
        for i in 7..<10 { #expect(try held.thumbnail(of: ElementName("\(i)")) == blob + [UInt8(i)]) }
        try put(store, "new", 99, thumbnail: [1])
        try store.close()
        let size = try contents(folder("store/collections/1/thumbnails-2")).count
        #expect(size < 130_000)
        let again = try open(folder("store"))
        let collection = try #require(again.collection("c"))
        for i in 7..<10 { #expect(try collection.thumbnail(of: ElementName("\(i)")) == blob + [UInt8(i)]) }
        #expect(try collection.thumbnail(of: "new") == [1])
        #expect(collection.validate(thumbnails: true).isSound)
    }

    /// A flipped byte in any file of a store is reported with the file; never a trap, never a silent loss.
    @Test func aFlippedByteInAnyFileIsReported() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store")) { $0.durability = .always }
        for i in 0..<30 { try put(store, ElementName("\(i)"), UInt64(i), thumbnail: [UInt8](repeating: 1, count: 50)) }
        try store.checkpoint()
        for i in 20..<40 { try put(store, ElementName("\(i)"), UInt64(i + 50)) }
        try store.sync()
        withExtendedLifetime(store) {}
        try copyWithoutLock(folder("store"), to: folder("base"))
        var random = SeededRandom(seed: SeededRandom.seed(of: 74))
        for name in ["MANIFEST", "collections/1/snapshot-2", "collections/1/log-2", "collections/1/thumbnails-1"] {
            let whole = try contents(folder("base/" + name))
            // The last record of a log is a torn tail when it is damaged.
            let end = name.contains("log") ? whole.count - 80 : whole.count
            for _ in 0..<25 {
                let at = Int.random(in: 0..<end, using: &random)
                var damaged = whole
                damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                try write(damaged, to: folder("base/" + name))
                do throws(StoreError) {
                    let store = try Store.open(folder("base"), options: StoreOptions(readOnly: true))
                    // A block of a snapshot is checked when it is touched, and so is a thumbnail.
                    let issues = store.collection("c")?.validate(thumbnails: true).issues ?? []
                    // The first 20 thumbnails are in use, the others were dropped by the later changes. Between the
                    // sections of a snapshot there is nothing.
                    let isUnused = name.contains("snapshot") ? whole[at] == 0 : at >= FileHeader.size + 20 * 50
                    #expect(name.contains("snapshot") || name.contains("thumbnails"), "\(name) byte \(at)")
                    #expect(!issues.isEmpty || isUnused, "\(name) byte \(at): \(issues)")
                    #expect(issues.allSatisfy { $0.contains(name) })
                } catch {
                    guard case .corrupt(let file, let offset, _) = error else {
                        Issue.record("\(name) byte \(at): \(error)")
                        continue
                    }
                    #expect(file == folder("base/" + name) && offset <= UInt64(at))
                    #expect(!error.description.contains("\n"))
                }
            }
            try write(whole, to: folder("base/" + name))
        }
        #expect(try open(folder("base")).collection("c")?.count == 40)
    }

    /// Where the changes begin in the log of a collection named c.
    private var start: Int {
        let entry = Manifest.Entry(
            number: 1, generation: 1, hasSnapshot: false, blobFile: 1, name: Array("c".utf8),
            dimension: UInt32(configuration.dimension), metric: configuration.metric.rawValue,
            quantization: configuration.quantization.rawValue, m: UInt32(configuration.parameters.m),
            efConstruction: UInt32(configuration.parameters.efConstruction), modelName: nil, modelHash: nil)
        var writer = ByteWriter()
        entry.putConfiguration(into: &writer)
        return FileHeader.size + 24 + 1 + writer.bytes.count
    }

    /// Flips a byte in the record of a store's log that a change numbered from 0 has made, and opens the store.
    private func openDamaged(_ store: Store, record: Int, _ folder: TemporaryFolder) throws -> [ElementName]? {
        try? FileManager.default.removeItem(atPath: folder("copy"))
        try copyWithoutLock(folder("store"), to: folder("copy"))
        var log = try contents(folder("copy/collections/1/log-1"))
        // Header and first record; then for each record 24 bytes and the payload of an element with a name of one
        // letter.
        let size = 24 + 1 + 5 + 4 + 1 + 1 + 4 + 4 * 6
        #expect((log.count - start) % size == 0)
        log[start + record * size + 30] ^= 8
        try write(log, to: folder("copy/collections/1/log-1"))
        return try open(folder("copy")).collection("c")?.names()
    }

    /// A loss of power may keep later pages of a log and lose earlier ones, if nothing was synced in between.
    @Test func aLogWithAHoleThatWasNeverSyncedLosesWhatFollows() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        for i in 0..<4 { try put(store, ElementName("\(i)"), UInt64(i)) }
        #expect(try openDamaged(store, record: 2, folder) == ["0", "1"])
        try store.sync()
        for i in 4..<8 { try put(store, ElementName("\(i)"), UInt64(i)) }
        #expect(try openDamaged(store, record: 5, folder) == ["0", "1", "2", "3", "4"])
        #expect(throws: StoreError.self) { try openDamaged(store, record: 2, folder) }
    }

    @Test(arguments: [Durability.second, .always]) func aHoleInWhatWasSyncedIsReported(durability: Durability) throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store")) { $0.durability = durability }
        for i in 0..<4 { try put(store, ElementName("\(i)"), UInt64(i)) }
        try store.sync()
        try put(store, "4", 4)
        for record in 0..<4 {
            let error = #expect(throws: StoreError.self) { try openDamaged(store, record: record, folder) }
            guard case .corrupt(let file, let offset, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(file == folder("copy/collections/1/log-1") && offset == UInt64(start + record * 64))
        }
    }

    @Test func durabilityAndTheSizeOfTheLogsAreTold() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        #expect(store.durability == .none && store.logBytes == 0)
        try put(store, "a", 1)
        let change = ElementChange(vector: [1, 2, 3, 4, 5, 6])
        _ = try store.upsert("b", change, in: "d", configuration: configuration)
        let sizes = try ["1", "2"].map { try contents(folder("store/collections/\($0)/log-1")).count }
        #expect(store.logBytes == UInt64(sizes.reduce(0, +)) && sizes.allSatisfy { $0 > FileHeader.size })
        try store.checkpoint()
        #expect(store.logBytes == UInt64(2 * (start + 24 + 9)))
    }

    @Test func aTailTornAtAnyByteLosesOnlyTheLastChange() throws {
        let folder = TemporaryFolder()
        let store = try open(folder("store"))
        for i in 0..<5 { try put(store, ElementName("\(i)"), UInt64(i)) }
        let log = "collections/1/log-1"
        let before = try contents(folder("store/" + log)).count
        try put(store, "last", 9)
        withExtendedLifetime(store) {}
        let whole = try contents(folder("store/" + log))
        try copyWithoutLock(folder("store"), to: folder("base"))
        for end in before..<whole.count {
            try write(Array(whole[..<end]), to: folder("base/" + log))
            let opened = try open(folder("base"))
            #expect(try opened.collection("c")?.names() == ["0", "1", "2", "3", "4"])
            #expect(opened.collection("c")?.validate().isSound == true)
            withExtendedLifetime(opened) {}
        }
    }

    @Test func laterVersionsAreRefused() throws {
        let folder = TemporaryFolder()
        try open(folder("store")).close()
        var bytes = try contents(folder("store/MANIFEST"))
        bytes[8] = 7
        let crc = Checksum.crc32c(Array(bytes[20...]), continuing: Checksum.crc32c(Array(bytes[..<16])))
        for i in 0..<4 { bytes[16 + i] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * i)) }
        try write(bytes, to: folder("store/MANIFEST"))
        #expect(
            throws: StoreError.unsupportedVersion(file: folder("store/MANIFEST"), found: 7, supported: 2)
        ) { try open(folder("store")) }
    }
}
