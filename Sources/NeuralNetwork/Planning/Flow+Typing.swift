extension Flow {
    /// Gives operators that have fast kernels their own form: convolutions and products with constant weights,
    /// normalisation and arithmetic with constants as a factor and a term for each channel, functions of one element.
    /// What does not fit stays as it is, for the general kernels or the reference.
    mutating func recogniseOperators() throws(NetworkError) {
        for place in nodes.indices {
            guard let node = nodes[place], case .other(let operation) = node.operation else { continue }
            if let recognised = try recognised(operation, node) {
                nodes[place]?.operation = recognised.operation
                nodes[place]?.inputs = recognised.inputs
            }
        }
    }

    private func recognised(
        _ operation: Operator, _ node: Node
    ) throws(NetworkError) -> (operation: FlowOperation, inputs: [ValueID?])? {
        guard let x = node.inputs.first.flatMap({ $0 }) else { return nil }
        func input(_ index: Int) -> ValueID? { index < node.inputs.count ? node.inputs[index] : nil }
        switch operation {
        case .convolution(let convolution):
            guard let weights = input(1), let values = constantFloats(weights), shape(x).rank == 4, shape(x)[0] == 1,
                values.count > 0
            else { return nil }
            let filters = shape(weights)[0]
            var bias = [Float](repeating: 0, count: filters)
            if let given = input(2) {
                guard let constant = constantFloats(given) else { return nil }
                bias = constant
            }
            let geometry = try convolution.geometry(input: shape(x), weights: shape(weights), node: node.source)
            let flow = FlowConvolution(
                weights: values, bias: bias, group: convolution.group, filters: filters, channels: shape(x)[1],
                geometry: geometry)
            return (.convolution(flow), [x])
        case .gemm(let gemm):
            return recognised(gemm, node).map { (.linear($0), [x]) }
        case .matMul:
            guard let b = input(1), let weights = constantFloats(b), shape(b).rank == 2, shape(x).rank >= 1,
                weights.count > 0
            else { return nil }
            let flow = FlowLinear(
                weights: weights, bias: [Float](repeating: 0, count: shape(b)[1]), inner: shape(b)[0],
                columns: shape(b)[1])
            return (.linear(flow), [x])
        case .batchNormalization(let epsilon):
            guard channelCount(of: x) != nil, let scale = constantFloats(input(1)), let bias = constantFloats(input(2)),
                let mean = constantFloats(input(3)), let variance = constantFloats(input(4))
            else { return nil }
            let factors = zip(scale, variance).map { Float(Double($0) / (Double($1) + Double(epsilon)).squareRoot()) }
            let terms = zip(zip(bias, mean), factors).map { Float(Double($0.0) - Double($0.1) * Double($1)) }
            return (.affine(scale: factors, shift: terms, .none), [x])
        case .unary(let function):
            return (.activation(Activation(function)), [x])
        case .clip:
            var bounds: [Float] = [-.infinity, .infinity]
            for (index, given) in [input(1), input(2)].enumerated() where given != nil {
                guard let bound = constantFloats(given)?.first else { return nil }
                bounds[index] = bound
            }
            // Contrary or undefined bounds are left to the reference, which knows what is due.
            guard bounds[0] <= bounds[1] else { return nil }
            return (.activation(.clip(bounds[0], bounds[1])), [x])
        case .binary(let function):
            guard values[node.outputs[0]].type.element.isFloat else { return nil }
            return (.binary(function, .none), node.inputs)
        default:
            return nil
        }
    }

    private func recognised(_ gemm: Operator.Gemm, _ node: Node) -> FlowLinear? {
        guard !gemm.transposesA, let b = node.inputs[1], let matrix = constantFloats(b), matrix.count > 0 else {
            return nil
        }
        let size = shape(b)
        let (inner, columns) = gemm.transposesB ? (size[1], size[0]) : (size[0], size[1])
        var bias = [Float](repeating: 0, count: columns)
        if node.inputs.count > 2, let c = node.inputs[2] {
            guard let given = constantFloats(c),
                given.count == 1 || (given.count == columns && shape(c).dimensions.last == columns)
            else { return nil }
            bias = (0..<columns).map { gemm.beta * given[given.count == 1 ? 0 : $0] }
        }
        var weights = matrix
        if gemm.transposesB {
            for k in 0..<inner { for n in 0..<columns { weights[k * columns + n] = matrix[n * inner + k] } }
        }
        if gemm.alpha != 1 { for index in weights.indices { weights[index] *= gemm.alpha } }
        return FlowLinear(weights: weights, bias: bias, inner: inner, columns: columns)
    }

    /// Arithmetic with a constant that is one number or one for each channel, as a factor and a term for each channel.
    mutating func recogniseConstantArithmetic() {
        for place in nodes.indices {
            guard let node = nodes[place], case .binary(let function, let activation) = node.operation,
                let a = node.inputs[0], let b = node.inputs[1]
            else { continue }
            let (x, constant, isSwapped) = values[b].constant != nil ? (a, b, false) : (b, a, true)
            guard values[x].constant == nil, let channels = channelCount(of: x),
                shape(node.outputs[0]) == shape(x), let numbers = perChannel(constant, like: x, channels: channels)
            else { continue }
            let ones = [Float](repeating: 1, count: channels), zeros = [Float](repeating: 0, count: channels)
            let affine: (scale: [Float], shift: [Float])? =
                switch function {
                case .add: (ones, numbers)
                case .subtract: isSwapped ? (ones.map { -$0 }, numbers) : (ones, numbers.map { -$0 })
                case .multiply: (numbers, zeros)
                case .divide where !isSwapped && numbers.allSatisfy({ (1 / $0).isFinite && (1 / $0).isNormal }):
                    (numbers.map { 1 / $0 }, zeros)
                default: nil
                }
            guard let affine else { continue }
            nodes[place]?.operation = .affine(scale: affine.scale, shift: affine.shift, activation)
            nodes[place]?.inputs = [x]
        }
    }

    /// Channels of a picture [1,C,H,W] or of rows [M,C].
    private func channelCount(of value: ValueID) -> Int? {
        let shape = shape(value)
        return (shape.rank == 4 && shape[0] == 1) || shape.rank == 2 ? shape[1] : nil
    }

    private func perChannel(_ constant: ValueID, like value: ValueID, channels: Int) -> [Float]? {
        guard let numbers = constantFloats(constant) else { return nil }
        if numbers.count == 1 { return [Float](repeating: numbers[0], count: channels) }
        let rank = shape(value).rank
        let padded = shape(constant).padded(toRank: rank)
        guard padded.count == rank, padded[1] == channels, numbers.count == channels else { return nil }
        return numbers
    }
}
