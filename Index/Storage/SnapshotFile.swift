/// A snapshot file: named sections of bytes, laid out to be mapped, every byte of it under a checksum.
///
///     0       header page, 4096 bytes
///             0     FileHeader
///             40    UInt32  number of sections, at most `sectionLimit`
///             44    UInt32  zero
///             48    UInt64  end of the blocks = offset of the checksum table, a multiple of 4096
///             56    UInt64  size of the file
///             64    UInt32  CRC-32C of the checksum table
///             68    UInt32  zero
///             72    sections: UInt32 kind, UInt32 zero, UInt64 offset, UInt64 length
///             4092  UInt32  CRC-32C of the 4092 bytes before
///     4096    sections, each from a multiple of 4096, zeros between
///     ...     checksum table: for each block of 1 MiB from 4096 to the end of the blocks, a UInt32 CRC-32C
///
/// The writer streams: sections go out block by block as they come, the header page last. Until the manifest names the
/// file nobody reads it, so a half-written one needs no mark. A published snapshot is never written again.
package enum SnapshotFile {
    static let pageSize = 4096
    static let blockSize = 1 << 20
    static let sectionLimit = 64

    /// A section's place in the file.
    package struct Section: Equatable, Sendable {
        package var kind: UInt32
        package var offset: UInt64
        package var length: UInt64
    }
}

