/// A log file that is about to be replayed, as long as it was when it was opened.
///
/// It is read piece by piece, never mapped: another process may be appending to it, or taking a failed record back.
/// Bytes below the length that was found at first are as they were written, whatever is added meanwhile.
///
/// Thread-safety: none.
package final class LogReader {
    private let file: any StorageFile
    /// The number in its name.
    package let generation: UInt64
    private let readOnly: Bool
    private var scan: LogScan
    /// Bytes of the file when it was opened.
    package let size: UInt64
    /// Whether there is a whole record behind the first one.
    package private(set) var hasRecords = false

    /// Opens a log and looks at its beginning.
    package init(
        _ path: String, collection: UInt64, generation: UInt64, readOnly: Bool, in fileSystem: any FileSystem
    ) throws(StoreError) {
        file = try fileSystem.open(path, readOnly ? .read : .readWrite)
        self.generation = generation
        self.readOnly = readOnly
        size = try file.size()
        let header = try FileHeader(of: file, kind: .log, collection: collection, number: generation)
        scan = LogScan(file: file, size: size, salt: header.salt)
        if let first = try scan.record(at: UInt64(FileHeader.size)) {
            hasRecords = try scan.record(at: first.end) != nil
        }
    }

    /// Gives every payload, with the offset of its record, to `replay`, and returns the log, ready to be added to. A
    /// torn tail is cut and what is left made durable; if it is only read, the tail is passed over.
    ///
    /// - Parameter isFollowed: whether a later log has records, so that this one must be whole.
    /// - Throws: `corrupt` when a record is damaged; those before it have been replayed by then.
    package func replay(isFollowed: Bool, _ replay: (UnsafeRawBufferPointer, UInt64) throws(StoreError) -> Void)
        throws(StoreError) -> WriteAheadLog
    {
        var at = UInt64(FileHeader.size)
        var start = at
        var firstEnd: UInt64?
        while let record = try scan.record(at: at) {
            var isFollows = false
            try scan.withPayload(record) { (payload) throws(StoreError) in
                isFollows = payload.first == WriteAheadLog.followsMark
                try replay(payload, at)
            }
            if at == UInt64(FileHeader.size) || at == firstEnd && isFollows { start = record.end }
            if at == UInt64(FileHeader.size) { firstEnd = record.end }
            at = record.end
        }
        if start == UInt64(FileHeader.size) {
            // A log gets its name when its first record is durable.
            throw .corrupt(file: file.path, offset: at, what: "its first record does not match its checksum")
        }
        if at < size {
            if isFollowed {
                throw .corrupt(
                    file: file.path, offset: at,
                    what: "a record does not match its checksum, and the next log shows that it was durable")
            }
            if let witness = try scan.witness(against: at) {
                throw .corrupt(
                    file: file.path, offset: at,
                    what: "a record does not match its checksum, and the one at byte \(witness) shows that it was "
                        + "durable")
            }
        }
        if !readOnly {
            if at < size { try file.truncate(to: at) }
            // What the next records will say of what is durable has to be true of these too, whoever wrote them.
            try file.sync()
        }
        return WriteAheadLog(file: file, generation: generation, salt: scan.salt, start: start, length: at)
    }

    /// Gives every payload whose checksums hold, with the offset of its record, to `body`, whatever lies between them;
    /// returns the ranges that hold none. For repairs.
    package func salvage(_ body: (UnsafeRawBufferPointer, UInt64) -> Void) throws(StoreError) -> [Range<UInt64>] {
        var lost: [Range<UInt64>] = []
        var at = UInt64(FileHeader.size)
        while at < size {
            guard let record = try scan.record(at: at) else {
                let next = try scan.nextRecord(after: at) ?? size
                lost.append(at..<next)
                at = next
                continue
            }
            try scan.withPayload(record) { (payload) throws(StoreError) in body(payload, at) }
            at = record.end
        }
        return lost
    }
}

/// The bytes of a log as they were found, read a window at a time.
struct LogScan {
    /// What a record begins with.
    static let marker: UInt32 = 0x4C4F_4752
    private static let windowSize = 1 << 20

    let salt: UInt32
    private let file: any StorageFile
    private let size: UInt64
    private var window: [UInt8] = []
    private var windowOffset: UInt64 = 0

    struct Record {
        var payload: Range<UInt64>
        var synced: UInt64
        var end: UInt64 { payload.upperBound }
    }

    init(file: any StorageFile, size: UInt64, salt: UInt32) {
        self.file = file
        self.size = size
        self.salt = salt
    }

