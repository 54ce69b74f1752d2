/// How much of a log is whole, seen from outside: by a reader that has the file open while the process that owns it
/// goes on adding to it.
///
/// A log has one writer, which puts a record down with one write and begins the next only when that has returned. A
/// size noted at any moment therefore ends after a complete record, or within the one that is being written: the valid
/// records up to that size, and nothing else, are what had been added. Bytes after them that are no record are judged
/// as they are at open: a later record that says that they were durable proves damage.
extension WriteAheadLog {
    /// The length of the part of a log, of which the first `size` bytes are looked at, that consists of valid records.
    ///
    /// - Throws: `corrupt` for damage to the header or to a record that was durable.
    package static func validLength(
        of file: any StorageFile, upTo size: UInt64, collection: UInt64, generation: UInt64
    ) throws(StoreError) -> UInt64 {
        let salt = try FileHeader(of: file, kind: .log, collection: collection, number: generation).salt
        var at = UInt64(FileHeader.size)
        // A record that failed to be written is written over by the next one. Pieces read before and after that do not
        // belong together and may look like damage once; read again, they do not.
        var suspected: UInt64?
        while true {
            var scan = LogScan(file: file, size: size, salt: salt)
            while let record = try scan.record(at: at) { at = record.end }
            guard at < size, let witness = try scan.witness(against: at) else { return at }
            guard suspected == at else {
                suspected = at
                continue
            }
            throw .corrupt(
                file: file.path, offset: at,
                what: "a record does not match its checksum, and the one at byte \(witness) shows that it was durable")
        }
    }

    /// Where the first change is or would be: the end of a log's first record. Nil if there is no such record.
    package static func startOfChanges(in file: any StorageFile, upTo size: UInt64) throws(StoreError) -> UInt64? {
        let header = try file.read(at: 0, count: FileHeader.size)
        guard header.count == FileHeader.size else { return nil }
        let salt = header.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self) }
        var scan = LogScan(file: file, size: size, salt: UInt32(littleEndian: salt))
        return try scan.record(at: UInt64(FileHeader.size))?.end
    }
}
