import RecallBenchmark
import Storage
import VectorCollections

/// What is to be measured on a collection.
public struct StoreRecallSettings: Sendable {
    /// The collection in the store.
    public var collection: CollectionName = "images"
    /// How many elements are drawn to be searched for; all, where there are fewer.
    public var sample = 1000
    /// What the queries are drawn from.
    public var seed: UInt64 = 1
    /// How many neighbours are asked for and compared with the true ones; fewer, where there are not so many others.
    public var count = 10
    /// Widths of the search, measured one after another.
    public var efs = RecallSettings().efs
    /// Threads that search, each one query at a time.
    public var searchThreads = 1
    /// Threads for all that is not timed: the truth, recall, tuning.
    public var workThreads = 1
    /// The recall for which the smallest width is looked for; nil not to.
    public var target: Double?
    /// Whether that width becomes the collection's own.
    public var isApplying = false

    /// The widest search that tuning tries.
    package var tuningLimit = WidthTuning.limit

    /// The contract's defaults, but for the threads.
    public init() {}

    /// What `sample` may be.
    public static let sampleRange = 1...100_000
    /// The fewest queries that can be parted into those that tune and those that measure.
    public static let tuningSample = 2

    /// Whether a recall can be aimed at.
    public static func isTarget(_ recall: Double) -> Bool { recall > 0 && recall <= 1 }
}

/// Why a collection could not be measured: one line that says what is wrong and what to do.
public enum StoreRecallError: Error, Equatable, CustomStringConvertible {
    /// The store could not be opened, read or written.
    case store(StoreError)
    /// There is no collection of that name, or it has no elements.
    case noCollection(CollectionName, store: String, having: [CollectionName])
    /// An element without another one has no neighbours.
    case tooFewElements(CollectionName, count: Int)
    /// No width of search, as far as they were tried, reaches the target.
    case targetMissed(target: Double, best: Double, ef: Int)

    /// One line.
    public var description: String {
        switch self {
        case .store(let error): error.description
        case .noCollection(let name, let store, let others):
            "there is no collection '\(name)' in \(store)"
                + (others.isEmpty ? "" : "; it has " + others.map(\.description).joined(separator: ", "))
                + ": fill one with `lookalike index`, or give --collection"
        case .tooFewElements(let name, let count):
            "the collection '\(name)' has \(count) \(count == 1 ? "element" : "elements"), and recall is measured "
                + "against the others: add some"
        case .targetMissed(let target, let best, let ef):
            "no width of search reaches recall \(target): \(RecallReport.fixed(best, 4)) was the most, at ef \(ef); "
                + "give a lower --target-recall"
        }
    }
}
