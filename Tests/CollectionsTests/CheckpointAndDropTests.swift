import Foundation
import HNSW
import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// Collections go while a checkpoint of theirs is under way.
@Suite struct CheckpointAndDropTests {
    private let configuration = CollectionConfiguration(
        dimension: 4, parameters: HNSWParameters(m: 4, efConstruction: 10))

    /// That a collection is dropped or replaced is no failure of a checkpoint, wherever the checkpoint is by then.
    @Test func aCheckpointDoesNotFailBecauseACollectionGoes() throws {
        let disk = MemoryFileSystem()
        let store = try Store.open("/store", options: StoreOptions(durability: .none), fileSystem: disk)
        let isDone = Atomic(false)
        let failures = Mutex<[String]>([])
        let group = DispatchGroup()
        for _ in 0..<2 {
            DispatchQueue.global().async(group: group) {
                while !isDone.load(ordering: .relaxed) {
                    do { try store.checkpoint() } catch { failures.withLock { $0.append("\(error)") } }
                }
            }
        }
        func put(_ i: Int, _ collection: CollectionName) throws {
            let change = ElementChange(vector: [1, Float(i), 3, 4], thumbnail: [1])
            _ = try store.upsert(ElementName("\(i)"), change, in: collection, configuration: configuration)
        }
        for round in 0..<400 {
            for i in 0..<5 { try put(i, "a") }
            for i in 0..<5 { try put(i, "b") }
            #expect(try store.renameCollection("a", to: "b"))
            #expect(try round % 2 == 0 || store.dropCollection("b"))
        }
        try put(1, "c")
        isDone.store(true, ordering: .relaxed)
        group.wait()
        #expect(failures.withLock { $0 } == [])
        try store.close()
        let again = try Store.open("/store", fileSystem: disk)
        #expect(again.collectionNames == ["c"])
        #expect(try disk.list("/store/collections").count == 1)
    }
}
