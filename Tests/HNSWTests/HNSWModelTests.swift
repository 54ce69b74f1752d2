import HNSW
import TestSupport
import Testing

/// The graph against exhaustive search, under random changes.
@Suite struct HNSWModelTests {
    struct Case: CustomTestStringConvertible {
        var metric: Metric
        var quantization: Quantization
        var m: Int
        var dimension: Int
        /// Whether vectors are integers, which int8 keeps exactly under L2 and dot.
        var isWhole = false

        var testDescription: String { "\(metric) \(quantization) m \(m) d \(dimension)\(isWhole ? " whole" : "")" }
    }

    static let cases = [
        Case(metric: .cosine, quantization: .f32, m: 4, dimension: 1),
        Case(metric: .cosine, quantization: .f32, m: 16, dimension: 8),
        Case(metric: .l2, quantization: .f32, m: 5, dimension: 3),
        Case(metric: .dot, quantization: .f32, m: 4, dimension: 6),
        Case(metric: .l2, quantization: .f32, m: 16, dimension: 24),
        Case(metric: .cosine, quantization: .int8, m: 4, dimension: 7),
        Case(metric: .l2, quantization: .int8, m: 16, dimension: 33),
        Case(metric: .l2, quantization: .int8, m: 6, dimension: 40, isWhole: true),
        Case(metric: .dot, quantization: .int8, m: 8, dimension: 130, isWhole: true),
        Case(metric: .dot, quantization: .int8, m: 5, dimension: 64),
        Case(metric: .cosine, quantization: .bin, m: 8, dimension: 70),
        Case(metric: .dot, quantization: .bin, m: 4, dimension: 9),
    ]

    /// With `ef` at the number of nodes a search of a connected graph visits them all. Where codes are exact, the results
    /// must then be those of exhaustive search, number by number; where they are not, as many, and each at the distance
    /// that exhaustive search gives it.
    @Test(arguments: cases)
    func randomChangesKeepTheGraphSoundAndTheWideSearchExact(of test: Case) throws {
        let seed = SeededRandom.seed(of: UInt64(100 + test.m * 31 + test.dimension))
        var random = SeededRandom(seed: seed)
        let graph = HNSWIndex(
            dimension: test.dimension, metric: test.metric, quantization: test.quantization,
            parameters: HNSWParameters(m: test.m, efConstruction: 40), seed: seed)
        let flat = FlatIndex(sharing: graph)
        var model: [NodeID: [Float]] = [:]
        func vector() -> [Float] {
            test.isWhole
                ? (0..<test.dimension).map { _ in Float(Int.random(in: 0...127, using: &random)) }
                : random.vector(test.dimension)
        }
        func anyNode() -> NodeID { model.keys.sorted().randomElement(using: &random)! }
        for step in 0..<1200 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let vector = vector()
                let id = try graph.insert(vector)
                #expect(model.updateValue(vector, forKey: id) == nil, "a number that is in use was given out")
            case 5..<7 where !model.isEmpty:
                let id = anyNode()
                // Now and then the vector of another, so that there are duplicates, or its own.
                let vector = Bool.random(using: &random) ? vector() : model[anyNode()]!
                let new = try graph.update(id, to: vector)
                model[id] = nil
                #expect(model.updateValue(vector, forKey: new) == nil)
            case 7..<10 where !model.isEmpty:
                // In bursts, so that it shrinks to nothing at times.
                for _ in 0..<min(model.count, Int.random(in: 1...4, using: &random)) {
                    let id = anyNode()
                    graph.remove(id)
                    model[id] = nil
                }
            default: break
            }
            guard step % 25 == 0 else { continue }
            let report = graph.validate()
            try #require(report.isSound, "seed \(seed), step \(step): \(report)")
            #expect(graph.count == model.count)
            let query = vector()
            let found = graph.search(query, count: 10, ef: max(1, model.count))
            let truth = flat.search(query, count: max(1, model.count))
            #expect(Set(truth.map(\.id)) == Set(model.keys), "seed \(seed), step \(step)")
            #expect(found.count == min(10, model.count))
            if test.quantization == .f32 || test.isWhole {
                #expect(found == Array(truth.prefix(10)), "seed \(seed), step \(step)")
            } else {
                #expect(Set(found).isSubset(of: truth), "seed \(seed), step \(step)")
            }
            for neighbour in truth {
                let expected = Self.distance(query, model[neighbour.id]!, test.metric)
                let error = abs(Double(neighbour.distance) - expected)
                #expect(error < 1e-5 * max(1, abs(expected)), "seed \(seed), step \(step)")
            }
        }
    }

    static func distance(_ a: [Float], _ b: [Float], _ metric: Metric) -> Double {
        func product(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        switch metric {
        case .cosine: return 1 - product(a, b) / (product(a, a) * product(b, b)).squareRoot()
        case .dot: return -product(a, b)
        case .l2:
            let difference = zip(a, b).map { $0 - $1 }
            return product(difference, difference)
        }
    }

    /// `FlatIndex` is what everything else is measured against, so it is measured against the definition.
    @Test(arguments: Metric.allCases)
    func theOracleAgreesWithTheDefinition(metric: Metric) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 7))
        let vectors = (0..<300).map { _ in random.vector(9) }
        let flat = FlatIndex(dimension: 9, metric: metric)
        for vector in vectors { try flat.insert(vector) }
        for _ in 0..<20 {
            let query = random.vector(9)
            let expected = vectors.enumerated().map { (Self.distance(query, $1, metric), $0) }.sorted { $0 < $1 }
            let found = flat.search(query, count: 12)
            #expect(found.map { Int($0.id.rawValue) } == expected.prefix(12).map(\.1))
            for (neighbour, (distance, _)) in zip(found, expected) {
                #expect(abs(Double(neighbour.distance) - distance) < 1e-4)
            }
        }
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
}
