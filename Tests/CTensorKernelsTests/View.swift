import CTensorKernels
import TestSupport

/// A strided view with the memory around it, which must not be read for a result nor written.
struct View<Element> {
    var storage: [Element]
    var start: Int
    let sizes: [Int]
    let strides: [Int]

    /// Elements of `sizes` one after the other, the last dimension innermost, after `shift` others.
    init(contiguous sizes: [Int], shift: Int = 0, around: Element, _ element: () -> Element) {
        var strides = [Int](repeating: 1, count: sizes.count)
        for d in stride(from: sizes.count - 2, through: 0, by: -1) { strides[d] = strides[d + 1] * sizes[d + 1] }
        self.init(sizes: sizes, strides: strides, start: shift, around: around, element)
    }

    /// Dimensions in any order, with gaps, some of them reversed; those of `broadcast` have a stride of 0.
    init(
        random sizes: [Int], broadcast: Set<Int> = [], around: Element, using random: inout SeededRandom,
        _ element: (inout SeededRandom) -> Element
    ) {
        var strides = [Int](repeating: 0, count: sizes.count)
        var start = Int.random(in: 0..<8, using: &random)
        var span = Bool.random(using: &random) ? 1 : Int.random(in: 1...3, using: &random)
        // The order of dimensions is kept in half of the cases, and so are gaps left out.
        let isShuffled = Bool.random(using: &random)
        let hasGaps = Bool.random(using: &random)
        let order = Array(sizes.indices.reversed())
        for d in isShuffled ? order.shuffled(using: &random) : order where !broadcast.contains(d) {
            strides[d] = span
            span = span * sizes[d] + (hasGaps ? Int.random(in: 0...3, using: &random) : 0)
            if Int.random(in: 0..<8, using: &random) == 0 {
                start += strides[d] * max(sizes[d] - 1, 0)
                strides[d] = -strides[d]
            }
        }
        var drawn = random
        self.init(sizes: sizes, strides: strides, start: start, around: around) { element(&drawn) }
        random = drawn
    }

    init(sizes: [Int], strides: [Int], start: Int, around: Element, _ element: () -> Element) {
        self.sizes = sizes
        self.strides = strides
        self.start = start
        let last = zip(sizes, strides).reduce(start) { $0 + ($1.1 > 0 ? $1.1 * max($1.0 - 1, 0) : 0) }
        storage = [Element](repeating: around, count: last + 9)
        for place in places { storage[place] = element() }
    }

    /// Where the elements are, the last dimension of the position running fastest.
    var places: [Int] {
        guard !sizes.contains(0) else { return [] }
        var places = [start]
        for (size, stride) in zip(sizes, strides) {
            places = places.flatMap { place in (0..<size).map { place + $0 * stride } }
        }
        return places
    }

    var elements: [Element] { places.map { storage[$0] } }

    /// Calls with a pointer to the first element.
    func read<R>(_ body: (UnsafePointer<Element>) -> R) -> R {
        storage.withUnsafeBufferPointer { body($0.baseAddress! + start) }
    }

    mutating func write(_ body: (UnsafeMutablePointer<Element>) -> Void) {
        storage.withUnsafeMutableBufferPointer { body($0.baseAddress! + start) }
    }
}

extension View where Element == Float {
    /// Whether what lies around the elements is still the NaN that was put there.
    var surroundingsAreUntouched: Bool {
        let inside = Set(places)
        return storage.indices.allSatisfy { inside.contains($0) || storage[$0].isNaN }
    }
}

extension View where Element: Equatable {
    func surroundingsAre(_ element: Element) -> Bool {
        let inside = Set(places)
        return storage.indices.allSatisfy { inside.contains($0) || storage[$0] == element }
    }
}

extension lk_walk {
    /// A walk over `sizes` with the strides of each operand.
    init(_ sizes: [Int], _ strides: [[Int]]) {
        self.init()
        rank = Int32(sizes.count)
        withUnsafeMutableBytes(of: &self.sizes) { bytes in
            let to = bytes.bindMemory(to: Int64.self)
            for (d, size) in sizes.enumerated() { to[d] = Int64(size) }
        }
        withUnsafeMutableBytes(of: &self.strides) { bytes in
            let to = bytes.bindMemory(to: Int64.self)
            for (k, strides) in strides.enumerated() {
                for (d, stride) in strides.enumerated() { to[k * Int(LK_RANK_LIMIT) + d] = Int64(stride) }
            }
        }
    }

    var sizeList: [Int] {
        withUnsafeBytes(of: sizes) { $0.bindMemory(to: Int64.self).prefix(Int(rank)).map { Int($0) } }
    }

    func strideList(_ operand: Int) -> [Int] {
        withUnsafeBytes(of: strides) { bytes in
            let from = bytes.bindMemory(to: Int64.self)
            return (0..<Int(rank)).map { Int(from[operand * Int(LK_RANK_LIMIT) + $0]) }
        }
    }

    func simplified(_ operands: Int32) -> lk_walk {
        var walk = self
        lk_walk_simplify(&walk, operands)
        return walk
    }
}

/// Small shapes of rank 0 to 5.
func randomSizes(using random: inout SeededRandom, rank: ClosedRange<Int> = 0...5) -> [Int] {
    let rank = Int.random(in: rank, using: &random)
    return (0..<rank).map { _ in
        switch Int.random(in: 0..<10, using: &random) {
        case 0: 1
        case 1: Int.random(in: 9...40, using: &random)
        default: Int.random(in: 2...5, using: &random)
        }
    }
}

extension Array where Element == Float {
    /// How far from what is expected, where NaN is as good as NaN and an infinity as itself.
    func largestError(_ expected: [Double], relativeTo: (Double) -> Double = { Swift.max(1, abs($0)) }) -> Double {
        guard count == expected.count else { return .infinity }
        return zip(self, expected).reduce(0) { worst, pair in
            let (got, expected) = (Double(pair.0), pair.1)
            if got == expected || (got.isNaN && expected.isNaN) { return worst }
            let error = abs(got - expected) / relativeTo(expected)
            return error.isNaN ? .infinity : Swift.max(worst, error)
        }
    }
}
