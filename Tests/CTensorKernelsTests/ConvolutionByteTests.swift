import CTensorKernels
import TestSupport
import Testing

/// Dense products of bytes against sums of whole numbers: the last bit has to be right.
@Suite struct ConvolutionByteTests {
    @Test func everyTileIsExact() {
        let seed = SeededRandom.seed(of: 66)
        var random = SeededRandom(seed: seed)
        for width in 1...40 {
            for channels in 1...70 {
                let call = ByteProduct(
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

    @Test func everyRunIsExact() {
        let seed = SeededRandom.seed(of: 67)
        var random = SeededRandom(seed: seed)
        for run in 1...130 {
            for segments in 1...5 {
                let call = ByteProduct(
                    width: Int.random(in: 1...40, using: &random), lines: 1,
                    channels: Int.random(in: 1...70, using: &random), segments: segments, run: run, using: &random)
                if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                    Issue.record("\(segments) runs of \(run), seed \(seed): \(failure)")
                    return
                }
            }
        }
    }

    /// Sums beyond what a float holds exactly, in several chunks.
    @Test func everyChunkIsExact() {
        let seed = SeededRandom.seed(of: 68)
        var random = SeededRandom(seed: seed)
        for _ in 0..<30 {
            let segments = Int.random(in: 1...9, using: &random)
            let isLong = Bool.random(using: &random)
            let call = ByteProduct(
                width: Int.random(in: 1...(isLong ? 60 : 9), using: &random),
                lines: Int.random(in: 1...(isLong ? 2 : 60), using: &random),
                channels: Int.random(in: 1...70, using: &random), segments: segments,
                run: Int.random(in: 2000...9000, using: &random) / segments, using: &random)
            if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                Issue.record("seed \(seed): \(failure)")
                return
            }
        }
    }

    @Test func weightsArePackedInPanels() {
        for (segments, run, n) in [(1, 1, 1), (2, 3, 7), (1, 5, 16), (3, 4, 17), (2, 9, 40), (1, 8, 49), (1, 2, 70)] {
            let k = segments * run
            let weights = (0..<k * n).map { Int8(truncatingIfNeeded: $0 * 7 + 1) }
            let size = lk_packed_s8_size(segments, run, n)
            for isTransposed in [false, true] {
                var packed = [Int8](repeating: 99, count: size + 1)
                lk_pack_s8(weights, isTransposed ? 1 : n, isTransposed ? k : 1, segments, run, n, &packed)
                var expected: [Int8] = []
                for first in stride(from: 0, to: n, by: Int(LK_BYTE_PANEL)) {
                    let width = n - first > 16 ? 32 : 16
                    for segment in 0..<segments {
                        for group in stride(from: 0, to: run, by: 4) {
                            for channel in first..<first + width {
                                for i in group..<group + 4 {
                                    let input = segment * run + i
                                    let place = isTransposed ? channel * k + input : input * n + channel
                                    expected.append(channel < n && i < run ? weights[place] : 0)
                                }
                            }
                        }
                    }
                }
                #expect(packed == expected + [99], "\(segments) runs of \(run), \(n) channels")
            }
        }
    }
}

/// Bytes of which many are extremes, since those are what overflows.
func randomBytes(_ count: Int, using random: inout SeededRandom) -> [UInt8] {
    (0..<count).map { _ in
        Int.random(in: 0..<3, using: &random) == 0
            ? [0, 1, 127, 128, 255].randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
    }
}

func randomSignedBytes(_ count: Int, using random: inout SeededRandom) -> [Int8] {
    randomBytes(count, using: &random).map { max(Int8(bitPattern: $0), -127) }
}

/// A number in steps of the output's scale as a byte.
func byte(_ value: Float, _ low: UInt8, _ high: UInt8) -> UInt8 {
    UInt8(min(max(value.rounded(.toNearestOrEven), Float(low)), Float(high)))
}

private struct ByteProduct {
    let output: PixelLayout
    let isWide, hasBytes: Bool
    let wideLayout: PixelLayout
    let residualLayout: PixelLayout?
    let inputStride, inputLine: Int
    let segments: [Int]
    let run: Int
    let input: [UInt8]
    let origin: Int
    let shift: Int
    /// [K][N]
    let weights: [Int8]
    let start: [Int32]
    let scale, bias: [Float]
    let residual: [Float]
    let wideLow, wideHigh, requantise, zeroOut: Float
    let low, high: UInt8
    let expectedWide: [Float]
    let expected: [UInt8]

    init(width: Int, lines: Int, channels: Int, segments count: Int, run: Int, using random: inout SeededRandom) {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        output = PixelLayout(width: width, lines: lines, channels: channels, using: &random)
        wideLayout = PixelLayout(width: width, lines: lines, channels: channels, using: &random)
        inputStride = draw(0...2) == 0 ? run : draw(1...2 * run)
        inputLine = draw(0...width * inputStride + 9)
        segments = (0..<count).map { index in index * (run + draw(0...9)) - (draw(0...3) == 0 ? 2 * run : 0) }
        self.run = run
        origin = -min(0, segments.min() ?? 0)
        let behind = (lines - 1) * inputLine + (width - 1) * inputStride + (segments.max() ?? 0) + run
        let input = randomBytes(origin + behind, using: &random)
        self.input = input
        shift = draw(0...7)
        let k = count * run
        let weights = randomSignedBytes(k * channels, using: &random)
        self.weights = weights
        let start = (0..<channels).map { _ in Int32(draw(-50_000...50_000)) }
        self.start = start
        // Halves as well, which have to be rounded to even.
        let isHalving = draw(0...3) == 0
        // Now and then so large that neither a byte nor 32 bits are enough.
        let usual = (draw(0...9) == 0 ? 1e11 : 60) / (Float(k).squareRoot() * 8000)
        scale = (0..<channels).map { _ in isHalving ? 0.5 : usual * Float.random(in: 0.5...2, using: &random) }
        bias = (0..<channels).map { _ in
            isHalving ? Float(draw(-200...200)) : Float.random(in: -50...200, using: &random)
        }
        isWide = Bool.random(using: &random)
        hasBytes = !isWide || Bool.random(using: &random)
        if isWide, Bool.random(using: &random) {
            let layout = PixelLayout(width: width, lines: lines, channels: channels, using: &random)
            residualLayout = layout
            let values = (0..<width * lines * channels).map { _ in Float.random(in: -90...90, using: &random) }
            residual = layout.spread(values, around: .nan)
        } else {
            (residualLayout, residual) = (nil, [])
        }
        (wideLow, wideHigh) =
            [(-.infinity, .infinity), (0, .infinity), (0, 60), (-20, 30)].randomElement(using: &random) ?? (0, 1)
        requantise = isHalving ? 0.5 : Float.random(in: 0.5...2, using: &random)
        zeroOut = Float(draw(0...255))
        let bounds = [0, 255, UInt8(draw(0...255)), UInt8(draw(0...255))].prefix(draw(0...1) == 0 ? 2 : 4).suffix(2)
        (low, high) = (bounds.min() ?? 0, bounds.max() ?? 255)
        var expected: [UInt8] = [], expectedWide: [Float] = []
        for m in 0..<width * lines {
            var sums = start
            var weight = 0
            for segment in segments {
                let first = origin + m / width * inputLine + m % width * inputStride + segment
                for place in first..<first + run {
                    let value = Int32(input[place])
                    for n in 0..<channels {
                        sums[n] += value * Int32(weights[weight])
                        weight += 1
                    }
                }
            }
            for n in 0..<channels {
                var y = bias[n].addingProduct(Float(sums[n]), scale[n])
                if isWide {
                    if let residualLayout { y += residual[residualLayout.place(m, n)] }
                    y = min(max(y, wideLow), wideHigh)
                    expectedWide.append(y)
                    y = zeroOut.addingProduct(y, requantise)
                }
                expected.append(byte(y, low, high))
            }
        }
        self.expected = expected
        self.expectedWide = expectedWide
    }

    func failure(_ set: ConvolutionSet) -> String? {
        let memory = CallMemory()
        let channels = output.channels
        var packed = [Int8](repeating: 99, count: lk_packed_s8_size(segments.count, run, channels))
        lk_pack_s8(weights, channels, 1, segments.count, run, channels, &packed)
        let panel = Int(LK_BYTE_PANEL)
        let to = memory.copy([UInt8](repeating: untouchedByte, count: output.extent + 2), shift: shift) + 1
        let wide = memory.copy([Float](repeating: untouchedFloat, count: wideLayout.extent + 2), shift: shift) + 1
        let spare = [UInt8](repeating: 201, count: Int(LK_SPARE_BYTES))
        var call = lk_gemm_u8()
        call.input = UnsafePointer(memory.copy(input + spare, shift: (shift * 3 + 1) % 8) + origin)
        call.input_stride = inputStride
        call.input_line = inputLine
        call.segments = UnsafePointer(memory.copy(segments))
        call.segment_count = segments.count
        call.run = run
        call.weights = UnsafePointer(memory.copy(packed, shift: shift % 3))
        call.start = UnsafePointer(memory.copy(padded(start, to: panel, with: 0)))
        call.scale = UnsafePointer(memory.copy(padded(scale, to: panel, with: 0)))
        call.bias = UnsafePointer(memory.copy(padded(bias, to: panel, with: 0)))
        if let residualLayout {
            call.residual = UnsafePointer(memory.copy(residual, shift: (shift + 5) % 8))
            call.residual_stride = residualLayout.stride
            call.residual_line = residualLayout.line
        }
        call.wide = isWide ? wide : nil
        call.wide_stride = wideLayout.stride
        call.wide_line = wideLayout.line
        call.wide_low = wideLow
        call.wide_high = wideHigh
        call.requantise = requantise
        call.zero_out = zeroOut
        call.output = hasBytes ? to : nil
        call.output_stride = output.stride
        call.output_line = output.line
        call.low = low
        call.high = high
        call.width = output.width
        call.lines = output.lines
        call.channels = channels
        set.kernels.gemm_u8(&call)
        return withExtendedLifetime(memory) {
            let made = Array(UnsafeBufferPointer(start: to - 1, count: output.extent + 2))
            let madeWide = Array(UnsafeBufferPointer(start: wide - 1, count: wideLayout.extent + 2))
            let form =
                "\(segments.count) runs of \(run), wide \(isWide), bytes \(hasBytes), "
                + "residual \(residualLayout != nil)"
            let untouched = [UInt8](repeating: untouchedByte, count: output.extent)
            let untouchedWide = [Float](repeating: untouchedFloat, count: wideLayout.extent)
            let wanted = hasBytes ? output.filled(untouched, expected) : untouched
            let wantedWide = isWide ? wideLayout.filled(untouchedWide, expectedWide) : untouchedWide
            if made != [untouchedByte] + wanted + [untouchedByte] {
                return difference(Array(made.dropFirst().dropLast()), wanted, output) + "; " + form
            }
            if madeWide != [untouchedFloat] + wantedWide + [untouchedFloat] {
                return difference(Array(madeWide.dropFirst().dropLast()), wantedWide, wideLayout) + "; " + form
            }
            return nil
        }
    }
}

extension PixelLayout {
    /// `storage` with these elements at their places.
    func filled<Element>(_ storage: [Element], _ elements: [Element]) -> [Element] {
        var storage = storage
        for (place, element) in zip(places, elements) { storage[place] = element }
        return storage
    }
}

/// The first element that is not as wanted, in words.
func difference<Element: Equatable>(_ made: [Element], _ wanted: [Element], _ layout: PixelLayout) -> String {
    guard let place = made.indices.first(where: { made[$0] != wanted[$0] }) else {
        return "it writes before or behind its output"
    }
    let what = layout.places.firstIndex(of: place).map {
        "pixel \($0 / layout.channels), channel \($0 % layout.channels)"
    }
    return "\(what ?? "a gap") is \(made[place]), not \(wanted[place])"
}
