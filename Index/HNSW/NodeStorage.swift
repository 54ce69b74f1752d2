import CVectorKernels

/// The nodes of an index: for each, under one number, a record in each of several arrays.
///
/// | array | what a search does with it | bytes a node |
/// | --- | --- | --- |
/// | `codes` | reads the code of every node it meets: nothing else lies beside it | `VectorCodec.codeStride` |
/// | `terms` | likewise, for int8: the numbers that make a dot product a distance | 8 |
/// | `links` | reads the layer-0 links of every node it expands | 4 a place, rounded up to 64 |
/// | `heads` | reads one at the entry and one for each result | 24 |
/// | `vectors` | reads those of the last candidates, where a code is not exact | 4 a value |
///
/// A head, offsets in bytes, all little-endian on the machines we build for:
///
///     0   UInt32  parent    of layer 0, see LinkList
///     4   UInt32  count     of layer 0
///     8   UInt32  state     0 removed or free, else level + 1
///     12  UInt32  upper     the record of its links on layer 1, or noRecord
///     16  Float32 norm      what the vector was divided by; 1 for a zero vector
///     20  UInt32  vector    its record in `vectors`, or noRecord where the code is exact
///
/// Vectors have a pool of their own, because most nodes of a collection may have none.
///
/// Thread-safety: changes are for one thread at a time; readers go on meanwhile.
final class NodeStorage: @unchecked Sendable {
    let codec: VectorCodec
    let kernel: DistanceKernel
    let linkCapacity: Int

    /// Whose records say which numbers are in use; the other arrays follow it.
    let heads: RecordPool
    let codes: RecordArray
    let terms: RecordArray?
    let links: RecordArray?
    let vectors: RecordPool

    static let headStride = 24
    static let termStride = MemoryLayout<lk_code_terms>.stride

    static func linkStride(capacity: Int) -> Int { (4 * capacity + 63) / 64 * 64 }

    /// Whether every code is exact, so that under L2 codes can be compared without their terms.
    @inline(__always)
    var areAllExact: Bool { vectors.records.count == 0 }

    /// How many nodes there are, removed ones that readers may still hold included.
    var count: Int { heads.count }

    /// One more than the highest number ever given to a node.
    var slotCount: Int { heads.records.count }

    /// No nodes. With a link capacity of 0 there are no links, only vectors.
    init(codec: VectorCodec, linkCapacity: Int) {
        self.codec = codec
        self.linkCapacity = linkCapacity
        kernel = DistanceKernel(metric: codec.metric, dimension: codec.dimension)
        heads = RecordPool(RecordArray(stride: Self.headStride))
        codes = RecordArray(stride: codec.codeStride)
        terms = codec.hasTerms ? RecordArray(stride: Self.termStride) : nil
        links = linkCapacity > 0 ? RecordArray(stride: Self.linkStride(capacity: linkCapacity)) : nil
        vectors = RecordPool(RecordArray(stride: 4 * codec.dimension))
    }

    /// Nodes read back from an image.
    init(
        codec: VectorCodec, linkCapacity: Int, heads: RecordPool, codes: RecordArray, terms: RecordArray?,
        links: RecordArray, vectors: RecordPool
    ) {
        self.codec = codec
        self.linkCapacity = linkCapacity
        kernel = DistanceKernel(metric: codec.metric, dimension: codec.dimension)
        self.heads = heads
        self.codes = codes
        self.terms = terms
        self.links = links
        self.vectors = vectors
    }

    // MARK: Changes

    /// Takes the memory that the next node will need.
    func reserve() throws(HNSWError) {
        let slots = slotCount + 1
        try heads.reserve(1)
        try codes.reserve(slots)
        try terms?.reserve(slots)
        try links?.reserve(slots)
        try vectors.reserve(1)
    }

    /// Stores a coded vector in a node without links. Room must have been reserved.
    func insert(_ vector: EncodedVector, level: Int) -> UInt32 {
        let slots = slotCount
        let id = heads.allocate { self.head($0).state == 0 }
        if Int(id) == slots {
            for array in [codes, terms, links] {
                let slot = array?.append()
                precondition(slot == nil || slot == id, "the arrays of an index have come apart")
            }
        }
        codes.mutableAddress(id).copyMemory(from: vector.code, byteCount: codes.stride)
        terms?.mutableAddress(id).storeBytes(of: codec.terms(vector.coded), as: lk_code_terms.self)
        var record = noRecord
        if !vector.coded.isExact {
            record = vectors.allocate()
            vectors.records.mutableAddress(record).copyMemory(from: vector.values, byteCount: 4 * codec.dimension)
        }
        if links != nil { mutableBaseLinks(id).clear(owner: id) }
        let head = mutableHead(id)
        head.norm = vector.coded.norm
        head.upper = noRecord
        head.vector = record
        head.state = UInt32(level + 1)
        return id
    }

