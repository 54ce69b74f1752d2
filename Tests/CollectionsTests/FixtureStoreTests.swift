import Foundation
import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// A store that was written once, and has to be read by every later program: `Tests/Fixtures`, whose README says what
/// is in it and how it was made.
@Suite struct FixtureStoreTests {
    /// Where the files are.
    private static let path = SharedData.packageRoot + "/Tests/Fixtures/store-snapshot-3"
    private static let isToBeMade = ProcessInfo.processInfo.environment["LOOKALIKE_MAKE_FIXTURE"] != nil

    /// What is in it: by quantization.
    private struct Contents {
        var name: CollectionName
        var configuration: CollectionConfiguration
        /// Elements there ever were, numbered from 0.
        var count: Int

        static let all: [Contents] = {
            let parameters = HNSWParameters(m: 4, efConstruction: 24)
            return [
                Contents(
                    name: "pictures",
                    configuration: .init(
                        dimension: 8, quantization: .int8, parameters: parameters,
                        model: ModelIdentity(name: "a-model", contentHash: "0123abcd")), count: 18),
                Contents(
                    name: "exact",
                    configuration: .init(dimension: 8, metric: .l2, quantization: .f32, parameters: parameters),
                    count: 16),
                Contents(
                    name: "bits and ünïcode",
                    configuration: .init(dimension: 8, quantization: .bin, parameters: parameters), count: 14),
            ]
        }()

        /// Halves, which are exact whatever is done to them.
        func vector(_ i: Int) -> [Float] { (0..<8).map { Float((i * 7 + $0 * 5 + i * $0) % 23 - 11) / 2 } }

        func attributes(_ i: Int) -> [UInt8]? { i % 5 == 4 ? nil : Array("{\"number\":\(i),\"odd\":\(i % 2)}".utf8) }

        func thumbnail(_ i: Int) -> [UInt8]? { i % 3 == 0 ? (0..<20 + i).map { UInt8(($0 * i) % 251) } : nil }

        /// Element 1 was removed and its node used again, 2 was removed after the snapshot, 3 has other attributes and
        /// vector since; the last two were added since.
        var present: [Int] { (0..<count).filter { $0 != 1 && $0 != 2 } }

        func element(_ i: Int) -> (vector: [Float], attributes: [UInt8]?, thumbnail: [UInt8]?) {
            i == 3 ? (vector(103), Array("{\"number\":1003}".utf8), nil) : (vector(i), attributes(i), thumbnail(i))
        }
    }

    private static func put(_ i: Int, as number: Int? = nil, _ contents: Contents, _ store: Store) throws {
        let number = number ?? i
        let change = ElementChange(
            vector: contents.vector(number), attributes: contents.attributes(number).map { .set($0) } ?? .remove,
            thumbnail: number < 100 ? contents.thumbnail(number) : nil)
        _ = try store.upsert(
            ElementName("element \(i)"), change, in: contents.name, configuration: contents.configuration)
    }

    /// Writes the fixture. Not a test: it is run by hand when the format changes, under another name.
    @Test(.enabled(if: isToBeMade, "the fixture is made when LOOKALIKE_MAKE_FIXTURE is set"))
    func itIsMade() throws {
        let store = try Store.open(Self.path, options: StoreOptions(durability: .always, program: "the fixture"))
        for contents in Contents.all {
            for i in 0..<contents.count - 3 { try Self.put(i, contents, store) }
            _ = try store.remove("element 1", from: contents.name)
            try Self.put(contents.count - 3, contents, store)
        }
        #expect(try store.setSearchEF(77, of: "pictures"))
        try store.checkpoint()
        for contents in Contents.all {
            for i in contents.count - 2..<contents.count { try Self.put(i, contents, store) }
            _ = try store.remove("element 2", from: contents.name)
            try Self.put(3, as: 103, contents, store)
            _ = try store.collection(contents.name)?.setAttributes(
                Array("{\"number\":1003}".utf8), of: "element 3")
        }
    }

    private func check(_ store: Store, _ more: [CollectionName: Set<ElementName>] = [:]) throws {
        #expect(store.collectionNames == Contents.all.map(\.name).sorted())
        for contents in Contents.all {
            let collection = try #require(store.collection(contents.name))
            #expect(collection.configuration == contents.configuration)
            #expect(collection.efSearch == (contents.name == "pictures" ? 77 : nil))
            let names = Set(contents.present.map { ElementName("element \($0)") })
            #expect(try Set(collection.names()) == names.union(more[contents.name] ?? []))
            for i in contents.present {
                let name = ElementName("element \(i)")
                let element = contents.element(i)
                let stored = try #require(try collection.vector(of: name))
                #expect(
                    zip(stored.unit, element.vector).allSatisfy { abs($0 * stored.norm - $1) < 1e-5 },
                    "\(contents.name) \(i)")
                #expect(try collection.attributes(of: name) == element.attributes, "\(contents.name) \(i)")
                #expect(try collection.thumbnail(of: name) == element.thumbnail, "\(contents.name) \(i)")
                for exact in [false, true] {
                    let hits = try collection.search(element.vector, count: 1, ef: 50, exact: exact)
                    #expect(hits.first.map { abs($0.distance) < 1e-5 } == true, "\(contents.name) \(i)")
                }
            }
            let report = collection.validate(thumbnails: true)
            #expect(report.isSound, "\(contents.name): \(report)")
        }
    }

    /// A copy of the fixture, which is never opened itself but to be read.
    private func copied() throws -> TemporaryFolder {
        let folder = TemporaryFolder()
        try FileManager.default.copyItem(atPath: Self.path, toPath: folder("store"))
        return folder
    }

    @Test(.enabled(if: !isToBeMade)) func itIsRead() throws {
        let folder = try copied()
        let before = try folder.files.map { try contents(folder($0)) }
        #expect(try Store.verify(folder("store")).map(\.faults) == [[], [], []])
        var options = StoreOptions()
        options.readOnly = true
        try check(try Store.open(folder("store"), options: options))
        #expect(try folder.files.map { try contents(folder($0)) } == before)
    }

    @Test(.enabled(if: !isToBeMade)) func itIsChangedAndReadAgain() throws {
        let folder = try copied()
        var more: [CollectionName: Set<ElementName>] = [:]
        for round in 0..<3 {
            let store = try Store.open(folder("store"), options: StoreOptions(durability: .none))
            try check(store, more)
            for contents in Contents.all {
                let name = ElementName("more \(round)")
                let change = ElementChange(vector: contents.vector(200 + round), thumbnail: [1, 2, 3])
                #expect(try store.upsert(name, change, in: contents.name, configuration: contents.configuration))
                more[contents.name, default: []].insert(name)
            }
            // Its log grows, then all is written anew.
            if round == 1 { try store.close() }
            withExtendedLifetime(store) {}
        }
        #expect(try Store.verify(folder("store")).map(\.faults) == [[], [], []])
        try check(try Store.open(folder("store")), more)
    }
}
