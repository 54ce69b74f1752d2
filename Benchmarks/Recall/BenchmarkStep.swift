/// Where a benchmark of several parts is, for whoever waits.
public enum BenchmarkStep: Sendable, Equatable {
    /// A part is done, or something is worth knowing.
    case note(String)
    /// In the middle of a part: what is done, of how many.
    case moving(String, done: Int, total: Int)
}
