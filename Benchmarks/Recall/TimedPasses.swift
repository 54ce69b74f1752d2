/// Passes over a number of queries, each thread asking one after another: how long a pass takes, and each query's
/// latency, which is the time from one query's end to the next one's.
package struct TimedPasses: Sendable {
    /// What a pass took.
    package struct Timing: Sendable {
        /// Queries a second, of all threads together.
        package var qps: Double
        /// Nanoseconds within which half of the queries were answered.
        package var p50: Double
        /// Nanoseconds within which 99 of 100 queries were answered.
        package var p99: Double
    }

    private let count: Int
    private let threads: Int
    private let latencies: SharedArray<UInt64>

    /// Room for the latencies of that many queries, taken now.
    package init(count: Int, threads: Int) {
        precondition(count > 0)
        self.count = count
        self.threads = min(threads, count)
        latencies = SharedArray(repeating: 0, count: count)
    }

    /// Three passes: the first, and the fastest. `ask` is told the number of the pass and of the query; a query of a
    /// pass is given to one thread, and the next pass begins when all are done.
    package func run(_ ask: @escaping @Sendable (_ pass: Int, _ query: Int) -> Void) -> (first: Timing, best: Timing) {
        let first = pass { ask(0, $0) }
        var best = first
        for number in 1..<RecallSettings.passes {
            let timing = pass { ask(number, $0) }
            if timing.qps > best.qps { best = timing }
        }
        return (first, best)
    }

    private func pass(_ ask: @escaping @Sendable (Int) -> Void) -> Timing {
        let counter = WorkCounter(limit: count)
        let latencies = latencies
        let seconds = WorkerThreads.run(threads) { _ in
            var last = Clock.nanoseconds
            while let query = counter.next() {
                ask(query)
                let now = Clock.nanoseconds
                latencies[query] = now - last
                last = now
            }
        }
        let sorted = latencies[0..<count].sorted()
        return Timing(
            qps: Double(count) / max(seconds, 1e-9), p50: Double(Percentile.of(sorted, 0.5)),
            p99: Double(Percentile.of(sorted, 0.99)))
    }
}
