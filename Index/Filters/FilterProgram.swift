/// An operation on two numbers. What is true is 1.
enum NumberOperator: Sendable {
    case or, and
    case greater, greaterOrEqual, less, lessOrEqual, equal
    case add, subtract, multiply, divide, remainder, power
    /// `in` with a number on its right: false.
    case never
}

/// Where an instruction finds a value that is not simply a number.
enum FilterOperand: Sendable {
    /// The number on top of the stack.
    case top
    /// The row's value of one of the expression's fields.
    case field(Int32)
    /// One of the program's values.
    case literal(Int32)
}

/// An instruction of the machine: each pushes a number, in place of those it takes.
enum FilterInstruction: Sendable {
    case number(Double)
    /// A field as a number.
    case fieldNumber(Int32)
    /// A field as a truth: not zero if it is true.
    case fieldTruth(Int32)
    case not
    case binary(NumberOperator)
    case equal(FilterOperand, FilterOperand)
    case member(FilterOperand, FilterOperand)
}

/// An expression made ready for a machine with a stack of nothing but binary64 numbers.
///
/// That such a machine is enough is the language's doing. Each operator's result is a number; only selectors and
/// literals can be something else, and what consumes them tells what is wanted of them: arithmetic and order want a
/// number, logic wants a truth, so the value is made one as it is pushed. Only `==`, `!=` and `in` care what their
/// operands are, and they fetch such an operand themselves instead of having it pushed. So a row costs no decoding of
/// tagged values, and a thousand rows at a time are arrays of numbers (see `FilterMatcher+Blocks`).
///
/// Missing fields are not the program's affair: a row that lacks one never gets here.
struct FilterProgram: Sendable {
    private(set) var instructions: [FilterInstruction] = []
    /// What `FilterOperand.literal` refers to, and the heap of these values.
    private(set) var literals: [StoredValue] = []
    private(set) var literalBytes: [UInt8] = []
    /// How many numbers the stack must hold.
    private(set) var depth = 0

    /// Compiles a tree: its nodes in the order of evaluation.
    init(_ nodes: [FilterNode]) throws(FilterError) {
        let demands = Self.demands(nodes)
        var heap = ValueHeap()
        var height = 0
        for (node, demand) in zip(nodes, demands) where demand != .itself {
            switch node {
            case .value(let value):
                let stored = heap.store(value)
                emit(.number(demand == .truth ? heap.view(stored).truth : heap.view(stored).number), &height)
            case .field(let field):
                emit(demand == .truth ? .fieldTruth(Int32(field)) : .fieldNumber(Int32(field)), &height)
            case .not:
                emit(.not, &height)
            case .binary(let symbol, let left, let right):
                if demands[left] == .itself || demands[right] == .itself {
                    let a = operand(nodes[left], demands[left], &heap)
                    let b = operand(nodes[right], demands[right], &heap)
                    emit(symbol == .equal || symbol == .notEqual ? .equal(a, b) : .member(a, b), &height)
                } else {
                    emit(.binary(Self.numberOperator(symbol)), &height)
                }
                if symbol == .notEqual || symbol == .notMember { emit(.not, &height) }
            }
            if depth > FilterLimits.depth { throw .tooDeep }
        }
        literalBytes = heap.bytes
    }

    private mutating func emit(_ instruction: FilterInstruction, _ height: inout Int) {
        instructions.append(instruction)
        switch instruction {
        case .number, .fieldNumber, .fieldTruth: height += 1
        case .not: break
        case .binary: height -= 1
        case .equal(let left, let right), .member(let left, let right):
            height += 1
            if case .top = left { height -= 1 }
            if case .top = right { height -= 1 }
        }
        depth = max(depth, height)
    }

    private mutating func operand(
        _ node: FilterNode, _ demand: Demand, _ heap: inout ValueHeap
    ) -> FilterOperand {
        switch node {
        case .field(let field) where demand == .itself: return .field(Int32(field))
        case .value(let value) where demand == .itself:
            literals.append(heap.store(value))
            return .literal(Int32(literals.count - 1))
        default: return .top
        }
    }
}

// What is wanted of a node by the one that consumes it.
extension FilterProgram {
    private enum Demand {
        case number, truth
        /// To be left alone: the consumer fetches it.
        case itself
    }

    /// What is wanted of each node. Of the root, a truth.
    private static func demands(_ nodes: [FilterNode]) -> [Demand] {
        var demands = [Demand](repeating: .truth, count: nodes.count)
        for node in nodes {
            guard case .binary(let symbol, let left, let right) = node else { continue }
            switch symbol {
            case .or, .and, .not: break
            case .equal, .notEqual:
                // Beside a computed number, a literal is known to be compared as a number too, unless it is null.
                let besideNumber = isComputed(nodes[left]) || isComputed(nodes[right])
                for part in [left, right] where !isComputed(nodes[part]) {
                    demands[part] = besideNumber && isNumeric(literal: nodes[part]) ? .number : .itself
                }
            case .member, .notMember:
                let isNever = isComputed(nodes[right])
                if !isComputed(nodes[left]) { demands[left] = isNever ? .number : .itself }
                if !isComputed(nodes[right]) { demands[right] = .itself }
            default:
                demands[left] = .number
                demands[right] = .number
            }
        }
        return demands
    }

    private static func isComputed(_ node: FilterNode) -> Bool {
        switch node {
        case .not, .binary: true
        case .value, .field: false
        }
    }

    private static func isNumeric(literal node: FilterNode) -> Bool {
        guard case .value(let value) = node else { return false }
        return value != .null
    }

    private static func numberOperator(_ symbol: FilterOperator) -> NumberOperator {
        switch symbol {
        case .or: .or
        case .and: .and
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .equal, .notEqual: .equal
        case .member, .notMember: .never
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        case .power: .power
        case .not: preconditionFailure("not has one operand")
        }
    }
}
