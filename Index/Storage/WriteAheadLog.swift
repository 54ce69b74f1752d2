import Synchronization

/// One file of the write-ahead log of a collection: the changes since a snapshot, or since the file before, in order.
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
/// The first record says what the file is for; a second that begins with `followsMark` says how long the log before it
/// is. `isEmpty` does not count them.
///
/// **Torn tail.** A crash can leave the last record incomplete. A loss of power can do more: of everything written
/// since the last sync it keeps any pages and loses any others, so that a bad record may have valid ones after it. At
/// open, a bad record at offset o is therefore judged by what the valid ones after it know:
///
/// - One of them says that more than o bytes had been synced. Then the record was on the device once, and is damaged:
///   this is reported with its place, and nothing is guessed.
/// - None does, or there is none. Then everything from o on is a tail that was never durable, and is cut off.
///
/// If every record is synced before the next is written, each says that all before it is durable, so only damage to the
/// last one counts as a torn tail. With fewer syncs the evidence comes with the first record after a sync: damage to
/// what was synced last is taken for a torn tail as long as no record was added since. A log that is followed by
/// another with records was synced as a whole before: of that one there is no torn tail.
///
/// **Group commit.** `sync(upTo:)` lets those who ask at the same time wait for one sync together.
///
/// **Failed append.** The log is cut back to its last good length, so that the next record does not follow a bad one.
/// If that fails too the log takes no more.
///
/// Thread-safety: one thread at a time appends; `sync`, `length` and `isEmpty` are for any thread at any time: they
/// touch the file and atomic numbers only. That is why the unchecked conformance holds.
package final class WriteAheadLog: @unchecked Sendable {
    /// The most bytes of one payload. Names, vectors and attributes have limits of their own that add up to less.
    package static let payloadLimit = 32 << 20
    /// What the payload of a second record begins with that says what the log follows.
    package static let followsMark: UInt8 = 5
    /// Bytes of a record before its payload.
    package static let recordHeaderSize = 24

    /// The number in its name.
    package let generation: UInt64
    private let file: any StorageFile
    private let salt: UInt32
    /// Where its changes begin: the end of its first record, and of a second that says what it follows.
    private let start: Atomic<UInt64>
    private let end: Atomic<UInt64>
    private let syncedEnd: Atomic<UInt64>
    /// Held by who syncs. Once a sync has failed nothing is known of what is on the device, and a second one may report
    /// success for what the first one lost: there is none.
    private let syncing = Mutex<StoreError?>(nil)
    /// Why it takes no more, once it does not.
    private var failure: String?

    /// Bytes up to the end of the last good record.
    package var length: UInt64 { end.load(ordering: .acquiring) }

    /// Whether it has no changes.
    package var isEmpty: Bool { length <= start.load(ordering: .acquiring) }

    /// Notes that what has been added so far is no change.
    package func beginChanges() { start.store(length, ordering: .releasing) }

    /// A log of `length` bytes, all of them synced.
    init(file: any StorageFile, generation: UInt64, salt: UInt32, start: UInt64, length: UInt64) {
        self.file = file
        self.generation = generation
        self.salt = salt
        self.start = Atomic(start)
        end = Atomic(length)
        syncedEnd = Atomic(length)
    }

    /// A new log with its first record, durable but for its name in the folder.
    package static func create(
        _ path: String, collection: UInt64, generation: UInt64, first: [UInt8], in fileSystem: any FileSystem
    ) throws(StoreError) -> WriteAheadLog {
        let header = FileHeader(
            kind: .log, salt: .random(in: 0...UInt32.max), collection: collection, number: generation)
        let offset = UInt64(FileHeader.size)
        let bytes = header.encoded + LogScan.record(first, at: offset, synced: 0, salt: header.salt)
        let file = try FileHeader.make(path, bytes, in: fileSystem)
        return WriteAheadLog(
            file: file, generation: generation, salt: header.salt, start: UInt64(bytes.count),
            length: UInt64(bytes.count))
    }

    /// Adds a record. On an error the log is as it was before.
    package func append(_ payload: [UInt8]) throws(StoreError) {
        if let failure { throw .failed(path: file.path, reason: failure) }
        guard payload.count <= Self.payloadLimit else {
            throw .limitExceeded(what: "a change", value: UInt64(payload.count), limit: UInt64(Self.payloadLimit))
        }
        let offset = length
        let record = LogScan.record(
            payload, at: offset, synced: syncedEnd.load(ordering: .acquiring), salt: salt)
        do {
            try file.write(record, at: offset)
        } catch {
            try cutBack(to: offset)
            throw error
        }
        end.store(offset + UInt64(record.count), ordering: .releasing)
    }

    /// Makes durable what has been added so far.
    package func sync() throws(StoreError) { try sync(upTo: length) }

    /// Makes durable what was added up to that length; whoever finds that somebody else has just done so is done.
    package func sync(upTo wanted: UInt64) throws(StoreError) {
        if syncedEnd.load(ordering: .acquiring) >= wanted { return }
        let result: Result<Void, StoreError> = syncing.withLock { failure in
            if let failure { return .failure(failure) }
            if syncedEnd.load(ordering: .acquiring) >= wanted { return .success(()) }
            let length = length
            do throws(StoreError) {
                try file.sync()
            } catch {
                failure = error
                return .failure(error)
            }
            syncedEnd.max(length, ordering: .acquiringAndReleasing)
            return .success(())
        }
        try result.get()
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
}
