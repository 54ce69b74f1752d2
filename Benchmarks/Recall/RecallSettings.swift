import HNSW

/// What a recall benchmark is to build and to ask.
public struct RecallSettings: Sendable {
    /// What distances mean.
    public var metric = Metric.l2
    /// The shape of the graph.
    public var parameters = HNSWParameters()
    /// How the index keeps vectors.
    public var quantization = Quantization.int8
    /// How many neighbours are asked for and compared with the true ones.
    public var count = 10
    /// Widths of the search, measured one after another.
    public var efs = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256]
    /// Threads that search, each one query at a time.
    public var searchThreads = 1
    /// Threads that build.
    public var buildThreads = 1

    /// Most bytes of vectors that a thread compares with at a time, when the truth is computed.
    package var truthBlockBytes = 8 << 20

    /// The contract's defaults, but for the build's threads.
    public init() {}

    /// What `count` may be.
    public static let countRange = 1...10_000
    /// How many widths may be measured in one run.
    public static let efsLimit = 100
    /// What the numbers of threads may be.
    public static let threadsRange = 1...WorkerThreads.limit
    /// Passes over all queries, of which the fastest counts.
    static let passes = 3
    /// Most bytes of results that are kept until recall is computed.
    static let resultBytesLimit = 1 << 30
}

/// Why a recall benchmark could not be made: one line that says what is wrong and what to do.
public enum RecallError: Error, Equatable, CustomStringConvertible {
    /// A file is damaged or holds what cannot be stored.
    case file(VectorFileError)
    /// The index could not take all vectors.
    case index(HNSWError)
    /// Bits have no distance of that kind.
    case quantization(Quantization, Metric)
    /// The queries are of another dimension.
    case dimensions(base: Int, queries: Int)
    /// A row that an index cannot store.
    case vector(path: String, row: Int, fault: String)
    /// More neighbours than vectors.
    case countAboveBase(count: Int, base: Int)
    /// The truth has other than a row for each query.
    case truthRows(path: String, rows: Int, queries: Int)
    /// The truth has fewer neighbours a row than are compared.
    case truthColumns(path: String, columns: Int, count: Int)
    /// The truth names a row that is not there.
    case truthID(path: String, row: Int, id: Int32, base: Int)
    /// The results would not fit.
    case resultsTooLarge(limit: Int)

    /// One line.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .index(let error): error.description
        case .quantization(let quantization, let metric):
            "vectors kept as \(quantization.rawValue) cannot be compared by \(metric.rawValue): give --metric cosine or "
                + "dot, or --quantization int8"
        case .dimensions(let base, let queries):
            "the queries have \(queries) values and the base vectors \(base): give files of the same kind of vectors"
        case .vector(let path, let row, let fault): "\(path): row \(row): \(fault)"
        case .countAboveBase(let count, let base):
            "--count \(count) is more than there are base vectors (\(base)): ask for fewer"
        case .truthRows(let path, let rows, let queries):
            "\(path) has \(rows) rows and there are \(queries) queries: give the truth that was made for these queries"
        case .truthColumns(let path, let columns, let count):
            "\(path) has \(columns) neighbours a query: ask for at most as many with --count (\(count) now), or leave "
                + "--truth out to have it computed"
        case .truthID(let path, let row, let id, let base):
            "\(path): row \(row) names base row \(id), and there are \(base), counted from 0: give the truth that was "
                + "made for this base"
        case .resultsTooLarge(let limit):
            "the results of all searches would take more than \(limit >> 20) MiB: give fewer queries or --ef values, or "
                + "a smaller --count"
        }
    }
}

/// Where a benchmark is, for whoever waits.
public enum RecallProgress: Sendable, Equatable {
    /// Files are open.
    case began(base: Int, dimension: Int, queries: Int)
    /// Vectors linked so far.
    case building(done: Int, total: Int)
    /// The graph is complete.
    case built(seconds: Double)
    /// All passes with one width of search are done.
    case searched(ef: Int, qps: Double)
    /// There was no truth: it is computed, by comparing every query with every vector.
    case computingTruth(done: Int, total: Int)
}
