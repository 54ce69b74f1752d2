/// How a window moves over a picture: a convolution's kernel or a pool's, with its padding worked out.
///
/// Pairs are down, across. The window at row `r` of the output covers rows `r * strides[0] - padding[0] + k *
/// dilations[0]` of the input, k from 0 below `kernel[0]`; columns alike. Rows outside of the input are padding; with a
/// ceiling mode they may lie even behind the declared padding.
public struct WindowGeometry: Sendable, Hashable {
    /// Height and width of the input.
    public var input: [Int]
    /// Taps of the window.
    public var kernel: [Int]
    /// From one window to the next.
    public var strides: [Int]
    /// From one tap to the next.
    public var dilations: [Int]
    /// Top, left, bottom, right.
    public var padding: [Int]
    /// Height and width of the output.
    public var output: [Int]

    /// Rows and columns that one window spans.
    public var span: [Int] { [span(0), span(1)] }

    /// Rows (side 0) or columns (side 1) that one window spans.
    func span(_ side: Int) -> Int { (kernel[side] - 1) * dilations[side] + 1 }
}

extension WindowGeometry {
    /// Works out padding and output size as ONNX defines them.
    ///
    /// Explicit: `floor((input + padding - span) / stride) + 1`, or the ceiling where `roundsUp`; a last window that
    /// would lie wholly in the padding behind the input is then dropped, as PyTorch does.
    /// Same: `ceil(input / stride)`, padding as much as that needs. Valid: explicit without padding.
    init(
        input: [Int], kernel: [Int], strides: [Int], dilations: [Int], padding: Operator.Padding, roundsUp: Bool,
        inference: ShapeInference
    ) throws(NetworkError) {
        let largest = ShapeInference.largestStep
        for (values, what) in [(kernel, "kernel"), (strides, "strides"), (dilations, "dilations")] {
            try inference.require(values.count == 2, "its \(what) \(values) is not a height and a width")
            for value in values where value < 1 || value > largest {
                throw inference.contradiction("its \(what) \(values) is not within 1 to \(largest)")
            }
        }
        self.init(
            input: input, kernel: kernel, strides: strides, dilations: dilations, padding: [0, 0, 0, 0], output: [0, 0])
        if case .explicit(let amounts) = padding {
            try inference.require(amounts.count == 4, "its padding \(amounts) is not top, left, bottom, right")
            for amount in amounts where amount < 0 || amount > largest {
                throw inference.contradiction("its padding \(amounts) is not within 0 to \(largest)")
            }
            self.padding = amounts
        }
        for side in 0..<2 {
            if padding == .sameUpper || padding == .sameLower {
                output[side] = (input[side] + strides[side] - 1) / strides[side]
                let needed = max(0, (output[side] - 1) * strides[side] + span[side] - input[side])
                self.padding[side] = padding == .sameUpper ? needed / 2 : needed - needed / 2
                self.padding[side + 2] = needed - self.padding[side]
                continue
            }
            let padded = input[side] + self.padding[side] + self.padding[side + 2]
            try inference.require(
                span[side] <= padded,
                "its window spans \(span[0])x\(span[1]), more than its input of \(input[0])x\(input[1]) with padding "
                    + "\(self.padding)")
            let room = padded - span[side]
            output[side] = room / strides[side] + 1
            if roundsUp && room % strides[side] != 0
                && output[side] * strides[side] < input[side] + self.padding[side]
            {
                output[side] += 1
            }
        }
    }
}

extension Operator.Convolution {
    /// Where the kernel lies on an input of shape [N,C,H,W] or [N,C,W], with weights of as many dimensions.
    public func geometry(
        input: TensorShape, weights: TensorShape, node: Graph.Node
    ) throws(NetworkError) -> WindowGeometry {
        let inference = ShapeInference(node: node, inputs: [], constants: [], limits: NetworkLimits())
        let picture = try inference.pictureSize(input, "its input")
        let shape = try inference.pictureSize(weights, "its weights")
        if let kernel {
            try inference.require(kernel == shape, "kernel_shape \(kernel) is not that of its weights, \(weights)")
        }
        return try WindowGeometry(
            input: picture, kernel: shape, strides: strides, dilations: dilations, padding: padding, roundsUp: false,
            inference: inference)
    }
}

