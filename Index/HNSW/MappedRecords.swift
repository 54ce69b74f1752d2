import CVectorKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Records that lie in a mapped file and are checked a block at a time, each block before it is first used.
///
/// A block is as many records as 4096 bytes hold, rounded down to a power of two, at least one
/// (`RecordArray.blockShift`). Once it has been checked it belongs to the index, which may change it.
///
/// `Storage` maps and knows checksums; the index knows what its records may hold. Neither knows of the other: whoever
/// brings them together makes the one conform to this.
public protocol MappedRecords: AnyObject, Sendable {
    /// All records, one after the other. Private memory: changing it never reaches the file.
    var bytes: UnsafeMutableRawBufferPointer { get }
    /// A bit for each block, set once it can be used. Read with `lk_is_checked`.
    var checked: UnsafeMutablePointer<UInt8> { get }
    /// Checks a block unless its bit is set, and sets the bit. A block that is not as it was written, or that the test
    /// refuses, is noted as damage and filled with zeros, which every array can bear; the index is of no use then, but
    /// whoever is in the middle of it comes out alive. Any thread, at any time.
    func check(block: Int)
    /// Bytes of a block.
    var blockBytes: Int { get }
    /// Whether the file is more than memory can hold.
    var isScattered: Bool { get }
    /// What is to be asked of each block before it can be used: given its number and its bytes, what is wrong with it,
    /// or nil. Called once, before the first check.
    func admit(by test: @escaping @Sendable (_ block: Int, UnsafeRawBufferPointer) -> String?)
    /// Asks for the pages of a range, so that those who read them later do not wait one by one.
    func populate(_ range: Range<Int>)
}

/// What the kernels call a block that has not been checked with: it keeps the records that are to be checked.
final class BlockCheck: Sendable {
    let records: any MappedRecords

    init(_ records: any MappedRecords) { self.records = records }

    /// For `lk_records.check`.
    static let callback: @convention(c) (UnsafeMutableRawPointer?, UInt32) -> Void = { context, block in
        Unmanaged<BlockCheck>.fromOpaque(context!).takeUnretainedValue().records.check(block: Int(block))
    }
}

/// The records of an array as they were at one instant, while the array goes on changing.
///
/// Copy on write, a block at a time: before the writer changes a block for the first time, it keeps a copy. Whoever
/// reads the capture takes the copy if there is one, else the block itself, and looks once more whether a copy has been
/// made meanwhile: then the writer was at the block while it was read, and the copy is what counts. The writer never
/// waits, and copies each block at most once.
///
/// Thread-safety: `willWrite` belongs to the writer, everything else to one other thread. That is why the unchecked
/// conformance holds.
final class RecordCapture: @unchecked Sendable {
    /// Records there were.
    let count: Int
    let blockCount: Int
    private let blockShift: UInt32
    private let blockBytes: Int
    private let copies: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>

    init(count: Int, blockShift: UInt32, stride: Int) {
        self.count = count
        self.blockShift = blockShift
        blockBytes = stride << Int(blockShift)
        blockCount = (count + 1 << Int(blockShift) - 1) >> Int(blockShift)
        // Pages of the system's, zero until they are touched: no time is spent on blocks that do not change.
        copies = calloc(max(blockCount, 1), MemoryLayout<UnsafeMutablePointer<UInt8>?>.stride)!
            .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
    }

    deinit {
        for block in 0..<blockCount { copies[block]?.deallocate() }
        free(copies)
    }

    /// Keeps a copy of the block of a record that is about to change. `start` is where the block lies.
    @inline(__always)
    func willWrite(_ slot: UInt32, start: (UInt32) -> UnsafeMutableRawPointer) {
        let block = Int(slot >> blockShift)
        if block < blockCount, copies[block] == nil { keep(block, start(UInt32(block) << blockShift)) }
    }

    @inline(never)
    private func keep(_ block: Int, _ start: UnsafeMutableRawPointer) {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: blockBytes)
        UnsafeMutableRawPointer(copy).copyMemory(from: start, byteCount: blockBytes)
        lk_keep_copy(copies, block, copy)
    }

    /// Whether a block has changed since.
    func hasChanged(_ block: Int) -> Bool { lk_copy_of(copies, block) != nil }

    /// Copies a block as it was to `target`; `start` is where it lies.
    func copy(_ block: Int, from start: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer) {
        if lk_copy_of(copies, block) == nil {
            lk_copy_changing(target, start, blockBytes / 4)
            if lk_copy_of(copies, block) == nil { return }
        }
        target.copyMemory(from: lk_copy_of(copies, block)!, byteCount: blockBytes)
    }
}
