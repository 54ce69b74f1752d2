import CImageCodecs

extension codec_report {
    /// The text in the report: an error, the unit of a limit, or the first warning.
    var text: String {
        withUnsafeBytes(of: message) { raw in
            String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// The error that the report tells of. `memory` is the limit behind a bound that the library itself enforces.
    func error(_ format: ImageFormat, memory: Int) -> DecodingError {
        switch status {
        case CODEC_TRUNCATED:
            return .truncated(text)
        case CODEC_UNSUPPORTED:
            return .unsupported(text)
        case CODEC_TOO_LARGE where limit > 0:
            return .tooLarge(value, text, limit: Int(clamping: limit))
        case CODEC_OUT_OF_MEMORY:
            return .outOfMemory(text)
        case CODEC_TOO_LARGE:
            return .tooLarge("more", "bytes of working memory", limit: memory)
        default:
            return .corrupt(text)
        }
    }
}

/// Runs a codec straight into the memory of a picture, which then holds `width * height * 3` samples; nil when the
/// codec failed. Throws `outOfMemory` when there is none for the picture: an array would trap. Between the question and
/// the array another thread may take what was free, which makes the trap rare, not impossible.
func decodePicture(
    width: Int, height: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Bool
) throws(DecodingError) -> Picture? {
    let count = width * height * 3
    let arrayHeader = 64
    guard codec_has_memory(count + arrayHeader) else {
        throw .outOfMemory("no memory for a picture of \(width) x \(height)")
    }
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        guard let start = buffer.baseAddress, body(start) else { return }
        initialized = count
    }
    return pixels.isEmpty ? nil : Picture(width: width, height: height, pixels: pixels)
}
