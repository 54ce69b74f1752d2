import CTensorKernels
import Foundation
import TestSupport
import Testing

@Suite struct UnaryTests {
    /// A function, what it is in double precision, and its error: relative to the result, plus so much of |x|.
    struct Function: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let function: lk_function
        var alpha: Float = 0
        var beta: Float = 0
        /// In units of 2^-24.
        var relative = 0.0
        var ofArgument = 0.0
        let reference: @Sendable (Double) -> Double

        init(
            _ name: String, _ function: lk_function, _ alpha: Float = 0, _ beta: Float = 0, relative: Double = 0,
            ofArgument: Double = 0, _ reference: @escaping @Sendable (Double) -> Double
        ) {
            testDescription = name
            self.function = function
            self.alpha = alpha
            self.beta = beta
            self.relative = relative
            self.ofArgument = ofArgument
            self.reference = reference
        }

        var activation: lk_activation { lk_activation(function: function, alpha: alpha, beta: beta) }

        /// Within rounding of what it should be; results below 1e-36 may be off by that much.
        func accepts(_ got: Float, _ x: Float) -> Bool {
            let expected = reference(Double(x))
            if expected.isNaN { return got.isNaN }
            if Double(got) == expected || Float(expected) == got { return true }
            return abs(Double(got) - expected)
                <= 0x1p-24 * (relative * abs(expected) + ofArgument * abs(Double(x))) + 1e-36
        }
    }

    static func clamped(_ x: Double, _ low: Double, _ high: Double) -> Double {
        x.isNaN ? x : min(max(x, low), high)
    }

    static let functions = [
        Function("identity", LK_IDENTITY) { $0 },
        Function("relu", LK_RELU) { clamped($0, 0, .infinity) },
        Function("leakyRelu", LK_LEAKY_RELU, 0.1, relative: 1) { $0 < 0 ? Double(Float(0.1)) * $0 : $0 },
        Function("elu", LK_ELU, 1.5, relative: 4) { $0 > 0 ? $0 : 1.5 * expm1($0) },
        Function("sigmoid", LK_SIGMOID, relative: 4) { 1 / (1 + exp(-$0)) },
        Function("hardSigmoid", LK_HARD_SIGMOID, 0.25, 0.5, ofArgument: 1) { clamped(0.25 * $0 + 0.5, 0, 1) },
        Function("hardSwish", LK_HARD_SWISH, ofArgument: 4) {
            $0 <= -3 ? 0 : $0 * clamped($0 / 6 + 0.5, 0, 1)
        },
        Function("swish", LK_SWISH, relative: 4) { $0 < -200 ? 0 : $0 / (1 + exp(-$0)) },
        Function("tanh", LK_TANH, relative: 4) { tanh($0) },
        Function("erf", LK_ERF, relative: 8) { erf($0) },
        Function("gelu", LK_GELU, ofArgument: 5) { $0 < -40 ? 0 : 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) },
        Function("geluApproximate", LK_GELU_APPROXIMATE, ofArgument: 5) {
            $0 < -40 ? 0 : $0 / (1 + exp(-2 * (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        },
        Function("squareRoot", LK_SQUARE_ROOT, relative: 1) { $0.squareRoot() },
        Function("exponential", LK_EXPONENTIAL, relative: 3) { exp($0) },
        Function("logarithm", LK_LOGARITHM, relative: 3) { log($0) },
        Function("absolute", LK_ABSOLUTE) { abs($0) },
        Function("negate", LK_NEGATE) { -$0 },
        Function("reciprocal", LK_RECIPROCAL, relative: 1) { 1 / $0 },
        Function("floor", LK_FLOOR) { $0.rounded(.down) },
        Function("ceiling", LK_CEILING) { $0.rounded(.up) },
        Function("softplus", LK_SOFTPLUS, relative: 4) { max($0, 0) + ($0.isNaN ? $0 : log1p(exp(-abs($0)))) },
        Function("clip", LK_CLIP, -0.5, 1.25) { clamped($0, -0.5, 1.25) },
    ]

    @Test func allAreHere() {
        #expect(Set(Self.functions.map(\.function.rawValue)) == Set(0..<LK_FUNCTION_COUNT.rawValue))
    }

    private func apply(_ set: KernelSet, _ function: Function, _ x: [Float]) -> [Float] {
        var y = [Float](repeating: .nan, count: x.count + 1)
        let walk = lk_walk([x.count], [[1], [1]])
        set.kernels.unary([walk], function.activation, x, &y)
        #expect(y[x.count].isNaN, "nothing is written past the end")
        return Array(y.dropLast())
    }

    /// A million values over all that float32 has, and many more where networks have theirs.
    @Test(arguments: KernelSet.present, functions)
    func errorsAreAsStated(set: KernelSet, function: Function) {
        var worst = 0.0
        var bad: [(Float, Float)] = []
        for part in 0..<20 {
            let x = (0..<100_000).map { i in
                part < 10
                    ? Float(bitPattern: UInt32(part * 100_000 + i) &* 4294)
                    : Float(part * 100_000 + i - 1_500_000) / 25_000
            }
            for (x, y) in zip(x, apply(set, function, x)) {
                if !function.accepts(y, x) { bad.append((x, y)) }
                let expected = function.reference(Double(x))
                if abs(expected) > 1e-36, expected.isFinite, y.isFinite {
                    worst = max(
                        worst, abs(Double(y) - expected) / (function.ofArgument > 0 ? abs(Double(x)) : abs(expected)))
                }
            }
        }
        #expect(bad.isEmpty, "\(bad.prefix(5)) of \(bad.count); largest error \(worst)")
    }

    @Test(arguments: KernelSet.present, functions)
    func extremes(set: KernelSet, function: Function) {
        let x: [Float] = [
            0, -0.0, .infinity, -.infinity, .nan, -.nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            Float(bitPattern: 71362), Float(bitPattern: 0x8000_2000),
            .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 88.7, 88.8, -87.4, -103.9,
            -104.1,
            1, -1, 0.5, 2.5, -2.5, 8_388_609, -8_388_609,
        ]
        for (x, y) in zip(x, apply(set, function, x)) { #expect(function.accepts(y, x), "f(\(x)) = \(y)") }
    }

    @Test(arguments: KernelSet.present, functions)
    func everyLengthAndAlignment(set: KernelSet, function: Function) {
        let seed = SeededRandom.seed(of: 32)
        var random = SeededRandom(seed: seed)
        for length in 0...130 {
            for shift in [0, 1, 3, 6] {
                let x = View(contiguous: [length], shift: shift, around: .nan) {
                    Float.random(in: -6...6, using: &random)
                }
                var y = View(contiguous: [length], shift: (shift * 3 + 1) % 8, around: .nan) { Float(7) }
                x.read { x in
                    y.write { set.kernels.unary([lk_walk([length], [[1], [1]])], function.activation, x, $0) }
                }
                let isRight = zip(x.elements, y.elements).allSatisfy { function.accepts($1, $0) }
                #expect(isRight && y.surroundingsAreUntouched, "length \(length), seed \(seed)")
            }
        }
    }

    @Test(arguments: KernelSet.present)
    func anyStrides(set: KernelSet) {
        let seed = SeededRandom.seed(of: 33)
        var random = SeededRandom(seed: seed)
        for round in 0..<600 {
            let function = Self.functions[round % Self.functions.count]
            let sizes = randomSizes(using: &random)
            let broadcast = Set(sizes.indices.filter { _ in Int.random(in: 0..<6, using: &random) == 0 })
            let x = View(random: sizes, broadcast: broadcast, around: .nan, using: &random) {
                Float.random(in: -6...6, using: &$0)
            }
            var y = View(random: sizes, around: .nan, using: &random) { _ in Float(7) }
            var walk = lk_walk(sizes, [y.strides, x.strides])
            if Bool.random(using: &random) { walk = walk.simplified(2) }
            x.read { x in y.write { set.kernels.unary([walk], function.activation, x, $0) } }
            let isRight = zip(x.elements, y.elements).allSatisfy { function.accepts($1, $0) }
            #expect(
                isRight && y.surroundingsAreUntouched,
                "\(function.testDescription), \(sizes), round \(round), seed \(seed)")
        }
    }

    @Test(arguments: KernelSet.present)
    func anOutputMayBeItsInput(set: KernelSet) {
        var random = SeededRandom(seed: SeededRandom.seed(of: 34))
        for strides in [[300, 1], [1, 2]] {
            var y = View(sizes: [2, 150], strides: strides, start: 3, around: .nan) {
                Float.random(in: -6...6, using: &random)
            }
            let before = y.elements
            let walk = lk_walk([2, 150], [strides, strides])
            let function = Self.functions[4]
            y.write { set.kernels.unary([walk], function.activation, $0, $0) }
            #expect(zip(before, y.elements).allSatisfy { function.accepts($1, $0) })
        }
    }
}
