import HNSW
import TestSupport
import Testing

/// Search among some of the nodes.
@Suite struct HNSWFilterTests {
    private static func set(_ ids: some Sequence<Int>, of total: Int) -> NodeSet {
        var words = [UInt64](repeating: 0, count: (total + 63) / 64)
        var count = 0
        for id in ids {
            words[id / 64] |= 1 << UInt64(id % 64)
            count += 1
        }
        return NodeSet(words: words, count: count)
    }

    @Test(arguments: Quantization.allCases)
    func itReturnsAsManyAsThereAre(quantization: Quantization) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 8))
        let graph = HNSWIndex(
            dimension: 8, quantization: quantization, parameters: HNSWParameters(m: 6, efConstruction: 40))
        for _ in 0..<800 { try graph.insert(random.vector(8)) }
        for step in [1, 2, 10, 100, 799, 800] {
            let wanted = Self.set(Swift.stride(from: 0, to: 800, by: step), of: 800)
            for ef in [1, 20, 900] {
                let query = random.vector(8)
                let found = graph.search(for: .vector(query), among: wanted, count: 20, ef: ef)
                #expect(found.count == min(20, wanted.count))
                #expect(found.allSatisfy { Int($0.id.rawValue) % step == 0 })
                #expect(found == found.sorted() && Set(found.map(\.id)).count == found.count)
            }
        }
        #expect(graph.search(for: .vector(random.vector(8)), among: Self.set([], of: 800), count: 5, ef: 5).isEmpty)
        // Numbers that no node has are nobody's.
        let beyond = NodeSet(words: [0b11] + [UInt64](repeating: 0, count: 30) + [.max], count: 66)
        #expect(graph.search(for: .vector(random.vector(8)), among: beyond, count: 70, ef: 70).count == 2)
    }

    /// A filter that goes with the query, one that goes against it (only what is far from the query is wanted) and one
    /// that has nothing to do with it: whichever way the plan goes, the nearest of the wanted are found.
    @Test(arguments: [1.0, 0.5, 0.1, 0.01, 0.001])
    func recallDoesNotDependOnTheFilter(share: Double) throws {
        let seed = SeededRandom.seed(of: 81)
        var random = SeededRandom(seed: seed)
        let total = 4000
        let graph = HNSWIndex(dimension: 24, parameters: HNSWParameters(m: 12, efConstruction: 80))
        for vector in random.clusteredVectors(total, dimension: 24, clusters: 25) { try graph.insert(vector) }
        let flat = FlatIndex(sharing: graph)
        for kind in ["with", "against", "beside"] {
            var hits = 0
            var due = 0
            for _ in 0..<20 {
                let query = graph.vector(NodeID(rawValue: UInt32.random(in: 0..<UInt32(total), using: &random))).values
                let order = flat.search(query, count: total).map { Int($0.id.rawValue) }
                let many = max(1, Int(Double(total) * share))
                let some =
                    switch kind {
                    case "with": Array(order.prefix(many))
                    case "against": Array(order.suffix(many))
                    default: Array(order.shuffled(using: &random).prefix(many))
                    }
                let wanted = Set(some)
                let truth = Set(flat.search(query, count: 10) { wanted.contains(Int($0.rawValue)) }.map(\.id))
                let found = graph.search(
                    for: .vector(query), among: Self.set(some, of: total), count: 10, ef: 100)
                #expect(found.count == truth.count)
                due += truth.count
                hits += found.count { truth.contains($0.id) }
            }
            #expect(Double(hits) >= 0.95 * Double(due), "\(kind) at \(share): \(hits) of \(due), seed \(seed)")
        }
    }

    @Test func aWalkGivesUpWhereItShould() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 82))
        let graph = HNSWIndex(dimension: 6, parameters: HNSWParameters(m: 6, efConstruction: 40))
        for _ in 0..<500 { try graph.insert(random.vector(6)) }
        let query = SearchTarget.vector(random.vector(6))
        #expect(graph.walk(for: query, count: 5, ef: 20, budget: 3) { _ in true } == nil)
        #expect(graph.walk(for: query, count: 5, ef: 20, budget: 5000) { _ in false } == nil)
        #expect(graph.walk(for: query, count: 5, ef: 500, budget: 5000) { $0 % 2 == 0 }?.count == 5)
        // With a limit that lets it compare nothing, all the wanted are compared instead.
        let wanted = Self.set(0..<500, of: 500)
        let limited = graph.search(for: query, among: wanted, count: 5, ef: 5, walkLimit: 0)
        #expect(limited.count == 5)
    }

    @Test func thePlanFollowsTheCounts() {
        #expect(HNSWIndex.plan(matches: 0, of: 100_000, ef: 100) == .scan)
        #expect(HNSWIndex.plan(matches: 1000, of: 100_000, ef: 100) == .scan)
        #expect(HNSWIndex.plan(matches: 100_000, of: 100_000, ef: 100) == .walk(budget: 100_000))
        #expect(HNSWIndex.plan(matches: 100_000, of: 100_000, ef: 100_000) == .scan)
    }
}
