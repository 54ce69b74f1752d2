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
        case CODEC_TOO_LARGE, CODEC_OUT_OF_MEMORY:
            return .tooLarge("more", "bytes of working memory", limit: memory)
        default:
            return .corrupt(text)
        }
    }
}

/// Runs a codec straight into the memory of a picture, which then holds `width * height * 3` samples; nil when the
/// codec failed.
func decodePicture(width: Int, height: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Bool) -> Picture? {
    let count = width * height * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        guard let start = buffer.baseAddress, body(start) else { return }
        initialized = count
    }
    return pixels.isEmpty ? nil : Picture(width: width, height: height, pixels: pixels)
}
