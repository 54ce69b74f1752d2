import CTensorKernels

/// Convolutions and products of bytes.
extension Planner {
    /// Factors and terms that make outputs of integer sums, padded for the kernels.
    private struct Finish {
        var start: [Int32]
        var scale, bias: [Float]
    }

    mutating func planByteConvolution(_ convolution: FlowConvolution, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        if convolution.isDepthwise { return planByteDepthwise(convolution, node) }
        let made = node.outputs[0]
        let geometry = convolution.geometry
        let residual = convolution.hasResidual ? node.inputs[1].map { picture($0) } : nil
        let x = bytePicture(value)
        let form = byteForm(value)
        // Sums with more than bounds to follow are finished as floats.
        let bounds = convolution.activation.bounds
        let bytes = byteChoice.asBytes.contains(made) && bounds != nil
        let wide = byteChoice.asFloats.contains(made) || residual != nil || !bytes
        let outputForm = bytes ? byteForm(made) : nil
        let output = outputForm.map { byteOutput(made, form: $0) }
        let floats = wide ? self.output(made) : nil

        let channels = convolution.channels / convolution.group
        let filters = convolution.filters / convolution.group
        var (rowStride, pixelStride) = (x.strides[2], x.strides[3])
        var border: (ConvolutionStep.Border, View)?
        if geometry.padding.contains(where: { $0 > 0 }) || !fits(geometry) {
            border = makeBorder(geometry, x, channels: convolution.channels, elementBytes: 1)
            pixelStride = convolution.channels
            rowStride = pixelStride * (border?.0.paddedWidth ?? 0)
        }
        let isWhole = convolution.group == 1 && geometry.dilations[1] == 1 && pixelStride == convolution.channels
        let segments = Self.segments(geometry, isWhole: isWhole, rowStride: rowStride, pixelStride: pixelStride)
        let run = isWhole ? geometry.kernel[1] * channels : channels
        var lines = ByteLineGeometry(
            width: geometry.output[1], lines: geometry.output[0], inputStride: geometry.strides[1] * pixelStride,
            inputLine: geometry.strides[0] * rowStride)
        if let output { (lines.outputStride, lines.outputLine) = (output.strides[3], output.strides[2]) }
        if let floats { (lines.wideStride, lines.wideLine) = (floats.strides[3], floats.strides[2]) }
        if let residual { (lines.residualStride, lines.residualLine) = (residual.strides[3], residual.strides[2]) }

        let means = means(value, channels: convolution.channels)
        let weights = ByteWeights(
            Self.channelsInnermost(convolution), filters: convolution.filters, depth: convolution.depth
        ) { filter in
            // Of the filter's group, once for each tap.
            guard !means.isEmpty else { return [] }
            let first = filter / filters * channels
            let taps = geometry.kernel[0] * geometry.kernel[1]
            return taps == 1 && convolution.group == 1
                ? means : (0..<taps).flatMap { _ in means[first..<first + channels] }
        }
        let packed = pack(weights, segments: segments.count, run: run, n: filters, groups: convolution.group)
        let finish = finish(
            weights, bias: convolution.bias, input: form, output: wide ? nil : outputForm, n: filters,
            groups: convolution.group)
        var used = [x] + [output, floats, residual].compactMap { $0 }
        if let border { used.append(border.1) }
        emitByteProduct(
            layer(
                node.source.name, "\(node.source.type) \(convolution.name)", output ?? floats ?? x,
                macs: convolution.multiplyAccumulates, weights: packed.memory.bytes, kernel: "gemm u8"),
            convolution.activation, output: outputForm, floats: floats, uses: used
        ) { [kernels, segmentMemory = ConstantMemory(segments)] clamp, address in
            var placed = border?.0
            if let border { placed?.scratch = address(border.1) }
            return ByteConvolutionStep(
                kernels: kernels, lines: lines, border: placed, group: convolution.group, inputChannels: channels,
                outputChannels: filters, segments: segmentMemory, segmentCount: segments.count, run: run,
                padding: UInt8(form.zero), weights: packed.memory, weightsPerGroup: packed.perGroup,
                start: ConstantMemory(finish.start), scale: ConstantMemory(finish.scale),
                bias: ConstantMemory(finish.bias), finishPerGroup: finish.start.count / convolution.group,
                clamp: clamp, input: address(x), output: output.map(address), wide: floats.map(address),
                residual: residual.map(address))
        }
    }