/// Writes a snapshot file. See `SnapshotFile`.
package struct SnapshotWriter: ~Copyable {
    private let file: any StorageFile
    private let header: FileHeader
    private var sections: [SnapshotFile.Section] = []
    private var block: [UInt8] = []
    private var checksums: [UInt32] = []
    /// Where the block in the making will be written.
    private var blockOffset = UInt64(SnapshotFile.pageSize)

    private var position: UInt64 { blockOffset + UInt64(block.count) }

    /// Begins a file.
    package init(_ path: String, collection: UInt64, generation: UInt64, in fileSystem: any FileSystem)
        throws(StoreError)
    {
        file = try fileSystem.open(path, .truncate)
        header = FileHeader(kind: .snapshot, salt: 0, collection: collection, number: generation)
        block.reserveCapacity(SnapshotFile.blockSize)
    }

    /// Begins a section; what is put from here on belongs to it.
    package mutating func beginSection(_ kind: UInt32) throws(StoreError) {
        precondition(sections.count < SnapshotFile.sectionLimit)
        try padToPage()
        sections.append(SnapshotFile.Section(kind: kind, offset: position, length: 0))
    }

    /// Adds bytes to the section.
    package mutating func put(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        precondition(!sections.isEmpty, "bytes belong to a section")
        sections[sections.count - 1].length += UInt64(bytes.count)
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

    /// Completes the file and makes it durable, but for its name in the folder.
    package consuming func finish() throws(StoreError) {
        try padToPage()
        try flush()
        var table = ByteWriter(reserving: 4 * checksums.count)
        for checksum in checksums { table.put(checksum) }
        try file.write(table.bytes, at: blockOffset)
        var page = ByteWriter(reserving: SnapshotFile.pageSize)
        page.putRaw(header.encoded)
        page.put(UInt32(sections.count))
        page.put(UInt32(0))
        page.put(blockOffset)
        page.put(blockOffset + UInt64(table.bytes.count))
        page.put(Checksum.crc32c(table.bytes))
        page.put(UInt32(0))
        for section in sections {
            page.put(section.kind)
            page.put(UInt32(0))
            page.put(section.offset)
            page.put(section.length)
        }
        page.putRaw(repeatElement(0, count: SnapshotFile.pageSize - 4 - page.bytes.count))
        page.put(Checksum.crc32c(page.bytes))
        try file.write(page.bytes, at: 0)
        try file.sync()
    }

    private mutating func padToPage() throws(StoreError) {
        let over = Int(position % UInt64(SnapshotFile.pageSize))
        guard over > 0 else { return }
        let failure: StoreError? = [UInt8](repeating: 0, count: SnapshotFile.pageSize - over).withUnsafeBytes { zeros in
            do throws(StoreError) { try append(zeros) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        var rest = bytes
        while !rest.isEmpty {
            let some = min(rest.count, SnapshotFile.blockSize - block.count)
            block.append(contentsOf: rest[..<some])
            rest = UnsafeRawBufferPointer(rebasing: rest[some...])
            if block.count == SnapshotFile.blockSize { try flush() }
        }
    }

    private mutating func flush() throws(StoreError) {
        guard !block.isEmpty else { return }
        checksums.append(Checksum.crc32c(block))
        try file.write(block, at: blockOffset)
        blockOffset += UInt64(block.count)
        block.removeAll(keepingCapacity: true)
    }
}

/// A mapped snapshot file whose every byte has been checked. See `SnapshotFile`.
package struct SnapshotReader: Sendable {
    /// What keeps the sections' bytes.
    package let mapping: MappedFile
    /// The sections in the order they were written.
    package let sections: [SnapshotFile.Section]
    private let path: String

    /// Maps a file and checks all of it.
    package init(_ path: String, collection: UInt64, generation: UInt64, in fileSystem: any FileSystem)
        throws(StoreError)
    {
        self.path = path
        let pageSize = SnapshotFile.pageSize
        let mapping = try fileSystem.open(path, .read).map()
        self.mapping = mapping
        defer { withExtendedLifetime(mapping) {} }
        let bytes = UnsafeRawBufferPointer(mapping.bytes)
        guard bytes.count >= pageSize else {
            throw .corrupt(file: path, offset: UInt64(bytes.count), what: "it ends within its header")
        }
        _ = try FileHeader(bytes, file: path, kind: .snapshot, collection: collection, number: generation)
        var tail = ByteReader(
            UnsafeRawBufferPointer(rebasing: bytes[pageSize - 4..<pageSize]), file: path, at: UInt64(pageSize - 4))
        guard
            try tail.take(UInt32.self, "the header's checksum")
                == Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<(pageSize - 4)]))
        else { throw .corrupt(file: path, offset: 0, what: "its header page does not match its checksum") }

        let start = FileHeader.size
        var reader = ByteReader(
            UnsafeRawBufferPointer(rebasing: bytes[start..<pageSize - 4]), file: path, at: UInt64(start))
        let count = try reader.take(UInt32.self, "the number of sections")
        _ = try reader.take(UInt32.self, "its header")
        let blocksEnd = try reader.take(UInt64.self, "the end of the blocks")
        let size = try reader.take(UInt64.self, "its size")
        let tableChecksum = try reader.take(UInt32.self, "the table's checksum")
        _ = try reader.take(UInt32.self, "its header")
        guard size == UInt64(bytes.count), blocksEnd >= UInt64(pageSize), blocksEnd <= size,
            count <= UInt32(SnapshotFile.sectionLimit)
        else {
            throw .corrupt(
                file: path, offset: min(size, UInt64(bytes.count)),
                what: "it is \(bytes.count) bytes long instead of \(size)")
        }
        var sections: [SnapshotFile.Section] = []
        for _ in 0..<count {
            let kind = try reader.take(UInt32.self, "a section")
            _ = try reader.take(UInt32.self, "a section")
            let offset = try reader.take(UInt64.self, "a section")
            let length = try reader.take(UInt64.self, "a section")
            guard offset >= UInt64(pageSize), offset <= blocksEnd, length <= blocksEnd - offset,
                offset % UInt64(pageSize) == 0
            else { throw reader.corrupt("a section lies outside of the file") }
            sections.append(SnapshotFile.Section(kind: kind, offset: offset, length: length))
        }
        self.sections = sections
        try Self.check(bytes, blocksEnd: Int(blocksEnd), tableChecksum: tableChecksum, path: path)
    }

    private static func check(_ bytes: UnsafeRawBufferPointer, blocksEnd: Int, tableChecksum: UInt32, path: String)
        throws(StoreError)
    {
        let table = UnsafeRawBufferPointer(rebasing: bytes[blocksEnd...])
        guard Checksum.crc32c(table) == tableChecksum else {
            throw .corrupt(file: path, offset: UInt64(blocksEnd), what: "its checksums do not match theirs")
        }
        var reader = ByteReader(table, file: path, at: UInt64(blocksEnd))
        var at = SnapshotFile.pageSize
        while at < blocksEnd {
            let end = min(at + SnapshotFile.blockSize, blocksEnd)
            let checksum = try reader.take(UInt32.self, "the checksums")
            guard Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[at..<end])) == checksum else {
                throw .corrupt(
                    file: path, offset: UInt64(at), what: "the \(end - at) bytes from there do not match their checksum"
                )
            }
            at = end
        }
        try reader.finish("the checksums")
    }

    /// The bytes of the section of a kind, which must be there once. They are valid as long as `mapping` is held.
    package func section(_ kind: UInt32) throws(StoreError) -> UnsafeMutableRawBufferPointer {
        let found = sections.filter { $0.kind == kind }
        guard found.count == 1 else {
            throw .corrupt(file: path, offset: 0, what: "it has \(found.count) sections of kind \(kind) instead of 1")
        }
        let start = Int(found[0].offset)
        return UnsafeMutableRawBufferPointer(rebasing: mapping.bytes[start..<start + Int(found[0].length)])
    }

    /// A reader of that section, valid as long as `mapping` is held.
    package func reader(_ kind: UInt32) throws(StoreError) -> ByteReader {
        let bytes = UnsafeRawBufferPointer(try section(kind))
        let offset = sections.first { $0.kind == kind }.map(\.offset) ?? 0
        return ByteReader(bytes, file: path, at: offset)
    }
}
