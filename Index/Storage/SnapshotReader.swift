import CVectorKernels
import Synchronization

/// A mapped snapshot file, of which nothing has been looked at but what tells where the rest is. See `SnapshotFile`.
///
/// Thread-safety: any number of threads may read sections.
package final class SnapshotReader: Sendable {
    /// Where the file is.
    package let path: String
    /// The sections in the order they were written.
    package let sections: [SnapshotFile.Section]
    private let mapping: MappedFile
    private let checksumsOffset: UInt64
    private let rootsOffset: UInt64
    private let faults: FaultLog
    /// A bit for each page of checksums that has been checked.
    private let checkedPages: Bitmap

    /// Bytes of the file.
    package var size: UInt64 { UInt64(mapping.bytes.count) }

    /// Notes damage.
    package func note(_ fault: StoreError) { faults.note(fault) }

    /// Maps a file and reads its header. Damage that is come upon later is noted in `faults`.
    ///
    /// - Parameter copy: whether the header's copy at the end is read instead: for repairs.
    package init(
        _ path: String, collection: UInt64, generation: UInt64, faults: FaultLog, copy: Bool = false,
        in fileSystem: any FileSystem
    ) throws(StoreError) {
        self.path = path
        self.faults = faults
        let mapping = try fileSystem.open(path, .read).map()
        self.mapping = mapping
        defer { withExtendedLifetime(mapping) {} }
        let bytes = UnsafeRawBufferPointer(mapping.bytes)
        let pageSize = SnapshotFile.pageSize
        guard bytes.count >= pageSize else {
            throw .corrupt(file: path, offset: UInt64(bytes.count), what: "it ends within its header")
        }
        let headerOffset = copy ? bytes.count - pageSize : 0
        let header = UnsafeRawBufferPointer(rebasing: bytes[headerOffset..<headerOffset + pageSize])
        _ = try FileHeader(header, file: path, kind: .snapshot, collection: collection, number: generation)
        let stored = UInt32(littleEndian: header.loadUnaligned(fromByteOffset: pageSize - 4, as: UInt32.self))
        guard stored == Checksum.crc32c(UnsafeRawBufferPointer(rebasing: header[..<(pageSize - 4)])) else {
            throw .corrupt(
                file: path, offset: UInt64(headerOffset), what: "its header page does not match its checksum")
        }
        let start = FileHeader.size
        var reader = ByteReader(
            UnsafeRawBufferPointer(rebasing: header[start..<pageSize - 4]), file: path,
            at: UInt64(headerOffset + start))
        guard try reader.take(UInt32.self, "the byte order") == SnapshotFile.byteOrderMark else {
            throw reader.corrupt("it was written by a machine of another byte order")
        }
        let count = try reader.take(UInt32.self, "the number of sections")
        let size = try reader.take(UInt64.self, "its size")
        checksumsOffset = try reader.take(UInt64.self, "its checksums")
        rootsOffset = try reader.take(UInt64.self, "its checksums")
        let rootsChecksum = try reader.take(UInt32.self, "its checksums")
        _ = try reader.take(UInt32.self, "its header")
        guard size == UInt64(bytes.count) else {
            throw .corrupt(
                file: path, offset: min(size, UInt64(bytes.count)),
                what: "it is \(bytes.count) bytes long instead of \(size)")
        }
        let page = UInt64(pageSize)
        guard count <= UInt32(SnapshotFile.sectionLimit), checksumsOffset >= page, checksumsOffset % page == 0,
            rootsOffset >= checksumsOffset, rootsOffset % page == 0, rootsOffset <= size,
            size - rootsOffset == (rootsOffset - checksumsOffset) / page * 4 + page
        else { throw reader.corrupt("its checksums lie outside of the file") }
        let roots = UnsafeRawBufferPointer(rebasing: bytes[Int(rootsOffset)..<bytes.count - pageSize])
        guard Checksum.crc32c(roots) == rootsChecksum else {
            throw .corrupt(file: path, offset: rootsOffset, what: "the checksums of its checksums do not match theirs")
        }
        sections = try Self.sections(count, &reader, checksumsOffset: checksumsOffset, rootsOffset: rootsOffset)
        checkedPages = Bitmap(Int((rootsOffset - checksumsOffset) / page))
        // Reading on from where a search has touched the file pays only as long as what is read can stay.
        isScattered = size > MemoryLimit.available
        mapping.advise(isRandom: size > MemoryLimit.available / 2)
    }

    private static func sections(
        _ count: UInt32, _ reader: inout ByteReader, checksumsOffset: UInt64, rootsOffset: UInt64
    ) throws(StoreError) -> [SnapshotFile.Section] {
        let page = UInt64(SnapshotFile.pageSize)
        var sections: [SnapshotFile.Section] = []
        for _ in 0..<count {
            let kind = try reader.take(UInt32.self, "a section")
            let flags = try reader.take(UInt32.self, "a section")
            let offset = try reader.take(UInt64.self, "a section")
            let length = try reader.take(UInt64.self, "a section")
            let blockBytes = try reader.take(UInt32.self, "a section")
            _ = try reader.take(UInt32.self, "a section")
            let checksums = try reader.take(UInt64.self, "a section")
            _ = try reader.take(UInt64.self, "a section")
            guard offset >= page, offset % page == 0, offset <= checksumsOffset, length <= checksumsOffset - offset,
                (1...UInt32(SnapshotFile.blockLimit)).contains(blockBytes), checksums >= checksumsOffset,
                checksums % page == 0, checksums <= rootsOffset
            else { throw reader.corrupt("a section lies outside of the file") }
            let section = SnapshotFile.Section(
                kind: kind, isOptional: flags & 1 != 0, offset: offset, length: length, blockBytes: blockBytes,
                checksums: checksums)
            guard UInt64(section.blockCount) * 4 <= rootsOffset - checksums else {
                throw reader.corrupt("a section has more blocks than checksums")
            }
            guard !sections.contains(where: { $0.kind == kind }) else {
                throw reader.corrupt("it has two sections of kind \(kind)")
            }
            sections.append(section)
        }
        return sections
    }

    /// Throws unless every section that may not be passed over is of one of these kinds.
    package func requireKnown(_ kinds: Set<UInt32>) throws(StoreError) {
        for section in sections where !section.isOptional && !kinds.contains(section.kind) {
            throw .unsupportedVersion(file: path, found: section.kind, supported: kinds.max() ?? 0)
        }
    }

    /// The section of a kind, which must be there. Each call gives one that has not been checked.
    package func section(_ kind: UInt32) throws(StoreError) -> MappedSection {
        guard let section = sections.first(where: { $0.kind == kind }) else {
            throw .corrupt(file: path, offset: 0, what: "it has no section of kind \(kind)")
        }
        let start = Int(section.offset)
        return MappedSection(
            section, of: self,
            UnsafeMutableRawBufferPointer(rebasing: mapping.bytes[start..<start + Int(section.length)]))
    }

    /// A reader of that section, all of which is checked first. Valid as long as the section is held.
    package func reader(_ kind: UInt32) throws(StoreError) -> ByteReader {
        let section = try section(kind)
        for block in 0..<section.blockCount {
            if let fault = section.fault(ofBlock: block) { throw fault }
        }
        return ByteReader(UnsafeRawBufferPointer(section.bytes), file: path, at: section.offset)
    }

    /// What is wrong with the checksum of a block of a section, or else the checksum.
    func checksum(ofBlock block: Int, _ section: SnapshotFile.Section) -> Result<UInt32, StoreError> {
        let bytes = UnsafeRawBufferPointer(mapping.bytes)
        let at = Int(section.checksums) + 4 * block
        let pageSize = SnapshotFile.pageSize
        let page = (at - Int(checksumsOffset)) / pageSize
        if !checkedPages.contains(page) {
            let start = Int(checksumsOffset) + page * pageSize
            let root = UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: Int(rootsOffset) + 4 * page, as: UInt32.self))
            guard Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[start..<start + pageSize])) == root else {
                return .failure(
                    .corrupt(
                        file: path, offset: UInt64(start), what: "a page of checksums does not match its own"))
            }
            checkedPages.insert(page)
        }
        return .success(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    }

    /// See `MappedFile`.
    func populate(_ range: Range<Int>) {
        if size <= MemoryLimit.available / 2 { mapping.populate(range) }
    }

    /// Whether the file is more than memory can hold.
    let isScattered: Bool
}

