extension ONNXOperator {
    /// Functions of one element, or of two.
    static let elementwise: [String: ONNXOperator] = [
        "Relu": unary(.relu),
        "Sigmoid": unary(.sigmoid),
        "HardSwish": unary(.hardSwish, since: 14),
        "Tanh": unary(.tanh),
        "Erf": unary(.erf, since: 9),
        "Softplus": unary(.softplus),
        "Sqrt": unary(.sqrt),
        "Exp": unary(.exp),
        "Log": unary(.log),
        "Abs": unary(.abs),
        "Neg": unary(.negate),
        "Reciprocal": unary(.reciprocal),
        "Floor": unary(.floor),
        "Ceil": unary(.ceil),
        "LeakyRelu": ONNXOperator { (node) throws(NetworkError) in
            try node.emit(.unary(.leakyRelu(alpha: try node.float("alpha", default: 0.01))), [try node.input(0)])
        },
        "Elu": ONNXOperator { (node) throws(NetworkError) in
            try node.emit(.unary(.elu(alpha: try node.float("alpha", default: 1))), [try node.input(0)])
        },
        "HardSigmoid": ONNXOperator { (node) throws(NetworkError) in
            let alpha = try node.float("alpha", default: 0.2)
            let beta = try node.float("beta", default: 0.5)
            try node.emit(.unary(.hardSigmoid(alpha: alpha, beta: beta)), [try node.input(0)])
        },
        "Gelu": ONNXOperator(since: 20) { (node) throws(NetworkError) in
            let approximate = try node.choice("approximate", ["none": false, "tanh": true], default: false)
            try node.emit(.unary(.gelu(approximate: approximate)), [try node.input(0)])
        },
        "Mish": ONNXOperator(since: 18, read: mish),
        "PRelu": ONNXOperator(since: 7, inputs: 2...2) { (node) throws(NetworkError) in
            try node.emit(.parametricRelu, [try node.input(0), try node.input(1)])
        },
        "Clip": ONNXOperator(inputs: 1...3, read: clip),
        "Add": binary(.add, 2...2),
        "Sub": binary(.subtract, 2...2),
        "Mul": binary(.multiply, 2...2),
        "Div": binary(.divide, 2...2),
        "Pow": binary(.power, 2...2),
        "Min": binary(.minimum, 1...Int.max),
        "Max": binary(.maximum, 1...Int.max),
        "Sum": binary(.add, 1...Int.max),
    ]

    private static func unary(_ function: Operator.UnaryFunction, since: Int = 1) -> ONNXOperator {
        ONNXOperator(since: since) { (node) throws(NetworkError) in
            try node.emit(.unary(function), [try node.input(0)])
        }
    }

    /// Of more than two inputs, the function of the function of the first ones and the last.
    private static func binary(_ function: Operator.BinaryFunction, _ inputs: ClosedRange<Int>) -> ONNXOperator {
        ONNXOperator(inputs: inputs) { (node) throws(NetworkError) in
            let count = node.inputs.count
            var left = try node.input(0)
            guard count > 1 else { return try node.emit(.identity, [left]) }
            for index in 1..<(count - 1) {
                left = try node.step(.binary(function), [left, try node.input(index)], "first\(index + 1)")
            }
            try node.emit(.binary(function), [left, try node.input(count - 1)])
        }
    }

    /// x * tanh(softplus(x))
    private static func mish(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let x = try node.input(0)
        let softplus = try node.step(.unary(.softplus), [x], "softplus")
        let tanh = try node.step(.unary(.tanh), [softplus], "tanh")
        try node.emit(.binary(.multiply), [x, tanh])
    }

    /// Up to opset 10 the bounds are attributes.
    private static func clip(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let x = try node.input(0)
        guard node.opset < 11 else {
            for index in 1...2 {
                if let bound = node.constant(node.optionalInput(index)), bound.elements.count != 1 {
                    throw node.inconsistent("its input \(index + 1) is of shape \(bound.shape) instead of one number")
                }
            }
            return try node.emit(.clip, [x, node.optionalInput(1), node.optionalInput(2)])
        }
        try node.expectInputs(1...1)
        var bounds: [ValueID?] = []
        for name in ["min", "max"] {
            let bound = try node.bound(name)
            bounds.append(
                try bound.map { (value) throws(NetworkError) in try node.constant(Tensor([value], []), name) })
        }
        try node.emit(.clip, [x] + bounds)
    }
}
