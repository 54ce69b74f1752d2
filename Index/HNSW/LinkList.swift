import CVectorKernels

/// The links of one node on one layer.
///
/// Places not in use hold the node's own number. A search reads all places: its own number it has visited, so they are
/// passed over without a look at the count, and a place that is being filled or emptied shows the old link or the new.
/// The parent and the count lie in the record that owns the list.
///
/// Thread-safety: one thread changes it, any number read it, link by link.
struct LinkList {
    fileprivate let links: UnsafeMutablePointer<UInt32>
    fileprivate let head: UnsafeMutablePointer<UInt32>
    let capacity: Int

    /// Words of the head: the neighbour through which the node hangs on the layer's spanning tree (or noRecord), and
    /// how many links there are.
    static let headWords = 2

    @inline(__always)
    init(head: UnsafeMutableRawPointer, links: UnsafeMutableRawPointer, capacity: Int) {
        self.head = head.assumingMemoryBound(to: UInt32.self)
        self.links = links.assumingMemoryBound(to: UInt32.self)
        self.capacity = capacity
    }

    /// Places as they lie in memory: for the kernels.
    @inline(__always)
    var places: UnsafePointer<UInt32> { UnsafePointer(links) }

    @inline(__always)
    var parent: UInt32 { lk_load(head) }

    @inline(__always)
    var count: Int { Int(lk_load(head + 1)) }

    @inline(__always)
    subscript(index: Int) -> UInt32 { lk_load(links + index) }

    func contains(_ id: UInt32) -> Bool {
        for i in 0..<count where self[i] == id { return true }
        return false
    }

    var array: [UInt32] { (0..<count).map { self[$0] } }
}

/// The same for the writer, who has said that it is going to change (`RecordArray.mutableAddress`).
struct MutableLinkList {
    private let list: LinkList

    init(_ list: LinkList) { self.list = list }

    func setParent(_ id: UInt32) { lk_store(list.head, id) }

    private func setCount(_ count: Int) { lk_store(list.head + 1, UInt32(count)) }

    /// No links, no parent.
    func clear(owner: UInt32) {
        setParent(noRecord)
        setCount(0)
        for i in 0..<list.capacity { lk_store(list.links + i, owner) }
    }

    /// Adds a link that is new. False when there is no room.
    func append(_ id: UInt32) -> Bool {
        let count = list.count
        guard count < list.capacity else { return false }
        lk_store(list.links + count, id)
        setCount(count + 1)
        return true
    }

    /// Takes a link of `owner` out; the last one moves into its place. False when it is not there.
    func remove(_ id: UInt32, owner: UInt32) -> Bool {
        let last = list.count - 1
        guard last >= 0, last < list.capacity else { return false }
        for i in 0...last where list[i] == id {
            // First the copy, then the end of it: a reader may see a link twice, never not at all.
            lk_store(list.links + i, list[last])
            lk_store(list.links + last, owner)
            setCount(last)
            return true
        }
        return false
    }
}
