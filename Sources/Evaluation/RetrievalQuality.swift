#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How good a ranking is, or the mean of many: each number from 0 to 1.
///
/// Everything follows from the ranks of the matches, counted from 1 over the whole set without the query:
///
/// - **Average precision**: the mean, over the matches, of the share of matches among the results down to each. Its mean
///   over queries is mAP.
/// - **Recall at 1**: whether the first result is a match (what retrieval papers call Recall@1, not the share of all
///   matches that one result can hold).
/// - **Precision at 10**: the share of matches among the first ten results; a set with fewer pictures is divided by ten
///   all the same.
/// - **nDCG at 10**: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with gain 1 for a
///   match and the discount log2(1 + rank): the sum over the first ten, divided by that of the best ranking there is.
/// - **Reciprocal rank**: of the first match. Its mean is MRR.
public struct RetrievalQuality: Sendable, Equatable {
    /// Mean of the precisions at the matches' ranks.
    public var averagePrecision = 0.0
    /// 1 when the first result matches.
    public var recallAt1 = 0.0
    /// Matches among the first ten, divided by ten.
    public var precisionAt10 = 0.0
    /// Discounted gain of the first ten, of the best possible one.
    public var ndcgAt10 = 0.0
    /// One by the rank of the first match.
    public var reciprocalRank = 0.0

    private static let depth = 10
    /// 1 / log2(1 + rank) at rank - 1.
    private static let discounts = (1...depth).map { 1 / log2(1 + Double($0)) }

    private init() {}

    /// The quality of one ranking, from the ranks of all matches, ascending; nil when there are none.
    public init?(matchRanks ranks: [Int]) {
        guard let first = ranks.first else { return nil }
        precondition(first >= 1 && zip(ranks, ranks.dropFirst()).allSatisfy(<), "ranks ascend from 1")
        let precisions = ranks.enumerated().reduce(0.0) { $0 + Double($1.offset + 1) / Double($1.element) }
        averagePrecision = precisions / Double(ranks.count)
        recallAt1 = first == 1 ? 1 : 0
        let early = ranks.prefix { $0 <= Self.depth }
        precisionAt10 = Double(early.count) / Double(Self.depth)
        let best = Self.discounts.prefix(ranks.count).reduce(0, +)
        ndcgAt10 = early.reduce(0.0) { $0 + Self.discounts[$1 - 1] } / best
        reciprocalRank = 1 / Double(first)
    }

    /// The mean of several; nil of none.
    public static func mean(_ all: [RetrievalQuality]) -> RetrievalQuality? {
        guard !all.isEmpty else { return nil }
        func mean(_ value: (RetrievalQuality) -> Double) -> Double {
            all.reduce(0) { $0 + value($1) } / Double(all.count)
        }
        var result = RetrievalQuality()
        result.averagePrecision = mean(\.averagePrecision)
        result.recallAt1 = mean(\.recallAt1)
        result.precisionAt10 = mean(\.precisionAt10)
        result.ndcgAt10 = mean(\.ndcgAt10)
        result.reciprocalRank = mean(\.reciprocalRank)
        return result
    }
}
