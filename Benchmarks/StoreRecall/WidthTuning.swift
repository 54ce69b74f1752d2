/// Looks for the narrowest search that finds enough.
///
/// Recall grows with the width of the search, so the width is doubled until it is enough, and then halved in on between
/// the last that was not and the first that was. Growth is not strict: a wider search may, rarely, find a neighbour
/// less. What is returned was measured and is enough, and the width one below it was measured and is not, or is below
/// the range; there may be a smaller one further down that happens to be enough as well.
package enum WidthTuning {
    /// The widest search that is tried. A collection in which this finds too little needs another graph; and a search
    /// that looks at that many is slower than some applications' exact ones.
    package static let limit = 16_384

    /// What came of it.
    package enum Outcome: Equatable, Sendable {
        /// The width, and its recall.
        case reached(ef: Int, recall: Double)
        /// The best of those tried.
        case missed(ef: Int, recall: Double)
    }

    /// The smallest width in a range with at least that recall.
    /// - Parameter recall: of a width. Asked some twenty-five times at most, never twice for the same width.
    package static func smallest<Failure: Error>(
        in range: ClosedRange<Int>, reaching target: Double, recall: (Int) throws(Failure) -> Double
    ) throws(Failure) -> Outcome {
        precondition(range.lowerBound > 0)
        var insufficient = range.lowerBound - 1
        var best = (ef: range.lowerBound, recall: -1.0)
        var ef = range.lowerBound
        while true {
            let found = try recall(ef)
            if found > best.recall { best = (ef, found) }
            if found >= target { break }
            if ef == range.upperBound { return .missed(ef: best.ef, recall: best.recall) }
            insufficient = ef
            ef = ef > range.upperBound / 2 ? range.upperBound : 2 * ef
        }
        var enough = (ef: ef, recall: best.recall)
        while enough.ef - insufficient > 1 {
            let middle = insufficient + (enough.ef - insufficient) / 2
            let found = try recall(middle)
            if found >= target { enough = (middle, found) } else { insufficient = middle }
        }
        return .reached(ef: enough.ef, recall: enough.recall)
    }
}
