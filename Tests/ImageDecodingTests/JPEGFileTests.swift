import ImageDecoding
import Testing

/// JPEG files that are odd, damaged or cut.
@Suite struct JPEGFileTests {
    let picture = Picture.smooth(61, 47)

    /// Changes the frame header: its marker, or a byte of its payload.
    func patched(_ bytes: [UInt8], marker: UInt8? = nil, at offset: Int = 0, to value: UInt8? = nil) -> [UInt8] {
        var result = bytes
        guard let start = bytes.indices.dropLast().first(where: { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }) else {
            return []
        }
        if let marker { result[start + 1] = marker }
        if let value { result[start + 4 + offset] = value }
        return result
    }

    @Test func kindsThatAreNotDecodedAreNamed() throws {
        let bytes = try JPEGEncoder().encode(picture)
        for (marker, name) in [
            (UInt8(0xC3), "lossless JPEG"), (0xCB, "lossless JPEG"), (0xC5, "hierarchical JPEG"),
            (0xCF, "hierarchical JPEG"), (0xF7, "JPEG-LS"),
        ] {
            let error = refusal(patched(bytes, marker: marker))
            #expect(error?.code == .unsupported(name))
            #expect(error?.reason == "unsupported: \(name)")
        }
        #expect(refusal(patched(bytes, at: 0, to: 12))?.code == .unsupported("12-bit JPEG"))
        #expect(refusal(patched(bytes, at: 0, to: 9))?.code == .corrupt)
    }

    @Test func oddNumbersOfComponentsAreNamed() throws {
        var encoder = JPEGEncoder()
        encoder.options.colour = .grey
        encoder.options.subsampling = .s444
        var bytes = try encoder.encode(picture)
        let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        // Length, number of components, and a second one.
        bytes[frame + 3] += 3
        bytes[frame + 9] = 2
        bytes.insert(contentsOf: [2, 0x11, 0], at: frame + 13)
        #expect(refusal(bytes)?.code == .unsupported("JPEG with 2 components"))
    }

    @Test func contradictoryHeadersAreCorrupt() throws {
        let bytes = try JPEGEncoder().encode(picture)
        var flat = patched(bytes, at: 1, to: 0)
        flat = patched(flat, at: 2, to: 0)
        #expect(refusal(flat)?.code == .corrupt)
        var thin = patched(bytes, at: 3, to: 0)
        thin = patched(thin, at: 4, to: 0)
        #expect(refusal(thin)?.code == .corrupt)
        #expect(refusal([0xFF, 0xD8, 0xFF, 0xD9])?.code == .corrupt)
        #expect(refusal([0xFF, 0xD8, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0])?.code == .corrupt)
        #expect(refusal([0xFF, 0xD8, 0xFF, 0xE0, 0, 1])?.code == .corrupt)
    }

    @Test func everyCutIsFlaggedOrRefused() throws {
        for isProgressive in [false, true] {
            var encoder = JPEGEncoder()
            encoder.options.isProgressive = isProgressive
            let bytes = try encoder.encode(picture)
            let scan = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
            var shown = 0
            for count in 0..<bytes.count {
                switch outcome(Array(bytes.prefix(count))) {
                case .success(let image):
                    #expect(image.isTruncated, "cut at \(count) of \(bytes.count)")
                    #expect((image.picture.width, image.picture.height) == (61, 47))
                    shown += 1
                case .failure(let error):
                    #expect(error.code == (count < 2 ? .notAnImage : .truncated), "cut at \(count): \(error)")
                    // Once a row of blocks has come there is something to show, and cutting later shows no less.
                    #expect(shown == 0, "cut at \(count) of \(bytes.count)")
                }
            }
            #expect(shown > (bytes.count - scan) / 3, "\(shown) of \(bytes.count - scan)")
        }
    }

    @Test func whatIsMissingIsGrey() throws {
        var encoder = JPEGEncoder(quality: 90)
        encoder.options.subsampling = .s444
        let tall = Picture.smooth(64, 640)
        let bytes = try encoder.encode(tall)
        let image = try ImageDecoder().decode(Array(bytes.prefix(bytes.count / 2)))
        #expect(image.isTruncated)
        #expect(image.picture.pixel(63, 639) == [128, 128, 128])
        #expect(
            image.picture.cropped(x: 0, y: 0, width: 64, height: 160).meanDifference(
                tall.cropped(x: 0, y: 0, width: 64, height: 160)) < 3)
    }

    @Test func aMissingEndMarkerLosesNothing() throws {
        for size in [5, 16, 61] {
            let bytes = try JPEGEncoder().encode(.smooth(size, size))
            let whole = try ImageDecoder().decode(bytes)
            let cut = try ImageDecoder().decode(Array(bytes.dropLast(2)))
            #expect(cut.picture == whole.picture)
            #expect(cut.isTruncated && !whole.isTruncated)
        }
    }

    @Test func aClaimOfManyPixelsIsNotDecodedToTheEnd() throws {
        // The data are those of 64 x 64 pixels, the header says 14,000 x 14,000.
        var bytes = try JPEGEncoder().encode(.smooth(64, 64))
        for (offset, value) in [
            (1, UInt8(14_000 >> 8)), (2, UInt8(14_000 & 255)), (3, UInt8(14_000 >> 8)), (4, UInt8(14_000 & 255)),
        ] {
            bytes = patched(bytes, at: offset, to: value)
        }
        let clock = ContinuousClock()
        let time = clock.measure { #expect(refusal(bytes)?.code == .truncated) }
        #expect(time < .seconds(1))
    }

    @Test func garbageBehindTheEndDoesNotMatter() throws {
        let bytes = try JPEGEncoder().encode(picture)
        let image = try ImageDecoder().decode(bytes + [1, 2, 3, 0xFF, 0xDA, 0xFF, 0xD8])
        #expect(image.picture == (try ImageDecoder().decode(bytes).picture))
        #expect(!image.isTruncated)
    }
}
