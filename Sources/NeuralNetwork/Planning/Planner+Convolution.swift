import CTensorKernels

extension Planner {
    /// Bytes that the copy of a band of input rows may take: it should stay in the second-level cache beside weights.
    static let bandBytes = 192 << 10

    mutating func planConvolution(_ convolution: FlowConvolution, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        if byteChoice.nodes.contains(node.outputs[0]) { return planByteConvolution(convolution, node) }
        if convolution.isDepthwise, !convolution.hasResidual {
            return planDepthwise(convolution, picture(value), node)
        }
        let geometry = convolution.geometry
        let x = picture(value)
        let y = output(node.outputs[0])
        let residual = convolution.hasResidual ? node.inputs[1].map { picture($0) } : nil
        let channels = convolution.channels / convolution.group
        let needsBorder = geometry.padding.contains { $0 > 0 } || !fits(geometry)
        var (rowStride, pixelStride) = (x.strides[2], x.strides[3])
        var border: (ConvolutionStep.Border, View)?
        if needsBorder {
            border = makeBorder(geometry, x, channels: convolution.channels, elementBytes: 4)
            pixelStride = convolution.channels
            rowStride = pixelStride * (border?.0.paddedWidth ?? 0)
        }
        let isWhole = convolution.group == 1 && geometry.dilations[1] == 1 && pixelStride == convolution.channels
        let segments = Self.segments(
            geometry, isWhole: isWhole, rowStride: rowStride, pixelStride: pixelStride)
        let run = isWhole ? geometry.kernel[1] * channels : channels
        var lines = LineGeometry(
            width: geometry.output[1], lines: geometry.output[0], inputStride: geometry.strides[1] * pixelStride,
            inputLine: geometry.strides[0] * rowStride, outputStride: y.strides[3], outputLine: y.strides[2])
        if let residual { (lines.residualStride, lines.residualLine) = (residual.strides[3], residual.strides[2]) }
        let filters = convolution.filters / convolution.group
        let depth = convolution.depth
        let packed = pack(
            Self.channelsInnermost(convolution), kStride: 1, nStride: depth, k: depth, n: filters,
            groups: convolution.group)
        let bias = padBias(convolution.bias, n: filters, groups: convolution.group)
        let name = "\(node.source.type) \(convolution.name)"
        var used = [x, y]
        if let border { used.append(border.1) }
        if let residual { used.append(residual) }
        let layer = layer(
            node.source.name, name, y, macs: convolution.multiplyAccumulates, weights: packed.bytes, kernel: "gemm f32")
        emitProduct(
            layer, convolution.activation, y: y, uses: used
        ) { [kernels, segmentMemory = ConstantMemory(segments)] bounds, address in
            var placed = border?.0
            if let border { placed?.scratch = address(border.1) }
            return ConvolutionStep(
                kernels: kernels, lines: lines, border: placed, group: convolution.group, inputChannels: channels,
                outputChannels: filters, segments: segmentMemory, segmentCount: segments.count, run: run,
                weights: packed.memory, weightsPerGroup: packed.perGroup, bias: bias.memory,
                biasPerGroup: bias.perGroup, low: bounds.low, high: bounds.high, input: address(x), output: address(y),
                residual: residual.map(address))
        }
    }

    mutating func planLinear(_ linear: FlowLinear, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        if byteChoice.nodes.contains(node.outputs[0]) { return planByteLinear(linear, node) }
        let rows = flow.shape(value).dimensions.dropLast().reduce(1, *)
        let x = matrix(value, columns: linear.inner)
        let made = output(node.outputs[0], order: Array(flow.shape(node.outputs[0]).dimensions.indices))
        guard let y = made.reshaped([rows, linear.columns]) else { return planReference(node) }
        let residual = linear.hasResidual ? node.inputs[1].map { matrix($0, columns: linear.columns) } : nil
        var lines = LineGeometry(
            width: rows, lines: 1, inputStride: x.strides[0], inputLine: 0, outputStride: y.strides[0], outputLine: 0)
        if let residual { lines.residualStride = residual.strides[0] }
        let packed = pack(
            linear.weights, kStride: linear.columns, nStride: 1, k: linear.inner, n: linear.columns, groups: 1)
        let bias = padBias(linear.bias, n: linear.columns, groups: 1)
        let name =
            node.source.type + (linear.hasResidual ? " + add" : "")
            + (linear.activation == .none ? "" : " + \(linear.activation.name)")
        let layer = layer(
            node.source.name, name, made, macs: rows * linear.inner * linear.columns, weights: packed.bytes,
            kernel: "gemm f32")
        emitProduct(
            layer, linear.activation, y: y, uses: [x, y] + (residual.map { [$0] } ?? [])
        ) { [kernels, segments = ConstantMemory([0])] bounds, address in
            ConvolutionStep(
                kernels: kernels, lines: lines, border: nil, group: 1, inputChannels: linear.inner,
                outputChannels: linear.columns, segments: segments, segmentCount: 1, run: linear.inner,
                weights: packed.memory, weightsPerGroup: packed.perGroup, bias: bias.memory,
                biasPerGroup: bias.perGroup, low: bounds.low, high: bounds.high, input: address(x), output: address(y),
                residual: residual.map(address))
        }
    }

