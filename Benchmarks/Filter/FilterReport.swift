import HNSW
import JSONLines
import RecallBenchmark

/// What a filter benchmark found.
public struct FilterReport: Sendable {
    /// One kind of filter at one selectivity.
    public struct Point: Sendable, Equatable {
        /// Nil without a filter.
        public var kind: FilterKind?
        /// The share of elements that are to match, above 0, at most 1.
        public var selectivity: Double
        /// How many do.
        public var matches: Int
        /// 0...1, once a filter is known; 1 where nothing matches.
        public var recall: Double
        /// The same of the first pass.
        public var firstRecall: Double
        /// Queries a second, of all threads together, in the fastest of three passes.
        public var qps: Double
        /// The same of the first pass.
        public var firstQPS: Double
        /// Median latency in the fastest pass.
        public var p50Microseconds: Double
        /// What 99 of 100 queries did not exceed.
        public var p99Microseconds: Double
        /// The smallest number of results of any search.
        public var fewest: Int
        /// What it should be: as many as were asked for, or as match.
        public var expected: Int
    }

    /// What was built and asked.
    public let settings: FilterSettings
    /// What it was measured on.
    public let environment: BenchmarkEnvironment
    /// Elements in the collection.
    public let count: Int
    /// Values in a vector.
    public let dimension: Int
    /// Queries of a pass.
    public let queryCount: Int
    /// Time it took to fill the collection.
    public let loadSeconds: Double
    /// The one without a filter, then kind by kind.
    public internal(set) var points: [Point] = []

    /// The first line: what is searched, and what all was measured with.
    public var loadLine: JSONLine {
        var line = JSONLine()
        line.add("phase", "load")
        line.add("n", count)
        line.add("dim", dimension)
        line.add("seconds", RecallReport.rounded(loadSeconds, 1000))
        line.add("seed", raw: String(settings.seed))
        line.add("cpu", environment.cpu)
        line.add("cores", environment.cores)
        line.add("debug", environment.isDebugBuild)
        return line
    }

    /// The contract's line of a point.
    public func line(_ point: Point) -> JSONLine {
        var line = JSONLine()
        line.add("phase", point.kind == nil ? "unfiltered" : "filter")
        if let kind = point.kind { line.add("kind", kind.rawValue) }
        line.add("selectivity", point.selectivity)
        line.add("matches", point.matches)
        line.add("recall", RecallReport.rounded(point.recall, 1e6))
        line.add("qps", RecallReport.rounded(point.qps, 10))
        line.add("first_qps", RecallReport.rounded(point.firstQPS, 10))
        line.add("p50_us", RecallReport.rounded(point.p50Microseconds, 10))
        line.add("p99_us", RecallReport.rounded(point.p99Microseconds, 10))
        line.add("fewest", point.fewest)
        line.add("expected", point.expected)
        line.add("first_recall", RecallReport.rounded(point.firstRecall, 1e6))
        line.add("ef", settings.ef)
        line.add("count", settings.count)
        line.add("queries", queryCount)
        line.add("threads", settings.searchThreads)
        line.add("metric", settings.metric.rawValue)
        line.add("quantization", settings.quantization.rawValue)
        return line
    }

    /// The same for people.
    public var table: String {
        let head =
            "\(RecallReport.grouped(Double(count))) elements of \(dimension) values, "
            + "\(queryCount) queries at ef \(settings.ef)"
        let rows =
            [
                [
                    "filter", "selectivity", "matches", "recall@\(settings.count)", "queries/s", "first", "p50 µs",
                    "p99 µs", "fewest", "expected",
                ]
            ]
            + points.map { point in
                [
                    point.kind?.rawValue ?? "none", Self.percent(point.selectivity),
                    RecallReport.grouped(Double(point.matches)), RecallReport.fixed(point.recall, 4),
                    RecallReport.grouped(point.qps), RecallReport.grouped(point.firstQPS),
                    RecallReport.fixed(point.p50Microseconds, 1), RecallReport.fixed(point.p99Microseconds, 1),
                    "\(point.fewest)", "\(point.expected)",
                ]
            }
        return head + "\n\n" + RecallReport.aligned(rows)
    }

    /// What a figure drawn of this says below its title.
    public var caption: String {
        let threads = settings.searchThreads == 1 ? "1 thread" : "\(settings.searchThreads) threads"
        return
            "\(RecallReport.grouped(Double(count))) × \(dimension), \(queryCount) queries, \(settings.metric.rawValue), "
            + "ef \(settings.ef), \(settings.quantization.rawValue), \(threads), \(environment.cpu)"
    }

    /// `0.01 %`.
    static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let decimals = hundredths % 100 == 0 ? 0 : hundredths % 10 == 0 ? 1 : 2
        return RecallReport.fixed(share * 100, decimals) + " %"
    }
}
