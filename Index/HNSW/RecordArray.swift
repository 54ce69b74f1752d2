#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why an index could not take another vector.
public enum HNSWError: Error, Equatable, CustomStringConvertible {
    /// The system gave no memory for another chunk of records.
    case outOfMemory(bytes: Int)
    /// All node numbers are in use.
    case full

    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .outOfMemory(let bytes):
            "no memory for \(bytes) more bytes of vectors; raise the memory limit or remove elements"
        case .full: "all \(NodeID.limit) node numbers are in use; split the collection"
        }
    }
}

/// An array of fixed-size records in chunks, with a free list.
///
/// A record is reached through a table of chunks: `chunks[slot >> shift] + (slot & mask) * stride`. The indirection
/// buys two things. Growing never moves a record, so an address is good for the length of any operation; and a chunk
/// may lie in anonymous memory or anywhere inside a private mapping of a snapshot file, whose pages the system reads
/// when they are first touched and copies when they are first written.
///
/// A free record holds the number of the next free one in its first four bytes.
///
/// Thread-safety: readers may share it; whoever allocates or frees must be alone.
final class RecordArray {
    /// What a chunk's size comes near to. Large enough that the table stays small, small enough that a collection of
    /// ten pictures does not take memory for ten thousand.
    static let chunkByteTarget = 512 << 10

    let stride: Int
    private let shift: UInt32
    private var chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var chunkCount = 0
    private var chunkCapacity = 16
    /// How many of the first chunks lie in the mapping that `mappingOwner` keeps alive.
    private var mappedChunkCount = 0
    private let mappingOwner: AnyObject?
    /// Records ever used: in use or free.
    private(set) var count = 0
    private(set) var freeHead = noRecord
    private(set) var freeCount = 0

    private var recordsPerChunk: Int { 1 << Int(shift) }
    private var chunkBytes: Int { recordsPerChunk * stride }

    /// An empty array of records of `stride` bytes, a multiple of 4.
    init(stride: Int) {
        precondition(stride >= 4 && stride % 4 == 0)
        self.stride = stride
        shift = Self.shift(stride: stride)
        chunks = .allocate(capacity: chunkCapacity)
        mappingOwner = nil
    }

    /// The records of a mapped file: whole chunks are used where they lie, the remainder is copied, so that the next
    /// record has room. `bytes` must hold `count` records and stay valid as long as `owner` lives.
    init(
        stride: Int, mapped bytes: UnsafeMutableRawBufferPointer, count: Int, freeHead: UInt32, freeCount: Int,
        owner: AnyObject
    )
        throws(HNSWError)
    {
        precondition(bytes.count == count * stride)
        self.stride = stride
        shift = Self.shift(stride: stride)
        mappingOwner = owner
        let perChunk = 1 << Int(shift)
        mappedChunkCount = count / perChunk
        chunkCapacity = max(16, mappedChunkCount + 1)
        chunks = .allocate(capacity: chunkCapacity)
        for chunk in 0..<mappedChunkCount {
            chunks[chunk] = bytes.baseAddress! + chunk * perChunk * stride
        }
        chunkCount = mappedChunkCount
        let rest = count - mappedChunkCount * perChunk
        if rest > 0 {
            try addChunk()
            chunks[mappedChunkCount].copyMemory(
                from: bytes.baseAddress! + mappedChunkCount * perChunk * stride, byteCount: rest * stride)
        }
        self.count = count
        self.freeHead = freeHead
        self.freeCount = freeCount
    }

    deinit {
        for chunk in mappedChunkCount..<chunkCount { munmap(chunks[chunk], chunkBytes) }
        chunks.deallocate()
    }

    private static func shift(stride: Int) -> UInt32 {
        var shift: UInt32 = 0
        while stride << Int(shift + 1) <= chunkByteTarget { shift += 1 }
        return shift
    }

    private func addChunk() throws(HNSWError) {
        if chunkCount == chunkCapacity {
            let larger = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: chunkCapacity * 2)
            larger.update(from: chunks, count: chunkCount)
            chunks.deallocate()
            chunks = larger
            chunkCapacity *= 2
        }
        // Zero pages from the system, so that memory is only spent on records in use.
        guard
            let memory = mmap(nil, chunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory(bytes: chunkBytes) }
        chunks[chunkCount] = memory
        chunkCount += 1
    }

    /// Makes sure that the next `records` allocations cannot fail.
    func reserve(_ records: Int) throws(HNSWError) {
        let needed = max(0, records - freeCount)
        guard count + needed <= NodeID.limit else { throw .full }
        while chunkCount * recordsPerChunk < count + needed { try addChunk() }
    }

    /// A record, its bytes unspecified: a freed one if there is one, else a new one. `reserve` must have been called.
    func allocate() -> UInt32 {
        if freeHead != noRecord {
            let slot = freeHead
            freeHead = view.address(slot).load(as: UInt32.self)
            freeCount -= 1
            return slot
        }
        precondition(count < chunkCount * recordsPerChunk, "reserve comes before allocate")
        count += 1
        return UInt32(count - 1)
    }

    /// Gives a record back.
    func free(_ slot: UInt32) {
        view.address(slot).storeBytes(of: freeHead, as: UInt32.self)
        freeHead = slot
        freeCount += 1
    }

    /// Where the records are, for the length of an operation that allocates nothing.
    var view: RecordView { RecordView(chunks: chunks, shift: shift, stride: stride) }

    /// Calls `body` with the bytes of all records in order, a chunk at a time.
    func forEachSpan<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        var done = 0
        var chunk = 0
        while done < count {
            let records = min(recordsPerChunk, count - done)
            try body(UnsafeRawBufferPointer(start: chunks[chunk], count: records * stride))
            done += records
            chunk += 1
        }
    }
}

/// Where the records of a `RecordArray` are: a plain value for hot loops.
struct RecordView {
    private let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private let shift: UInt32
    private let mask: UInt32
    private let stride: Int

    init(chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>, shift: UInt32, stride: Int) {
        self.chunks = chunks
        self.shift = shift
        mask = (1 << shift) - 1
        self.stride = stride
    }

    @inline(__always)
    func address(_ slot: UInt32) -> UnsafeMutableRawPointer {
        chunks[Int(slot >> shift)] + Int(slot & mask) &* stride
    }
}