    mutating func planAffine(_ scale: [Float], _ shift: [Float], _ activation: Activation, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let shape = flow.shape(value).dimensions
        // Rows [M,C] are a picture of one line.
        let asPicture = shape.count == 4 && shape[0] == 1
        precondition(asPicture || shape.count == 2, "factors and terms are for pictures and rows")
        let size = asPicture ? [shape[2], shape[3]] : [1, shape[0]]
        let geometry = WindowGeometry(
            input: size, kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0], output: size)
        let convolution = FlowConvolution(
            weights: scale, bias: shift, group: shape[1], filters: shape[1], channels: shape[1], geometry: geometry,
            activation: activation)
        let x = asPicture ? picture(value) : matrix(value, columns: shape[1])
        planDepthwise(convolution, x, node)
    }

    /// x: a picture [1,C,H,W], or rows [M,C].
    private mutating func planDepthwise(_ convolution: FlowConvolution, _ x: View, _ node: Flow.Node) {
        let geometry = convolution.geometry
        let made = output(node.outputs[0])
        let isPicture = x.rank == 4
        let strides = [x, made].map { isPicture ? ($0.strides[2], $0.strides[3]) : (0, $0.strides[0]) }
        let taps = geometry.kernel[0] * geometry.kernel[1]
        let padded = (convolution.channels + kernels.lanes - 1) / kernels.lanes * kernels.lanes
        var weights = [Float](repeating: 0, count: taps * padded)
        for channel in 0..<convolution.channels {
            for tap in 0..<taps { weights[tap * padded + channel] = convolution.weights[channel * taps + tap] }
        }
        let memory = ConstantMemory(weights)
        let bias = ConstantMemory(convolution.bias, paddedTo: kernels.lanes)
        let rows = scratch(bytes: DepthwiseStep.rowCount(geometry) * MemoryLayout<UnsafeRawPointer>.size)
        let channels = convolution.channels
        let name = isPicture && taps > 1 ? "depthwise \(convolution.name)" : "affine\(convolution.suffix)"
        let layer = layer(
            node.source.name, name, made, macs: convolution.multiplyAccumulates, weights: memory.bytes,
            kernel: "depthwise f32")
        emitProduct(
            layer, convolution.activation, y: made, uses: [x, made, rows]
        ) { [kernels] bounds, address in
            DepthwiseStep(
                kernels: kernels, geometry: geometry, channels: channels, inputRow: strides[0].0,
                inputPixel: strides[0].1, outputRow: strides[1].0, outputPixel: strides[1].1, weights: memory,
                bias: bias, low: bounds.low, high: bounds.high, input: address(x), output: address(made),
                rows: address(rows))
        }
    }

    /// Adds a product and, where the activation is more than bounds, the pass that applies it.
    private mutating func emitProduct(
        _ layer: PlanSummary.Layer, _ activation: Activation, y: View, uses: [View],
        _ make: @escaping (_ bounds: (low: Float, high: Float), _ address: (View) -> Address) -> any PlanStep
    ) {
        if let bounds = activation.bounds {
            return emit(layer, uses: uses) { address in make(bounds, address) }
        }
        let walk = Walk.over(y, y)
        emit(layer, uses: uses) { [kernels] address in
            SequenceStep(steps: [
                make((-.infinity, .infinity), address),
                UnaryStep(
                    kernels: kernels, walk: walk, activation: activation.kernelForm, x: address(y), y: address(y)),
            ])
        }
    }

    // MARK: Geometry

    /// Whether all windows lie inside the input, so that no row is read behind its end.
    func fits(_ geometry: WindowGeometry) -> Bool {
        (0..<2).allSatisfy {
            (geometry.output[$0] - 1) * geometry.strides[$0] + geometry.span[$0] <= geometry.input[$0]
        }
    }

    /// The copy with zeros around it, and room for one band of it.
    mutating func makeBorder(
        _ geometry: WindowGeometry, _ x: View, channels: Int, elementBytes: Int
    ) -> (ConvolutionStep.Border, View) {
        var border = ConvolutionStep.Border(
            geometry: geometry, channels: channels, rowStride: x.strides[2], pixelStride: x.strides[3],
            band: geometry.output[0], scratch: Address(constant: nil, offset: 0))
        let rowBytes = border.paddedWidth * channels * elementBytes
        while border.band > 1, border.inputRows(border.band) * rowBytes > Self.bandBytes {
            border.band = (border.band + 1) / 2
        }
        return (border, scratch(bytes: border.inputRows(border.band) * rowBytes + Plan.spareBytes))
    }

    /// Where the runs of inputs start: a kernel row each, or each tap where a row's taps do not lie side by side.
    static func segments(_ geometry: WindowGeometry, isWhole: Bool, rowStride: Int, pixelStride: Int) -> [Int] {
        (0..<geometry.kernel[0]).flatMap { y in
            (0..<(isWhole ? 1 : geometry.kernel[1])).map { x in
                y * geometry.dilations[0] * rowStride + x * geometry.dilations[1] * pixelStride
            }
        }
    }

    /// A value as rows [M, columns] whose elements lie side by side: as it lies, or a copy.
    mutating func matrix(_ value: ValueID, columns: Int) -> View {
        let shape = [flow.shape(value).dimensions.dropLast().reduce(1, *), columns]
        if let view = input(value).reshaped(shape), columns == 1 || view.strides[1] == 1, view.strides[0] >= 0 {
            return view
        }
        guard let view = rowMajor(value).reshaped(shape) else { preconditionFailure("row-major takes any shape") }
        return view
    }

    // MARK: Weights

    /// [filter][kernel row][kernel column][channel] of [filter][channel][kernel row][kernel column].
    static func channelsInnermost(_ convolution: FlowConvolution) -> [Float] {
        let taps = convolution.geometry.kernel[0] * convolution.geometry.kernel[1]
        guard taps > 1 else { return convolution.weights }
        let channels = convolution.channels / convolution.group
        let depth = convolution.depth
        return [Float](unsafeUninitializedCapacity: convolution.weights.count) { to, count in
            convolution.weights.withUnsafeBufferPointer { from in
                for filter in 0..<convolution.filters {
                    for channel in 0..<channels {
                        for tap in 0..<taps {
                            to[filter * depth + tap * channels + channel] = from[filter * depth + channel * taps + tap]
                        }
                    }
                }
            }
            count = convolution.weights.count
        }
    }

    private func pack(
        _ weights: [Float], kStride: Int, nStride: Int, k: Int, n: Int, groups: Int
    ) -> (memory: ConstantMemory, perGroup: Int, bytes: Int) {
        let perGroup = lk_packed_f32_size(kernels.convolution, k, n)
        let memory = ConstantMemory(bytes: perGroup * groups * MemoryLayout<Float>.size)
        weights.withUnsafeBufferPointer { values in
            guard let base = values.baseAddress else { return }
            for group in 0..<groups {
                lk_pack_f32(
                    kernels.convolution, base + group * k * n, kStride, nStride, k, n,
                    memory.pointer(Float.self) + group * perGroup)
            }
        }
        return (memory, perGroup, memory.bytes)
    }

    private func padBias(_ bias: [Float], n: Int, groups: Int) -> (memory: ConstantMemory, perGroup: Int) {
        let panel = kernels.convolution.pointee.panel
        let perGroup = (n + panel - 1) / panel * panel
        var padded = [Float](repeating: 0, count: perGroup * groups)
        for group in 0..<groups {
            for index in 0..<n { padded[group * perGroup + index] = bias[group * n + index] }
        }
        return (ConstantMemory(padded), perGroup)
    }
}

extension FlowConvolution {
    /// What summaries say: `3x3/2 + relu6`.
    var name: String {
        var name = "\(geometry.kernel[0])x\(geometry.kernel[1])"
        if geometry.strides != [1, 1] { name += "/\(geometry.strides[0])" }
        if geometry.dilations != [1, 1] { name += " dilated \(geometry.dilations[0])" }
        if group > 1, !isDepthwise { name += " in \(group) groups" }
        return name + suffix
    }

    /// What follows it.
    var suffix: String {
        (hasResidual ? " + add" : "") + (activation == .none ? "" : " + \(activation.name)")
    }
}
