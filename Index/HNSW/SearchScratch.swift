import CVectorKernels
import Synchronization

/// What one search needs besides the graph: which nodes it has seen, its candidates, and room for one round of links.
///
/// Thread-safety: none of its own, but for the pin. It is used by one thread at a time; `ReaderPool` hands it from one
/// to the next under a lock, which orders the uses. That is why the unchecked conformance holds.
final class SearchScratch: @unchecked Sendable {
    /// The epoch in which the reader that uses it began, or 0; see `ReaderPool`.
    let pin = Atomic<UInt64>(0)

    /// One bit a node. All clear between searches.
    private(set) var visited: UnsafeMutablePointer<UInt32>
    private var visitedWords = 0
    /// Candidates sorted by key; see `lk_pool_merge`.
    private(set) var pool: UnsafeMutablePointer<lk_candidate>
    private var poolCapacity = 0
    /// A node that the search is to pass over, or none.
    var barred = noRecord
    var candidates = KeyHeap(capacity: 256)
    var results = KeyHeap(capacity: 256)

    /// Room for the links of the nodes expanded in one round: their numbers and distances.
    let ids: UnsafeMutablePointer<UInt32>
    let distances: UnsafeMutablePointer<Float>

    /// What is searched for.
    let query: QueryVector
    /// A second vector, for comparing nodes with each other.
    let other: QueryVector

    /// How many nodes are expanded in one round at most; see `HNSWIndex.searchLayer`.
    static let roundLimit = 4

    /// How many nodes a scan compares in one call: as many as there is room for whatever m is.
    static let scanBatch = 64

    init(nodes: NodeStorage) {
        // The kernel that copies fresh links writes up to 16 numbers more than it keeps.
        let room = Self.roundLimit * max(nodes.linkCapacity, 16) + 16
        ids = .allocate(capacity: room)
        distances = .allocate(capacity: room)
        visited = .allocate(capacity: 1)
        pool = .allocate(capacity: 1)
        query = QueryVector(nodes: nodes)
        other = QueryVector(nodes: nodes)
    }

    deinit {
        visited.deallocate()
        pool.deallocate()
        ids.deallocate()
        distances.deallocate()
        candidates.deallocate()
        results.deallocate()
    }

    /// Begins a search over node numbers below `slots` that keeps `width` candidates.
    func begin(slots: Int, width: Int) {
        let words = (slots + 31) / 32
        if words > visitedWords {
            visited.deallocate()
            visitedWords = max(words, visitedWords * 2)
            visited = .allocate(capacity: visitedWords)
            visited.initialize(repeating: 0, count: visitedWords)
        } else {
            // 8,000 bytes for 64,000 nodes, a fiftieth of the time of a search; a tenth at 10 million.
            visited.update(repeating: 0, count: words)
        }
        if barred < slots { visit(barred) }
        if width > poolCapacity {
            pool.deallocate()
            poolCapacity = max(width, poolCapacity * 2)
            pool = .allocate(capacity: poolCapacity)
        }
    }

    /// Takes up what is searched for.
    func aim(at target: SearchTarget) {
        switch target {
        case .vector(let vector): query.set(vector)
        case .node(let id): query.set(node: id.rawValue, inFull: true)
        }
    }

    /// Marks a node as seen.
    func visit(_ id: UInt32) { visited[Int(id >> 5)] |= 1 << (id & 31) }
}

/// Lets readers in without a lock on what they read, and tells the writer when a removed node can be used again.
///
/// Source: epoch-based reclamation (K. Fraser, "Practical lock-freedom", 2004, section 5.2.3), with one writer. A
/// reader notes the epoch in which it begins. Whoever takes a node out of the graph notes the epoch too, and begins the
/// next one; the node's records stay as they are, its own links included, so that a reader that is on it finds its way
/// on. A reader that begins in a later epoch cannot come to the node, because no link leads there. So once every reader
/// began later than that, the records are free.
///
/// Thread-safety: any thread may read. That a reader's note is seen by the writer, or else its steps come after the
/// node was taken out, rests on the fences between the note and the steps, and between taking out and looking at notes.
/// `idle` and `all` are guarded by `lock`, which is why the unchecked conformance holds.
final class ReaderPool: @unchecked Sendable {
    /// How many idle scratch spaces are kept. Each holds a bit a node and a few vectors.
    static let keepLimit = 64

    private let epoch = Atomic<UInt64>(1)
    // Not a `Mutex`: the thread sanitizer does not see how that one synchronizes when it has to wait.
    private let lock = ExclusiveLock()
    private var idle: [SearchScratch] = []
    private var all: [SearchScratch] = []
    private let nodes: NodeStorage

    init(nodes: NodeStorage) { self.nodes = nodes }

    /// Becomes a reader. Whatever it can reach stays as it is until `end`.
    func begin() -> SearchScratch {
        let scratch = lock.withLock { idle.popLast() } ?? makeScratch()
        scratch.pin.store(epoch.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
        // Nothing of the graph is read before the note can be seen.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        return scratch
    }

    private func makeScratch() -> SearchScratch {
        let made = SearchScratch(nodes: nodes)
        lock.withLock { all.append(made) }
        return made
    }

    /// Is one no more.
    func end(_ scratch: SearchScratch) {
        scratch.pin.store(0, ordering: .releasing)
        lock.withLock {
            if idle.count < Self.keepLimit {
                idle.append(scratch)
            } else {
                all.removeAll { $0 === scratch }
            }
        }
    }

    /// Whether anything was taken out since that reader began.
    func hasRetired(since scratch: SearchScratch) -> Bool {
        epoch.load(ordering: .acquiring) != scratch.pin.load(ordering: .relaxed)
    }

    @inline(__always)
    func with<Result, Failure: Error>(_ body: (SearchScratch) throws(Failure) -> Result) throws(Failure) -> Result {
        let scratch = begin()
        defer { end(scratch) }
        return try body(scratch)
    }

    /// For the writer: begins a new epoch and returns the one in which what was just taken out could still be reached.
    func retire() -> UInt64 { epoch.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue }

    /// For the writer: the first epoch in which any present reader began, or the present one.
    var oldestReader: UInt64 {
        // Whoever's note is not seen below sees all links as they are now.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let present = epoch.load(ordering: .sequentiallyConsistent)
        return lock.withLock {
            all.reduce(present) { oldest, scratch in
                let pin = scratch.pin.load(ordering: .sequentiallyConsistent)
                return pin == 0 ? oldest : min(oldest, pin)
            }
        }
    }
}
