import Foundation
import ImageDecoding
import TestSupport
import Testing

/// The large folders of test images, which are not part of the repository.
enum Corpus {
    static let root = URL(fileURLWithPath: SharedData.folder ?? "/absent")

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: root.appendingPathComponent(path)))
    }

    /// All files below a folder, relative to the root, sorted.
    static func files(_ path: String) -> [String] {
        FolderContents.files(below: root.appendingPathComponent(path).path).map { "\(path)/\($0)" }
    }
}

extension Picture {
    /// A smooth picture without symmetries: what lossy coding keeps well. At most two levels a pixel.
    static func smooth(_ width: Int, _ height: Int) -> Picture {
        let across = min(2, 160 / Double(width))
        let down = min(1.5, 120 / Double(height))
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                let u = Double(x) * across
                let v = Double(y) * down
                pixels.append(UInt8(40 + u))
                pixels.append(UInt8(60 + v))
                pixels.append(UInt8(220 - u / 2 - v))
            }
        }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// A picture of noise.
    static func noise(_ width: Int, _ height: Int, _ random: inout SeededRandom) -> Picture {
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: random.next()) }
        return Picture(width: width, height: height, pixels: pixels)
    }

    /// Mean absolute difference of the samples; infinite for another size.
    func meanDifference(_ other: Picture) -> Double {
        guard width == other.width, height == other.height else { return .infinity }
        var sum = 0
        for index in pixels.indices { sum += abs(Int(pixels[index]) - Int(other.pixels[index])) }
        return Double(sum) / Double(pixels.count)
    }

    /// Largest absolute difference of the samples; 256 for another size.
    func maximumDifference(_ other: Picture) -> Int {
        guard width == other.width, height == other.height else { return 256 }
        return pixels.indices.reduce(0) { max($0, abs(Int(pixels[$1]) - Int(other.pixels[$1]))) }
    }

    func pixel(_ x: Int, _ y: Int) -> [UInt8] { Array(pixels[(y * width + x) * 3..<(y * width + x) * 3 + 3]) }

    /// Red, green and blue as luma, three times over.
    var greyed: Picture {
        var result = pixels
        for index in stride(from: 0, to: pixels.count, by: 3) {
            let (red, green, blue) = (Double(pixels[index]), Double(pixels[index + 1]), Double(pixels[index + 2]))
            let luma = UInt8((0.299 * red + 0.587 * green + 0.114 * blue).rounded())
            for channel in 0..<3 { result[index + channel] = luma }
        }
        return Picture(width: width, height: height, pixels: result)
    }
}

/// What a decode ends with.
func outcome(
    _ bytes: [UInt8], _ decoder: ImageDecoder = ImageDecoder(), wanted: WantedSize = .full
) -> Result<DecodedImage, DecodingError> {
    Result { () throws(DecodingError) in try decoder.decode(bytes, wanted: wanted) }
}

/// The error a decode ends with, or nil when it does not.
func refusal(_ bytes: [UInt8], _ limits: DecodingLimits = .standard, wanted: WantedSize = .full) -> DecodingError? {
    if case .failure(let error) = outcome(bytes, ImageDecoder(limits: limits), wanted: wanted) { return error }
    return nil
}

/// A PNG taken apart into its chunks and put together again.
struct PNGChunks {
    var chunks: [(type: String, data: [UInt8])] = []

    init(_ bytes: [UInt8]) {
        var at = 8
        while at + 12 <= bytes.count {
            let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
            let type = String(decoding: bytes[at + 4..<at + 8], as: UTF8.self)
            chunks.append((type, Array(bytes[at + 8..<at + 8 + length])))
            at += 12 + length
        }
    }

    /// Puts a chunk before the first of that type.
    mutating func insert(_ type: String, _ data: [UInt8], before other: String) {
        chunks.insert((type, data), at: chunks.firstIndex { $0.type == other } ?? chunks.count)
    }

    var bytes: [UInt8] {
        var result: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        for (type, data) in chunks {
            result += Self.bigEndian(UInt32(data.count))
            result += Array(type.utf8) + data
            result += Self.bigEndian(PNGChecksum.of(Array(type.utf8) + data))
        }
        return result
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
}

/// A minimal TIFF structure with the orientation tag behind another one.
func tiff(orientation: Int, bigEndian: Bool, type: Int = 3) -> [UInt8] {
    func number(_ value: Int, _ count: Int) -> [UInt8] {
        let low = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return bigEndian ? low.reversed() : low
    }
    var result: [UInt8] = bigEndian ? [0x4D, 0x4D] : [0x49, 0x49]
    result += number(42, 2) + number(8, 4) + number(2, 2)
    result += number(0x0100, 2) + number(4, 2) + number(1, 4) + number(640, 4)
    result += number(0x0112, 2) + number(type, 2) + number(1, 4)
    result += type == 3 ? number(orientation, 2) + number(0, 2) : number(orientation, 4)
    return result + number(0, 4)
}
