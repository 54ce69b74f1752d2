import CVectorKernels
import Synchronization

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

/// An array of fixed-size records in chunks.
///
/// A record is reached through a table of chunks: `chunks[slot >> shift] + (slot & mask) * stride`. The indirection buys
/// two things. Growing never moves a record, so an address is good as long as the record is; and a chunk may lie in
/// anonymous memory or anywhere inside a private mapping of a snapshot file, whose pages the system reads when they are
/// first touched and copies when they are first written.
///
/// The first chunks are taken one by one, so that a small collection is small. After `singleChunks` of them, memory
/// is taken a region at a time and the system is asked for huge pages: a search touches records all over the array,
/// and with 4 KiB pages a sixth of its time was spent on finding where they are.
///
/// Thread-safety: one thread at a time may grow it, while any number read records; `lk_records.h` has the order that
/// makes this hold. A table that has been outgrown is kept until the end, because a reader may still be in it; as
/// tables double, all of them take less than twice the last. That is why the unchecked conformance holds.
final class RecordArray: @unchecked Sendable {
    /// What a chunk's size comes near to.
    static let chunkByteTarget = 256 << 10
    /// How many chunks are taken one by one before whole regions are.
    static let singleChunks = 4
    /// What a region holds at least: a huge page.
    static let regionBytes = 2 << 20

    let stride: Int
    /// What the kernels are given.
    let handle: UnsafeMutablePointer<lk_records>
    private let shift: UInt32
    private var tables: [UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>] = []
    private var tableCapacity = 16
    private var chunkCount = 0
    /// What `deinit` gives back.
    private var regions: [(start: UnsafeMutableRawPointer, bytes: Int)] = []
    private let mappingOwner: AnyObject?
    private let recordCount: Atomic<Int>

    /// Records in use or once used.
    var count: Int { recordCount.load(ordering: .acquiring) }

    private var recordsPerChunk: Int { 1 << Int(shift) }
    private var chunkBytes: Int { recordsPerChunk * stride }
    private var table: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?> { tables[tables.count - 1] }

    /// An empty array of records of `stride` bytes, a multiple of 4.
    convenience init(stride: Int) {
        self.init(stride: stride, count: 0, owner: nil)
    }

    private init(stride: Int, count: Int, owner: AnyObject?) {
        precondition(stride >= 4 && stride % 4 == 0)
        self.stride = stride
        var shift: UInt32 = 0
        while stride << Int(shift + 1) <= Self.chunkByteTarget { shift += 1 }
        self.shift = shift
        mappingOwner = owner
        recordCount = Atomic(count)
        handle = .allocate(capacity: 1)
        while tableCapacity < count >> Int(shift) + 2 { tableCapacity *= 2 }
        let table = Self.makeTable(tableCapacity)
        tables.append(table)
        handle.initialize(to: lk_records(chunks: table, shift: shift, mask: 1 << shift - 1, stride: stride))
    }

    /// The records of a mapped file: whole chunks are used where they lie, the remainder is copied, so that the next
    /// record has room. `bytes` must hold `count` records and stay valid as long as `owner` lives.
    convenience init(stride: Int, mapped bytes: UnsafeMutableRawBufferPointer, count: Int, owner: AnyObject)
        throws(HNSWError)
    {
        precondition(bytes.count == count * stride)
        self.init(stride: stride, count: count, owner: owner)
        let whole = count / recordsPerChunk
        for chunk in 0..<whole {
            table[chunk] = (bytes.baseAddress! + chunk * chunkBytes).assumingMemoryBound(to: UInt8.self)
        }
        chunkCount = whole
        let rest = count - whole * recordsPerChunk
        if rest > 0 {
            try addChunks()
            UnsafeMutableRawPointer(table[whole]!).copyMemory(
                from: bytes.baseAddress! + whole * chunkBytes, byteCount: rest * stride)
        }
    }

    deinit {
        for region in regions { munmap(region.start, region.bytes) }
        for table in tables { table.deallocate() }
        handle.deallocate()
    }

