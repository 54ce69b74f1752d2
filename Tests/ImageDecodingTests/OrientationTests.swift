import ImageDecoding
import TestSupport
import Testing

/// The eight EXIF orientations, in JPEG and PNG, in both byte orders.
@Suite struct OrientationTests {
    /// Where the stored pixel (x, y) of a w x h image lies in the upright picture: the table of the EXIF standard,
    /// read as "the 0th row is ..., the 0th column is ...".
    static func upright(_ orientation: Int, _ x: Int, _ y: Int, _ w: Int, _ h: Int) -> (Int, Int) {
        switch orientation {
        case 2: (w - 1 - x, y)
        case 3: (w - 1 - x, h - 1 - y)
        case 4: (x, h - 1 - y)
        case 5: (y, x)
        case 6: (h - 1 - y, x)
        case 7: (h - 1 - y, w - 1 - x)
        case 8: (y, w - 1 - x)
        default: (x, y)
        }
    }

    /// What has to be stored so that it comes out as `picture`.
    static func stored(_ picture: Picture, _ orientation: Int) -> Picture {
        let (w, h) = orientation >= 5 ? (picture.height, picture.width) : (picture.width, picture.height)
        var pixels: [UInt8] = []
        for y in 0..<h {
            for x in 0..<w {
                let (ux, uy) = upright(orientation, x, y, w, h)
                pixels += picture.pixel(ux, uy)
            }
        }
        return Picture(width: w, height: h, pixels: pixels)
    }

