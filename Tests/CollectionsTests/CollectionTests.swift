import Filters
import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

@Suite struct CollectionTests {
    private let configuration = CollectionConfiguration(dimension: 4)

    private func open(_ folder: TemporaryFolder, _ change: (inout StoreOptions) -> Void = { _ in }) throws -> Store {
        var options = StoreOptions(durability: .none)
        change(&options)
        return try Store.open(folder("store"), options: options)
    }

    @Test func vectorsAreNormalisedAndNormsKept() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        #expect(try store.upsert("a", ElementChange(vector: [0, 3, 0, 4]), in: "c", configuration: configuration))
        #expect(try !store.upsert("a", ElementChange(vector: [0, 6, 0, 8]), in: "c", configuration: configuration))
        #expect(try store.upsert("zero", ElementChange(vector: [0, 0, 0, 0]), in: "c", configuration: configuration))
        let collection = try #require(store.collection("c"))
        let stored = try #require(try collection.vector(of: "a"))
        #expect(stored.unit == [0, 0.6, 0, 0.8] && stored.norm == 10)
        #expect(try #require(try collection.vector(of: "zero")).norm == 1)
        #expect(try collection.vector(of: "none") == nil)
        for exact in [false, true] {
            let hits = try collection.search([0, 0.3, 0, 0.4], count: 5, ef: 10, exact: exact)
            #expect(hits.map(\.name) == ["a", "zero"])
            #expect(abs(hits[0].score - 1) < 1e-6 && hits[0].distance >= 0)
            #expect(hits[1].distance == 1 && hits[1].score == 0.5)
            #expect(try collection.search(like: "a", count: 1, ef: 1, exact: exact)?.map(\.name) == ["a"])
            #expect(try collection.search(like: "none", count: 1, ef: 1, exact: exact) == nil)
        }
        try store.close()
    }

    @Test func queriesThatCannotBeComparedAreRefused() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        _ = try store.upsert("a", ElementChange(vector: [0, 3, 0, 4]), in: "c", configuration: configuration)
        let collection = try #require(store.collection("c"))
        for exact in [false, true] {
            func refuse(_ query: [Float]) -> StoreError? {
                do throws(StoreError) {
                    _ = try collection.search(query, count: 1, ef: 1, exact: exact)
                    return nil
                } catch { return error }
            }
            #expect(refuse([1, 2, 3]) == .dimensionMismatch(expected: 4, got: 3))
            #expect(refuse([]) == .dimensionMismatch(expected: 4, got: 0))
            for bad in [Float.nan, .infinity, -.infinity, 3e38] {
                guard case .invalidVector = refuse([bad, bad, 3, 4]) else {
                    Issue.record("\(bad) was accepted")
                    continue
                }
            }
            #expect(refuse([0, 0, 0, 0]) == nil)
        }
    }

    @Test func attributesAndThumbnailsFollowTheirRules() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        func put(_ attributes: AttributesChange, _ thumbnail: [UInt8]? = nil) throws {
            let change = ElementChange(vector: [1, 2, 3, 4], attributes: attributes, thumbnail: thumbnail)
            _ = try store.upsert("e", change, in: "c", configuration: configuration)
        }
        try put(.keep)
        let collection = try #require(store.collection("c"))
        #expect(try collection.attributes(of: "e") == nil && collection.attributesCount == 0)
        try put(.set([1]), [7, 7])
        #expect(try collection.attributes(of: "e") == [1] && collection.attributesCount == 1)
        #expect(try collection.thumbnail(of: "e") == [7, 7])
        try put(.keep)
        #expect(try collection.attributes(of: "e") == [1])
        #expect(try collection.thumbnail(of: "e") == nil, "a thumbnail goes with the vector that it came with")
        try put(.set([]))
        #expect(try collection.attributes(of: "e") == [] && collection.attributesCount == 1)
        try put(.remove, [])
        #expect(try collection.attributes(of: "e") == nil && collection.attributesCount == 0)
        #expect(try collection.thumbnail(of: "e") == [])
        #expect(try collection.setAttributes([9], of: "e"))
        #expect(try collection.thumbnail(of: "e") == [])
        #expect(try collection.setAttributes(nil, of: "e"))
        #expect(try !collection.setAttributes([9], of: "none"))
        #expect(collection.attributesCount == 0)
    }

    @Test func namesAreBytesInOrder() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let names: [[UInt8]] = [[], [0], [0, 0], [10, 13], [255], [255, 0], Array("é".utf8), [0xc3]]
        for bytes in names.reversed() {
            let name = ElementName(bytes: bytes)
            #expect(
                try store.upsert(
                    name, ElementChange(vector: [1, 0, 0, Float(bytes.count)]), in: "", configuration: configuration))
        }
        let collection = try #require(store.collection(""))
        #expect(try collection.names().map(\.bytes) == names.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(try store.remove(ElementName(bytes: [0]), from: ""))
        #expect(try collection.names().count == 7)
        try store.close()
        let again = try open(folder)
        #expect(try again.collection("")?.names().count == 7)
        #expect(try again.collection("")?.contains(ElementName(bytes: [])) == true)
    }

    @Test func filteredSearchReturnsWhatThereIs() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        var random = SeededRandom(seed: SeededRandom.seed(of: 61))
        for i in 0..<400 {
            let change = ElementChange(
                vector: random.vector(4), attributes: i % 50 == 0 ? .set([UInt8]("{\"n\":\(i)}".utf8)) : .keep)
            _ = try store.upsert(ElementName("\(i)"), change, in: "c", configuration: configuration)
        }
        let collection = try #require(store.collection("c"))
        func found(_ filter: String, exact: Bool, count: Int = 20) throws -> Set<String> {
            let options = SearchOptions(count: count, ef: 20, exact: exact, filter: try FilterExpression(filter))
            return Set(try collection.search(random.vector(4), options).map(\.name.description))
        }
        for exact in [false, true] {
            // Asked again, it comes from the cache.
            for _ in 0..<3 {
                #expect(try found("1", exact: exact) == Set((0..<8).map { "\($0 * 50)" }))
                #expect(try found(".n >= 200", exact: exact) == ["200", "250", "300", "350"])
                #expect(try found(".n >= 200", exact: exact, count: 2).count == 2)
                #expect(try found(".missing", exact: exact).isEmpty)
            }
            _ = try collection.setAttributes([UInt8]("{\"n\":999}".utf8), of: "7")
            #expect(try found(".n == 999", exact: exact) == ["7"])
            #expect(try found(".n >= 200", exact: exact) == ["200", "250", "300", "350", "7"])
            _ = try collection.setAttributes(nil, of: "7")
            #expect(try found(".n == 999", exact: exact).isEmpty)
            #expect(try found(".n >= 200", exact: exact) == ["200", "250", "300", "350"])
        }
        _ = try store.remove("200", from: "c")
        #expect(try found(".n >= 200", exact: false) == ["250", "300", "350"])
        let links = try #require(try collection.links(of: "7"))
        #expect(links.last?.isEmpty == false)
        #expect(try collection.links(of: "none") == nil)
        #expect(collection.validate().isSound)
    }

    /// Elements move to other nodes when their vectors change, and a search may come by in between: it still returns as
    /// many as were asked for, each once.
    @Test func searchesAreNeverShortWhileElementsMove() async throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        let seed = SeededRandom.seed(of: 62)
        var random = SeededRandom(seed: seed)
        let vectors = (0..<60).map { _ in random.vector(4) }
        for (i, vector) in vectors.enumerated() {
            _ = try store.upsert(
                ElementName("\(i)"), ElementChange(vector: vector), in: "c", configuration: configuration)
        }
        let collection = try #require(store.collection("c"))
        let configuration = configuration
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                var random = SeededRandom(seed: seed &+ 1)
                for _ in 0..<400 {
                    let name = ElementName("\(Int.random(in: 0..<60, using: &random))")
                    _ = try store.upsert(
                        name, ElementChange(vector: random.vector(4)), in: "c", configuration: configuration)
                }
                return true
            }
            group.addTask {
                var random = SeededRandom(seed: seed &+ 2)
                for _ in 0..<400 {
                    let hits = try collection.search(random.vector(4), count: 10, ef: 10)
                    if hits.count != 10 || Set(hits.map(\.name)).count != 10 { return false }
                }
                return true
            }
            for try await isRight in group { #expect(isRight, "seed \(seed)") }
        }
        #expect(collection.validate().isSound)
        #expect(try collection.names().count == 60)
    }

    @Test func refusedChangesMakeNoCollection() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        func refuse(_ change: ElementChange, name: ElementName = "e", collection: CollectionName = "c") -> StoreError? {
            do throws(StoreError) {
                _ = try store.upsert(name, change, in: collection, configuration: configuration)
                return nil
            } catch { return error }
        }
        #expect(refuse(ElementChange(vector: [1, 2, 3])) == .dimensionMismatch(expected: 4, got: 3))
        for bad in [Float.nan, .infinity, -.infinity] {
            guard case .invalidVector = refuse(ElementChange(vector: [1, bad, 3, 4])) else {
                Issue.record("\(bad) was accepted")
                continue
            }
        }
        guard case .invalidVector = refuse(ElementChange(vector: [3e38, 3e38, 3e38, 3e38])) else {
            Issue.record("a length beyond float32 was accepted")
            return
        }
        let vector: [Float] = [1, 2, 3, 4]
        let tooLong = [UInt8](repeating: 1, count: StoreLimits.attributesBytes + 1)
        #expect(refuse(ElementChange(vector: vector, attributes: .set(tooLong))) != nil)
        #expect(refuse(ElementChange(vector: vector, thumbnail: tooLong)) != nil)
        #expect(refuse(ElementChange(vector: vector, efConstruction: 0)) != nil)
        #expect(refuse(ElementChange(vector: vector, efConstruction: 1_000_001)) != nil)
        let longName = [UInt8](repeating: 1, count: StoreLimits.elementNameBytes)
        #expect(refuse(ElementChange(vector: vector), name: ElementName(bytes: longName + [1])) != nil)
        let longCollection = [UInt8](repeating: 1, count: StoreLimits.collectionNameBytes)
        #expect(
            refuse(ElementChange(vector: vector), collection: CollectionName(bytes: longCollection + [1])) != nil)
        #expect(store.collectionNames.isEmpty && store.collection("c") == nil)
        #expect(folder.files.allSatisfy { !$0.contains("log-") })

        // At the limits all is well.
        let atLimit = ElementChange(
            vector: vector, attributes: .set(Array(tooLong.dropLast())), thumbnail: Array(tooLong.dropLast()),
            efConstruction: 1_000_000)
        #expect(
            refuse(atLimit, name: ElementName(bytes: longName), collection: CollectionName(bytes: longCollection))
                == nil)
        try store.close()
        let again = try open(folder)
        let collection = try #require(again.collection(CollectionName(bytes: longCollection)))
        #expect(try collection.thumbnail(of: ElementName(bytes: longName))?.count == StoreLimits.thumbnailBytes)
    }

    @Test func anotherConfigurationIsRefusedInTheOrderOfTheWire() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        var model = configuration
        model.model = ModelIdentity(name: "default", contentHash: "a")
        _ = try store.upsert("e", ElementChange(vector: [1, 2, 3, 4]), in: "m", configuration: model)
        func mismatch(_ change: (inout CollectionConfiguration) -> Void) -> StoreError? {
            var asked = model
            change(&asked)
            do throws(StoreError) {
                let vector = [Float](repeating: 1, count: asked.dimension)
                _ = try store.upsert("e", ElementChange(vector: vector), in: "m", configuration: asked)
                return nil
            } catch { return error }
        }
        #expect(mismatch { $0.parameters.efConstruction = 17 } == nil)
        #expect(mismatch { $0.model = nil } == nil)
        #expect(
            mismatch {
                $0.quantization = .f32
                $0.parameters.m = 5
                $0.dimension = 3
            } == .configurationMismatch(.quantization, existing: "int8", asked: "f32"))
        #expect(
            mismatch {
                $0.parameters.m = 5
                $0.dimension = 3
            } == .configurationMismatch(.m, existing: "16", asked: "5"))
        #expect(mismatch { $0.dimension = 3 } == .configurationMismatch(.dimension, existing: "4", asked: "3"))
        #expect(mismatch { $0.metric = .l2 } == .configurationMismatch(.metric, existing: "cosine", asked: "l2"))
        #expect(
            mismatch { $0.model?.name = "other" }
                == .configurationMismatch(.model, existing: "default", asked: "other"))
        #expect(
            mismatch { $0.model?.contentHash = "b" }
                == .configurationMismatch(.model, existing: "default a", asked: "default b"))
        try store.close()
        #expect(try open(folder).collection("m")?.configuration.model == model.model)
    }

    @Test func theLastElementTakesTheCollectionWithIt() throws {
        let folder = TemporaryFolder()
        let store = try open(folder)
        _ = try store.upsert("e", ElementChange(vector: [1, 2, 3, 4]), in: "c", configuration: configuration)
        let first = try #require(store.collection("c"))
        #expect(try !store.remove("other", from: "c"))
        #expect(try !store.remove("e", from: "other"))
        #expect(try store.remove("e", from: "c"))
        #expect(store.collection("c") == nil && store.collectionNames == [])
        #expect(try !first.setAttributes([1], of: "e"))
        // It comes back as another one, of whatever configuration.
        let wider = CollectionConfiguration(dimension: 5, quantization: .bin, parameters: HNSWParameters(m: 8))
        _ = try store.upsert("f", ElementChange(vector: [1, 2, 3, 4, 5]), in: "c", configuration: wider)
        let second = try #require(store.collection("c"))
        #expect(try second.uid != first.uid && second.names() == ["f"])
        _ = try store.upsert("g", ElementChange(vector: [1, 2, 3, 4, 5]), in: "c", configuration: wider)
        #expect(try store.dropCollection("c"))
        #expect(try !store.dropCollection("c"))
        try store.close()
        #expect(try open(folder).collectionNames == [])
        #expect(folder.files.allSatisfy { !$0.contains("collections/") }, "\(folder.files)")
    }

    /// Threads that search, change and make checkpoints side by side.
    @Test func manyThreadsAtOnce() async throws {
        let folder = TemporaryFolder()
        let store = try open(folder) { $0.checkpointLogBytes = 20_000 }
        var random = SeededRandom(seed: SeededRandom.seed(of: 62))
        for i in 0..<200 {
            let change = ElementChange(vector: random.vector(4), thumbnail: [UInt8](repeating: 3, count: 900))
            _ = try store.upsert(ElementName("\(i)"), change, in: "c", configuration: configuration)
        }
        let configuration = configuration
        await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var random = SeededRandom(seed: SeededRandom.seed(of: UInt64(63 + worker)))
                    do {
                        for i in 0..<250 {
                            let name = ElementName("\(Int.random(in: 0..<200, using: &random))")
                            switch i % 5 {
                            case 0:
                                let change = ElementChange(
                                    vector: random.vector(4), thumbnail: [UInt8](repeating: 4, count: 900))
                                _ = try store.upsert(name, change, in: "c", configuration: configuration)
                            case 1:
                                // Also collections that come and go under several threads.
                                let brief = CollectionName("brief")
                                _ = try store.upsert(
                                    name, ElementChange(vector: [1, 2, 3, 4]), in: brief, configuration: configuration)
                                _ = try store.remove(name, from: brief)
                            case 2: _ = try store.remove(name, from: "c")
                            default:
                                let hits = try store.collection("c")?.search(random.vector(4), count: 10, ef: 40) ?? []
                                if zip(hits, hits.dropFirst()).contains(where: { $0.distance > $1.distance }) {
                                    return false
                                }
                                if let hit = hits.first { _ = try store.collection("c")?.thumbnail(of: hit.name) }
                            }
                        }
                        return true
                    } catch {
                        Issue.record("\(error)")
                        return false
                    }
                }
            }
            for await worked in group { #expect(worked) }
        }
        #expect(store.checkpointFailures.isEmpty)
        let collection = try #require(store.collection("c"))
        let report = collection.validate(thumbnails: true)
        #expect(report.isSound, "\(report)")
        let names = try collection.names()
        try store.close()
        #expect(try open(folder).collection("c")?.names() == names)
    }
}