    private static func makeTable(_ capacity: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?> {
        let table = UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>.allocate(capacity: capacity)
        table.initialize(repeating: nil, count: capacity)
        return table
    }

    private func addChunks() throws(HNSWError) {
        let isLarge = chunkCount >= Self.singleChunks
        let added = isLarge ? (Self.regionBytes + chunkBytes - 1) / chunkBytes : 1
        while chunkCount + added > tableCapacity {
            let larger = Self.makeTable(tableCapacity * 2)
            larger.update(from: table, count: chunkCount)
            tables.append(larger)
            tableCapacity *= 2
            lk_records_publish(handle, larger)
        }
        let memory = try takeRegion(added * chunkBytes, huge: isLarge)
        for i in 0..<added {
            lk_chunk_publish(table, chunkCount + i, memory.assumingMemoryBound(to: UInt8.self) + i * chunkBytes)
        }
        chunkCount += added
    }

    /// Zero pages from the system, so that memory is only spent on records in use.
    private func takeRegion(_ bytes: Int, huge: Bool) throws(HNSWError) -> UnsafeMutableRawPointer {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bytes = (bytes + page - 1) / page * page
        let alignment = huge ? Self.regionBytes : 0
        let total = bytes + alignment
        guard
            let memory = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory(bytes: bytes) }
        guard huge else {
            regions.append((memory, total))
            return memory
        }
        // What lies before and after the aligned part goes back at once.
        let start = memory.alignedUp(toMultipleOf: alignment)
        let before = memory.distance(to: start)
        if before > 0 { munmap(memory, before) }
        if total - before > bytes { munmap(start + bytes, total - before - bytes) }
        #if os(Linux)
            madvise(start, bytes, MADV_HUGEPAGE)
        #endif
        regions.append((start, bytes))
        return start
    }

    /// Makes sure that there is memory for that many records.
    func reserve(_ records: Int) throws(HNSWError) {
        guard records <= NodeID.limit else { throw .full }
        while chunkCount * recordsPerChunk < records { try addChunks() }
    }

    /// Takes the next record, its bytes unspecified. `reserve` must have been called.
    func append() -> UInt32 {
        let slot = count
        precondition(slot < chunkCount * recordsPerChunk, "reserve comes before append")
        recordCount.store(slot + 1, ordering: .releasing)
        return UInt32(slot)
    }

    /// Where a record is.
    @inline(__always)
    func address(_ slot: UInt32) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(lk_record(handle, slot)) }

    /// Calls `body` with the bytes of all records in order, a chunk at a time.
    func forEachSpan<Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        let count = count
        var done = 0
        var chunk = 0
        while done < count {
            let records = min(recordsPerChunk, count - done)
            try body(UnsafeRawBufferPointer(start: table[chunk], count: records * stride))
            done += records
            chunk += 1
        }
    }
}

/// A `RecordArray` of which records are given back and used again. A free record holds the number of the next free one
/// in its first four bytes. Thread-safety: allocating and freeing is for one thread at a time; see `RecordArray`.
final class RecordPool {
    let records: RecordArray
    private(set) var freeHead = noRecord
    private let freeRecords: Atomic<Int>

    /// How many records are free. Any thread may ask.
    var freeCount: Int { freeRecords.load(ordering: .relaxed) }

    init(_ records: RecordArray, freeHead: UInt32 = noRecord, freeCount: Int = 0) {
        self.records = records
        self.freeHead = freeHead
        freeRecords = Atomic(freeCount)
    }

    /// How many records are in use.
    var count: Int { records.count - freeCount }

    /// Makes sure that the next `records` allocations cannot fail.
    func reserve(_ wanted: Int) throws(HNSWError) {
        try records.reserve(records.count + max(0, wanted - freeCount))
    }

    /// A record, its bytes unspecified: a freed one if there is one, else a new one.
    func allocate() -> UInt32 {
        guard freeHead != noRecord else { return records.append() }
        let slot = freeHead
        freeHead = lk_load(records.address(slot).assumingMemoryBound(to: UInt32.self))
        freeRecords.wrappingSubtract(1, ordering: .relaxed)
        return slot
    }

    /// Gives a record back that no reader can reach.
    func free(_ slot: UInt32) {
        lk_store(records.address(slot).assumingMemoryBound(to: UInt32.self), freeHead)
        freeHead = slot
        freeRecords.wrappingAdd(1, ordering: .relaxed)
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func alignedUp(toMultipleOf alignment: Int) -> UnsafeMutableRawPointer {
        let address = Int(bitPattern: self)
        return self + ((address + alignment - 1) / alignment * alignment - address)
    }
}
