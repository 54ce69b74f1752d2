import ImageDecoding
import Testing

/// Every limit, at and past it.
@Suite struct LimitsTests {
    let jpeg: [UInt8]
    let progressive: [UInt8]
    let png: [UInt8]
    let interlaced: [UInt8]

    init() throws {
        let picture = Picture.smooth(120, 90)
        jpeg = try JPEGEncoder().encode(picture)
        var encoder = JPEGEncoder()
        encoder.options.isProgressive = true
        progressive = try encoder.encode(picture)
        png = try PNGEncoder().encode(picture)
        var layout = PNGEncoder.Layout(colourType: .rgb, bitDepth: 8)
        layout.isInterlaced = true
        interlaced = try PNGEncoder().encode(samples: picture.pixels, width: 120, height: 90, layout: layout)
    }

    var files: [[UInt8]] { [jpeg, progressive, png, interlaced] }

    /// `exact` passes, and one less is refused with that reason.
    func check(_ bytes: [UInt8], _ path: WritableKeyPath<DecodingLimits, Int>, exact: Int, reason: String) {
        var limits = DecodingLimits()
        limits[keyPath: path] = exact
        #expect(refusal(bytes, limits) == nil)
        limits[keyPath: path] = exact - 1
        #expect(refusal(bytes, limits)?.code == .tooLarge)
        #expect(refusal(bytes, limits)?.reason == "tooLarge: \(reason), the limit is \(exact - 1)")
        #expect(refusal(bytes, limits)?.description.contains("raise the limit") == true)
    }

    @Test func defaults() {
        let limits = DecodingLimits.standard
        #expect((limits.fileBytes, limits.width, limits.height) == (268_435_456, 65_535, 65_535))
        #expect((limits.megapixels, limits.scans, limits.memoryBytes) == (200, 100, 805_306_368))
        #expect((limits.scanCoefficients, limits.inflatedBytes) == (1_500_000_000, 1_073_741_824))
        #expect((DecodingBudget.shared.bytes, DecodingBudget().bytes) == (2_147_483_648, 2_147_483_648))
    }

    @Test func fileBytes() {
        for file in files { check(file, \.fileBytes, exact: file.count, reason: "\(file.count) bytes of file") }
    }

    @Test func sides() {
        for file in files {
            check(file, \.width, exact: 120, reason: "120 pixels across")
            check(file, \.height, exact: 90, reason: "90 pixels down")
        }
    }

    @Test func megapixels() throws {
        let at = try PNGEncoder(compression: 1).encode(Picture(width: 1000, height: 1000, red: 0, green: 0, blue: 0))
        let past = try PNGEncoder(compression: 1).encode(Picture(width: 1001, height: 1000, red: 0, green: 0, blue: 0))
        var limits = DecodingLimits()
        limits.megapixels = 1
        #expect(refusal(at, limits) == nil)
        #expect(refusal(past, limits)?.reason == "tooLarge: 1.001 megapixels, the limit is 1")
        // Also when only a reduced size is wanted.
        #expect(refusal(past, limits, wanted: .covering(width: 10, height: 10))?.code == .tooLarge)
        #expect(throws: DecodingError.self) { try ImageDecoder(limits: limits).facts(of: past) }
    }

    @Test func hugeClaimsAreRefusedByTheHeader() throws {
        var chunks = PNGChunks(png)
        chunks.chunks[0].data.replaceSubrange(0..<8, with: PNGChunks.bigEndian(20_000) + PNGChunks.bigEndian(15_000))
        #expect(refusal(chunks.bytes)?.reason == "tooLarge: 300 megapixels, the limit is 200")
        chunks.chunks[0].data.replaceSubrange(0..<8, with: PNGChunks.bigEndian(0x7FFF_FFFF) + PNGChunks.bigEndian(1))
        #expect(refusal(chunks.bytes)?.reason == "tooLarge: 2147483647 pixels across, the limit is 65535")
        chunks.chunks[0].data.replaceSubrange(0..<8, with: PNGChunks.bigEndian(0x8000_0000) + PNGChunks.bigEndian(1))
        #expect(refusal(chunks.bytes)?.code == .corrupt)
        chunks.chunks[0].data.replaceSubrange(0..<8, with: PNGChunks.bigEndian(0) + PNGChunks.bigEndian(1))
        #expect(refusal(chunks.bytes)?.code == .corrupt)
    }

    @Test func scans() {
        check(progressive, \.scans, exact: 10, reason: "10 scans")
        var limits = DecodingLimits()
        limits.scans = 1
        #expect(refusal(jpeg, limits) == nil)
    }

    @Test func workOfAllScans() throws {
        // 120 x 90 in MCUs of 16 x 16: 15 x 12 blocks of luma, 8 x 6 of each chroma. A visit to a block costs 16.
        let (luma, chroma) = (15 * 12, 8 * 6)
        let baseline = (luma + 2 * chroma) * (16 + 64)
        check(jpeg, \.scanCoefficients, exact: baseline, reason: "\(baseline) coefficients over all scans")
        let work = Self.workOfDefaultScript(luma: luma, chroma: chroma)
        check(progressive, \.scanCoefficients, exact: work, reason: "\(work) coefficients over all scans")
        var encoder = JPEGEncoder()
        encoder.options.isArithmetic = true
        let slow = (luma + 2 * chroma) * (16 + 64 * 16)
        check(
            try encoder.encode(Picture.smooth(120, 90)), \.scanCoefficients, exact: slow,
            reason: "\(slow) coefficients over all scans")
    }

