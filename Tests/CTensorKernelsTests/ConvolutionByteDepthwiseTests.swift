import CTensorKernels
import TestSupport
import Testing

/// Depthwise convolutions of bytes against sums of whole numbers.
@Suite struct ConvolutionByteDepthwiseTests {
    @Test func everyKernelIsExact() {
        let seed = SeededRandom.seed(of: 69)
        var random = SeededRandom(seed: seed)
        for height in 1...8 {
            for width in 1...8 {
                for step in 1...3 {
                    for _ in 0..<2 {
                        let call = ByteDepthwise(
                            kernel: (height, width), step: step, inputWidth: Int.random(in: 1...20, using: &random),
                            channels: Int.random(in: 1...70, using: &random), using: &random)
                        if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                            Issue.record("\(height)x\(width)/\(step), seed \(seed): \(failure)")
                            return
                        }
                    }
                }
            }
        }
    }

    /// The kernels that have code of their own, on every width and number of channels.
    @Test func everyWidthIsExact() {
        let seed = SeededRandom.seed(of: 70)
        var random = SeededRandom(seed: seed)
        for inputWidth in 1...20 {
            for channels in 1...70 {
                let side = [3, 5].randomElement(using: &random) ?? 3
                let call = ByteDepthwise(
                    kernel: (side, side), step: Int.random(in: 1...2, using: &random), inputWidth: inputWidth,
                    channels: channels, using: &random)
                if let failure = ConvolutionSet.failure({ call.failure($0) }) {
                    Issue.record("\(inputWidth) pixels of \(channels), seed \(seed): \(failure)")
                    return
                }
            }
        }
    }

    @Test func everyChannelHasAPlaceOfItsOwn() {
        let places = (0..<32).map { lk_depthwise_place($0) }
        #expect(Set(places) == Set(0..<32))
        // The order in which bytes come out of the unpack instructions.
        #expect(places.prefix(6) == [0, 1, 2, 3, 8, 9] && places[16] == 4)
    }

    @Test func weightsArePackedInBlocks() {
        for (height, width, channels) in [(1, 1, 1), (3, 3, 32), (3, 3, 33), (5, 5, 40), (8, 2, 70), (4, 7, 9)] {
            let weights = (0..<height * width * channels).map { Int8(truncatingIfNeeded: $0 * 7 + 1) }
            let size = lk_packed_depthwise_s8_size(height, width, channels)
            var packed = [Int8](repeating: 99, count: size + 1)
            lk_pack_depthwise_s8(weights, height, width, channels, &packed)
            let groups = (height + 3) / 4
            var expected = [Int8](repeating: 0, count: size)
            for channel in 0..<channels {
                for y in 0..<height {
                    for x in 0..<width {
                        let column = (channel / 32 * width + x) * groups + y / 4
                        expected[column * 128 + lk_depthwise_place(channel % 32) * 4 + y % 4] =
                            weights[(y * width + x) * channels + channel]
                    }
                }
            }
            #expect(packed == expected + [99], "\(height)x\(width), \(channels) channels")
        }
    }
}

private struct ByteDepthwise {
    let geometry: DepthwiseGeometry
    let rows: [[UInt8]]
    let zero: UInt8
    /// [tap][channel]
    let weights: [Int8]
    let start: [Int32]
    let scale, bias: [Float]
    let shift: Int
    let low, high: UInt8
    let expected: [UInt8]

