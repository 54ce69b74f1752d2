import Synchronization

/// Where a blob lies: enough to read it back and to know that it is the one.
package struct BlobReference: Hashable, Sendable {
    /// The number of its file.
    package var file: UInt64
    /// Where its record begins.
    package var offset: UInt64
    /// Bytes of the blob itself.
    package var length: UInt32
    /// CRC-32C of: salt UInt32, offset UInt64, the blob.
    package var checksum: UInt32

    package init(file: UInt64, offset: UInt64, length: UInt32, checksum: UInt32) {
        self.file = file
        self.offset = offset
        self.length = length
        self.checksum = checksum
    }

    /// The first byte after it.
    package var end: UInt64 { offset + UInt64(length) }

    /// Puts all fields.
    package func put(into writer: inout ByteWriter) {
        writer.put(file)
        writer.put(offset)
        writer.put(length)
        writer.put(checksum)
    }

    /// Takes all fields.
    package init(from reader: inout ByteReader) throws(StoreError) {
        file = try reader.take(UInt64.self, "a thumbnail's file")
        offset = try reader.take(UInt64.self, "a thumbnail's offset")
        length = try reader.take(UInt32.self, "a thumbnail's length")
        checksum = try reader.take(UInt32.self, "a thumbnail's checksum")
    }
}

/// An append-only file of blobs (thumbnails), never held in memory: a header (`FileHeader`), then the blobs one after
/// the other. Where each begins and how long it is stands in the log record and the snapshot that refer to it, together
/// with its checksum, so the file has no index. Bytes that nothing refers to are garbage and do no harm.
///
/// Thread-safety: any thread may do anything at any time.
package final class BlobFile: Sendable {
    /// The number in its name.
    package let number: UInt64
    /// The open file.
    package let file: any StorageFile
    private let salt: UInt32
    private let end: Atomic<UInt64>

    /// Where the next blob goes.
    package var length: UInt64 { end.load(ordering: .acquiring) }

    private init(number: UInt64, file: any StorageFile, salt: UInt32, length: UInt64) {
        self.number = number
        self.file = file
        self.salt = salt
        end = Atomic(length)
    }

    /// A new file, durable but for its name in the folder.
    package static func create(_ path: String, collection: UInt64, number: UInt64, in fileSystem: any FileSystem)
        throws(StoreError) -> BlobFile
    {
        let header = FileHeader(
            kind: .blobs, salt: .random(in: 0...UInt32.max), collection: collection, number: number)
        let file = try FileHeader.make(path, header.encoded, in: fileSystem)
        return BlobFile(number: number, file: file, salt: header.salt, length: UInt64(FileHeader.size))
    }

    /// Opens one that exists.
    package static func open(
        _ path: String, collection: UInt64, number: UInt64, readOnly: Bool, in fileSystem: any FileSystem
    ) throws(StoreError) -> BlobFile {
        let file = try fileSystem.open(path, readOnly ? .read : .readWrite)
        let header = try FileHeader(of: file, kind: .blobs, collection: collection, number: number)
        return BlobFile(number: number, file: file, salt: header.salt, length: try file.size())
    }

    /// Adds a blob. On an error its place is left to the next one, or else stays empty.
    package func append(_ blob: [UInt8]) throws(StoreError) -> BlobReference {
        let count = UInt64(blob.count)
        let offset = end.wrappingAdd(count, ordering: .acquiringAndReleasing).oldValue
        do {
            try file.write(blob, at: offset)
        } catch {
            _ = end.compareExchange(expected: offset + count, desired: offset, ordering: .acquiringAndReleasing)
            throw error
        }
        return BlobReference(
            file: number, offset: offset, length: UInt32(blob.count), checksum: checksum(blob, at: offset))
    }

    /// Reads a blob and checks it.
    package func read(_ reference: BlobReference) throws(StoreError) -> [UInt8] {
        let blob = try file.read(at: reference.offset, count: Int(reference.length))
        guard blob.count == Int(reference.length), checksum(blob, at: reference.offset) == reference.checksum else {
            throw .corrupt(
                file: file.path, offset: reference.offset, what: "a thumbnail does not match its checksum")
        }
        return blob
    }

    private func checksum(_ blob: [UInt8], at offset: UInt64) -> UInt32 {
        var prefix = ByteWriter(reserving: 12)
        prefix.put(salt)
        prefix.put(offset)
        return Checksum.crc32c(blob, continuing: Checksum.crc32c(prefix.bytes))
    }
}
