import ImageDecoding
import TestSupport
import Testing

/// Decoding at n/8, and reading no more scans than that takes.
@Suite struct JPEGScalingTests {
    @Test func theSmallestScaleThatCovers() throws {
        for (width, height) in [(101, 67), (64, 64), (7, 200)] {
            let bytes = try JPEGEncoder(quality: 95).encode(.smooth(width, height))
            let full = try ImageDecoder().decode(bytes).picture
            for eighths in 1...8 {
                let (w, h) = ((width * eighths + 7) / 8, (height * eighths + 7) / 8)
                let exact = try ImageDecoder().decode(bytes, wanted: .covering(width: w, height: h)).picture
                // A smaller scale may round to the same size in both directions; otherwise it is this one.
                #expect((exact.width, exact.height) == (w, h))
                #expect(exact.meanDifference(full.resized(width: w, height: h)) < 8)
                if eighths < 8 {
                    let more = try ImageDecoder().decode(bytes, wanted: .covering(width: w + 1, height: 1)).picture
                    let n = (1...8).first { (width * $0 + 7) / 8 > w } ?? 8
                    #expect(more.width == (width * n + 7) / 8 && more.height == (height * n + 7) / 8)
                }
            }
            let more = try ImageDecoder().decode(bytes, wanted: .covering(width: 5000, height: 5000)).picture
            #expect(more == full)
            let least = try ImageDecoder().decode(bytes, wanted: .covering(width: 0, height: -4)).picture
            #expect((least.width, least.height) == ((width + 7) / 8, (height + 7) / 8))
        }
    }

    @Test func fullMeansAllCoefficients() throws {
        // 5/8 of two pixels are two pixels, too.
        var encoder = JPEGEncoder(quality: 100)
        encoder.options.subsampling = .s444
        let picture = Picture(width: 2, height: 2, pixels: [250, 250, 250, 5, 5, 5, 5, 5, 5, 250, 250, 250])
        #expect(try ImageDecoder().decode(encoder.encode(picture)).picture.maximumDifference(picture) <= 2)
    }

    @Test func theWantedSizeIsThatOfTheUprightPicture() throws {
        var encoder = JPEGEncoder()
        encoder.options.app1 = Array("Exif\0\0".utf8) + tiff(orientation: 6, bigEndian: true)
        let bytes = try encoder.encode(.smooth(160, 80))
        let image = try ImageDecoder().decode(bytes, wanted: .covering(width: 20, height: 100))
        #expect((image.facts.width, image.facts.height) == (80, 160))
        #expect((image.picture.width, image.picture.height) == (50, 100))
    }

    /// libjpeg's default script for three components has ten scans; the DC is exact after the seventh, and with halved
    /// chroma the chroma, decoded at 2/8, after the ninth.
    @Test func progressiveFilesAreReadAsFarAsNeeded() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        let picture = Picture.noise(80, 64, &random)
        let wanted = WantedSize.covering(width: 10, height: 8)
        for (subsampling, scans) in [(JPEGEncoder.Subsampling.s444, 7), (.s420, 9)] {
            var encoder = JPEGEncoder()
            encoder.options.subsampling = subsampling
            let baseline = try ImageDecoder().decode(encoder.encode(picture), wanted: wanted)
            #expect(baseline.scansRead == 1)
            encoder.options.isProgressive = true
            let bytes = try encoder.encode(picture)
            let early = try ImageDecoder().decode(bytes, wanted: wanted)
            #expect(early.scansRead == scans)
            #expect(early.picture == baseline.picture, "what is left out does not matter")
            #expect(try ImageDecoder().decode(bytes).scansRead == 10)
        }
    }

    /// Scans by frequency: each scale needs those its transform uses, and what follows may be anything.
    @Test func laterScansAreNotRead() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        let picture = Picture.noise(64, 64, &random)
        var encoder = JPEGEncoder()
        encoder.options.subsampling = .s444
        let baseline = try encoder.encode(picture)
        encoder.options.scans = [JPEGEncoder.Scan(components: 7, spectral: 0...0)]
        // Zigzag positions 12 and 24 are (2, 2) and the last before (3, 3).
        for spectral in [UInt8(1)...12, 13...24, 25...40, 41...60, 61...63] {
            for component in 0..<3 {
                encoder.options.scans.append(.init(components: 1 << component, spectral: spectral))
            }
        }
        let bytes = try encoder.encode(picture)
        let starts = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        #expect(starts.count == 16)
        // Frequencies used: 1: DC. 3: 3 x 3, up to zigzag 12. 5: 5 x 5, up to 40. 6, 7: up to 60. 2, 4 and 8 need (7, 7).
        for (eighths, scans) in [(1, 1), (2, 16), (3, 4), (4, 16), (5, 10), (6, 13), (7, 13), (8, 16)] {
            let wanted = WantedSize.covering(width: eighths * 8, height: eighths * 8)
            let image = try ImageDecoder().decode(bytes, wanted: wanted)
            #expect(image.picture.width == eighths * 8)
            #expect(image.scansRead == scans, "\(eighths)/8")
            #expect(try ImageDecoder().decode(baseline, wanted: wanted).picture == image.picture, "\(eighths)/8")
            guard scans < 16 else { continue }
            var spoilt = bytes
            for index in starts[scans]..<bytes.count { spoilt[index] = UInt8(truncatingIfNeeded: random.next()) }
            #expect(try ImageDecoder().decode(spoilt, wanted: wanted).picture == image.picture)
            let cut = try ImageDecoder().decode(Array(bytes[..<starts[scans]]), wanted: wanted)
            #expect(cut.picture == image.picture)
        }
    }
}
