import CVectorKernels
import Synchronization

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
/// A record is reached through a table of chunks: `chunks[slot >> shift] + (slot & mask) * stride`. The indirection
/// buys three things. Growing never moves a record, so an address is good as long as the record is. A chunk may lie in
/// anonymous memory or anywhere inside a private mapping of a snapshot file, whose pages the system reads when they are
/// first touched and copies when they are first written. And a chunk can be exchanged for another with the same
/// contents, while readers are in it: that is how memory goes over to a new snapshot (`adopt`).
///
/// The first chunks are taken one by one, so that a small collection is small. After `singleChunks` of them, memory
/// is taken a region at a time and the system is asked for huge pages: a search touches records all over the array,
/// and with 4 KiB pages a sixth of its time was spent on finding where they are.
///
/// Thread-safety: one thread at a time may grow or change it, while any number read records; `lk_records.h` has the
/// order that makes this hold. A table that has been outgrown is kept until the end, because a reader may still be in
/// it; as tables double, all of them take less than twice the last. That is why the unchecked conformance holds.
final class RecordArray: @unchecked Sendable {
    /// What a chunk's size comes near to.
    static let chunkByteTarget = 256 << 10
    /// What a block's size comes near to: what is checked, and copied for a capture, at once.
    static let blockByteTarget = 4096
    /// How many chunks are taken one by one before whole regions are.
    static let singleChunks = 4

    let stride: Int
    /// What the kernels are given.
    let handle: UnsafeMutablePointer<lk_records>
    private let shift: UInt32
    private let blockShift: UInt32
    private var tables: [UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>] = []
    private var tableCapacity = 16
    private var chunkCount = 0
    /// For each chunk what keeps its memory.
    private var owners: [AnyObject] = []
    private var blockCheck: BlockCheck?
    private let recordCount: Atomic<Int>
    /// What the array was when its image began to be written. Replaced by the writer.
    private(set) var capture: RecordCapture?

    /// Records in use or once used.
    var count: Int { recordCount.load(ordering: .acquiring) }

    private var recordsPerChunk: Int { 1 << Int(shift) }
    private var chunkBytes: Int { recordsPerChunk * stride }
    private var table: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?> { tables[tables.count - 1] }

    /// The binary logarithm of the records of a block.
    static func blockShift(stride: Int) -> UInt32 { shift(stride: stride, bytes: blockByteTarget) }

    private static func shift(stride: Int, bytes: Int) -> UInt32 {
        var shift: UInt32 = 0
        while stride << Int(shift + 1) <= bytes { shift += 1 }
        return shift
    }

    /// An empty array of records of `stride` bytes, a multiple of 4.
    convenience init(stride: Int) {
        self.init(stride: stride, count: 0)
    }

    private init(stride: Int, count: Int) {
        precondition(stride >= 4 && stride % 4 == 0)
        self.stride = stride
        shift = Self.shift(stride: stride, bytes: Self.chunkByteTarget)
        blockShift = Self.blockShift(stride: stride)
        recordCount = Atomic(count)
        handle = .allocate(capacity: 1)
        while tableCapacity < count >> Int(shift) + 2 { tableCapacity *= 2 }
        let table = Self.makeTable(tableCapacity)
        tables.append(table)
        handle.initialize(
            to: lk_records(
                chunks: table, shift: shift, mask: 1 << shift - 1, stride: stride, checked: nil, mapped: 0,
                block_shift: blockShift, check: nil, context: nil, scattered: 0))
    }

