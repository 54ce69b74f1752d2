/// The list of what a store holds: for each collection its number, its generation and its configuration. It is the
/// store's mark, and the one place where changes of several files become visible together.
///
/// The file `MANIFEST`:
///
///     0   8 bytes  "LOOKSTR\n"
///     8   UInt32   version
///     12  UInt32   length of the payload
///     16  UInt32   CRC-32C of the 16 bytes before and the payload
///     20  payload: UInt64 next number, UInt32 count, then the collections (`Entry.put`)
///
/// It is replaced as a whole: written under the name `MANIFEST.tmp`, synced, renamed, and the folder synced. Whoever
/// opens the store sees the old list or the new one.
package struct Manifest: Equatable, Sendable {
    /// Its file's name.
    package static let fileName = "MANIFEST"
    /// Its name while it is written.
    package static let temporaryName = "MANIFEST.tmp"
    /// The version that this program writes, and the highest that it reads. Version 1 lacks `Entry.efSearch`.
    package static let version: UInt32 = 2
    /// The largest manifest that is written or read.
    package static let sizeLimit = 256 << 20
    private static let magic = Array("LOOKSTR\n".utf8)
    private static let headerSize = 20

    /// One collection. The fields of its configuration are numbers and texts here; the layer above knows their meaning.
    package struct Entry: Equatable, Sendable {
        package var number: UInt64
        package var generation: UInt64
        /// Whether there is a snapshot of this generation; else the collection begins empty.
        package var hasSnapshot: Bool
        /// The number of the thumbnail file in use; the file is made with its first thumbnail.
        package var blobFile: UInt64
        package var name: [UInt8]
        package var dimension: UInt32
        package var metric: String
        package var quantization: String
        package var m: UInt32
        package var efConstruction: UInt32
        package var modelName: String?
        package var modelHash: String?
        /// Width of searches that do not say one; 0 when none was set.
        package var efSearch: UInt32

        package init(
            number: UInt64, generation: UInt64, hasSnapshot: Bool, blobFile: UInt64, name: [UInt8], dimension: UInt32,
            metric: String, quantization: String, m: UInt32, efConstruction: UInt32, modelName: String?,
            modelHash: String?, efSearch: UInt32 = 0
        ) {
            self.number = number
            self.generation = generation
            self.hasSnapshot = hasSnapshot
            self.blobFile = blobFile
            self.name = name
            self.dimension = dimension
            self.metric = metric
            self.quantization = quantization
            self.m = m
            self.efConstruction = efConstruction
            self.modelName = modelName
            self.modelHash = modelHash
            self.efSearch = efSearch
        }
    }

    /// The number of the next collection; numbers are never used twice.
    package var nextNumber: UInt64 = 1
    /// The collections, in no particular order.
    package var entries: [Entry] = []

    /// An empty store's.
    package init() {}

    /// Reads the manifest of a store's folder.
    package static func read(_ folder: String, in fileSystem: any FileSystem) throws(StoreError) -> Manifest {
        let path = folder + "/" + fileName
        let file = try fileSystem.open(path, .read)
        let size = try file.size()
        let start = try file.read(at: 0, count: headerSize)
        guard start.prefix(magic.count) == magic[...] else {
            if size >= magic.count, try looksForeign(Array(start.prefix(magic.count))) {
                throw .notAStore(path: folder, reason: "its \(fileName) is of another program")
            }
            throw .corrupt(file: path, offset: 0, what: "it does not begin as a manifest does")
        }
        guard size <= UInt64(sizeLimit) else {
            throw .limitExceeded(what: "the size of \(path)", value: size, limit: UInt64(sizeLimit))
        }
        let bytes = try file.read(at: 0, count: Int(size))
        let result: Result<Manifest, StoreError> = bytes.withUnsafeBytes { buffer in
            do throws(StoreError) { return .success(try Manifest(buffer, file: path)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Whether a beginning is far from ours: more than one of its bytes differs, so it is no damage to one byte.
    private static func looksForeign(_ start: [UInt8]) throws(StoreError) -> Bool {
        zip(start, magic).filter { $0 != $1 }.count > 1
    }

    private init(_ bytes: UnsafeRawBufferPointer, file: String) throws(StoreError) {
        var reader = ByteReader(bytes, file: file, at: 0)
        _ = try reader.takeRaw(8, "its magic")
        let version = try reader.take(UInt32.self, "its version")
        let length = try reader.take(UInt32.self, "its length")
        let checksum = try reader.take(UInt32.self, "its checksum")
        guard Int(length) == reader.remaining else {
            throw .corrupt(
                file: file, offset: 12, what: "its payload is \(reader.remaining) bytes long instead of \(length)")
        }
        let computed = Checksum.crc32c(
            UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize...]),
            continuing: Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<16])))
        guard checksum == computed else {
            throw .corrupt(file: file, offset: 0, what: "it does not match its checksum")
        }
        guard version <= Self.version else {
            throw .unsupportedVersion(file: file, found: version, supported: Self.version)
        }
        nextNumber = try reader.take(UInt64.self, "the next number")
        let count = try reader.take(UInt32.self, "the number of collections")
        for _ in 0..<count { entries.append(try Entry(from: &reader, version: version)) }
        try reader.finish("the collections")
    }

    /// Why a manifest was not published.
    package enum PublishError: Error {
        /// The old manifest is in place.
        case unchanged(StoreError)
        /// The new one is in place, but it is not known whether it will be after a loss of power.
        case uncertain(StoreError)
    }

    /// Puts this manifest in the place of the folder's.
    package func publish(_ folder: String, in fileSystem: any FileSystem) throws(PublishError) {
        let temporary = folder + "/" + Self.temporaryName
        do {
            let bytes = try encoded()
            let file = try fileSystem.open(temporary, .truncate)
            try file.write(bytes, at: 0)
            try file.sync()
            try fileSystem.rename(temporary, to: folder + "/" + Self.fileName)
        } catch {
            throw .unchanged(error)
        }
        do { try fileSystem.syncDirectory(folder) } catch { throw .uncertain(error) }
    }

    private func encoded() throws(StoreError) -> [UInt8] {
        var payload = ByteWriter()
        payload.put(nextNumber)
        payload.put(UInt32(entries.count))
        for entry in entries { entry.put(into: &payload) }
        guard payload.bytes.count <= Self.sizeLimit - Self.headerSize else {
            throw .limitExceeded(
                what: "the size of the manifest", value: UInt64(payload.bytes.count), limit: UInt64(Self.sizeLimit))
        }
        var whole = ByteWriter(reserving: Self.headerSize + payload.bytes.count)
        whole.putRaw(Self.magic)
        whole.put(Self.version)
        whole.put(UInt32(payload.bytes.count))
        whole.put(Checksum.crc32c(payload.bytes, continuing: Checksum.crc32c(whole.bytes)))
        whole.putRaw(payload.bytes)
        return whole.bytes
    }
}

