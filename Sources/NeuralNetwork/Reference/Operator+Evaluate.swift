extension Operator {
    /// What this operator makes of its inputs, by definition and without haste.
    ///
    /// - Parameters:
    ///   - inputs: all of the node's inputs; nil for an optional one left out.
    ///   - node: the node that asks; errors name it.
    ///   - limits: bounds of every result, checked before memory is taken.
    /// - Returns: one tensor for each output that the operator has.
    /// - Throws: what `outputShapes` throws, and `.inconsistent` where whole numbers are divided by zero or an index
    ///   lies outside of what it picks from.
    public func evaluate(
        _ inputs: [Tensor?], node: Graph.Node, limits: NetworkLimits = NetworkLimits()
    ) throws(NetworkError) -> [Tensor] {
        let types = inputs.map { $0?.tensorType }
        let results = try outputShapes(of: types, constants: inputs, node: node, limits: limits)
        let inference = ShapeInference(node: node, inputs: types, constants: inputs, limits: limits)
        let call = ReferenceCall(inputs: inputs, inference: inference, result: results[0])
        return try call.evaluate(self)
    }
}

/// One evaluation: inputs that have been checked, and the type of the first output.
struct ReferenceCall {
    let inputs: [Tensor?]
    let inference: ShapeInference
    let result: TensorType

    /// Input `index`, which inference found to be there.
    func input(_ index: Int) -> Tensor {
        guard let tensor = optional(index) else { preconditionFailure("input \(index) was found to be there") }
        return tensor
    }

    func optional(_ index: Int) -> Tensor? { index < inputs.count ? inputs[index] : nil }

    func evaluate(_ operation: Operator) throws(NetworkError) -> [Tensor] {
        let x = optional(0)
        return switch operation {
        case .convolution(let convolution): [try evaluate(convolution)]
        case .batchNormalization(let epsilon): [batchNormalization(epsilon: epsilon)]
        case .gemm(let gemm): [evaluate(gemm)]
        case .matMul: [try matMul()]
        case .unary(let function): [unary(function)]
        case .clip: [clip()]
        case .parametricRelu: [parametricRelu()]
        case .binary(let function): [try binary(function)]
        case .softmax(let axis, let flattensBelow): [softmax(axis: axis, flattensBelow: flattensBelow)]
        case .pool(let pooling): [try evaluate(pooling)]
        case .globalPool(let kind): [globalPool(kind)]
        case .reduce(let reduction, _, let nothingWithoutAxes):
            [reduce(reduction, axes: try inference.reducedAxes(nothingWithoutAxes: nothingWithoutAxes))]
        case .layerNormalization(let axis, let epsilon): [layerNormalization(axis: axis, epsilon: epsilon)]
        case .concat(let axis): [concat(axis: axis)]
        case .split(let axis, let count): split(axis: axis, sizes: try inference.splitSizes(axis: axis, count: count))
        case .slice: [slice(try inference.sliceRanges())]
        case .reshape, .flatten, .squeeze, .unsqueeze: [Reference.reshaped(input(0), result.shape)]
        case .transpose(let permutation): [transpose(try inference.permutation(permutation))]
        case .pad(let mode): [pad(mode, try inference.padAmounts(mode))]
        case .resize(let resizing): [resize(resizing, try inference.resizedDimensions())]
        case .expand: [Reference.broadcast(input(0), to: result.shape)]
        case .constantOfShape(let value):
            [Reference.broadcast(Reference.reshaped(value, []), to: result.shape)]
        case .shape(let start, let end):
            [Reference.shape(of: input(0).shape, in: try inference.shapeRange(start: start, end: end))]
        case .gather(let axis): [try gather(axis: axis)]
        case .cast(let type): [Reference.cast(input(0), to: type)]
        case .quantizeLinear(let axis, _): [quantize(axis: try inference.quantizationAxis(axis))]
        case .dequantizeLinear(let axis): [dequantize(axis: try inference.quantizationAxis(axis))]
        case .identity: x.map { [$0] } ?? []
        }
    }
}
