/// The arrays of an index, each a section of a snapshot; see `NodeStorage`.
public enum HNSWArray: CaseIterable, Sendable {
    /// Level, norm, and where the rest of a node is.
    case heads
    /// What searches compare.
    case codes
    /// The numbers beside int8 codes; empty for other quantizations.
    case terms
    /// Links on layer 0.
    case links
    /// Full-precision vectors of nodes whose codes are not exact.
    case vectors
    /// Links above layer 0.
    case uppers
}

/// What there is to an index besides its arrays: enough, together with their bytes, to go on where it stopped.
public struct HNSWImage: Sendable, Equatable {
    /// A list of free records: the first one, or UInt32.max, and how many.
    public struct FreeList: Sendable, Equatable {
        /// The first free record, or UInt32.max.
        public var head: UInt32
        /// How many there are.
        public var count: UInt64

        /// Both at once.
        public init(head: UInt32, count: UInt64) {
            self.head = head
            self.count = count
        }
    }

    /// Node numbers in use or free: records in heads, codes, terms and links.
    public var nodeCount: UInt64
    /// Records in vectors, in use or free.
    public var vectorCount: UInt64
    /// Records in uppers, in use or free.
    public var upperCount: UInt64
    /// Free nodes.
    public var freeNodes: FreeList
    /// Free vectors.
    public var freeVectors: FreeList
    /// Free upper records.
    public var freeUppers: FreeList
    /// The node where searches begin, or UInt32.max.
    public var entryPoint: UInt32
    /// What is subtracted from every value before it is coded, plus one; 0 while it is undecided.
    public var origin: UInt32
    /// What levels are drawn from.
    public var seed: UInt64
    /// How many levels have been drawn.
    public var draws: UInt64

    /// All fields at once.
    public init(
        nodeCount: UInt64, vectorCount: UInt64, upperCount: UInt64, freeNodes: FreeList, freeVectors: FreeList,
        freeUppers: FreeList, entryPoint: UInt32, origin: UInt32, seed: UInt64, draws: UInt64
    ) {
        self.nodeCount = nodeCount
        self.vectorCount = vectorCount
        self.upperCount = upperCount
        self.freeNodes = freeNodes
        self.freeVectors = freeVectors
        self.freeUppers = freeUppers
        self.entryPoint = entryPoint
        self.origin = origin
        self.seed = seed
        self.draws = draws
    }

    /// How many records an array has.
    func count(of array: HNSWArray) -> UInt64 {
        switch array {
        case .heads, .codes, .terms, .links: nodeCount
        case .vectors: vectorCount
        case .uppers: upperCount
        }
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
    /// The image of the index as it is. Its arrays are what `forEachSpan` gives, as long as nobody changes it.
    public var image: HNSWImage {
        func list(_ pool: RecordPool) -> HNSWImage.FreeList {
            HNSWImage.FreeList(head: pool.freeHead, count: UInt64(pool.freeCount))
        }
        return writer.withLock {
            reclaim()
            return HNSWImage(
                nodeCount: UInt64(slotCount), vectorCount: UInt64(nodes.vectors.records.count),
                upperCount: UInt64(uppers.records.count), freeNodes: list(nodes.heads),
                freeVectors: list(nodes.vectors), freeUppers: list(uppers), entryPoint: entryPoint,
                origin: nodes.codec.savedOrigin, seed: levels.seed, draws: levels.draws)
        }
    }

    private func records(_ array: HNSWArray) -> RecordArray? {
        switch array {
        case .heads: nodes.heads.records
        case .codes: nodes.codes
        case .terms: nodes.terms
        case .links: nodes.links
        case .vectors: nodes.vectors.records
        case .uppers: uppers.records
        }
    }

    /// Calls `body` with the bytes of all records of an array in order, piece by piece. Changes must be kept out by the
    /// caller, from the call of `image` on.
    public func forEachSpan<Failure: Error>(
        of array: HNSWArray, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try records(array)?.forEachSpan(body)
    }

    /// An index over arrays that lie in a private mapping. They are not copied: pages are read when touched, and copied
    /// by the system when written.
    ///
    /// The whole structure is checked first (`checkStructure`), so that no image, however made, leads a search or a
    /// change outside of the records. What the vectors are is not looked at: that is `validate()`'s to say.
    ///
    /// - Parameters:
    ///   - bytes: of each array: aligned to 64 bytes, writable, valid as long as `owner` lives.
    ///   - owner: keeps the mapping.
    public convenience init<Failure: Error>(
        image: HNSWImage, dimension: Int, metric: Metric, quantization: Quantization, parameters: HNSWParameters,
        owner: AnyObject, bytes: (HNSWArray) throws(Failure) -> UnsafeMutableRawBufferPointer
    ) throws {
        precondition(Self.dimensionRange.contains(dimension), "dimension must be in \(Self.dimensionRange)")
        guard image.origin <= 129, quantization.supports(metric) else {
            throw HNSWImageError.inconsistent("its codes are of no known kind")
        }
        let codec = VectorCodec(
            dimension: dimension, metric: metric, quantization: quantization, originState: image.origin)
        let capacity = parameters.linkCapacity(layer: 0)
        func mapped(_ array: HNSWArray, stride: Int) throws -> RecordArray {
            let count = image.count(of: array)
            let bytes = try bytes(array)
            guard count <= UInt64(NodeID.limit), bytes.count == Int(count) * stride else {
                throw HNSWImageError.inconsistent("\(bytes.count) bytes of \(array) are not \(count) records")
            }
            do {
                return try RecordArray(stride: stride, mapped: bytes, count: Int(count), owner: owner)
            } catch {
                throw HNSWImageError.memory(error)
            }
        }
        func pool(_ array: HNSWArray, stride: Int, _ free: HNSWImage.FreeList) throws -> RecordPool {
            guard free.count <= image.count(of: array) else {
                throw HNSWImageError.inconsistent("more free \(array) than there are")
            }
            return RecordPool(
                try mapped(array, stride: stride), freeHead: free.head, freeCount: Int(free.count))
        }
        let nodes = NodeStorage(
            codec: codec, linkCapacity: capacity,
            heads: try pool(.heads, stride: NodeStorage.headStride, image.freeNodes),
            codes: try mapped(.codes, stride: codec.codeStride),
            terms: codec.hasTerms ? try mapped(.terms, stride: NodeStorage.termStride) : nil,
            links: try mapped(.links, stride: NodeStorage.linkStride(capacity: capacity)),
            vectors: try pool(.vectors, stride: 4 * dimension, image.freeVectors))
        self.init(
            parameters: parameters, nodes: nodes,
            uppers: try pool(.uppers, stride: Self.upperStride(parameters: parameters), image.freeUppers),
            levels: LevelGenerator(seed: image.seed, draws: image.draws, m: parameters.m),
            entryPoint: image.entryPoint)
        try checkStructure()
    }
}
