/// Why a text is not a filter expression.
public enum FilterError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not of the language. `near` is what the reference prints after "near: ": the text from the fault on, where
    /// reading stopped at something that is no token; the whole text, where that was its end, or where the tokens do
    /// not fit together.
    case syntax(near: [UInt8])
    /// More than `FilterLimits.textLength` bytes.
    case tooLong(length: Int)
    /// More than `FilterLimits.tokens` tokens.
    case tooManyTokens
    /// More than `FilterLimits.fields` fields.
    case tooManyFields
    /// More than `FilterLimits.depth` operands wait for their operators.
    case tooDeep

    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .syntax(let near):
            "syntax error in FILTER expression near: \(String(decoding: near, as: UTF8.self))"
        case .tooLong(let length):
            "the FILTER expression has \(length) bytes but at most \(FilterLimits.textLength) are allowed; shorten it"
        case .tooManyTokens:
            "the FILTER expression has more than \(FilterLimits.tokens) words and values; shorten it"
        case .tooManyFields:
            "the FILTER expression refers to more than \(FilterLimits.fields) fields; use fewer"
        case .tooDeep:
            "the FILTER expression is nested deeper than \(FilterLimits.depth); write the nested part first"
        }
    }
}
