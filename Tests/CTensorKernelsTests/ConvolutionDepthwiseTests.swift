import CTensorKernels
import TestSupport
import Testing

/// Depthwise convolutions of float32 against sums in double precision.
@Suite struct ConvolutionDepthwiseTests {
    @Test func everyKernelAgreesWithTheDefinition() {
        let seed = SeededRandom.seed(of: 64)
        var random = SeededRandom(seed: seed)
        for height in 1...7 {
            for width in 1...7 {
                for step in 1...3 {
                    for dilation in 1...3 {
                        let call = FloatDepthwise(
                            kernel: (height, width), step: step, dilation: dilation,
                            inputWidth: Int.random(in: 1...20, using: &random),
                            channels: Int.random(in: 1...70, using: &random), using: &random)
                        if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                            Issue.record(
                                "\(height)x\(width)/\(step) dilated \(dilation), seed \(seed): \(failure)")
                            return
                        }
                    }
                }
            }
        }
    }

    /// The kernels that have code of their own, on every width and number of channels.
    @Test func everyWidthAgreesWithTheDefinition() {
        let seed = SeededRandom.seed(of: 65)
        var random = SeededRandom(seed: seed)
        for inputWidth in 1...20 {
            for channels in 1...70 {
                let side = [3, 5].randomElement(using: &random) ?? 3
                let call = FloatDepthwise(
                    kernel: (side, side), step: Int.random(in: 1...2, using: &random), dilation: 1,
                    inputWidth: inputWidth, channels: channels, using: &random)
                if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                    Issue.record("\(inputWidth) pixels of \(channels), seed \(seed): \(failure)")
                    return
                }
            }
        }
    }
}

/// Where windows lie on a picture of which rows may be missing; of floats or bytes.
struct DepthwiseGeometry {
    let kernelHeight, kernelWidth, step, dilation: Int
    let rowStep, rowDilation: Int
    let paddingLeft, inputWidth, inputStride: Int
    let channels: Int
    let output: PixelLayout
    /// Which rows are padding.
    let isPadding: [Bool]

    init(
        kernel: (Int, Int), step: Int, dilation: Int, rowDilation: Int, inputWidth: Int, channels: Int,
        using random: inout SeededRandom
    ) {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        (kernelHeight, kernelWidth) = kernel
        (self.step, self.dilation, self.rowDilation) = (step, dilation, rowDilation)
        (self.inputWidth, self.channels) = (inputWidth, channels)
        rowStep = draw(1...3)
        let reach = (kernel.1 - 1) * dilation + 1
        // Usual padding, or any that a window still fits in.
        paddingLeft = draw(0...2) == 0 ? draw(0...reach - 1) : min(reach / 2, kernel.1 / 2 * dilation)
        var right = draw(0...2) == 0 ? draw(0...reach - 1) : paddingLeft
        right = max(right, reach - inputWidth - paddingLeft)
        inputStride = channels + (draw(0...1) == 0 ? 0 : draw(1...5))
        let width = (inputWidth + paddingLeft + right - reach) / step + 1
        output = PixelLayout(width: width, lines: draw(1...5), channels: channels, using: &random)
        let rows = (output.lines - 1) * rowStep + (kernel.0 - 1) * rowDilation + 1
        isPadding = (0..<rows).map { _ in draw(0...4) == 0 }
    }

    /// The tap's element in row-major [row][pixel][channel] of dense rows, nil for padding.
    func source(_ y: Int, _ x: Int, _ ky: Int, _ kx: Int, _ channel: Int) -> (row: Int, place: Int)? {
        let row = y * rowStep + ky * rowDilation
        let column = x * step + kx * dilation - paddingLeft
        guard !isPadding[row], column >= 0, column < inputWidth else { return nil }
        return (row, column * inputStride + channel)
    }

    /// Elements of a row from its first to its last.
    var rowExtent: Int { (inputWidth - 1) * inputStride + channels }
}

private struct FloatDepthwise {
    let geometry: DepthwiseGeometry
    let rows: [[Float]]
    /// [tap][channel]
    let weights: [Float]
    let bias: [Float]
    let shift: Int
    let low, high: Float
    let expected: [Double]

