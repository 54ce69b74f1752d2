import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// Damaged stores: what verify says of them, and what repair saves.
@Suite struct RepairTests {
    private let disk = MemoryFileSystem()
    private let configuration = CollectionConfiguration(
        dimension: 24, parameters: HNSWParameters(m: 4, efConstruction: 20),
        model: ModelIdentity(name: "m", contentHash: "abc"))

    private func change(_ index: Int) -> ElementChange {
        var random = SeededRandom(seed: UInt64(index))
        return ElementChange(
            vector: random.vector(24), attributes: .set(Array(#"{"n":\#(index)}"#.utf8)),
            thumbnail: index % 5 == 0 ? [UInt8](repeating: UInt8(index % 250), count: 40) : nil)
    }

    private static let snapshot = "/s/collections/1/snapshot-2"

    /// 600 elements in a snapshot, then 20 more and 5 removals in the log, and a collection that stays sound.
    private func makeStore() throws {
        let store = try Store.open("/s", options: StoreOptions(durability: .always), fileSystem: disk)
        for i in 0..<600 {
            _ = try store.upsert(ElementName("e\(i)"), change(i), in: "c", configuration: configuration)
        }
        _ = try store.upsert("x", change(1), in: "other", configuration: configuration)
        try store.checkpoint()
        for i in 600..<620 {
            _ = try store.upsert(ElementName("e\(i)"), change(i), in: "c", configuration: configuration)
        }
        for i in 0..<5 { _ = try store.remove(ElementName("e\(i)"), from: "c") }
        try store.sync()
        withExtendedLifetime(store) {}
    }

    private func damage(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
        let file = try disk.open(path, .readWrite)
        var bytes = try file.read(at: 0, count: Int(try file.size()))
        body(&bytes)
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
    }

    /// Where a section lies in the snapshot.
    private func section(_ kind: UInt32) throws -> SnapshotFile.Section {
        let reader = try SnapshotReader(Self.snapshot, collection: 1, generation: 2, faults: FaultLog(), in: disk)
        return try #require(reader.sections.first { $0.kind == kind })
    }

    /// Repairs, and looks whether what is there is what was.
    private func repaired() throws -> CollectionRepair {
        let before = try Store.verify("/s", fileSystem: disk)
        #expect(before.contains { !$0.faults.isEmpty }, "the damage is seen")
        let repairs = try Store.repair("/s", fileSystem: disk)
        #expect(try Store.verify("/s", fileSystem: disk).allSatisfy { $0.faults.isEmpty && $0.unreachable == 0 })
        let store = try Store.open("/s", fileSystem: disk)
        #expect(try store.collection("other")?.names() == ["x"])
        let collection = try #require(store.collection("c"))
        #expect(collection.configuration == configuration)
        for name in try collection.names() {
            let index = try #require(Int(name.description.dropFirst()))
            let expected = change(index)
            #expect(try collection.attributes(of: name) == Array(#"{"n":\#(index)}"#.utf8))
            let (unit, norm) = try #require(try collection.vector(of: name))
            #expect(zip(unit, expected.vector).allSatisfy { abs($0 * norm - $1) < 1e-4 }, "\(name)")
            #expect(try collection.search(like: name, count: 1, ef: 50)?.first?.name == name)
        }
        // And it goes on from there.
        _ = try store.upsert("e9999", change(9999), in: "c", configuration: configuration)
        try store.close()
        return try #require(repairs.first { $0.name == "c" })
    }

    @Test func aSoundStoreIsLeftAsItIs() throws {
        try makeStore()
        let repairs = try Store.repair("/s", fileSystem: disk)
        #expect(repairs.map(\.wasDamaged) == [false, false])
        #expect(repairs.map(\.elements).sorted() == [1, 615])
        #expect(try Store.inspect("/s", fileSystem: disk).map(\.elements).sorted() == [1, 600])
    }

    /// One block of vectors: 42 elements of 24 floats.
    @Test func whatADamagedBlockHeldIsLostByName() throws {
        try makeStore()
        let vectors = try section(7)
        try damage(Self.snapshot) { $0[Int(vectors.offset) + 4096] ^= 1 }
        let repair = try repaired()
        #expect(repair.wasDamaged && repair.lostWithoutName == 0 && repair.keptIn == "damaged/1")
        #expect((20...64).contains(repair.lost.count) && repair.elements == 615 - repair.lost.count)
    }

    @Test func brokenLinksLoseNothing() throws {
        try makeStore()
        let links = try section(6)
        try damage(Self.snapshot) { bytes in
            for at in stride(from: Int(links.offset), to: Int(links.offset + links.length), by: 997) {
                bytes[at] ^= 0x55
            }
        }
        let repair = try repaired()
        #expect(repair.lost.isEmpty && repair.lostWithoutName == 0 && repair.elements == 615)
    }

    @Test func namesInADamagedBlockAreCounted() throws {
        try makeStore()
        let texts = try section(9)
        try damage(Self.snapshot) { $0[Int(texts.offset) + 5000] ^= 1 }
        let repair = try repaired()
        #expect(repair.lost.count + repair.lostWithoutName > 50)
        // What the log says again, or takes out, is not lost.
        #expect(repair.elements + repair.lost.count + repair.lostWithoutName >= 615)
    }

    @Test func theHeaderIsThereTwice() throws {
        try makeStore()
        try damage(Self.snapshot) { for i in 0..<4096 { $0[i] = 0 } }
        let repair = try repaired()
        #expect(repair.lost.isEmpty && repair.elements == 615)
    }

    @Test func theStateIsThereTwice() throws {
        try makeStore()
        let state = try section(1)
        try damage(Self.snapshot) { $0[Int(state.offset) + 3] ^= 1 }
        let repair = try repaired()
        #expect(repair.lost.isEmpty && repair.elements == 615)
    }

    @Test func aDamagedRecordOfTheLogIsPassedOver() throws {
        try makeStore()
        try damage("/s/collections/1/log-2") { $0[$0.count / 3] ^= 1 }
        let repair = try repaired()
        #expect(repair.elements == 614 && repair.notes.contains { $0.contains("log-2: bytes") })
    }

    @Test func aLostManifestIsMadeAnew() throws {
        try makeStore()
        for cut in [0, 15, 60] {
            try damage("/s/MANIFEST") { $0 = Array($0.prefix(cut)) }
            #expect(throws: StoreError.self) { try Store.open("/s", fileSystem: disk) }
            _ = try Store.repair("/s", fileSystem: disk)
            let store = try Store.open("/s", options: StoreOptions(readOnly: true), fileSystem: disk)
            #expect(store.collectionNames == ["c", "other"] && store.collection("c")?.count == 615)
            #expect(store.collection("c")?.configuration == configuration)
        }
    }

    @Test func aStoreInUseIsNotRepaired() throws {
        try makeStore()
        let store = try Store.open("/s", fileSystem: disk)
        #expect(throws: StoreError.self) { try Store.repair("/s", fileSystem: disk) }
        #expect(throws: StoreError.missing(path: "/none")) { try Store.repair("/none", fileSystem: disk) }
        try store.close()
    }
}
