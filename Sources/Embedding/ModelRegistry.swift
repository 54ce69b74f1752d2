/// The models a user can name.
public struct ModelRegistry: Sendable {
    /// The name that stands for whatever model the program ships as its best.
    public static let defaultName = "default"

    private let embedders: [any Embedder]
    private let best: any Embedder

    /// The models inside the executable.
    public init() {
        let baseline = BaselineEmbedder()
        embedders = [baseline]
        best = baseline
    }

    /// Names that `embedder(named:)` knows, the default first.
    public var names: [String] { [Self.defaultName] + embedders.map(\.model.name) }

    /// The model of this name, nil when there is none.
    public func embedder(named name: String) -> (any Embedder)? {
        name == Self.defaultName ? best : embedders.first { $0.model.name == name }
    }

    /// The model whose vectors can be compared with those of `name` and `contentHash`, nil when it is not here.
    public func embedder(named name: String, contentHash: String) -> (any Embedder)? {
        embedders.first { $0.model.name == name && $0.model.contentHash == contentHash }
    }
}
