/// What shapes a graph: how many links a node has, and how hard the build looks for good ones.
public struct HNSWParameters: Sendable, Equatable {
    /// Links a node may have on each layer above 0; layer 0 has twice as many.
    public var m: Int
    /// How many candidates the build keeps while it looks for a new node's neighbours.
    public var efConstruction: Int

    /// What `m` may be.
    public static let mRange = 4...4096
    /// What `efConstruction`, and `ef` of a search, may be.
    public static let efRange = 1...1_000_000
    /// The highest layer of any graph.
    public static let levelLimit = 16

    /// Traps when a value is out of its range: callers check what users send.
    public init(m: Int = 16, efConstruction: Int = 200) {
        precondition(Self.mRange.contains(m), "m must be in \(Self.mRange)")
        precondition(Self.efRange.contains(efConstruction), "efConstruction must be in \(Self.efRange)")
        self.m = m
        self.efConstruction = efConstruction
    }

    /// How many links a node may have on a layer.
    func linkCapacity(layer: Int) -> Int { layer == 0 ? 2 * m : m }
}
