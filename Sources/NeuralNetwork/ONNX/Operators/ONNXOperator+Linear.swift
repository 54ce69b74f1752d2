extension ONNXOperator {
    /// Products of matrices, and normalization.
    static let linear: [String: ONNXOperator] = [
        "MatMul": ONNXOperator(inputs: 2...2) { (node) throws(NetworkError) in
            try node.emit(.matMul, [try node.input(0), try node.input(1)])
        },
        "Gemm": ONNXOperator(inputs: 2...3, read: gemm),
        "BatchNormalization": ONNXOperator(inputs: 5...5, read: batchNormalization),
        "LayerNormalization": ONNXOperator(since: 17, inputs: 2...3, read: layerNormalization),
        "Softmax": ONNXOperator(read: softmax),
    ]

    private static func gemm(_ node: inout ONNXNodeReader) throws(NetworkError) {
        var gemm = Operator.Gemm()
        gemm.alpha = try node.float("alpha", default: 1)
        gemm.beta = try node.float("beta", default: 1)
        gemm.transposesA = try node.flag("transA")
        gemm.transposesB = try node.flag("transB")
        if node.opset < 11 { try node.expectInputs(3...3) }
        try node.emit(.gemm(gemm), [try node.input(0), try node.input(1), node.optionalInput(2)])
    }

    private static func batchNormalization(_ node: inout ONNXNodeReader) throws(NetworkError) {
        // How fast training forgets.
        node.ignore("momentum")
        guard try !node.flag("training_mode") else {
            throw node.unsupported("training_mode 1; export the model for inference (model.eval())")
        }
        // Opset 7 and 8: whether statistics are per channel, or per element.
        guard try node.flag("spatial", default: true) else { throw node.unsupported("spatial 0") }
        let epsilon = try self.epsilon(&node)
        var inputs: [ValueID?] = []
        for index in 0..<5 { inputs.append(try node.input(index)) }
        try node.emit(.batchNormalization(epsilon: epsilon), inputs)
    }

    private static func layerNormalization(_ node: inout ONNXNodeReader) throws(NetworkError) {
        // The type that is computed in: always float32 here.
        node.ignore("stash_type")
        let axis = try node.axis(default: -1)
        let epsilon = try self.epsilon(&node)
        try node.emit(
            .layerNormalization(axis: axis, epsilon: epsilon),
            [try node.input(0), try node.input(1), node.optionalInput(2)])
    }

    private static func epsilon(_ node: inout ONNXNodeReader) throws(NetworkError) -> Float {
        let epsilon = try node.float("epsilon", default: 1e-5)
        guard epsilon >= 0 else { throw node.inconsistent("epsilon is \(epsilon)") }
        return epsilon
    }

    /// Before opset 13 it is over all dimensions from `axis` on, and `axis` is 1 unless stated.
    private static func softmax(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let flattens = node.opset < 13
        let axis = try node.axis(default: flattens ? 1 : -1)
        try node.emit(.softmax(axis: axis, flattensBelow: flattens), [try node.input(0)])
    }
}
