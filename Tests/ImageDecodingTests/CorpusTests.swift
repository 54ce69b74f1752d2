import Foundation
import ImageDecoding
import TestSupport
import Testing

/// Whole collections of test images, where they are present.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
struct CorpusTests {
    /// A 32-bit BMP with alpha, as the PngSuite references are, over white.
    static func bitmap(_ bytes: [UInt8]) -> Picture {
        func number(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        let (start, width, height) = (number(10), number(18), number(22))
        precondition(bytes[28] == 32 && height < 1 << 20, "32 bits a pixel, rows from the bottom")
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let at = start + ((height - 1 - y) * width + x) * 4
                let alpha = Double(bytes[at + 3])
                for channel in [2, 1, 0] {
                    let value = (Double(bytes[at + channel]) * alpha + 255 * (255 - alpha)) / 255
                    pixels.append(UInt8(value.rounded()))
                }
            }
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// Here the reference's own reduction of 16-bit grey is uneven, up to a level off the high byte.
    static let unevenReferences: Set<String> = ["basi0g16", "basn0g16", "oi1n0g16", "oi2n0g16", "oi4n0g16", "oi9n0g16"]

    @Test func pngSuiteEqualsItsReference() throws {
        var count = 0
        for path in Corpus.files("decoder/pngsuite/png") {
            let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            guard !name.hasPrefix("x") else { continue }
            let image = try ImageDecoder().decode(try Corpus.bytes(path))
            let reference = Self.bitmap(try Corpus.bytes("decoder/pngsuite/bmp/\(name).bmp"))
            let difference = image.picture.maximumDifference(reference)
            #expect(difference <= (Self.unevenReferences.contains(name) ? 1 : 0), "\(name): \(difference)")
            count += 1
        }
        #expect(count == 161)
    }

    @Test func pngSuiteBrokenFilesAreRefused() throws {
        let expected: [String: DecodingError.Code] = [
            "xc1n0g08": .corrupt, "xc9n2c08": .corrupt, "xcrn0g04": .notAnImage, "xcsn0g01": .corrupt,
            "xd0n2c08": .corrupt, "xd3n2c08": .corrupt, "xd9n2c08": .corrupt, "xdtn0g01": .corrupt,
            "xhdn0g08": .corrupt,
            "xlfn0g04": .notAnImage, "xs1n0g01": .notAnImage, "xs2n0g01": .notAnImage, "xs4n0g01": .notAnImage,
            "xs7n0g01": .notAnImage,
        ]
        for (name, code) in expected {
            let error = refusal(try Corpus.bytes("decoder/pngsuite/png/\(name).png"))
            #expect(error?.code == code, "\(name): \(error.map(\.reason) ?? "decoded")")
        }
    }

    @Test func referenceJPEGsAreCloseToTheirPNG() throws {
        let folder = "decoder/jpeg-decoder/tests/reftest/images"
        let disabled = String(decoding: try Corpus.bytes("\(folder)/disabled.list"), as: UTF8.self)
            .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        var compared = 0
        for path in Corpus.files(folder) where path.hasSuffix(".jpg") {
            let name = String(path.dropFirst(folder.count + 1))
            if name.hasPrefix("lossless/") {
                #expect(refusal(try Corpus.bytes(path))?.code == .unsupported("lossless JPEG"), "\(name)")
                continue
            }
            guard !disabled.contains(name) else { continue }
            let reference = try ImageDecoder().decode(try Corpus.bytes(path.dropLast(3) + "png")).picture
            let picture = try ImageDecoder().decode(try Corpus.bytes(path)).picture
            let difference = picture.meanDifference(reference)
            #expect(difference <= 2, "\(name): \(difference)")
            compared += 1
        }
        #expect(compared >= 20, "\(compared) compared")
    }

    @Test func orientationSamplesAllLookAlike() throws {
        for name in ["Landscape", "Portrait"] {
            func small(_ number: Int) throws -> (Picture, ImageFacts) {
                let image = try ImageDecoder().decode(
                    try Corpus.bytes("decoder/exif-orientation/\(name)_\(number).jpg"))
                return (image.picture.resized(width: 32, height: 32), image.facts)
            }
            let (upright, facts) = try small(1)
            #expect((facts.width > facts.height) == (name == "Landscape"))
            for number in 0...8 {
                let (picture, other) = try small(number)
                #expect(other.orientation == max(1, number))
                #expect((other.width, other.height) == (facts.width, facts.height))
                #expect(picture.meanDifference(upright) < 6, "\(name)_\(number)")
            }
        }
    }

    @Test func everyFileIsAnsweredInTime() throws {
        let clock = ContinuousClock()
        var decoded = 0
        var reasons: [String: Int] = [:]
        for path in Corpus.files("decoder") {
            let bytes = try Corpus.bytes(path)
            for wanted in [WantedSize.full, .covering(width: 96, height: 96)] {
                let start = clock.now
                let result = outcome(bytes, wanted: wanted)
                let time = clock.now - start
                switch result {
                case .success(let image):
                    #expect(image.picture.width > 0)
                    decoded += 1
                case .failure(let error):
                    reasons[error.reason.split(separator: ":").first.map(String.init) ?? "", default: 0] += 1
                }
                #expect(time < .seconds(2), "\(path): \(time)")
            }
        }
        print("decoder corpus: \(decoded) decoded, refused: \(reasons)")
        #expect(decoded > 500)
        #expect(Set(reasons.keys) == ["corrupt", "notAnImage", "tooLarge", "truncated", "unsupported"])
        if let peak = Self.peakResidentBytes() { #expect(peak < 1 << 30, "\(peak) bytes at the peak") }
    }

    @Test func knownUnsupportedFiles() throws {
        #expect(refusal(try Corpus.bytes("decoder/libjpeg-turbo/monkey12.jpg"))?.code == .unsupported("12-bit JPEG"))
        let confusion = "decoder/bad-images/corpus/confusion"
        #expect(refusal(try Corpus.bytes("\(confusion)/avif-content-jpeg-ext.jpg"))?.code == .unsupported("AVIF"))
        #expect(refusal(try Corpus.bytes("\(confusion)/jp2-content-png-ext.png"))?.code == .unsupported("JPEG 2000"))
        #expect(try ImageDecoder().facts(of: try Corpus.bytes("\(confusion)/png-content-jpeg-ext.jpg")).format == .png)
        // A start and an end with nothing between, but a JPEG by its bytes.
        #expect(refusal(try Corpus.bytes("\(confusion)/jpeg-content-png-ext.png"))?.code == .corrupt)
    }

    /// The most memory this process ever had resident; nil where the kernel does not say.
    static func peakResidentBytes() -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 }
    }
}
