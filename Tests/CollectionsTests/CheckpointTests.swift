import Foundation
import HNSW
import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// Checkpoints beside those who write and read.
@Suite struct CheckpointTests {
    private let disk = MemoryFileSystem()
    private let configuration = CollectionConfiguration(
        dimension: 8, parameters: HNSWParameters(m: 5, efConstruction: 20))

    private func change(_ index: Int, _ version: Int = 0) -> ElementChange {
        var random = SeededRandom(seed: UInt64(index * 1000 + version))
        return ElementChange(
            vector: random.vector(8), attributes: .set(Array("\(version)".utf8)),
            thumbnail: index % 3 == 0 ? [UInt8](repeating: UInt8(version % 250), count: 300) : nil)
    }

    /// Two threads change elements of their own, one makes checkpoints without end, one searches, one opens the store
    /// beside them again and again: whoever opens it sees, of each element, a version between those acknowledged before
    /// and after.
    @Test func readersSeeWhatWasAcknowledgedWhileCheckpointsAreMade() throws {
        let store = try Store.open("/s", options: StoreOptions(durability: .none), fileSystem: disk)
        for i in 0..<200 { _ = try store.upsert(ElementName("\(i)"), change(i), in: "c", configuration: configuration) }
        let versions = (0..<2).map { _ in SharedVersions(count: 100) }
        let isOver = Atomic(false)
        let failures = Mutex<[String]>([])
        let done = DispatchGroup()
        func thread(_ body: @escaping @Sendable () throws -> Void) {
            done.enter()
            Thread.detachNewThread {
                do { try body() } catch { failures.withLock { $0.append("\(error)") } }
                done.leave()
            }
        }
        for writer in 0..<2 {
            thread { [configuration] in
                var round = 1
                while !isOver.load(ordering: .relaxed) {
                    for i in 0..<100 {
                        versions[writer].begin(i, round)
                        _ = try store.upsert(
                            ElementName("\(writer * 100 + i)"), self.change(writer * 100 + i, round), in: "c",
                            configuration: configuration)
                        versions[writer].end(i, round)
                    }
                    round += 1
                }
            }
        }
        thread { while !isOver.load(ordering: .relaxed) { try store.checkpoint() } }
        thread {
            var random = SeededRandom(seed: 5)
            while !isOver.load(ordering: .relaxed) {
                let hits = try store.collection("c")?.search(random.vector(8), count: 10, ef: 50) ?? []
                if hits.count != 10 { failures.withLock { $0.append("\(hits.count) hits") } }
            }
        }
        for _ in 0..<60 {
            let before = versions.map(\.ended)
            let reader = try Store.open("/s", options: StoreOptions(readOnly: true), fileSystem: disk)
            let after = versions.map(\.begun)
            let collection = try #require(reader.collection("c"))
            #expect(collection.count == 200)
            for index in 0..<200 {
                let text = try #require(try collection.attributes(of: ElementName("\(index)")))
                let version = try #require(Int(String(decoding: text, as: UTF8.self)))
                let range = before[index / 100][index % 100]...after[index / 100][index % 100]
                #expect(range.contains(version), "element \(index) is of version \(version), not of \(range)")
            }
        }
        isOver.store(true, ordering: .relaxed)
        done.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(store.collection("c")?.validate(thumbnails: true).isSound == true)
        try store.close()
        #expect(try Store.verify("/s", fileSystem: disk).allSatisfy { $0.faults.isEmpty })
    }

    /// What versions of elements have been begun and acknowledged.
    private final class SharedVersions: Sendable {
        private let state: Mutex<(begun: [Int], ended: [Int])>
        init(count: Int) { state = Mutex(([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))) }
        var begun: [Int] { state.withLock { $0.begun } }
        var ended: [Int] { state.withLock { $0.ended } }
        func begin(_ index: Int, _ version: Int) { state.withLock { $0.begun[index] = version } }
        func end(_ index: Int, _ version: Int) { state.withLock { $0.ended[index] = version } }
    }

