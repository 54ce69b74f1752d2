import CTensorKernels

extension Planner {
    mutating func planActivation(_ activation: Activation, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let x = input(value)
        let made = node.outputs[0]
        // In place where nobody else looks at the input.
        if !keepsAll, views[made] == nil, placements[made] == nil, ownsStorage.contains(value), uses[value] == 1 {
            views[made] = x
            ownsStorage.insert(made)
        }
        let y = output(made, order: x.order)
        let walk = Walk.over(y, x)
        let form = activation.kernelForm
        emit(layer(node.source.name, activation.name, y, kernel: "unary"), uses: [x, y]) { [kernels] address in
            UnaryStep(kernels: kernels, walk: walk, activation: form, x: address(x), y: address(y))
        }
    }

    mutating func planBinary(_ operation: lk_binary, _ activation: Activation, _ node: Flow.Node) {
        guard let first = node.inputs[0], let second = node.inputs[1] else { return }
        let shape = flow.shape(node.outputs[0]).dimensions
        let a = input(first).broadcast(to: shape)
        let b = input(second).broadcast(to: shape)
        // As the larger of the two lies.
        let model = input(first).count >= input(second).count ? a : b
        let y = output(node.outputs[0], order: model.order)
        let walk = Walk.over(y, a, b)
        let form = activation.kernelForm
        let name = node.source.type + (activation == .none ? "" : " + \(activation.name)")
        emit(layer(node.source.name, name, y, kernel: "binary"), uses: [a, b, y]) { [kernels] address in
            BinaryStep(
                kernels: kernels, walk: walk, operation: operation, activation: form, a: address(a), b: address(b),
                y: address(y))
        }
    }

    mutating func planPool(_ pooling: Operator.Pooling, _ geometry: WindowGeometry, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        if byteChoice.nodes.contains(node.outputs[0]) { return planBytePool(geometry, node) }
        let x = picture(value)
        let y = output(node.outputs[0])
        let window = lk_window(geometry, x: x, y: y, countsPadding: pooling.countsPadding)
        let kind = pooling.kind == .max ? LK_POOL_MAX : LK_POOL_AVERAGE
        let name = "\(node.source.type) \(geometry.kernel[0])x\(geometry.kernel[1])/\(geometry.strides[0])"
        emit(layer(node.source.name, name, y, kernel: "pool"), uses: [x, y]) { [kernels] address in
            PoolStep(kernels: kernels, window: window, kind: kind, x: address(x), y: address(y))
        }
    }

    mutating func planReduction(_ kind: lk_reduction, _ dimensions: [Int], keeps: Bool, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let x = input(value)
        let made = node.outputs[0]
        guard !dimensions.isEmpty else {
            // Over no dimension: a copy for all but the two that are no mean of one element.
            if kind == LK_REDUCE_L2 || kind == LK_REDUCE_SUM_OF_SQUARES { planReference(node) } else { views[made] = x }
            return
        }
        let y = output(made)
        let kept: View
        if keeps {
            kept = y
        } else {
            let padded = x.shape.indices.map { dimensions.contains($0) ? 1 : x.shape[$0] }
            guard let view = y.reshaped(padded) else { return planReference(node) }
            kept = view
        }
        emitReduction(node.source.name, node.source.type, kind, dimensions: dimensions, from: x, to: kept)
    }

    /// `to` has the rank of `from`, with sizes of 1 where it is reduced.
    mutating func emitReduction(
        _ name: String, _ operation: String, _ kind: lk_reduction, dimensions: [Int], from x: View, to y: View
    ) {
        var inside = x
        inside.shape = dimensions.map { x.shape[$0] }
        inside.strides = dimensions.map { x.strides[$0] }
        var positions = x
        for dimension in dimensions { positions.shape[dimension] = 1 }
        let outer = Walk.over(y, positions)
        let inner = Walk.over(inside)
        emit(layer(name, operation, y, kernel: "reduce"), uses: [x, y]) { [kernels] address in
            ReduceStep(kernels: kernels, outer: outer, inner: inner, kind: kind, x: address(x), y: address(y))
        }
    }

