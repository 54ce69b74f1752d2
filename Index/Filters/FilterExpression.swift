/// A filter: a question about an element's attributes, such as `.year >= 1980 and .colour in ["red", "blue"]`.
///
/// The language is that of Redis vector sets' FILTER, down to `near` of its error messages. It is read once, into a
/// program for a machine that knows only numbers (see `FilterProgram`); `AttributeColumns.matcher(for:)` sets it to
/// work.
///
/// What there is to know beyond C's expressions:
/// - An element that lacks any of the fields, or all attributes, does not match, whatever is asked: `!.missing` and
///   `.missing or 1` are false.
/// - Where numbers are needed, strings that are numbers count as those; everything else counts as 0. Only `==` and
///   `!=` compare strings, with strings.
/// - `in` finds a value in a tuple or a string in a string.
///
/// We depart from Redis where it is plainly in error: `.n not in [5]` means what it says, `!!.n` is allowed, and escapes
/// in literals are decoded.
public struct FilterExpression: Sendable {
    /// The text that was compiled: what was given, up to a NUL byte.
    public let text: [UInt8]
    /// The names of the fields that it refers to, each once.
    public let fields: [[UInt8]]
    let program: FilterProgram

    /// Compiles a text.
    public init(_ text: [UInt8]) throws(FilterError) {
        let text = Array(text.prefix { $0 != 0 })
        guard text.count <= FilterLimits.textLength else { throw .tooLong(length: text.count) }
        let tokenizer = try FilterTokenizer(text)
        guard let nodes = FilterParser.parse(tokenizer.tokens) else { throw .syntax(near: text) }
        self.text = text
        fields = tokenizer.fields
        program = try FilterProgram(nodes)
    }

    /// Compiles a text.
    public init(_ text: String) throws(FilterError) { try self.init(Array(text.utf8)) }
}

/// Two expressions are the same if their texts are.
extension FilterExpression: Hashable {
    /// Whether the texts are the same.
    public static func == (a: FilterExpression, b: FilterExpression) -> Bool { a.text == b.text }

    /// Hashes the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
