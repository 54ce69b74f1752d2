/// Reads the few Python literals of which a .npy header is made: dictionaries with text as keys, tuples and lists, text,
/// whole numbers from 0 on, `True` and `False`.
///
/// Nesting is limited, so that hostile brackets cannot exhaust the stack.
struct PythonLiteralReader {
    /// A literal.
    indirect enum Value: Equatable {
        case text(String)
        case number(Int)
        case truth(Bool)
        case sequence([Value])
    }

    private static let nestingLimit = 8

    private let bytes: [UInt8]
    private var at = 0

    /// A reader of `text`.
    init(_ text: some Sequence<UInt8>) { bytes = Array(text) }

    /// The whole text as one dictionary.
    mutating func dictionary() throws(NPYFault) -> [String: Value] {
        var found: [String: Value] = [:]
        try expect("{")
        while !skip("}") {
            guard case .text(let key) = try value(0) else { throw fault("a key that is not text") }
            try expect(":")
            found[key] = try value(0)
            if !skip(",") {
                try expect("}")
                break
            }
        }
        skipBlanks()
        guard at == bytes.count else { throw fault("something after the dictionary") }
        return found
    }

    private mutating func value(_ depth: Int) throws(NPYFault) -> Value {
        guard depth < Self.nestingLimit else { throw fault("brackets in brackets in brackets") }
        skipBlanks()
        guard at < bytes.count else { throw fault("it ends too early") }
        switch bytes[at] {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "("): return .sequence(try sequence(until: ")", depth))
        case UInt8(ascii: "["): return .sequence(try sequence(until: "]", depth))
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default:
            if skipWord("True") { return .truth(true) }
            if skipWord("False") { return .truth(false) }
            throw fault("byte \(at) is no literal")
        }
    }

    private mutating func sequence(until end: Unicode.Scalar, _ depth: Int) throws(NPYFault) -> [Value] {
        at += 1
        var items: [Value] = []
        while !skip(end) {
            items.append(try value(depth + 1))
            if !skip(",") {
                try expect(end)
                break
            }
        }
        return items
    }

    private mutating func text() throws(NPYFault) -> String {
        let quote = bytes[at]
        guard let end = bytes[(at + 1)...].firstIndex(of: quote) else { throw fault("a quote that does not end") }
        defer { at = end + 1 }
        return String(decoding: bytes[(at + 1)..<end], as: UTF8.self)
    }

    private mutating func number() throws(NPYFault) -> Int {
        let digits = bytes[at...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        at = digits.endIndex
        // Python 2 wrote its long numbers so.
        if at < bytes.count, bytes[at] == UInt8(ascii: "L") { at += 1 }
        guard let number = Int(String(decoding: digits, as: UTF8.self)) else { throw .overflow }
        return number
    }

    private mutating func skipBlanks() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard at < bytes.count, bytes[at] == UInt8(ascii: scalar) else { return false }
        at += 1
        return true
    }

    private mutating func skipWord(_ word: String) -> Bool {
        guard bytes[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(NPYFault) {
        if !skip(scalar) { throw fault("no '\(scalar)' at byte \(at)") }
    }

    private func fault(_ what: String) -> NPYFault { .header(what) }
}
