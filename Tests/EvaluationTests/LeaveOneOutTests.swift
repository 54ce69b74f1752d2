import Evaluation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Every query against a second way to the same figures: sort by cosine, walk down, add up.
@Suite("Leave one out")
struct LeaveOneOutTests {
    private struct Figures: Equatable {
        var map = 0.0
        var first = 0.0
        var ten = 0.0
        var gain = 0.0
        var reciprocal = 0.0
    }

    /// The figures of one query by their definitions, nil when nothing matches.
    private func oracle(_ query: Int, _ images: [LabelledImages.Image], _ vectors: [[Float]]) -> Figures? {
        func score(_ other: Int) -> Double {
            zip(vectors[query], vectors[other]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let scores = images.indices.map(score)
        let order = images.indices.filter { $0 != query }.sorted { a, b in
            scores[a] == scores[b] ? a < b : scores[a] > scores[b]
        }
        let isMatch = order.map { other in
            images[query].group.isEmpty
                ? images[other].label == images[query].label : images[other].group == images[query].group
        }
        let total = isMatch.filter { $0 }.count
        guard total > 0 else { return nil }
        var figures = Figures()
        var found = 0
        for (index, matches) in isMatch.enumerated() where matches {
            found += 1
            figures.map += Double(found) / Double(index + 1) / Double(total)
            if index == 0 { figures.first = 1 }
            if index < 10 {
                figures.ten += 0.1
                figures.gain += 1 / log2(Double(index + 2))
            }
            if figures.reciprocal == 0 { figures.reciprocal = 1 / Double(index + 1) }
        }
        figures.gain /= (0..<min(10, total)).reduce(0.0) { $0 + 1 / log2(Double($1 + 2)) }
        return figures
    }

    @Test(arguments: [UInt64(11), 12, 13, 14])
    func agreesWithTheDefinitions(seed: UInt64) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: seed))
        let count = Int.random(in: 2...90, using: &random)
        let dimension = Int.random(in: 1...40, using: &random)
        var images: [LabelledImages.Image] = []
        var vectors: [[Float]] = []
        for _ in 0..<count {
            let group = Bool.random(using: &random) ? [UInt8.random(in: 65...80, using: &random)] : []
            images.append(.init(path: [], label: [UInt8.random(in: 97...105, using: &random)], group: group))
            let vector = (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            vectors.append(vector.map { $0 / max(length, 1e-6) })
        }
        // Equal pictures: their order is that of the set.
        if count > 3 { vectors[3] = vectors[1] }
        let found = LeaveOneOut.rate(images, vectors)
        for query in images.indices {
            let expected = oracle(query, images, vectors)
            #expect((found[query] == nil) == (expected == nil), "seed \(seed), query \(query)")
            guard let quality = found[query], let expected else { continue }
            // In one dimension all scores are plus or minus one but for rounding, which the oracle does otherwise.
            guard dimension > 1 else { continue }
            for (a, b) in [
                (quality.averagePrecision, expected.map), (quality.recallAt1, expected.first),
                (quality.precisionAt10, expected.ten), (quality.ndcgAt10, expected.gain),
                (quality.reciprocalRank, expected.reciprocal),
            ] {
                #expect(abs(a - b) < 1e-9, "seed \(seed), query \(query)")
            }
        }
    }

    @Test func aSetOfOneAndOfNone() {
        #expect(LeaveOneOut.rate([], []).isEmpty)
        #expect(LeaveOneOut.rate([.init(path: [], label: [1])], [[1, 0]]) == [nil])
    }

    @Test func groupsGoBeforeLabels() {
        let a = LabelledImages.Image(path: [], label: [1], group: [7])
        let b = LabelledImages.Image(path: [], label: [2], group: [7])
        let c = LabelledImages.Image(path: [], label: [1])
        #expect(a.matches(b) && !a.matches(c) && c.matches(a) && !b.matches(c))
    }
}
