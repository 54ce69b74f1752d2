import HNSW

/// How good results are.
package enum Recall {
    /// How many of the results are among the true ones, each counted once, and the results that are not.
    package static func hits(_ found: [UInt32], _ truth: [UInt32]) -> (right: Int, others: [UInt32]) {
        let wanted = Set(truth)
        var seen = Set<UInt32>()
        var right = 0
        var others: [UInt32] = []
        for id in found where seen.insert(id).inserted {
            if wanted.contains(id) { right += 1 } else { others.append(id) }
        }
        return (right, others)
    }

    /// The distance of two vectors in double precision, to tell whether two of them are equally far. Exact for whole
    /// numbers such as those of .bvecs files, and the same for equal vectors.
    package static func distance(_ a: [Float], _ b: [Float], _ metric: Metric) -> Double {
        precondition(a.count == b.count)
        switch metric {
        case .l2:
            return zip(a, b).reduce(0) { sum, pair in
                let difference = Double(pair.0) - Double(pair.1)
                return sum + difference * difference
            }
        case .dot: return -product(a, b)
        case .cosine:
            let lengths = product(a, a).squareRoot() * product(b, b).squareRoot()
            return lengths > 0 ? 1 - product(a, b) / lengths : 1
        }
    }

    private static func product(_ a: [Float], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
}

/// Percentiles by the nearest rank: a value that was measured, no mean of two.
package enum Percentile {
    /// The smallest value that at least `share` of the values do not exceed. `sorted` ascends and is not empty.
    package static func of<Value>(_ sorted: [Value], _ share: Double) -> Value {
        precondition(!sorted.isEmpty && (0...1).contains(share))
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}
