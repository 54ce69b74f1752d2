/// The nodes of an index: for each its vector, norm, level and layer-0 links, in one record of fixed size.
///
/// Record, all little-endian on the machines we build for, offsets in bytes, D the dimension, C the link capacity:
///
///     0        Float32 vector[D]    as the metric compares it (unit length under cosine)
///     4D       Float32 norm         what the vector was divided by; 1 for a zero vector
///     4D + 4   UInt32  state        0 free, else level + 1
///     4D + 8   UInt32  upper        the record of its links on layer 1, or noRecord
///     4D + 12  LinkList             layer 0: parent, count, links[C]
///
/// rounded up to 64 bytes, so that every vector begins a cache line. A free record has its state 0 and the number of
/// the next free one in its first word.
///
/// Thread-safety: as `RecordArray`.
final class NodeStorage {
    let layout: NodeLayout
    let kernel: DistanceKernel
    let records: RecordArray

    /// How many nodes there are.
    var count: Int { records.count - records.freeCount }

    init(dimension: Int, linkCapacity: Int, metric: Metric) {
        layout = NodeLayout(dimension: dimension, linkCapacity: linkCapacity)
        kernel = DistanceKernel(metric: metric, dimension: dimension)
        records = RecordArray(stride: layout.stride)
    }

    init(layout: NodeLayout, metric: Metric, records: RecordArray) {
        self.layout = layout
        kernel = DistanceKernel(metric: metric, dimension: layout.dimension)
        self.records = records
    }

    var view: NodeView { NodeView(records: records.view, layout: layout) }

    /// Stores a vector in a new record without links. Room must have been reserved.
    func insert(_ vector: [Float], level: Int) -> UInt32 {
        let id = records.allocate()
        view.setState(id, UInt32(level + 1))
        view.setUpper(id, noRecord)
        view.links(id).clear()
        replace(id, vector)
        return id
    }

    /// Replaces the vector of a node.
    func replace(_ id: UInt32, _ vector: [Float]) {
        precondition(vector.count == layout.dimension, "the vector has another dimension than the index")
        let norm = vector.withUnsafeBufferPointer { kernel.store($0.baseAddress!, to: view.mutableVector(id)) }
        view.setNorm(id, norm)
    }

    /// Whether a node has exactly this vector and norm, bit for bit.
    func holds(_ id: UInt32, _ vector: [Float]) -> Bool {
        var stored = vector
        let norm = vector.withUnsafeBufferPointer { source in
            stored.withUnsafeMutableBufferPointer { kernel.store(source.baseAddress!, to: $0.baseAddress!) }
        }
        let own = UnsafeBufferPointer(start: view.vector(id), count: layout.dimension)
        return norm.bitPattern == view.norm(id).bitPattern
            && zip(own, stored).allSatisfy { $0.bitPattern == $1.bitPattern }
    }

    func remove(_ id: UInt32) {
        view.setState(id, 0)
        records.free(id)
    }

    func isLive(_ id: UInt32) -> Bool { Int(id) < records.count && view.state(id) != 0 }
}

/// Where the fields of a node record are.
struct NodeLayout {
    let dimension: Int
    let linkCapacity: Int

    var stride: Int { (4 * dimension + 12 + 4 * (LinkList.headerWords + linkCapacity) + 63) / 64 * 64 }
}

/// The node records for hot loops: a plain value, good until the next allocation.
struct NodeView {
    let records: RecordView
    private let normOffset: Int

    init(records: RecordView, layout: NodeLayout) {
        self.records = records
        normOffset = 4 * layout.dimension
    }

    @inline(__always)
    func vector(_ id: UInt32) -> UnsafePointer<Float> {
        UnsafePointer(records.address(id).assumingMemoryBound(to: Float.self))
    }

    func mutableVector(_ id: UInt32) -> UnsafeMutablePointer<Float> {
        records.address(id).assumingMemoryBound(to: Float.self)
    }

    func norm(_ id: UInt32) -> Float { records.address(id).load(fromByteOffset: normOffset, as: Float.self) }

    func setNorm(_ id: UInt32, _ norm: Float) {
        records.address(id).storeBytes(of: norm, toByteOffset: normOffset, as: Float.self)
    }

    @inline(__always)
    func state(_ id: UInt32) -> UInt32 { records.address(id).load(fromByteOffset: normOffset + 4, as: UInt32.self) }

    func setState(_ id: UInt32, _ state: UInt32) {
        records.address(id).storeBytes(of: state, toByteOffset: normOffset + 4, as: UInt32.self)
    }

    func level(_ id: UInt32) -> Int { Int(state(id)) - 1 }

    @inline(__always)
    func upper(_ id: UInt32) -> UInt32 { records.address(id).load(fromByteOffset: normOffset + 8, as: UInt32.self) }

    func setUpper(_ id: UInt32, _ record: UInt32) {
        records.address(id).storeBytes(of: record, toByteOffset: normOffset + 8, as: UInt32.self)
    }

    @inline(__always)
    func links(_ id: UInt32) -> LinkList { LinkList(at: records.address(id) + (normOffset + 12)) }
}
