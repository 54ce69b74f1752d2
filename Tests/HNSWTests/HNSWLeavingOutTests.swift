import HNSW
import TestSupport
import Testing

/// Searches that pass over one node.
@Suite struct HNSWLeavingOutTests {
    private func index(
        _ vectors: [[Float]], metric: Metric = .l2, m: Int = 8
    ) throws -> (graph: HNSWIndex, ids: [NodeID]) {
        let graph = HNSWIndex(
            dimension: vectors[0].count, metric: metric, quantization: .f32,
            parameters: HNSWParameters(m: m, efConstruction: 40))
        var ids: [NodeID] = []
        for vector in vectors { ids.append(try graph.insert(vector)) }
        return (graph, ids)
    }

    /// Every node in turn, the entry point among them: never found, and as wide as the graph all others are.
    @Test(arguments: [1, 2, 3, 12, 300], Metric.allCases) func theNodeIsNeverFound(_ size: Int, _ metric: Metric) throws
    {
        let seed = SeededRandom.seed(of: 51)
        var random = SeededRandom(seed: seed)
        let vectors = (0..<size).map { _ in random.vector(8) }
        let (graph, ids) = try index(vectors, metric: metric, m: 4)
        for (id, vector) in zip(ids, vectors) {
            let narrow = graph.search(vector, count: 3, ef: 3, leavingOut: id)
            #expect(!narrow.contains { $0.id == id } && narrow.count == min(3, size - 1), "seed \(seed)")
            for count in [1, 3, size, size + 5] {
                let found = graph.search(vector, count: count, ef: size, leavingOut: id)
                let expected = FlatIndex(sharing: graph).search(vector, count: count) { $0 != id }
                #expect(found.map(\.distance) == expected.map(\.distance), "seed \(seed), count \(count)")
                #expect(Set(found.map(\.id)).count == found.count && !found.contains { $0.id == id })
            }
            // What is passed over once is there again for whoever searches next.
            #expect(graph.search(vector, count: size, ef: size).contains { $0.id == id })
        }
    }

    /// Many equals hang on few nodes: without one of those the walk ends early, and must be made again.
    @Test func whatANodeHoldsTogetherIsFoundAllTheSame() throws {
        let vectors = [[Float]](repeating: [1, 2, 3], count: 150) + (0..<50).map { [Float($0), 5, -1] }
        let (graph, ids) = try index(vectors, m: 4)
        for (id, vector) in zip(ids, vectors) {
            let found = graph.search(vector, count: 10, ef: vectors.count, leavingOut: id)
            let expected = FlatIndex(sharing: graph).search(vector, count: 10) { $0 != id }
            #expect(found.map(\.distance) == expected.map(\.distance))
        }
    }

    /// The point of it: a vector of the graph, left out, finds about what one that was never in it does, or a little
    /// less; when it is only taken out of its results, it finds more.
    @Test func itFindsNoMoreThanAStrangerFinds() throws {
        let seed = SeededRandom.seed(of: 52)
        var random = SeededRandom(seed: seed)
        let vectors = random.clusteredVectors(6200, dimension: 32, clusters: 60)
        let (graph, ids) = try index(Array(vectors[..<6000]))
        func recall(_ queries: [[Float]], _ truth: (Int) -> [Neighbour], _ search: (Int) -> [Neighbour]) -> Double {
            let hits = queries.indices.reduce(0) { sum, query in
                sum + Set(truth(query).map(\.id)).intersection(search(query).map(\.id)).count
            }
            return Double(hits) / Double(10 * queries.count)
        }
        let flat = FlatIndex(sharing: graph)
        let strangers = Array(vectors[6000...])
        let stranger = recall(
            strangers, { flat.search(strangers[$0], count: 10) },
            { graph.search(strangers[$0], count: 10, ef: 10) })
        let members = Array(vectors[..<200])
        func others(_ query: Int) -> [Neighbour] { flat.search(members[query], count: 10) { $0 != ids[query] } }
        let leftOut = recall(members, others) { graph.search(members[$0], count: 10, ef: 10, leavingOut: ids[$0]) }
        let kept = recall(members, others) { query in
            graph.search(members[query], count: 11, ef: 11).filter { $0.id != ids[query] }
        }
        #expect(kept > stranger, "\(kept), \(stranger), seed \(seed): nothing is told by it")
        #expect((stranger - 0.06..<stranger + 0.02).contains(leftOut), "\(leftOut), \(stranger), seed \(seed)")
    }
}