/// The first damage that was come upon.
package final class FaultLog: Sendable {
    private let fault = Mutex<StoreError?>(nil)
    private let isSet = Atomic(false)

    package init() {}

    /// The damage, if there is any.
    package var first: StoreError? { isSet.load(ordering: .acquiring) ? fault.withLock { $0 } : nil }

    /// Notes damage.
    package func note(_ new: StoreError) {
        fault.withLock { $0 = $0 ?? new }
        isSet.store(true, ordering: .releasing)
    }
}

/// A section of a mapped snapshot, its blocks checked when they are first used.
///
/// Thread-safety: any thread may check; whoever has found a block checked may use it. Who may change the bytes, which
/// are private, is for the user to arrange. That is why the unchecked conformance holds.
package final class MappedSection: @unchecked Sendable {
    /// What it holds.
    package let kind: UInt32
    /// Where it begins in the file.
    package let offset: UInt64
    /// Its bytes.
    package let bytes: UnsafeMutableRawBufferPointer
    /// Bytes of a block.
    package let blockBytes: Int
    /// How many blocks there are.
    package let blockCount: Int
    private let section: SnapshotFile.Section
    private let reader: SnapshotReader
    private let checkedBlocks: Bitmap
    private let damagedBlocks: Bitmap
    private let lock = Mutex<Admission?>(nil)

    /// In a class of its own: a function that is kept in a generic box is wrapped once more each time it is looked at,
    /// so that after a hundred thousand blocks a call would go through as many wrappers.
    private final class Admission: Sendable {
        let test: @Sendable (Int, UnsafeRawBufferPointer) -> String?

        init(_ test: @escaping @Sendable (Int, UnsafeRawBufferPointer) -> String?) { self.test = test }
    }

    init(_ section: SnapshotFile.Section, of reader: SnapshotReader, _ bytes: UnsafeMutableRawBufferPointer) {
        kind = section.kind
        offset = section.offset
        blockBytes = Int(section.blockBytes)
        blockCount = section.blockCount
        self.bytes = bytes
        self.section = section
        self.reader = reader
        checkedBlocks = Bitmap(section.blockCount)
        damagedBlocks = Bitmap(section.blockCount)
    }

    /// Whether the file is more than memory can hold.
    package var isScattered: Bool { reader.isScattered }

    /// A bit for each block that has been checked.
    package var checked: UnsafeMutablePointer<UInt8> { checkedBlocks.bits }

    private func range(ofBlock block: Int) -> Range<Int> {
        block * blockBytes..<min((block + 1) * blockBytes, bytes.count)
    }

    /// What else is asked of each block, given its number and bytes, when it is checked: what is wrong with it, or nil.
    package func admit(by test: @escaping @Sendable (Int, UnsafeRawBufferPointer) -> String?) {
        let admission = Admission(test)
        lock.withLock { $0 = admission }
    }

    /// What is wrong with a block as it lies there, or nil. Not after it may have been changed.
    package func fault(ofBlock block: Int) -> StoreError? {
        let range = range(ofBlock: block)
        switch reader.checksum(ofBlock: block, section) {
        case .failure(let fault): return fault
        case .success(let checksum):
            if Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[range])) == checksum { return nil }
            return .corrupt(
                file: reader.path, offset: offset + UInt64(range.lowerBound),
                what: "the \(range.count) bytes from there do not match their checksum")
        }
    }

    /// Checks a block unless that has been done. One that is not as it was written, or not admitted, is noted with the
    /// reader and filled with zeros.
    package func check(block: Int) {
        lock.withLock { admission in
            if checkedBlocks.contains(block) { return }
            let range = range(ofBlock: block)
            var fault = fault(ofBlock: block)
            if fault == nil, let what = admission?.test(block, UnsafeRawBufferPointer(rebasing: bytes[range])) {
                fault = .corrupt(
                    file: reader.path, offset: offset + UInt64(range.lowerBound), what: "it contradicts itself: \(what)"
                )
            }
            if let fault {
                reader.note(fault)
                damagedBlocks.insert(block)
                UnsafeMutableRawBufferPointer(rebasing: bytes[range]).initializeMemory(as: UInt8.self, repeating: 0)
            }
            checkedBlocks.insert(block)
        }
    }

    /// The bytes of a range, all of whose blocks are checked. Zeros where they are damaged, which the reader notes; nil
    /// if the range leads out of the section.
    package func checkedBytes(_ range: Range<Int>) -> UnsafeRawBufferPointer? {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        if !range.isEmpty {
            for block in range.lowerBound / blockBytes...(range.upperBound - 1) / blockBytes
            where !checkedBlocks.contains(block) { check(block: block) }
        }
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    /// Whether none of the blocks of a range is damaged; checks those that have not been. False for what lies outside.
    package func isIntact(_ range: Range<Int>) -> Bool {
        guard checkedBytes(range) != nil else { return false }
        if range.isEmpty { return true }
        return !(range.lowerBound / blockBytes...(range.upperBound - 1) / blockBytes).contains {
            damagedBlocks.contains($0)
        }
    }

    /// See `MappedFile`.
    package func populate(_ range: Range<Int>) {
        reader.populate(Int(offset) + range.lowerBound..<Int(offset) + range.upperBound)
    }
}

/// Bits that are set once, by any thread.
final class Bitmap: @unchecked Sendable {
    // Unchecked: the bits are accessed atomically only.

    let bits: UnsafeMutablePointer<UInt8>

    init(_ count: Int) {
        let bytes = count / 8 + 1
        bits = .allocate(capacity: bytes)
        bits.initialize(repeating: 0, count: bytes)
    }

    deinit { bits.deallocate() }

    func contains(_ index: Int) -> Bool { lk_is_checked(bits, index) != 0 }

    func insert(_ index: Int) { lk_set_checked(bits, index) }
}
