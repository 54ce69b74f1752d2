extension ONNXOperator {
    /// Operators that keep the elements and change how they lie, and those that ask for sizes.
    static let shapes: [String: ONNXOperator] = [
        "Reshape": ONNXOperator(inputs: 2...2) { (node) throws(NetworkError) in
            let zeroIsZero = try node.flag("allowzero")
            try node.emit(.reshape(zeroIsZero: zeroIsZero), [try node.input(0), try node.integers(1)])
        },
        "Flatten": ONNXOperator { (node) throws(NetworkError) in
            // Behind the last dimension, too: then all come together.
            let axis = try node.int("axis", in: -node.limits.rank...node.limits.rank) ?? 1
            try node.emit(.flatten(axis: axis), [try node.input(0)])
        },
        "Transpose": ONNXOperator(read: transpose),
        "Squeeze": ONNXOperator(inputs: 1...2) { (node) throws(NetworkError) in
            try node.emit(.squeeze, [try node.input(0), try axes(&node, optional: true)])
        },
        "Unsqueeze": ONNXOperator(inputs: 1...2) { (node) throws(NetworkError) in
            try node.emit(.unsqueeze, [try node.input(0), try axes(&node, optional: false)])
        },
        "Expand": ONNXOperator(since: 8, inputs: 2...2) { (node) throws(NetworkError) in
            try node.emit(.expand, [try node.input(0), try node.integers(1)])
        },
        "Shape": ONNXOperator { (node) throws(NetworkError) in
            // Beyond the dimensions there are means their end, so no more than the most there can be is kept.
            let most = node.limits.rank
            let start = min(max(try node.int("start") ?? 0, -most), most)
            let end = try node.int("end").map { min(max($0, -most), most) }
            try node.emit(.shape(start: start, end: end), [try node.input(0)])
        },
    ]

    private static func transpose(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let permutation = try node.ints("perm")
        if let permutation {
            guard permutation.count <= node.limits.rank, permutation.sorted() == Array(permutation.indices) else {
                throw node.inconsistent("perm is no order of dimensions")
            }
        }
        try node.emit(.transpose(permutation: permutation), [try node.input(0)])
    }

    /// An attribute up to opset 12.
    private static func axes(_ node: inout ONNXNodeReader, optional: Bool) throws(NetworkError) -> ValueID? {
        if node.opset >= 13 { return try node.integers(1, optional: optional) }
        try node.expectInputs(1...1)
        guard let axes = try node.axes() else {
            guard optional else { throw node.inconsistent("attribute \"axes\" is missing") }
            return nil
        }
        return try node.constant(axes, "axes")
    }
}
