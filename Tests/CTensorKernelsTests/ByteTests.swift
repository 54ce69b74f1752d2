import CTensorKernels
import Foundation
import TestSupport
import Testing

/// The one-byte kernels have to agree with their definition to the last bit.
@Suite struct ByteTests {
    struct Parameters {
        let a, b, y: lk_quantization
        let range: lk_byte_range

        init(using random: inout SeededRandom) {
            func draw() -> lk_quantization {
                // Powers of two often: they make halves, which have to go to the even one.
                let scale =
                    Bool.random(using: &random)
                    ? Float.random(in: 0.001...1, using: &random)
                    : [0.5, 0.25, 0.125, 0.0625].randomElement(using: &random)!
                return lk_quantization(
                    scale: scale,
                    zero_point: [0, 128, 255, Int32.random(in: 0...255, using: &random)].randomElement(using: &random)!)
            }
            a = draw()
            b = draw()
            y = draw()
            let lowest = Bool.random(using: &random) ? 0 : Int32.random(in: 0...255, using: &random)
            range = lk_byte_range(
                lowest: lowest,
                highest: Bool.random(using: &random) ? 255 : Int32.random(in: lowest...255, using: &random))
        }
    }

    /// The nearest whole number, of two the even one, plus the zero point, within a range; NaN as the lowest.
    private func rounded(_ value: Float, _ to: lk_quantization, _ range: lk_byte_range) -> UInt8 {
        if value.isNaN { return UInt8(range.lowest) }
        let whole = value.rounded(.toNearestOrEven)
        let low = Float(range.lowest - to.zero_point)
        let high = Float(range.highest - to.zero_point)
        return UInt8(Int32(min(max(whole, low), high)) + to.zero_point)
    }

    private let whole = lk_byte_range(lowest: 0, highest: 255)

    /// Runs every elementwise kernel over walks of one shape, and compares.
    private func check(
        _ set: KernelSet, _ sizes: [Int], _ a: View<UInt8>, _ b: View<UInt8>, _ floats: View<Float>, _ out: View<UInt8>,
        _ floatOut: View<Float>, using random: inout SeededRandom, _ comment: Comment
    ) {
        let p = Parameters(using: &random)
        let table = (0..<256).map { _ in UInt8.random(in: 0...255, using: &random) }
        let simplifies = Bool.random(using: &random)
        func walk(_ strides: [[Int]]) -> [lk_walk] {
            let walk = lk_walk(sizes, strides)
            return [simplifies ? walk.simplified(Int32(strides.count)) : walk]
        }
        func expectBytes(_ expected: [UInt8], _ run: (UnsafeMutablePointer<UInt8>) -> Void) {
            var y = out
            y.write(run)
            #expect(y.elements == expected, comment)
            #expect(y.surroundingsAre(77), comment)
        }
        let ofOne = walk([out.strides, a.strides])
        let inverse = 1 / p.y.scale
        floats.read { x in
            expectBytes(floats.elements.map { rounded($0 * inverse, p.y, whole) }) {
                set.kernels.quantise(walk([out.strides, floats.strides]), p.y, x, $0)
            }
        }
        a.read { x in
            let factor = p.a.scale / p.y.scale
            expectBytes(a.elements.map { rounded(Float(Int32($0) - p.a.zero_point) * factor, p.y, p.range) }) {
                set.kernels.requantise(ofOne, p.a, p.y, p.range, x, $0)
            }
            expectBytes(a.elements.map { table[Int($0)] }) { set.kernels.look_up(ofOne, table, x, $0) }
            var y = floatOut
            y.write { set.kernels.dequantise(walk([floatOut.strides, a.strides]), p.a, x, $0) }
            #expect(y.elements == a.elements.map { Float(Int32($0) - p.a.zero_point) * p.a.scale }, comment)
            #expect(y.surroundingsAreUntouched, comment)
            b.read { z in
                let (ofA, ofB) = (p.a.scale / p.y.scale, p.b.scale / p.y.scale)
                let expected = zip(a.elements, b.elements).map { a, b in
                    let x = Float(Int32(a) - p.a.zero_point) * ofA
                    let z = Float(Int32(b) - p.b.zero_point) * ofB
                    return rounded(x + z, p.y, p.range)
                }
                expectBytes(expected) {
                    set.kernels.add_bytes(
                        walk([out.strides, a.strides, b.strides]), p.a, p.b, p.y, p.range, x, z, $0)
                }
            }
        }
    }