    /// After everything has been replaced again and again a store is about as large as one that was filled at once.
    @Test func spaceIsGivenBack() throws {
        let store = try Store.open("/worn", options: StoreOptions(durability: .none), fileSystem: disk)
        for round in 0..<11 {
            for i in 0..<1000 {
                _ = try store.upsert(ElementName("\(i)"), change(i, round), in: "c", configuration: configuration)
            }
            if round % 3 == 0 { try store.checkpoint() }
        }
        try store.checkpoint()
        let worn = disk.bytesInUse
        let fresh = try Store.open("/fresh", options: StoreOptions(durability: .none), fileSystem: disk)
        for i in 0..<1000 {
            _ = try fresh.upsert(ElementName("\(i)"), change(i, 10), in: "c", configuration: configuration)
        }
        try fresh.checkpoint()
        let size = disk.bytesInUse - worn
        #expect(worn <= size * 3 / 2, "\(worn) bytes instead of \(size)")
        try store.close()
        try fresh.close()
    }

    @Test func aCheckpointIsMadeWhenTheLogHasGrownAndWhenTimeHasPassed() throws {
        func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
            for _ in 0..<1500 {
                if try condition() { return true }
                Thread.sleep(forTimeInterval: 0.01)
            }
            return false
        }
        func snapshots(_ path: String) throws -> Int {
            try disk.list(path + "/collections/1").count { $0.hasPrefix("snapshot") }
        }
        var options = StoreOptions(durability: .none, checkpointLogBytes: 3000)
        let byLength = try Store.open("/length", options: options, fileSystem: disk)
        for i in 0..<60 {
            _ = try byLength.upsert(ElementName("\(i)"), change(i), in: "c", configuration: configuration)
        }
        #expect(try eventually { try snapshots("/length") == 1 && byLength.logBytes < 3000 })
        options = StoreOptions(durability: .none, checkpointSeconds: 1)
        let byTime = try Store.open("/time", options: options, fileSystem: disk)
        _ = try byTime.upsert("1", change(1), in: "c", configuration: configuration)
        #expect(try eventually { try snapshots("/time") == 1 })
        // One that was asked for.
        _ = try byTime.upsert("2", change(2), in: "c", configuration: configuration)
        let last = byTime.lastCheckpoint
        #expect(try byTime.beginCheckpoint())
        #expect(eventually { byTime.lastCheckpoint > last })
        #expect(byTime.lastCheckpointError == nil)
        try byLength.close()
        try byTime.close()
    }

    @Test func collectionsAreRenamed() throws {
        let store = try Store.open("/s", options: StoreOptions(durability: .always), fileSystem: disk)
        for name in ["a", "b"] as [CollectionName] {
            _ = try store.upsert(ElementName("\(name)"), change(1), in: name, configuration: configuration)
        }
        #expect(try !store.renameCollection("none", to: "x"))
        #expect(try store.renameCollection("a", to: "a"))
        let held = try #require(store.collection("b"))
        #expect(try store.renameCollection("a", to: "b"))
        #expect(store.collectionNames == ["b"] && store.collection("b")?.name == "b")
        #expect(try store.collection("b")?.names() == ["a"])
        #expect(try held.names() == ["b"], "who holds the replaced one can read it")
        #expect(try !held.setAttributes([1], of: "b"), "and not change it")
        _ = try store.upsert("c", change(2), in: "b", configuration: configuration)
        try store.checkpoint()
        try store.close()
        let again = try Store.open("/s", fileSystem: disk)
        #expect(again.collectionNames == ["b"] && again.collection("b")?.count == 2)
        #expect(try disk.list("/s/collections").count == 1)
        try again.close()
    }

    /// Many who ask at the same time share syncs, and each change is durable when it is acknowledged.
    @Test func changesOfManyThreadsAreSyncedTogether() throws {
        let files = FaultyFileSystem(disk)
        let store = try Store.open("/s", options: StoreOptions(durability: .always), fileSystem: files)
        _ = try store.upsert("0", change(1), in: "c", configuration: configuration)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for i in 0..<40 {
                _ = try? store.upsert(
                    ElementName("\(thread)-\(i)"), change(thread * 3 + 1), in: "c", configuration: configuration)
            }
        }
        let syncs = files.journal.count { $0.hasPrefix("sync") && $0.contains("log-1") }
        #expect(syncs <= 8 * 40 + 4)
        try files.losePower()
        let found = try Store.open("/s", options: StoreOptions(readOnly: true), fileSystem: disk)
        #expect(found.collection("c")?.count == 321)
        withExtendedLifetime(store) {}
    }

    /// A log that another one follows may be cut right after a record, so that every record in it is whole.
    @Test func aLogThatIsShorterThanTheNextOneSaysIsDamaged() throws {
        let files = FaultyFileSystem(disk)
        let store = try Store.open("/s", options: StoreOptions(durability: .always), fileSystem: files)
        _ = try store.upsert("1", change(1), in: "c", configuration: configuration)
        let path = "/s/collections/1/log-1"
        let whole = try disk.open(path, .read).size()
        _ = try store.upsert("2", change(2), in: "c", configuration: configuration)
        files.set(.failPaths(containing: "snapshot-"))
        #expect(throws: StoreError.self) { try store.checkpoint() }
        _ = try store.upsert("3", change(3), in: "c", configuration: configuration)
        withExtendedLifetime(store) {}
        func names() throws -> [ElementName]? {
            try Store.open("/s", options: StoreOptions(readOnly: true), fileSystem: disk).collection("c")?.names()
        }
        #expect(try names() == ["1", "2", "3"])
        try disk.open(path, .readWrite).truncate(to: whole)
        let error = #expect(throws: StoreError.self) { try names() }
        guard case .corrupt(path, whole, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Whichever operation of a checkpoint that compacts thumbnails fails, the first one after the manifest included: the
    /// next checkpoint refers to nothing that is gone.
    @Test func aCheckpointThatFailsAnywhereIsFollowedByAWholeOne() throws {
        var failedAfterPublishing = 0
        for step in 1...60 {
            let disk = MemoryFileSystem()
            let files = FaultyFileSystem(disk)
            func put(_ store: Store, _ i: Int) throws {
                let change = ElementChange(
                    vector: [1, Float(i), 3, 4, 5, 6, 7, 8], thumbnail: [UInt8](repeating: 9, count: 40_000))
                _ = try store.upsert(ElementName("\(i)"), change, in: "c", configuration: configuration)
            }
            let store = try Store.open("/s", options: StoreOptions(durability: .none), fileSystem: files)
            for i in 0..<10 { try put(store, i) }
            for i in 0..<8 { _ = try store.remove(ElementName("\(i)"), from: "c") }
            let operation = files.operations + step
            files.set(.fail(operation: operation))
            let result = Result { try store.checkpoint() }
            files.set(.none)
            let isReached = files.operations >= operation
            if isReached, (try? result.get()) != nil, files.journal[operation - 1] == "open /s/collections/1/snapshot-2"
            {
                failedAfterPublishing += 1
            }
            // A sync that failed ends the store's changes; what it holds is there all the same.
            // So many come in that the next checkpoint has no reason to compact thumbnails again.
            for i in 10..<40 { _ = try? put(store, i) }
            try? store.checkpoint()
            try? store.close()
            #expect(try Store.verify("/s", fileSystem: disk).allSatisfy { $0.faults.isEmpty }, "step \(step)")
            let again = try Store.open("/s", fileSystem: disk)
            for name in ["8", "9"] as [ElementName] {
                #expect(try again.collection("c")?.thumbnail(of: name)?.count == 40_000, "step \(step)")
            }
            try again.close()
            if !isReached { break }
        }
        #expect(failedAfterPublishing > 0)
    }
}
