/// Finds the values of some fields in an element's attributes, in one pass.
///
/// The attributes are a JSON object, but nobody has checked that they are. What is read is what the reference reads:
/// - The text is looked at up to the last wanted field only, and up to the first fault. Fields that come before it
///   count, the others are missing. What lies within brackets that nobody asked for is passed over unread, strings
///   aside.
/// - Keys are compared as they are written, escapes and all. Of the same key twice, the first counts.
/// - `true` and `false` are 1 and 0. A field whose value is an object, or an array with an object somewhere in it, is
///   missing; so is one whose value is no JSON, but the fields that follow it may still be found.
///
/// Whether a field is found does not depend on which others are looked for. Columns rely on that.
package struct AttributeReader: Sendable {
    /// The names of all wanted fields, one after the other, and where each ends: a search among them then touches one
    /// array, not an array for each.
    private var names: [UInt8] = []
    private var ends: [Int] = []

    /// A reader of those fields, at most `FilterLimits.fields`.
    package init(fields: [[UInt8]]) {
        precondition(fields.count <= FilterLimits.fields)
        for field in fields {
            names += field
            ends.append(names.count)
        }
    }

    /// The values of the fields in their order; nil for those that are missing.
    package func values(in attributes: [UInt8]) -> [FilterValue?] {
        var values = [FilterValue?](repeating: nil, count: ends.count)
        var heap = ValueHeap()
        var decoder = AttributeDecoder()
        forEachField(of: attributes.span) { field, text in
            values[field] = heap.view(decoder.decode(text, into: &heap)).value
        }
        return values
    }

    /// Calls `body` with the number of each wanted field that is there and the text of its value.
    func forEachField(of attributes: Span<UInt8>, _ body: (Int, Span<UInt8>) -> Void) {
        var sought: UInt64 = ends.count == 64 ? .max : 1 << UInt64(ends.count) - 1
        var position = 0
        JSONText.skipSpaces(attributes, &position)
        guard JSONText.skip(.openBrace, attributes, &position) else { return }
        while sought != 0 {
            JSONText.skipSpaces(attributes, &position)
            let keyStart = position + 1
            guard JSONText.skipString(attributes, &position) else { return }
            let keyEnd = position - 1
            JSONText.skipSpaces(attributes, &position)
            guard JSONText.skip(.colon, attributes, &position) else { return }
            JSONText.skipSpaces(attributes, &position)
            let start = position
            guard JSONText.skipValue(attributes, &position) else { return }
            if let field = field(named: attributes.extracting(keyStart..<keyEnd), among: sought) {
                sought &= ~(1 << UInt64(field))
                body(field, attributes.extracting(start..<position))
            }
            JSONText.skipSpaces(attributes, &position)
            guard JSONText.skip(.comma, attributes, &position) else { return }
        }
    }

    private func field(named name: Span<UInt8>, among sought: UInt64) -> Int? {
        var start = 0
        for (field, end) in ends.enumerated() {
            let candidate = start..<end
            start = end
            guard candidate.count == name.count, sought >> UInt64(field) & 1 == 1 else { continue }
            if name.indices.allSatisfy({ name[$0] == names[candidate.lowerBound + $0] }) { return field }
        }
        return nil
    }
}

/// Passes over parts of a JSON text, from a position on. False means that there is no such part; where the position is
/// then is of no interest.
enum JSONText {
    static func skipSpaces(_ text: Span<UInt8>, _ position: inout Int) {
        while position < text.count, text[position].isSpace { position += 1 }
    }

    static func skip(_ byte: UInt8, _ text: Span<UInt8>, _ position: inout Int) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    /// From one quote to the next that no backslash precedes.
    static func skipString(_ text: Span<UInt8>, _ position: inout Int) -> Bool {
        guard skip(.quote, text, &position) else { return false }
        while position < text.count {
            let byte = text[position]
            position += byte == .backslash ? 2 : 1
            if byte == .quote { return true }
        }
        return false
    }

    /// A run of what numbers are made of, beginning with a digit or a sign.
    static func skipNumber(_ text: Span<UInt8>, _ position: inout Int) -> Bool {
        guard position < text.count, text[position].isDigit || text[position] == .minus || text[position] == .plus
        else { return false }
        while position < text.count {
            let byte = text[position]
            guard byte.isDigit || byte == .dot || byte | 0x20 == UInt8(ascii: "e") || byte == .minus || byte == .plus
            else { break }
            position += 1
        }
        return true
    }

    static func skipWord(_ word: StaticString, _ text: Span<UInt8>, _ position: inout Int) -> Bool {
        guard text.count - position >= word.utf8CodeUnitCount else { return false }
        for i in 0..<word.utf8CodeUnitCount where text[position + i] != word.utf8Start[i] { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    /// Any value. Of arrays and objects only the brackets are counted, both kinds alike, so their depth is no matter.
    static func skipValue(_ text: Span<UInt8>, _ position: inout Int) -> Bool {
        guard position < text.count else { return false }
        switch text[position] {
        case .quote: return skipString(text, &position)
        case .openBrace, .openBracket: return skipBrackets(text, &position)
        case UInt8(ascii: "t"): return skipWord("true", text, &position)
        case UInt8(ascii: "f"): return skipWord("false", text, &position)
        case UInt8(ascii: "n"): return skipWord("null", text, &position)
        default: return skipNumber(text, &position)
        }
    }

    private static func skipBrackets(_ text: Span<UInt8>, _ position: inout Int) -> Bool {
        var depth = 0
        while position < text.count {
            switch text[position] {
            case .quote:
                guard skipString(text, &position) else { return false }
                continue
            case .openBrace, .openBracket: depth += 1
            case .closeBrace, .closeBracket: depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return true }
        }
        return false
    }
}