    init(
        kernel: (Int, Int), step: Int, dilation: Int, inputWidth: Int, channels: Int, using random: inout SeededRandom
    ) {
        let geometry = DepthwiseGeometry(
            kernel: kernel, step: step, dilation: dilation,
            rowDilation: Int.random(in: 0...3, using: &random) == 0 ? Int.random(in: 1...3, using: &random) : 1,
            inputWidth: inputWidth, channels: channels, using: &random)
        self.geometry = geometry
        rows = geometry.isPadding.map { _ in
            (0..<geometry.rowExtent).map {
                $0 % geometry.inputStride < channels ? Float.random(in: -1...1, using: &random) : .nan
            }
        }
        let weights = (0..<kernel.0 * kernel.1 * channels).map { _ in Float.random(in: -1...1, using: &random) }
        self.weights = weights
        bias = (0..<channels).map { _ in Float.random(in: -1...1, using: &random) }
        shift = Int.random(in: 0...7, using: &random)
        (low, high) = [(-.infinity, .infinity), (0, 6), (-0.5, 0.5)].randomElement(using: &random) ?? (0, 1)
        var expected: [Double] = []
        for y in 0..<geometry.output.lines {
            for x in 0..<geometry.output.width {
                for channel in 0..<channels {
                    var sum = Double(bias[channel])
                    for ky in 0..<kernel.0 {
                        for kx in 0..<kernel.1 {
                            guard let (row, place) = geometry.source(y, x, ky, kx, channel) else { continue }
                            let weight = weights[(ky * kernel.1 + kx) * channels + channel]
                            sum += Double(rows[row][place]) * Double(weight)
                        }
                    }
                    expected.append(min(max(sum, Double(low)), Double(high)))
                }
            }
        }
        self.expected = expected
    }

    func failure(_ set: ConvolutionSet) -> String? {
        let kernels = set.kernels
        let memory = CallMemory()
        let channels = geometry.channels
        let taps = geometry.kernelHeight * geometry.kernelWidth
        let packed = (0..<taps).flatMap {
            padded(Array(weights[$0 * channels..<($0 + 1) * channels]), to: kernels.lanes, with: 0)
        }
        let output = geometry.output
        let to = memory.copy([Float](repeating: untouchedFloat, count: output.extent + 2), shift: shift) + 1
        let places = zip(rows, geometry.isPadding).enumerated().map { index, row -> UnsafePointer<Float>? in
            row.1 ? nil : UnsafePointer(memory.copy(row.0, shift: (shift + index) % 8))
        }
        var call = lk_depthwise_f32()
        call.rows = UnsafePointer(memory.copy(places))
        call.row_step = geometry.rowStep
        call.row_dilation = geometry.rowDilation
        call.input_stride = geometry.inputStride
        call.input_width = geometry.inputWidth
        call.kernel_height = geometry.kernelHeight
        call.kernel_width = geometry.kernelWidth
        call.step = geometry.step
        call.dilation = geometry.dilation
        call.padding_left = geometry.paddingLeft
        call.weights = UnsafePointer(memory.copy(packed))
        call.bias = UnsafePointer(memory.copy(padded(bias, to: kernels.lanes, with: 0)))
        call.output = to
        call.output_row_stride = output.line
        call.output_stride = output.stride
        call.output_rows = output.lines
        call.output_width = output.width
        call.channels = channels
        call.low = low
        call.high = high
        kernels.depthwise_f32(&call)
        return withExtendedLifetime(memory) {
            let made = Array(UnsafeBufferPointer(start: to, count: output.extent))
            guard to[-1] == untouchedFloat, to[output.extent] == untouchedFloat,
                output.isUntouched(made, around: untouchedFloat)
            else { return "it writes outside of its output" }
            // At most 49 products of numbers up to 1, each added with an error of 2^-24 of the sum.
            let tolerance = Double(taps + 1) * Double(taps + 1) * 0x1p-24
            for (index, place) in output.places.enumerated() {
                guard abs(Double(made[place]) - expected[index]) <= tolerance else {
                    return "pixel \(index / channels), channel \(index % channels) is \(made[place]), not "
                        + "\(expected[index]); \(geometry)"
                }
            }
            return nil
        }
    }
}
