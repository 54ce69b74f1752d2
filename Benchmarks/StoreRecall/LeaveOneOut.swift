import RecallBenchmark
import Synchronization
import VectorCollections

/// Searches for elements among all the others, as if they were not in the collection themselves: the walk through the
/// graph does not go through them. To take an element out of its own results only would be too kind by far, see
/// `HNSWIndex.search(_:count:ef:leavingOut:)`.
package struct LeaveOneOut: Sendable {
    private let collection: Collection
    private let queries: [ElementSample.Member]
    /// How many others are wanted.
    package let count: Int
    private let threads: Int

    /// - Parameters:
    ///   - count: lowered to how many others there are.
    ///   - threads: for all that is not timed.
    package init(_ collection: Collection, _ sample: ElementSample, count: Int, threads: Int) {
        self.collection = collection
        queries = sample.members
        self.count = min(count, collection.count - 1)
        self.threads = threads
    }

    /// The nearest others. Nothing changes the collection, so the element is there; whether damage was come upon is
    /// looked at when all is done.
    package func others(_ query: Int, ef: Int, exact: Bool = false) -> [Hit] {
        let element = queries[query]
        let found = try? collection.search(
            element.vector, leavingOut: element.name, count: count, ef: ef, exact: exact)
        return (found ?? nil) ?? []
    }

    // MARK: Truth and recall

    /// The true neighbours of a query.
    package struct Truth: Sendable {
        fileprivate var names: Set<ElementName>
        /// The distance of the last.
        fileprivate var farthest: Float

        /// How many of the results are right: those named, and those no farther than the last of them, since which of
        /// several equals is named is chance. Both searches compute distances alike.
        func hits(_ found: [Hit]) -> Int {
            found.count { names.contains($0.name) || $0.distance <= farthest }
        }
    }

    /// The truth of all queries, by exact search.
    package func truth(_ tell: @escaping @Sendable (BenchmarkStep) -> Void) -> [Truth] {
        let found = Mutex([Truth?](repeating: nil, count: queries.count))
        let done = SharedCount()
        let total = queries.count
        inParallel(over: 0..<total) { query, isFirst in
            let hits = others(query, ef: count, exact: true)
            let truth = Truth(names: Set(hits.map(\.name)), farthest: hits.last?.distance ?? -.infinity)
            found.withLock { $0[query] = truth }
            done.add(1)
            if isFirst { tell(.moving("computing the truth", done: done.now, total: total)) }
        }
        return found.withLock { $0.compactMap { $0 } }
    }

    /// The share of the true neighbours that searches of that width find for some of the queries. Nothing changes the
    /// collection meanwhile, so that they find what those that were timed did.
    package func recall(of part: Range<Int>, ef: Int, _ truth: [Truth]) -> Double {
        let hits = SharedCount()
        inParallel(over: part) { query, _ in
            hits.add(truth[query].hits(others(query, ef: ef)))
        }
        return Double(hits.now) / Double(max(1, part.count * count))
    }

    /// Calls `body` for each query of a part, from several threads; the second argument is true for one of them.
    private func inParallel(over part: Range<Int>, _ body: @escaping @Sendable (Int, Bool) -> Void) {
        guard !part.isEmpty else { return }
        let counter = WorkCounter(limit: part.count)
        _ = WorkerThreads.run(min(threads, part.count)) { thread in
            while let place = counter.next() { body(part.lowerBound + place, thread == 0) }
        }
    }
}
