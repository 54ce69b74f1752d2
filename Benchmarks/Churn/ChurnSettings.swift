import HNSW
import RecallBenchmark

/// What a churn benchmark is to do.
public struct ChurnSettings: Sendable {
    /// What distances mean.
    public var metric = Metric.l2
    /// The shape of the graph.
    public var parameters = HNSWParameters()
    /// How the index keeps vectors.
    public var quantization = Quantization.int8
    /// How often half of what is in is exchanged.
    public var rounds = 10
    /// Threads that change the index; one more searches meanwhile.
    public var threads = 4
    /// The width of all searches.
    public var ef = 64
    /// How many neighbours are asked for and compared with the true ones.
    public var count = 10
    /// What the rows of each round are drawn from.
    public var seed: UInt64 = 1

    /// The contract's defaults.
    public init() {}

    /// What `rounds` may be.
    public static let roundsRange = 1...10_000
    /// What `threads` may be: the one that searches comes on top.
    public static let threadsRange = 1...RecallSettings.threadsRange.upperBound - 1
}

/// Why a churn benchmark could not be made, or what it found wrong: one line.
public enum ChurnError: Error, Equatable, CustomStringConvertible {
    /// Something about the files, or memory.
    case input(RecallError)
    /// Too few base vectors for the rounds, or for the answers.
    case tooFew(base: Int, needed: Int)
    /// The index breaks an invariant of its own.
    case unsound(round: Int, unreachable: Int, issue: String?)
    /// A search, while the index changed, gave what no search may give.
    case wrongAnswer(round: Int, what: String)
    /// The index holds other than what was put into it.
    case wrongContents(round: Int, what: String)

    /// One line.
    public var description: String {
        switch self {
        case .input(let error): error.description
        case .tooFew(let base, let needed):
            "there are \(base) base vectors and the rounds need \(needed): give more vectors, or a smaller --count"
        case .unsound(let round, let unreachable, let issue):
            "after round \(round) the index is not sound (\(unreachable) unreachable"
                + (issue.map { "; \($0)" } ?? "") + "): this is a defect of Lookalike; report it with this command"
        case .wrongAnswer(let round, let what):
            "in round \(round) a search gave \(what): this is a defect of Lookalike; report it with this command"
        case .wrongContents(let round, let what):
            "after round \(round) \(what): this is a defect of Lookalike; report it with this command"
        }
    }
}
