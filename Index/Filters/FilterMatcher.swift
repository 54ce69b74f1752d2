#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A filter set to work on columns: which rows match.
///
/// It points into the columns, and is good until they are next changed; using it later traps. Make one for each search,
/// under the lock that the search holds.
///
/// Thread-safety: as long as nobody changes the columns, any number of threads may use it.
public final class FilterMatcher {
    /// All in plain memory, so that looking at a row touches no reference count.
    private let instructions: UnsafeMutableBufferPointer<FilterInstruction>
    let views: UnsafeMutableBufferPointer<ColumnView>
    private let literals: UnsafeMutableBufferPointer<StoredValue>
    private let literalHeap: ValueHeap
    private let literalBase: UnsafeRawPointer
    let depth: Int
    let rowCount: Int
    let columns: AttributeColumns
    private let version: Int

    init(program: FilterProgram, views: [ColumnView], columns: AttributeColumns) {
        instructions = Self.copy(program.instructions)
        self.views = Self.copy(views)
        literals = Self.copy(program.literals)
        let heap = ValueHeap(copying: program.literalBytes)
        literalBase = UnsafeRawPointer(heap.base)
        literalHeap = heap
        depth = program.depth
        rowCount = columns.rowCount
        self.columns = columns
        version = columns.version
    }

    deinit {
        instructions.deallocate()
        views.deallocate()
        literals.deallocate()
    }

    private static func copy<Item: BitwiseCopyable>(_ items: [Item]) -> UnsafeMutableBufferPointer<Item> {
        let copied = UnsafeMutableBufferPointer<Item>.allocate(capacity: items.count)
        _ = copied.initialize(fromContentsOf: items)
        return copied
    }

    func checkVersion() {
        precondition(version == columns.version, "a matcher must not be used after its columns have changed")
    }

    /// Whether a row matches. One that does not exist does not.
    public func matches(_ id: UInt32) -> Bool {
        checkVersion()
        let row = Int(id)
        guard row < rowCount else { return false }
        for view in views where view.kinds[row] == .missing { return false }
        // A row that has a field has attributes.
        if views.isEmpty && !columns.isPresent(row) { return false }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: depth) { stack in
            run(row, stack: stack.baseAddress!) != 0
        }
    }

    @inline(__always)
    private func run(_ row: Int, stack: UnsafeMutablePointer<Double>) -> Double {
        // Points to the next free place.
        var top = stack
        for instruction in instructions {
            switch instruction {
            case .number(let number):
                top.pointee = number
                top += 1
            case .fieldNumber(let field):
                top.pointee = views[Int(field)].value(row).number
                top += 1
            case .fieldTruth(let field):
                top.pointee = views[Int(field)].value(row).truth
                top += 1
            case .not:
                top[-1] = top[-1] == 0 ? 1 : 0
            case .binary(let symbol):
                top -= 1
                top[-1] = symbol.apply(top[-1], top[0])
            case .equal(let left, let right):
                let right = fetch(right, row, &top)
                let left = fetch(left, row, &top)
                top.pointee = left.equals(right) ? 1 : 0
                top += 1
            case .member(let left, let right):
                let right = fetch(right, row, &top)
                let left = fetch(left, row, &top)
                top.pointee = left.isMember(of: right) ? 1 : 0
                top += 1
            }
        }
        return top[-1]
    }

    @inline(__always)
    private func fetch(_ operand: FilterOperand, _ row: Int, _ top: inout UnsafeMutablePointer<Double>) -> ValueView {
        switch operand {
        case .field(let field): return views[Int(field)].value(row)
        case .literal(let literal): return self.literal(literal)
        case .top:
            top -= 1
            return ValueView(number: top.pointee, heap: literalBase)
        }
    }

    func literal(_ index: Int32) -> ValueView { ValueView(stored: literals[Int(index)], heap: literalBase) }

    /// Calls `body` with each instruction in turn.
    func forEachInstruction(_ body: (FilterInstruction) -> Void) { instructions.forEach(body) }
}

extension NumberOperator {
    /// The operation on two numbers.
    @inline(__always)
    func apply(_ a: Double, _ b: Double) -> Double {
        switch self {
        case .or: a != 0 || b != 0 ? 1 : 0
        case .and: a != 0 && b != 0 ? 1 : 0
        case .greater: a > b ? 1 : 0
        case .greaterOrEqual: a >= b ? 1 : 0
        case .less: a < b ? 1 : 0
        case .lessOrEqual: a <= b ? 1 : 0
        case .equal: a == b ? 1 : 0
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .remainder: fmod(a, b)
        case .power: pow(a, b)
        case .never: 0
        }
    }
}
