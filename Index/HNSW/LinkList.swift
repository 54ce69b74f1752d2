/// The links of one node on one layer, where they lie in its record: the parent, the count, then the links.
///
///     UInt32 parent   the neighbour through which the node hangs on the layer's spanning tree, or noRecord
///     UInt32 count    links in use
///     UInt32 links[capacity]
struct LinkList {
    /// Words before the links.
    static let headerWords = 2

    private let base: UnsafeMutablePointer<UInt32>

    @inline(__always)
    init(at address: UnsafeMutableRawPointer) {
        base = address.assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    var parent: UInt32 {
        get { base[0] }
        nonmutating set { base[0] = newValue }
    }

    @inline(__always)
    var count: Int { Int(base[1]) }

    @inline(__always)
    subscript(index: Int) -> UInt32 { base[LinkList.headerWords + index] }

    func clear() {
        base[0] = noRecord
        base[1] = 0
    }

    func contains(_ id: UInt32) -> Bool {
        for i in 0..<count where self[i] == id { return true }
        return false
    }

    /// Adds a link; the caller knows that there is room and that it is new.
    func append(_ id: UInt32) {
        base[LinkList.headerWords + count] = id
        base[1] += 1
    }

    /// Takes a link out; the last one moves into its place.
    func remove(_ id: UInt32) {
        for i in 0..<count where self[i] == id {
            base[LinkList.headerWords + i] = self[count - 1]
            base[1] -= 1
            return
        }
        preconditionFailure("a link that is not there cannot be removed")
    }

    var array: [UInt32] { (0..<count).map { self[$0] } }
}
