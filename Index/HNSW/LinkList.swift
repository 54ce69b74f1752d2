import CVectorKernels

/// The links of one node on one layer.
///
/// Places not in use hold the node's own number. A search reads all places: its own number it has visited, so they are
/// passed over without a look at the count, and a place that is being filled or emptied shows the old link or the new.
/// The parent and the count lie in the record that owns the list.
///
/// Thread-safety: one thread changes it, any number read it, link by link.
struct LinkList {
    private let links: UnsafeMutablePointer<UInt32>
    private let head: UnsafeMutablePointer<UInt32>
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
    var parent: UInt32 {
        get { lk_load(head) }
        nonmutating set { lk_store(head, newValue) }
    }

    @inline(__always)
    var count: Int { Int(lk_load(head + 1)) }

    private func setCount(_ count: Int) { lk_store(head + 1, UInt32(count)) }

    @inline(__always)
    subscript(index: Int) -> UInt32 { lk_load(links + index) }

    /// No links, no parent.
    func clear(owner: UInt32) {
        parent = noRecord
        setCount(0)
        for i in 0..<capacity { lk_store(links + i, owner) }
    }

    func contains(_ id: UInt32) -> Bool {
        for i in 0..<count where self[i] == id { return true }
        return false
    }

    /// Adds a link; the caller knows that there is room and that it is new.
    func append(_ id: UInt32) {
        let count = count
        lk_store(links + count, id)
        setCount(count + 1)
    }

    /// Takes a link of `owner` out; the last one moves into its place.
    func remove(_ id: UInt32, owner: UInt32) {
        let last = count - 1
        for i in 0...max(0, last) where self[i] == id {
            // First the copy, then the end of it: a reader may see a link twice, never not at all.
            lk_store(links + i, self[last])
            lk_store(links + last, owner)
            setCount(last)
            return
        }
        preconditionFailure("a link that is not there cannot be removed")
    }

    var array: [UInt32] { (0..<count).map { self[$0] } }
}
