/// A snapshot file: sections of bytes, laid out to be mapped and used where they lie, every block of them under a
/// checksum that is looked at when the block is first touched. `FORMAT.md` has the layout.
///
/// **Opening is independent of the size.** A checksum over the whole file, or a table of checksums that is read when
/// the file is opened, would have to be read before the first answer. So checksums form a tree of three levels: each
/// block of some 4 KiB has one; each page of these has one; and those, 4 bytes for 4 MiB of data, are under the
/// checksum in the header page. Opening reads the header page and the topmost checksums; touching a block reads one
/// page of the middle level, once.
///
/// The header page is there twice, at the end once more: a repair would find nothing without it.
///
/// **The writer streams**: sections go out as they come, checksums after them, the header page last. Until the manifest
/// names the file nobody reads it, so a half-written one needs no mark. A published snapshot is never written again.
package enum SnapshotFile {
    /// Sections and lists of checksums begin at multiples of this; the header is so long.
    package static let pageSize = 4096
    static let sectionLimit = 64
    static let byteOrderMark: UInt32 = 0x0102_0304
    /// Checksums in a page of them.
    static let checksumsPerPage = pageSize / 4
    static let sectionsOffset = 80
    static let sectionSize = 48
    /// The most bytes of one block.
    static let blockLimit = 1 << 20

    /// A section's place in the file.
    package struct Section: Equatable, Sendable {
        package var kind: UInt32
        /// Whether a program that does not know the kind may pass over it.
        package var isOptional: Bool
        package var offset: UInt64
        package var length: UInt64
        package var blockBytes: UInt32
        /// Where its checksums begin.
        package var checksums: UInt64

        /// How many blocks it has.
        var blockCount: Int { Int((length + UInt64(blockBytes) - 1) / UInt64(blockBytes)) }
    }
}

/// Writes a snapshot file. See `SnapshotFile`.
package struct SnapshotWriter: ~Copyable {
    /// Bytes that are written at once.
    private static let bufferSize = 1 << 20

    private let file: any StorageFile
    private let header: FileHeader
    private var sections: [SnapshotFile.Section] = []
    private var checksums: [[UInt32]] = []
    private var buffer: [UInt8] = []
    /// Where the buffer will be written.
    private var bufferOffset = UInt64(SnapshotFile.pageSize)
    /// The checksum of the block in the making, and how many of its bytes there are.
    private var checksum: UInt32 = 0
    private var blockFill = 0

    private var position: UInt64 { bufferOffset + UInt64(buffer.count) }

    /// Begins a file.
    package init(_ path: String, collection: UInt64, generation: UInt64, in fileSystem: any FileSystem)
        throws(StoreError)
    {
        file = try fileSystem.open(path, .truncate)
        header = FileHeader(kind: .snapshot, salt: 0, collection: collection, number: generation)
        buffer.reserveCapacity(Self.bufferSize)
    }

    /// Begins a section; what is put from here on belongs to it.
    package mutating func beginSection(
        _ kind: UInt32, blockBytes: Int = SnapshotFile.pageSize, isOptional: Bool = false
    ) throws(StoreError) {
        precondition(sections.count < SnapshotFile.sectionLimit && (1...SnapshotFile.blockLimit).contains(blockBytes))
        endBlock()
        try padToPage()
        sections.append(
            SnapshotFile.Section(
                kind: kind, isOptional: isOptional, offset: position, length: 0, blockBytes: UInt32(blockBytes),
                checksums: 0))
        checksums.append([])
    }

    /// Adds bytes to the section.
    package mutating func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        precondition(!sections.isEmpty, "bytes belong to a section")
        sections[sections.count - 1].length += UInt64(bytes.count)
        let blockBytes = Int(sections[sections.count - 1].blockBytes)
        var rest = bytes
        while !rest.isEmpty {
            let some = min(rest.count, blockBytes - blockFill)
            checksum = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: rest[..<some]), continuing: checksum)
            blockFill += some
            if blockFill == blockBytes { endBlock() }
            rest = UnsafeRawBufferPointer(rebasing: rest[some...])
        }
        try append(bytes)
    }

    /// Adds bytes to the section.
    package mutating func put(_ bytes: [UInt8]) throws(StoreError) {
        let failure: StoreError? = bytes.withUnsafeBytes { buffer in
            do throws(StoreError) { try put(buffer) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    /// Completes the file and makes it durable, but for its name in the folder. Returns its size.
    package consuming func finish() throws(StoreError) -> UInt64 {
        endBlock()
        try padToPage()
        let checksumsOffset = position
        var roots = ByteWriter()
        for index in sections.indices {
            sections[index].checksums = position
            for start in stride(from: 0, to: checksums[index].count, by: SnapshotFile.checksumsPerPage) {
                let end = min(start + SnapshotFile.checksumsPerPage, checksums[index].count)
                var page = ByteWriter(reserving: SnapshotFile.pageSize)
                for checksum in checksums[index][start..<end] { page.put(checksum) }
                page.putRaw(repeatElement(0, count: SnapshotFile.pageSize - page.bytes.count))
                roots.put(Checksum.crc32c(page.bytes))
                try append(page.bytes)
            }
        }
        let rootsOffset = position
        try append(roots.bytes)
        try flush()
        let size = position + UInt64(SnapshotFile.pageSize)
        var page = ByteWriter(reserving: SnapshotFile.pageSize)
        page.putRaw(header.encoded)
        page.put(SnapshotFile.byteOrderMark)
        page.put(UInt32(sections.count))
        page.put(size)
        page.put(checksumsOffset)
        page.put(rootsOffset)
        page.put(Checksum.crc32c(roots.bytes))
        page.put(UInt32(0))
        for section in sections {
            page.put(section.kind)
            page.put(UInt32(section.isOptional ? 1 : 0))
            page.put(section.offset)
            page.put(section.length)
            page.put(section.blockBytes)
            page.put(UInt32(0))
            page.put(section.checksums)
            page.put(UInt64(0))
        }
        page.putRaw(repeatElement(0, count: SnapshotFile.pageSize - 4 - page.bytes.count))
        page.put(Checksum.crc32c(page.bytes))
        try file.write(page.bytes, at: size - UInt64(SnapshotFile.pageSize))
        try file.write(page.bytes, at: 0)
        try file.sync()
        return size
    }

    private mutating func endBlock() {
        guard blockFill > 0 else { return }
        checksums[checksums.count - 1].append(checksum)
        checksum = 0
        blockFill = 0
    }

    private mutating func padToPage() throws(StoreError) {
        let over = Int(position % UInt64(SnapshotFile.pageSize))
        if over > 0 { try append([UInt8](repeating: 0, count: SnapshotFile.pageSize - over)) }
    }

    private mutating func append(_ bytes: [UInt8]) throws(StoreError) {
        let failure: StoreError? = bytes.withUnsafeBytes { buffer in
            do throws(StoreError) { try append(buffer) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var rest = bytes
        while !rest.isEmpty {
            let some = min(rest.count, Self.bufferSize - buffer.count)
            buffer.append(contentsOf: rest[..<some])
            rest = UnsafeRawBufferPointer(rebasing: rest[some...])
            if buffer.count == Self.bufferSize { try flush() }
        }
    }

    private mutating func flush() throws(StoreError) {
        guard !buffer.isEmpty else { return }
        try file.write(buffer, at: bufferOffset)
        bufferOffset += UInt64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }
}
