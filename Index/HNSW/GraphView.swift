/// The whole graph for the length of one operation that allocates no record: a plain value of pointers.
///
/// Upper-layer record (one a node and layer above 0), offsets in bytes, M the link capacity:
///
///     0   UInt32  next      the record of the layer above, or noRecord
///     4   LinkList          parent, count, links[M]
///
/// rounded up to 16 bytes. A free one has the number of the next free one in its first word.
struct GraphView {
    let nodes: NodeView
    let uppers: RecordView
    let kernel: DistanceKernel
    let m: Int

    static func upperStride(m: Int) -> Int { (4 + 4 * (LinkList.headerWords + m) + 15) / 16 * 16 }

    /// The links of a node on a layer that it reaches.
    @inline(__always)
    func links(_ id: UInt32, layer: Int) -> LinkList {
        if layer == 0 { return nodes.links(id) }
        return LinkList(at: uppers.address(upperRecord(id, layer: layer)) + 4)
    }

    func upperRecord(_ id: UInt32, layer: Int) -> UInt32 {
        var record = nodes.upper(id)
        for _ in 1..<layer { record = nextUpper(record) }
        return record
    }

    func nextUpper(_ record: UInt32) -> UInt32 { uppers.address(record).load(as: UInt32.self) }

    func linkCapacity(layer: Int) -> Int { layer == 0 ? 2 * m : m }

    @inline(__always)
    func distance(_ a: UInt32, _ b: UInt32) -> Float { kernel.distance(nodes.vector(a), nodes.vector(b)) }

    /// Makes a link between two nodes that have room and are not linked.
    func addLink(_ a: UInt32, _ b: UInt32, layer: Int) {
        links(a, layer: layer).append(b)
        links(b, layer: layer).append(a)
    }

    func removeLink(_ a: UInt32, _ b: UInt32, layer: Int) {
        links(a, layer: layer).remove(b)
        links(b, layer: layer).remove(a)
    }

    /// Whether the link between two linked nodes is one of the layer's spanning tree.
    func isTreeLink(_ a: UInt32, _ b: UInt32, layer: Int) -> Bool {
        links(a, layer: layer).parent == b || links(b, layer: layer).parent == a
    }

    /// Those neighbours that hang on a node in the layer's spanning tree.
    func children(of id: UInt32, layer: Int) -> [UInt32] {
        links(id, layer: layer).array.filter { links($0, layer: layer).parent == id }
    }
}
