/// Why bytes did not become a picture.
public struct DecodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of refusal.
    public enum Code: Sendable, Equatable {
        /// The first bytes are those of no image format known here.
        case notAnImage
        /// The bytes end before anything could be decoded.
        case truncated
        /// A limit was met; see `DecodingLimits`.
        case tooLarge
        /// An image, but of a kind that is not decoded here: "HEIC", "WebP", "12-bit JPEG", "lossless JPEG", ...
        case unsupported(String)
        /// The bytes contradict their format.
        case corrupt
        /// No limit was met, but the system had no memory left. The same bytes may decode later.
        case outOfMemory
    }

    /// The kind of refusal.
    public let code: Code
    /// What was found.
    let finding: String
    /// What to do about it.
    let advice: String

    /// What was found, and what to do about it.
    public var detail: String { "\(finding); \(advice)" }

    /// The text for reports: the name of the code, and what was found.
    public var reason: String {
        switch code {
        case .notAnImage: "notAnImage"
        case .truncated: "truncated: \(finding)"
        case .tooLarge: "tooLarge: \(finding)"
        case .unsupported(let name): "unsupported: \(name)"
        case .corrupt: "corrupt: \(finding)"
        case .outOfMemory: "outOfMemory: \(finding)"
        }
    }

    /// The reason and what to do.
    public var description: String { "\(reason); \(advice)" }

    static let notAnImage = DecodingError(
        code: .notAnImage, finding: "the first bytes are those of no image format", advice: "give a JPEG or a PNG")

    static func truncated(_ finding: String) -> DecodingError {
        DecodingError(code: .truncated, finding: finding, advice: "get a complete copy of the file")
    }

    static func corrupt(_ finding: String) -> DecodingError {
        DecodingError(code: .corrupt, finding: finding, advice: "get an intact copy of the file")
    }

    static func outOfMemory(_ finding: String) -> DecodingError {
        DecodingError(code: .outOfMemory, finding: finding, advice: "close other programs or lower the limits")
    }

    static func unsupported(_ name: String) -> DecodingError {
        DecodingError(
            code: .unsupported(name), finding: "\(name) is not decoded", advice: "convert it to JPEG or PNG")
    }

    /// `value` and `limit` in `unit`, such as "megapixels".
    static func tooLarge(_ value: some CustomStringConvertible, _ unit: String, limit: Int) -> DecodingError {
        DecodingError(
            code: .tooLarge, finding: "\(value) \(unit), the limit is \(limit)",
            advice: "reduce the picture or raise the limit")
    }
}

/// Why a picture could not be encoded.
public struct EncodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, and what to do about it.
    public let description: String
}
