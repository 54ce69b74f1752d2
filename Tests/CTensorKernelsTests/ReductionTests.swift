import CTensorKernels
import Foundation
import TestSupport
import Testing

@Suite struct ReductionTests {
    static let kinds: [lk_reduction] = [
        LK_REDUCE_MEAN, LK_REDUCE_SUM, LK_REDUCE_MAX, LK_REDUCE_MIN, LK_REDUCE_L2, LK_REDUCE_SUM_OF_SQUARES,
    ]

    private func reference(_ kind: lk_reduction, _ x: [Float]) -> Double {
        let x = x.map(Double.init)
        return switch kind {
        case LK_REDUCE_MEAN: x.reduce(0, +) / Double(x.count)
        case LK_REDUCE_SUM: x.reduce(0, +)
        case LK_REDUCE_MAX: x.max() ?? -.infinity
        case LK_REDUCE_MIN: x.min() ?? .infinity
        case LK_REDUCE_L2: x.reduce(0) { $0 + $1 * $1 }.squareRoot()
        default: x.reduce(0) { $0 + $1 * $1 }
        }
    }

    /// What an error is relative to: the sum of magnitudes of what is summed.
    private func magnitude(_ kind: lk_reduction, _ x: [Float]) -> Double {
        switch kind {
        case LK_REDUCE_MEAN: max(x.reduce(0) { $0 + Double(abs($1)) } / Double(x.count), 1e-30)
        case LK_REDUCE_SUM: max(x.reduce(0) { $0 + Double(abs($1)) }, 1e-30)
        default: max(abs(reference(kind, x)), 1e-30)
        }
    }

    /// Reduces the dimensions of `inner` of x, and compares with one position after the other.
    private func check(_ set: KernelSet, _ kind: lk_reduction, _ x: View<Float>, inner: [Int], simplifies: Bool = true)
        -> Bool
    {
        let outer = x.sizes.indices.filter { !inner.contains($0) }
        let outerSizes = outer.map { x.sizes[$0] }
        let innerSizes = inner.map { x.sizes[$0] }
        var y = View(contiguous: outerSizes, shift: 3, around: .nan) { Float(0) }
        var outerWalk = lk_walk(outerSizes, [y.strides, outer.map { x.strides[$0] }])
        var innerWalk = lk_walk(innerSizes, [inner.map { x.strides[$0] }])
        if simplifies {
            outerWalk = outerWalk.simplified(2)
            innerWalk = innerWalk.simplified(1)
        }
        func run(_ set: KernelSet) {
            x.read { x in y.write { set.kernels.reduce([outerWalk], [innerWalk], kind, x, $0) } }
        }
        run(.reference)
        let scalar = y.elements
        run(set)
        let starts = View(sizes: outerSizes, strides: outer.map { x.strides[$0] }, start: x.start, around: 0) { 0 }
            .places
        return y.surroundingsAreUntouched
            && zip(zip(y.elements, scalar), starts).allSatisfy { result, start in
                let elements = View(sizes: innerSizes, strides: inner.map { x.strides[$0] }, start: start, around: 0) {
                    0
                }
                .places.map { x.storage[$0] }
                let tolerance = 1e-6 * magnitude(kind, elements)
                return abs(Double(result.0) - reference(kind, elements)) <= tolerance
                    && abs(Double(result.0) - Double(result.1)) <= tolerance
            }
    }

    @Test(arguments: KernelSet.present, 0..<6)
    func everyLengthEitherWay(set: KernelSet, kind: Int) {
        let seed = SeededRandom.seed(of: 41)
        var random = SeededRandom(seed: seed)
        for length in 1...130 {
            for others in [1, 2, 7] {
                let x = View(contiguous: [others, length], shift: length % 5, around: .nan) {
                    Float.random(in: -9...9, using: &random)
                }
                #expect(check(set, Self.kinds[kind], x, inner: [1]), "\(others) rows of \(length), seed \(seed)")
                #expect(check(set, Self.kinds[kind], x, inner: [0]), "\(length) columns of \(others), seed \(seed)")
            }
            let tall = View(contiguous: [length, 21], shift: 1, around: .nan) {
                Float.random(in: -9...9, using: &random)
            }
            #expect(check(set, Self.kinds[kind], tall, inner: [0]), "21 columns of \(length), seed \(seed)")
        }
    }

