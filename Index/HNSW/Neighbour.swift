import CVectorKernels

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

/// What a search looks for: what is near to this.
public enum SearchTarget: Sendable {
    /// A vector: as many values as the index has dimensions, all finite; trapped otherwise. Normalised inside where the
    /// metric asks.
    case vector([Float])
    /// A node that is in the index, which is its own first result.
    case node(NodeID)
}

/// A distance and a node number as one integer that sorts as the pair does, so that heaps compare one word.
enum NeighbourKey {
    /// The bits of a float, with the sign handled so that unsigned order is numeric order (NaN sorts last).
    @inline(__always)
    static func make(_ distance: Float, _ id: UInt32) -> UInt64 {
        lk_candidate_key(distance, id)
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
