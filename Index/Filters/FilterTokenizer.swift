/// Text to tokens.
///
/// A word needs no space beside it, and letters and signs run together: of a run such as `!(!` or `notin` the longest
/// spelling at its start is taken, and the rest is looked at anew. If none fits, the whole run is passed over before
/// the fault is reported. That makes the `near` of `.n = 5` come out as ` 5`, as the reference prints it.
struct FilterTokenizer {
    private let text: [UInt8]
    private var position = 0
    /// Tokens and the values within tuples.
    private var tokenCount = 0
    private(set) var tokens: [FilterToken] = []
    /// The names of selectors, each once, in the order of their first use.
    private(set) var fields: [[UInt8]] = []

    /// Reads a whole text, which has no NUL in it.
    init(_ text: [UInt8]) throws(FilterError) {
        self.text = text
        while let byte = nextAfterSpaces() { tokens.append(try token(from: byte)) }
    }

    private var next: UInt8? { position < text.count ? text[position] : nil }

    private func byte(after offset: Int) -> UInt8? {
        position + offset < text.count ? text[position + offset] : nil
    }

    private mutating func nextAfterSpaces() -> UInt8? {
        while let byte = next, byte.isSpace { position += 1 }
        return next
    }

    /// A fault at the position reached. At the end there is nothing left to print, so the whole text is.
    private func fault() -> FilterError {
        .syntax(near: position < text.count ? Array(text[position...]) : text)
    }

    private mutating func countToken() throws(FilterError) {
        tokenCount += 1
        if tokenCount > FilterLimits.tokens { throw .tooManyTokens }
    }

    private mutating func token(from first: UInt8) throws(FilterError) -> FilterToken {
        try countToken()
        let startsSignedNumber = first == .minus && byte(after: 1)?.isDigit == true && tokens.last?.endsOperand != true
        if first.isDigit || startsSignedNumber { return .value(try number()) }
        if first == .quote || first == .apostrophe { return .value(try string(quote: first)) }
        if first == .dot, let start = byte(after: 1), Self.isNamedWith(start) { return try field() }
        if first == .openBracket { return .value(try tuple()) }
        if FilterToken.isSpelledWith(first) { return try spelled() }
        throw fault()
    }

    /// The characters of a field's name.
    private static func isNamedWith(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == .minus || byte == UInt8(ascii: "_")
    }

    /// Digits with points and exponents anywhere among them; whether they make a number is found out afterwards. An
    /// exponent has no sign: `5e-1` stops before the minus and is a fault.
    private mutating func number() throws(FilterError) -> FilterValue {
        let start = position
        if next == .minus { position += 1 }
        while let byte = next, byte.isDigit || byte == .dot || byte | 0x20 == UInt8(ascii: "e") {
            if position - start == FilterLimits.numberLength { throw fault() }
            position += 1
        }
        guard let number = NumberText.parse(text.span.extracting(start..<position)) else { throw fault() }
        return .number(number)
    }

    private mutating func string(quote: UInt8) throws(FilterError) -> FilterValue {
        position += 1
        let start = position
        while let byte = next, byte != quote {
            position += byte == .backslash ? 2 : 1
        }
        guard position < text.count else { throw fault() }
        var decoded: [UInt8] = []
        EscapedText.decode(text.span.extracting(start..<position), into: &decoded)
        position += 1
        return .string(decoded)
    }

    private mutating func field() throws(FilterError) -> FilterToken {
        position += 1
        let start = position
        while let byte = next, Self.isNamedWith(byte) { position += 1 }
        let name = Array(text[start..<position])
        if let known = fields.firstIndex(of: name) { return .field(known) }
        guard fields.count < FilterLimits.fields else { throw .tooManyFields }
        fields.append(name)
        return .field(fields.count - 1)
    }

    /// `[`, numbers and strings with commas between, after the last one too if you like, `]`.
    private mutating func tuple() throws(FilterError) -> FilterValue {
        position += 1
        var items: [FilterValue] = []
        while let first = nextAfterSpaces(), first != .closeBracket {
            try countToken()
            if first.isDigit || first == .minus {
                items.append(try number())
            } else if first == .quote || first == .apostrophe {
                items.append(try string(quote: first))
            } else {
                throw fault()
            }
            guard let separator = nextAfterSpaces(), separator == .comma || separator == .closeBracket else {
                throw fault()
            }
            if separator == .comma { position += 1 }
        }
        guard next == .closeBracket else { throw fault() }
        position += 1
        return .tuple(items)
    }

    private mutating func spelled() throws(FilterError) -> FilterToken {
        let rest = text[position...]
        let fitting = FilterToken.spellings.filter { rest.starts(with: $0.text.utf8) }
        if let best = fitting.max(by: { $0.text.utf8.count < $1.text.utf8.count }) {
            position += best.text.utf8.count
            return best.token
        }
        while let byte = next, FilterToken.isSpelledWith(byte) { position += 1 }
        throw fault()
    }
}
