import Foundation

/// A JSON object on one line, its members in the order they were added.
///
/// `JSONEncoder` sorts or shuffles members; a person who reads the output wants `rank` and `element` first.
public struct JSONLine: Sendable, CustomStringConvertible {
    private var members: [String] = []

    /// An empty object.
    public init() {}

    /// The object's text, without a line break.
    public var description: String { "{" + members.joined(separator: ",") + "}" }

    /// The text as bytes.
    public var bytes: [UInt8] { [UInt8](description.utf8) }

    /// Adds a string.
    public mutating func add(_ key: String, _ value: String) { add(key, raw: Self.quoted(value)) }
    /// Adds an integer.
    public mutating func add(_ key: String, _ value: Int) { add(key, raw: String(value)) }
    /// Adds a truth value.
    public mutating func add(_ key: String, _ value: Bool) { add(key, raw: value ? "true" : "false") }
    /// Adds a number; `null` where JSON has none for it.
    public mutating func add(_ key: String, _ value: Double) { add(key, raw: value.isFinite ? "\(value)" : "null") }
    /// Adds numbers, shortest digits that read back as the same float32.
    public mutating func add(_ key: String, _ values: [Float]) {
        add(key, raw: "[" + values.map { $0.isFinite ? $0.description : "null" }.joined(separator: ",") + "]")
    }
    /// Adds text that is JSON already.
    public mutating func add(_ key: String, raw json: String) { members.append(Self.quoted(key) + ":" + json) }

    /// Adds a name of arbitrary bytes: readable under `key`, and exactly under `key_base64` when it is not UTF-8.
    public mutating func add(_ key: String, name bytes: [UInt8]) {
        add(key, String(decoding: bytes, as: UTF8.self))
        if String(validating: bytes, as: UTF8.self) == nil {
            add(key + "_base64", Data(bytes).base64EncodedString())
        }
    }

    /// Adds attributes as stored: as JSON when they are JSON, else as a string, so that the line stays valid.
    public mutating func add(_ key: String, attributes: [UInt8]?) {
        guard let attributes, !attributes.isEmpty else { return add(key, raw: "null") }
        // The parser lets a byte order mark pass, which JSON itself does not (RFC 8259, section 8.1).
        let isMarked = attributes.starts(with: [0xEF, 0xBB, 0xBF])
        let isJSON =
            !isMarked && (try? JSONSerialization.jsonObject(with: Data(attributes), options: .fragmentsAllowed)) != nil
        // Between JSON's tokens a line break may be dropped; inside a string there is none.
        let line = attributes.filter { $0 != 0x0A && $0 != 0x0D }
        if isJSON, let text = String(validating: line, as: UTF8.self) {
            add(key, raw: text)
        } else {
            add(key, String(decoding: attributes, as: UTF8.self))
        }
    }

    /// `text` as a JSON string, with its quotes (RFC 8259, section 7).
    public static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}
