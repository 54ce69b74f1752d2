/// The write-ahead log of one collection: every change since the snapshot of the same generation, in order.
///
/// In the manner of leveldb's `doc/log_format.md`, but without its 32 KiB blocks: those let a reader skip a damaged
/// stretch, and we never skip. After the header (`FileHeader`) come records:
///
///     0   UInt32  marker   0x4C4F4752, so that a search for later records is cheap
///     4   UInt32  length   bytes of the payload, at most `payloadLimit`
///     8   UInt32  CRC-32C  of: salt UInt32, offset of this record in the file UInt64, length UInt32, payload
///     12  payload
///
/// The salt and the offset in the checksum bind a record to its place: bytes that a user stores in a payload, even
/// ones made to look like a record, are never one.
///
/// **Torn tail.** A crash can leave the last record incomplete, or its pages unwritten. At open, a bad record that no
/// valid record follows is cut off: it was never acknowledged as durable. A bad record that a valid one follows is
/// damage to something acknowledged, and is reported with its place; nothing is guessed.
///
/// **Failed append.** The log is cut back to its last good length, so that the next record does not follow a bad one. If
/// that fails too the log takes no more.
///
/// Thread-safety: one thread at a time, except `sync` of its file.
package final class WriteAheadLog {
    /// The most bytes of one payload. Names, vectors and attributes have limits of their own that add up to less.
    package static let payloadLimit = 32 << 20
    private static let marker: UInt32 = 0x4C4F_4752
    private static let recordHeaderSize = 12

    /// The file, for syncing it without holding up writers.
    package let file: any StorageFile
    private let salt: UInt32
    /// Bytes up to the end of the last good record.
    package private(set) var length: UInt64
    /// Why it takes no more, once it does not.
    private var failure: String?

    /// Whether it has no records.
    package var isEmpty: Bool { length == UInt64(FileHeader.size) }

    private init(file: any StorageFile, salt: UInt32, length: UInt64) {
        self.file = file
        self.salt = salt
        self.length = length
    }

    /// A new log, durable but for its name in the folder.
    package static func create(_ path: String, collection: UInt64, generation: UInt64, in fileSystem: any FileSystem)
        throws(StoreError) -> WriteAheadLog
    {
        let header = FileHeader(
            kind: .log, salt: .random(in: 0...UInt32.max), collection: collection, number: generation)
        let file = try fileSystem.open(path, .truncate)
        try file.write(header.encoded, at: 0)
        try file.sync()
        return WriteAheadLog(file: file, salt: header.salt, length: UInt64(FileHeader.size))
    }

    /// Opens a log and gives every payload, with the offset of its record, to `replay`. A torn tail is cut, or with
    /// `readOnly` passed over.
    package static func open(
        _ path: String, collection: UInt64, generation: UInt64, readOnly: Bool, in fileSystem: any FileSystem,
        replay: (UnsafeRawBufferPointer, UInt64) throws(StoreError) -> Void
    ) throws(StoreError) -> WriteAheadLog {
        let file = try fileSystem.open(path, readOnly ? .read : .readWrite)
        let mapping = try file.map()
        defer { withExtendedLifetime(mapping) {} }
        let bytes = UnsafeRawBufferPointer(mapping.bytes)
        let header = try FileHeader(bytes, file: path, kind: .log, collection: collection, number: generation)
        var at = FileHeader.size
        while let payload = payload(at: at, in: bytes, salt: header.salt) {
            try replay(payload, UInt64(at))
            at += recordHeaderSize + payload.count
        }
        if at < bytes.count {
            if let next = nextRecord(after: at, in: bytes, salt: header.salt) {
                throw .corrupt(
                    file: path, offset: UInt64(at),
                    what: "a record does not match its checksum, and a valid one follows at byte \(next)")
            }
            if !readOnly {
                try file.truncate(to: UInt64(at))
                try file.sync()
            }
        }
        return WriteAheadLog(file: file, salt: header.salt, length: UInt64(at))
    }

    /// Adds a record. On an error the log is as it was before.
    package func append(_ payload: [UInt8]) throws(StoreError) {
        if let failure { throw .failed(path: file.path, reason: failure) }
        guard payload.count <= Self.payloadLimit else {
            throw .limitExceeded(what: "a change", value: UInt64(payload.count), limit: UInt64(Self.payloadLimit))
        }
        var record = ByteWriter(reserving: Self.recordHeaderSize + payload.count)
        record.put(Self.marker)
        record.put(UInt32(payload.count))
        let crc = payload.withUnsafeBytes { Self.checksum($0, at: length, salt: salt) }
        record.put(crc)
        record.putRaw(payload)
        do {
            try file.write(record.bytes, at: length)
        } catch {
            try cutBack(to: length)
            throw error
        }
        length += UInt64(record.bytes.count)
    }

    /// Takes the last records back, after a failure to make them durable.
    package func cutBack(to length: UInt64) throws(StoreError) {
        do {
            try file.truncate(to: length)
            self.length = length
        } catch {
            let reason = "a failed write to its log could not be undone"
            failure = reason
            throw .failed(path: file.path, reason: reason)
        }
    }

    private static func checksum(_ payload: UnsafeRawBufferPointer, at offset: UInt64, salt: UInt32) -> UInt32 {
        var prefix = ByteWriter(reserving: 16)
        prefix.put(salt)
        prefix.put(offset)
        prefix.put(UInt32(payload.count))
        return Checksum.crc32c(payload, continuing: Checksum.crc32c(prefix.bytes))
    }

    /// The payload of the record at an offset, or nil if there is no valid record.
    private static func payload(at offset: Int, in bytes: UnsafeRawBufferPointer, salt: UInt32)
        -> UnsafeRawBufferPointer?
    {
        guard bytes.count - offset >= recordHeaderSize else { return nil }
        func word(_ index: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4 * index, as: UInt32.self))
        }
        let count = Int(word(1))
        guard word(0) == marker, count <= payloadLimit, bytes.count - offset - recordHeaderSize >= count else {
            return nil
        }
        let start = offset + recordHeaderSize
        let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
        return checksum(payload, at: UInt64(offset), salt: salt) == word(2) ? payload : nil
    }

    /// The offset of the first valid record after one that is not. Looks at every byte, since lengths are not to be
    /// trusted any more.
    private static func nextRecord(after offset: Int, in bytes: UnsafeRawBufferPointer, salt: UInt32) -> Int? {
        let first = UInt8(truncatingIfNeeded: marker)
        var at = offset + 1
        while bytes.count - at >= recordHeaderSize {
            if bytes[at] == first, payload(at: at, in: bytes, salt: salt) != nil { return at }
            at += 1
        }
        return nil
    }
}