    mutating func planByteLinear(_ linear: FlowLinear, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let made = node.outputs[0]
        let rows = flow.shape(value).dimensions.dropLast().reduce(1, *)
        let result = output(made, order: Array(flow.shape(made).dimensions.indices))
        let bytes = byteInput(value)
        // Bytes are as moveable as floats; where rows do not lie as rows, they are copied.
        let x: View
        if let view = bytes.reshaped([rows, linear.inner]), view.strides[1] == 1, view.strides[0] >= 0 {
            x = view
        } else {
            let copy = newView(bytes.shape, order: Array(bytes.shape.indices), elementBytes: 1)
            let walk = Walk.over(copy, bytes)
            emit(
                layer(flow.values[value].name, "copy", copy, kernel: "copy"), uses: [bytes, copy]
            ) { [kernels] address in
                CopyStep(kernels: kernels, walk: walk, elementBytes: 1, x: address(bytes), y: address(copy))
            }
            guard let view = copy.reshaped([rows, linear.inner]) else {
                preconditionFailure("row-major takes any shape")
            }
            x = view
        }
        guard let y = result.reshaped([rows, linear.columns]) else { return planReference(node) }
        let residual = linear.hasResidual ? node.inputs[1].map { matrix($0, columns: linear.columns) } : nil
        var lines = ByteLineGeometry(width: rows, lines: 1, inputStride: x.strides[0], inputLine: 0)
        lines.wideStride = y.strides[0]
        if let residual { lines.residualStride = residual.strides[0] }
        var rowsOfWeights = [Float](repeating: 0, count: linear.weights.count)
        for k in 0..<linear.inner {
            for n in 0..<linear.columns {
                rowsOfWeights[n * linear.inner + k] = linear.weights[k * linear.columns + n]
            }
        }
        let means = means(value, channels: linear.inner)
        let weights = ByteWeights(rowsOfWeights, filters: linear.columns, depth: linear.inner) { _ in means }
        let packed = pack(weights, segments: 1, run: linear.inner, n: linear.columns, groups: 1)
        let form = byteForm(value)
        let finish = finish(weights, bias: linear.bias, input: form, output: nil, n: linear.columns, groups: 1)
        let name =
            node.source.type + (linear.hasResidual ? " + add" : "")
            + (linear.activation == .none ? "" : " + \(linear.activation.name)")
        emitByteProduct(
            layer(
                node.source.name, name, result, macs: rows * linear.inner * linear.columns,
                weights: packed.memory.bytes, kernel: "gemm u8"),
            linear.activation, output: nil, floats: y, uses: [x, y] + (residual.map { [$0] } ?? [])
        ) { [kernels, segments = ConstantMemory([0])] clamp, address in
            ByteConvolutionStep(
                kernels: kernels, lines: lines, border: nil, group: 1, inputChannels: linear.inner,
                outputChannels: linear.columns, segments: segments, segmentCount: 1, run: linear.inner, padding: 0,
                weights: packed.memory, weightsPerGroup: packed.perGroup, start: ConstantMemory(finish.start),
                scale: ConstantMemory(finish.scale), bias: ConstantMemory(finish.bias),
                finishPerGroup: finish.start.count, clamp: clamp, input: address(x), output: nil, wide: address(y),
                residual: residual.map(address))
        }
    }

