import Filters
import Foundation
import TestSupport

/// The language a second time, with nothing in common with the first but its values: expressions are made as trees and
/// written out, rows are made as values and written out as JSON, and the truth is found by walking the tree. It knows
/// neither tokens nor columns nor demands.
indirect enum ModelExpression {
    case value(FilterValue)
    case field(String)
    case not(ModelExpression)
    case binary(String, ModelExpression, ModelExpression)
}

/// A row: what it has, by field. Objects and the like are not in it, as they count as missing.
typealias ModelRow = [String: FilterValue]

extension ModelExpression {
    /// Whether a row matches; nil is a row without attributes.
    func matches(_ row: ModelRow?) -> Bool {
        guard let row, fields.allSatisfy({ row[$0] != nil }) else { return false }
        return Self.truth(value(row))
    }

    private var fields: [String] {
        switch self {
        case .value: []
        case .field(let name): [name]
        case .not(let operand): operand.fields
        case .binary(_, let left, let right): left.fields + right.fields
        }
    }

    private func value(_ row: ModelRow) -> FilterValue {
        switch self {
        case .value(let value): return value
        case .field(let name): return row[name]!
        case .not(let operand): return .number(Self.truth(operand.value(row)) ? 0 : 1)
        case .binary(let symbol, let left, let right):
            return .number(Self.result(symbol, left.value(row), right.value(row)))
        }
    }

    private static func result(_ symbol: String, _ a: FilterValue, _ b: FilterValue) -> Double {
        func one(_ condition: Bool) -> Double { condition ? 1 : 0 }
        let (x, y) = (number(a), number(b))
        switch symbol {
        case "or": return one(truth(a) || truth(b))
        case "and": return one(truth(a) && truth(b))
        case ">": return one(x > y)
        case ">=": return one(x >= y)
        case "<": return one(x < y)
        case "<=": return one(x <= y)
        case "==": return one(areEqual(a, b))
        case "!=": return one(!areEqual(a, b))
        case "in": return one(isMember(a, b))
        case "not in": return one(!isMember(a, b))
        case "+": return x + y
        case "-": return x - y
        case "*": return x * y
        case "/": return x / y
        case "%": return x.truncatingRemainder(dividingBy: y)
        case "**": return Foundation.pow(x, y)
        default: fatalError(symbol)
        }
    }

    private static func truth(_ value: FilterValue) -> Bool {
        switch value {
        case .null: false
        case .number(let number): number != 0
        case .string(let text): !text.isEmpty
        case .tuple: true
        }
    }

    private static func number(_ value: FilterValue) -> Double {
        switch value {
        case .number(let number): number
        case .string(let text): Model.numericStrings[String(decoding: text, as: UTF8.self)] ?? 0
        case .null, .tuple: 0
        }
    }

    private static func areEqual(_ a: FilterValue, _ b: FilterValue) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)): a == b
        case (.null, .null): true
        case (.null, _), (_, .null): false
        default: number(a) == number(b)
        }
    }

    private static func isMember(_ a: FilterValue, _ b: FilterValue) -> Bool {
        switch (a, b) {
        case (_, .tuple(let items)): return items.contains { areEqual(a, $0) }
        case (.string(let part), .string(let whole)):
            return (0...max(0, whole.count - part.count)).contains { whole.dropFirst($0).starts(with: part) }
        default: return false
        }
    }
}

/// Draws expressions and rows, and writes them out in one of the ways in which they can be written.
struct Model {
    var random: SeededRandom

    /// `n` is a number and `s` a string in all rows that have them, so that columns of one kind are tried as well.
    static let fields = ["a", "b", "long-name_1", "n", "s"]
    static let numericStrings: [String: Double] = [
        "5": 5, "-2.5": -2.5, " 5": 5, "0x10": 16, "1e2": 100, "inf": .infinity, "00000003": 3,
    ]
    private static let strings =
        Array(numericStrings.keys).sorted() + [
            "", "a", "ab", "abc", "abcdefg", "abcdefgh", "the brown fox", "the brown cow", "5 ", "é\"\\\n'", "fox",
            "\0", "nul",
        ]
    private static let numbers: [Double] = [0, 1, -1, 2, 5, 0.5, -2.5, 100, 3, 1e300, 123456.789]
    private static let levels = [
        ["or"], ["and"], [">", ">=", "<", "<=", "==", "!=", "==", "!=", "in", "not in", "in"], ["+", "-"],
        ["*", "/", "%"], ["**"],
    ]

    private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

    private mutating func pick<Item>(_ items: [Item]) -> Item { items.randomElement(using: &random)! }

    private mutating func string() -> FilterValue { .string(Array(pick(Self.strings).utf8)) }

    private mutating func number() -> FilterValue { .number(pick(Self.numbers)) }
}

