import Synchronization

/// What one search needs besides the graph: which nodes it has seen, its two heaps, and room for one node's links.
///
/// The visited set is an array of stamps, one a node; a search takes a new stamp, so that nothing has to be cleared
/// until the stamps run out.
///
/// Thread-safety: none of its own. It is used by one thread at a time; `SearchScratchPool` hands it from one to the
/// next under a lock, which orders the uses. That is why the unchecked conformance holds.
final class SearchScratch: @unchecked Sendable {
    private(set) var stamps: UnsafeMutablePointer<UInt16>
    private var stampCapacity: Int
    private var stamp: UInt16 = 0

    var candidates = KeyHeap(capacity: 512)
    var results = KeyHeap(capacity: 512)

    /// Room for the links of one node: their numbers, where their vectors are, and their distances.
    let ids: UnsafeMutablePointer<UInt32>
    let rows: UnsafeMutablePointer<UnsafePointer<Float>?>
    let distances: UnsafeMutablePointer<Float>
    /// Room for one vector in stored form.
    let query: UnsafeMutablePointer<Float>

    init(linkCapacity: Int, dimension: Int) {
        stampCapacity = 1024
        stamps = .allocate(capacity: stampCapacity)
        stamps.initialize(repeating: 0, count: stampCapacity)
        ids = .allocate(capacity: linkCapacity)
        rows = .allocate(capacity: linkCapacity)
        distances = .allocate(capacity: linkCapacity)
        query = UnsafeMutableRawPointer.allocate(byteCount: dimension * 4, alignment: 64)
            .bindMemory(to: Float.self, capacity: dimension)
    }

    deinit {
        stamps.deallocate()
        ids.deallocate()
        rows.deallocate()
        distances.deallocate()
        UnsafeMutableRawPointer(query).deallocate()
        candidates.deallocate()
        results.deallocate()
    }

    /// Begins a search over `slots` node numbers and returns the stamp that marks what it has seen.
    func begin(slots: Int) -> UInt16 {
        if slots > stampCapacity {
            stamps.deallocate()
            stampCapacity = max(slots, stampCapacity * 2)
            stamps = .allocate(capacity: stampCapacity)
            stamps.initialize(repeating: 0, count: stampCapacity)
            stamp = 0
        }
        if stamp == .max {
            stamps.update(repeating: 0, count: stampCapacity)
            stamp = 0
        }
        stamp += 1
        return stamp
    }
}

/// Scratch space kept between searches: as many as there ever were searches at once, at most `keepLimit`.
final class SearchScratchPool: Sendable {
    /// How many idle ones are kept. Each holds 2 bytes a node.
    static let keepLimit = 64

    private let idle = Mutex<[SearchScratch]>([])
    private let linkCapacity: Int
    private let dimension: Int

    init(linkCapacity: Int, dimension: Int) {
        self.linkCapacity = linkCapacity
        self.dimension = dimension
    }

    func with<Result>(_ body: (SearchScratch) -> Result) -> Result {
        let scratch =
            idle.withLock { $0.popLast() } ?? SearchScratch(linkCapacity: linkCapacity, dimension: dimension)
        defer { idle.withLock { if $0.count < Self.keepLimit { $0.append(scratch) } } }
        return body(scratch)
    }
}