    private mutating func planByteDepthwise(_ convolution: FlowConvolution, _ node: Flow.Node) {
        guard let value = node.inputs[0], let bounds = convolution.activation.bounds else { return }
        let x = bytePicture(value)
        let (form, outputForm) = (byteForm(value), byteForm(node.outputs[0]))
        let y = byteOutput(node.outputs[0], form: outputForm)
        let geometry = convolution.geometry
        let (height, width) = (geometry.kernel[0], geometry.kernel[1])
        let taps = height * width
        let means = means(value, channels: convolution.channels)
        let weights = ByteWeights(convolution.weights, filters: convolution.channels, depth: taps) { filter in
            means.isEmpty ? [] : [Float](repeating: means[filter], count: taps)
        }
        var ordered = [Int8](repeating: 0, count: weights.values.count)
        for channel in 0..<convolution.channels {
            for tap in 0..<taps { ordered[tap * convolution.channels + channel] = weights.values[channel * taps + tap] }
        }
        let memory = ConstantMemory(bytes: lk_packed_depthwise_s8_size(height, width, convolution.channels))
        lk_pack_depthwise_s8(ordered, height, width, convolution.channels, memory.pointer())
        let plain = finish(
            weights, bias: convolution.bias, input: form, output: outputForm, n: convolution.channels, groups: 1)
        var finish = Finish(
            start: plain.start.map { _ in 0 }, scale: plain.scale.map { _ in 0 }, bias: plain.bias.map { _ in 0 })
        for channel in plain.start.indices {
            let place = channel / 32 * 32 + lk_depthwise_place(channel % 32)
            finish.start[place] = plain.start[channel]
            finish.scale[place] = plain.scale[channel]
            finish.bias[place] = plain.bias[channel]
        }
        let placed = finish
        let rows = scratch(bytes: DepthwiseStep.rowCount(geometry) * MemoryLayout<UnsafeRawPointer>.size)
        let zeros = ConstantMemory([UInt8](repeating: UInt8(form.zero), count: (convolution.channels + 31) / 32 * 32))
        emit(
            layer(
                node.source.name, "depthwise \(convolution.name)", y, macs: convolution.multiplyAccumulates,
                weights: memory.bytes, kernel: "depthwise u8"), uses: [x, y, rows]
        ) { [kernels] address in
            ByteDepthwiseStep(
                kernels: kernels, geometry: geometry, channels: convolution.channels, inputRow: x.strides[2],
                inputPixel: x.strides[3], outputRow: y.strides[2], outputPixel: y.strides[3], weights: memory,
                start: ConstantMemory(placed.start), scale: ConstantMemory(placed.scale),
                bias: ConstantMemory(placed.bias), zeros: zeros, low: outputForm.byte(bounds.low),
                high: outputForm.byte(bounds.high), input: address(x), output: address(y), rows: address(rows))
        }
    }

    /// Adds a product and, where the activation is more than bounds, the pass that applies it to the floats.
    private mutating func emitByteProduct(
        _ layer: PlanSummary.Layer, _ activation: Activation, output: ByteForm?, floats: View?, uses: [View],
        _ make: @escaping (_ clamp: ByteConvolutionStep.Clamp, _ address: (View) -> Address) -> any PlanStep
    ) {
        let bounds = activation.bounds ?? (-.infinity, .infinity)
        let clamp = ByteConvolutionStep.Clamp(
            low: output?.byte(bounds.low) ?? 0, high: output?.byte(bounds.high) ?? 255, wideLow: bounds.low,
            wideHigh: bounds.high, requantise: output.map { 1 / $0.scale } ?? 0, zero: Float(output?.zero ?? 0))
        guard activation.bounds == nil, let floats else {
            return emit(layer, uses: uses) { address in make(clamp, address) }
        }
        let walk = Walk.over(floats, floats)
        emit(layer, uses: uses) { [kernels] address in
            SequenceStep(steps: [
                make(clamp, address),
                UnaryStep(
                    kernels: kernels, walk: walk, activation: activation.kernelForm, x: address(floats),
                    y: address(floats)),
            ])
        }
    }

    /// What each channel of a value is on average; empty where that is not known.
    private func means(_ value: ValueID, channels: Int) -> [Float] {
        let known = ranges?.ranges[flow.values[value].name]?.means ?? []
        return known.count == channels ? known : []
    }

    /// - Parameter output: the form of the bytes to be made; nil: floats.
    private func finish(
        _ weights: ByteWeights, bias: [Float], input: ByteForm, output: ByteForm?, n: Int, groups: Int
    ) -> Finish {
        let panel = Int(LK_BYTE_PANEL)
        let padded = (n + panel - 1) / panel * panel
        var finish = Finish(
            start: [Int32](repeating: 0, count: padded * groups), scale: [Float](repeating: 0, count: padded * groups),
            bias: [Float](repeating: 0, count: padded * groups))
        let step = output?.scale ?? 1
        for group in 0..<groups {
            for index in 0..<n {
                let filter = group * n + index, place = group * padded + index
                finish.start[place] = -input.zero * weights.sums[filter]
                finish.scale[place] = input.scale * weights.scales[filter] / step
                finish.bias[place] = (bias[filter] + weights.shifts[filter]) / step + Float(output?.zero ?? 0)
            }
        }
        return finish
    }

    private func pack(
        _ weights: ByteWeights, segments: Int, run: Int, n: Int, groups: Int
    ) -> (memory: ConstantMemory, perGroup: Int) {
        let perGroup = lk_packed_s8_size(segments, run, n)
        let depth = segments * run
        let memory = ConstantMemory(bytes: perGroup * groups)
        weights.values.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for group in 0..<groups {
                lk_pack_s8(
                    base + group * n * depth, 1, depth, segments, run, n,
                    memory.pointer(Int8.self) + group * perGroup)
            }
        }
        return (memory, perGroup)
    }
}
