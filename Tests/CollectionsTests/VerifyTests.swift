import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// What `Store.open` refuses, `Store.verify` finds.
@Suite struct VerifyTests {
    private let configuration = CollectionConfiguration(
        dimension: 4, parameters: HNSWParameters(m: 4, efConstruction: 10))

    @Test(arguments: [true, false]) func aManifestThatCannotBeUsedIsFound(hasTwoOfAName: Bool) throws {
        let disk = MemoryFileSystem()
        let store = try Store.open("/s", fileSystem: disk)
        for name in ["a", "b"] {
            let change = ElementChange(vector: [1, 2, 3, 4])
            _ = try store.upsert("e", change, in: CollectionName(name), configuration: configuration)
        }
        try store.close()
        #expect(try Store.verify("/s", fileSystem: disk).flatMap(\.faults) == [])
        var manifest = try Manifest.read("/s", in: disk)
        if hasTwoOfAName {
            manifest.entries[1].name = manifest.entries[0].name
        } else {
            manifest.entries[1].efSearch = 2_000_000
        }
        try manifest.publish("/s", in: disk)
        let error = #expect(throws: StoreError.self) { try Store.open("/s", fileSystem: disk) }
        let faults = try Store.verify("/s", fileSystem: disk).flatMap(\.faults)
        #expect(faults == [error?.description])
    }
}
