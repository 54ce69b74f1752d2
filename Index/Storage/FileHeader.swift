/// The first 40 bytes of a log, blob or snapshot file: what it is, of which version, and whose.
///
///     0   8 bytes  magic
///     8   UInt32   version
///     12  UInt32   salt        a random number, mixed into the checksums of the file's records
///     16  UInt64   collection  the number of the collection
///     24  UInt64   number      the generation of a log or snapshot, the number of a blob file
///     32  UInt32   zero
///     36  UInt32   CRC-32C of the 36 bytes before
///
/// The place of the checksum is the same in every version, so that damage is told from a later version.
package struct FileHeader: Equatable, Sendable {
    /// Bytes of a header.
    package static let size = 40
    /// What kind of file it is.
    package enum Kind: String, Sendable {
        /// A write-ahead log.
        case log = "LOOKLOG\n"
        /// A file of thumbnails.
        case blobs = "LOOKBLB\n"
        /// A snapshot.
        case snapshot = "LOOKSNP\n"

        /// The version that this program writes, and the only one that it reads: earlier ones of snapshots were never
        /// part of a release.
        package var version: UInt32 { self == .snapshot ? 3 : 1 }
    }

    package var kind: Kind
    package var salt: UInt32
    package var collection: UInt64
    package var number: UInt64

    package init(kind: Kind, salt: UInt32, collection: UInt64, number: UInt64) {
        self.kind = kind
        self.salt = salt
        self.collection = collection
        self.number = number
    }

    /// The header as bytes.
    package var encoded: [UInt8] {
        var writer = ByteWriter(reserving: Self.size)
        writer.putRaw(kind.rawValue.utf8)
        writer.put(kind.version)
        writer.put(salt)
        writer.put(collection)
        writer.put(number)
        writer.put(UInt32(0))
        writer.put(Checksum.crc32c(writer.bytes))
        return writer.bytes
    }

    /// What a name ends with while the file is made.
    package static let temporarySuffix = ".tmp"

    /// Makes a file with these first bytes, durable but for its name in the folder. It gets its name when it is whole,
    /// so that a file of that name whose beginning is broken was broken afterwards.
    static func make(_ path: String, _ bytes: [UInt8], in fileSystem: any FileSystem) throws(StoreError)
        -> any StorageFile
    {
        let temporary = path + temporarySuffix
        let made = try fileSystem.open(temporary, .truncate)
        try made.write(bytes, at: 0)
        try made.sync()
        try fileSystem.rename(temporary, to: path)
        return try fileSystem.open(path, .readWrite)
    }

    /// Reads the header of an open file; see below.
    init(of file: any StorageFile, kind: Kind, collection: UInt64, number: UInt64) throws(StoreError) {
        let start = try file.read(at: 0, count: Self.size)
        let result: Result<FileHeader, StoreError> = start.withUnsafeBytes { bytes in
            do throws(StoreError) {
                return .success(
                    try FileHeader(bytes, file: file.path, kind: kind, collection: collection, number: number))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads the header of a file that must be of this kind, collection and number.
    package init(_ bytes: UnsafeRawBufferPointer, file: String, kind: Kind, collection: UInt64, number: UInt64)
        throws(StoreError)
    {
        guard bytes.count >= Self.size else {
            throw .corrupt(file: file, offset: UInt64(bytes.count), what: "it ends within its header")
        }
        var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[..<Self.size]), file: file, at: 0)
        let magic = try reader.takeRaw(8, "its magic")
        let version = try reader.take(UInt32.self, "its version")
        salt = try reader.take(UInt32.self, "its salt")
        self.collection = try reader.take(UInt64.self, "its collection")
        self.number = try reader.take(UInt64.self, "its number")
        _ = try reader.take(UInt32.self, "its header")
        let crc = try reader.take(UInt32.self, "its checksum")
        guard crc == Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<36])) else {
            throw .corrupt(file: file, offset: 0, what: "its header does not match its checksum")
        }
        guard magic == Array(kind.rawValue.utf8) else {
            throw .corrupt(file: file, offset: 0, what: "it is no file of the expected kind")
        }
        guard version == kind.version else {
            throw .unsupportedVersion(file: file, found: version, supported: kind.version)
        }
        guard self.collection == collection, self.number == number else {
            throw .corrupt(file: file, offset: 16, what: "it belongs to another collection or generation")
        }
        self.kind = kind
    }
}
