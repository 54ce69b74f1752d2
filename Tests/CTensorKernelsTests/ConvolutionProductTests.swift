import CTensorKernels
import TestSupport
import Testing

/// Dense products of float32 against sums in double precision.
@Suite struct ConvolutionProductTests {
    /// Every number of pixels up to 40 and of channels up to 70, each with other inputs.
    @Test func everyTileAgreesWithTheDefinition() {
        let seed = SeededRandom.seed(of: 61)
        var random = SeededRandom(seed: seed)
        for width in 1...40 {
            for channels in 1...70 {
                let call = FloatProduct(
                    width: width, lines: Int.random(in: 1...3, using: &random), channels: channels,
                    segments: Int.random(in: 1...3, using: &random), run: Int.random(in: 1...20, using: &random),
                    using: &random)
                if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                    Issue.record("\(width) pixels, \(channels) channels, seed \(seed): \(failure)")
                    return
                }
            }
        }
    }

    @Test func everyRunAgreesWithTheDefinition() {
        let seed = SeededRandom.seed(of: 62)
        var random = SeededRandom(seed: seed)
        for run in 1...130 {
            for segments in 1...5 {
                let call = FloatProduct(
                    width: Int.random(in: 1...40, using: &random), lines: 1,
                    channels: Int.random(in: 1...70, using: &random), segments: segments, run: run, using: &random)
                if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                    Issue.record("\(segments) runs of \(run), seed \(seed): \(failure)")
                    return
                }
            }
        }
    }

    /// Inputs so long, or lines so many, that the pixels are taken in several chunks.
    @Test func everyChunkAgreesWithTheDefinition() {
        let seed = SeededRandom.seed(of: 63)
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            let segments = Int.random(in: 1...9, using: &random)
            let isLong = Bool.random(using: &random)
            let call = FloatProduct(
                width: Int.random(in: 1...(isLong ? 60 : 9), using: &random),
                lines: Int.random(in: 1...(isLong ? 2 : 60), using: &random),
                channels: Int.random(in: 1...70, using: &random), segments: segments,
                run: Int.random(in: 600...5000, using: &random) / segments, using: &random)
            if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                Issue.record("seed \(seed): \(failure)")
                return
            }
        }
    }

    /// The packed form, from weights in any order.
    @Test(arguments: ConvolutionSet.present)
    func weightsArePackedInPanels(set: ConvolutionSet) {
        let kernels = set.kernels
        for (k, n) in [(1, 1), (3, 7), (5, 8), (2, 16), (7, 17), (3, 24), (6, 25), (4, 33), (5, 55), (9, 70)] {
            let weights = (0..<k * n).map { Float($0 + 1) }
            let size = lk_packed_f32_size(set.table, k, n)
            #expect(size == k * roundedUp(n, kernels.lanes))
            for isTransposed in [false, true] {
                var packed = [Float](repeating: untouchedFloat, count: size + 1)
                lk_pack_f32(set.table, weights, isTransposed ? 1 : n, isTransposed ? k : 1, k, n, &packed)
                var expected: [Float] = []
                for first in stride(from: 0, to: n, by: kernels.panel) {
                    let unit = n - first > kernels.lanes ? kernels.tail : kernels.lanes
                    let width = min(kernels.panel, roundedUp(n - first, unit))
                    for i in 0..<k {
                        for channel in first..<first + width {
                            let place = isTransposed ? channel * k + i : i * n + channel
                            expected.append(channel < n ? weights[place] : 0)
                        }
                    }
                }
                let rest = [Float](repeating: untouchedFloat, count: size + 1 - expected.count)
                #expect(packed == expected + rest, "\(k) inputs, \(n) channels")
            }
        }
    }
}

/// One call, with what it is to make.
private struct FloatProduct {
    let output: PixelLayout
    let residualLayout: PixelLayout?
    let inputStride, inputLine: Int
    let segments: [Int]
    let run: Int
    let input: [Float]
    /// Where the first pixel's runs start from.
    let origin: Int
    let shift: Int
    /// [K][N]
    let weights: [Float]
    let bias: [Float]
    let residual: [Float]
    let low, high: Float
    let expected: [Double]
    let tolerances: [Double]