    @Test(arguments: 1...8, [false, true]) func png(_ orientation: Int, _ bigEndian: Bool) throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        for (width, height) in [(1, 1), (5, 3), (40, 17), (16, 65)] {
            let picture = Picture.noise(width, height, &random)
            let plain = try PNGEncoder().encode(Self.stored(picture, orientation))
            for place in ["IDAT", "IEND"] {
                var chunks = PNGChunks(plain)
                chunks.insert("eXIf", tiff(orientation: orientation, bigEndian: bigEndian), before: place)
                let image = try ImageDecoder().decode(chunks.bytes)
                #expect(image.picture == picture)
                #expect(image.facts.orientation == orientation)
                #expect((image.facts.width, image.facts.height) == (width, height))
                #expect(try ImageDecoder().facts(of: chunks.bytes) == image.facts)
            }
        }
    }

    @Test(arguments: 1...8, [false, true]) func jpeg(_ orientation: Int, _ bigEndian: Bool) throws {
        let picture = Picture.smooth(51, 38)
        for colour in [JPEGEncoder.Colour.yCbCr, .cmyk] {
            for type in [3, 4] {
                var encoder = JPEGEncoder(quality: 95)
                encoder.options.colour = colour
                encoder.options.subsampling = .s444
                let app1 = Array("Exif\0\0".utf8) + tiff(orientation: orientation, bigEndian: bigEndian, type: type)
                encoder.options.app1 = app1
                let image = try ImageDecoder().decode(encoder.encode(Self.stored(picture, orientation)))
                #expect(image.picture.meanDifference(picture) < 3)
                #expect(image.facts.orientation == orientation)
            }
        }
    }

    @Test func reducedAndCutPNGsAreTurnedToo() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        let picture = Picture.noise(48, 90, &random)
        for orientation in 1...8 {
            let stored = Self.stored(picture, orientation)
            var chunks = PNGChunks(try PNGEncoder().encode(stored))
            chunks.insert("eXIf", tiff(orientation: orientation, bigEndian: true), before: "IDAT")
            let wanted = WantedSize.covering(width: 16, height: 30)
            let small = try ImageDecoder().decode(chunks.bytes, wanted: wanted).picture
            let plain = try ImageDecoder().decode(PNGEncoder().encode(picture), wanted: wanted).picture
            #expect((small.width, small.height) == (16, 30))
            #expect(small == plain)

            let cut = try ImageDecoder().decode(Array(chunks.bytes.prefix(chunks.bytes.count / 2)))
            let (x, y) = Self.upright(orientation, stored.width - 1, stored.height - 1, stored.width, stored.height)
            #expect(cut.isTruncated && cut.picture.pixel(x, y) == [255, 255, 255])
            let (ox, oy) = Self.upright(orientation, 0, 0, stored.width, stored.height)
            #expect(cut.picture.pixel(ox, oy) == picture.pixel(ox, oy))
        }
    }

    @Test func aCutJPEGIsGreyAtTheRightEnd() throws {
        let picture = Picture.smooth(64, 320)
        for orientation in 1...8 {
            var encoder = JPEGEncoder()
            encoder.options.app1 = Array("Exif\0\0".utf8) + tiff(orientation: orientation, bigEndian: false)
            let bytes = try encoder.encode(picture)
            let image = try ImageDecoder().decode(Array(bytes.prefix(bytes.count * 2 / 3)))
            let (x, y) = Self.upright(orientation, 63, 319, 64, 320)
            #expect(image.picture.pixel(x, y) == [128, 128, 128], "orientation \(orientation)")
            let (ox, oy) = Self.upright(orientation, 0, 0, 64, 320)
            #expect(image.picture.pixel(ox, oy) != [128, 128, 128], "orientation \(orientation)")
        }
    }

    @Test func malformedEXIFMeansAsStored() throws {
        let good = Array("Exif\0\0".utf8) + tiff(orientation: 6, bigEndian: true)
        var damaged: [[UInt8]] = (0..<good.count - 6).map { Array(good.prefix($0)) }
        damaged.append(Array("Exif\0\0".utf8) + tiff(orientation: 9, bigEndian: true))
        damaged.append(Array("Exif\0\0".utf8) + tiff(orientation: 0, bigEndian: true))
        damaged.append(Array("Exif\0\0".utf8) + tiff(orientation: 6, bigEndian: true, type: 2))
        damaged.append(Array("Exif\0\0".utf8) + [0x4D, 0x4D, 0, 42, 0xFF, 0xFF, 0xFF, 0xFF, 0, 1])
        damaged.append(Array("http://ns.adobe.com/xap/1.0/\0".utf8))
        for (index, payload) in damaged.enumerated() {
            var encoder = JPEGEncoder()
            encoder.options.app1 = payload
            let facts = try ImageDecoder().facts(of: encoder.encode(.smooth(9, 5)))
            // The directory may end before its own next-directory offset, which nobody needs.
            let isWhole = payload.count >= 6 + 8 + 2 + 12 + 10 && payload.starts(with: good.prefix(6 + 8 + 2 + 12 + 10))
            #expect(facts.orientation == (isWhole ? 6 : 1), "case \(index)")
        }
    }

    @Test func largeEXIFOfAPNGIsIgnored() throws {
        let directory = tiff(orientation: 6, bigEndian: true)
        for (count, orientation) in [(1 << 16, 6), ((1 << 16) + 1, 1), (3 << 20, 1)] {
            var chunks = PNGChunks(try PNGEncoder().encode(.smooth(9, 5)))
            let padding = [UInt8](repeating: 0, count: count - directory.count)
            chunks.insert("eXIf", directory + padding, before: "IDAT")
            #expect(try ImageDecoder().facts(of: chunks.bytes).orientation == orientation, "\(count) bytes")
        }
    }

    @Test func theFirstEXIFOfAPNGCounts() throws {
        let turned = tiff(orientation: 3, bigEndian: true)
        for first in [turned, [], [UInt8](repeating: 0, count: (1 << 16) + 1)] {
            var chunks = PNGChunks(try PNGEncoder().encode(.smooth(9, 5)))
            chunks.insert("eXIf", first, before: "IDAT")
            chunks.insert("eXIf", tiff(orientation: 6, bigEndian: true), before: "IDAT")
            #expect(try ImageDecoder().facts(of: chunks.bytes).orientation == (first == turned ? 3 : 1))
        }
    }

    @Test func checksums() {
        #expect(PNGChecksum.of(Array("123456789".utf8)) == 0xCBF4_3926)  // the check value of CRC-32/ISO-HDLC
        #expect(PNGChecksum.of(Array("IEND".utf8)) == 0xAE42_6082)
        #expect(PNGChecksum.of([]) == 0)
    }
}
