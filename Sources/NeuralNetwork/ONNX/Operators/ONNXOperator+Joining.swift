extension ONNXOperator {
    /// Operators that put tensors together and take parts of them.
    static let joining: [String: ONNXOperator] = [
        "Concat": ONNXOperator(inputs: 1...Int.max, read: concat),
        "Split": ONNXOperator(inputs: 1...2, outputs: Int.max, read: split),
        "Slice": ONNXOperator(inputs: 1...5, read: slice),
        "Gather": ONNXOperator(inputs: 2...2, read: gather),
        "Pad": ONNXOperator(inputs: 1...4, read: pad),
    ]

    private static func concat(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let axis = try node.axis(default: nil)
        var inputs: [ValueID?] = []
        for index in node.inputs.indices { inputs.append(try node.input(index)) }
        try node.emit(.concat(axis: axis), inputs)
    }

    /// Sizes are an attribute up to opset 12; from 18 on the number of outputs may be stated, too.
    private static func split(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let axis = try node.axis(default: 0)
        let count = node.outputs.count
        var sizes: ValueID?
        if node.opset < 13 {
            try node.expectInputs(1...1)
            if let list = try node.ints("split", in: 0...node.limits.tensorElements), !list.isEmpty {
                sizes = try node.constant(list, "sizes")
            }
        } else {
            sizes = try node.integers(1, optional: true)
        }
        if let stated = try node.int("num_outputs") {
            guard stated == count else {
                throw node.inconsistent("num_outputs is \(stated), and it has \(count) outputs")
            }
            guard sizes == nil else { throw node.inconsistent("it has both sizes and num_outputs") }
        }
        if let list = node.constant(sizes), list.elements.count != count {
            throw node.inconsistent("it has \(list.elements.count) sizes and \(count) outputs")
        }
        try node.emit(.split(axis: axis, count: count), [try node.input(0), sizes])
    }

    /// Everything is an attribute up to opset 9.
    private static func slice(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let x = try node.input(0)
        if node.opset >= 10 {
            try node.expectInputs(3...5)
            var inputs: [ValueID?] = [x]
            for index in 1...4 { inputs.append(try node.integers(index, optional: index > 2)) }
            let counts = Set(inputs.dropFirst().compactMap { node.constant($0)?.elements.count })
            guard counts.count <= 1 else {
                throw node.inconsistent("starts, ends, axes and steps are not equally many")
            }
            return try node.emit(.slice, inputs)
        }
        try node.expectInputs(1...1)
        guard let starts = try node.ints("starts"), let ends = try node.ints("ends") else {
            throw node.inconsistent("attributes \"starts\" and \"ends\" are needed")
        }
        let axes = try node.axes()
        guard starts.count == ends.count, axes.map({ $0.count == starts.count }) ?? true else {
            throw node.inconsistent("starts, ends and axes are not equally many")
        }
        let inputs: [ValueID?] = [
            x, try node.constant(starts, "starts"), try node.constant(ends, "ends"),
            try axes.map { (axes) throws(NetworkError) in try node.constant(axes, "axes") }, nil,
        ]
        try node.emit(.slice, inputs)
    }

    private static func gather(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let axis = try node.axis(default: 0)
        try node.emit(.gather(axis: axis), [try node.input(0), try node.integers(1)])
    }

    /// Pads and value are attributes up to opset 10.
    private static func pad(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let modes = Operator.PadMode.allCases.map { ($0.rawValue, $0) }
        let mode = try node.choice("mode", Dictionary(modes) { first, _ in first }, default: .constant)
        let x = try node.input(0)
        if node.opset >= 11 {
            try node.expectInputs(2...(node.opset < 18 ? 3 : 4))
            let value = node.optionalInput(2)
            if let tensor = node.constant(value), tensor.elements.count != 1 {
                throw node.inconsistent("its value is of shape \(tensor.shape) instead of one number")
            }
            return try node.emit(
                .pad(mode), [x, try node.integers(1), value, try node.integers(3, optional: true)])
        }
        try node.expectInputs(1...1)
        let extent = largestExtent
        guard let pads = try node.ints("pads", in: -extent...extent), pads.count % 2 == 0 else {
            throw node.inconsistent("attribute \"pads\" is missing, or not of even length")
        }
        let value = try node.float("value", default: 0)
        try node.emit(
            .pad(mode),
            [x, try node.constant(pads, "pads"), try node.constant(Tensor([value], []), "value"), nil])
    }
}
