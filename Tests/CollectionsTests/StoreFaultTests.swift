import Foundation
import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// Every file operation of a script of changes fails in turn.
@Suite struct StoreFaultTests {
    private let configuration = CollectionConfiguration(
        dimension: 4, parameters: HNSWParameters(m: 4, efConstruction: 10))

    private static func script() -> [StoreModel.Step] {
        var random = SeededRandom(seed: SeededRandom.seed(of: 81))
        func key(_ collection: CollectionName, _ name: ElementName) -> StoreModel.Key {
            StoreModel.Key(collection: collection, name: name)
        }
        func change(_ attributes: AttributesChange = .keep, thumbnail: Int? = nil) -> ElementChange {
            ElementChange(
                vector: random.vector(4), attributes: attributes,
                thumbnail: thumbnail.map { [UInt8](repeating: 5, count: $0) })
        }
        return [
            .upsert(key("a", "1"), change(.set([1]), thumbnail: 100)),
            .upsert(key("a", "2"), change()),
            .upsert(key("b", "1"), change(.set([]), thumbnail: 70_000)),
            .upsert(key("a", "1"), change(thumbnail: 10)),
            .setAttributes(key("a", "2"), [7]),
            .checkpoint,
            .upsert(key("a", "3"), change(thumbnail: 50)),
            .remove(key("a", "1")),
            .upsert(key("b", "1"), change(.remove)),
            .sync,
            .checkpoint,
            .remove(key("b", "1")),
            .upsert(key("b", "2"), change(.set([3]))),
            .drop("a"),
            .upsert(key("a", "9"), change(thumbnail: 30)),
        ]
    }

    /// What may be found when the store is opened again: what was acknowledged last, or what a change that was refused
    /// since then would have made of it.
    private struct Expectation {
        var certain = StoreModel()
        var possible: [StoreModel.Key: [StoreModel.Element?]] = [:]

        mutating func acknowledged(_ step: StoreModel.Step) {
            let before = certain
            certain.apply(step)
            let touched = Set(before.elements.keys).union(certain.elements.keys)
            for key in touched where before.elements[key] != certain.elements[key] { possible[key] = nil }
        }

        mutating func refused(_ step: StoreModel.Step) {
            var after = certain
            after.apply(step)
            for key in Set(certain.elements.keys).union(after.elements.keys)
            where certain.elements[key] != after.elements[key] {
                possible[key, default: []].append(after.elements[key])
            }
        }

        func admits(_ found: StoreModel) -> Bool {
            Set(found.elements.keys).union(certain.elements.keys).allSatisfy { key in
                let candidates = [certain.elements[key]] + (possible[key] ?? [])
                return candidates.contains { candidate in
                    var one = StoreModel()
                    var other = StoreModel()
                    one.elements[key] = candidate
                    other.elements[key] = found.elements[key]
                    return one.agrees(with: other)
                }
            }
        }
    }

