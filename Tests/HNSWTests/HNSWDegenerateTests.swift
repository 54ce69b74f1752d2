import HNSW
import TestSupport
import Testing

@Suite struct HNSWDegenerateTests {
    @Test func oneVectorAThousandTimes() throws {
        let graph = HNSWIndex(dimension: 6, parameters: HNSWParameters(m: 4, efConstruction: 20))
        var random = SeededRandom(seed: SeededRandom.seed(of: 31))
        let vector = random.vector(6)
        for _ in 0..<1000 { try graph.insert(vector) }
        #expect(graph.validate().isSound, "\(graph.validate())")
        #expect(graph.search(vector, count: 1000, ef: 1000).count == 1000)
        // Another one must still be reached behind the crowd; a narrow search may tire of equals before it gets there.
        let other = try graph.insert(vector.map { -$0 })
        #expect(graph.search(vector.map { -$0 }, count: 1, ef: 1001).first?.id == other)
        for id in stride(from: 0, to: 1000, by: 2) { graph.remove(NodeID(rawValue: UInt32(id))) }
        #expect(graph.validate().isSound, "\(graph.validate())")
        #expect(graph.search(vector, count: 1000, ef: 1000).count == 501)
    }

    @Test func zeroVectorsAreHalfwayToEverything() throws {
        let graph = HNSWIndex(dimension: 3)
        let zero = try graph.insert([0, 0, 0])
        let one = try graph.insert([0, 2, 0])
        #expect(graph.vector(zero).values == [0, 0, 0])
        #expect(graph.vector(zero).norm == 1)
        #expect(graph.vector(one).values == [0, 1, 0])
        #expect(graph.vector(one).norm == 2)
        let found = graph.search([0, 0, 0], count: 5, ef: 5)
        #expect(found.map(\.distance) == [1, 1])
        #expect(graph.search([0, 3, 0], count: 5, ef: 5).map(\.id) == [one, zero])
        for _ in 0..<200 { try graph.insert([0, 0, 0]) }
        #expect(graph.validate().isSound)
    }

    @Test func tinyAndHugeVectorsHaveADirection() throws {
        let graph = HNSWIndex(dimension: 2)
        let tiny = try graph.insert([1e-30, 1e-30])
        let huge = try graph.insert([-2e38, 1e38])
        #expect(abs(graph.vector(tiny).values[0] - 0.70710678) < 1e-6)
        #expect(abs(graph.vector(huge).norm - 2.236068e38) < 1e33)
        #expect(graph.search([1, 1], count: 1, ef: 1).first?.id == tiny)
        #expect(VectorCheck.fault(in: [1, .nan]) != nil)
        #expect(VectorCheck.fault(in: [1, -.infinity]) != nil)
        #expect(VectorCheck.fault(in: [3e38, 3e38]) != nil)
        #expect(VectorCheck.fault(in: [0, 0]) == nil)
    }

    /// The length of a subnormal vector has too few bits as a float to be divided by.
    @Test func subnormalVectorsBecomeUnitVectors() throws {
        let graph = HNSWIndex(dimension: 2)
        let tiny = try graph.insert([.leastNonzeroMagnitude, .leastNonzeroMagnitude])
        let near = try graph.insert([3, 4])
        let values = graph.vector(tiny).values
        #expect(abs(values[0] - 0.70710678) < 1e-6 && values[0] == values[1])
        #expect(graph.vector(tiny).norm > 0)
        #expect(graph.search([3, 4], count: 2, ef: 2).map(\.id) == [near, tiny])
        for exponent in -149...(-120) {
            var random = SeededRandom(seed: UInt64(1000 + exponent))
            let wide = HNSWIndex(dimension: 7)
            let scale = Float(sign: .plus, exponent: exponent, significand: 1)
            let id = try wide.insert(random.vector(7).map { ($0 * 8).rounded() * scale })
            let length = wide.vector(id).values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            #expect(abs(length - 1) < 1e-6, "exponent \(exponent)")
        }
    }

