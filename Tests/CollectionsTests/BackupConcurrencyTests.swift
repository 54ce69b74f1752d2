import Foundation
import HNSW
import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// Backups of a store that changes all the time.
@Suite struct BackupConcurrencyTests {
    private let configuration = CollectionConfiguration(
        dimension: 6, parameters: HNSWParameters(m: 4, efConstruction: 10))

    /// A thread adds e0, e1, e2... with thumbnails, another makes checkpoints without end: each backup holds the
    /// elements up to some point after what had been acknowledged when it began, whole, and no others.
    @Test func eachBackupIsAMomentOfAStoreThatIsWrittenTo() throws {
        let folder = TemporaryFolder(inMemory: true)
        let store = try Store.open(
            folder("store"), options: StoreOptions(durability: .none, checkpointLogBytes: 20_000))
        let acknowledged = Atomic<Int>(0)
        let wanted = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
        let failures = Mutex<[String]>([])
        let done = DispatchGroup()
        func thread(_ body: @escaping @Sendable () throws -> Void) {
            done.enter()
            Thread.detachNewThread {
                do { try body() } catch { failures.withLock { $0.append("\(error)") } }
                done.leave()
            }
        }
        thread { [configuration] in
            var index = 0
            while !isOver.load(ordering: .acquiring) {
                // As much a round as a few backups can keep up with, whatever the machine.
                if index >= wanted.load(ordering: .acquiring) {
                    usleep(100)
                    continue
                }
                var random = SeededRandom(seed: UInt64(index))
                // Updated elements leave garbage behind, so that thumbnails are moved to new files, too.
                for _ in 0..<3 {
                    let change = ElementChange(
                        vector: random.vector(6), attributes: .set(Array("\(index)".utf8)),
                        thumbnail: [UInt8](repeating: UInt8(index % 251), count: 700 + index % 3000))
                    _ = try store.upsert(ElementName("e\(index)"), change, in: "c", configuration: configuration)
                }
                index += 1
                acknowledged.store(index, ordering: .releasing)
            }
        }
        thread {
            while !isOver.load(ordering: .acquiring) { try store.checkpoint() }
        }
        var sizes: Set<Int> = []
        for round in 0..<40 {
            wanted.store(acknowledged.load(ordering: .acquiring) + 100, ordering: .releasing)
            let least = acknowledged.load(ordering: .acquiring)
            _ = try Store.backup(folder("store"), to: folder("backup"), replacing: true)
            let most = acknowledged.load(ordering: .acquiring) + 1
            let report = try Store.restore(from: folder("backup"), to: folder("restored"))
            #expect((least...most).contains(report.elements), "round \(round): \(report) of \(least) to \(most)")
            let copy = try Store.open(folder("restored"), options: StoreOptions(create: false, readOnly: true))
            if let collection = copy.collection("c") {
                for index in 0..<report.elements {
                    let name = ElementName("e\(index)")
                    #expect(try collection.attributes(of: name) == Array("\(index)".utf8), "round \(round)")
                    // A thumbnail that lay past the end would have been dropped without a word.
                    #expect(try collection.thumbnail(of: name)?.count == 700 + index % 3000, "round \(round)")
                }
            }
            sizes.insert(report.elements)
            try copy.close()
            try FileManager.default.removeItem(atPath: folder("restored"))
        }
        isOver.store(true, ordering: .releasing)
        done.wait()
        #expect(failures.withLock { $0 } == [])
        #expect(sizes.count > 15, "the store grew meanwhile: \(sizes.sorted())")
        #expect(folder.files.allSatisfy { $0.hasPrefix("store/") || $0 == "backup" })
        try store.close()
    }

    /// Collections that come and go.
    @Test func collectionsThatAreDroppedMeanwhile() throws {
        let folder = TemporaryFolder(inMemory: true)
        let store = try Store.open(folder("store"), options: StoreOptions(durability: .none))
        let isOver = Atomic<Bool>(false)
        let done = DispatchGroup()
        done.enter()
        Thread.detachNewThread { [configuration] in
            while !isOver.load(ordering: .acquiring) {
                for name in ["a", "b"] as [CollectionName] {
                    _ = try? store.upsert(
                        "1", ElementChange(vector: [1, 2, 3, 4, 5, 6], thumbnail: [1, 2, 3]), in: name,
                        configuration: configuration)
                    usleep(300)
                    _ = try? store.dropCollection(name)
                }
            }
            done.leave()
        }
        for _ in 0..<100 {
            _ = try Store.backup(folder("store"), to: folder("backup"), replacing: true)
            let report = try Store.restore(from: folder("backup"), to: folder("restored"))
            #expect((0...1).contains(report.collections))
            try FileManager.default.removeItem(atPath: folder("restored"))
        }
        isOver.store(true, ordering: .releasing)
        done.wait()
        try store.close()
    }
}
