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
    /// Nodes that are neither in use nor free: taken out, while readers may still have held them. Nobody does who reads
    /// the image.
    public var pendingNodes: [UInt32]
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
        freeUppers: FreeList, pendingNodes: [UInt32], entryPoint: UInt32, origin: UInt32, seed: UInt64, draws: UInt64
    ) {
        self.nodeCount = nodeCount
        self.vectorCount = vectorCount
        self.upperCount = upperCount
        self.freeNodes = freeNodes
        self.freeVectors = freeVectors
        self.freeUppers = freeUppers
        self.pendingNodes = pendingNodes
        self.entryPoint = entryPoint
        self.origin = origin
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
    /// Begins to keep the index as it is now, to be written out while it goes on changing. One at a time.
    public func capture() -> HNSWCapture { writer.withLock { captureLocked() } }

    private func captureLocked() -> HNSWCapture {
        reclaim()
        func list(_ pool: RecordPool) -> HNSWImage.FreeList {
            HNSWImage.FreeList(head: pool.freeHead, count: UInt64(pool.freeCount))
        }
        let image = HNSWImage(
            nodeCount: UInt64(slotCount), vectorCount: UInt64(nodes.vectors.records.count),
            upperCount: UInt64(uppers.records.count), freeNodes: list(nodes.heads), freeVectors: list(nodes.vectors),
            freeUppers: list(uppers), pendingNodes: removed.map(\.id), entryPoint: entryPoint,
            origin: nodes.codec.savedOrigin, seed: levels.seed, draws: levels.draws)
        for array in HNSWArray.allCases { records(array)?.beginCapture() }
        return HNSWCapture(index: self, image: image)
    }

    func records(_ array: HNSWArray) -> RecordArray? {
        switch array {
        case .heads: nodes.heads.records
        case .codes: nodes.codes
        case .terms: nodes.terms
        case .links: nodes.links
        case .vectors: nodes.vectors.records
        case .uppers: uppers.records
        }
    }

    /// Bytes of a record of an array of such an index, as they are in a file; 0 if it has no such array.
    public static func recordBytes(
        of array: HNSWArray, dimension: Int, metric: Metric, quantization: Quantization, parameters: HNSWParameters
    ) -> Int {
        let codec = VectorCodec(dimension: dimension, metric: metric, quantization: quantization)
        switch array {
        case .heads: return NodeStorage.headStride
        case .codes: return codec.codeStride
        case .terms: return codec.hasTerms ? NodeStorage.termStride : 0
        case .links: return NodeStorage.linkStride(capacity: parameters.linkCapacity(layer: 0))
        case .vectors: return 4 * dimension
        case .uppers: return upperStride(parameters: parameters)
        }
    }

    /// Bytes of a block of records of that stride: see `MappedRecords`.
    public static func blockBytes(stride: Int) -> Int { stride << Int(RecordArray.blockShift(stride: stride)) }

    /// An index over arrays that lie in a mapped file. They are not copied: pages are read when touched, and copied by
    /// the system when written. Takes as long whatever there is in them.
    ///
    /// Nothing is believed of them but what the image says. Each block is checked before it is first used: as
    /// `MappedRecords` does, and by a test of our own that no number in it leads out of the arrays, so that no file,
    /// however made, leads a search or a change outside of the records. What cannot be seen in one block (that links
    /// are reciprocal, and so on: `checkStructure`) a change finds out when it comes upon it, and says so to `faults`.
    ///
    /// - Parameters:
    ///   - faults: told what records contradict each other in; the index is not to be used after.
    ///   - mapped: each array.
    public convenience init<Failure: Error>(
        image: HNSWImage, dimension: Int, metric: Metric, quantization: Quantization, parameters: HNSWParameters,
        faults: @escaping @Sendable (String) -> Void, mapped: (HNSWArray) throws(Failure) -> any MappedRecords
    ) throws {
        precondition(Self.dimensionRange.contains(dimension), "dimension must be in \(Self.dimensionRange)")
        try image.check(quantization: quantization, metric: metric)
        let codec = VectorCodec(
            dimension: dimension, metric: metric, quantization: quantization, originState: image.origin)
        let capacity = parameters.linkCapacity(layer: 0)
        func records(_ array: HNSWArray) throws -> RecordArray {
            let stride = Self.recordBytes(
                of: array, dimension: dimension, metric: metric, quantization: quantization, parameters: parameters)
            let count = image.count(of: array)
            let records = try mapped(array)
            guard count <= UInt64(NodeID.limit), records.bytes.count == Int(count) * stride,
                records.blockBytes == Self.blockBytes(stride: stride)
            else {
                throw HNSWImageError.inconsistent("\(records.bytes.count) bytes of \(array) are not \(count) records")
            }
            let admission = RecordAdmission(
                array: array, stride: stride, image: image, parameters: parameters, quantization: quantization)
            records.admit { admission.fault($0, $1) }
            do {
                return try RecordArray(stride: stride, mapped: records, count: Int(count))
            } catch {
                throw HNSWImageError.memory(error)
            }
        }
        func pool(_ array: HNSWArray, _ free: HNSWImage.FreeList) throws -> RecordPool {
            RecordPool(try records(array), freeHead: free.head, freeCount: Int(free.count))
        }
        let nodes = NodeStorage(
            codec: codec, linkCapacity: capacity, heads: try pool(.heads, image.freeNodes), codes: try records(.codes),
            terms: codec.hasTerms ? try records(.terms) : nil, links: try records(.links),
            vectors: try pool(.vectors, image.freeVectors))
        self.init(
            parameters: parameters, nodes: nodes, uppers: try pool(.uppers, image.freeUppers),
            levels: LevelGenerator(seed: image.seed, draws: image.draws, m: parameters.m),
            entryPoint: image.entryPoint, faults: faults)
        countChanged(by: -image.pendingNodes.count)
        removed = image.pendingNodes.map { ($0, 0) }
    }
}

extension HNSWImage {
    /// How many records an array has.
    func count(of array: HNSWArray) -> UInt64 {
        switch array {
        case .heads, .codes, .terms, .links: nodeCount
        case .vectors: vectorCount
        case .uppers: upperCount
        }
    }

    /// Throws `inconsistent` if its numbers lead out of the arrays.
    func check(quantization: Quantization, metric: Metric) throws(HNSWImageError) {
        guard origin <= 129, quantization.supports(metric) else {
            throw .inconsistent("its codes are of no known kind")
        }
        for (list, count) in [(freeNodes, nodeCount), (freeVectors, vectorCount), (freeUppers, upperCount)] {
            guard list.count <= count, (list.head == noRecord) == (list.count == 0),
                list.count == 0 || UInt64(list.head) < count
            else { throw .inconsistent("a list of free records is none") }
        }
        guard UInt64(pendingNodes.count) <= nodeCount - freeNodes.count,
            pendingNodes.allSatisfy({ UInt64($0) < nodeCount })
        else { throw .inconsistent("there are more removed nodes than nodes") }
        let live = nodeCount - freeNodes.count - UInt64(pendingNodes.count)
        guard entryPoint == noRecord ? live == 0 : live > 0 && UInt64(entryPoint) < nodeCount else {
            throw .inconsistent("the entry point is no node")
        }
    }
}