    private static func float(using random: inout SeededRandom) -> Float {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: [.nan, .infinity, -.infinity, 1e30, -1e30, -0.0].randomElement(using: &random)!
        case 1...8: Float(Int.random(in: -500...500, using: &random)) / 16
        default: Float.random(in: -60...60, using: &random)
        }
    }

    @Test(arguments: KernelSet.present)
    func everyLengthAndAlignment(set: KernelSet) {
        let seed = SeededRandom.seed(of: 50)
        var random = SeededRandom(seed: seed)
        for length in 0...130 {
            for shift in [0, 1, 7] {
                let a = View(contiguous: [length], shift: shift, around: 9) {
                    UInt8.random(in: 0...255, using: &random)
                }
                let b = View(contiguous: [length], shift: 3, around: 9) { UInt8.random(in: 0...255, using: &random) }
                let floats = View(contiguous: [length], shift: shift, around: .nan) { Self.float(using: &random) }
                let out = View(contiguous: [length], shift: 5 - shift / 2, around: 77) { UInt8(0) }
                let floatOut = View(contiguous: [length], shift: 2, around: .nan) { Float(0) }
                check(
                    set, [length], a, b, floats, out, floatOut, using: &random,
                    "length \(length), shift \(shift), seed \(seed)")
            }
        }
    }

    @Test(arguments: KernelSet.present)
    func anyStrides(set: KernelSet) {
        let seed = SeededRandom.seed(of: 51)
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let sizes = randomSizes(using: &random)
            let broadcast = Set(sizes.indices.filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
            let a = View(random: sizes, around: 9, using: &random) { UInt8.random(in: 0...255, using: &$0) }
            let b = View(random: sizes, broadcast: broadcast, around: 9, using: &random) {
                UInt8.random(in: 0...255, using: &$0)
            }
            let floats = View(random: sizes, around: .nan, using: &random) { Self.float(using: &$0) }
            let out = View(random: sizes, around: 77, using: &random) { _ in UInt8(0) }
            let floatOut = View(random: sizes, around: .nan, using: &random) { _ in Float(0) }
            check(set, sizes, a, b, floats, out, floatOut, using: &random, "\(sizes), round \(round), seed \(seed)")
        }
    }

    /// All pairs of bytes, with scales that bring many sums so near to a half that one fused rounding would show.
    @Test(arguments: KernelSet.present)
    func sumsNearHalves(set: KernelSet) {
        let a = (0..<65_536).map { UInt8($0 >> 8) }
        let b = (0..<65_536).map { UInt8($0 & 255) }
        for (scaleA, scaleB) in [(0.1, 0.4), (0.3, 0.2), (0.7, 0.1), (0.05, 0.35)] as [(Float, Float)] {
            let ofA = lk_quantization(scale: scaleA, zero_point: 131)
            let ofB = lk_quantization(scale: scaleB, zero_point: 77)
            let to = lk_quantization(scale: 1, zero_point: 101)
            var y = [UInt8](repeating: 0, count: 65_536)
            set.kernels.add_bytes([lk_walk([65_536], [[1], [1], [1]])], ofA, ofB, to, whole, a, b, &y)
            let expected = zip(a, b).map { a, b in
                let x = Float(Int32(a) - ofA.zero_point) * scaleA
                let z = Float(Int32(b) - ofB.zero_point) * scaleB
                return rounded(x + z, to, whole)
            }
            #expect(y == expected, "scales \(scaleA) and \(scaleB)")
        }
    }

    @Test(arguments: KernelSet.present, [false, true])
    func pixels(set: KernelSet, reverses: Bool) {
        let seed = SeededRandom.seed(of: 52)
        var random = SeededRandom(seed: seed)
        let mean: [Float] = [123.675, 116.28, 103.53]
        let inverse: [Float] = [1 / 58.395, 1 / 57.12, 1 / 57.375]
        for pixels in 0...130 {
            let x = (0..<3 * pixels).map { _ in UInt8.random(in: 0...255, using: &random) }
            var y = [Float](repeating: .nan, count: 3 * pixels + 1)
            set.kernels.normalise_u8(x, Int64(pixels), mean, inverse, reverses ? 1 : 0, &y)
            let expected = (0..<3 * pixels).map { i in
                let c = i % 3
                return (Float(x[i - c + (reverses ? 2 - c : c)]) - mean[c]) * inverse[c]
            }
            #expect(Array(y.dropLast()) == expected && y[3 * pixels].isNaN, "\(pixels) pixels, seed \(seed)")
        }
    }
}
