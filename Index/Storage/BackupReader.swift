/// Reads a backup from front to back, and checks all of it. See `BackupFile`.
///
/// `next` and `copy` are called in turn: each file's contents are copied before the next one is asked for.
package struct BackupReader: ~Copyable {
    /// How many files there are.
    package let count: UInt32
    /// The sum of the lengths of their contents.
    package let total: UInt64

    private let file: any StorageFile
    private let path: String
    private let salt: UInt32
    /// Where the trailer begins.
    private let end: UInt64
    private var position = UInt64(BackupFile.headerSize)
    private var filesRead: UInt32 = 0
    private var bytesRead: UInt64 = 0

    /// Opens a backup and checks its beginning and its end.
    package init(_ path: String, in fileSystem: any FileSystem) throws(StoreError) {
        let file = try fileSystem.open(path, .read)
        let size = try file.size()
        let least = UInt64(BackupFile.headerSize + BackupFile.trailerSize)
        guard size >= least else {
            throw .badBackup(file: path, offset: size, what: "it ends within its header")
        }
        let header = try file.read(at: 0, count: BackupFile.headerSize)
        let salt = try Self.inspect(header, of: path, at: 0) { reader throws(StoreError) in
            try Self.salt(of: &reader, header, path)
        }
        let end = size - UInt64(BackupFile.trailerSize)
        let trailer = try file.read(at: end, count: BackupFile.trailerSize)
        (count, total) = try Self.inspect(trailer, of: path, at: end) { reader throws(StoreError) in
            let mark = try reader.take(UInt32.self, "its trailer")
            let count = try reader.take(UInt32.self, "its trailer")
            let total = try reader.take(UInt64.self, "its trailer")
            let wholeSize = try reader.take(UInt64.self, "its trailer")
            let checksum = try reader.take(UInt32.self, "its trailer")
            guard mark == BackupFile.trailerMark, wholeSize == size,
                checksum == BackupFile.checksum(Array(trailer.dropLast(4)), salt: salt)
            else { throw .badBackup(file: path, offset: end, what: "its trailer is missing: it is not complete") }
            return (count, total)
        }
        self.file = file
        self.path = path
        self.salt = salt
        self.end = end
    }

    private static func salt(of reader: inout ByteReader, _ header: [UInt8], _ path: String) throws(StoreError)
        -> UInt32
    {
        let magic = try reader.takeRaw(BackupFile.magic.count, "its magic")
        let version = try reader.take(UInt32.self, "its version")
        let byteOrder = try reader.take(UInt32.self, "its byte order")
        let salt = try reader.take(UInt32.self, "its salt")
        _ = try reader.take(UInt32.self, "its header")
        let checksum = try reader.take(UInt32.self, "its checksum")
        guard magic == BackupFile.magic else {
            throw .badBackup(file: path, offset: 0, what: "it does not begin as a backup does")
        }
        guard byteOrder != BackupFile.byteOrder.byteSwapped else {
            throw .badBackup(file: path, offset: 12, what: "its integers have the bytes in another order")
        }
        guard checksum == Checksum.crc32c(Array(header.dropLast(4))) else {
            throw .badBackup(file: path, offset: 0, what: "its header does not match its checksum")
        }
        guard version <= BackupFile.version else {
            throw .unsupportedVersion(file: path, found: version, supported: BackupFile.version)
        }
        guard version == BackupFile.version, byteOrder == BackupFile.byteOrder else {
            throw .badBackup(file: path, offset: 8, what: "its header is none that was ever written")
        }
        return salt
    }

    /// The next file, or nil at the end, where all that the trailer says has been found to be true.
    package mutating func next() throws(StoreError) -> BackupFile.Entry? {
        guard position < end else {
            guard filesRead == count, bytesRead == total else {
                throw bad("the trailer comes after \(filesRead) of \(count) files")
            }
            return nil
        }
        let start = try take(BackupFile.fileHeaderSize, "a file's header")
        let (mark, number, length, pathLength) = try Self.inspect(start, of: path, at: position) {
            reader throws(StoreError) in
            (
                try reader.take(UInt32.self, "a file's header"), try reader.take(UInt32.self, "a file's header"),
                try reader.take(UInt64.self, "a file's header"), try reader.take(UInt32.self, "a file's header")
            )
        }
        guard mark == BackupFile.fileMark else { throw bad("no file begins where one should") }
        guard pathLength <= UInt32(BackupFile.pathLimit) else { throw bad("a file has a path that is too long") }
        let header = try take(BackupFile.fileHeaderSize + Int(pathLength) + 4, "a file's header")
        let stored = header.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let covered = Array(header.dropLast(4))
        guard stored == BackupFile.checksum(covered, salt: salt) else {
            throw bad("a file's header does not match its checksum")
        }
        guard number == filesRead else { throw bad("file \(number) comes where file \(filesRead) should") }
        guard let name = String(validating: covered.dropFirst(BackupFile.fileHeaderSize), as: UTF8.self) else {
            throw bad("a file's path is not UTF-8")
        }
        let entry = BackupFile.Entry(path: name, length: length, offset: position)
        position += UInt64(header.count)
        // With its checksums the file is longer still; this much keeps all later sums within bounds.
        guard length <= end - position else { throw bad("\(name) is longer than the backup") }
        return entry
    }

    /// Copies the contents of the file that `next` has just returned, from the beginning of `target`. `beforeBlock` is
    /// called before each block, and ends the work by throwing.
    package mutating func copy(
        _ entry: BackupFile.Entry, to target: any StorageFile, beforeBlock: () throws(StoreError) -> Void
    ) throws(StoreError) {
        var done: UInt64 = 0
        while done < entry.length {
            try beforeBlock()
            let size = Int(min(UInt64(BackupFile.blockSize), entry.length - done))
            let bytes = try take(size + 4, "a block of \(entry.path)")
            let number = done / UInt64(BackupFile.blockSize)
            let isSound = bytes.withUnsafeBytes { bytes in
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: size, as: UInt32.self))
                    == BackupFile.checksum(
                        UnsafeRawBufferPointer(rebasing: bytes[..<size]), file: filesRead, block: number, salt: salt)
            }
            guard isSound else { throw bad("\(size) bytes of \(entry.path) do not match their checksum") }
            try target.write(Array(bytes[..<size]), at: done)
            position += UInt64(bytes.count)
            done += UInt64(size)
        }
        filesRead += 1
        bytesRead += entry.length
    }

    /// Bytes at the current place, which must end before the trailer begins.
    private func take(_ size: Int, _ what: String) throws(StoreError) -> [UInt8] {
        guard UInt64(size) <= end - position else { throw bad("\(what) is cut short") }
        let bytes = try file.read(at: position, count: size)
        guard bytes.count == size else { throw bad("\(what) is cut short") }
        return bytes
    }

    private func bad(_ what: String) -> StoreError { .badBackup(file: path, offset: position, what: what) }

    /// Reads fields out of bytes of the backup; what is wrong with them is said of the backup.
    private static func inspect<T>(
        _ bytes: [UInt8], of path: String, at offset: UInt64, _ body: (inout ByteReader) throws(StoreError) -> T
    ) throws(StoreError) -> T {
        let result: Result<T, StoreError> = bytes.withUnsafeBytes { buffer in
            var reader = ByteReader(buffer, file: path, at: offset)
            do throws(StoreError) { return .success(try body(&reader)) } catch { return .failure(error) }
        }
        do { return try result.get() } catch .corrupt(let file, let offset, let what) {
            throw .badBackup(file: file, offset: offset, what: what)
        }
    }
}
