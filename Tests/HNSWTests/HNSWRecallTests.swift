import HNSW
import TestSupport
import Testing

@Suite struct HNSWRecallTests {
    private func recall(_ graph: HNSWIndex, _ queries: [[Float]], ef: Int) -> Double {
        let flat = FlatIndex(sharing: graph)
        let hits = queries.reduce(0) { sum, query in
            let truth = Set(flat.search(query, count: 10).map(\.id))
            return sum + graph.search(query, count: 10, ef: ef).count { truth.contains($0.id) }
        }
        return Double(hits) / Double(10 * queries.count)
    }

    @Test func clusteredDataAreFoundBeforeAndAfterChurn() throws {
        let seed = SeededRandom.seed(of: 21)
        var random = SeededRandom(seed: seed)
        let vectors = random.clusteredVectors(6000, dimension: 32, clusters: 40)
        let graph = HNSWIndex(dimension: 32, parameters: HNSWParameters(m: 16, efConstruction: 100))
        for vector in vectors[..<4000] { try graph.insert(vector) }
        let queries = (0..<100).map { _ in
            zip(vectors.randomElement(using: &random)!, random.vector(32)).map { $0 + 0.2 * $1 }
        }
        let fresh = recall(graph, queries, ef: 100)
        #expect(fresh >= 0.95, "recall \(fresh), seed \(seed)")
        // Half of what there is goes and comes, twice over.
        for round in 0..<2 {
            var order = Array(0..<4000)
            order.shuffle(using: &random)
            for id in order[..<2000] { graph.remove(NodeID(rawValue: UInt32(id))) }
            let report = graph.validate()
            #expect(report.isSound, "\(report)")
            for i in 0..<2000 { try graph.insert(vectors[round * 2000 + i]) }
        }
        #expect(graph.slotCount == 4000, "freed records are used again")
        let report = graph.validate()
        #expect(report.unreachable == 0 && report.issues.isEmpty, "\(report)")
        let churned = recall(graph, queries, ef: 100)
        #expect(churned >= 0.95, "recall after churn \(churned), seed \(seed)")
    }

    @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
    func photographsDescriptorsAreFound() throws {
        let base = try SharedData.byteVectors("vectors/base.bvecs", limit: 20_000)
        let queries = try SharedData.byteVectors("vectors/queries.bvecs", limit: 200)
        let graph = HNSWIndex(dimension: base[0].count, metric: .l2)
        let clock = ContinuousClock()
        let build = try clock.measure { for vector in base { try graph.insert(vector) } }
        var found = 0.0
        let search = clock.measure { for query in queries { _ = graph.search(query, count: 10, ef: 100) } }
        found = recall(graph, queries, ef: 100)
        print("\(base.count) vectors built in \(build), \(queries.count) queries in \(search), recall \(found)")
        #expect(found >= 0.95)
        #expect(graph.validate().isSound)
    }
}