    /// A record as it is written.
    static func record(_ payload: [UInt8], at offset: UInt64, synced: UInt64, salt: UInt32) -> [UInt8] {
        var record = ByteWriter(reserving: WriteAheadLog.recordHeaderSize + payload.count)
        record.put(marker)
        record.put(UInt32(payload.count))
        record.put(synced)
        let crc = record.bytes.withUnsafeBytes { headerChecksum($0, at: offset, salt: salt) }
        record.put(crc)
        record.put(Checksum.crc32c(payload, continuing: crc))
        record.putRaw(payload)
        return record.bytes
    }

    /// The checksum of the first 16 bytes of a record, with what binds it to its place.
    private static func headerChecksum(_ start: UnsafeRawBufferPointer, at offset: UInt64, salt: UInt32) -> UInt32 {
        var crc = withUnsafeBytes(of: salt.littleEndian) { Checksum.crc32c($0) }
        crc = withUnsafeBytes(of: offset.littleEndian) { Checksum.crc32c($0, continuing: crc) }
        return Checksum.crc32c(start, continuing: crc)
    }

    /// Sees to it that bytes are in the window; returns where in it, or nil if they are not in the file.
    private mutating func load(_ offset: UInt64, _ count: Int) throws(StoreError) -> Int? {
        guard offset <= size, UInt64(count) <= size - offset else { return nil }
        if offset < windowOffset || offset - windowOffset + UInt64(count) > UInt64(window.count) {
            window = try file.read(
                at: offset, count: Int(min(UInt64(max(count, Self.windowSize)), size - offset)))
            windowOffset = offset
            // The file may have become shorter than it was.
            guard window.count >= count else { return nil }
        }
        return Int(offset - windowOffset)
    }

    /// The record at an offset, or nil if there is no valid one.
    mutating func record(at offset: UInt64) throws(StoreError) -> Record? {
        let headerSize = WriteAheadLog.recordHeaderSize
        guard let at = try load(offset, headerSize) else { return nil }
        let header: (count: Int, synced: UInt64, crc: UInt32)? = window.withUnsafeBytes { bytes in
            func word(_ i: Int) -> UInt32 {
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + i, as: UInt32.self))
            }
            guard word(0) == Self.marker, word(4) <= UInt32(WriteAheadLog.payloadLimit) else { return nil }
            let crc = Self.headerChecksum(
                UnsafeRawBufferPointer(rebasing: bytes[at..<at + 16]), at: offset, salt: salt)
            guard crc == word(16) else { return nil }
            let synced = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self))
            return (Int(word(4)), synced, crc)
        }
        guard let header, let whole = try load(offset, headerSize + header.count) else { return nil }
        let holds = window.withUnsafeBytes { bytes in
            let payload = UnsafeRawBufferPointer(
                rebasing: bytes[whole + headerSize..<whole + headerSize + header.count])
            let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: whole + 20, as: UInt32.self))
            return Checksum.crc32c(payload, continuing: header.crc) == stored
        }
        guard holds else { return nil }
        let start = offset + UInt64(headerSize)
        return Record(payload: start..<start + UInt64(header.count), synced: header.synced)
    }

    /// Calls `body` with the payload of a record that was just found.
    mutating func withPayload(
        _ record: Record, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        guard let at = try load(record.payload.lowerBound, record.payload.count) else { return }
        let failure: StoreError? = window.withUnsafeBytes { bytes in
            do throws(StoreError) {
                try body(UnsafeRawBufferPointer(rebasing: bytes[at..<at + record.payload.count]))
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// The offset of a valid record that says that a bad one before it was durable, or nil if none does. Behind a bad
    /// record every byte is looked at, since lengths are not to be trusted there.
    mutating func witness(against bad: UInt64) throws(StoreError) -> UInt64? {
        var after = bad
        while let at = try nextRecord(after: after), let record = try record(at: at) {
            if record.synced > bad { return at }
            after = record.end - 1
        }
        return nil
    }

    /// The offset of the first valid record that begins behind an offset.
    mutating func nextRecord(after offset: UInt64) throws(StoreError) -> UInt64? {
        let first = UInt8(truncatingIfNeeded: Self.marker)
        var at = offset + 1
        while let start = try load(at, WriteAheadLog.recordHeaderSize) {
            // On to the next place in the window that a record may begin at.
            guard let found = window[start...].firstIndex(of: first) else {
                at = windowOffset + UInt64(window.count)
                continue
            }
            at = windowOffset + UInt64(found)
            if try record(at: at) != nil { return at }
            at += 1
        }
        return nil
    }
}
