import CVectorKernels

/// Exact search by looking at every vector: the truth that approximate search is measured against, and what answers a
/// request for exact results, or for few of many.
///
/// It has its own vectors, or shares those of a graph. It computes distances with the same kernels on the same stored
/// values, so that a result found by both has the same distance in both, bit for bit.
///
/// Thread-safety: one that shares a graph's vectors is a reader of that graph, from any number of threads. One with
/// vectors of its own is for one thread at a time.
public final class FlatIndex {
    private let nodes: NodeStorage
    private let readers: ReaderPool
    private let isShared: Bool

    /// How many vectors are compared in one call of the kernel.
    private static let batch = 64

    /// An empty index with vectors of its own.
    public init(dimension: Int, metric: Metric = .cosine, quantization: Quantization = .f32) {
        precondition(HNSWIndex.dimensionRange.contains(dimension))
        nodes = NodeStorage(
            codec: VectorCodec(dimension: dimension, metric: metric, quantization: quantization), linkCapacity: 0)
        readers = ReaderPool(nodes: nodes)
        isShared = false
    }

    /// A view of a graph's vectors, under the same node numbers.
    public init(sharing index: HNSWIndex) {
        nodes = index.nodes
        readers = index.readers
        isShared = true
    }

    /// How many vectors there are, at most: those removed a moment ago may be counted.
    public var count: Int { nodes.count }

    /// Adds a vector. Not on a shared one.
    @discardableResult
    public func insert(_ vector: [Float]) throws(HNSWError) -> NodeID {
        precondition(!isShared, "the graph owns these vectors")
        try nodes.reserve()
        return readers.with { scratch in
            scratch.query.set(vector, settles: true)
            return NodeID(rawValue: nodes.insert(scratch.query.encoded, level: 0))
        }
    }

    /// Removes a vector that exists. Not on a shared one.
    public func remove(_ id: NodeID) {
        precondition(!isShared && nodes.isLive(id.rawValue))
        nodes.markRemoved(id.rawValue)
        nodes.free(id.rawValue)
    }

    /// The nearest of all vectors that the filter accepts, nearest first.
    public func search(_ query: [Float], count: Int, filter: ((NodeID) -> Bool)? = nil) -> [Neighbour] {
        search(for: .vector(query), count: count, filter: filter)
    }

    /// The same for a vector or around a node.
    public func search(for target: SearchTarget, count: Int, filter: ((NodeID) -> Bool)? = nil) -> [Neighbour] {
        readers.with { scratch in
            scratch.aim(at: target)
            return scan(allNodes(filter), count: count, scratch)
        }
    }

    private func allNodes(_ filter: ((NodeID) -> Bool)?) -> some Sequence<UInt32> {
        (0..<UInt32(nodes.slotCount)).lazy.filter { filter?(NodeID(rawValue: $0)) ?? true }
    }

    private func scan(_ candidates: some Sequence<UInt32>, count: Int, _ scratch: SearchScratch) -> [Neighbour] {
        precondition(count > 0, "count must be at least 1")
        let wanted = min(count, nodes.slotCount)
        guard wanted > 0 else { return [] }
        var results = KeyHeap(capacity: min(wanted, 1024))
        defer { results.deallocate() }
        let ids = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.batch)
        let distances = UnsafeMutablePointer<Float>.allocate(capacity: Self.batch)
        defer {
            ids.deallocate()
            distances.deallocate()
        }
        var pending = 0
        func flush() {
            scratch.query.rescore(ids, count: pending, into: distances)
            for i in 0..<pending {
                let key = NeighbourKey.make(distances[i], ids[i])
                if results.count < wanted {
                    results.push(~key)
                } else if key < ~results.first {
                    results.replaceFirst(with: ~key)
                }
            }
            pending = 0
        }
        for id in candidates where nodes.isLive(id) {
            ids[pending] = id
            pending += 1
            if pending == Self.batch { flush() }
        }
        flush()
        return results.drainComplemented().map(NeighbourKey.neighbour)
    }
}