extension Operator.Pooling {
    /// Where the windows lie on an input of shape [N,C,H,W] or [N,C,W].
    public func geometry(input: TensorShape, node: Graph.Node) throws(NetworkError) -> WindowGeometry {
        let inference = ShapeInference(node: node, inputs: [], constants: [], limits: NetworkLimits())
        let geometry = try WindowGeometry(
            input: try inference.pictureSize(input, "its input"), kernel: kernel, strides: strides,
            dilations: dilations, padding: padding, roundsUp: roundsUp, inference: inference)
        // Otherwise a window could lie wholly in the padding, where nothing has a largest element or a mean.
        for side in 0..<4 where geometry.padding[side] >= geometry.span[side % 2] && geometry.padding[side] > 0 {
            if case .explicit = padding {
                throw inference.contradiction(
                    "its padding \(geometry.padding) is not smaller than what its window spans, \(geometry.span)")
            }
        }
        return geometry
    }
}

extension ShapeInference {
    /// Height and width of a picture [N,C,H,W]; a line [N,C,W] is a picture with a height of 1.
    func pictureSize(_ shape: TensorShape, _ role: String) throws(NetworkError) -> [Int] {
        try require(
            shape.rank == 4 || shape.rank == 3, "\(role) \(shape) is neither [N,C,H,W] nor [N,C,W]")
        return shape.rank == 4 ? [shape[2], shape[3]] : [1, shape[2]]
    }

    func convolution(_ convolution: Operator.Convolution) throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        let weights = try floats(1, "its weights")
        _ = try pictureSize(x.shape, "its input")
        try require(weights.shape.rank == x.shape.rank, "weights \(weights.shape) do not fit an input \(x.shape)")
        try requireElements(x, "its input")
        try requireElements(weights, "its weights")
        let group = convolution.group
        let channels = x.shape[1]
        let filters = weights.shape[0]
        try require(group > 0, "group \(group) is not positive")
        try require(channels % group == 0, "group \(group) does not divide the \(channels) channels of its input")
        try require(filters % group == 0, "group \(group) does not divide its \(filters) filters")
        try require(
            weights.shape[1] == channels / group,
            "weights \(weights.shape) do not fit an input \(x.shape) in \(group) group\(group == 1 ? "" : "s")")
        if let bias = try optionalFloats(2, "its bias") {
            try require(bias.shape == [filters], "bias \(bias.shape) does not fit \(filters) filters")
        }
        let geometry = try convolution.geometry(input: x.shape, weights: weights.shape, node: node)
        return try windowed(x, channels: filters, geometry)
    }

    func pool(_ pooling: Operator.Pooling) throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        let geometry = try pooling.geometry(input: x.shape, node: node)
        try requireElements(x, "its input")
        return try windowed(x, channels: x.shape[1], geometry)
    }

    /// What a window makes of `x`: a picture of a picture, a line of a line.
    private func windowed(
        _ x: TensorType, channels: Int, _ geometry: WindowGeometry
    ) throws(NetworkError) -> TensorType {
        if x.shape.rank == 3 {
            try require(geometry.output[0] == 1, "it makes a picture \(geometry.output) of a line \(x.shape)")
        }
        return try result([x.shape[0], channels] + geometry.output.suffix(x.shape.rank - 2), x.element)
    }

    func globalPool() throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        try require(x.shape.rank >= 3, "its input \(x.shape) has no pixels: it is not [N,C,H,W]")
        try requireElements(x, "its input")
        return try result(
            [x.shape[0], x.shape[1]] + [Int](repeating: 1, count: x.shape.rank - 2), x.element)
    }
}
