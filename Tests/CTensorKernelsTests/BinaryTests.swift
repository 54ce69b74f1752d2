import CTensorKernels
import Foundation
import TestSupport
import Testing

@Suite struct BinaryTests {
    struct Operation: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let operation: lk_binary
        let reference: @Sendable (Float, Float) -> Double
    }

    static let operations = [
        Operation(testDescription: "add", operation: LK_ADD) { Double($0) + Double($1) },
        Operation(testDescription: "subtract", operation: LK_SUBTRACT) { Double($0) - Double($1) },
        Operation(testDescription: "multiply", operation: LK_MULTIPLY) { Double($0) * Double($1) },
        Operation(testDescription: "divide", operation: LK_DIVIDE) { Double($0) / Double($1) },
        Operation(testDescription: "power", operation: LK_POWER) { pow(Double($0), Double($1)) },
        Operation(testDescription: "minimum", operation: LK_MINIMUM) {
            $0.isNaN || $1.isNaN ? .nan : Double(min($0, $1))
        },
        Operation(testDescription: "maximum", operation: LK_MAXIMUM) {
            $0.isNaN || $1.isNaN ? .nan : Double(max($0, $1))
        },
        Operation(testDescription: "parametricRelu", operation: LK_PARAMETRIC_RELU) {
            $0 < 0 ? Double($0) * Double($1) : Double($0)
        },
    ]

    /// The functions that may follow, and what they do in double precision.
    static let ends: [(lk_activation, @Sendable (Double) -> Double)] = [
        (lk_activation(function: LK_IDENTITY, alpha: 0, beta: 0), { $0 }),
        (lk_activation(function: LK_RELU, alpha: 0, beta: 0), { $0.isNaN ? $0 : max(0, $0) }),
        (lk_activation(function: LK_CLIP, alpha: -1, beta: 6), { $0.isNaN ? $0 : min(6, max(-1, $0)) }),
        (lk_activation(function: LK_SIGMOID, alpha: 0, beta: 0), { 1 / (1 + exp(-$0)) }),
    ]

    @Test func allAreHere() {
        #expect(Set(Self.operations.map(\.operation.rawValue)) == Set(0..<LK_BINARY_COUNT.rawValue))
    }

    /// A value that no operation makes too large, and seldom one that is special.
    private static func value(using random: inout SeededRandom) -> Float {
        switch Int.random(in: 0..<60, using: &random) {
        case 0: [.nan, .infinity, -.infinity, 0, -0.0].randomElement(using: &random)!
        case 1...20: [2, 3, 0.5, -1, 1].randomElement(using: &random)!
        default: Float.random(in: -4...4, using: &random)
        }
    }

    private func check(
        _ set: KernelSet, _ operation: Operation, _ end: (lk_activation, @Sendable (Double) -> Double), _ walk: lk_walk,
        _ a: View<Float>, _ b: View<Float>, _ y: View<Float>, _ comment: Comment
    ) {
        func run(_ set: KernelSet) -> View<Float> {
            var y = y
            a.read { a in
                b.read { b in y.write { set.kernels.binary([walk], operation.operation, end.0, a, b, $0) } }
            }
            return y
        }
        let got = run(set)
        let expected = zip(a.elements, b.elements).map { pair in end.1(operation.reference(pair.0, pair.1)) }
        // One rounding, two for the cube; the sigmoid after makes it no larger.
        #expect(got.elements.largestError(expected) < 4e-7, comment)
        #expect(got.surroundingsAreUntouched, comment)
        #expect(got.elements.largestError(run(.reference).elements.map(Double.init)) < 4e-7, comment)
    }

    @Test(arguments: KernelSet.present, operations)
    func everyLength(set: KernelSet, operation: Operation) {
        let seed = SeededRandom.seed(of: 35)
        var random = SeededRandom(seed: seed)
        for length in 0...130 {
            // Both contiguous; a or b one value; both one value.
            for (aStep, bStep) in [(1, 1), (1, 0), (0, 1), (0, 0)] {
                let shift = length % 7
                let a = View(sizes: [length], strides: [aStep], start: shift, around: .nan) {
                    Self.value(using: &random)
                }
                let b = View(sizes: [length], strides: [bStep], start: 5, around: .nan) { Self.value(using: &random) }
                let y = View(contiguous: [length], shift: 3, around: .nan) { Float(0) }
                let walk = lk_walk([length], [[1], [aStep], [bStep]])
                check(
                    set, operation, Self.ends[length % Self.ends.count], walk, a, b, y,
                    "length \(length), steps \(aStep) and \(bStep), seed \(seed)")
            }
        }
    }

    @Test(arguments: KernelSet.present, operations)
    func anyStridesAndBroadcasts(set: KernelSet, operation: Operation) {
        let seed = SeededRandom.seed(of: 36)
        var random = SeededRandom(seed: seed)
        for round in 0..<120 {
            let sizes = randomSizes(using: &random)
            func broadcast() -> Set<Int> {
                let oneIn = Int.random(in: 1...5, using: &random)
                return Set(sizes.indices.filter { _ in Int.random(in: 0..<5, using: &random) < oneIn - 1 })
            }
            let a = View(random: sizes, broadcast: broadcast(), around: .nan, using: &random) { Self.value(using: &$0) }
            let b = View(random: sizes, broadcast: broadcast(), around: .nan, using: &random) { Self.value(using: &$0) }
            let y = View(random: sizes, around: .nan, using: &random) { _ in Float(0) }
            var walk = lk_walk(sizes, [y.strides, a.strides, b.strides])
            if Bool.random(using: &random) { walk = walk.simplified(3) }
            check(
                set, operation, Self.ends[round % Self.ends.count], walk, a, b, y,
                "\(sizes), round \(round), seed \(seed)")
        }
    }

    /// A function after goes over parts of a long row, and over many short ones at once.
    @Test(arguments: KernelSet.present)
    func longRowsAndManyShortOnes(set: KernelSet) {
        var random = SeededRandom(seed: SeededRandom.seed(of: 37))
        for (sizes, gap) in [([1, 10_000], 0), ([700, 24], 0), ([700, 24], 5), ([3, 5_000], 1)] {
            let full = [sizes[1] + gap, 1]
            // b one row for all, or a one value a row.
            for (ofA, ofB) in [(full, [0, 1]), ([1, 0], full)] {
                let a = View(sizes: sizes, strides: ofA, start: 0, around: .nan) {
                    Float.random(in: -3...3, using: &random)
                }
                let b = View(sizes: sizes, strides: ofB, start: 0, around: .nan) {
                    Float.random(in: -3...3, using: &random)
                }
                let y = View(sizes: sizes, strides: full, start: 0, around: .nan) { Float(0) }
                let walk = lk_walk(sizes, [full, ofA, ofB]).simplified(3)
                check(set, Self.operations[0], Self.ends[3], walk, a, b, y, "\(sizes) with gaps of \(gap)")
            }
        }
    }
}
