import ImageDecoding
import TestSupport
import Testing

/// Damaged files by the thousand: any answer will do, but there must be one.
@Suite struct FuzzTests {
    /// Small files of all kinds.
    static func seeds() throws -> [[UInt8]] {
        var result: [[UInt8]] = []
        for isProgressive in [false, true] {
            for isArithmetic in [false, true] {
                for colour in [JPEGEncoder.Colour.yCbCr, .grey, .ycck] {
                    var encoder = JPEGEncoder(quality: 60)
                    encoder.options.isProgressive = isProgressive
                    encoder.options.isArithmetic = isArithmetic
                    encoder.options.colour = colour
                    encoder.options.subsampling = colour == .grey ? .s444 : .s420
                    encoder.options.restartInterval = isArithmetic ? 0 : 2
                    encoder.options.app1 = Array("Exif\0\0".utf8) + tiff(orientation: 5, bigEndian: true)
                    result.append(try encoder.encode(.smooth(31, 26)))
                }
            }
        }
        var random = SeededRandom(seed: SeededRandom.seed)
        for test in PNGMatrixTests.cases {
            var chunks = PNGChunks(try PNGMatrixTests.make(test, 13, 11, test.depth % 3 == 1, &random).0)
            chunks.insert("eXIf", tiff(orientation: 6, bigEndian: false), before: "IDAT")
            result.append(chunks.bytes)
        }
        return result
    }

    static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            guard !result.isEmpty else { break }
            let at = Int.random(in: 0..<result.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: result[at] = UInt8(truncatingIfNeeded: random.next())
            case 1: result[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: result.removeSubrange(at..<min(result.count, at + Int.random(in: 1...9, using: &random)))
            case 3: result.insert(contentsOf: result[at..<min(result.count, at + 20)], at: at)
            case 4: result[at] = [0, 0xFF, 0x7F, 0x80][Int.random(in: 0..<4, using: &random)]
            default: result.removeLast(Int.random(in: 0...result.count / 4, using: &random))
            }
        }
        return result
    }

    /// Makes the checksums right again, so that the damage reaches what lies behind them.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count > 8, bytes[1] == 0x50 else { return bytes }
        var result = bytes
        var at = 8
        while at + 12 <= bytes.count {
            let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            guard length <= bytes.count - at - 12 else { break }
            let end = at + 8 + length
            result.replaceSubrange(end..<end + 4, with: PNGChunks.bigEndian(PNGChecksum.of(bytes[at + 4..<end])))
            at = end + 4
        }
        return result
    }

    @Test func mutatedFiles() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        var limits = DecodingLimits()
        limits.megapixels = 4
        limits.memoryBytes = 64 << 20
        let decoder = ImageDecoder(limits: limits)
        let seeds = try Self.seeds()
        var decoded = 0
        var refused = 0
        for round in 0..<4000 {
            let seed = seeds[round % seeds.count]
            var bytes = Self.mutate(seed, &random)
            if round % 4 != 0 { bytes = Self.repaired(bytes) }
            let wanted: WantedSize = round % 3 == 0 ? .covering(width: 5, height: 4) : .full
            switch outcome(bytes, decoder, wanted: wanted) {
            case .success(let image):
                #expect(image.picture.pixels.count == image.picture.width * image.picture.height * 3)
                decoded += 1
            case .failure(let error):
                #expect(!error.reason.isEmpty)
                refused += 1
            }
        }
        #expect(decoded > 200 && refused > 200, "\(decoded) decoded, \(refused) refused, seed \(SeededRandom.seed)")
    }
}
