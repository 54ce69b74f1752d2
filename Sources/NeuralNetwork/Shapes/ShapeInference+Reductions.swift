extension ShapeInference {
    /// The axes that a reduction takes away, counted from the front: those named, or all.
    public func reducedAxes(nothingWithoutAxes: Bool) throws(NetworkError) -> [Int] {
        let x = try input(0, "its input")
        let axes = try optionalIntegers(1, "its axes") ?? []
        if axes.isEmpty { return nothingWithoutAxes ? [] : Array(0..<x.shape.rank) }
        return try resolved(axes: axes, rank: x.shape.rank)
    }

    func reduce(keepsDimensions: Bool, nothingWithoutAxes: Bool) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        try requireElements(x, "its input")
        let axes = try reducedAxes(nothingWithoutAxes: nothingWithoutAxes)
        var dimensions: [Int] = []
        for (axis, size) in x.shape.dimensions.enumerated() {
            if !axes.contains(axis) {
                dimensions.append(size)
            } else if keepsDimensions {
                dimensions.append(1)
            }
        }
        return try result(dimensions, x.element)
    }

    func softmax(axis: Int, flattensBelow: Bool) throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        // Flattening takes the axis behind the last one too: rows of one element.
        if !(flattensBelow && axis == x.shape.rank) { _ = try resolved(axis: axis, rank: x.shape.rank) }
        return x
    }

    func layerNormalization(axis: Int) throws(NetworkError) -> TensorType {
        let x = try floats(0, "its input")
        let axis = try resolved(axis: axis, rank: x.shape.rank)
        try requireElements(x, "its input")
        let normalized = TensorShape(Array(x.shape.dimensions[axis...]))
        for (index, role) in [(1, "scale"), (2, "bias")] where index == 1 || optional(2) != nil {
            let values = try floats(index, "its \(role)")
            try require(
                values.shape.broadcasts(to: normalized),
                "\(role) \(values.shape) does not fit \(normalized), axis \(axis) and on of an input \(x.shape)")
        }
        return x
    }
}
