extension ShapeInference {
    func unary(_ function: Operator.UnaryFunction) throws(NetworkError) -> TensorType {
        switch function {
        case .relu, .abs, .negate: try input(0, "its input")
        default: try floats(0, "its input")
        }
    }

    func clip() throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        for (index, role) in [(1, "its minimum"), (2, "its maximum")] {
            guard let bound = optional(index) else { continue }
            try require(bound.shape.elementCount == 1, "\(role) \(bound.shape) is not one number")
            try require(
                bound.element.isFloat == x.element.isFloat, "\(role) is \(bound.element), its input \(x.element)")
        }
        return x
    }

    func parametricRelu() throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        let slope = try floats(1, "its slope")
        try require(slope.shape.broadcasts(to: x.shape), "slope \(slope.shape) does not fit an input \(x.shape)")
        return x
    }

    func binary() throws(NetworkError) -> TensorType {
        let a = try input(0, "its first input")
        let b = try input(1, "its second input")
        // Pow takes an exponent of another type; the others are lenient, since whole numbers are all held alike.
        if case .binary(.power) = node.operation {
        } else {
            try require(a.element.isFloat == b.element.isFloat, "its inputs are \(a.element) and \(b.element)")
        }
        guard let shape = a.shape.broadcast(with: b.shape) else {
            throw contradiction("shapes \(a.shape) and \(b.shape) cannot be broadcast to one")
        }
        return try result(shape.dimensions, a.element)
    }

    func batchNormalization() throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        try require(x.shape.rank >= 2, "its input \(x.shape) has no channels: it is not [N,C,...]")
        for (index, role) in [(1, "scale"), (2, "bias"), (3, "mean"), (4, "variance")] {
            let values = try floats(index, "its \(role)")
            try require(values.shape == [x.shape[1]], "\(role) \(values.shape) does not fit an input \(x.shape)")
        }
        return x
    }

    // MARK: Quantization

    /// Checks scale and zero point against `x`: one of each, or one for each index along an axis.
    /// - Returns: the axis, nil for a single scale.
    public func quantizationAxis(_ axis: Int) throws(NetworkError) -> Int? {
        let x = try input(0, "its input")
        let scale = try floats(1, "its scale")
        if let zero = optional(2) {
            try require(
                zero.shape == scale.shape || zero.shape.elementCount == 1 && scale.shape.elementCount == 1,
                "zero point \(zero.shape) does not fit scale \(scale.shape)")
        }
        if scale.shape.elementCount == 1 && scale.shape.rank <= 1 { return nil }
        guard scale.shape.rank == 1 else {
            throw unsupported("scale \(scale.shape): only one for all or one for each channel")
        }
        let axis = try resolved(axis: axis, rank: x.shape.rank)
        try require(
            scale.shape[0] == x.shape[axis], "scale \(scale.shape) does not fit axis \(axis) of an input \(x.shape)")
        return axis
    }

    func quantize(axis: Int, element: ElementType?) throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        _ = try quantizationAxis(axis)
        let zero = optional(2)?.element
        if let zero, let element { try require(zero == element, "zero point is \(zero), its output \(element)") }
        let type = zero ?? element ?? .uint8
        guard [.int8, .uint8, .int16, .uint16].contains(type) else { throw unsupported("quantizing to \(type)") }
        return TensorType(type, x.shape)
    }

    func dequantize(axis: Int) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        guard [.int8, .uint8, .int16, .uint16, .int32].contains(x.element) else {
            throw unsupported("dequantizing \(x.element)")
        }
        _ = try quantizationAxis(axis)
        if let zero = optional(2) {
            try require(zero.element == x.element, "zero point is \(zero.element), its input \(x.element)")
        }
        return TensorType(try floats(1, "its scale").element, x.shape)
    }
}
