/// A part of an expression with what it consists of, by number.
enum FilterNode: Equatable {
    case value(FilterValue)
    case field(Int)
    case not(Int)
    case binary(FilterOperator, Int, Int)
}

/// Tokens to a tree, by Dijkstra's shunting yard: no recursion, so however deep hostile parentheses go they only
/// lengthen an array.
///
/// The textbook's algorithm takes `1 2 +` for a sum as well. Here an operand and an operator must come in turn, which
/// `parse` keeps account of.
struct FilterParser {
    /// The tree's nodes in the order of evaluation: parts before the whole, left before right, the root last.
    private var nodes: [FilterNode] = []
    /// Nodes that are not yet part of another.
    private var operands: [Int] = []
    /// Operators and open parentheses whose right side has not ended.
    private var pending: [FilterToken] = []

    /// The tree's nodes, or nil if the tokens do not make one.
    static func parse(_ tokens: [FilterToken]) -> [FilterNode]? {
        var parser = FilterParser()
        var wantsOperand = true
        var position = 0
        while position < tokens.count {
            let token = tokens[position]
            position += 1
            switch (token, wantsOperand) {
            case (.value(let value), true):
                parser.add(.value(value))
                wantsOperand = false
            case (.field(let field), true):
                parser.add(.field(field))
                wantsOperand = false
            case (.open, true), (.operator(.not), true):
                parser.pending.append(token)
            case (.close, false):
                guard parser.close() else { return nil }
            case (.operator(.not), false):
                guard position < tokens.count, tokens[position] == .operator(.member) else { return nil }
                position += 1
                parser.push(.notMember)
                wantsOperand = true
            case (.operator(let symbol), false):
                parser.push(symbol)
                wantsOperand = true
            default: return nil
            }
        }
        return wantsOperand ? nil : parser.finish()
    }

    private mutating func add(_ node: FilterNode) {
        operands.append(nodes.count)
        nodes.append(node)
    }

    /// An operator between two operands, the left one of which has been read: what binds tighter, and of what binds as
    /// tight all that associates to the left, is complete.
    private mutating func push(_ symbol: FilterOperator) {
        while case .operator(let before) = pending.last,
            before.precedence > symbol.precedence
                || (before.precedence == symbol.precedence && !symbol.isRightAssociative)
        {
            pending.removeLast()
            apply(before)
        }
        pending.append(.operator(symbol))
    }

    private mutating func apply(_ symbol: FilterOperator) {
        let right = operands.removeLast()
        if symbol == .not { return add(.not(right)) }
        add(.binary(symbol, operands.removeLast(), right))
    }

    /// A closing parenthesis: false if there is none to close.
    private mutating func close() -> Bool {
        while let last = pending.popLast() {
            guard case .operator(let symbol) = last else { return true }
            apply(symbol)
        }
        return false
    }

    private consuming func finish() -> [FilterNode]? {
        while let last = pending.popLast() {
            guard case .operator(let symbol) = last else { return nil }
            apply(symbol)
        }
        return nodes
    }
}
