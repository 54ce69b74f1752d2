extension ONNXOperator {
    /// Constants, and operators that hand on what they get.
    static let constants: [String: ONNXOperator] = [
        "Constant": ONNXOperator(inputs: 0...0, read: constant),
        "ConstantOfShape": ONNXOperator(since: 9, read: constantOfShape),
        "Cast": ONNXOperator(read: cast),
        "Identity": ONNXOperator { (node) throws(NetworkError) in try node.emit(.identity, [try node.input(0)]) },
        "Dropout": ONNXOperator(inputs: 1...3, read: dropout),
    ]

    /// A value, not a node.
    private static func constant(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let forms = [
            "value", "value_float", "value_floats", "value_int", "value_ints", "value_string", "value_strings",
            "sparse_value",
        ].filter(node.has)
        guard let form = forms.first, forms.count == 1 else {
            throw node.inconsistent(forms.isEmpty ? "it has no value" : "it has more than one value: \(list(forms))")
        }
        func counted(_ count: Int, of bytes: Int) throws(NetworkError) {
            try node.builder.tensors.spend(count * bytes, for: node.label)
        }
        switch form {
        case "value":
            guard let tensor = try node.tensor(form) else { return }
            node.define(tensor)
        case "value_float":
            node.define(Tensor([try node.bound(form) ?? 0], []))
        case "value_int":
            node.define(Tensor([Int64(try node.int(form) ?? 0)], []))
        case "value_floats":
            let values = try node.floats(form) ?? []
            _ = try node.builder.tensors.shape([Int64(values.count)], node.label)
            try counted(values.count, of: 4)
            node.define(Tensor(values, [values.count]))
        case "value_ints":
            let values = try node.ints(form) ?? []
            _ = try node.builder.tensors.shape([Int64(values.count)], node.label)
            try counted(values.count, of: 8)
            node.define(Tensor(values.map(Int64.init), [values.count]))
        default:
            throw node.unsupported("attribute \(quoted(form)); tensors of numbers are read")
        }
    }

    private static func constantOfShape(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let value = try node.tensor("value") ?? Tensor([Float(0)], [1])
        guard value.elements.count == 1 else {
            throw node.inconsistent("its value has \(value.elements.count) elements instead of one")
        }
        try node.emit(.constantOfShape(value), [try node.integers(0)])
    }

    private static func cast(_ node: inout ONNXNodeReader) throws(NetworkError) {
        // Of floats of 8 bits, which are refused.
        node.ignore("saturate")
        guard let code = try node.int("to") else { throw node.inconsistent("attribute \"to\" is missing") }
        let type = try ONNXElementType.read(code, of: "what \(node.label) makes")
        guard type.declared != .bfloat16 else { throw node.unsupported("rounding to bfloat16") }
        try node.emit(.cast(type.held), [try node.input(0)])
    }

    /// Does nothing but in training.
    private static func dropout(_ node: inout ONNXNodeReader) throws(NetworkError) {
        node.ignore("ratio", "seed")
        if node.opset < 12 {
            try node.expectInputs(1...1)
        } else if let training = node.optionalInput(2) {
            guard let tensor = node.constant(training), tensor.integers == [0] else {
                throw node.unsupported("training_mode other than a constant false; export the model for inference")
            }
        }
        try node.emit(.identity, [try node.input(0)])
    }
}