    init(width: Int, lines: Int, channels: Int, segments count: Int, run: Int, using random: inout SeededRandom) {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        output = PixelLayout(width: width, lines: lines, channels: channels, using: &random)
        inputStride = draw(0...2) == 0 ? run : draw(1...2 * run)
        inputLine = draw(0...width * inputStride + 9)
        segments = (0..<count).map { index in index * (run + draw(0...9)) - (draw(0...3) == 0 ? 2 * run : 0) }
        self.run = run
        origin = -min(0, segments.min() ?? 0)
        let behind = (lines - 1) * inputLine + (width - 1) * inputStride + (segments.max() ?? 0) + run
        // What no run covers would spoil any sum.
        var input = [Float](repeating: .nan, count: origin + behind)
        for line in 0..<lines {
            for x in 0..<width {
                for segment in segments {
                    let start = origin + line * inputLine + x * inputStride + segment
                    for place in start..<start + run where input[place].isNaN {
                        input[place] = Float.random(in: -1...1, using: &random)
                    }
                }
            }
        }
        self.input = input
        shift = draw(0...7)
        let k = count * run
        let weights = (0..<k * channels).map { _ in Float.random(in: -1...1, using: &random) }
        self.weights = weights
        bias = (0..<channels).map { _ in Float.random(in: -2...2, using: &random) }
        if Bool.random(using: &random) {
            let layout = PixelLayout(width: width, lines: lines, channels: channels, using: &random)
            let values = (0..<width * lines * channels).map { _ in Float.random(in: -3...3, using: &random) }
            residualLayout = layout
            residual = layout.spread(values, around: .nan)
        } else {
            (residualLayout, residual) = (nil, [])
        }
        (low, high) =
            [(-.infinity, .infinity), (0, .infinity), (0, 6), (-1, 0.5)].randomElement(using: &random) ?? (0, 1)
        var expected: [Double] = [], tolerances: [Double] = []
        var sums = [Double](repeating: 0, count: channels), magnitudes = sums
        for m in 0..<width * lines {
            for n in 0..<channels {
                sums[n] = Double(bias[n])
                if let residualLayout { sums[n] += Double(residual[residualLayout.place(m, n)]) }
                magnitudes[n] = abs(Double(bias[n])) + 3
            }
            var weight = 0
            for segment in segments {
                let start = origin + m / width * inputLine + m % width * inputStride + segment
                for place in start..<start + run {
                    let value = Double(input[place])
                    for n in 0..<channels {
                        let product = value * Double(weights[weight])
                        sums[n] += product
                        magnitudes[n] += abs(product)
                        weight += 1
                    }
                }
            }
            for n in 0..<channels {
                expected.append(min(max(sums[n], Double(low)), Double(high)))
                // Each of K additions rounds by 2^-24 of what has been summed.
                tolerances.append(Double(k + 2) * 0x1p-24 * magnitudes[n])
            }
        }
        self.expected = expected
        self.tolerances = tolerances
    }

    /// What is wrong with a kernel's results; nil when nothing is.
    func failure(_ set: ConvolutionSet) -> String? {
        let kernels = set.kernels
        let memory = CallMemory()
        let k = segments.count * run
        var packed = [Float](repeating: .nan, count: lk_packed_f32_size(set.table, k, output.channels))
        lk_pack_f32(set.table, weights, output.channels, 1, k, output.channels, &packed)
        let to = memory.copy([Float](repeating: untouchedFloat, count: output.extent + 2), shift: shift) + 1
        var call = lk_gemm_f32()
        call.input = UnsafePointer(memory.copy(input, shift: (shift * 3 + 1) % 8) + origin)
        call.input_stride = inputStride
        call.input_line = inputLine
        call.segments = UnsafePointer(memory.copy(segments))
        call.segment_count = segments.count
        call.run = run
        call.weights = UnsafePointer(memory.copy(packed, shift: shift % 3))
        call.bias = UnsafePointer(memory.copy(padded(bias, to: kernels.panel, with: 0)))
        if let residualLayout {
            call.residual = UnsafePointer(memory.copy(residual, shift: (shift + 5) % 8))
            call.residual_stride = residualLayout.stride
            call.residual_line = residualLayout.line
        }
        call.output = to
        call.output_stride = output.stride
        call.output_line = output.line
        call.width = output.width
        call.lines = output.lines
        call.channels = output.channels
        call.low = low
        call.high = high
        kernels.gemm_f32(&call)
        return withExtendedLifetime(memory) {
            let made = Array(UnsafeBufferPointer(start: to, count: output.extent))
            guard to[-1] == untouchedFloat, to[output.extent] == untouchedFloat,
                output.isUntouched(made, around: untouchedFloat)
            else { return "it writes outside of its output" }
            for (index, place) in output.places.enumerated() {
                let difference = abs(Double(made[place]) - expected[index])
                guard difference <= tolerances[index] else {
                    return
                        "pixel \(index / output.channels), channel \(index % output.channels) is \(made[place]), not "
                        + "\(expected[index]); \(segments.count) runs of \(run), residual \(residualLayout != nil)"
                }
            }
            return nil
        }
    }
}
