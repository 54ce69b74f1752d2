import HNSW
import TestSupport
import Testing

/// Many threads at once. What they must not do is what the thread sanitizer looks for (`make soak`); here is what they
/// must bring about.
@Suite struct HNSWConcurrencyTests {
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

    @Test(arguments: Quantization.allCases)
    func aBuildFromManyThreadsIsAsGoodAsFromOne(quantization: Quantization) async throws {
        let seed = SeededRandom.seed(of: 91)
        var random = SeededRandom(seed: seed)
        let vectors = random.clusteredVectors(3000, dimension: 32, clusters: 30)
        let graph = HNSWIndex(
            dimension: 32, quantization: quantization, parameters: HNSWParameters(m: 12, efConstruction: 80))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for i in stride(from: worker, to: vectors.count, by: 4) { try graph.insert(vectors[i]) }
                }
            }
            try await group.waitForAll()
        }
        #expect(graph.count == vectors.count && graph.slotCount == vectors.count)
        let report = graph.validate()
        #expect(report.isSound, "\(report)")
        let flat = FlatIndex(sharing: graph)
        var hits = 0
        for vector in vectors.prefix(100) {
            let truth = Set(flat.search(vector, count: 10).map(\.id))
            hits += graph.search(vector, count: 10, ef: 200).count { truth.contains($0.id) }
        }
        #expect(hits >= 900, "recall \(hits) of 1000, seed \(seed)")
    }

    /// Writers add, replace and remove, each its own nodes, while readers search. A reader may miss what comes or goes; it
    /// must find what stays, never anything twice, and nothing at a distance that is not its own.
    @Test(arguments: [Quantization.f32, .int8])
    func readersFindWhatStaysWhileWritersChurn(quantization: Quantization) async throws {
        let seed = SeededRandom.seed(of: 92)
        var random = SeededRandom(seed: seed)
        let dimension = 12
        let graph = HNSWIndex(
            dimension: dimension, metric: .l2, quantization: quantization,
            parameters: HNSWParameters(m: 8, efConstruction: 60))
        // What stays lies around 0, what comes and goes far away, so that it is never in the way of the nearest.
        let staying = (0..<200).map { _ in random.vector(dimension) }
        var stayingIDs: Set<NodeID> = []
        for vector in staying { stayingIDs.insert(try graph.insert(vector)) }
        let ids = stayingIDs
        await withTaskGroup(of: Bool.self) { group in
            for writer in 0..<3 {
                group.addTask {
                    var random = SeededRandom(seed: seed &+ UInt64(writer))
                    var own: [NodeID] = []
                    func far() -> [Float] { random.vector(dimension).map { $0 + 20 * Float(writer + 1) } }
                    for _ in 0..<600 {
                        switch Int.random(in: 0..<4, using: &random) {
                        case 0, 1: if let id = try? graph.insert(far()) { own.append(id) }
                        case 2 where !own.isEmpty:
                            let at = Int.random(in: 0..<own.count, using: &random)
                            if let id = try? graph.update(own[at], to: far()) { own[at] = id }
                        default:
                            if !own.isEmpty {
                                graph.remove(own.remove(at: Int.random(in: 0..<own.count, using: &random)))
                            }
                        }
                    }
                    return own.allSatisfy(graph.contains)
                }
            }
            for reader in 0..<2 {
                group.addTask {
                    var random = SeededRandom(seed: seed &+ 10 &+ UInt64(reader))
                    var isRight = true
                    for _ in 0..<600 {
                        let index = Int.random(in: 0..<staying.count, using: &random)
                        let found = graph.search(staying[index], count: 10, ef: 60)
                        isRight = isRight && found.first?.distance == 0
                        isRight = isRight && Set(found.map(\.id)).count == found.count
                        isRight = isRight && found.allSatisfy { ids.contains($0.id) }
                    }
                    return isRight
                }
            }
            for await isRight in group { #expect(isRight, "seed \(seed)") }
        }
        let report = graph.validate()
        #expect(report.isSound, "\(report), seed \(seed)")
    }

    /// The number of a removed node is not given away while somebody may still use it.
    @Test func pinsKeepNumbers() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 93))
        let graph = HNSWIndex(dimension: 4)
        let first = try graph.insert(random.vector(4))
        try graph.insert(random.vector(4))
        try graph.pinned { () throws -> Void in
            graph.remove(first)
            #expect(!graph.contains(first))
            #expect(try graph.insert(random.vector(4)) != first)
            #expect(graph.validate().isSound)
        }
        #expect(try graph.insert(random.vector(4)) == first)
        #expect(graph.validate().isSound)
    }
}