    /// What is subtracted from all vectors of a collection is decided by its first: only one that looks like bytes does.
    @Test(arguments: [[Float](repeating: 0, count: 16), [1] + [Float](repeating: 0, count: 15)])
    func aPoorFirstVectorDoesNotSpoilTheCode(first: [Float]) throws {
        let seed = SeededRandom.seed(of: 36)
        var random = SeededRandom(seed: seed)
        let graph = HNSWIndex(dimension: 16, metric: .l2, quantization: .int8)
        try graph.insert(first)
        let vectors = (0..<1500).map { _ in random.vector(16).map { 0.3 * $0 } }
        for vector in vectors { try graph.insert(vector) }
        let flat = FlatIndex(sharing: graph)
        var hits = 0
        for vector in vectors.prefix(50) {
            let truth = Set(flat.search(vector, count: 10).map(\.id))
            hits += graph.search(vector, count: 10, ef: 200).count { truth.contains($0.id) }
        }
        #expect(hits >= 480, "\(hits) of 500, seed \(seed)")
    }

    /// Distances between integers are exact under L2 and int8 whatever else the collection holds, and however large.
    @Test func integersStayExactBesideOthers() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 37))
        let graph = HNSWIndex(dimension: 2048, metric: .l2, quantization: .int8)
        var vector = (0..<2048).map { _ in Float(Int.random(in: 0...255, using: &random)) }
        vector[7] = 100
        let id = try graph.insert(vector)
        try graph.insert((0..<2048).map { _ in Float.random(in: 0...255, using: &random) })
        vector[7] = 101
        #expect(graph.search(vector, count: 1, ef: 10) == [Neighbour(id: id, distance: 1)])
        #expect(graph.vector(id).values[7] == 100)
    }

    @Test func oneDimension() throws {
        let graph = HNSWIndex(dimension: 1, metric: .l2, parameters: HNSWParameters(m: 4, efConstruction: 30))
        for i in 0..<500 { try graph.insert([Float((i * 37) % 500)]) }
        #expect(graph.validate().isSound)
        let found = graph.search([250.2], count: 3, ef: 50).map { graph.vector($0.id).values[0] }
        #expect(found == [250, 251, 249])
        // Under cosine there are only two directions.
        let directions = HNSWIndex(dimension: 1, parameters: HNSWParameters(m: 4, efConstruction: 30))
        for i in 0..<300 { try directions.insert([Float(i % 2 == 0 ? 5 : -7)]) }
        #expect(directions.validate().isSound)
        #expect(directions.search([1], count: 300, ef: 300).count == 300)
    }

    @Test func theHighestDimension() throws {
        let dimension = HNSWIndex.dimensionRange.upperBound
        var random = SeededRandom(seed: SeededRandom.seed(of: 32))
        let graph = HNSWIndex(dimension: dimension, parameters: HNSWParameters(m: 4, efConstruction: 10))
        let vectors = (0..<12).map { _ in
            (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
        }
        for vector in vectors { try graph.insert(vector) }
        for (i, vector) in vectors.enumerated() {
            #expect(graph.search(vector, count: 1, ef: 12).first?.id.rawValue == UInt32(i))
        }
        #expect(graph.validate().isSound)
    }

    @Test func manyLinks() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 33))
        let graph = HNSWIndex(dimension: 4, parameters: HNSWParameters(m: 4096, efConstruction: 50))
        for _ in 0..<150 { try graph.insert(random.vector(4)) }
        for id in 0..<75 { graph.remove(NodeID(rawValue: UInt32(id))) }
        #expect(graph.validate().isSound)
        #expect(graph.count == 75)
    }

    @Test func emptyAndBackAgain() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 34))
        let graph = HNSWIndex(dimension: 5, parameters: HNSWParameters(m: 4, efConstruction: 20))
        #expect(graph.search(random.vector(5), count: 3, ef: 3).isEmpty)
        for _ in 0..<3 {
            let ids = try (0..<300).map { _ in try graph.insert(random.vector(5)) }
            for id in ids.shuffled(using: &random) {
                graph.remove(id)
                if id.rawValue % 16 == 0 { try #require(graph.validate().isSound, "\(graph.validate())") }
            }
            #expect(graph.count == 0 && graph.maxLevel == 0)
            #expect(graph.validate().isSound)
        }
        #expect(graph.slotCount == 300)
    }

    @Test func searchingAroundANodeFindsItFirst() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 35))
        let graph = HNSWIndex(dimension: 10)
        let ids = try (0..<200).map { _ in try graph.insert(random.vector(10)) }
        for id in ids {
            let found = graph.search(like: id, count: 3, ef: 30)
            #expect(found.first?.id == id)
            #expect(found == FlatIndex(sharing: graph).search(for: .node(id), count: 3))
        }
    }
}
