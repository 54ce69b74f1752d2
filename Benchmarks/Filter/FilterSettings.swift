import HNSW
import RecallBenchmark
import Storage

/// What a filter benchmark is to build and to ask.
public struct FilterSettings: Sendable {
    /// What distances mean.
    public var metric = Metric.l2
    /// How the collection keeps vectors.
    public var quantization = Quantization.int8
    /// The width of all searches.
    public var ef = 100
    /// How many neighbours are asked for and compared with the true ones.
    public var count = 10
    /// Queries, of all groups together.
    public var queriesLimit = 200
    /// Threads that search, each one query at a time.
    public var searchThreads = 1
    /// Threads that build, and that compute the truth.
    public var buildThreads = 1
    /// What attributes and pivots are drawn from.
    public var seed: UInt64 = 1

    /// The contract's defaults, but for the build's threads.
    public init() {}

    /// What `queriesLimit` may be.
    public static let queriesRange = 1...1_000_000
    /// Most groups of queries, each around a vector of its own.
    package static let pivots = 10
    /// Shares of the elements that match, in ten-thousandths.
    static let selectivities = [10_000, 1000, 100, 10, 1]
}

/// How what a filter lets through goes with what is searched for.
public enum FilterKind: String, Sendable, CaseIterable {
    /// Not at all: matches are spread evenly.
    case random
    /// Matches are the elements nearest to where the query is.
    case near
    /// Matches are the elements farthest from it.
    case far
}

/// Why a filter benchmark could not be made, or what it found wrong: one line.
public enum FilterBenchmarkError: Error, Equatable, CustomStringConvertible {
    /// Something about the files.
    case input(RecallError)
    /// The store that is searched could not be made.
    case store(StoreError)
    /// No folder for it.
    case folder(path: String, reason: String)
    /// A search returned what no search may return.
    case wrongAnswer(String)

    /// One line.
    public var description: String {
        switch self {
        case .input(let error): error.description
        case .store(let error): error.description
        case .folder(let path, let reason):
            "no temporary folder could be made in \(path) (\(reason)): set TMPDIR to a writable folder"
        case .wrongAnswer(let what): "\(what): this is a defect of Lookalike; report it with this command"
        }
    }
}
