/// One result of a search: a node and its distance to the query.
public struct Neighbour: Hashable, Comparable, Sendable {
    /// The node.
    public let id: NodeID
    /// Its distance to the query under the index's metric.
    public let distance: Float

    /// A node at a distance.
    public init(id: NodeID, distance: Float) {
        self.id = id
        self.distance = distance
    }

    /// Nearer first; of equally near ones the lower number, so that the order is always the same.
    public static func < (a: Neighbour, b: Neighbour) -> Bool {
        NeighbourKey.make(a.distance, a.id.rawValue) < NeighbourKey.make(b.distance, b.id.rawValue)
    }
}

/// A search for the vectors nearest to a query.
public protocol VectorIndex {
    /// How many vectors it holds.
    var count: Int { get }

    /// The nearest nodes, nearest first: at most `count`, and of those only ones that `filter` accepts.
    ///
    /// - Parameters:
    ///   - query: as many values as the index has dimensions; trapped otherwise. Normalised inside where the metric asks.
    ///   - count: how many results are wanted, at least 1.
    ///   - ef: how many candidates an approximate index keeps; raised to `count` when lower.
    ///   - filter: called with nodes, in no particular order, perhaps from the middle of the search.
    func search(_ query: [Float], count: Int, ef: Int, filter: ((NodeID) -> Bool)?) -> [Neighbour]
}

/// A distance and a node number as one integer that sorts as the pair does, so that heaps compare one word.
enum NeighbourKey {
    /// The bits of a float, with the sign handled so that unsigned order is numeric order (NaN sorts last).
    @inline(__always)
    static func make(_ distance: Float, _ id: UInt32) -> UInt64 {
        let bits = distance.bitPattern
        let ordered = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
        return UInt64(ordered) << 32 | UInt64(id)
    }

    @inline(__always)
    static func id(_ key: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: key) }

    @inline(__always)
    static func distance(_ key: UInt64) -> Float {
        let ordered = UInt32(truncatingIfNeeded: key >> 32)
        return Float(bitPattern: ordered & 0x8000_0000 != 0 ? ordered & 0x7fff_ffff : ~ordered)
    }

    static func neighbour(_ key: UInt64) -> Neighbour {
        Neighbour(id: NodeID(rawValue: id(key)), distance: distance(key))
    }
}