    /// Two scans bring the DC of all; luma has 1...5, 6...63 and two times 1...63; each chroma two times 1...63.
    static func workOfDefaultScript(luma: Int, chroma: Int) -> Int {
        let dc = 2 * (luma + 2 * chroma) * (16 + 1)
        return dc + luma * (16 + 5 + 16 + 58) + 2 * (luma + 2 * chroma) * (16 + 63)
    }

    @Test func twoHundredProgressiveMegapixelsAreWithinTheLimit() {
        let luma = 200_000_000 / 64
        #expect(Self.workOfDefaultScript(luma: luma, chroma: luma / 4) <= DecodingLimits.standard.scanCoefficients)
    }

    @Test func inflatedBytes() {
        check(png, \.inflatedBytes, exact: 90 * (1 + 360), reason: "\(90 * (1 + 360)) inflated bytes")
        // Rows and pixels a row of the seven passes.
        let passes = [(12, 15), (12, 15), (11, 30), (23, 30), (22, 60), (45, 60), (45, 120)]
        let sum = passes.reduce(0) { $0 + $1.0 * (1 + 3 * $1.1) }
        check(interlaced, \.inflatedBytes, exact: sum, reason: "\(sum) inflated bytes")
    }

    @Test func packedSamplesInflateToWholeBytesARow() throws {
        let layout = PNGEncoder.Layout(colourType: .grey, bitDepth: 1)
        let bits = try PNGEncoder().encode(samples: [1, 2, 3, 4, 5, 6], width: 9, height: 3, layout: layout)
        check(bits, \.inflatedBytes, exact: 3 * (1 + 2), reason: "9 inflated bytes")
        var passes = layout
        passes.isInterlaced = true
        // One pixel wide: the passes that start further right do not exist. 3 rows: passes 1 (row 0), 5 (row 2), 7.
        let thin = try PNGEncoder().encode(samples: [128, 0, 128], width: 1, height: 3, layout: passes)
        check(thin, \.inflatedBytes, exact: 3 * (1 + 1), reason: "6 inflated bytes")
    }

    @Test func sixteenBitsOfFourChannelsInflateToTooMuch() throws {
        var layout = PNGEncoder.Layout(colourType: .rgba, bitDepth: 16)
        func claiming(_ width: UInt32, _ height: UInt32) throws -> [UInt8] {
            let row = [UInt8](repeating: 0, count: layout.rowBytes(width: 1))
            var chunks = PNGChunks(try PNGEncoder().encode(samples: row, width: 1, height: 1, layout: layout))
            chunks.chunks[0].data.replaceSubrange(
                0..<8, with: PNGChunks.bigEndian(width) + PNGChunks.bigEndian(height))
            return chunks.bytes
        }
        let reason = "tooLarge: 1568014000 inflated bytes, the limit is 1073741824"
        #expect(refusal(try claiming(14_000, 14_000))?.reason == reason)
        #expect(refusal(try claiming(14_000, 14_000), wanted: .covering(width: 9, height: 9))?.reason == reason)
        layout = PNGEncoder.Layout(colourType: .rgba, bitDepth: 8)
        #expect(try ImageDecoder().facts(of: try claiming(16_000, 12_500)).width == 16_000)
        // The largest that the format knows, with every other limit off: no number overflows.
        var limits = DecodingLimits()
        (limits.width, limits.height, limits.megapixels) = (.max, .max, .max)
        layout = PNGEncoder.Layout(colourType: .rgba, bitDepth: 16)
        #expect(
            refusal(try claiming(0x7FFF_FFFF, 0x7FFF_FFFF), limits)?.reason
                == "tooLarge: \((17_179_869_177 as UInt128) * 0x7FFF_FFFF) inflated bytes, the limit is 1073741824")
    }

    @Test func manyScansOfNothingEndEarly() throws {
        // The last scan's header and data again and again: each visits every block of the picture.
        var encoder = JPEGEncoder()
        encoder.options.isProgressive = true
        let bytes = try encoder.encode(Picture(width: 3000, height: 3000, red: 9, green: 9, blue: 9))
        let last = try #require(bytes.indices.dropLast().last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
        let scan = Array(bytes[last..<bytes.count - 2])
        var bomb = Array(bytes.dropLast(2))
        for _ in 0..<500 { bomb += scan }
        bomb += [0xFF, 0xD9]
        #expect(refusal(bomb)?.reason == "tooLarge: 101 scans, the limit is 100")
        var limits = DecodingLimits()
        limits.scans = 1000
        limits.scanCoefficients = 50_000_000
        #expect(refusal(bomb, limits)?.reason.contains("coefficients over all scans") == true)
    }

    @Test func memory() throws {
        for (index, file) in files.enumerated() {
            var limits = DecodingLimits()
            limits.memoryBytes = 1
            let reason = try #require(refusal(file, limits)?.reason)
            let need = try #require(reason.split(separator: " ").dropFirst().first.flatMap { Int($0) })
            #expect(need > 120 * 90 * 3)
            check(file, \.memoryBytes, exact: need, reason: "\(need) bytes of working memory")
            // Coefficients, and the passes of an interlaced PNG, are counted.
            if index == 1 { #expect(need > 120 * 90 * 3 + 128 * 96 * 3) }
            if index == 3 { #expect(need > 2 * 120 * 90 * 3) }
        }
    }
}
