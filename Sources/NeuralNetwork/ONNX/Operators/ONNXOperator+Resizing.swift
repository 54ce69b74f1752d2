extension ONNXOperator {
    /// Operators that enlarge and reduce pictures.
    static let resizing: [String: ONNXOperator] = [
        "Resize": ONNXOperator(since: 10, inputs: 1...4, read: resize),
        // Up to opset 9; later files with it are refused by name.
        "Upsample": ONNXOperator(inputs: 1...2, read: upsample),
    ]

    private static func resize(_ node: inout ONNXNodeReader) throws(NetworkError) {
        guard node.opset >= 11 else { return try firstResize(&node) }
        var resizing = Operator.Resizing()
        resizing.mode = try node.choice("mode", ["nearest": .nearest, "linear": .linear], default: .nearest)
        resizing.coordinates = try node.choice(
            "coordinate_transformation_mode",
            [
                "half_pixel": .halfPixel, "pytorch_half_pixel": .pytorchHalfPixel, "align_corners": .alignCorners,
                "asymmetric": .asymmetric,
            ], default: .halfPixel)
        if resizing.mode == .nearest {
            resizing.rounding = try node.choice(
                "nearest_mode",
                [
                    "round_prefer_floor": .preferFloor, "round_prefer_ceil": .preferCeil, "floor": .floor,
                    "ceil": .ceil,
                ], default: .preferFloor)
        }
        // Of cubic interpolation, of nearest, and of what lies outside of a region: nothing that is built.
        node.ignore("cubic_coeff_a", "exclude_outside", "nearest_mode", "extrapolation_value")
        guard try !node.flag("antialias") else { throw node.unsupported("antialias 1") }
        guard !node.has("axes") else { throw node.unsupported("attribute \"axes\"; state scales for all dimensions") }
        _ = try node.choice("keep_aspect_ratio_policy", ["stretch": true], default: true)

        // Left out, or empty: the region is used by a mode that is not built, and one of the others decides.
        func given(_ index: Int) -> ValueID? {
            let id = node.optionalInput(index)
            return node.constant(id)?.elements.count == 0 ? nil : id
        }
        let (scales, sizes) = (given(2), given(3))
        guard (scales == nil) != (sizes == nil) else {
            throw node.inconsistent("it needs either scales or sizes")
        }
        try check(scales: scales, node)
        if let values = node.constant(try node.integers(3, optional: true))?.integers, sizes != nil {
            guard values.allSatisfy({ $0 > 0 }) else { throw node.inconsistent("its sizes are not all above 0") }
        }
        try node.emit(.resize(resizing), [try node.input(0), nil, scales, sizes])
    }

    /// Opset 10 has two inputs, and says nothing of rounding: ONNX Runtime rounds down where it enlarges and up where
    /// it reduces, and so do we.
    private static func firstResize(_ node: inout ONNXNodeReader) throws(NetworkError) {
        try node.expectInputs(2...2)
        var resizing = try asymmetric(&node)
        let scales = try node.input(1)
        try check(scales: scales, node)
        if resizing.mode == .nearest, let values = node.constant(scales)?.floats, values.contains(where: { $0 < 1 }) {
            guard values.allSatisfy({ $0 <= 1 }) else {
                throw node.unsupported(
                    "scales that enlarge and reduce at once in opset 10; export with opset 11 or later")
            }
            resizing.rounding = .ceil
        }
        try node.emit(.resize(resizing), [try node.input(0), nil, scales, nil])
    }

    /// Scales are an attribute in opsets 7 and 8.
    private static func upsample(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let resizing = try asymmetric(&node)
        let scales: ValueID
        if node.opset < 9 {
            try node.expectInputs(1...1)
            guard let values = try node.floats("scales"), !values.isEmpty else {
                throw node.inconsistent("attribute \"scales\" is missing")
            }
            scales = try node.constant(Tensor(values, [values.count]), "scales")
        } else {
            scales = try node.input(1)
        }
        try check(scales: scales, node)
        if let values = node.constant(scales)?.floats, values.contains(where: { $0 < 1 }) {
            throw node.inconsistent("its scales are not all at least 1")
        }
        try node.emit(.resize(resizing), [try node.input(0), nil, scales, nil])
    }

    private static func asymmetric(_ node: inout ONNXNodeReader) throws(NetworkError) -> Operator.Resizing {
        var resizing = Operator.Resizing()
        resizing.mode = try node.choice("mode", ["nearest": .nearest, "linear": .linear], default: .nearest)
        resizing.coordinates = .asymmetric
        resizing.rounding = .floor
        return resizing
    }

    private static func check(scales: ValueID?, _ node: ONNXNodeReader) throws(NetworkError) {
        guard let tensor = node.constant(scales) else { return }
        guard let values = tensor.floats, values.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw node.inconsistent("its scales are not all numbers above 0")
        }
    }
}
