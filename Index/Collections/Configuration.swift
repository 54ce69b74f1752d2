import HNSW
import Storage

/// Which model made a collection's vectors.
public struct ModelIdentity: Sendable, Equatable, Codable {
    /// What the user calls it.
    public var name: String
    /// A hash of its file, which tells two models of one name apart.
    public var contentHash: String

    /// A model of that name and contents.
    public init(name: String, contentHash: String) {
        self.name = name
        self.contentHash = contentHash
    }
}

/// How a collection keeps its vectors.
public typealias Quantization = HNSW.Quantization

/// What is fixed when a collection is made.
public struct CollectionConfiguration: Sendable, Equatable {
    /// Values per vector.
    public var dimension: Int
    /// What distances mean.
    public var metric: Metric
    /// How vectors are kept for the search.
    public var quantization: Quantization
    /// The shape of the graph. `efConstruction` may differ from call to call; `m` may not.
    public var parameters: HNSWParameters
    /// The model that makes the vectors; nil when they come from elsewhere.
    public var model: ModelIdentity?

    /// How many values a vector may have.
    public static let dimensionRange = HNSWIndex.dimensionRange

    /// Traps when the dimension is out of `dimensionRange`: callers check what users send.
    public init(
        dimension: Int, metric: Metric = .cosine, quantization: Quantization = .int8,
        parameters: HNSWParameters = HNSWParameters(), model: ModelIdentity? = nil
    ) {
        precondition(Self.dimensionRange.contains(dimension), "dimension must be in \(Self.dimensionRange)")
        self.dimension = dimension
        self.metric = metric
        self.quantization = quantization
        self.parameters = parameters
        self.model = model
    }

    /// Throws `configurationMismatch` when an element made for `asked` cannot go into a collection of this
    /// configuration. Aspects are compared in the order in which Redis does. Vectors without a model may go anywhere;
    /// those of a model only to a collection of that model.
    func admit(_ asked: CollectionConfiguration) throws(StoreError) {
        if quantization != asked.quantization {
            throw .configurationMismatch(
                .quantization, existing: quantization.rawValue, asked: asked.quantization.rawValue)
        }
        if parameters.m != asked.parameters.m {
            throw .configurationMismatch(.m, existing: "\(parameters.m)", asked: "\(asked.parameters.m)")
        }
        if dimension != asked.dimension {
            throw .configurationMismatch(.dimension, existing: "\(dimension)", asked: "\(asked.dimension)")
        }
        if metric != asked.metric {
            throw .configurationMismatch(.metric, existing: metric.rawValue, asked: asked.metric.rawValue)
        }
        if let other = asked.model, other != model {
            let sameName = model?.name == other.name
            func text(_ model: ModelIdentity) -> String { sameName ? "\(model.name) \(model.contentHash)" : model.name }
            throw .configurationMismatch(.model, existing: model.map(text) ?? "none", asked: text(other))
        }
    }
}

/// When an acknowledged change is safe from a loss of power. From the death of the process it is safe with any of them.
public enum Durability: String, Sendable, CaseIterable {
    /// Before it is acknowledged.
    case always
    /// About a second later.
    case second
    /// When the system likes, or at `sync`, `checkpoint` and `close`.
    case none
}

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// When changes are made durable.
    public var durability: Durability
    /// Whether an absent or empty folder becomes a store.
    public var create: Bool
    /// Whether the store is only read: nothing in the folder is changed, and others may read it at the same time.
    public var readOnly: Bool
    /// A collection whose log has grown to this many bytes gets a new snapshot; a large one when it has grown to an
    /// eighth of the snapshot, but at most 256 MiB.
    public var checkpointLogBytes: UInt64
    /// A collection that has changes gets a new snapshot after this many seconds at the latest.
    public var checkpointSeconds: Int
    /// What the lock file says of who has the store.
    public var program: String

    /// How long the log of a collection may grow whose snapshot is so large.
    func checkpointLogBytes(snapshot: UInt64) -> UInt64 {
        max(checkpointLogBytes, min(snapshot / StoreLimits.checkpointShare, StoreLimits.checkpointLogBytes))
    }

    /// Changes durable after a second; the folder is made; checkpoints every 64 MiB or 10 minutes.
    public init(
        durability: Durability = .second, create: Bool = true, readOnly: Bool = false,
        checkpointLogBytes: UInt64 = 64 << 20, checkpointSeconds: Int = 600, program: String = "lookalike"
    ) {
        self.durability = durability
        self.create = create
        self.readOnly = readOnly
        self.checkpointLogBytes = checkpointLogBytes
        self.checkpointSeconds = checkpointSeconds
        self.program = program
    }
}

/// How large things may be. Each is checked before anything is changed.
public enum StoreLimits {
    /// Bytes of an element's name.
    public static let elementNameBytes = 1 << 20
    /// Bytes of a collection's name.
    public static let collectionNameBytes = 64 << 10
    /// Bytes of an element's attributes.
    public static let attributesBytes = 16 << 20
    /// Bytes of an element's thumbnail.
    public static let thumbnailBytes = 16 << 20

    /// The log of a large collection may grow to this share of its snapshot (one in so many bytes) ...
    static let checkpointShare: UInt64 = 8
    /// ... but to no more than this, because replaying it takes time when the store is opened.
    static let checkpointLogBytes: UInt64 = 256 << 20

    static func check(_ what: String, _ value: Int, _ limit: Int) throws(StoreError) {
        if value > limit { throw .limitExceeded(what: what, value: UInt64(value), limit: UInt64(limit)) }
    }
}
