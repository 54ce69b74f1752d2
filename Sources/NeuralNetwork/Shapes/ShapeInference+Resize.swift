/// How Resize changes one dimension.
public struct ResizedDimension: Sendable, Hashable {
    /// Its old size.
    public var input: Int
    /// Its new size.
    public var output: Int
    /// Output places for each input place: as given, or `output / input` where sizes are given.
    public var scale: Float

    /// Whether every place stays where it is.
    public var isUnchanged: Bool { input == output && scale == 1 }
}

extension ShapeInference {
    /// Every dimension's old and new size. Sizes from scales are rounded down.
    public func resizedDimensions() throws(NetworkError) -> [ResizedDimension] {
        let x = try floats(0, "its input")
        try requireElements(x, "its input")
        // An empty list stands for an input left out: older exporters write both.
        if let sizes = try optionalIntegers(3, "its sizes"), !sizes.isEmpty {
            try require(sizes.count == x.shape.rank, "sizes \(sizes) do not fit \(x.shape)")
            var dimensions: [ResizedDimension] = []
            for (input, output) in zip(x.shape.dimensions, sizes) {
                try require(output > 0, "sizes \(sizes) are not positive")
                dimensions.append(ResizedDimension(input: input, output: output, scale: Float(output) / Float(input)))
            }
            return dimensions
        }
        guard let scales = try constant(2, "its scales"), scales.elements.count > 0 else {
            throw contradiction("it has neither scales nor sizes")
        }
        guard let values = scales.floats else { throw contradiction("its scales are \(scales.type), not floats") }
        try require(
            scales.shape.rank == 1 && values.count == x.shape.rank, "\(values.count) scales do not fit \(x.shape)")
        var dimensions: [ResizedDimension] = []
        for (input, scale) in zip(x.shape.dimensions, values) {
            try require(scale > 0 && scale.isFinite, "scales \(values) are not positive")
            // In float, as ONNX Runtime multiplies.
            let size = (Float(input) * scale).rounded(.down)
            try require(size >= 1, "scales \(values) leave nothing of \(x.shape)")
            if size > Float(limits.tensorElements) { throw tooLarge("scales \(values) of \(x.shape)") }
            dimensions.append(ResizedDimension(input: input, output: Int(size), scale: scale))
        }
        return dimensions
    }

    func resize(_ resizing: Operator.Resizing) throws(NetworkError) -> TensorType {
        try result(try resizedDimensions().map(\.output), try floats(0, "its input").element)
    }
}