    /// The records of a mapped file: whole chunks are used where they lie, the remainder is copied, so that the next
    /// record has room. There must be bytes for `count` records.
    convenience init(stride: Int, mapped records: any MappedRecords, count: Int) throws(HNSWError) {
        precondition(records.bytes.count == count * stride)
        self.init(stride: stride, count: count)
        let whole = count / recordsPerChunk
        for chunk in 0..<whole { table[chunk] = mappedChunk(chunk, of: records) }
        owners = [AnyObject](repeating: records, count: whole)
        chunkCount = whole
        let check = BlockCheck(records)
        blockCheck = check
        handle.pointee.mapped = UInt32(whole * recordsPerChunk)
        handle.pointee.check = BlockCheck.callback
        handle.pointee.context = Unmanaged.passUnretained(check).toOpaque()
        handle.pointee.checked = UnsafePointer(records.checked)
        handle.pointee.scattered = records.isScattered ? 1 : 0
        let rest = count - whole * recordsPerChunk
        if rest > 0 {
            try addChunks(single: true)
            for block in (whole << Int(shift - blockShift))...(count - 1) >> Int(blockShift) {
                records.check(block: block)
            }
            UnsafeMutableRawPointer(table[whole]!).copyMemory(
                from: records.bytes.baseAddress! + whole * chunkBytes, byteCount: rest * stride)
        }
    }

    deinit {
        for table in tables { table.deallocate() }
        handle.deallocate()
    }

    private func mappedChunk(_ chunk: Int, of records: any MappedRecords) -> UnsafeMutablePointer<UInt8> {
        (records.bytes.baseAddress! + chunk * chunkBytes).assumingMemoryBound(to: UInt8.self)
    }

    private static func makeTable(_ capacity: Int) -> UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?> {
        let table = UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>.allocate(capacity: capacity)
        table.initialize(repeating: nil, count: capacity)
        return table
    }

    private func addChunks(single: Bool = false) throws(HNSWError) {
        let isLarge = chunkCount >= Self.singleChunks && !single
        let added = isLarge ? (MemoryRegion.hugePage + chunkBytes - 1) / chunkBytes : 1
        while chunkCount + added > tableCapacity {
            let larger = Self.makeTable(tableCapacity * 2)
            larger.update(from: table, count: chunkCount)
            tables.append(larger)
            tableCapacity *= 2
            lk_records_publish(handle, larger)
        }
        let region = try MemoryRegion(bytes: added * chunkBytes, huge: isLarge)
        for i in 0..<added {
            let start = region.start.assumingMemoryBound(to: UInt8.self) + i * chunkBytes
            lk_chunk_publish(table, chunkCount + i, start)
            owners.append(region)
        }
        chunkCount += added
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

    /// Where a record is that is going to be changed.
    @inline(__always)
    func mutableAddress(_ slot: UInt32) -> UnsafeMutableRawPointer {
        let address = address(slot)
        capture?.willWrite(slot) { UnsafeMutableRawPointer(lk_place(handle, $0)) }
        return address
    }

    // MARK: Images

    /// Keeps the array as it is now for `forEachCapturedSpan`, until `endCapture`. For the writer.
    func beginCapture() {
        precondition(capture == nil, "one image is written at a time")
        capture = RecordCapture(count: count, blockShift: blockShift, stride: stride)
    }

    /// For the writer.
    func endCapture() { capture = nil }

    /// Calls `body` with the bytes of all records as they were when the capture began, in order, piece by piece. While
    /// the writer goes on; for one thread. Every block is checked.
    func forEachCapturedSpan<Failure: Error>(
        of capture: RecordCapture, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let blockBytes = stride << Int(blockShift)
        let blocksAtOnce = max(1, Self.chunkByteTarget / blockBytes)
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: blocksAtOnce * blockBytes, alignment: 64)
        defer { buffer.deallocate() }
        var block = 0
        while block < capture.blockCount {
            let some = min(blocksAtOnce, capture.blockCount - block)
            for i in 0..<some {
                let first = UInt32(block + i) << blockShift
                lk_see(handle, first)
                capture.copy(
                    block + i, from: UnsafeMutableRawPointer(lk_place(handle, first)), to: buffer + i * blockBytes)
            }
            let records = min(some << Int(blockShift), capture.count - block << Int(blockShift))
            try body(UnsafeRawBufferPointer(start: buffer, count: records * stride))
            block += some
        }
    }

