/// What there is to an index besides its records: enough, together with their bytes, to go on where it stopped.
public struct HNSWImage: Sendable, Equatable {
    /// Node records, in use or free.
    public var nodeCount: UInt64
    /// The first free node record, or UInt32.max.
    public var nodeFreeHead: UInt32
    /// Free node records.
    public var nodeFreeCount: UInt64
    /// Upper-layer records, in use or free.
    public var upperCount: UInt64
    /// The first free upper-layer record, or UInt32.max.
    public var upperFreeHead: UInt32
    /// Free upper-layer records.
    public var upperFreeCount: UInt64
    /// The node where searches begin, or UInt32.max.
    public var entryPoint: UInt32
    /// What levels are drawn from.
    public var seed: UInt64
    /// How many levels have been drawn.
    public var draws: UInt64

    /// All fields at once.
    public init(
        nodeCount: UInt64, nodeFreeHead: UInt32, nodeFreeCount: UInt64, upperCount: UInt64, upperFreeHead: UInt32,
        upperFreeCount: UInt64, entryPoint: UInt32, seed: UInt64, draws: UInt64
    ) {
        self.nodeCount = nodeCount
        self.nodeFreeHead = nodeFreeHead
        self.nodeFreeCount = nodeFreeCount
        self.upperCount = upperCount
        self.upperFreeHead = upperFreeHead
        self.upperFreeCount = upperFreeCount
        self.entryPoint = entryPoint
        self.seed = seed
        self.draws = draws
    }
}

/// Why bytes are no image of an index.
public enum HNSWImageError: Error, Equatable {
    /// They contradict themselves; what is wrong.
    case inconsistent(String)
    /// No memory.
    case memory(HNSWError)
}

extension HNSWIndex {
    /// The image of the index as it is. Its records are what `forEachNodeSpan` and `forEachUpperSpan` give.
    public var image: HNSWImage {
        HNSWImage(
            nodeCount: UInt64(nodes.records.count), nodeFreeHead: nodes.records.freeHead,
            nodeFreeCount: UInt64(nodes.records.freeCount), upperCount: UInt64(uppers.count),
            upperFreeHead: uppers.freeHead, upperFreeCount: UInt64(uppers.freeCount), entryPoint: entryPoint,
            seed: levels.seed, draws: levels.draws)
    }

    /// Bytes of one node record.
    public static func nodeStride(dimension: Int, parameters: HNSWParameters) -> Int {
        NodeLayout(dimension: dimension, linkCapacity: parameters.linkCapacity(layer: 0)).stride
    }

    /// Bytes of one upper-layer record.
    public static func upperStride(parameters: HNSWParameters) -> Int { GraphView.upperStride(m: parameters.m) }

    /// Calls `body` with the bytes of all node records in order, piece by piece.
    public func forEachNodeSpan<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void)
        throws(Failure)
    {
        try nodes.records.forEachSpan(body)
    }

    /// Calls `body` with the bytes of all upper-layer records in order, piece by piece.
    public func forEachUpperSpan<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void)
        throws(Failure)
    {
        try uppers.forEachSpan(body)
    }

    /// An index over records that lie in a private mapping. They are not copied: pages are read when touched, and
    /// copied by the system when written.
    ///
    /// The whole structure is checked first (`checkStructure`), so that no image, however made, leads a search or a
    /// change outside of the records. What the vectors are is not looked at: that is `validate()`'s to say.
    ///
    /// - Parameters:
    ///   - nodeBytes, upperBytes: aligned to 64 bytes, writable, valid as long as `owner` lives.
    ///   - owner: keeps the mapping.
    public convenience init(
        image: HNSWImage, dimension: Int, metric: Metric, parameters: HNSWParameters,
        nodeBytes: UnsafeMutableRawBufferPointer, upperBytes: UnsafeMutableRawBufferPointer, owner: AnyObject
    ) throws(HNSWImageError) {
        precondition(Self.dimensionRange.contains(dimension), "dimension must be in \(Self.dimensionRange)")
        let layout = NodeLayout(dimension: dimension, linkCapacity: parameters.linkCapacity(layer: 0))
        let upperStride = GraphView.upperStride(m: parameters.m)
        guard image.nodeCount <= UInt64(NodeID.limit), nodeBytes.count == Int(image.nodeCount) * layout.stride else {
            throw .inconsistent("\(nodeBytes.count) bytes of nodes are not \(image.nodeCount) records")
        }
        guard image.upperCount <= UInt64(NodeID.limit), upperBytes.count == Int(image.upperCount) * upperStride else {
            throw .inconsistent("\(upperBytes.count) bytes of upper links are not \(image.upperCount) records")
        }
        guard image.nodeFreeCount <= image.nodeCount, image.upperFreeCount <= image.upperCount else {
            throw .inconsistent("more free records than records")
        }
        let nodes: NodeStorage
        let uppers: RecordArray
        do {
            nodes = NodeStorage(
                layout: layout, metric: metric,
                records: try RecordArray(
                    stride: layout.stride, mapped: nodeBytes, count: Int(image.nodeCount),
                    freeHead: image.nodeFreeHead, freeCount: Int(image.nodeFreeCount), owner: owner))
            uppers = try RecordArray(
                stride: upperStride, mapped: upperBytes, count: Int(image.upperCount), freeHead: image.upperFreeHead,
                freeCount: Int(image.upperFreeCount), owner: owner)
        } catch {
            throw .memory(error)
        }
        self.init(
            metric: metric, parameters: parameters, nodes: nodes, uppers: uppers,
            levels: LevelGenerator(seed: image.seed, draws: image.draws, m: parameters.m),
            entryPoint: image.entryPoint)
        try checkStructure()
    }
}