extension Manifest.Entry {
    /// UInt64 number, generation, thumbnail file; UInt8 1 if there is a snapshot; name and configuration; UInt32
    /// efSearch, from version 2 on.
    fileprivate func put(into writer: inout ByteWriter) {
        writer.put(number)
        writer.put(generation)
        writer.put(blobFile)
        writer.put(UInt8(hasSnapshot ? 1 : 0))
        putConfiguration(into: &writer)
        writer.put(efSearch)
    }

    fileprivate init(from reader: inout ByteReader, version: UInt32) throws(StoreError) {
        let number = try reader.take(UInt64.self, "a collection's number")
        let generation = try reader.take(UInt64.self, "a collection's generation")
        let blobFile = try reader.take(UInt64.self, "a collection's thumbnail file")
        let hasSnapshot = try reader.take(UInt8.self, "a collection's state") == 1
        try self.init(configurationFrom: &reader, number: number, generation: generation)
        self.blobFile = blobFile
        self.hasSnapshot = hasSnapshot
        if version >= 2 { efSearch = try reader.take(UInt32.self, "a collection's efSearch") }
    }

    /// Byte string name; UInt32 dimension; texts metric, quantization; UInt32 m, efConstruction; UInt8 1 if there is a
    /// model, then its name and hash. Snapshots and logs have it too, so that a repair can do without the manifest.
    package func putConfiguration(into writer: inout ByteWriter) {
        writer.put(name)
        writer.put(dimension)
        writer.put(metric)
        writer.put(quantization)
        writer.put(m)
        writer.put(efConstruction)
        if let modelName, let modelHash {
            writer.put(UInt8(1))
            writer.put(modelName)
            writer.put(modelHash)
        } else {
            writer.put(UInt8(0))
        }
    }

    /// Takes name and configuration; the rest is that of a collection without a snapshot.
    package init(configurationFrom reader: inout ByteReader, number: UInt64, generation: UInt64) throws(StoreError) {
        self.number = number
        self.generation = generation
        hasSnapshot = false
        blobFile = 1
        name = try reader.takeString("a collection's name")
        dimension = try reader.take(UInt32.self, "a collection's dimension")
        metric = try reader.takeText("a collection's metric")
        quantization = try reader.takeText("a collection's quantization")
        m = try reader.take(UInt32.self, "a collection's m")
        efConstruction = try reader.take(UInt32.self, "a collection's efConstruction")
        if try reader.take(UInt8.self, "a collection's model") == 1 {
            modelName = try reader.takeText("a model's name")
            modelHash = try reader.takeText("a model's hash")
        }
        efSearch = 0
    }
}
