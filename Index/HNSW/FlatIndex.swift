/// Exact search by looking at every vector: the truth that approximate search is measured against, and what answers a
/// request for exact results.
///
/// It has its own vectors, or shares those of a graph. It computes distances with the same kernels on the same stored
/// values, so that a result found by both has the same distance in both, bit for bit.
///
/// Thread-safety: as `HNSWIndex`; one that shares a graph's vectors is a reader of that graph.
public final class FlatIndex: VectorIndex {
    private let nodes: NodeStorage
    private let isShared: Bool

    /// How many vectors are compared in one call of the kernel.
    private static let batch = 64

    /// An empty index with vectors of its own.
    public init(dimension: Int, metric: Metric = .cosine) {
        precondition(HNSWIndex.dimensionRange.contains(dimension))
        nodes = NodeStorage(dimension: dimension, linkCapacity: 0, metric: metric)
        isShared = false
    }

    /// A view of a graph's vectors, under the same node numbers.
    public init(sharing index: HNSWIndex) {
        nodes = index.nodes
        isShared = true
    }

    /// How many vectors there are.
    public var count: Int { nodes.count }

    /// Adds a vector; freed numbers are used again in the same order as `HNSWIndex` does. Not on a shared one.
    @discardableResult
    public func insert(_ vector: [Float]) throws(HNSWError) -> NodeID {
        precondition(!isShared, "the graph owns these vectors")
        try nodes.records.reserve(1)
        return NodeID(rawValue: nodes.insert(vector, level: 0))
    }

    /// Removes a vector that exists. Not on a shared one.
    public func remove(_ id: NodeID) {
        precondition(!isShared && nodes.isLive(id.rawValue))
        nodes.remove(id.rawValue)
    }

    /// Replaces a vector that exists. Not on a shared one.
    public func update(_ id: NodeID, to vector: [Float]) {
        precondition(!isShared && nodes.isLive(id.rawValue))
        nodes.replace(id.rawValue, vector)
    }

    /// The nearest of all vectors that the filter accepts, nearest first. `ef` makes no difference.
    public func search(_ query: [Float], count: Int, ef: Int = 1, filter: ((NodeID) -> Bool)? = nil) -> [Neighbour] {
        precondition(query.count == nodes.layout.dimension, "the query has another dimension than the index")
        var stored = query
        query.withUnsafeBufferPointer { source in
            stored.withUnsafeMutableBufferPointer { _ = nodes.kernel.store(source.baseAddress!, to: $0.baseAddress!) }
        }
        return stored.withUnsafeBufferPointer { scan($0.baseAddress!, count: count, filter: filter) }
    }

    /// The same around a stored vector, which is its own first result.
    public func search(like id: NodeID, count: Int, filter: ((NodeID) -> Bool)? = nil) -> [Neighbour] {
        precondition(nodes.isLive(id.rawValue))
        return scan(nodes.view.vector(id.rawValue), count: count, filter: filter)
    }

    private func scan(_ query: UnsafePointer<Float>, count: Int, filter: ((NodeID) -> Bool)?) -> [Neighbour] {
        precondition(count > 0, "count must be at least 1")
        let view = nodes.view
        let wanted = min(count, nodes.count)
        guard wanted > 0 else { return [] }
        var results = KeyHeap(capacity: min(wanted, 1024))
        defer { results.deallocate() }
        var ids: [UInt32] = []
        var rows: [UnsafePointer<Float>?] = []
        var distances = [Float](repeating: 0, count: Self.batch)
        func flush() {
            nodes.kernel.distances(from: query, to: rows, count: rows.count, into: &distances)
            for (i, id) in ids.enumerated() {
                let key = NeighbourKey.make(distances[i], id)
                if results.count < wanted {
                    results.push(~key)
                } else if key < ~results.first {
                    results.replaceFirst(with: ~key)
                }
            }
            ids.removeAll(keepingCapacity: true)
            rows.removeAll(keepingCapacity: true)
        }
        for id in 0..<UInt32(nodes.records.count) where view.state(id) != 0 {
            if let filter, !filter(NodeID(rawValue: id)) { continue }
            ids.append(id)
            rows.append(view.vector(id))
            if ids.count == Self.batch { flush() }
        }
        flush()
        return results.drainComplemented().map(NeighbourKey.neighbour)
    }
}
