/// What is decoded here.
public enum ImageFormat: String, Sendable {
    case jpeg, png
}

/// What the first bytes say a file is. Names and endings of files are never looked at.
enum Signature: Equatable {
    case jpeg, png
    /// An image of a kind that is not decoded here, by its common name.
    case unsupported(String)
    case notAnImage

    /// The kind of these bytes.
    init(_ bytes: UnsafeRawBufferPointer) {
        func has(_ text: StaticString, at offset: Int = 0) -> Bool {
            guard bytes.count >= offset + text.utf8CodeUnitCount else { return false }
            return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[offset + $0] == text.utf8Start[$0] }
        }
        func has(_ values: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + values.count && values.indices.allSatisfy { bytes[offset + $0] == values[$0] }
        }
        if has([0xFF, 0xD8, 0xFF]) || (bytes.count == 2 && has([0xFF, 0xD8])) {
            self = .jpeg
        } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            self = .png
        } else if has("ftyp", at: 4) {
            self = Self.ofBrands(bytes)
        } else if let name = Self.others.first(where: { has($0.magic, at: $0.offset) && has($0.more, at: $0.moreAt) }) {
            self = .unsupported(name.name)
        } else if has("BM"), bytes.count >= 18, Self.bitmapHeaders.contains(bytes[14]), has([0, 0, 0], at: 15) {
            self = .unsupported("BMP")
        } else if Self.isNetpbm(bytes) {
            self = .unsupported("PNM")
        } else {
            self = .notAnImage
        }
    }

    private struct Magic {
        let name: String
        let magic: [UInt8]
        var offset = 0
        var more: [UInt8] = []
        var moreAt = 0

        init(_ name: String, _ magic: [UInt8]) {
            self.name = name
            self.magic = magic
        }

        init(_ name: String, _ text: String, more: String = "", at moreAt: Int = 0) {
            self.name = name
            self.magic = Array(text.utf8)
            self.more = Array(more.utf8)
            self.moreAt = moreAt
        }
    }

    private static let others: [Magic] = [
        Magic("GIF", "GIF87a"), Magic("GIF", "GIF89a"),
        Magic("WebP", "RIFF", more: "WEBP", at: 8),
        Magic("TIFF", [0x49, 0x49, 0x2A, 0x00]), Magic("TIFF", [0x4D, 0x4D, 0x00, 0x2A]),
        Magic("BigTIFF", [0x49, 0x49, 0x2B, 0x00]), Magic("BigTIFF", [0x4D, 0x4D, 0x00, 0x2B]),
        Magic("JPEG XR", [0x49, 0x49, 0xBC, 0x01]),
        Magic("JPEG 2000", [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
        Magic("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]),
        Magic("JPEG XL", [0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20, 0x0D, 0x0A, 0x87, 0x0A]),
        Magic("JPEG XL", [0xFF, 0x0A]),
        Magic("PSD", "8BPS"), Magic("ICO", [0, 0, 1, 0]), Magic("CUR", [0, 0, 2, 0]),
        Magic("MNG", [0x8A, 0x4D, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        Magic("JNG", [0x8B, 0x4A, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        Magic("OpenEXR", [0x76, 0x2F, 0x31, 0x01]), Magic("Radiance HDR", "#?RADIANCE"),
        Magic("QOI", "qoif"), Magic("DDS", "DDS "), Magic("XCF", "gimp xcf"), Magic("ICNS", "icns"),
        Magic("FLIF", "FLIF"), Magic("BPG", [0x42, 0x50, 0x47, 0xFB]), Magic("DjVu", "AT&TFORM"),
    ]

    /// Sizes of the headers that follow a BMP file header.
    private static let bitmapHeaders: Set<UInt8> = [12, 16, 40, 52, 56, 64, 108, 124]

    /// ISO base media files name what they are by brands; many more of them are films than pictures.
    private static func ofBrands(_ bytes: UnsafeRawBufferPointer) -> Signature {
        let boxEnd = min(bytes.count, max(16, min(256, bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) })))
        var brands: [String] = []
        for at in stride(from: 8, to: boxEnd - 3, by: 4) where at != 12 {
            brands.append(String(decoding: bytes[at..<at + 4], as: UTF8.self))
        }
        let kinds: [(name: String, brands: Set<String>)] = [
            ("AVIF", ["avif", "avis"]),
            ("HEIC", ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1", "mif2"]),
            ("JPEG 2000", ["jp2 ", "jpx ", "jpm "]),
            ("CR3", ["crx "]),
        ]
        for kind in kinds where brands.contains(where: kind.brands.contains) { return .unsupported(kind.name) }
        return .notAnImage
    }

    /// PBM, PGM, PPM, PAM: the letter P, a digit, white space and then a number or a comment.
    private static func isNetpbm(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 4, bytes[0] == UInt8(ascii: "P") else { return false }
        guard (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(bytes[1]) else { return false }
        guard [0x20, 0x09, 0x0A, 0x0D].contains(bytes[2]) else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[3]) || bytes[3] == UInt8(ascii: "#")
            || bytes[1] == UInt8(ascii: "7")
    }
}
