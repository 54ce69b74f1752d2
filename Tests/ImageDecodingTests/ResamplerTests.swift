import ImageDecoding
import TestSupport
import Testing

/// The resampler against a plain one in double precision, and its variants against each other.
@Suite struct ResamplerTests {
    /// Triangle filter with support scaled by the ratio, straight from its definition, not rounded.
    static func reference(_ picture: Picture, _ width: Int, _ height: Int) -> [Double] {
        func weights(_ source: Int, _ target: Int) -> [[(Int, Double)]] {
            let scale = Double(source) / Double(target)
            let support = max(scale, 1)
            return (0..<target).map { output -> [(Int, Double)] in
                let centre = (Double(output) + 0.5) * scale
                var all: [(Int, Double)] = []
                for pixel in 0..<source {
                    let distance = abs(Double(pixel) + 0.5 - centre)
                    if distance < support { all.append((pixel, 1 - distance / support)) }
                }
                let sum = all.reduce(0) { $0 + $1.1 }
                return all.map { ($0.0, $0.1 / sum) }
            }
        }
        let across = weights(picture.width, width)
        let down = weights(picture.height, height)
        var result: [Double] = []
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    var sum = 0.0
                    for (row, w) in down[y] {
                        for (column, v) in across[x] {
                            sum += w * v * Double(picture.pixels[(row * picture.width + column) * 3 + channel])
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    @Test func agreesWithDoublePrecision() {
        var random = SeededRandom(seed: SeededRandom.seed)
        let sizes = [
            (1, 1, 1, 1), (1, 1, 7, 5), (2, 3, 1, 1), (7, 5, 3, 9), (33, 20, 16, 10), (40, 53, 9, 9), (64, 48, 63, 47),
            (16, 16, 33, 40), (300, 2, 1, 2), (1200, 1, 1, 1), (3, 900, 2, 1), (50, 50, 50, 20), (50, 50, 20, 50),
        ]
        for (width, height, newWidth, newHeight) in sizes {
            let picture = Picture.noise(width, height, &random)
            let result = picture.resized(width: newWidth, height: newHeight)
            let expected = Self.reference(picture, newWidth, newHeight)
            let worst = zip(result.pixels, expected).map { abs(Double($0) - $1) }.max() ?? 0
            // Half a level of rounding in each direction, and the weights' own.
            #expect(worst < 1.02, "\(width) x \(height) to \(newWidth) x \(newHeight): \(worst)")
        }
    }

    @Test func flatStaysFlat() {
        for value: UInt8 in [0, 1, 127, 254, 255] {
            for (from, to) in [(1, 9), (9, 1), (100, 33), (1000, 3), (7000, 1), (31, 64)] {
                let picture = Picture(width: from, height: 3, red: value, green: value, blue: value)
                let expected = Picture(width: to, height: 2, red: value, green: value, blue: value)
                #expect(picture.resized(width: to, height: 2) == expected)
            }
        }
    }

    @Test func theSameSizeIsTheSamePicture() {
        var random = SeededRandom(seed: SeededRandom.seed)
        let picture = Picture.noise(45, 31, &random)
        #expect(picture.resized(width: 45, height: 31) == picture)
    }

    /// Doubling the rows and halving them again, by hand: (3, 10, 3) / 16 of three neighbours, (11, 3) / 14 at the rim.
    /// Columns have nothing to do with each other.
    @Test func doubledAndHalved() {
        var random = SeededRandom(seed: SeededRandom.seed)
        let picture = Picture.noise(45, 31, &random)
        let result = picture.resized(width: 45, height: 62).resized(width: 45, height: 31)
        var worst = 0.0
        for y in 0..<31 {
            for index in 0..<45 * 3 {
                func sample(_ row: Int) -> Double { Double(picture.pixels[row * 45 * 3 + index]) }
                let expected =
                    switch y {
                    case 0: (11 * sample(0) + 3 * sample(1)) / 14
                    case 30: (11 * sample(30) + 3 * sample(29)) / 14
                    default: (3 * sample(y - 1) + 10 * sample(y) + 3 * sample(y + 1)) / 16
                    }
                worst = max(worst, abs(Double(result.pixels[y * 45 * 3 + index]) - expected))
            }
        }
        // Half a level of rounding each time, and the weights' own.
        #expect(worst < 1.02, "seed \(SeededRandom.seed)")
    }

    static func compare(_ variant: Resampler.Variant) {
        var random = SeededRandom(seed: SeededRandom.seed)
        var sizes = (1...130).map { ($0, 131 - $0, ($0 * 37) % 97 + 1, ($0 * 53) % 89 + 1) }
        for _ in 0..<60 {
            sizes.append(
                (
                    Int.random(in: 1...500, using: &random), Int.random(in: 1...300, using: &random),
                    Int.random(in: 1...200, using: &random), Int.random(in: 1...200, using: &random)
                ))
        }
        sizes += [(5000, 3, 2, 2), (3, 5000, 2, 2), (65_535, 1, 1, 1), (1, 65_535, 1, 1), (400, 533, 96, 96)]
        for (width, height, newWidth, newHeight) in sizes {
            let picture = Picture.noise(width, height, &random)
            let resampler = Resampler(from: (width, height), to: (newWidth, newHeight))
            #expect(
                resampler.apply(to: picture, variant: variant) == resampler.apply(to: picture, variant: .scalar),
                "\(width) x \(height) to \(newWidth) x \(newHeight), seed \(SeededRandom.seed)")
        }
        // The extremes, where sums are largest.
        for value: UInt8 in [0, 255] {
            let picture = Picture(width: 3000, height: 40, red: value, green: value, blue: value)
            let resampler = Resampler(from: (3000, 40), to: (7, 7))
            #expect(resampler.apply(to: picture, variant: variant) == resampler.apply(to: picture, variant: .scalar))
        }
    }

    @Test(.enabled(if: Resampler.Variant.avx2.isAvailable, "this machine has no AVX2"))
    func avx2GivesTheSameBits() { Self.compare(.avx2) }

    @Test(.enabled(if: Resampler.Variant.neon.isAvailable, "this machine has no NEON"))
    func neonGivesTheSameBits() { Self.compare(.neon) }

    @Test func theBestVariantIsAvailable() {
        #expect(Resampler.Variant.best.isAvailable)
        #expect(Resampler.Variant.scalar.isAvailable)
    }

    @Test func fitted() {
        let picture = Picture.smooth(400, 100)
        for (side, width, height) in [
            (400, 400, 100), (1000, 400, 100), (399, 399, 100), (100, 100, 25), (2, 2, 1), (1, 1, 1),
        ] {
            let result = picture.fitted(within: side)
            #expect((result.width, result.height) == (width, height))
        }
        #expect(Picture.smooth(3, 65_535).fitted(within: 256).width == 1)
    }

    @Test func cropped() {
        var random = SeededRandom(seed: SeededRandom.seed)
        let picture = Picture.noise(20, 10, &random)
        let part = picture.cropped(x: 5, y: 2, width: 15, height: 8)
        for y in 0..<8 {
            for x in 0..<15 { #expect(part.pixel(x, y) == picture.pixel(x + 5, y + 2)) }
        }
        #expect(picture.cropped(x: 0, y: 0, width: 20, height: 10) == picture)
    }
}
