import Synchronization

/// The write-ahead log of one collection: every change since the snapshot of the same generation, in order.
///
/// In the manner of leveldb's `doc/log_format.md`, but without its 32 KiB blocks: those let a reader skip a damaged
/// stretch, and we never skip. After the header (`FileHeader`) come records:
///
///     0   UInt32  marker   0x4C4F4752, so that a search for later records is cheap
///     4   UInt32  length   bytes of the payload, at most `payloadLimit`
///     8   UInt64  synced   bytes of the file that were known to be on the device when the record was written
///     16  UInt32  CRC-32C  of: salt UInt32, offset of this record in the file UInt64, the 16 bytes before
///     20  UInt32  CRC-32C  of: the same, and the payload
///     24  payload
///
/// The salt and the offset in the checksums bind a record to its place: bytes that a user stores in a payload, even
/// ones made to look like a record, are never one. The first checksum lets a search for records dismiss a false
/// candidate after 16 bytes, so that the search is linear in the file's size whatever is stored in it.
///
/// **Torn tail.** A crash can leave the last record incomplete. A loss of power can do more: of everything written since
/// the last sync it keeps any pages and loses any others, so that a bad record may have valid ones after it. At open, a
/// bad record at offset o is therefore judged by what the valid ones after it know:
///
/// - One of them says that more than o bytes had been synced. Then the record was on the device once, and is damaged:
///   this is reported with its place, and nothing is guessed.
/// - None does, or there is none. Then everything from o on is a tail that was never durable, and is cut off.
///
/// If every record is synced before the next is written, each says that all before it is durable, so only damage to the
/// last one counts as a torn tail. With fewer syncs the evidence comes with the first record after a sync: damage to
/// what was synced last is taken for a torn tail as long as no record was added since.
///
/// **Failed append.** The log is cut back to its last good length, so that the next record does not follow a bad one. If
/// that fails too the log takes no more.
///
/// Thread-safety: one thread at a time, except `sync` and `length`, which any thread may call at any time: they touch
/// the file and two atomic numbers only. That is why the unchecked conformance holds.
package final class WriteAheadLog: @unchecked Sendable {
    /// The most bytes of one payload. Names, vectors and attributes have limits of their own that add up to less.
    package static let payloadLimit = 32 << 20
    /// Bytes of a record before its payload.
    package static let recordHeaderSize = 24
    private static let marker: UInt32 = 0x4C4F_4752

    private let file: any StorageFile
    private let salt: UInt32
    private let end: Atomic<UInt64>
    private let syncedEnd: Atomic<UInt64>
    /// Why it takes no more, once it does not.
    private var failure: String?

    /// Bytes up to the end of the last good record.
    package var length: UInt64 { end.load(ordering: .acquiring) }

    /// Whether it has no records.
    package var isEmpty: Bool { length == UInt64(FileHeader.size) }

    /// A log of `length` bytes, all of them synced.
    private init(file: any StorageFile, salt: UInt32, length: UInt64) {
        self.file = file
        self.salt = salt
        end = Atomic(length)
        syncedEnd = Atomic(length)
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

    /// Opens a log and gives every payload, with the offset of its record, to `replay`. A torn tail is cut and what is
    /// left made durable; with `readOnly` the tail is passed over. When this throws `corrupt`, the records before the
    /// damage have been replayed.
    package static func open(
        _ path: String, collection: UInt64, generation: UInt64, readOnly: Bool, in fileSystem: any FileSystem,
        replay: (UnsafeRawBufferPointer, UInt64) throws(StoreError) -> Void
    ) throws(StoreError) -> WriteAheadLog {
        let file = try fileSystem.open(path, readOnly ? .read : .readWrite)
        let mapping = try file.map()
        defer { withExtendedLifetime(mapping) {} }
        let bytes = UnsafeRawBufferPointer(mapping.bytes)
        let header = try FileHeader(bytes, file: path, kind: .log, collection: collection, number: generation)
        let reader = LogScan(bytes: bytes, salt: header.salt)
        var at = FileHeader.size
        while let record = reader.record(at: at) {
            try replay(record.payload, UInt64(at))
            at = record.end
        }
        if at < bytes.count, let witness = reader.witness(against: at) {
            throw .corrupt(
                file: path, offset: UInt64(at),
                what: "a record does not match its checksum, and the one at byte \(witness) shows that it was durable")
        }
        if !readOnly, bytes.count > FileHeader.size {
            if at < bytes.count { try file.truncate(to: UInt64(at)) }
            // What the next records will say of what is durable has to be true of these too, whoever wrote them.
            try file.sync()
        }
        return WriteAheadLog(file: file, salt: header.salt, length: UInt64(at))
    }

    /// Adds a record. On an error the log is as it was before.
    package func append(_ payload: [UInt8]) throws(StoreError) {
        if let failure { throw .failed(path: file.path, reason: failure) }
        guard payload.count <= Self.payloadLimit else {
            throw .limitExceeded(what: "a change", value: UInt64(payload.count), limit: UInt64(Self.payloadLimit))
        }
        let offset = length
        var record = ByteWriter(reserving: Self.recordHeaderSize + payload.count)
        record.put(Self.marker)
        record.put(UInt32(payload.count))
        record.put(syncedEnd.load(ordering: .acquiring))
        let crc = record.bytes.withUnsafeBytes { LogScan.headerChecksum($0, at: offset, salt: salt) }
        record.put(crc)
        record.put(Checksum.crc32c(payload, continuing: crc))
        record.putRaw(payload)
        do {
            try file.write(record.bytes, at: offset)
        } catch {
            try cutBack(to: offset)
            throw error
        }
        end.store(offset + UInt64(record.bytes.count), ordering: .releasing)
    }

    /// Makes durable what has been added so far.
    package func sync() throws(StoreError) {
        let length = length
        try file.sync()
        syncedEnd.max(length, ordering: .acquiringAndReleasing)
    }

    /// Takes the last records back, after a failure to make them durable.
    package func cutBack(to length: UInt64) throws(StoreError) {
        do {
            try file.truncate(to: length)
            end.store(length, ordering: .releasing)
        } catch {
            let reason = "a failed write to its log could not be undone"
            failure = reason
            throw .failed(path: file.path, reason: reason)
        }
    }

    /// The bytes of a log as they were found.
    private struct LogScan {
        let bytes: UnsafeRawBufferPointer
        let salt: UInt32

        struct Record {
            var payload: UnsafeRawBufferPointer
            var synced: UInt64
            var end: Int
        }

        /// The checksum of the first 16 bytes of a record, with what binds it to its place.
        static func headerChecksum(_ start: UnsafeRawBufferPointer, at offset: UInt64, salt: UInt32) -> UInt32 {
            var crc = withUnsafeBytes(of: salt.littleEndian) { Checksum.crc32c($0) }
            crc = withUnsafeBytes(of: offset.littleEndian) { Checksum.crc32c($0, continuing: crc) }
            return Checksum.crc32c(start, continuing: crc)
        }

        /// The record at an offset, or nil if there is no valid one.
        func record(at offset: Int) -> Record? {
            guard bytes.count - offset >= recordHeaderSize else { return nil }
            func word(_ at: Int) -> UInt32 {
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + at, as: UInt32.self))
            }
            let count = Int(word(4))
            guard word(0) == marker, count <= payloadLimit, bytes.count - offset - recordHeaderSize >= count else {
                return nil
            }
            let crc = Self.headerChecksum(
                UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + 16]), at: UInt64(offset), salt: salt)
            guard crc == word(16) else { return nil }
            let start = offset + recordHeaderSize
            let payload = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
            guard Checksum.crc32c(payload, continuing: crc) == word(20) else { return nil }
            let synced = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            return Record(payload: payload, synced: synced, end: start + count)
        }

        /// The offset of a valid record that says that a bad one before it was durable, or nil if none does. Behind a
        /// bad record every byte is looked at, since lengths are not to be trusted there.
        func witness(against bad: Int) -> Int? {
            let first = UInt8(truncatingIfNeeded: marker)
            var at = bad + 1
            while bytes.count - at >= recordHeaderSize {
                guard bytes[at] == first, let record = record(at: at) else {
                    at += 1
                    continue
                }
                if record.synced > UInt64(bad) { return at }
                at = record.end
            }
            return nil
        }
    }
}
