extension ONNXOperator {
    /// Operators that move a window over a picture.
    static let windowed: [String: ONNXOperator] = [
        "Conv": ONNXOperator(inputs: 2...3, read: convolution),
        "MaxPool": ONNXOperator(read: maxPool),
        "AveragePool": ONNXOperator(read: averagePool),
        "GlobalMaxPool": ONNXOperator { (node) throws(NetworkError) in
            try node.emit(.globalPool(.max), [try node.input(0)])
        },
        "GlobalAveragePool": ONNXOperator { (node) throws(NetworkError) in
            try node.emit(.globalPool(.average), [try node.input(0)])
        },
    ]

    /// The most that a kernel, a stride, a dilation or a padding may be.
    static let largestExtent = 1 << 16

    /// What convolutions and pools have in common.
    private struct Window {
        var kernel: [Int]?
        var strides: [Int]
        var dilations: [Int]
        var padding: Operator.Padding
        /// Over pictures 2, over series of numbers 1.
        var rank: Int

        /// Takes the attributes. The rank is that of the first list given, else `standardRank`, else that of a picture.
        init(_ node: inout ONNXNodeReader, standardRank: Int?) throws(NetworkError) {
            let positive = 1...ONNXOperator.largestExtent
            kernel = try node.ints("kernel_shape", in: positive)
            let strides = try node.ints("strides", in: positive)
            let dilations = try node.ints("dilations", in: positive)
            let pads = try node.ints("pads", in: 0...ONNXOperator.largestExtent)
            let automatic: Operator.Padding? = try node.choice(
                "auto_pad",
                ["NOTSET": nil, "SAME_UPPER": .sameUpper, "SAME_LOWER": .sameLower, "VALID": .valid], default: nil)

            let lengths = [
                standardRank, kernel?.count, strides?.count, dilations?.count, pads.map { ($0.count + 1) / 2 },
            ]
            let rank = lengths.compactMap { $0 }.first ?? 2
            guard lengths.allSatisfy({ $0 == nil || $0 == rank }), pads.map({ $0.count % 2 == 0 }) ?? true else {
                throw node.inconsistent("its attributes and weights do not agree in how many dimensions there are")
            }
            guard rank == 1 || rank == 2 else {
                throw node.unsupported("\(rank) dimensions; those over one and two are built")
            }
            if automatic != nil, let pads, pads.contains(where: { $0 != 0 }) {
                throw node.inconsistent("it has both pads and auto_pad")
            }
            self.rank = rank
            self.strides = strides ?? [Int](repeating: 1, count: rank)
            self.dilations = dilations ?? [Int](repeating: 1, count: rank)
            padding = automatic ?? .explicit(pads ?? [Int](repeating: 0, count: 2 * rank))
            if rank == 1 { becomePicture() }
        }

        /// A row of numbers is a picture of one row.
        private mutating func becomePicture() {
            kernel = kernel.map { [1] + $0 }
            strides = [1] + strides
            dilations = [1] + dilations
            if case .explicit(let pads) = padding { padding = .explicit([0, pads[0], 0, pads[1]]) }
        }
    }

    private static func convolution(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let (picture, weights, bias) = (try node.input(0), try node.input(1), node.optionalInput(2))
        let known = node.constant(weights)
        if let known, known.shape.rank < 3 || known.floats == nil {
            throw node.inconsistent("its weights are of type \(known.type) and shape \(known.shape)")
        }
        let window = try Window(&node, standardRank: known.map { $0.shape.rank - 2 })
        if let known, let kernel = window.kernel,
            kernel.suffix(window.rank) != known.shape.dimensions.suffix(window.rank)
        {
            throw node.inconsistent("kernel_shape is not that of its weights of shape \(known.shape)")
        }
        var convolution = Operator.Convolution()
        convolution.group = try node.int("group", in: 1...Int(Int32.max)) ?? 1
        convolution.kernel = window.kernel
        convolution.strides = window.strides
        convolution.dilations = window.dilations
        convolution.padding = window.padding
        try emit(.convolution(convolution), &node, window, [picture, weights], then: [bias])
    }

    private static func maxPool(_ node: inout ONNXNodeReader) throws(NetworkError) {
        // It orders the indices, which are refused.
        node.ignore("storage_order")
        try pool(.max, &node)
    }

    private static func averagePool(_ node: inout ONNXNodeReader) throws(NetworkError) { try pool(.average, &node) }

    private static func pool(_ kind: Operator.PoolKind, _ node: inout ONNXNodeReader) throws(NetworkError) {
        let window = try Window(&node, standardRank: nil)
        guard let kernel = window.kernel else { throw node.inconsistent("attribute \"kernel_shape\" is missing") }
        var pooling = Operator.Pooling(kind, kernel: kernel)
        pooling.strides = window.strides
        pooling.dilations = window.dilations
        pooling.padding = window.padding
        pooling.roundsUp = try node.flag("ceil_mode")
        if kind == .average { pooling.countsPadding = try node.flag("count_include_pad") }
        if case .explicit(let pads) = window.padding {
            for (index, pad) in pads.enumerated() where pad > 0 {
                // A window of padding alone has no largest element.
                guard pad <= (kernel[index % 2] - 1) * window.dilations[index % 2] else {
                    throw node.inconsistent("its padding \(pads) is as large as its window \(kernel)")
                }
            }
        }
        try emit(.pool(pooling), &node, window, [try node.input(0)], then: [])
    }

    /// Adds the node; over rows of numbers, with a height of 1 put in before and taken out after it.
    private static func emit(
        _ operation: Operator, _ node: inout ONNXNodeReader, _ window: Window, _ spatial: [ValueID],
        then rest: [ValueID?]
    ) throws(NetworkError) {
        guard window.rank == 1 else { return try node.emit(operation, spatial + rest) }
        let height = try node.constant([2], "height")
        var tall: [ValueID?] = []
        for (index, id) in spatial.enumerated() {
            if let tensor = node.constant(id) {
                var sizes = tensor.shape.dimensions
                sizes.insert(1, at: min(2, sizes.count))
                let picture = Tensor(shape: TensorShape(sizes), type: tensor.type, elements: tensor.elements)
                // Shares its elements with the one it is made of, so nothing is counted.
                tall.append(node.builder.make("\(node.name)/tall\(index)", constant: picture))
            } else {
                tall.append(try node.step(.unsqueeze, [id, height], "tall\(index)"))
            }
        }
        let made = try node.step(operation, tall + rest, "picture")
        try node.emit(.squeeze, [made, height])
    }
}
