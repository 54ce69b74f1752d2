import ImageDecoding
import Testing

/// Every kind of JPEG, made here from known pixels.
@Suite struct JPEGMatrixTests {
    static let sizes = [(1, 1), (3, 2), (8, 8), (17, 33), (33, 16), (45, 71), (64, 48)]

    struct Case: Sendable, CustomStringConvertible {
        var colour = JPEGEncoder.Colour.yCbCr
        var subsampling = JPEGEncoder.Subsampling.s444
        var isProgressive = false
        var isArithmetic = false
        var hasAdobeMarker = true
        var restartInterval = 0

        var description: String {
            "\(colour) \(subsampling.horizontal)x\(subsampling.vertical)\(isProgressive ? " progressive" : "")"
                + "\(isArithmetic ? " arithmetic" : "")\(hasAdobeMarker ? "" : " without Adobe") restart \(restartInterval)"
        }

        func encode(_ picture: Picture) throws -> [UInt8] {
            var encoder = JPEGEncoder(quality: 96)
            encoder.options.colour = colour
            encoder.options.subsampling = subsampling
            encoder.options.isProgressive = isProgressive
            encoder.options.isArithmetic = isArithmetic
            encoder.options.hasAdobeMarker = hasAdobeMarker
            encoder.options.restartInterval = restartInterval
            return try encoder.encode(picture)
        }
    }

    static let cases: [Case] = {
        var result: [Case] = []
        for isProgressive in [false, true] {
            for isArithmetic in [false, true] {
                for restart in [0, 1, 3] {
                    let base = Case(isProgressive: isProgressive, isArithmetic: isArithmetic, restartInterval: restart)
                    for subsampling in JPEGEncoder.Subsampling.all {
                        var test = base
                        test.subsampling = subsampling
                        result.append(test)
                        test.colour = .ycck
                        result.append(test)
                    }
                    for colour in [JPEGEncoder.Colour.grey, .rgb, .cmyk] {
                        var test = base
                        test.colour = colour
                        result.append(test)
                    }
                    var plain = base
                    plain.colour = .cmyk
                    plain.hasAdobeMarker = false
                    result.append(plain)
                }
            }
        }
        return result
    }()

    @Test(arguments: cases) func decodesWithinTheErrorOfCoding(_ test: Case) throws {
        for (width, height) in Self.sizes {
            let picture = Picture.smooth(width, height)
            let image = try ImageDecoder().decode(test.encode(picture))
            let expected = test.colour == .grey ? picture.greyed : picture
            let error = image.picture.meanDifference(expected)
            #expect(error < 3, "\(width) x \(height): \(error)")
            #expect(!image.isTruncated && image.warning == nil)
            #expect(image.facts.isProgressive == test.isProgressive)
            #expect(image.facts.channels == test.colour.samples)
        }
    }

    @Test func restartMarkersChangeNothing() throws {
        let picture = Picture.smooth(90, 70)
        let plain = try ImageDecoder().decode(Case().encode(picture)).picture
        for restart in [1, 2, 7] {
            #expect(try ImageDecoder().decode(Case(restartInterval: restart).encode(picture)).picture == plain)
        }
        #expect(try ImageDecoder().decode(Case(isProgressive: true).encode(picture)).picture == plain)
        #expect(try ImageDecoder().decode(Case(isArithmetic: true).encode(picture)).picture == plain)
    }

    @Test func qualityIsBroughtIntoRange() throws {
        let picture = Picture.smooth(64, 64)
        let sizes = try [-5, 1, 50, 100, 1000].map { try JPEGEncoder(quality: $0).encode(picture).count }
        #expect(sizes[0] == sizes[1] && sizes[1] < sizes[2] && sizes[2] < sizes[3] && sizes[3] == sizes[4])
    }

    @Test func whatCannotBeEncodedIsAnError() {
        #expect(throws: EncodingError.self) {
            try JPEGEncoder().encode(Picture(width: 65_501, height: 1, red: 0, green: 0, blue: 0))
        }
        #expect(throws: EncodingError.self) {
            try PNGEncoder().encode(Picture(width: 1_000_001, height: 1, red: 0, green: 0, blue: 0))
        }
    }

    @Test func manyAtOnceAgree() async throws {
        let bytes = try Case(subsampling: .s420, isProgressive: true).encode(.smooth(200, 150))
        let expected = try ImageDecoder().decode(bytes).picture
        try await withThrowingTaskGroup(of: Picture.self) { group in
            for _ in 0..<32 { group.addTask { try ImageDecoder().decode(bytes).picture } }
            for try await picture in group { #expect(picture == expected) }
        }
    }
}
