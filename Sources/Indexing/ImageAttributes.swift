import Foundation
import ImageDecoding
import JSONLines

/// The attributes that indexing gives an element: `path`, `bytes`, `modified`, `width`, `height`, `format`.
///
/// They are also how a later run knows that a file is unchanged, whether the collection is a store's or a server's.
public struct ImageAttributes: Sendable, Equatable {
    /// What a file looked like when it was indexed.
    struct Stamp: Decodable, Equatable {
        var path: String
        /// The path's own bytes where they are not UTF-8.
        var path_base64: String?
        var bytes: Int
        /// Seconds since 1970, to the microsecond.
        var modified: Double

        /// The same file, as far as place, size and time tell. The place counts: copies keep sizes and times.
        func matches(_ file: FoundFile) -> Bool {
            let place = path_base64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? [UInt8](path.utf8)
            return bytes == file.bytes && Int(exactly: (modified * 1_000_000).rounded()) == file.modified
                && place == file.path
        }
    }

    private static let keys: Set<String> = [
        "path", "path_base64", "bytes", "modified", "width", "height", "format", "truncated",
    ]

    /// Where text that was no JSON object goes when a picture is indexed over it.
    private static let formerKey = "text"

    /// Whether `attributes`, as stored, say that `file` has been indexed as it is.
    static func describe(_ attributes: [UInt8]?, _ file: FoundFile) -> Bool {
        guard let attributes, let stamp = try? JSONDecoder().decode(Stamp.self, from: Data(attributes)) else {
            return false
        }
        return stamp.matches(file)
    }

    /// The attributes of a picture; what users have added to the element before is kept.
    static func json(
        of file: FoundFile, _ facts: ImageFacts, isTruncated: Bool, keeping former: [UInt8]? = nil
    ) -> [UInt8] {
        var line = JSONLine()
        line.add("path", name: file.path)
        line.add("bytes", file.bytes)
        line.add("modified", raw: seconds(file.modified))
        line.add("width", facts.width)
        line.add("height", facts.height)
        line.add("format", facts.format.rawValue)
        if isTruncated { line.add("truncated", true) }
        guard let former, !former.isEmpty else { return line.bytes }
        guard let object = try? JSONSerialization.jsonObject(with: Data(former)) as? [String: Any] else {
            // Attributes may be any text; what somebody wrote there is not ours to drop.
            line.add(formerKey, String(decoding: former, as: UTF8.self))
            return line.bytes
        }
        for (key, value) in object.sorted(by: { $0.key < $1.key }) where !keys.contains(key) {
            let options: JSONSerialization.WritingOptions = [.fragmentsAllowed, .sortedKeys]
            if let json = try? JSONSerialization.data(withJSONObject: value, options: options) {
                line.add(key, raw: String(decoding: json, as: UTF8.self))
            }
        }
        return line.bytes
    }

    /// Microseconds as a decimal number of seconds, exactly.
    static func seconds(_ microseconds: Int) -> String {
        let (whole, part) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if part == 0 { return String(whole) }
        let digits = String(abs(part))
        return (microseconds < 0 && whole == 0 ? "-0" : String(whole)) + "."
            + String(repeating: "0", count: 6 - digits.count)
            + digits
    }
}
