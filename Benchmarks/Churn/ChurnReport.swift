import HNSW
import JSONLines
import RecallBenchmark

/// What a churn benchmark found.
public struct ChurnReport: Sendable {
    /// One round.
    public struct Round: Sendable, Equatable {
        /// From 1.
        public var number: Int
        /// Vectors taken out.
        public var removed: Int
        /// Vectors put in.
        public var added: Int
        /// Updates, each to another vector or back.
        public var updated: Int
        /// Time of the changes.
        public var seconds: Double
        /// What `HNSWIndex.validate` counted after them.
        public var unreachable: Int
        /// Searches that were answered meanwhile.
        public var searches: Int
    }

    /// One of the two indexes that are compared.
    public struct Index: Sendable, Equatable {
        /// 0...1.
        public var recall: Double
        /// Queries a second of one thread, the best of three passes.
        public var qps: Double
        /// Resident bytes per vector; nil where the system does not say.
        public var bytesPerVector: Double?
        /// Node numbers ever in use at a time, those of removed vectors that wait to be used again included: what memory
        /// was taken for.
        public var slots: Int
    }

    /// What was done.
    public let settings: ChurnSettings
    /// What it was measured on.
    public let environment: BenchmarkEnvironment
    /// Vectors in the index after each round.
    public let count: Int
    /// Values in a vector.
    public let dimension: Int
    /// How many queries recall is the mean of.
    public let queryCount: Int
    /// In their order.
    public let rounds: [Round]
    /// Built of the vectors that the other one holds in the end.
    public let fresh: Index
    /// After all rounds.
    public let churned: Index

    /// The last line: both indexes. What it was measured with comes after what the contract names.
    public var comparison: JSONLine {
        var line = JSONLine()
        line.add("phase", "compare")
        line.add("ef", settings.ef)
        line.add("recall_fresh", RecallReport.rounded(fresh.recall, 1e6))
        line.add("recall_churned", RecallReport.rounded(churned.recall, 1e6))
        line.add("bytes_per_vector_fresh", RecallReport.rounded(fresh.bytesPerVector ?? .nan, 10))
        line.add("bytes_per_vector_churned", RecallReport.rounded(churned.bytesPerVector ?? .nan, 10))
        line.add("unreachable", rounds.last?.unreachable ?? 0)
        line.add("qps_fresh", RecallReport.rounded(fresh.qps, 10))
        line.add("qps_churned", RecallReport.rounded(churned.qps, 10))
        line.add("slots_fresh", fresh.slots)
        line.add("slots_churned", churned.slots)
        line.add("n", count)
        line.add("dim", dimension)
        line.add("count", settings.count)
        line.add("queries", queryCount)
        line.add("threads", settings.threads)
        line.add("seed", raw: String(settings.seed))
        line.add("m", settings.parameters.m)
        line.add("ef_construction", settings.parameters.efConstruction)
        line.add("metric", settings.metric.rawValue)
        line.add("quantization", settings.quantization.rawValue)
        line.add("cpu", environment.cpu)
        line.add("cores", environment.cores)
        line.add("debug", environment.isDebugBuild)
        return line
    }

    /// The same for people.
    public var table: String {
        let head =
            "\(RecallReport.grouped(Double(count))) vectors of \(dimension) values after \(settings.rounds) rounds on "
            + "\(settings.threads) threads"
        let rounds =
            [["round", "removed", "added", "updated", "seconds", "unreachable", "searches"]]
            + rounds.map { round in
                [
                    "\(round.number)", "\(round.removed)", "\(round.added)", "\(round.updated)",
                    RecallReport.fixed(round.seconds, 2), "\(round.unreachable)", "\(round.searches)",
                ]
            }
        let indexes =
            [["index", "recall@\(settings.count) at ef \(settings.ef)", "queries/s", "bytes a vector", "slots"]]
            + [("fresh", fresh), ("churned", churned)].map { name, index in
                [
                    name, RecallReport.fixed(index.recall, 4), RecallReport.grouped(index.qps),
                    index.bytesPerVector.map(RecallReport.grouped) ?? "-", "\(index.slots)",
                ]
            }
        return [head, RecallReport.aligned(rounds), RecallReport.aligned(indexes)].joined(separator: "\n\n")
    }
}

extension ChurnReport.Round {
    /// The contract's line.
    public var line: JSONLine {
        var line = JSONLine()
        line.add("phase", "churn")
        line.add("round", number)
        line.add("removed", removed)
        line.add("added", added)
        line.add("updated", updated)
        line.add("seconds", RecallReport.rounded(seconds, 1000))
        line.add("unreachable", unreachable)
        line.add("searches", searches)
        return line
    }
}