    /// Checks every block that has not been.
    func checkAll() {
        for first in Swift.stride(from: 0, to: count, by: 1 << Int(blockShift)) { lk_see(handle, UInt32(first)) }
    }

    /// How many chunks of a capture can lie in its file.
    func adoptableChunks(of capture: RecordCapture) -> Int { capture.count >> Int(shift) }

    /// Where in the file of a capture a chunk lies.
    func range(ofChunk chunk: Int) -> Range<Int> { chunk * chunkBytes..<(chunk + 1) * chunkBytes }

    /// Exchanges a chunk for the same one in a file that the capture was written to. What has changed since is copied
    /// there: to private memory. For the writer. Returns what kept the old chunk, to be let go of once no reader can be
    /// in it.
    func adopt(chunk: Int, from records: any MappedRecords, _ capture: RecordCapture) -> AnyObject {
        let blocks = 1 << Int(shift - blockShift)
        let blockBytes = stride << Int(blockShift)
        let target = mappedChunk(chunk, of: records)
        let start = table[chunk]!
        for i in 0..<blocks where capture.hasChanged(chunk * blocks + i) {
            (target + i * blockBytes).update(from: start + i * blockBytes, count: blockBytes)
        }
        lk_chunk_publish(table, chunk, target)
        lk_records_set_scattered(handle, records.isScattered ? 1 : 0)
        defer { owners[chunk] = records }
        return owners[chunk]
    }

    /// All records have been looked at: what kept track of it can be let go of once no reader can be in it.
    func allChecked() -> AnyObject? {
        lk_records_all_checked(handle)
        defer { blockCheck = nil }
        return blockCheck
    }
}

/// A `RecordArray` of which records are given back and used again. A free record holds the number of the next free one
/// in its first four bytes. Thread-safety: allocating and freeing is for one thread at a time; see `RecordArray`.
final class RecordPool {
    let records: RecordArray
    private(set) var freeHead = noRecord
    private let freeRecords: Atomic<Int>
    /// Whether the list of free records, which came from a file, was found to be none. It has been given up then.
    private(set) var isBroken = false

    /// How many records are free. Any thread may ask.
    var freeCount: Int { freeRecords.load(ordering: .relaxed) }

    init(_ records: RecordArray, freeHead: UInt32 = noRecord, freeCount: Int = 0) {
        self.records = records
        self.freeHead = freeHead
        freeRecords = Atomic(freeCount)
    }

    /// How many records are in use.
    var count: Int { records.count - freeCount }

    /// Makes sure that the next `wanted` allocations cannot fail, whatever the list of free records comes to.
    func reserve(_ wanted: Int) throws(HNSWError) { try records.reserve(records.count + wanted) }

    /// A record, its bytes unspecified: a freed one if there is one, else a new one. A free one that `isFree` denies,
    /// or a list that is shorter than it says or leads out of the array, comes from a file that contradicts itself.
    func allocate(isFree: (UInt32) -> Bool = { _ in true }) -> UInt32 {
        let slot = freeHead
        if slot == noRecord, freeCount == 0 { return records.append() }
        guard slot != noRecord, freeCount > 0, Int(slot) < records.count, isFree(slot) else {
            isBroken = true
            freeHead = noRecord
            freeRecords.store(0, ordering: .relaxed)
            return records.append()
        }
        freeHead = lk_load(records.address(slot).assumingMemoryBound(to: UInt32.self))
        freeRecords.wrappingSubtract(1, ordering: .relaxed)
        return slot
    }

    /// Gives a record back that no reader can reach.
    func free(_ slot: UInt32) {
        lk_store(records.mutableAddress(slot).assumingMemoryBound(to: UInt32.self), freeHead)
        freeHead = slot
        freeRecords.wrappingAdd(1, ordering: .relaxed)
    }
}
