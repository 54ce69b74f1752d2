/// All rows at once.
///
/// The program is run an instruction at a time over a block of rows: the stack then holds arrays of numbers instead of
/// numbers. What it costs to decode an instruction is shared by a thousand rows, and arithmetic and comparison become
/// loops that the compiler turns into vector instructions. Where a row's kind of value matters, a loop first looks
/// whether the whole block is of the kind that is expected (numbers, or strings no longer than a word) and takes the
/// quick way if so.
///
/// Rows that lack a field are computed along, from zeros, and masked in the end; a block of nothing else is passed over.
extension FilterMatcher {
    /// Rows of a block: small enough that the arrays of an ordinary expression stay in the first cache.
    static let blockLength = 1024

    /// Finds all rows that match.
    ///
    /// - Parameter bitmap: becomes a bit for each row, 64 to a word, the lowest bit first.
    /// - Returns: how many bits are set.
    @discardableResult
    public func matchAll(into bitmap: inout [UInt64]) -> Int {
        checkVersion()
        let wordCount = (rowCount + 63) / 64
        bitmap.removeAll(keepingCapacity: true)
        bitmap.reserveCapacity(wordCount)
        let stack = UnsafeMutablePointer<Double>.allocate(capacity: depth * Self.blockLength)
        let mask = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.blockLength)
        defer {
            stack.deallocate()
            mask.deallocate()
        }
        var matchCount = 0
        for start in stride(from: 0, to: rowCount, by: Self.blockLength) {
            let count = min(Self.blockLength, rowCount - start)
            // The last word may reach beyond the last row.
            mask.initialize(repeating: 0, count: (count + 63) & ~63)
            if markComplete(start, count, mask) {
                let block = FilterBlock(matcher: self, start: start, count: count, stack: stack)
                let results = block.run()
                for i in 0..<count { mask[i] &= results[i] != 0 ? 1 : 0 }
            }
            for first in stride(from: 0, to: count, by: 64) {
                var word = Self.word(mask + first)
                if views.isEmpty { word &= columns.presence(ofWord: (start + first) >> 6) }
                matchCount += word.nonzeroBitCount
                bitmap.append(word)
            }
        }
        return matchCount
    }

    /// Writes 1 for each row that has all fields, 0 for the others. False if there is none.
    private func markComplete(_ start: Int, _ count: Int, _ mask: UnsafeMutablePointer<UInt8>) -> Bool {
        mask.update(repeating: 1, count: count)
        for view in views {
            let kinds = view.kinds + start
            for i in 0..<count { mask[i] &= kinds[i] == .missing ? 0 : 1 }
        }
        var any: UInt8 = 0
        for i in 0..<count { any |= mask[i] }
        return any != 0
    }

    /// 64 bytes, each 0 or 1, as bits.
    private static func word(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        for i in 0..<8 {
            let eight = UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self).littleEndian
            // The product's highest byte collects the lowest bit of each byte.
            word |= ((eight &* 0x0102_0408_1020_4080) >> 56) << UInt64(8 * i)
        }
        return word
    }
}

/// A run of the program over some consecutive rows.
private struct FilterBlock {
    let matcher: FilterMatcher
    let start: Int
    let count: Int
    /// Arrays of `FilterMatcher.blockLength` numbers, one for each place on the stack.
    let stack: UnsafeMutablePointer<Double>

    /// The array of results: not zero where the row matches.
    func run() -> UnsafePointer<Double> {
        var height = 0
        matcher.forEachInstruction { instruction in
            switch instruction {
            case .number(let number):
                array(height).update(repeating: number, count: count)
                height += 1
            case .fieldNumber(let field):
                load(matcher.views[Int(field)], into: array(height)) { $0.number }
                height += 1
            case .fieldTruth(let field):
                load(matcher.views[Int(field)], into: array(height)) { $0.truth }
                height += 1
            case .not:
                let operand = array(height - 1)
                for i in 0..<count { operand[i] = operand[i] == 0 ? 1 : 0 }
            case .binary(let symbol):
                height -= 1
                apply(symbol, array(height - 1), array(height))
            case .equal(let left, let right):
                let right = pop(right, &height)
                let left = pop(left, &height)
                equal(left, right, into: array(height))
                height += 1
            case .member(let left, let right):
                let right = pop(right, &height)
                let left = pop(left, &height)
                let result = array(height)
                for i in 0..<count { result[i] = value(left, i).isMember(of: value(right, i)) ? 1 : 0 }
                height += 1
            }
        }
        return UnsafePointer(array(0))
    }

    private func array(_ height: Int) -> UnsafeMutablePointer<Double> { stack + height * FilterMatcher.blockLength }

