import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// A store in memory, on disks that are full or can only be read.
@Suite struct StoreInMemoryTests {
    private let configuration = CollectionConfiguration(
        dimension: 4, parameters: HNSWParameters(m: 4, efConstruction: 10))

    private func put(_ i: Int, _ store: Store) throws(StoreError) {
        let thumbnail = i % 3 == 0 ? [UInt8](repeating: 1, count: 60) : nil
        let change = ElementChange(vector: [1, Float(i), 3, 4], thumbnail: thumbnail)
        _ = try store.upsert(ElementName("\(i)"), change, in: "a", configuration: configuration)
    }

    private func names(_ store: Store) throws -> Set<ElementName> { Set(try store.collection("a")?.names() ?? []) }

    @Test(arguments: [UInt64(0), 1, 2, 3]) func aStoreNeedsNoFiles(seed: UInt64) throws {
        let disk = MemoryFileSystem()
        var random = SeededRandom(seed: SeededRandom.seed(of: 95 + seed))
        var model = StoreModel()
        for round in 0..<6 {
            let options = StoreOptions(durability: round % 2 == 0 ? .none : .always, checkpointLogBytes: 6000)
            let store = try Store.open("/a store", options: options, fileSystem: disk)
            #expect(try StoreModel(store).agrees(with: model), "seed \(seed), round \(round)")
            for _ in 0..<60 {
                let step = StoreModel.Step.random(&random, dimension: 4)
                try StoreModel.run(step, on: store, configuration)
                model.apply(step)
            }
            #expect(throws: StoreError.self, "it is held") { try Store.open("/a store", fileSystem: disk) }
            if round % 3 > 0 { try store.close() }
        }
        let store = try Store.open("/a store", fileSystem: disk)
        #expect(try StoreModel(store).agrees(with: model), "seed \(seed)")
        for name in store.collectionNames {
            #expect(store.collection(name)?.validate(thumbnails: true).isSound == true, "seed \(seed)")
        }
    }

    /// Whatever room there is, what does not fit is refused as a whole, and reading goes on.
    @Test func aFullDiskRefusesWholeChanges() throws {
        for room in stride(from: UInt64(0), through: 2000, by: 50) {
            let disk = MemoryFileSystem()
            let store = try Store.open("/store", options: StoreOptions(durability: .always), fileSystem: disk)
            try put(0, store)
            disk.capacity = disk.bytesInUse + room
            var accepted: Set<ElementName> = ["0"]
            for i in 1..<40 {
                do throws(StoreError) {
                    try put(i, store)
                    accepted.insert(ElementName("\(i)"))
                } catch {
                    guard case .noSpace = error else {
                        Issue.record("\(room) bytes: \(error)")
                        continue
                    }
                }
            }
            #expect(try accepted.count < 40 && names(store) == accepted)
            try? store.close()
            // It opens all the same, and takes changes again when there is room.
            let full = try Store.open("/store", options: StoreOptions(durability: .always), fileSystem: disk)
            #expect(try names(full) == accepted, "\(room) bytes")
            disk.capacity = nil
            try put(77, full)
            try full.close()
            let again = try Store.open("/store", fileSystem: disk)
            #expect(try names(again) == accepted.union(["77"]), "\(room) bytes")
            #expect(again.collection("a")?.validate(thumbnails: true).isSound == true)
        }
    }

    @Test func aReadOnlyDiskIsReadFrom() throws {
        let disk = MemoryFileSystem()
        let store = try Store.open("/store", options: StoreOptions(durability: .always), fileSystem: disk)
        for i in 0..<6 { try put(i, store) }
        disk.isReadOnly = true
        #expect(throws: StoreError.self) { try put(6, store) }
        #expect(try names(store).count == 6)
        try? store.close()
        let error = #expect(throws: StoreError.self) { try Store.open("/store", fileSystem: disk) }
        guard case .readOnly = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        do {
            let reader = try Store.open("/store", options: StoreOptions(readOnly: true), fileSystem: disk)
            #expect(try names(reader).count == 6)
            #expect(try reader.collection("a")?.thumbnail(of: "3") == [UInt8](repeating: 1, count: 60))
        }
        disk.isReadOnly = false
        let again = try Store.open("/store", fileSystem: disk)
        try put(6, again)
        #expect(try names(again).count == 7)
    }
}
