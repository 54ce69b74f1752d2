import CTensorKernels

// Steps on bytes. C structures of numbers only, fixed when planned: safe to share.

/// Bytes of floats.
struct QuantiseStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let form: lk_quantization
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: walk) { kernels.tensor.pointee.quantise($0, form, x.pointer(arena), y.pointer(arena)) }
    }
}

/// Floats of bytes.
struct DequantiseStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let form: lk_quantization
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: walk) { kernels.tensor.pointee.dequantise($0, form, x.pointer(arena), y.pointer(arena)) }
    }
}

/// Bytes of bytes in another form.
struct RequantiseStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let from, to: lk_quantization
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        let range = lk_byte_range(lowest: 0, highest: 255)
        withUnsafePointer(to: walk) {
            kernels.tensor.pointee.requantise($0, from, to, range, x.pointer(arena), y.pointer(arena))
        }
    }
}

/// The largest byte of each window.
struct BytePoolStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let window: lk_window
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: window) {
            kernels.tensor.pointee.pool_bytes_max($0, x.pointer(arena), y.pointer(arena))
        }
    }
}

/// Where a product of bytes reads and writes: one line of pixels after the other.
struct ByteLineGeometry: Sendable {
    /// Output pixels of a line, and lines.
    var width, lines: Int
    /// Elements from one output pixel's, and line's, first input to the next one's.
    var inputStride, inputLine: Int
    var outputStride = 0, outputLine = 0
    var wideStride = 0, wideLine = 0
    var residualStride = 0, residualLine = 0

    /// `count` lines as one, where nothing lies between them: as width and lines. Strides that are not used are 0.
    func joined(_ count: Int, fromBorder: Bool) -> (width: Int, lines: Int) {
        let isOne =
            !fromBorder && inputLine == width * inputStride && outputLine == width * outputStride
            && wideLine == width * wideStride && residualLine == width * residualStride
        return isOne ? (width * count, 1) : (width, count)
    }
}

/// A dense or grouped convolution, or a product with a constant matrix, of bytes; see `lk_gemm_u8`.
struct ByteConvolutionStep: PlanStep, RowMaker, @unchecked Sendable {
    /// Bounds of what is stored, as bytes and as floats, and how floats become bytes.
    struct Clamp: Sendable {
        var low, high: UInt8
        var wideLow, wideHigh: Float
        var requantise, zero: Float
    }

    let kernels: KernelSet
    let lines: ByteLineGeometry
    let border: ConvolutionStep.Border?
    let group: Int
    /// Channels of one group.
    let inputChannels, outputChannels: Int
    /// In elements: where the runs of inputs start.
    let segments: ConstantMemory
    let segmentCount, run: Int
    /// What stands for zero around the picture.
    let padding: UInt8
    /// Packed, one group after the other.
    let weights: ConstantMemory
    let weightsPerGroup: Int
    /// Each group's padded to whole panels.
    let start, scale, bias: ConstantMemory
    let finishPerGroup: Int
    let clamp: Clamp
    let input: Address
    let output, wide, residual: Address?

    func run(_ arena: UnsafeMutableRawPointer) { makeRows(arena, 0..<lines.lines, from: nil, to: nil) }

