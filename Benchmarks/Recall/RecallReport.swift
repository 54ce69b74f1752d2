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

        /// A width with its recall, and what its fastest pass took.
        package init(ef: Int, recall: Double, timing: TimedPasses.Timing) {
            self.ef = ef
            self.recall = recall
            qps = timing.qps
            p50Microseconds = timing.p50 / 1000
            p99Microseconds = timing.p99 / 1000
        }
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
        Self.addShape(to: &build, settings)
        build.add("cpu", environment.cpu)
        build.add("cores", environment.cores)
        build.add("debug", environment.isDebugBuild)
        let truth = isTruthGiven ? "given" : "computed"
        return [build] + points.map { Self.line($0, settings, queries: queryCount, truth: truth) }
    }

    /// The same for people.
    public var table: String {
        let perVector = bytesPerVector.map { ", \(Self.grouped($0)) bytes a vector" } ?? ""
        let rate = Self.grouped(Double(count) / max(buildSeconds, 1e-9))
        let head =
            "\(Self.grouped(Double(count))) vectors of \(dimension) values linked in "
            + "\(Self.fixed(buildSeconds, 2)) s (\(rate) a second)\(perVector)"
        return head + "\n\n" + Self.table(points, count: settings.count)
    }

    /// What a figure drawn of this says below its title.
    public var caption: String {
        Self.caption(settings, environment, count: count, dimension: dimension, queries: queryCount)
    }

    /// The points for a figure.
    public func series(named name: String) -> PlotSeries { PlotSeries(name: name, measured: points) }

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
