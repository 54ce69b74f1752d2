/// The facts of a PNG, from its chunks.
///
/// libpng reads them again when it decodes. This walk comes first so that limits are checked before a library
/// allocates anything, and because the eXIf chunk may lie behind the pixels, which it turns.
enum PNGHeader {
    private static let signatureBytes = 8
    /// Length, type, and checksum of a chunk.
    private static let frameBytes = 12
    /// Larger EXIF is ignored, as no camera writes it (in a JPEG it could not be larger): to look at a chunk is to
    /// compute its checksum first.
    private static let exifBytesMaximum = 1 << 16

    /// Reads the header, or says why it is no PNG that can be decoded.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) -> ImageFacts {
        let header = signatureBytes + frameBytes + 13
        guard bytes.count >= header else { throw .truncated("the data end inside the header") }
        guard number(bytes, 8) == 13, isType(bytes, 12, "IHDR") else {
            throw .corrupt("the first chunk is not a header (IHDR)")
        }
        guard checksumHolds(bytes, 8, length: 13) else { throw .corrupt("IHDR: CRC error") }
        let width = number(bytes, 16)
        let height = number(bytes, 20)
        guard width > 0, height > 0, width < 1 << 31, height < 1 << 31 else {
            throw .corrupt("a size of \(width) x \(height)")
        }
        let depth = Int(bytes[24])
        guard let channels = channels(colourType: bytes[25], depth: depth) else {
            throw .corrupt("colour type \(bytes[25]) with \(depth) bits a sample")
        }
        let (orientation, hasTransparency) = walk(bytes, from: header)
        return ImageFacts(
            format: .png, storedWidth: width, storedHeight: height, orientation: orientation ?? 1,
            isInterlaced: bytes[28] == 1, bitDepth: depth, channels: channels,
            hasAlpha: hasTransparency || bytes[25] & 4 != 0)
    }

    /// Samples a pixel, or nil for a combination that does not exist.
    private static func channels(colourType: UInt8, depth: Int) -> Int? {
        switch (colourType, depth) {
        case (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (3, 1), (3, 2), (3, 4), (3, 8): 1
        case (4, 8), (4, 16): 2
        case (2, 8), (2, 16): 3
        case (6, 8), (6, 16): 4
        default: nil
        }
    }

    /// Looks at the chunks behind the header, as far as they are whole.
    private static func walk(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (orientation: Int?, hasKey: Bool) {
        var at = start
        var orientation: Int?
        var hasKey = false
        var hasPixels = false
        var hasEXIF = false
        while bytes.count - at >= frameBytes {
            let length = number(bytes, at)
            if isType(bytes, at + 4, "IEND") { break }
            if isType(bytes, at + 4, "IDAT") { hasPixels = true }
            if isType(bytes, at + 4, "tRNS"), !hasPixels { hasKey = true }
            guard length <= bytes.count - at - frameBytes else { break }
            // There is at most one such chunk; to look at more would be to compute any number of checksums.
            if !hasEXIF, isType(bytes, at + 4, "eXIf") {
                hasEXIF = true
                if length <= exifBytesMaximum, checksumHolds(bytes, at, length: length) {
                    let data = UnsafeRawBufferPointer(rebasing: bytes[at + 8..<at + 8 + length])
                    orientation = EXIFOrientation.find(inTIFF: data)
                }
            }
            at += frameBytes + length
        }
        return (orientation, hasKey)
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
        Int(bytes[at]) << 24 | Int(bytes[at + 1]) << 16 | Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
    }

    private static func isType(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ type: StaticString) -> Bool {
        (0..<4).allSatisfy { bytes[at + $0] == type.utf8Start[$0] }
    }

    private static func checksumHolds(_ bytes: UnsafeRawBufferPointer, _ at: Int, length: Int) -> Bool {
        let end = at + 8 + length
        return Int(PNGChecksum.of(bytes[at + 4..<end])) == number(bytes, end)
    }
}

extension PNGHeader {
    /// What the compressed pixels inflate to: a filter byte and the packed samples of each row, over all passes.
    static func inflatedBytes(_ facts: ImageFacts) -> UInt128 {
        // Where a pass starts and how far apart its pixels are, across and down (PNG, third edition, 8.1).
        let adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        let passes = facts.isInterlaced ? adam7 : [(0, 0, 1, 1)]
        return passes.reduce(0) { sum, pass in
            let (left, top, across, down) = pass
            let columns = max(0, facts.storedWidth - left + across - 1) / across
            let rows = max(0, facts.storedHeight - top + down - 1) / down
            let rowBytes = 1 + (columns * facts.channels * facts.bitDepth + 7) / 8
            return columns == 0 ? sum : sum + UInt128(rows) * UInt128(rowBytes)
        }
    }
}

/// CRC-32 as PNG's chunks carry it (polynomial 0x04C11DB7, reflected), a byte at a time.
package enum PNGChecksum {
    /// What each value of the low byte adds once it is shifted out.
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { register, _ in register >> 1 ^ (register & 1 == 1 ? 0xEDB8_8320 : 0) }
    }

    /// The checksum of a chunk's type and data.
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~table.withUnsafeBufferPointer { table in
            bytes.reduce(UInt32(0xFFFF_FFFF)) { register, byte in
                register >> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ byte)]
            }
        }
    }
}
