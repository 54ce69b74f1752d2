import ImageDecoding
import TestSupport
import Testing

/// PNG files that are odd, damaged or cut.
@Suite struct PNGFileTests {
    let picture = Picture.smooth(37, 29)

    @Test func roundTrip() throws {
        for compression in [-3, 0, 1, 6, 9, 40] {
            let image = try ImageDecoder().decode(PNGEncoder(compression: compression).encode(picture))
            #expect(image.picture == picture)
            #expect(image.facts.format == .png)
            #expect((image.facts.width, image.facts.height) == (37, 29))
            #expect((image.facts.channels, image.facts.bitDepth, image.facts.hasAlpha) == (3, 8, false))
        }
    }

    @Test func gammaAndProfilesAreIgnored() throws {
        var chunks = PNGChunks(try PNGEncoder().encode(picture))
        chunks.insert("gAMA", PNGChunks.bigEndian(30_000), before: "IDAT")
        chunks.insert("iCCP", Array("x\0\0not a profile".utf8), before: "IDAT")
        chunks.insert("bKGD", [0, 1, 0, 2, 0, 3], before: "IDAT")
        #expect(try ImageDecoder().decode(chunks.bytes).picture == picture)
    }

    @Test func animationShowsTheDefaultPicture() throws {
        var chunks = PNGChunks(try PNGEncoder().encode(picture))
        let other = PNGChunks(try PNGEncoder().encode(Picture(width: 37, height: 29, red: 1, green: 2, blue: 3)))
        let control = PNGChunks.bigEndian(37) + PNGChunks.bigEndian(29) + [UInt8](repeating: 0, count: 14)
        chunks.insert("acTL", PNGChunks.bigEndian(2) + PNGChunks.bigEndian(0), before: "IDAT")
        chunks.insert("fcTL", PNGChunks.bigEndian(0) + control, before: "IDAT")
        chunks.insert("fcTL", PNGChunks.bigEndian(1) + control, before: "IEND")
        for chunk in other.chunks where chunk.type == "IDAT" {
            chunks.insert("fdAT", PNGChunks.bigEndian(2) + chunk.data, before: "IEND")
        }
        #expect(try ImageDecoder().decode(chunks.bytes).picture == picture)
    }

    @Test func checksumErrorsAreCorrupt() throws {
        let good = try PNGEncoder().encode(picture)
        let chunks = PNGChunks(good)
        var at = 8
        for chunk in chunks.chunks {
            let end = at + 12 + chunk.data.count
            var bad = good
            bad[end - 1] ^= 1
            #expect(refusal(bad)?.code == .corrupt, "checksum of \(chunk.type)")
            at = end
        }
    }

    @Test func everyCutIsFlaggedOrRefused() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        let noise = Picture.noise(19, 23, &random)
        for isInterlaced in [false, true] {
            var layout = PNGEncoder.Layout(colourType: .rgb, bitDepth: 8)
            layout.isInterlaced = isInterlaced
            let bytes = try PNGEncoder().encode(samples: noise.pixels, width: 19, height: 23, layout: layout)
            var shown = 0
            for count in 0..<bytes.count {
                switch outcome(Array(bytes.prefix(count))) {
                case .success(let image):
                    #expect(image.isTruncated)
                    shown += 1
                    if isInterlaced { continue }
                    // Whole rows came, the rest is white.
                    let rows =
                        (0..<23).first { y in (0..<19).contains { image.picture.pixel($0, y) != noise.pixel($0, y) } }
                        ?? 23
                    #expect(rows > 0)
                    #expect(image.picture.pixels[(rows * 19 * 3)...].allSatisfy { $0 == 255 }, "cut at \(count)")
                case .failure(let error):
                    #expect(error.code == (count < 8 ? .notAnImage : .truncated), "cut at \(count): \(error)")
                }
            }
            // Noise does not compress: nearly every byte of pixels brings some.
            #expect(shown > bytes.count * 9 / 10 - 100)
        }
    }

    @Test func aPaletteIndexBeyondThePaletteDoesNotHurt() throws {
        var layout = PNGEncoder.Layout(colourType: .palette, bitDepth: 8)
        layout.palette = [UInt8](repeating: 9, count: 256 * 3)
        var chunks = PNGChunks(
            try PNGEncoder().encode(samples: (0..<64).map { UInt8($0) }, width: 8, height: 8, layout: layout))
        let place = try #require(chunks.chunks.firstIndex { $0.type == "PLTE" })
        chunks.chunks[place].data = [9, 9, 9]
        let image = try? ImageDecoder().decode(chunks.bytes)
        #expect(image == nil || image?.picture.pixel(0, 0) == [9, 9, 9])
        chunks.chunks.remove(at: place)
        #expect(refusal(chunks.bytes)?.code == .corrupt)
    }

    @Test(arguments: [1, 2, 3, 5, 8, 40]) func reducesByBoxes(_ factor: Int) throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        let noise = Picture.noise(40, 31, &random)
        for isInterlaced in [false, true] {
            var layout = PNGEncoder.Layout(colourType: .rgb, bitDepth: 8)
            layout.isInterlaced = isInterlaced
            let bytes = try PNGEncoder().encode(samples: noise.pixels, width: 40, height: 31, layout: layout)
            let goal = (width: max(1, 40 / factor), height: max(1, 31 / factor))
            let image = try ImageDecoder().decode(bytes, wanted: .covering(width: goal.width, height: goal.height))
            let step = min(40 / goal.width, 31 / goal.height)
            let small = image.picture
            #expect((small.width, small.height) == ((40 + step - 1) / step, (31 + step - 1) / step))
            #expect(small.width >= goal.width && small.height >= goal.height)
            for y in 0..<small.height {
                for x in 0..<small.width {
                    for channel in 0..<3 {
                        var values: [Int] = []
                        for row in y * step..<min(31, (y + 1) * step) {
                            for column in x * step..<min(40, (x + 1) * step) {
                                values.append(Int(noise.pixels[(row * 40 + column) * 3 + channel]))
                            }
                        }
                        let mean = (Double(values.reduce(0, +)) / Double(values.count)).rounded()
                        #expect(Int(small.pixels[(y * small.width + x) * 3 + channel]) == Int(mean))
                    }
                }
            }
        }
    }

    @Test func aHugePictureNeedsLittleMemoryWhenReduced() throws {
        let huge = try PNGEncoder(compression: 1).encode(Picture(width: 6000, height: 4000, red: 7, green: 8, blue: 9))
        var limits = DecodingLimits()
        limits.memoryBytes = 2 << 20
        #expect(refusal(huge, limits)?.code == .tooLarge)
        let image = try ImageDecoder(limits: limits).decode(huge, wanted: .covering(width: 300, height: 200))
        #expect(image.picture == Picture(width: 300, height: 200, red: 7, green: 8, blue: 9))
        #expect((image.facts.width, image.facts.height) == (6000, 4000))
    }
}
