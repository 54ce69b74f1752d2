/// Decodes the values that `AttributeReader` finds. It has buffers for strings and arrays, to use again.
struct AttributeDecoder {
    private var text: [UInt8] = []
    private var items: [StoredValue] = []

    /// A value's text, as `JSONText.skipValue` has found it, kept in a heap. A value that cannot be had is missing and
    /// leaves nothing in the heap.
    mutating func decode(_ json: Span<UInt8>, into heap: inout ValueHeap) -> StoredValue {
        let mark = heap.used
        var position = 0
        let value =
            json[0] == .openBracket ? array(json, into: &heap) : scalar(json, at: &position, into: &heap)
        if value == .missing { heap.truncate(to: mark) }
        return value
    }

    private mutating func scalar(_ json: Span<UInt8>, at position: inout Int, into heap: inout ValueHeap) -> StoredValue
    {
        let start = position
        switch json[start] {
        case .quote:
            guard JSONText.skipString(json, &position) else { return .missing }
            return string(json.extracting(start + 1..<position - 1), into: &heap)
        case UInt8(ascii: "t"): return JSONText.skipWord("true", json, &position) ? .number(1) : .missing
        case UInt8(ascii: "f"): return JSONText.skipWord("false", json, &position) ? .number(0) : .missing
        case UInt8(ascii: "n"): return JSONText.skipWord("null", json, &position) ? .null : .missing
        default:
            guard JSONText.skipNumber(json, &position),
                let number = NumberText.parse(json.extracting(start..<position))
            else { return .missing }
            return .number(number)
        }
    }

    private mutating func string(_ raw: Span<UInt8>, into heap: inout ValueHeap) -> StoredValue {
        guard raw.indices.contains(where: { raw[$0] == .backslash }) else {
            return raw.withUnsafeBytes { heap.store(text: $0) }
        }
        text.removeAll(keepingCapacity: true)
        EscapedText.decode(raw, into: &text)
        return text.withUnsafeBytes { heap.store(text: $0) }
    }

    /// An array. Arrays in it are read, as an object in them makes the whole missing, but not kept: they are empty
    /// tuples (see `FilterValue.tuple`). So a count of open brackets is all that nesting takes.
    private mutating func array(_ json: Span<UInt8>, into heap: inout ValueHeap) -> StoredValue {
        items.removeAll(keepingCapacity: true)
        var depth = 1
        var position = 1
        // Whether a value must come: after a comma. After an opening bracket one may.
        var needsValue = false
        var hasValue = false
        while true {
            JSONText.skipSpaces(json, &position)
            guard position < json.count else { return .missing }
            if !needsValue, JSONText.skip(.closeBracket, json, &position) {
                depth -= 1
                if depth == 0 { return heap.store(items: items) }
                hasValue = true
            } else if hasValue {
                guard JSONText.skip(.comma, json, &position) else { return .missing }
                needsValue = true
                hasValue = false
            } else if JSONText.skip(.openBracket, json, &position) {
                if depth == 1 { items.append(heap.store(items: [])) }
                depth += 1
                if depth > FilterLimits.nesting { return .missing }
                needsValue = false
            } else {
                let mark = heap.used
                let item = scalar(json, at: &position, into: &heap)
                if item == .missing { return .missing }
                if depth == 1 { items.append(item) } else { heap.truncate(to: mark) }
                needsValue = false
                hasValue = true
            }
        }
    }
}
