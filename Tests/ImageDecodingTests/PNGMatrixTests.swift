import ImageDecoding
import TestSupport
import Testing

/// Every colour type, depth and interlacing from raw samples, against a conversion written out here.
@Suite struct PNGMatrixTests {
    struct Case: Sendable, CustomStringConvertible {
        let type: PNGEncoder.ColourType
        let depth: Int
        let hasKey: Bool
        var description: String { "\(type) \(depth)\(hasKey ? " tRNS" : "")" }
    }

    static let cases: [Case] = PNGEncoder.ColourType.allCases.flatMap { type in
        type.depths.flatMap { depth in
            let keys = [.grey, .rgb, .palette].contains(type) ? [false, true] : [false]
            return keys.map { Case(type: type, depth: depth, hasKey: $0) }
        }
    }

    @Test func allCombinationsAreThere() {
        #expect(Set(Self.cases.map { "\($0.type)\($0.depth)" }).count == 15)
    }

    @Test(arguments: cases) func decodesExactly(_ test: Case) throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        for width in 1...33 {
            let height = (width * 7) % 33 + 1
            for isInterlaced in [false, true] {
                let (bytes, expected) = try Self.make(test, width, height, isInterlaced, &random)
                let image = try ImageDecoder().decode(bytes)
                let place: Comment = "\(width) x \(height), interlaced \(isInterlaced), seed \(SeededRandom.seed)"
                #expect(image.picture == expected, place)
                #expect(!image.isTruncated)
                #expect(image.facts.isInterlaced == isInterlaced)
                #expect(image.facts.bitDepth == test.depth)
                #expect(image.facts.hasAlpha == (test.hasKey || [.greyAlpha, .rgba].contains(test.type)))
            }
        }
    }

    /// A random PNG and the picture it stands for.
    static func make(
        _ test: Case, _ width: Int, _ height: Int, _ isInterlaced: Bool, _ random: inout SeededRandom
    ) throws -> ([UInt8], Picture) {
        var layout = PNGEncoder.Layout(colourType: test.type, bitDepth: test.depth)
        layout.isInterlaced = isInterlaced
        let range = 1 << test.depth
        let samples = (0..<width * height * test.type.channels).map { _ in Int.random(in: 0..<range, using: &random) }
        if test.type == .palette {
            layout.palette = (0..<range * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if test.hasKey {
                layout.paletteAlpha = (0..<(range + 1) / 2).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
        } else if test.hasKey {
            let at = Int.random(in: 0..<width * height, using: &random) * test.type.channels
            let last = test.type == .rgb ? 2 : 0
            layout.transparentKey = (UInt16(samples[at]), UInt16(samples[at + last / 2]), UInt16(samples[at + last]))
        }
        let bytes = try PNGEncoder().encode(
            samples: pack(samples, perRow: width * test.type.channels, depth: test.depth), width: width, height: height,
            layout: layout)
        var pixels: [UInt8] = []
        for pixel in 0..<width * height {
            let at = pixel * test.type.channels
            pixels += colour(Array(samples[at..<at + test.type.channels]), layout)
        }
        return (bytes, Picture(width: width, height: height, pixels: pixels))
    }

    static func pack(_ samples: [Int], perRow: Int, depth: Int) -> [UInt8] {
        var result: [UInt8] = []
        for row in stride(from: 0, to: samples.count, by: perRow) {
            var bits = 0
            var used = 0
            for sample in samples[row..<row + perRow] {
                if depth == 16 {
                    result += [UInt8(sample >> 8), UInt8(sample & 255)]
                    continue
                }
                bits = bits << depth | sample
                used += depth
                if used == 8 {
                    result.append(UInt8(bits))
                    (bits, used) = (0, 0)
                }
            }
            if used > 0 { result.append(UInt8(bits << (8 - used))) }
        }
        return result
    }

    static func colour(_ samples: [Int], _ layout: PNGEncoder.Layout) -> [UInt8] {
        func eight(_ sample: Int) -> Int {
            layout.bitDepth == 16 ? sample >> 8 : sample * 255 / ((1 << layout.bitDepth) - 1)
        }
        var rgb: [Int]
        var alpha = 255
        switch layout.colourType {
        case .grey, .greyAlpha: rgb = Array(repeating: eight(samples[0]), count: 3)
        case .rgb, .rgba: rgb = samples.prefix(3).map(eight)
        case .palette:
            rgb = (0..<3).map { Int(layout.palette[samples[0] * 3 + $0]) }
            if samples[0] < layout.paletteAlpha.count { alpha = Int(layout.paletteAlpha[samples[0]]) }
        }
        if layout.colourType == .greyAlpha || layout.colourType == .rgba { alpha = eight(samples[samples.count - 1]) }
        if let key = layout.transparentKey {
            let wanted = samples.count == 1 ? [Int(key.0)] : [Int(key.0), Int(key.1), Int(key.2)]
            if samples == wanted { alpha = 0 }
        }
        return rgb.map { UInt8((Double($0 * alpha + 255 * (255 - alpha)) / 255).rounded()) }
    }
}
