/// The text between the quotes of a string, with its escapes decoded. Literals of the language and strings of JSON go
/// through the same function, so that a value and a literal that are written alike are alike.
///
/// The escapes are JSON's, `\'` and whatever else is harmless: a backslash before any other character stands for that
/// character. Nothing is refused. A surrogate without its partner becomes U+FFFD, `\u` without four hexadecimal digits
/// is a `u`.
enum EscapedText {
    /// Appends the decoded text to `result`.
    static func decode(_ raw: Span<UInt8>, into result: inout [UInt8]) {
        var position = 0
        while position < raw.count {
            let byte = raw[position]
            position += 1
            guard byte == .backslash, position < raw.count else {
                result.append(byte)
                continue
            }
            let escaped = raw[position]
            position += 1
            switch escaped {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"):
                if let scalar = scalar(raw, at: &position) {
                    result.append(contentsOf: UTF8.encode(scalar)!)
                } else {
                    result.append(escaped)
                }
            default: result.append(escaped)
            }
        }
    }

    /// The scalar whose digits begin at `position`: four of them, or two times four with `\u` between.
    private static func scalar(_ raw: Span<UInt8>, at position: inout Int) -> Unicode.Scalar? {
        guard let first = unit(raw, at: position) else { return nil }
        position += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        let isHigh = first < 0xDC00
        if isHigh, position + 1 < raw.count, raw[position] == .backslash, raw[position + 1] == UInt8(ascii: "u"),
            let second = unit(raw, at: position + 2), (0xDC00...0xDFFF).contains(second)
        {
            position += 6
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        }
        return "\u{FFFD}"
    }

    private static func unit(_ raw: Span<UInt8>, at start: Int) -> UInt32? {
        guard start + 4 <= raw.count else { return nil }
        var unit: UInt32 = 0
        for i in start..<start + 4 {
            guard let digit = raw[i].hexadecimal else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}
