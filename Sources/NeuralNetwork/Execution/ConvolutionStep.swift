import CTensorKernels

/// Where a product's inputs, outputs and residual lie: one line of pixels after the other.
struct LineGeometry: Sendable {
    /// Output pixels of a line, and lines.
    var width, lines: Int
    /// Elements from one output pixel's, and line's, first input to the next one's.
    var inputStride, inputLine: Int
    var outputStride, outputLine: Int
    var residualStride = 0, residualLine = 0

    /// `count` lines as one, where nothing lies between them: as width and lines.
    func joined(_ count: Int, fromBorder: Bool) -> (width: Int, lines: Int) {
        let isOne =
            !fromBorder && inputLine == width * inputStride && outputLine == width * outputStride
            && residualLine == width * residualStride
        return isOne ? (width * count, 1) : (width, count)
    }
}

/// A dense or grouped convolution, or a product with a constant matrix, in float32.
///
/// A kernel that reaches over the edge reads from a copy of its input rows with zeros around them, made band by band so
/// that it stays in the cache.
struct ConvolutionStep: PlanStep, RowMaker, @unchecked Sendable {
    /// Rows and columns of zeros around the input, and how the copy is made.
    struct Border: Sendable {
        var geometry: WindowGeometry
        var channels: Int
        /// Of the input, in elements.
        var rowStride, pixelStride: Int
        /// Output rows made from one copy.
        var band: Int
        var scratch: Address

        var paddedWidth: Int { geometry.input[1] + geometry.padding[1] + geometry.padding[3] }

        /// Input rows that `rows` output rows need.
        func inputRows(_ rows: Int) -> Int { (rows - 1) * geometry.strides[0] + geometry.span(0) }

        /// Copies the rows for output rows from `first` on. Elements are `Element`s; padding is `padding`.
        func fill<Element: BitwiseCopyable>(
            from input: UnsafePointer<Element>, to scratch: UnsafeMutablePointer<Element>, first: Int, rows: Int,
            padding: Element
        ) {
            let width = geometry.input[1], left = geometry.padding[1], right = geometry.padding[3]
            var to = scratch
            let top = first * geometry.strides[0] - geometry.padding[0]
            for row in top..<top + inputRows(rows) {
                guard row >= 0, row < geometry.input[0] else {
                    to.update(repeating: padding, count: paddedWidth * channels)
                    to += paddedWidth * channels
                    continue
                }
                to.update(repeating: padding, count: left * channels)
                to += left * channels
                let from = input + row * rowStride
                if pixelStride == channels {
                    to.update(from: from, count: width * channels)
                } else {
                    for x in 0..<width {
                        (to + x * channels).update(from: from + x * pixelStride, count: channels)
                    }
                }
                to += width * channels
                to.update(repeating: padding, count: right * channels)
                to += right * channels
            }
        }
    }

    let kernels: KernelSet
    let lines: LineGeometry
    let border: Border?
    let group: Int
    /// Channels of one group.
    let inputChannels, outputChannels: Int
    /// In elements: where the runs of inputs start.
    let segments: ConstantMemory
    let segmentCount, run: Int
    /// Packed, one group after the other.
    let weights: ConstantMemory
    let weightsPerGroup: Int
    /// Each group's padded to whole panels.
    let bias: ConstantMemory
    let biasPerGroup: Int
    let low, high: Float
    let input, output: Address
    let residual: Address?

    func run(_ arena: UnsafeMutableRawPointer) { makeRows(arena, 0..<lines.lines, from: nil, to: nil) }