    mutating func planSoftmax(axis: Int, flattensBelow: Bool, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let shape = flow.shape(value).dimensions
        guard !shape.isEmpty else { return planReference(node) }
        var dimension = axis < 0 ? axis + shape.count : axis
        var x = input(value)
        var y = output(node.outputs[0], order: flattensBelow ? Array(shape.indices) : x.order)
        if flattensBelow {
            x = rowMajor(value)
            let flat = [shape[..<dimension].reduce(1, *), shape[dimension...].reduce(1, *)]
            guard let from = x.reshaped(flat), let to = y.reshaped(flat) else { return planReference(node) }
            (x, y, dimension) = (from, to, 1)
        }
        let from = x, to = y
        let count = from.shape[dimension]
        var others = (to, from)
        others.0.shape[dimension] = 1
        others.1.shape[dimension] = 1
        let walk = Walk.over(others.0, others.1)
        let strides = (to.strides[dimension], from.strides[dimension])
        emit(layer(node.source.name, node.source.type, to, kernel: "softmax"), uses: [from, to]) { [kernels] address in
            SoftmaxStep(
                kernels: kernels, others: walk, count: count, yStride: strides.0, xStride: strides.1,
                x: address(from), y: address(to))
        }
    }

    mutating func planLayerNormalization(axis: Int, epsilon: Float, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let shape = flow.shape(value).dimensions
        let dimension = axis < 0 ? axis + shape.count : axis
        let count = shape[dimension...].reduce(1, *)
        guard let scale = flow.constantFloats(node.inputs[1]), scale.count == count else { return planReference(node) }
        var bias: [Float]?
        if node.inputs.count > 2, let given = node.inputs[2] {
            guard let constant = flow.constantFloats(given), constant.count == count else {
                return planReference(node)
            }
            bias = constant
        }
        var x = input(value)
        let flat = [shape[..<dimension].reduce(1, *), count]
        var y = output(node.outputs[0], order: Array(shape.indices))
        if dimension == shape.count - 1, x.strides[dimension] == 1 {
            // Rows as they lie.
        } else {
            x = rowMajor(value)
            guard let from = x.reshaped(flat), let to = y.reshaped(flat) else { return planReference(node) }
            (x, y) = (from, to)
        }
        let from = x, to = y
        var rows = (to, from)
        rows.0.shape[to.rank - 1] = 1
        rows.1.shape[from.rank - 1] = 1
        let walk = Walk.over(rows.0, rows.1)
        let factors = ConstantMemory(scale)
        let terms = bias.map { ConstantMemory($0) }
        emit(
            layer(node.source.name, node.source.type, to, weights: 8 * count, kernel: "layernorm"), uses: [from, to]
        ) { [kernels] address in
            LayerNormalizationStep(
                kernels: kernels, rows: walk, count: count, scale: factors, bias: terms, epsilon: epsilon,
                x: address(from), y: address(to))
        }
    }
}

extension lk_window {
    /// The windows of `geometry` over pictures with channels last.
    init(_ geometry: WindowGeometry, x: View, y: View, countsPadding: Bool) {
        self.init()
        channels = Int32(x.shape[1])
        (in_height, in_width) = (Int32(geometry.input[0]), Int32(geometry.input[1]))
        (out_height, out_width) = (Int32(geometry.output[0]), Int32(geometry.output[1]))
        (kernel_height, kernel_width) = (Int32(geometry.kernel[0]), Int32(geometry.kernel[1]))
        (stride_down, stride_across) = (Int32(geometry.strides[0]), Int32(geometry.strides[1]))
        (dilation_down, dilation_across) = (Int32(geometry.dilations[0]), Int32(geometry.dilations[1]))
        (pad_top, pad_left) = (Int32(geometry.padding[0]), Int32(geometry.padding[1]))
        (pad_bottom, pad_right) = (Int32(geometry.padding[2]), Int32(geometry.padding[3]))
        counts_padding = countsPadding ? 1 : 0
        (in_row, in_pixel) = (Int64(x.strides[2]), Int64(x.strides[3]))
        (out_row, out_pixel) = (Int64(y.strides[2]), Int64(y.strides[3]))
    }
}

extension Operator.BinaryFunction {
    var kernelForm: lk_binary {
        switch self {
        case .add: LK_ADD
        case .subtract: LK_SUBTRACT
        case .multiply: LK_MULTIPLY
        case .divide: LK_DIVIDE
        case .power: LK_POWER
        case .minimum: LK_MINIMUM
        case .maximum: LK_MAXIMUM
        }
    }
}

extension Operator.Reduction {
    var kernelForm: lk_reduction {
        switch self {
        case .mean: LK_REDUCE_MEAN
        case .sum: LK_REDUCE_SUM
        case .max: LK_REDUCE_MAX
        case .min: LK_REDUCE_MIN
        case .l2: LK_REDUCE_L2
        case .sumOfSquares: LK_REDUCE_SUM_OF_SQUARES
        }
    }
}
