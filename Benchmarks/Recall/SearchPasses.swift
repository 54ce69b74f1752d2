import HNSW

/// Passes over all queries with an index: their times, and what was found.
package struct SearchPasses: Sendable {
    /// Of the fastest pass.
    package typealias Timing = TimedPasses.Timing

    /// Stands for "nothing found" where there are fewer results than were asked for.
    private static let none = UInt32.max

    private let queries: [[Float]]
    private let count: Int
    private let timed: TimedPasses
    private let results: SharedArray<UInt32>

    /// Room for the results of all widths of search, taken now.
    package init(queries: [[Float]], settings: RecallSettings) {
        self.queries = queries
        count = settings.count
        timed = TimedPasses(count: queries.count, threads: settings.searchThreads)
        results = SharedArray(repeating: Self.none, count: queries.count * count * settings.efs.count)
    }

    /// Three passes; the results are kept under `place`. A query is given to one thread, which alone writes that query's
    /// places.
    package func run(_ index: HNSWIndex, ef: Int, place: Int) -> Timing {
        timed.run { _, query in
            let found = index.search(queries[query], count: count, ef: ef)
            var at = start(place: place, query: query)
            for neighbour in found.prefix(count) {
                results[at] = neighbour.id.rawValue
                at += 1
            }
        }.best
    }

    /// The nodes found for a query, nearest first.
    func found(place: Int, query: Int) -> [UInt32] {
        let start = start(place: place, query: query)
        return results[start..<start + count].filter { $0 != Self.none }
    }

    private func start(place: Int, query: Int) -> Int { (place * queries.count + query) * count }
}