    func makeRows(
        _ arena: UnsafeMutableRawPointer, _ rows: Range<Int>, from: UnsafeMutableRawPointer?,
        to: UnsafeMutableRawPointer?
    ) {
        var product = lk_gemm_u8()
        product.input_stride = lines.inputStride
        product.input_line = lines.inputLine
        product.segments = UnsafePointer(segments.pointer(Int.self))
        product.segment_count = segmentCount
        product.run = run
        product.residual_stride = lines.residualStride
        product.residual_line = lines.residualLine
        product.wide_stride = lines.wideStride
        product.wide_line = lines.wideLine
        product.wide_low = clamp.wideLow
        product.wide_high = clamp.wideHigh
        product.requantise = clamp.requantise
        product.zero_out = clamp.zero
        product.output_stride = lines.outputStride
        product.output_line = lines.outputLine
        product.low = clamp.low
        product.high = clamp.high
        product.channels = outputChannels
        var place = Place(
            output: to?.assumingMemoryBound(to: UInt8.self)
                ?? output.map { $0.pointer(arena) + rows.lowerBound * lines.outputLine },
            wide: wide.map { $0.pointer(arena) + rows.lowerBound * lines.wideLine },
            residual: residual.map { $0.pointer(arena) + rows.lowerBound * lines.residualLine })
        guard let border else {
            let input =
                from?.assumingMemoryBound(to: UInt8.self)
                ?? self.input.pointer(arena) + rows.lowerBound * lines.inputLine
            return multiply(&product, input, place, lines: rows.count)
        }
        let scratch: UnsafeMutablePointer<UInt8> = border.scratch.pointer(arena)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: border.band) {
            let count = min(border.band, rows.upperBound - first)
            border.fill(from: self.input.pointer(arena), to: scratch, first: first, rows: count, padding: padding)
            multiply(&product, scratch, place, lines: count)
            place.output = place.output.map { $0 + count * lines.outputLine }
            place.wide = place.wide.map { $0 + count * lines.wideLine }
            place.residual = place.residual.map { $0 + count * lines.residualLine }
        }
    }

    /// Where the first of the rows to be made lies.
    private struct Place {
        var output: UnsafeMutablePointer<UInt8>?
        var wide, residual: UnsafeMutablePointer<Float>?
    }

    @inline(__always)
    private func multiply(
        _ product: inout lk_gemm_u8, _ from: UnsafeMutablePointer<UInt8>, _ place: Place, lines count: Int
    ) {
        (product.width, product.lines) = lines.joined(count, fromBorder: border != nil)
        for index in 0..<group {
            let finish = index * finishPerGroup
            product.input = UnsafePointer(from + index * inputChannels)
            product.weights = UnsafePointer(weights.pointer(Int8.self) + index * weightsPerGroup)
            product.start = UnsafePointer(start.pointer(Int32.self) + finish)
            product.scale = UnsafePointer(scale.pointer(Float.self) + finish)
            product.bias = UnsafePointer(bias.pointer(Float.self) + finish)
            product.output = place.output.map { $0 + index * outputChannels }
            product.wide = place.wide.map { $0 + index * outputChannels }
            product.residual = place.residual.map { UnsafePointer($0 + index * outputChannels) }
            kernels.convolution.pointee.gemm_u8(&product)
        }
    }
}

/// A depthwise convolution of bytes; see `lk_depthwise_u8`.
struct ByteDepthwiseStep: PlanStep, RowFilter, @unchecked Sendable {
    let kernels: KernelSet
    let geometry: WindowGeometry
    let channels: Int
    let inputRow, inputPixel, outputRow, outputPixel: Int
    let weights, start, scale, bias, zeros: ConstantMemory
    let low, high: UInt8
    let input, output: Address
    /// Room for the addresses of the input's rows.
    let rows: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        let from: UnsafeMutablePointer<UInt8> = input.pointer(arena)
        makeRows(arena, 0..<geometry.output[0], to: output.pointer(arena, UInt8.self)) {
            UnsafeMutableRawPointer(from + $0 * inputRow)
        }
    }

    func makeRows(
        _ arena: UnsafeMutableRawPointer, _ wanted: Range<Int>, to: UnsafeMutableRawPointer,
        inputRow: (Int) -> UnsafeMutableRawPointer
    ) {
        let table: UnsafeMutablePointer<UnsafePointer<UInt8>?> = rows.pointer(arena)
        let top = wanted.lowerBound * geometry.strides[0] - geometry.padding[0]
        for index in 0..<(wanted.count - 1) * geometry.strides[0] + geometry.span(0) {
            let row = top + index
            table[index] =
                row >= 0 && row < geometry.input[0]
                ? UnsafePointer(inputRow(row).assumingMemoryBound(to: UInt8.self)) : nil
        }
        var call = lk_depthwise_u8()
        call.rows = UnsafePointer(table)
        call.row_step = geometry.strides[0]
        call.input_stride = inputPixel
        call.input_width = geometry.input[1]
        call.kernel_height = geometry.kernel[0]
        call.kernel_width = geometry.kernel[1]
        call.step = geometry.strides[1]
        call.padding_left = geometry.padding[1]
        call.weights = UnsafePointer(weights.pointer(Int8.self))
        call.start = UnsafePointer(start.pointer(Int32.self))
        call.scale = UnsafePointer(scale.pointer(Float.self))
        call.bias = UnsafePointer(bias.pointer(Float.self))
        call.zeros = UnsafePointer(zeros.pointer(UInt8.self))
        call.output = to.assumingMemoryBound(to: UInt8.self)
        call.output_row_stride = outputRow
        call.output_stride = outputPixel
        call.output_rows = wanted.count
        call.output_width = geometry.output[1]
        call.channels = channels
        call.low = low
        call.high = high
        kernels.convolution.pointee.depthwise_u8(&call)
    }
}