    /// Runs the script over a file system that may fail, and says what is to be expected afterwards.
    private func run(_ path: String, _ files: FaultyFileSystem, _ durability: Durability) throws -> Expectation {
        var expectation = Expectation()
        let store: Store
        do throws(StoreError) {
            store = try Store.open(path, options: StoreOptions(durability: durability), fileSystem: files)
        } catch {
            return expectation
        }
        for step in Self.script() {
            do throws(StoreError) {
                try StoreModel.run(step, on: store, configuration)
                expectation.acknowledged(step)
            } catch {
                #expect(!error.description.isEmpty && !error.description.contains("\n"))
                expectation.refused(step)
            }
        }
        // Thumbnails are read through the failing file system, so only what is in memory is compared. A change whose
        // sync failed can be seen, although it was not acknowledged.
        for name in store.collectionNames {
            let names = Set(try store.collection(name)?.names() ?? [])
            let expected = Set(expectation.certain.elements.keys.filter { $0.collection == name }.map(\.name))
            let unsure = Set(expectation.possible.keys.filter { $0.collection == name }.map(\.name))
            #expect(
                durability == .always ? names.symmetricDifference(expected).isSubset(of: unsure) : names == expected,
                "a refused change is not visible")
        }
        try? store.close()
        return expectation
    }

    @Test(arguments: [Durability.always, .none]) func everyOperationFailsInTurn(durability: Durability) throws {
        let counting = FaultyFileSystem(MemoryFileSystem())
        let whole = try run("/store", counting, durability)
        #expect(whole.possible.isEmpty)
        #expect(counting.operations > 100)
        for operation in 1...counting.operations {
            // Of an operation that is no write, a short one is the same as a failed one.
            let isWrite = counting.journal[operation - 1].hasPrefix("write")
            let faults: [FaultyFileSystem.Fault] = [
                .fail(operation: operation), .halt(operation: operation), .shortWrite(operation: operation),
            ]
            for fault in isWrite ? faults : faults.dropLast() {
                let disk = MemoryFileSystem()
                let files = FaultyFileSystem(disk, fault: fault)
                let expectation = try run("/store", files, durability)
                try check("/store", on: disk, expectation, "\(fault) \(files.journal[operation - 1])")
            }
        }
    }

    private func check(_ path: String, on disk: MemoryFileSystem, _ expectation: Expectation, _ what: String) throws {
        do {
            let store = try Store.open(path, options: StoreOptions(durability: .none), fileSystem: disk)
            let found = try StoreModel(store)
            #expect(expectation.admits(found), "\(what): found \(found), expected \(expectation)")
            for name in store.collectionNames {
                #expect(store.collection(name)?.validate(thumbnails: true).isSound == true, "\(what)")
            }
            // And it goes on from there.
            _ = try store.upsert(
                "after", ElementChange(vector: [1, 2, 3, 4], thumbnail: [1]), in: "a", configuration: configuration)
            try store.close()
            let again = try Store.open(path, fileSystem: disk)
            #expect(try again.collection("a")?.thumbnail(of: "after") == [1], "\(what)")
        } catch {
            Issue.record("\(what): \(error)")
        }
    }

    /// The process is halted at every operation and what had not been synced is lost, all of it or parts.
    @Test(arguments: [PowerLoss.everythingUnsynced] + (1...4).map { .some(seed: $0) })
    func aLossOfPowerTakesNothingThatWasMadeDurable(loss: PowerLoss) throws {
        let counting = FaultyFileSystem(MemoryFileSystem())
        _ = try run("/store", counting, .always)
        for operation in 1...counting.operations {
            let disk = MemoryFileSystem()
            let files = FaultyFileSystem(disk, fault: .halt(operation: operation))
            let expectation = try run("/store", files, .always)
            files.set(.none)
            // Of each operation other parts are lost.
            var drawn = loss
            if case .some(let seed) = loss {
                drawn = .some(seed: SeededRandom.seed(of: seed) &* 1_000_003 &+ UInt64(operation))
            }
            try files.losePower(drawn)
            try check("/store", on: disk, expectation, "\(drawn), halt at \(files.journal[operation - 1])")
        }
    }

    /// The loss of power above takes names too: whichever folder were not synced, something acknowledged would be lost.
    @Test func aFolderThatIsNotSyncedLosesItsNames() throws {
        for skipped in ["none", "/store", "/collections", "/1"] {
            let folder = TemporaryFolder(inMemory: true)
            let files = FaultyFileSystem(fault: .skipFolderSyncs(of: skipped))
            let change = ElementChange(vector: [1, 2, 3, 4], thumbnail: [1])
            do {
                let options = StoreOptions(durability: .always)
                let store = try Store.open(folder("store"), options: options, fileSystem: files)
                _ = try store.upsert("1", change, in: "a", configuration: configuration)
            }
            try files.losePower()
            let found = try? Store.open(folder("store"), options: StoreOptions(readOnly: true))
            let thumbnail = try found?.collection("a")?.thumbnail(of: "1")
            #expect((thumbnail == [1]) == (skipped == "none"), "sync of \(skipped)")
        }
    }

    /// What was removed and not synced is there again, and is cleared away.
    @Test func aLossOfPowerBringsRemovedFilesBack() throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = FaultyFileSystem()
        let change = ElementChange(vector: [1, 2, 3, 4])
        do {
            let options = StoreOptions(durability: .always)
            let store = try Store.open(folder("store"), options: options, fileSystem: files)
            _ = try store.upsert("1", change, in: "a", configuration: configuration)
            try store.checkpoint()
        }
        let kept = folder.files
        #expect(!kept.contains("store/collections/1/log-1"))
        try files.losePower()
        #expect(folder.files.contains("store/collections/1/log-1"))
        let store = try Store.open(folder("store"))
        #expect(try store.collection("a")?.names() == ["1"] && folder.files == kept)
    }

    @Test func aFullDeviceRefusesWholeChangesUntilThereIsRoom() throws {
        for limit in stride(from: 0, through: 1500, by: 75) {
            let folder = TemporaryFolder(inMemory: true)
            let files = FaultyFileSystem()
            let store = try Store.open(folder("store"), options: StoreOptions(durability: .always), fileSystem: files)
            _ = try store.upsert(
                "0", ElementChange(vector: [1, 2, 3, 4]), in: "a", configuration: configuration)
            let full = FaultyFileSystem.Fault.noSpace(afterBytes: limit + 500)
            files.set(full)
            var accepted: Set<ElementName> = ["0"]
            var refused = 0
            for i in 1..<40 {
                let name = ElementName("\(i)")
                let change = ElementChange(
                    vector: [1, Float(i), 3, 4], thumbnail: i % 3 == 0 ? [UInt8](repeating: 1, count: 60) : nil)
                do throws(StoreError) {
                    _ = try store.upsert(name, change, in: i % 5 == 0 ? "b" : "a", configuration: configuration)
                    if i % 5 != 0 { accepted.insert(name) }
                } catch {
                    refused += 1
                    guard case .noSpace = error else {
                        Issue.record("limit \(limit): \(error)")
                        continue
                    }
                }
            }
            #expect(refused > 0)
            #expect(try Set(store.collection("a")?.names() ?? []) == accepted)
            files.set(.none)
            _ = try store.upsert("room", ElementChange(vector: [1, 2, 3, 4]), in: "a", configuration: configuration)
            accepted.insert("room")
            try store.close()
            let again = try Store.open(folder("store"))
            #expect(try Set(again.collection("a")?.names() ?? []) == accepted, "limit \(limit)")
            #expect(again.collection("a")?.validate(thumbnails: true).isSound == true)
        }
    }

    /// Whether something comes about within ten seconds: checkpoints are made by another thread.
    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<1000 where !condition() { Thread.sleep(forTimeInterval: 0.01) }
        return condition()
    }

    /// A checkpoint that the store began by itself and that fails is not the change's failure.
    @Test func aFailedCheckpointOfItsOwnIsNotedNotThrown() throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = FaultyFileSystem()
        let options = StoreOptions(durability: .none, checkpointLogBytes: 4000)
        let store = try Store.open(folder("store"), options: options, fileSystem: files)
        func put(_ i: Int) throws {
            _ = try store.upsert(
                ElementName("\(i)"), ElementChange(vector: [1, Float(i), 3, 4]), in: "a", configuration: configuration)
        }
        try put(0)
        files.set(.failPaths(containing: "snapshot-"))
        for i in 1..<100 { try put(i) }
        #expect(eventually { Array(store.checkpointFailures.keys) == ["a"] })
        files.set(.none)
        for i in 100..<220 { try put(i) }
        #expect(eventually { store.checkpointFailures.isEmpty })
        try store.close()
        #expect(try Store.open(folder("store")).collection("a")?.count == 220)
    }

    /// What one collection's checkpoint does says nothing of another's.
    @Test func failedCheckpointsAreNotedForEachCollection() throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = FaultyFileSystem()
        let options = StoreOptions(durability: .none, checkpointLogBytes: 4000)
        let store = try Store.open(folder("store"), options: options, fileSystem: files)
        func put(_ i: Int, _ collection: CollectionName) throws {
            let change = ElementChange(vector: [1, Float(i), 3, 4])
            _ = try store.upsert(ElementName("\(i)"), change, in: collection, configuration: configuration)
        }
        try put(0, "a")
        try put(0, "b")
        files.set(.failPaths(containing: "collections/1/snapshot-"))
        for i in 1..<100 { try put(i, "a") }
        for i in 1..<100 { try put(i, "b") }
        #expect(eventually { folder.files.contains { $0.contains("store/collections/2/snapshot-") } }, "b had its own")
        #expect(eventually { Array(store.checkpointFailures.keys) == ["a"] })
        files.set(.none)
        try store.checkpoint()
        #expect(store.checkpointFailures.isEmpty)
    }

    /// Compaction saves space; that it fails, for want of space for example, keeps nobody from making a checkpoint.
    @Test func aFailedCompactionDoesNotBlockACheckpoint() throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = FaultyFileSystem()
        let store = try Store.open(folder("store"), options: StoreOptions(durability: .none), fileSystem: files)
        func put(_ i: Int) throws {
            let change = ElementChange(vector: [1, Float(i), 3, 4], thumbnail: [UInt8](repeating: 9, count: 40_000))
            _ = try store.upsert(ElementName("\(i)"), change, in: "a", configuration: configuration)
        }
        for i in 0..<10 { try put(i) }
        for i in 0..<8 { _ = try store.remove(ElementName("\(i)"), from: "a") }
        var failed = 0
        for step in 1...40 {
            try put(8)
            // What is in the old file is synced first, so that only what concerns the new one fails.
            try store.sync()
            let operation = files.operations + step
            files.set(.fail(operation: operation))
            let result = Result { try store.checkpoint() }
            files.set(.none)
            guard files.operations >= operation, files.journal[operation - 1].contains("thumbnails-2") else {
                // A checkpoint that failed for another reason, or one that came about.
                if (try? result.get()) != nil { break }
                continue
            }
            failed += 1
            #expect(throws: Never.self, "\(files.journal[operation - 1])") { try result.get() }
            #expect(folder.files.filter { $0.contains("thumbnails") } == ["store/collections/1/thumbnails-1"])
        }
        #expect(failed >= 4, "made, written, synced, copied to")
        try put(8)
        try store.checkpoint()
        #expect(folder.files.filter { $0.contains("thumbnails") } == ["store/collections/1/thumbnails-2"])
        #expect(store.collection("a")?.validate(thumbnails: true).isSound == true)
    }

    /// On a full device a store must open for writing, or nothing could be removed from it.
    @Test func aStoreOpensOnAFullDevice() throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = FaultyFileSystem()
        let change = ElementChange(vector: [1, 2, 3, 4])
        do {
            let store = try Store.open(folder("store"), options: StoreOptions(durability: .none), fileSystem: files)
            _ = try store.upsert("1", change, in: "a", configuration: configuration)
            _ = try store.upsert("1", change, in: "b", configuration: configuration)
            // The empty collection cannot be cleared away, and stays.
            files.set(.failPaths(containing: "MANIFEST"))
            #expect(try store.remove("1", from: "a"))
        }
        files.set(.none)
        let full = FaultyFileSystem(fault: .noSpace(afterBytes: 0))
        let store = try Store.open(folder("store"), options: StoreOptions(durability: .none), fileSystem: full)
        #expect(store.collectionNames == ["b"])
        #expect(throws: StoreError.self) {
            try store.upsert("2", change, in: "b", configuration: configuration)
        }
        full.set(.none)
        _ = try store.upsert("2", change, in: "a", configuration: configuration)
        #expect(store.collectionNames == ["a", "b"])
        try store.close()
        #expect(try Store.open(folder("store")).collectionNames == ["a", "b"])
    }

    @Test func afterAFailedSyncTheStoreTakesNoMore() throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = FaultyFileSystem()
        let store = try Store.open(folder("store"), options: StoreOptions(durability: .none), fileSystem: files)
        _ = try store.upsert("1", ElementChange(vector: [1, 2, 3, 4]), in: "a", configuration: configuration)
        files.set(.fail(operation: files.operations + 1))
        #expect(throws: StoreError.self) { try store.sync() }
        let error = #expect(throws: StoreError.self) {
            try store.upsert("2", ElementChange(vector: [1, 2, 3, 4]), in: "a", configuration: configuration)
        }
        guard case .failed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(throws: StoreError.self) { try store.checkpoint() }
        #expect(try store.collection("a")?.names() == ["1"])
        try store.close()
        #expect(try Store.open(folder("store")).collection("a")?.names() == ["1"])
    }
}
