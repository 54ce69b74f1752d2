import CTensorKernels

extension Planner {
    /// Adds what computes one node.
    mutating func plan(_ node: Flow.Node) throws(NetworkError) {
        switch node.operation {
        case .convolution(let convolution): planConvolution(convolution, node)
        case .linear(let linear): planLinear(linear, node)
        case .affine(let scale, let shift, let activation): planAffine(scale, shift, activation, node)
        case .activation(let activation): planActivation(activation, node)
        case .binary(let function, let activation): planBinary(function.kernelForm, activation, node)
        case .other(let operation): try planOther(operation, node)
        }
    }

    private mutating func planOther(_ operation: Operator, _ node: Flow.Node) throws(NetworkError) {
        guard let x = node.inputs.first.flatMap({ $0 }), hasOnlyFloats(node) else { return planReference(node) }
        let inference = inference(node)
        let isBytes = byteChoice.nodes.contains(node.outputs[0])
        switch operation {
        case .parametricRelu:
            planBinary(LK_PARAMETRIC_RELU, .none, node)
        case .pool(let pooling) where flow.shape(x).rank == 4 && flow.shape(x)[0] == 1:
            planPool(pooling, try pooling.geometry(input: flow.shape(x), node: node.source), node)
        case .globalPool(let kind):
            let dimensions = Array(2..<flow.shape(x).rank)
            planReduction(kind == .max ? LK_REDUCE_MAX : LK_REDUCE_MEAN, dimensions, keeps: true, node)
        case .reduce(let reduction, let keeps, let nothingWithoutAxes):
            let axes = try inference.reducedAxes(nothingWithoutAxes: nothingWithoutAxes)
            planReduction(reduction.kernelForm, axes.sorted(), keeps: keeps, node)
        case .softmax(let axis, let flattensBelow):
            planSoftmax(axis: axis, flattensBelow: flattensBelow, node)
        case .layerNormalization(let axis, let epsilon):
            planLayerNormalization(axis: axis, epsilon: epsilon, node)
        case .concat where isBytes:
            planByteConcatenation(node)
        case .concat(let axis):
            planConcatenation(axis: axis, node)
        case .split(let axis, let count):
            let sizes = try inference.splitSizes(axis: axis, count: count)
            let dimension = axis < 0 ? axis + flow.shape(x).rank : axis
            var start = 0
            for (index, size) in sizes.enumerated() where index < node.outputs.count {
                views[node.outputs[index]] = input(x).sliced(dimension, from: start, count: size)
                start += size
            }
        case .slice:
            views[node.outputs[0]] = input(x).sliced(try inference.sliceRanges())
        case .transpose(let permutation):
            views[node.outputs[0]] = input(x).transposed(try inference.permutation(permutation))
        case .expand:
            views[node.outputs[0]] = input(x).broadcast(to: flow.shape(node.outputs[0]).dimensions)
        case .reshape, .flatten, .squeeze, .unsqueeze:
            planReshape(x, node.outputs[0])
        case .identity, .cast:
            // Between floats of different widths, all held as float32.
            views[node.outputs[0]] = input(x)
        case .pad(.constant):
            planPad(try inference.padAmounts(.constant), node)
        default:
            planReference(node)
        }
    }

    /// The same elements under another shape: a view where that is possible, else of a copy in row-major order.
    private mutating func planReshape(_ x: ValueID, _ y: ValueID) {
        let shape = flow.shape(y).dimensions
        if let view = input(x).reshaped(shape) {
            views[y] = view
        } else if let view = rowMajor(x).reshaped(shape) {
            views[y] = view
        } else {
            preconditionFailure("row-major elements take any shape")
        }
    }

    private mutating func planConcatenation(axis: Int, _ node: Flow.Node) {
        let y = output(node.outputs[0])
        let dimension = axis < 0 ? axis + y.rank : axis
        var start = 0
        for case .some(let value) in node.inputs {
            let count = flow.shape(value)[dimension]
            let place = y.sliced(dimension, from: start, count: count)
            start += count
            let from = input(value)
            if from != place, place.count > 0 { emitCopy(of: value, from, to: place) }
        }
    }

