import Foundation
import HNSW
import JSONLines

/// What a recall benchmark found.
public struct RecallReport: Sendable {
    /// One width of search.
    public struct Point: Sendable, Equatable {
        /// Candidates the search kept.
        public var ef: Int
        /// 0...1.
        public var recall: Double
        /// Queries a second, of all threads together, in the fastest pass.
        public var qps: Double
        /// Median latency in the fastest pass.
        public var p50Microseconds: Double
        /// What 99 of 100 queries did not exceed.
        public var p99Microseconds: Double
    }

    /// What was built and asked.
    public let settings: RecallSettings
    /// What it was measured on.
    public let environment: BenchmarkEnvironment
    /// Vectors in the index.
    public let count: Int
    /// Values in a vector.
    public let dimension: Int
    /// Queries of a pass.
    public let queryCount: Int
    /// Whether the truth came from a file; else it was computed, and equals count (see `RecallBenchmark`).
    public let isTruthGiven: Bool
    /// Time of the build, reading included.
    public let buildSeconds: Double
    /// Resident bytes per vector; nil where the system does not say.
    public let bytesPerVector: Double?
    /// In the order of the settings' widths.
    public let points: [Point]

    /// The contract's lines: the build, then each width of search. Each says what it was measured with.
    public var lines: [JSONLine] {
        var build = JSONLine()
        build.add("phase", "build")
        build.add("n", count)
        build.add("dim", dimension)
        build.add("seconds", Self.rounded(buildSeconds, 1000))
        build.add("bytes_per_vector", Self.rounded(bytesPerVector ?? .nan, 10))
        build.add("build_threads", settings.buildThreads)
        addSettings(&build)
        build.add("cpu", environment.cpu)
        build.add("cores", environment.cores)
        build.add("debug", environment.isDebugBuild)
        return [build]
            + points.map { point in
                var line = JSONLine()
                line.add("phase", "search")
                line.add("ef", point.ef)
                line.add("recall", Self.rounded(point.recall, 1e6))
                line.add("qps", Self.rounded(point.qps, 10))
                line.add("p50_us", Self.rounded(point.p50Microseconds, 10))
                line.add("p99_us", Self.rounded(point.p99Microseconds, 10))
                line.add("count", settings.count)
                line.add("queries", queryCount)
                line.add("threads", settings.searchThreads)
                line.add("truth", isTruthGiven ? "given" : "computed")
                addSettings(&line)
                return line
            }
    }

    private func addSettings(_ line: inout JSONLine) {
        line.add("m", settings.parameters.m)
        line.add("ef_construction", settings.parameters.efConstruction)
        line.add("metric", settings.metric.rawValue)
        line.add("quantization", settings.quantization.rawValue)
    }

    /// The same for people.
    public var table: String {
        let perVector = bytesPerVector.map { ", \(Self.grouped($0)) bytes a vector" } ?? ""
        let rate = Self.grouped(Double(count) / max(buildSeconds, 1e-9))
        let head =
            "\(Self.grouped(Double(count))) vectors of \(dimension) values linked in "
            + "\(Self.fixed(buildSeconds, 2)) s (\(rate) a second)\(perVector)"
        let rows =
            [["ef", "recall@\(settings.count)", "queries/s", "p50 µs", "p99 µs"]]
            + points.map { point in
                [
                    "\(point.ef)", Self.fixed(point.recall, 4), Self.grouped(point.qps),
                    Self.fixed(point.p50Microseconds, 1), Self.fixed(point.p99Microseconds, 1),
                ]
            }
        return head + "\n\n" + Self.aligned(rows)
    }

    /// Rows of equally many cells as lines, the cells flush right.
    package static func aligned(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// What a figure drawn of this says below its title: everything that another run has to share to be compared.
    public var caption: String {
        let threads = settings.searchThreads == 1 ? "1 thread" : "\(settings.searchThreads) threads"
        return
            "\(Self.grouped(Double(count))) × \(dimension), \(Self.grouped(Double(queryCount))) queries, "
            + "\(settings.metric.rawValue), m \(settings.parameters.m), efConstruction "
            + "\(settings.parameters.efConstruction), \(settings.quantization.rawValue), \(threads), \(environment.cpu)"
    }

    /// The points for a figure.
    public func series(named name: String) -> PlotSeries {
        PlotSeries(name: name, points: points.map { .init(ef: $0.ef, recall: $0.recall, qps: $0.qps) })
    }

    /// To so many parts of one.
    package static func rounded(_ value: Double, _ steps: Double) -> Double { (value * steps).rounded() / steps }

    /// `107,447`.
    package static func grouped(_ value: Double) -> String {
        let digits = Array(String(Int(value.rounded())))
        var out = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0, out != "-" { out += "," }
            out.append(digit)
        }
        return out
    }

    /// A number of decimals, with a point whatever the locale.
    package static func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
}