    func makeRows(
        _ arena: UnsafeMutableRawPointer, _ rows: Range<Int>, from: UnsafeMutableRawPointer?,
        to: UnsafeMutableRawPointer?
    ) {
        var product = lk_gemm_f32()
        product.input_stride = lines.inputStride
        product.input_line = lines.inputLine
        product.segments = UnsafePointer(segments.pointer(Int.self))
        product.segment_count = segmentCount
        product.run = run
        product.residual_stride = lines.residualStride
        product.residual_line = lines.residualLine
        product.output_stride = lines.outputStride
        product.output_line = lines.outputLine
        product.channels = outputChannels
        product.low = low
        product.high = high
        let output =
            to?.assumingMemoryBound(to: Float.self)
            ?? self.output.pointer(arena) + rows.lowerBound * lines.outputLine
        let added = residual.map { $0.pointer(arena, Float.self) + rows.lowerBound * lines.residualLine }
        guard let border else {
            let input =
                from?.assumingMemoryBound(to: Float.self)
                ?? self.input.pointer(arena) + rows.lowerBound * lines.inputLine
            return multiply(&product, input, output, added, lines: rows.count)
        }
        let scratch: UnsafeMutablePointer<Float> = border.scratch.pointer(arena)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: border.band) {
            let count = min(border.band, rows.upperBound - first)
            border.fill(
                from: self.input.pointer(arena), to: scratch, first: first, rows: count, padding: Float.zero)
            let offset = first - rows.lowerBound
            multiply(
                &product, scratch, output + offset * lines.outputLine, added.map { $0 + offset * lines.residualLine },
                lines: count)
        }
    }

    @inline(__always)
    private func multiply(
        _ product: inout lk_gemm_f32, _ from: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>,
        _ added: UnsafeMutablePointer<Float>?, lines count: Int
    ) {
        (product.width, product.lines) = lines.joined(count, fromBorder: border != nil)
        for index in 0..<group {
            product.input = UnsafePointer(from + index * inputChannels)
            product.weights = UnsafePointer(weights.pointer(Float.self) + index * weightsPerGroup)
            product.bias = UnsafePointer(bias.pointer(Float.self) + index * biasPerGroup)
            product.output = to + index * outputChannels
            product.residual = added.map { UnsafePointer($0 + index * outputChannels) }
            kernels.convolution.pointee.gemm_f32(&product)
        }
    }
}

/// A depthwise convolution, or a factor and a term for each channel, in float32.
struct DepthwiseStep: PlanStep, RowFilter, @unchecked Sendable {
    let kernels: KernelSet
    let geometry: WindowGeometry
    let channels: Int
    /// In elements.
    let inputRow, inputPixel, outputRow, outputPixel: Int
    let weights, bias: ConstantMemory
    let low, high: Float
    let input, output: Address
    /// Room for the addresses of the input's rows.
    let rows: Address

    /// How many row addresses there are.
    static func rowCount(_ geometry: WindowGeometry) -> Int {
        (geometry.output[0] - 1) * geometry.strides[0] + geometry.span(0)
    }

    func run(_ arena: UnsafeMutableRawPointer) {
        let from: UnsafeMutablePointer<Float> = input.pointer(arena)
        makeRows(arena, 0..<geometry.output[0], to: output.pointer(arena, UInt8.self)) {
            UnsafeMutableRawPointer(from + $0 * inputRow)
        }
    }

    func makeRows(
        _ arena: UnsafeMutableRawPointer, _ wanted: Range<Int>, to: UnsafeMutableRawPointer,
        inputRow: (Int) -> UnsafeMutableRawPointer
    ) {
        let table: UnsafeMutablePointer<UnsafePointer<Float>?> = rows.pointer(arena)
        let top = wanted.lowerBound * geometry.strides[0] - geometry.padding[0]
        for index in 0..<(wanted.count - 1) * geometry.strides[0] + geometry.span(0) {
            let row = top + index
            table[index] =
                row >= 0 && row < geometry.input[0]
                ? UnsafePointer(inputRow(row).assumingMemoryBound(to: Float.self)) : nil
        }
        var call = lk_depthwise_f32()
        call.rows = UnsafePointer(table)
        call.row_step = geometry.strides[0]
        call.row_dilation = geometry.dilations[0]
        call.input_stride = inputPixel
        call.input_width = geometry.input[1]
        call.kernel_height = geometry.kernel[0]
        call.kernel_width = geometry.kernel[1]
        call.step = geometry.strides[1]
        call.dilation = geometry.dilations[1]
        call.padding_left = geometry.padding[1]
        call.weights = UnsafePointer(weights.pointer(Float.self))
        call.bias = UnsafePointer(bias.pointer(Float.self))
        call.output = to.assumingMemoryBound(to: Float.self)
        call.output_row_stride = outputRow
        call.output_stride = outputPixel
        call.output_rows = wanted.count
        call.output_width = geometry.output[1]
        call.channels = channels
        call.low = low
        call.high = high
        kernels.convolution.pointee.depthwise_f32(&call)
    }
}