    private mutating func planPad(_ amounts: [(before: Int, behind: Int)], _ node: Flow.Node) {
        guard let x = node.inputs[0] else { return }
        let from = input(x)
        let value = node.inputs.count > 2 ? flow.constantFloats(node.inputs[2])?.first ?? 0 : 0
        let y = output(node.outputs[0])
        // What is left of the input where amounts are negative, and where it goes.
        var source = from, target = y
        for (dimension, amount) in amounts.enumerated() {
            let start = max(0, -amount.before)
            let count = max(0, from.shape[dimension] - start - max(0, -amount.behind))
            source = source.sliced(dimension, from: start, count: count)
            target = target.sliced(dimension, from: max(0, amount.before), count: count)
        }
        let fill = Walk.over(y)
        let copy = Walk.over(target, source)
        let inside = target
        let taken = source
        emit(layer(node.source.name, "Pad", y, kernel: "copy"), uses: [from, y]) { [kernels] address in
            let background = FillStep(kernels: kernels, walk: fill, value: value, y: address(y))
            guard inside.count > 0 else { return background }
            return SequenceStep(steps: [
                background,
                CopyStep(kernels: kernels, walk: copy, elementBytes: 4, x: address(taken), y: address(inside)),
            ])
        }
    }

    /// Anything else.
    mutating func planReference(_ node: Flow.Node) {
        var used: [View] = []
        var operands: [(View, TensorType)?] = []
        var constants: [Tensor?] = []
        for given in node.inputs {
            let constant = given.flatMap { flow.values[$0].constant }
            constants.append(constant)
            guard let given, constant == nil else {
                operands.append(nil)
                continue
            }
            let view = input(given)
            used.append(view)
            operands.append((view, flow.values[given].type))
        }
        let outputs = node.outputs.map { value -> (View, TensorType) in
            var view = output(value, order: Array(flow.shape(value).dimensions.indices))
            if !view.isRowMajor {
                // Placed inside of another tensor: this operator does not write there.
                placements[value] = nil
                views[value] = nil
                view = output(value, order: Array(flow.shape(value).dimensions.indices))
            }
            return (view, flow.values[value].type)
        }
        used += outputs.map(\.0)
        let source = Graph.Node(
            name: node.source.name, type: node.source.type, operation: node.source.operation, inputs: node.inputs,
            outputs: node.outputs)
        // What a run would otherwise find out, and could only answer with zeros.
        let types = node.inputs.map { $0.map { flow.values[$0].type } }
        precondition(
            (try? source.operation.outputShapes(of: types, constants: constants, node: source, limits: limits)) != nil,
            "'\(source.name)' lost what it needs while it was planned")
        let limits = limits
        emit(layer(source.name, source.type, outputs[0].0, kernel: "reference"), uses: used) { address in
            func operand(_ place: (View, TensorType)) -> ReferenceStep.Operand {
                ReferenceStep.Operand(
                    type: place.1, address: address(place.0), shape: place.0.shape, strides: place.0.strides)
            }
            return ReferenceStep(
                node: source, inputs: operands.map { $0.map(operand) }, constants: constants,
                outputs: outputs.map(operand), limits: limits)
        }
    }

    /// Whether everything that it reads and makes is held as floats in the arena or needed only while planning.
    private func hasOnlyFloats(_ node: Flow.Node) -> Bool {
        guard node.outputs.allSatisfy({ flow.values[$0].type.element.isFloat }) else { return false }
        return node.inputs.allSatisfy { value in
            guard let value else { return true }
            return flow.values[value].type.element.isFloat || flow.values[value].constant != nil
        }
    }

    private func inference(_ node: Flow.Node) -> ShapeInference {
        ShapeInference(
            node: node.source, inputs: node.inputs.map { $0.map { flow.values[$0].type } },
            constants: node.inputs.map { $0.flatMap { flow.values[$0].constant } }, limits: limits)
    }
}
