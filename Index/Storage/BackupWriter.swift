/// Writes a backup from front to back. See `BackupFile`.
package struct BackupWriter: ~Copyable {
    private let file: any StorageFile
    private let salt: UInt32
    private var position: UInt64
    private var count: UInt32 = 0
    private var total: UInt64 = 0

    /// Begins a backup in an empty file.
    package init(_ file: any StorageFile) throws(StoreError) {
        self.file = file
        salt = .random(in: 0...UInt32.max)
        var header = ByteWriter(reserving: BackupFile.headerSize)
        header.putRaw(BackupFile.magic)
        header.put(BackupFile.version)
        header.put(BackupFile.byteOrder)
        header.put(salt)
        header.put(UInt32(0))
        header.put(Checksum.crc32c(header.bytes))
        try file.write(header.bytes, at: 0)
        position = UInt64(header.bytes.count)
    }

    /// Adds the first `length` bytes of an open file under a path. `beforeBlock` is called before each block, and ends
    /// the work by throwing.
    package mutating func add(
        _ path: String, _ source: any StorageFile, length: UInt64, beforeBlock: () throws(StoreError) -> Void
    ) throws(StoreError) {
        precondition(path.utf8.count <= BackupFile.pathLimit, "paths in a store are short")
        var header = ByteWriter(reserving: BackupFile.fileHeaderSize + BackupFile.pathLimit + 4)
        header.put(BackupFile.fileMark)
        header.put(count)
        header.put(length)
        header.put(path)
        header.put(BackupFile.checksum(header.bytes, salt: salt))
        try append(header.bytes)
        var done: UInt64 = 0
        while done < length {
            try beforeBlock()
            let size = Int(min(UInt64(BackupFile.blockSize), length - done))
            var block = try source.read(at: done, count: size)
            guard block.count == size else {
                throw .io(path: source.path, operation: "copy", reason: "it became shorter meanwhile")
            }
            let number = done / UInt64(BackupFile.blockSize)
            let checksum = block.withUnsafeBytes {
                BackupFile.checksum($0, file: count, block: number, salt: salt)
            }
            withUnsafeBytes(of: checksum.littleEndian) { block.append(contentsOf: $0) }
            try append(block)
            done += UInt64(size)
        }
        count += 1
        total += length
    }

    /// Completes the backup and makes it durable, but for its name in the folder. Returns its size.
    package consuming func finish() throws(StoreError) -> UInt64 {
        let size = position + UInt64(BackupFile.trailerSize)
        var trailer = ByteWriter(reserving: BackupFile.trailerSize)
        trailer.put(BackupFile.trailerMark)
        trailer.put(count)
        trailer.put(total)
        trailer.put(size)
        trailer.put(BackupFile.checksum(trailer.bytes, salt: salt))
        try file.write(trailer.bytes, at: position)
        try file.sync()
        return size
    }

    private mutating func append(_ bytes: [UInt8]) throws(StoreError) {
        try file.write(bytes, at: position)
        position += UInt64(bytes.count)
    }
}