    init(kernel: (Int, Int), step: Int, inputWidth: Int, channels: Int, using random: inout SeededRandom) {
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        let geometry = DepthwiseGeometry(
            kernel: kernel, step: step, dilation: 1, rowDilation: 1, inputWidth: inputWidth, channels: channels,
            using: &random)
        self.geometry = geometry
        let rows = geometry.isPadding.map { _ in randomBytes(geometry.rowExtent, using: &random) }
        self.rows = rows
        zero = UInt8(draw(0...255))
        weights = randomSignedBytes(kernel.0 * kernel.1 * channels, using: &random)
        start = (0..<channels).map { _ in Int32(draw(-50_000...50_000)) }
        let isHalving = draw(0...3) == 0
        // Now and then so large that neither a byte nor 32 bits are enough.
        let usual = (draw(0...9) == 0 ? 1e11 : 60) / (Float(kernel.0 * kernel.1).squareRoot() * 8000)
        scale = (0..<channels).map { _ in isHalving ? 0.5 : usual * Float.random(in: 0.5...2, using: &random) }
        bias = (0..<channels).map { _ in
            isHalving ? Float(draw(-200...200)) : Float.random(in: -50...200, using: &random)
        }
        shift = draw(0...7)
        let bounds = draw(0...1) == 0 ? [0, 255] : [UInt8(draw(0...255)), UInt8(draw(0...255))]
        (low, high) = (bounds.min() ?? 0, bounds.max() ?? 255)
        var expected: [UInt8] = []
        for y in 0..<geometry.output.lines {
            for x in 0..<geometry.output.width {
                for channel in 0..<channels {
                    var sum = start[channel]
                    for ky in 0..<kernel.0 {
                        for kx in 0..<kernel.1 {
                            let source = geometry.source(y, x, ky, kx, channel)
                            let value = source.map { rows[$0.row][$0.place] } ?? zero
                            sum += Int32(value) * Int32(weights[(ky * kernel.1 + kx) * channels + channel])
                        }
                    }
                    expected.append(byte(bias[channel].addingProduct(Float(sum), scale[channel]), low, high))
                }
            }
        }
        self.expected = expected
    }

    /// Numbers of channels in the packed order.
    private func placed<Number>(_ numbers: [Number], filler: Number) -> [Number] {
        var placed = [Number](repeating: filler, count: roundedUp(numbers.count, 32))
        for (channel, number) in numbers.enumerated() {
            placed[channel / 32 * 32 + lk_depthwise_place(channel % 32)] = number
        }
        return placed
    }

    func failure(_ set: ConvolutionSet) -> String? {
        let memory = CallMemory()
        let channels = geometry.channels
        let (height, width) = (geometry.kernelHeight, geometry.kernelWidth)
        var packed = [Int8](repeating: 99, count: lk_packed_depthwise_s8_size(height, width, channels))
        lk_pack_depthwise_s8(weights, height, width, channels, &packed)
        let output = geometry.output
        let to = memory.copy([UInt8](repeating: untouchedByte, count: output.extent + 2), shift: shift) + 1
        let spare = [UInt8](repeating: 201, count: Int(LK_SPARE_BYTES))
        let places = zip(rows, geometry.isPadding).enumerated().map { index, row -> UnsafePointer<UInt8>? in
            row.1 ? nil : UnsafePointer(memory.copy(row.0 + spare, shift: (shift + index) % 8))
        }
        var call = lk_depthwise_u8()
        call.rows = UnsafePointer(memory.copy(places))
        call.row_step = geometry.rowStep
        call.input_stride = geometry.inputStride
        call.input_width = geometry.inputWidth
        call.kernel_height = height
        call.kernel_width = width
        call.step = geometry.step
        call.padding_left = geometry.paddingLeft
        call.weights = UnsafePointer(memory.copy(packed))
        call.start = UnsafePointer(memory.copy(placed(start, filler: 0)))
        call.scale = UnsafePointer(memory.copy(placed(scale, filler: 0)))
        call.bias = UnsafePointer(memory.copy(placed(bias, filler: 0)))
        call.zeros = UnsafePointer(memory.copy([UInt8](repeating: zero, count: roundedUp(channels, 32))))
        call.output = to
        call.output_row_stride = output.line
        call.output_stride = output.stride
        call.output_rows = output.lines
        call.output_width = output.width
        call.channels = channels
        call.low = low
        call.high = high
        set.kernels.depthwise_u8(&call)
        return withExtendedLifetime(memory) {
            let made = Array(UnsafeBufferPointer(start: to - 1, count: output.extent + 2))
            let wanted = output.filled([UInt8](repeating: untouchedByte, count: output.extent), expected)
            guard made != [untouchedByte] + wanted + [untouchedByte] else { return nil }
            return difference(Array(made.dropFirst().dropLast()), wanted, output) + "; \(geometry)"
        }
    }
}