    @Test(arguments: KernelSet.present, 0..<6)
    func anyDimensionsOfAnyStrides(set: KernelSet, kind: Int) {
        let seed = SeededRandom.seed(of: 42)
        var random = SeededRandom(seed: seed)
        for round in 0..<150 {
            let sizes = randomSizes(using: &random)
            let inner = sizes.indices.filter { _ in Bool.random(using: &random) }
            let x = View(random: sizes, around: .nan, using: &random) { Float.random(in: -9...9, using: &$0) }
            let isRight = check(
                set, Self.kinds[kind], x, inner: inner, simplifies: Bool.random(using: &random))
            #expect(isRight, "\(sizes) over \(inner), round \(round), seed \(seed)")
        }
    }

    /// A sum of many that float32 alone would get wrong.
    @Test(arguments: KernelSet.present)
    func longSumsStayAccurate(set: KernelSet) {
        var random = SeededRandom(seed: SeededRandom.seed(of: 43))
        let x = View(contiguous: [112 * 112, 20], around: .nan) { 1000 + Float.random(in: -1...1, using: &random) }
        #expect(check(set, LK_REDUCE_MEAN, x, inner: [0]))
        #expect(check(set, LK_REDUCE_SUM, x, inner: [0, 1]))
    }

    @Test(arguments: KernelSet.present)
    func overNothing(set: KernelSet) {
        for (kind, expected) in zip(Self.kinds, [Float.nan, 0, -.infinity, .infinity, 0, 0]) {
            var y: [Float] = [7, 7, 7]
            set.kernels.reduce([lk_walk([2], [[1], [1]])], [lk_walk([0], [[1]])], kind, [0], &y)
            #expect(y[0] == expected || (y[0].isNaN && expected.isNaN))
            #expect(y[2] == 7)
        }
    }
}

@Suite struct NormalisationTests {
    /// Softmax along dimension `axis` of any view.
    private func checkSoftmax(_ set: KernelSet, _ x: View<Float>, _ y: View<Float>, axis: Int, _ comment: Comment) {
        var y = y
        let others = x.sizes.indices.filter { $0 != axis }
        let sizes = others.map { x.sizes[$0] }
        let walk = lk_walk(sizes, [others.map { y.strides[$0] }, others.map { x.strides[$0] }]).simplified(2)
        let count = x.sizes[axis]
        let (toNext, fromNext) = (Int64(y.strides[axis]), Int64(x.strides[axis]))
        x.read { x0 in
            y.write { set.kernels.softmax([walk], Int64(count), toNext, fromNext, x0, $0) }
        }
        #expect(y.surroundingsAreUntouched, comment)
        func starts(_ view: View<Float>) -> [Int] {
            View(sizes: sizes, strides: others.map { view.strides[$0] }, start: view.start, around: 0) { 0 }.places
        }
        for (from, to) in zip(starts(x), starts(y)) {
            let values = (0..<count).map { Double(x.storage[from + $0 * x.strides[axis]]) }
            let highest = values.max() ?? 0
            let sum = values.reduce(0) { $0 + exp($1 - highest) }
            let got = (0..<count).map { y.storage[to + $0 * y.strides[axis]] }
            let error = got.largestError(values.map { exp($0 - highest) / sum }) { max($0, 1e-30) }
            // The differences from the highest, up to 40, are rounded to float32, which is an error of 1.9e-6 in them.
            #expect(error < 2.5e-6, comment)
        }
    }