    /// Marks a node as removed; readers that hold it still find all that it was.
    func markRemoved(_ id: UInt32) { mutableHead(id).state = 0 }

    /// Gives the records of a removed node back, once no reader can hold it.
    func free(_ id: UInt32) {
        let vector = head(id).vector
        if vector != noRecord { vectors.free(vector) }
        heads.free(id)
    }

    // MARK: Reading

    @inline(__always)
    func head(_ id: UInt32) -> NodeHead { NodeHead(at: heads.records.address(id)) }

    private func mutableHead(_ id: UInt32) -> MutableNodeHead {
        MutableNodeHead(at: heads.records.mutableAddress(id))
    }

    /// The head of a node whose upper record is about to be set.
    func setUpper(_ id: UInt32, _ record: UInt32) { mutableHead(id).upper = record }

    @inline(__always)
    func code(_ id: UInt32) -> UnsafePointer<UInt8> {
        UnsafePointer(codes.address(id).assumingMemoryBound(to: UInt8.self))
    }

    @inline(__always)
    func baseLinks(_ id: UInt32) -> LinkList {
        LinkList(head: heads.records.address(id), links: links!.address(id), capacity: linkCapacity)
    }

    func mutableBaseLinks(_ id: UInt32) -> MutableLinkList {
        MutableLinkList(
            LinkList(
                head: heads.records.mutableAddress(id), links: links!.mutableAddress(id), capacity: linkCapacity))
    }

    func isLive(_ id: UInt32) -> Bool { Int(id) < slotCount && head(id).state != 0 }

    func level(_ id: UInt32) -> Int { Int(head(id).state) - 1 }

    /// The full-precision vector of a node whose code is not exact, else nil.
    @inline(__always)
    func fullVector(_ id: UInt32) -> UnsafePointer<Float>? {
        let record = head(id).vector
        guard record != noRecord else { return nil }
        return UnsafePointer(vectors.records.address(record).assumingMemoryBound(to: Float.self))
    }

    /// Asks for the full vectors of nodes, if they lie in a file that memory cannot hold: first for all heads, which
    /// say where the vectors are.
    func askAhead(_ ids: UnsafePointer<UInt32>, count: Int) {
        let (heads, vectors) = (heads.records.handle, vectors.records)
        guard heads.pointee.scattered != 0 else { return }
        for i in 0..<count { lk_ask_ahead(lk_place(heads, ids[i]), Self.headStride) }
        for i in 0..<count {
            let record = head(ids[i]).vector
            if record != noRecord { lk_ask_ahead(lk_place(vectors.handle, record), vectors.stride) }
        }
    }

    /// The vector of a node in the metric's form, the origin taken off.
    func copyVector(_ id: UInt32, into values: UnsafeMutablePointer<Float>) {
        if let full = fullVector(id) {
            values.update(from: full, count: codec.dimension)
        } else {
            codec.decodeExact(code(id), into: values)
        }
    }
}

/// A vector as it will be stored: what `NodeStorage.insert` copies.
struct EncodedVector {
    let values: UnsafePointer<Float>
    let code: UnsafePointer<UInt8>
    let coded: CodedVector
}

/// The head of a node where it lies; see `NodeStorage`.
struct NodeHead {
    private let words: UnsafeMutablePointer<UInt32>

    @inline(__always)
    init(at address: UnsafeMutableRawPointer) { words = address.assumingMemoryBound(to: UInt32.self) }

    @inline(__always)
    var state: UInt32 { lk_load(words + 2) }

    @inline(__always)
    var upper: UInt32 { lk_load(words + 3) }

    @inline(__always)
    var norm: Float { Float(bitPattern: lk_load(words + 4)) }

    @inline(__always)
    var vector: UInt32 { lk_load(words + 5) }
}

/// The same for the writer, who has said that it is going to change.
struct MutableNodeHead {
    private let words: UnsafeMutablePointer<UInt32>

    init(at address: UnsafeMutableRawPointer) { words = address.assumingMemoryBound(to: UInt32.self) }

    var state: UInt32 {
        get { lk_load(words + 2) }
        nonmutating set { lk_store(words + 2, newValue) }
    }

    var upper: UInt32 {
        get { lk_load(words + 3) }
        nonmutating set { lk_store(words + 3, newValue) }
    }

    var norm: Float {
        get { Float(bitPattern: lk_load(words + 4)) }
        nonmutating set { lk_store(words + 4, newValue.bitPattern) }
    }

    var vector: UInt32 {
        get { lk_load(words + 5) }
        nonmutating set { lk_store(words + 5, newValue) }
    }
}