    /// Makes numbers of a column's values. Where they are numbers, they are copied.
    @inline(__always)
    private func load(_ view: ColumnView, into result: UnsafeMutablePointer<Double>, _ convert: (ValueView) -> Double) {
        let kinds = view.kinds + start
        let bits = view.bits + start
        for i in 0..<count { result[i] = Double(bitPattern: bits[i]) }
        if isEach(kinds, { $0 == .number || $0 == .missing }) { return }
        for i in 0..<count where kinds[i] != .number { result[i] = convert(view.value(start + i)) }
    }

    private func apply(
        _ symbol: NumberOperator, _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>
    ) {
        // Each case a loop of its own: the operator must be known to the compiler for it to use vectors.
        switch symbol {
        case .or: forEach(a, b) { NumberOperator.or.apply($0, $1) }
        case .and: forEach(a, b) { NumberOperator.and.apply($0, $1) }
        case .greater: forEach(a, b) { NumberOperator.greater.apply($0, $1) }
        case .greaterOrEqual: forEach(a, b) { NumberOperator.greaterOrEqual.apply($0, $1) }
        case .less: forEach(a, b) { NumberOperator.less.apply($0, $1) }
        case .lessOrEqual: forEach(a, b) { NumberOperator.lessOrEqual.apply($0, $1) }
        case .equal: forEach(a, b) { NumberOperator.equal.apply($0, $1) }
        case .add: forEach(a, b) { NumberOperator.add.apply($0, $1) }
        case .subtract: forEach(a, b) { NumberOperator.subtract.apply($0, $1) }
        case .multiply: forEach(a, b) { NumberOperator.multiply.apply($0, $1) }
        case .divide: forEach(a, b) { NumberOperator.divide.apply($0, $1) }
        case .remainder, .power, .never: forEach(a, b) { symbol.apply($0, $1) }
        }
    }

    @inline(__always)
    private func forEach(
        _ a: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, _ apply: (Double, Double) -> Double
    ) {
        for i in 0..<count { a[i] = apply(a[i], b[i]) }
    }
}

// Values that are not simply numbers.
extension FilterBlock {
    /// Where an operand's values are, for all rows of the block.
    private enum Source {
        case array(UnsafeMutablePointer<Double>)
        case column(ColumnView)
        case constant(ValueView)
    }

    private func pop(_ operand: FilterOperand, _ height: inout Int) -> Source {
        switch operand {
        case .field(let field): return .column(matcher.views[Int(field)])
        case .literal(let literal): return .constant(matcher.literal(literal))
        case .top:
            height -= 1
            return .array(array(height))
        }
    }

    @inline(__always)
    private func value(_ source: Source, _ i: Int) -> ValueView {
        switch source {
        case .array(let numbers): ValueView(number: numbers[i], heap: UnsafeRawPointer(stack))
        case .column(let view): view.value(start + i)
        case .constant(let value): value
        }
    }

    private func equal(_ left: Source, _ right: Source, into result: UnsafeMutablePointer<Double>) {
        if case .column(let view) = left, case .constant(let literal) = right {
            return equal(view, literal, into: result)
        }
        if case .constant(let literal) = left, case .column(let view) = right {
            return equal(view, literal, into: result)
        }
        for i in 0..<count { result[i] = value(left, i).equals(value(right, i)) ? 1 : 0 }
    }

    /// A field compared with a literal, the most common question of all.
    private func equal(_ view: ColumnView, _ literal: ValueView, into result: UnsafeMutablePointer<Double>) {
        let kinds = view.kinds + start
        let bits = view.bits + start
        let expected = literal.stored
        switch expected.kind {
        case .number where isEach(kinds, { $0 == .number || $0 == .missing }):
            let number = literal.number
            for i in 0..<count { result[i] = Double(bitPattern: bits[i]) == number ? 1 : 0 }
        case .shortString where isEach(kinds, { $0 != .number && $0 != .tuple }):
            for i in 0..<count { result[i] = kinds[i] == .shortString && bits[i] == expected.bits ? 1 : 0 }
        default:
            for i in 0..<count { result[i] = view.value(start + i).equals(literal) ? 1 : 0 }
        }
    }

    /// Whether the kinds of all rows of the block are as they should. A row that misses the field may be taken for
    /// whatever is convenient.
    @inline(__always)
    private func isEach(_ kinds: UnsafePointer<ValueKind>, _ isExpected: (ValueKind) -> Bool) -> Bool {
        var others: UInt8 = 0
        for i in 0..<count { others |= isExpected(kinds[i]) ? 0 : 1 }
        return others == 0
    }
}