    @Test(arguments: KernelSet.present)
    func softmaxOfEveryLength(set: KernelSet) {
        let seed = SeededRandom.seed(of: 44)
        var random = SeededRandom(seed: seed)
        for length in 1...130 {
            let x = View(contiguous: [3, length], shift: length % 5, around: .nan) {
                Float.random(in: -20...20, using: &random)
            }
            let y = View(contiguous: [3, length], shift: 1, around: .nan) { Float(0) }
            for axis in 0...1 { checkSoftmax(set, x, y, axis: axis, "length \(length), axis \(axis), seed \(seed)") }
        }
    }

    @Test(arguments: KernelSet.present)
    func softmaxOfAnyStrides(set: KernelSet) {
        let seed = SeededRandom.seed(of: 45)
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let sizes = randomSizes(using: &random, rank: 1...4)
            let x = View(random: sizes, around: .nan, using: &random) { Float.random(in: -20...20, using: &$0) }
            let y = View(random: sizes, around: .nan, using: &random) { _ in Float(0) }
            let axis = Int.random(in: sizes.indices, using: &random)
            checkSoftmax(set, x, y, axis: axis, "\(sizes), axis \(axis), round \(round), seed \(seed)")
        }
    }

    @Test(arguments: KernelSet.present)
    func softmaxOfExtremes(set: KernelSet) {
        func softmax(_ x: [Float]) -> [Float] {
            var y = [Float](repeating: 0, count: x.count)
            set.kernels.softmax([lk_walk([], [[], []])], Int64(x.count), 1, 1, x, &y)
            return y
        }
        #expect(softmax([3e38, 3e38]) == [0.5, 0.5])
        #expect(softmax([-.infinity, 0, -3e38]) == [0, 1, 0])
        #expect(softmax([1, .nan, 2]).allSatisfy { $0.isNaN })
        #expect(softmax([5]) == [1])
        #expect(softmax([]) == [])
    }

    @Test(arguments: KernelSet.present)
    func layerNormalisation(set: KernelSet) {
        let seed = SeededRandom.seed(of: 46)
        var random = SeededRandom(seed: seed)
        for length in 1...130 {
            let (gap, hasBias) = (length % 4, length % 3 > 0)
            let x = View(
                sizes: [2, 3, length], strides: [3 * (length + gap) + 1, length + gap, 1], start: 2, around: .nan
            ) {
                30 + Float.random(in: -9...9, using: &random)
            }
            var y = View(contiguous: [2, 3, length], shift: 5, around: .nan) { Float(0) }
            let scale = (0..<length).map { _ in Float.random(in: 0.5...2, using: &random) }
            let bias = (0..<length).map { _ in Float.random(in: -1...1, using: &random) }
            let walk = lk_walk([2, 3], [Array(y.strides.dropLast()), Array(x.strides.dropLast())]).simplified(2)
            bias.withUnsafeBufferPointer { bias in
                x.read { x in
                    y.write {
                        set.kernels.layer_normalise(
                            [walk], Int64(length), scale, hasBias ? bias.baseAddress : nil, 1e-5, x, $0)
                    }
                }
            }
            let expected = stride(from: 0, to: 6 * length, by: length).flatMap { start in
                let row = x.elements[start..<start + length].map(Double.init)
                let mean = row.reduce(0, +) / Double(length)
                let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(length)
                return row.indices.map { i in
                    (row[i] - mean) / (variance + Double(Float(1e-5))).squareRoot() * Double(scale[i])
                        + (hasBias ? Double(bias[i]) : 0)
                }
            }
            // The mean is rounded to float32, which at 30 is 1e-6, and the deviation of one value alone is 0.
            #expect(y.elements.largestError(expected) < (length == 1 ? 1e-3 : 1e-5), "length \(length), seed \(seed)")
            #expect(y.surroundingsAreUntouched)
        }
    }
}
