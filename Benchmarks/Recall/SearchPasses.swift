import HNSW

/// Passes over all queries: their time, each query's latency, and what was found.
struct SearchPasses: Sendable {
    /// Of the fastest pass.
    struct Timing: Sendable {
        var qps: Double
        /// Nanoseconds within which half of the queries were answered.
        var p50: Double
        /// Nanoseconds within which 99 of 100 queries were answered.
        var p99: Double
    }

    /// Stands for "nothing found" where there are fewer results than were asked for.
    private static let none = UInt32.max

    private let queries: [[Float]]
    private let count: Int
    private let threads: Int
    private let latencies: SharedArray<UInt64>
    private let results: SharedArray<UInt32>

    /// Room for the results of all widths of search, taken now.
    init(queries: [[Float]], settings: RecallSettings) {
        self.queries = queries
        count = settings.count
        threads = min(settings.searchThreads, queries.count)
        latencies = SharedArray(repeating: 0, count: queries.count)
        results = SharedArray(repeating: Self.none, count: queries.count * count * settings.efs.count)
    }

    /// Three passes; the results are kept under `place`.
    func run(_ index: HNSWIndex, ef: Int, place: Int) -> Timing {
        var best = Timing(qps: 0, p50: 0, p99: 0)
        for _ in 0..<RecallSettings.passes {
            let seconds = pass(index, ef: ef, place: place)
            let qps = Double(queries.count) / max(seconds, 1e-9)
            if qps > best.qps {
                let sorted = latencies[0..<queries.count].sorted()
                best = Timing(
                    qps: qps, p50: Double(Percentile.of(sorted, 0.5)), p99: Double(Percentile.of(sorted, 0.99)))
            }
        }
        return best
    }

    /// One pass. A query is given to one thread, which alone writes that query's places.
    private func pass(_ index: HNSWIndex, ef: Int, place: Int) -> Double {
        let counter = WorkCounter(limit: queries.count)
        return WorkerThreads.run(threads) { _ in
            var last = Clock.nanoseconds
            while let query = counter.next() {
                let found = index.search(queries[query], count: count, ef: ef)
                var at = start(place: place, query: query)
                for neighbour in found.prefix(count) {
                    results[at] = neighbour.id.rawValue
                    at += 1
                }
                let now = Clock.nanoseconds
                latencies[query] = now - last
                last = now
            }
        }
    }

    /// The nodes found for a query, nearest first.
    func found(place: Int, query: Int) -> [UInt32] {
        let start = start(place: place, query: query)
        return results[start..<start + count].filter { $0 != Self.none }
    }

    private func start(place: Int, query: Int) -> Int { (place * queries.count + query) * count }
}
