/// The operators of the language.
enum FilterOperator: Equatable, Sendable {
    case or, and
    case greater, greaterOrEqual, less, lessOrEqual, equal, notEqual, member
    /// `a not in b`. The reference reads it as `(!a) in b`, which nobody means.
    case notMember
    case add, subtract
    case multiply, divide, remainder
    case power
    /// The only one with a single operand, which follows it.
    case not

    /// The higher, the tighter it binds.
    var precedence: Int {
        switch self {
        case .or: 1
        case .and: 2
        case .greater, .greaterOrEqual, .less, .lessOrEqual, .equal, .notEqual, .member, .notMember: 3
        case .add, .subtract: 4
        case .multiply, .divide, .remainder: 5
        case .power: 6
        case .not: 7
        }
    }

    /// Whether `a op b op c` is `a op (b op c)`.
    var isRightAssociative: Bool { self == .power }
}

/// A word of an expression.
enum FilterToken: Equatable, Sendable {
    case value(FilterValue)
    /// A selector: which of the expression's fields.
    case field(Int)
    case `operator`(FilterOperator)
    case open
    case close

    /// Whether a minus that follows is an operator, not the sign of a number.
    var endsOperand: Bool {
        switch self {
        case .value, .field, .close: true
        case .operator, .open: false
        }
    }
}

extension FilterToken {
    /// All that is spelled with letters and signs. Where one begins another, the longest is meant.
    static let spellings: [(text: String, token: FilterToken)] = [
        ("or", .operator(.or)), ("||", .operator(.or)),
        ("and", .operator(.and)), ("&&", .operator(.and)),
        (">", .operator(.greater)), (">=", .operator(.greaterOrEqual)),
        ("<", .operator(.less)), ("<=", .operator(.lessOrEqual)),
        ("==", .operator(.equal)), ("!=", .operator(.notEqual)), ("in", .operator(.member)),
        ("+", .operator(.add)), ("-", .operator(.subtract)),
        ("*", .operator(.multiply)), ("/", .operator(.divide)), ("%", .operator(.remainder)),
        ("**", .operator(.power)),
        ("!", .operator(.not)), ("not", .operator(.not)),
        ("(", .open), (")", .close),
        ("null", .value(.null)),
    ]

    /// Whether a byte can be part of a spelling.
    static func isSpelledWith(_ byte: UInt8) -> Bool { byte.isLetter || signs.contains(byte) }

    private static let signs = Array("+-*%/!()<>=|&".utf8)
}
