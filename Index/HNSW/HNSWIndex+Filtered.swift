import CVectorKernels

/// Search among some of the nodes.
///
/// There are two ways. A *walk* searches the graph as ever, through nodes that are not wanted too, and keeps those that
/// are: it ends when it holds `ef` of them nearer than anything left, and so compares about ef / s nodes times the links
/// of one, with s the share that is wanted. It finds what a plain search would find, but has to walk far where what is
/// wanted is not near the query. A *scan* compares the wanted nodes, all n s of them, and is exact.
///
/// The cheaper is chosen by count, and a walk that has compared as many nodes as the scan would is broken off for the
/// scan: whatever the filter, and however it goes with the query, a search makes at most about twice as many comparisons as
/// the cheaper way, and returns the nearest `count` of those wanted, or all of them. (A comparison of a walk takes up to
/// four times as long as one of a scan, which the plan does not weigh yet: a walk in vain costs that much more.)
///
/// Measured against the alternatives: Redis gives up after `FILTER-EF` nodes with fewer results than there are; hnswlib
/// walks on, which at one wanted node in a thousand compares the whole collection one link at a time. Walking only over
/// wanted nodes and their neighbours' neighbours (ACORN, arXiv 2403.04871) loses what lies behind a gap.
extension HNSWIndex {
    /// How a search among some nodes is done.
    public enum FilterPlan: Sendable, Equatable {
        /// Compare every wanted node.
        case scan
        /// Search the graph, comparing at most so many nodes before it is given up for a scan.
        case walk(budget: Int)
    }

    /// Nodes compared for each candidate that a walk keeps, whatever it is: the links of one node that have not been
    /// seen before.
    private static var comparisonsPerCandidate: Int { 20 }

    /// The plan for `matches` wanted nodes of `total`.
    public static func plan(matches: Int, of total: Int, ef: Int) -> FilterPlan {
        let walked = Double(ef) * Double(comparisonsPerCandidate) * Double(total) / Double(max(matches, 1))
        return walked < Double(matches) ? .walk(budget: matches) : .scan
    }

    /// The nearest of the wanted nodes, nearest first: `count`, or as many as there are.
    ///
    /// - Parameters:
    ///   - count, ef: as in a plain search.
    ///   - walkLimit: what a walk may compare at most, if the caller has an opinion.
    public func search(
        for target: SearchTarget, among wanted: NodeSet, count: Int, ef: Int, walkLimit: Int = .max
    ) -> [Neighbour] {
        let count = bounded(count)
        guard wanted.count > 0 else { return [] }
        let width = max(ef, count)
        return readers.with { scratch in
            scratch.aim(at: target)
            if case .walk(let budget) = Self.plan(matches: wanted.count, of: self.count, ef: width),
                let nearest = descend(from: entryPoint, to: 0, scratch)
            {
                let found = wanted.words.withUnsafeBufferPointer { words in
                    searchWide(
                        from: [nearest], ef: min(width, wanted.count), layer: 0, scratch,
                        budget: min(budget, walkLimit)
                    ) { id in
                        let word = Int(id >> 6)
                        return word < words.count && words[word] >> UInt64(id & 63) & 1 == 1
                    }
                }
                if let found, found.count >= min(count, wanted.count) { return best(count, of: found, scratch) }
            }
            return best(count, of: scan(wanted, keeping: scanWidth(count), scratch), scratch)
        }
    }

    /// The same for what a test accepts, when most nodes are expected to be: by walking only. Nil when it has compared
    /// `budget` nodes, or has found too few: the set of all that are accepted is needed then.
    public func walk(
        for target: SearchTarget, count: Int, ef: Int, budget: Int, accepts: (UInt32) -> Bool
    ) -> [Neighbour]? {
        let count = bounded(count)
        return readers.with { scratch in
            scratch.aim(at: target)
            guard let nearest = descend(from: entryPoint, to: 0, scratch) else { return nil }
            let found = searchWide(
                from: [nearest], ef: max(ef, count), layer: 0, scratch, budget: budget, accepts: accepts)
            return found.flatMap { $0.count >= count ? best(count, of: $0, scratch) : nil }
        }
    }

    /// How many a scan keeps by code, to be put in order by full precision. A bit a value tells too little apart.
    private func scanWidth(_ count: Int) -> Int {
        switch quantization {
        case .f32: count
        case .int8: 2 * count + 8
        case .bin: .max
        }
    }

    /// The nearest of some nodes by their codes, nearest first.
    private func scan(_ wanted: NodeSet, keeping width: Int, _ scratch: SearchScratch) -> [UInt64] {
        let width = min(width, wanted.count)
        var results = scratch.results
        results.removeAll()
        let (ids, distances) = (scratch.ids, scratch.distances)
        var pending = 0
        func flush() {
            scratch.query.score(ids, count: pending, into: distances)
            for i in 0..<pending {
                let key = lk_candidate_key(distances[i], ids[i])
                if results.count < width {
                    results.push(~key)
                } else if key < ~results.first {
                    results.replaceFirst(with: ~key)
                }
            }
            pending = 0
        }
        wanted.forEach { id in
            guard nodes.isLive(id) else { return }
            ids[pending] = id
            pending += 1
            if pending == SearchScratch.scanBatch { flush() }
        }
        flush()
        let found = results.drainComplemented()
        scratch.results = results
        return found
    }
}
