import HNSW
import TestSupport
import Testing

/// The graph against exhaustive search, under random changes.
@Suite struct HNSWModelTests {
    /// With `ef` at the number of nodes a search of a connected graph visits them all: the results must be those of
    /// exhaustive search, number by number.
    @Test(arguments: [(Metric.cosine, 4, 1), (.cosine, 16, 8), (.l2, 5, 3), (.dot, 4, 6), (.l2, 16, 24)])
    func randomChangesKeepTheGraphSoundAndTheWideSearchExact(metric: Metric, m: Int, dimension: Int) throws {
        let seed = SeededRandom.seed(of: UInt64(100 + m * 31 + dimension))
        var random = SeededRandom(seed: seed)
        let graph = HNSWIndex(
            dimension: dimension, metric: metric, parameters: HNSWParameters(m: m, efConstruction: 40), seed: seed)
        let flat = FlatIndex(dimension: dimension, metric: metric)
        var live: [NodeID] = []
        for step in 0..<1500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let vector = random.vector(dimension)
                let id = try graph.insert(vector)
                #expect(try flat.insert(vector) == id)
                live.append(id)
            case 5..<7 where !live.isEmpty:
                let id = live.randomElement(using: &random)!
                // Now and then the vector of another, so that there are duplicates.
                let vector =
                    Bool.random(using: &random)
                    ? random.vector(dimension) : graph.vector(live.randomElement(using: &random)!).values
                graph.update(id, to: vector)
                flat.update(id, to: vector)
            case 7..<10 where !live.isEmpty:
                // In bursts, so that it shrinks to nothing at times.
                for _ in 0..<min(live.count, Int.random(in: 1...4, using: &random)) {
                    let id = live.remove(at: Int.random(in: 0..<live.count, using: &random))
                    graph.remove(id)
                    flat.remove(id)
                }
            default: break
            }
            guard step % 25 == 0 else { continue }
            let report = graph.validate()
            try #require(report.isSound, "seed \(seed), step \(step): \(report)")
            #expect(graph.count == live.count)
            let query = random.vector(dimension)
            let found = graph.search(query, count: 10, ef: max(1, live.count))
            #expect(found == flat.search(query, count: 10), "seed \(seed), step \(step)")
            #expect(found.count == min(10, live.count))
        }
    }

    /// `FlatIndex` is what everything else is measured against, so it is measured against the definition.
    @Test(arguments: Metric.allCases)
    func theOracleAgreesWithTheDefinition(metric: Metric) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 7))
        let vectors = (0..<300).map { _ in random.vector(9) }
        let flat = FlatIndex(dimension: 9, metric: metric)
        for vector in vectors { try flat.insert(vector) }
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        for _ in 0..<20 {
            let query = random.vector(9)
            let expected = vectors.enumerated().map { index, vector -> (Double, Int) in
                switch metric {
                case .cosine:
                    let lengths = (product(query, query) * product(vector, vector)).squareRoot()
                    return (1 - product(query, vector) / lengths, index)
                case .dot: return (-product(query, vector), index)
                case .l2:
                    let difference = zip(query, vector).map { $0 - $1 }
                    return (product(difference, difference), index)
                }
            }.sorted { $0 < $1 }
            let found = flat.search(query, count: 12)
            #expect(found.map { Int($0.id.rawValue) } == expected.prefix(12).map(\.1))
            for (neighbour, (distance, _)) in zip(found, expected) {
                #expect(abs(Double(neighbour.distance) - distance) < 1e-4)
            }
        }
    }

    @Test func aFilteredSearchReturnsWhatThereIs() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 8))
        let graph = HNSWIndex(dimension: 8, parameters: HNSWParameters(m: 6, efConstruction: 40))
        for _ in 0..<800 { try graph.insert(random.vector(8)) }
        for step in [1, 2, 10, 100, 799] {
            let accepts: (NodeID) -> Bool = { Int($0.rawValue) % step == 0 }
            let matches = (0..<800).filter { $0 % step == 0 }.count
            let found = graph.search(random.vector(8), count: 20, ef: 20, filter: accepts)
            #expect(found.count == min(20, matches))
            #expect(found.allSatisfy { accepts($0.id) })
            #expect(found == found.sorted())
        }
        #expect(graph.search(random.vector(8), count: 5, ef: 5) { _ in false }.isEmpty)
    }

    @Test func theSameSeedGivesTheSameGraph() throws {
        func build(seed: UInt64) throws -> [[NodeID]] {
            var random = SeededRandom(seed: SeededRandom.seed(of: 9))
            let graph = HNSWIndex(dimension: 12, parameters: HNSWParameters(m: 8, efConstruction: 50), seed: seed)
            for i in 0..<600 {
                let id = try graph.insert(random.vector(12))
                if i % 7 == 3 { graph.remove(NodeID(rawValue: id.rawValue / 2)) }
                if i % 7 == 3 { try graph.insert(random.vector(12)) }
            }
            return (0..<UInt32(graph.slotCount)).map { NodeID(rawValue: $0) }.filter(graph.contains).flatMap { id in
                (0...graph.level(id)).map { graph.links(id, layer: $0) }
            }
        }
        let first = try build(seed: 1)
        #expect(try build(seed: 1) == first)
        #expect(try build(seed: 2) != first)
    }

    @Test func searchesRunSideBySide() async throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 10))
        let graph = HNSWIndex(dimension: 16)
        for _ in 0..<2000 { try graph.insert(random.vector(16)) }
        let queries = (0..<200).map { _ in random.vector(16) }
        let expected = queries.map { graph.search($0, count: 5, ef: 30) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask { queries.map { graph.search($0, count: 5, ef: 30) } == expected }
            }
            for await same in group { #expect(same) }
        }
    }
}
