import JSONLines
import RecallBenchmark
import VectorCollections

/// What was found out about a collection.
public struct StoreRecallReport: Sendable {
    /// A width of search that is enough for a recall.
    public struct Width: Sendable, Equatable {
        /// What it was to be enough for.
        public var target: Double
        /// The smallest that is, by the queries that chose it.
        public var ef: Int
        /// What it finds for the queries that did not.
        public var recall: Double
        /// What it finds for those that did.
        public var tuningRecall: Double
        /// How many chose.
        public var tuningQueries: Int
        /// How many measured.
        public var queries: Int
        /// Whether it is the collection's own from now on.
        public var isApplied = false
    }

    /// What came of looking for one.
    public enum Tuning: Sendable, Equatable {
        /// There is one.
        case reached(Width)
        /// There is none up to the limit; the best recall, and where it was.
        case missed(target: Double, ef: Int, best: Double)
    }

    /// What was asked for.
    public let settings: StoreRecallSettings
    /// What the collection is, and what it was asked, as the benchmark on files calls it.
    let shape: RecallSettings
    /// What it was measured on.
    public let environment: BenchmarkEnvironment
    /// Elements in the collection.
    public let elementCount: Int
    /// Values in a vector.
    public let dimension: Int
    /// Neighbours asked for and compared: as many as wanted, or as there are others.
    public let count: Int
    /// Time it took to open the store.
    public let openSeconds: Double
    /// Queries of a pass.
    public internal(set) var queryCount = 0
    /// Resident bytes per vector; nil where the system does not say.
    public internal(set) var bytesPerVector: Double?
    /// In the order of the settings' widths.
    public internal(set) var points: [RecallReport.Point] = []
    /// When there was a target.
    public internal(set) var tuning: Tuning?

    init(_ settings: StoreRecallSettings, _ collection: Collection, openSeconds: Double) {
        self.settings = settings
        self.openSeconds = openSeconds
        environment = .current
        elementCount = collection.count
        dimension = collection.configuration.dimension
        count = min(settings.count, collection.count - 1)
        var shape = RecallSettings()
        shape.metric = collection.configuration.metric
        shape.parameters = collection.configuration.parameters
        shape.quantization = collection.configuration.quantization
        shape.count = count
        shape.efs = settings.efs
        shape.searchThreads = settings.searchThreads
        self.shape = shape
    }

    /// Why the run has failed although all was measured: the target was missed.
    public var failure: StoreRecallError? {
        guard case .missed(let target, let ef, let best)? = tuning else { return nil }
        return .targetMissed(target: target, best: best, ef: ef)
    }

    /// The contract's lines: opening, each width of search, and the width that is enough for the target.
    public var lines: [JSONLine] {
        [openLine] + points.map { RecallReport.line($0, shape, queries: queryCount, truth: "computed") }
            + (tunedLine.map { [$0] } ?? [])
    }

    private var openLine: JSONLine {
        var line = JSONLine()
        line.add("phase", "open")
        line.add("n", elementCount)
        line.add("dim", dimension)
        line.add("seconds", RecallReport.rounded(openSeconds, 1000))
        line.add("bytes_per_vector", RecallReport.rounded(bytesPerVector ?? .nan, 10))
        line.add("collection", name: settings.collection.bytes)
        line.add("queries", queryCount)
        line.add("seed", raw: "\(settings.seed)")
        RecallReport.addShape(to: &line, shape)
        line.add("cpu", environment.cpu)
        line.add("cores", environment.cores)
        line.add("debug", environment.isDebugBuild)
        return line
    }

    private var tunedLine: JSONLine? {
        guard case .reached(let width)? = tuning else { return nil }
        var line = JSONLine()
        line.add("phase", "tuned")
        line.add("target", width.target)
        line.add("ef", width.ef)
        line.add("recall", RecallReport.rounded(width.recall, 1e6))
        line.add("count", count)
        line.add("queries", width.queries)
        line.add("tuning_queries", width.tuningQueries)
        line.add("tuning_recall", RecallReport.rounded(width.tuningRecall, 1e6))
        line.add("applied", width.isApplied)
        return line
    }

    /// `18 vectors of 240 values`.
    var size: String { "\(RecallReport.grouped(Double(elementCount))) vectors of \(dimension) values" }

    /// The same for people.
    public var table: String {
        let perVector = bytesPerVector.map { ", \(RecallReport.grouped($0)) bytes a vector" } ?? ""
        let head =
            "\(size) opened in \(RecallReport.fixed(openSeconds, 2)) s\(perVector)\n"
            + "\(RecallReport.grouped(Double(queryCount))) of them searched for among the others, drawn with seed "
            + "\(settings.seed)"
        let table = head + "\n\n" + RecallReport.table(points, count: count)
        guard case .reached(let width)? = tuning else { return table }
        return table
            + "\n\nef \(width.ef) is enough for recall \(width.target) (\(RecallReport.fixed(width.tuningRecall, 4)) on "
            + "\(width.tuningQueries) queries); on \(width.queries) others it finds "
            + RecallReport.fixed(width.recall, 4)
            + (width.isApplied
                ? "\nset: searches of '\(settings.collection)' that do not say how wide are as wide from now on" : "")
    }

    /// What a figure drawn of this says below its title.
    public var caption: String {
        RecallReport.caption(shape, environment, count: elementCount, dimension: dimension, queries: queryCount)
    }

    /// The points for a figure.
    public func series(named name: String) -> PlotSeries { PlotSeries(name: name, measured: points) }
}
