extension ONNXOperator {
    /// One number of many.
    static let reductions: [String: ONNXOperator] = [
        "ReduceMean": reduction(.mean),
        "ReduceSum": reduction(.sum, axesAreInputSince: 13),
        "ReduceMax": reduction(.max),
        "ReduceMin": reduction(.min),
        "ReduceL2": reduction(.l2),
        "ReduceSumSquare": reduction(.sumOfSquares),
    ]

    /// Axes are an attribute at first, an input later.
    private static func reduction(_ kind: Operator.Reduction, axesAreInputSince opset: Int = 18) -> ONNXOperator {
        ONNXOperator(inputs: 1...2) { (node) throws(NetworkError) in
            let keeps = try node.flag("keepdims", default: true)
            var axes: ValueID?
            var nothing = false
            if node.opset >= opset {
                axes = try node.integers(1, optional: true)
                nothing = try node.flag("noop_with_empty_axes")
            } else {
                try node.expectInputs(1...1)
                // An empty list means the same as none: all dimensions.
                if let list = try node.axes(), !list.isEmpty { axes = try node.constant(list, "axes") }
            }
            try node.emit(
                .reduce(kind, keepsDimensions: keeps, nothingWithoutAxes: nothing), [try node.input(0), axes])
        }
    }
}
