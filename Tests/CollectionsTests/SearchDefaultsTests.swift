import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// The width of searches that do not say one.
@Suite struct SearchDefaultsTests {
    private let folder = TemporaryFolder(inMemory: true)
    private let configuration = CollectionConfiguration(
        dimension: 6, parameters: HNSWParameters(m: 4, efConstruction: 20))

    private func open(
        readOnly: Bool = false, fileSystem: any FileSystem = POSIXFileSystem()
    ) throws -> Store {
        try Store.open(
            folder("store"), options: StoreOptions(durability: .none, readOnly: readOnly), fileSystem: fileSystem)
    }

    private func put(_ store: Store, _ name: ElementName, _ seed: UInt64, in collection: CollectionName = "c") throws {
        var random = SeededRandom(seed: seed)
        _ = try store.upsert(
            name, ElementChange(vector: random.vector(6)), in: collection, configuration: configuration)
    }

    @Test func whatIsAskedComesFirstThenWhatIsSetThenWhatAllHave() throws {
        let store = try open()
        try put(store, "a", 1)
        let collection = try #require(store.collection("c"))
        #expect(collection.efSearch == nil)
        #expect(collection.efSearch(asked: nil, count: 10) == 100)
        #expect(collection.efSearch(asked: 7, count: 3) == 7)
        #expect(try store.setSearchEF(40, of: "c"))
        #expect(collection.efSearch == 40)
        #expect(collection.efSearch(asked: nil, count: 10) == 40)
        #expect(collection.efSearch(asked: nil, count: 50) == 50, "never less than wanted")
        #expect(collection.efSearch(asked: 20, count: 10) == 20)
        #expect(try store.setSearchEF(nil, of: "c"))
        #expect(collection.efSearch == nil)
        #expect(try !store.setSearchEF(40, of: "d"), "there is none of that name")
    }

    @Test func itOutlivesReopeningAndCheckpointsButNotTheCollection() throws {
        var store = try open()
        try put(store, "a", 1)
        try put(store, "b", 2, in: "other")
        #expect(try store.setSearchEF(1_000_000, of: "c"))
        try store.close()
        for round in 0..<3 {
            store = try open()
            #expect(store.collection("c")?.efSearch == 1_000_000, "round \(round)")
            #expect(store.collection("other")?.efSearch == nil)
            try put(store, ElementName("more \(round)"), UInt64(round))
            try store.checkpoint()
            #expect(store.collection("c")?.efSearch == 1_000_000)
            try store.close()
        }
        store = try open(readOnly: true)
        #expect(store.collection("c")?.efSearch == 1_000_000)
        #expect(throws: StoreError.readOnly(path: folder("store"))) { try store.setSearchEF(5, of: "c") }
        try store.close()
        store = try open()
        _ = try store.dropCollection("c")
        try put(store, "a", 1)
        #expect(store.collection("c")?.efSearch == nil)
        try store.close()
        #expect(throws: StoreError.closed(path: folder("store"))) { try store.setSearchEF(5, of: "c") }
        #expect(try open().collection("c")?.efSearch == nil)
    }

    @Test func whateverFailsTheOldOneOrTheNewOneIsThere() throws {
        let first = try open()
        try put(first, "a", 1)
        _ = try first.setSearchEF(1, of: "c")
        try first.close()
        var failures = 0
        for operation in 1...8 {
            let fileSystem = FaultyFileSystem()
            let store = try open(fileSystem: fileSystem)
            let collection = try #require(store.collection("c"))
            let before = try #require(collection.efSearch)
            fileSystem.set(.fail(operation: fileSystem.operations + operation))
            do throws(StoreError) {
                _ = try store.setSearchEF(before + 1, of: "c")
                #expect(collection.efSearch == before + 1)
            } catch {
                failures += 1
                #expect(collection.efSearch == before, "a call that throws has changed nothing: \(error)")
            }
            try? store.close()
            let again = try open()
            #expect([before, before + 1].contains(again.collection("c")?.efSearch))
            try again.close()
        }
        #expect((1..<8).contains(failures), "each operation of a manifest's writing failed once, and then none")
    }

    @Test func aLossOfPowerTakesNothingBack() throws {
        let fileSystem = FaultyFileSystem()
        var store: Store? = try open(fileSystem: fileSystem)
        try put(try #require(store), "a", 1)
        try store?.checkpoint()
        #expect(try store?.setSearchEF(33, of: "c") == true)
        try fileSystem.losePower()
        store = nil
        #expect(try open().collection("c")?.efSearch == 33)
    }

    @Test func aWidthThatNoSearchHasIsDamage() throws {
        let store = try open()
        try put(store, "a", 1)
        try store.close()
        let files = POSIXFileSystem()
        var manifest = try Manifest.read(folder("store"), in: files)
        manifest.entries[0].efSearch = 1_000_001
        try manifest.publish(folder("store"), in: files)
        let error = #expect(throws: StoreError.self) { try open() }
        guard case .corrupt(let file, _, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(file == folder("store/MANIFEST"))
    }

    @Test func searchersAndSettersGoSideBySide() async throws {
        let store = try open()
        for number in 0..<200 { try put(store, ElementName("\(number)"), UInt64(number)) }
        let collection = try #require(store.collection("c"))
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { for ef in 1...50 { _ = try? store.setSearchEF(ef, of: "c") } }
            tasks.addTask {
                for _ in 0..<500 {
                    let ef = collection.efSearch(asked: nil, count: 1)
                    #expect((1...100).contains(ef))
                }
            }
        }
        #expect(collection.efSearch == 50)
        #expect(collection.validate().isSound)
    }
}
