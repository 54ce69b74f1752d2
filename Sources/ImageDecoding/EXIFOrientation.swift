/// The orientation tag of EXIF data, and nothing else of it.
///
/// EXIF is a TIFF file in miniature: a byte order mark, 42, the offset of the first directory; a directory is a count
/// and entries of 12 bytes (tag, type, count, value or offset). Cameras and editors write it in every degree of
/// damage, and it only decides which way is up: whatever cannot be read means "as stored".
enum EXIFOrientation {
    private static let tag = 0x0112

    /// The orientation in a TIFF structure, 1...8, or nil when there is none that makes sense.
    static func find(inTIFF data: UnsafeRawBufferPointer) -> Int? {
        guard data.count >= 8 else { return nil }
        let isBigEndian: Bool
        switch (data[0], data[1]) {
        case (0x49, 0x49): isBigEndian = false
        case (0x4D, 0x4D): isBigEndian = true
        default: return nil
        }
        func number(_ at: Int, bytes: Int) -> Int? {
            guard at >= 0, at <= data.count - bytes else { return nil }
            var value = 0
            for index in 0..<bytes { value = value << 8 | Int(data[isBigEndian ? at + index : at + bytes - 1 - index]) }
            return value
        }
        guard number(2, bytes: 2) == 42, let directory = number(4, bytes: 4), directory >= 8 else { return nil }
        guard let count = number(directory, bytes: 2) else { return nil }
        for index in 0..<count {
            let entry = directory + 2 + index * 12
            guard let entryTag = number(entry, bytes: 2), let type = number(entry + 2, bytes: 2) else { return nil }
            guard entryTag == tag else { continue }
            // SHORT is what the standard wants; some writers use LONG.
            let value: Int?
            switch type {
            case 3: value = number(entry + 8, bytes: 2)
            case 4: value = number(entry + 8, bytes: 4)
            default: value = nil
            }
            guard number(entry + 4, bytes: 4) == 1, let value, (1...8).contains(value) else { return nil }
            return value
        }
        return nil
    }

    /// The orientation in the payload of a JPEG's APP1 segment, or nil when it is not EXIF or says nothing.
    static func find(inAPP1 payload: UnsafeRawBufferPointer) -> Int? {
        let mark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
        guard payload.count > mark.count, payload.prefix(mark.count).elementsEqual(mark) else { return nil }
        return find(inTIFF: UnsafeRawBufferPointer(rebasing: payload[mark.count...]))
    }
}