// Expressions.
extension Model {
    mutating func expression(depth: Int) -> ModelExpression {
        if depth == 0 || chance(8) {
            if !chance(3) { return .field(pick(Self.fields)) }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return .value(.null)
            case 1:
                return .value(
                    .tuple((0..<Int.random(in: 0..<4, using: &random)).map { _ in chance(2) ? number() : string() }))
            case 2, 3: return .value(string())
            default: return .value(number())
            }
        }
        if chance(6) { return .not(expression(depth: depth - 1)) }
        let symbol = pick(pick(Self.levels))
        return .binary(symbol, expression(depth: depth - 1), expression(depth: depth - 1))
    }

    /// The expression as text, with the parentheses it needs and some that it does not.
    mutating func text(_ expression: ModelExpression, within level: Int = 0) -> String {
        let (text, own) = bare(expression)
        return own < level || chance(8) ? "(" + space() + text + space() + ")" : text
    }

    /// The text, and how tightly its operator binds.
    private mutating func bare(_ expression: ModelExpression) -> (String, Int) {
        switch expression {
        case .value(let value): return (literal(value), 8)
        case .field(let name): return ("." + name + " ", 8)
        case .not(let operand): return (pick(["!", "not", "! ", "not "]) + text(operand, within: 7), 7)
        case .binary(let symbol, let left, let right):
            let level = Self.levels.firstIndex { $0.contains(symbol) }! + 1
            let isRight = symbol == "**"
            let sign = symbol == "or" ? pick(["or", "||"]) : symbol == "and" ? pick(["and", "&&"]) : symbol
            let before = text(left, within: isRight ? level + 1 : level)
            return (before + space() + sign + space() + text(right, within: isRight ? level : level + 1), level)
        }
    }

    private mutating func space() -> String { pick(["", " ", " ", "\n"]) }

    private mutating func literal(_ value: FilterValue) -> String {
        switch value {
        case .null: return "null"
        case .number(let number): return Self.decimal(number).replacingOccurrences(of: "e+", with: "e")
        case .string(let text): return quoted(text, quote: pick(["\"", "'"]))
        case .tuple(let items):
            return "[" + items.map { literal($0) + space() }.joined(separator: ",")
                + (items.isEmpty || chance(2) ? "" : ",") + "]"
        }
    }

    private static func decimal(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
    }

    /// Escaped where it must be; NULs always are, since a filter ends at one.
    private func quoted(_ text: [UInt8], quote: String) -> String {
        var result = quote
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\\": result += "\\\\"
            case "\0": result += "\\u0000"
            default: result += String(scalar) == quote ? "\\" + quote : String(scalar)
            }
        }
        return result + quote
    }
}

// Rows.
extension Model {
    /// A row and the attributes that say the same; nil is an element without attributes.
    mutating func row() -> (ModelRow?, [UInt8]?) {
        if chance(10) { return (nil, nil) }
        var row: ModelRow = [:]
        var members: [String] = []
        for name in Self.fields.shuffled(using: &random) {
            if chance(6) {
                members.append("\"other\(members.count)\":" + pick(["{\"a\":1}", "[{\"n\":[2]}]", "\"}\"", "+1"]))
            }
            if chance(12) { continue }
            if name != "n" && name != "s" && chance(15) {
                members.append("\"\(name)\":" + pick(["{}", "[1,{\"a\":2}]", "{\"b\":{\"a\":1}}"]))
                continue
            }
            let (value, json) = member(name)
            row[name] = value
            members.append("\"\(name)\"" + space() + ":" + space() + json + space())
            if chance(12) { members.append("\"\(name)\":17") }
        }
        return (
            row, Array((space() + "{" + members.joined(separator: "," + space()) + pick(["}", "} junk", ""])).utf8)
        )
    }

    private mutating func member(_ name: String) -> (FilterValue, String) {
        if name == "n" || name == "s" {
            let value = name == "n" ? number() : string()
            return (value, json(value))
        }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return (.null, "null")
        case 1: return chance(2) ? (.number(1), "true") : (.number(0), "false")
        case 2:
            var items = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
                chance(4) ? .null : chance(2) ? number() : string()
            }
            var texts = items.map { json($0) }
            if chance(4) {
                items.append(.tuple([]))
                texts.append("[1,[\"the brown fox\"]]")
            }
            return (.tuple(items), "[" + texts.joined(separator: "," + space()) + "]")
        case 3, 4, 5:
            let value = string()
            return (value, json(value))
        default:
            let value = number()
            return (value, json(value))
        }
    }

    private func json(_ value: FilterValue) -> String {
        switch value {
        case .null: "null"
        case .number(let number): Self.decimal(number)
        case .string(let text): quoted(text, quote: "\"")
        case .tuple: fatalError("no tuple within a tuple")
        }
    }
}
