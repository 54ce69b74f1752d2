import ImageDecoding
import Testing

/// What the first bytes say.
@Suite struct SignatureTests {
    static let kinds: [(String, [UInt8])] = [
        ("GIF", Array("GIF89a".utf8)), ("GIF", Array("GIF87a".utf8)),
        ("WebP", Array("RIFF".utf8) + [1, 2, 3, 4] + Array("WEBPVP8 ".utf8)),
        ("TIFF", [0x49, 0x49, 0x2A, 0]), ("TIFF", [0x4D, 0x4D, 0, 0x2A]),
        ("HEIC", [0, 0, 0, 24] + Array("ftypheic".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8)),
        ("HEIC", [0, 0, 0, 24] + Array("ftypmif1".utf8) + [0, 0, 0, 0] + Array("mif1heic".utf8)),
        ("AVIF", [0, 0, 0, 24] + Array("ftypavif".utf8) + [0, 0, 0, 0] + Array("mif1miaf".utf8)),
        ("AVIF", [0, 0, 0, 24] + Array("ftypmif1".utf8) + [0, 0, 0, 0] + Array("mif1avif".utf8)),
        ("JPEG 2000", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A, 0x87, 0x0A]),
        ("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51, 0]),
        ("JPEG XL", [0xFF, 0x0A, 0]), ("JPEG XL", [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20, 0x0D, 0x0A, 0x87, 0x0A]),
        ("PSD", Array("8BPS".utf8)), ("ICO", [0, 0, 1, 0, 1, 0]), ("QOI", Array("qoif".utf8)),
        ("BMP", Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [40, 0, 0, 0]),
        ("PNM", Array("P6\n4 4\n255\n".utf8)), ("PNM", Array("P5 # made by hand\n".utf8)),
    ]

    @Test func otherImagesAreNamed() {
        for (name, bytes) in Self.kinds {
            let error = refusal(bytes)
            #expect(error?.code == .unsupported(name))
            #expect(error?.reason == "unsupported: \(name)")
            #expect(error?.description.contains("convert it to JPEG or PNG") == true)
        }
    }

    @Test func everythingElseIsNoImage() {
        let others: [[UInt8]] = [
            [], [0], [0xFF], [0xFF, 0xD8, 0x00, 0x10], Array("BM is a short name".utf8), Array("<svg></svg>".utf8),
            Array("%PDF-1.7".utf8), Array("P6 is a piece of text".utf8), Array("RIFF....WAVE".utf8),
            [0, 0, 0, 24] + Array("ftypisom".utf8) + [0, 0, 0, 0] + Array("isommp41".utf8),
            [0, 0, 0, 0] + Array("ftyp".utf8), [0xFF, 0xFF, 0xFF, 0xFF] + Array("ftyp".utf8),
            [0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A], [0x89, 0x50, 0x4E],
        ]
        for bytes in others {
            #expect(refusal(bytes)?.code == .notAnImage)
            #expect(refusal(bytes)?.reason == "notAnImage")
        }
        #expect(throws: DecodingError.self) {
            try ImageDecoder().facts(of: UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test func onlyTheSignature() {
        #expect(refusal([0xFF, 0xD8])?.code == .truncated)
        #expect(refusal([0xFF, 0xD8, 0xFF])?.code == .truncated)
        #expect(refusal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])?.code == .truncated)
    }
}
