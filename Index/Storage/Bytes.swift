import CVectorKernels

/// CRC-32C, as `lk_crc32c` has it.
package enum Checksum {
    /// The checksum of bytes, continuing from that of what comes before them.
    package static func crc32c(_ bytes: UnsafeRawBufferPointer, continuing crc: UInt32 = 0) -> UInt32 {
        lk_crc32c(crc, bytes.baseAddress, bytes.count)
    }

    /// The same of an array.
    package static func crc32c(_ bytes: [UInt8], continuing crc: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { crc32c($0, continuing: crc) }
    }
}

/// Puts numbers and byte strings into the form they have in files: integers little-endian without padding, byte strings
/// with their length as UInt32 before them.
package struct ByteWriter {
    /// What has been put so far.
    package private(set) var bytes: [UInt8] = []

    /// Nothing so far.
    package init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Begins anew, with the memory that there is.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Puts an integer.
    package mutating func put<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Puts bytes as they are.
    package mutating func putRaw(_ raw: some Sequence<UInt8>) { bytes.append(contentsOf: raw) }

    /// Puts a byte string.
    package mutating func put(_ string: [UInt8]) {
        put(UInt32(string.count))
        bytes.append(contentsOf: string)
    }

    /// Puts a text, as the byte string of its UTF-8.
    package mutating func put(_ text: String) { put(Array(text.utf8)) }

    /// Puts floats, without their count.
    package mutating func put(_ floats: [Float]) {
        for value in floats { put(value.bitPattern) }
    }
}

/// Takes numbers and byte strings out of a file's bytes. Whatever is not there is reported as corruption at its place.
package struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private let base: UInt64
    /// How much has been taken.
    package private(set) var position = 0

    /// Reads bytes that lie at `base` in `file`. They must stay valid as long as the reader is used.
    package init(_ bytes: UnsafeRawBufferPointer, file: String, at base: UInt64) {
        self.bytes = bytes
        self.file = file
        self.base = base
    }

    /// How much is left.
    package var remaining: Int { bytes.count - position }

    /// The error that says that something is wrong at the current place.
    package func corrupt(_ what: String) -> StoreError {
        .corrupt(file: file, offset: base + UInt64(position), what: what)
    }

    /// Takes an integer.
    package mutating func take<T: FixedWidthInteger>(_: T.Type, _ what: String) throws(StoreError) -> T {
        let size = MemoryLayout<T>.size
        guard remaining >= size else { throw corrupt("it ends within \(what)") }
        let value = T(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: T.self))
        position += size
        return value
    }

    /// Takes bytes as they are.
    package mutating func takeRaw(_ count: Int, _ what: String) throws(StoreError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw corrupt("it ends within \(what)") }
        defer { position += count }
        return [UInt8](bytes[position..<position + count])
    }

    /// Takes a byte string.
    package mutating func takeString(_ what: String) throws(StoreError) -> [UInt8] {
        let count = try take(UInt32.self, "the length of \(what)")
        return try takeRaw(Int(count), what)
    }

    /// Takes a text.
    package mutating func takeText(_ what: String) throws(StoreError) -> String {
        let raw = try takeString(what)
        guard let text = String(validating: raw, as: UTF8.self) else { throw corrupt("\(what) is not UTF-8") }
        return text
    }

    /// Takes floats.
    package mutating func takeFloats(_ count: Int, _ what: String) throws(StoreError) -> [Float] {
        guard count >= 0, remaining / 4 >= count else { throw corrupt("it ends within \(what)") }
        defer { position += 4 * count }
        return (0..<count).map {
            Float(
                bitPattern: UInt32(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position + 4 * $0, as: UInt32.self)))
        }
    }

    /// Checks that nothing is left.
    package func finish(_ what: String) throws(StoreError) {
        guard remaining == 0 else { throw corrupt("\(remaining) bytes too many after \(what)") }
    }
}
