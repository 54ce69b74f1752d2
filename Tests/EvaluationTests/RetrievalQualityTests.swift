import Evaluation
import Testing

/// Figures worked out by hand.
@Suite("What a ranking is worth")
struct RetrievalQualityTests {
    private func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }

    @Test func aPerfectRanking() throws {
        let quality = try #require(RetrievalQuality(matchRanks: [1, 2, 3]))
        #expect(quality.averagePrecision == 1 && quality.recallAt1 == 1 && quality.reciprocalRank == 1)
        #expect(close(quality.ndcgAt10, 1))
        #expect(close(quality.precisionAt10, 0.3), "of ten, though there are only three")
    }

    @Test func matchesAtOneAndThree() throws {
        let quality = try #require(RetrievalQuality(matchRanks: [1, 3]))
        // (1/1 + 2/3) / 2
        #expect(close(quality.averagePrecision, 5.0 / 6))
        #expect(quality.recallAt1 == 1)
        #expect(close(quality.precisionAt10, 0.2))
        // (1 + 1/2) / (1 + 1/log2 3)
        #expect(close(quality.ndcgAt10, 1.5 / (1 + 0.630_929_753_571_457_4)))
        #expect(quality.reciprocalRank == 1)
    }

    @Test func matchesFarBack() throws {
        let quality = try #require(RetrievalQuality(matchRanks: [4, 20]))
        // (1/4 + 2/20) / 2
        #expect(close(quality.averagePrecision, 0.175))
        #expect(quality.recallAt1 == 0)
        #expect(close(quality.precisionAt10, 0.1))
        // (1/log2 5) / (1 + 1/log2 3)
        #expect(close(quality.ndcgAt10, 0.430_676_558_073_393_06 / 1.630_929_753_571_457_4))
        #expect(quality.reciprocalRank == 0.25)
    }

    /// With more than ten matches the best there is has ten among the first ten.
    @Test func moreMatchesThanTen() throws {
        let quality = try #require(RetrievalQuality(matchRanks: Array(1...15)))
        #expect(close(quality.ndcgAt10, 1) && quality.precisionAt10 == 1 && quality.averagePrecision == 1)
        let none = try #require(RetrievalQuality(matchRanks: [11]))
        #expect(none.ndcgAt10 == 0 && none.precisionAt10 == 0 && close(none.averagePrecision, 1.0 / 11))
    }

    @Test func nothingMatches() { #expect(RetrievalQuality(matchRanks: []) == nil) }

    @Test func theMean() throws {
        let a = try #require(RetrievalQuality(matchRanks: [1]))
        let b = try #require(RetrievalQuality(matchRanks: [2]))
        let mean = try #require(RetrievalQuality.mean([a, b]))
        #expect(mean.averagePrecision == 0.75 && mean.recallAt1 == 0.5 && mean.reciprocalRank == 0.75)
        #expect(RetrievalQuality.mean([]) == nil)
    }
}
