extension Operator {
    /// The types of what this operator makes, one for each of its outputs.
    ///
    /// - Parameters:
    ///   - inputs: types of the inputs; nil for an optional one left out.
    ///   - constants: contents of those inputs that are constants, at the same places.
    ///   - node: the node that asks; errors name it.
    ///   - limits: bounds of every result.
    /// - Throws: `.inconsistent` where inputs do not fit, `.unsupported` where an input that decides about a shape is
    ///   no constant, `.tooLarge` where a result passes a limit.
    public func outputShapes(
        of inputs: [TensorType?], constants: [Tensor?], node: Graph.Node, limits: NetworkLimits
    ) throws(NetworkError) -> [TensorType] {
        let inference = ShapeInference(node: node, inputs: inputs, constants: constants, limits: limits)
        try inference.checkInputs()
        let types = try outputTypes(inference)
        for (index, output) in node.outputs.enumerated() where output != nil && index >= types.count {
            throw inference.unsupported("output \(index) is asked for, only the first \(types.count) can be had")
        }
        return types
    }

    private func outputTypes(_ inference: ShapeInference) throws(NetworkError) -> [TensorType] {
        switch self {
        case .convolution(let convolution): [try inference.convolution(convolution)]
        case .batchNormalization: [try inference.batchNormalization()]
        case .gemm(let gemm): [try inference.gemm(gemm)]
        case .matMul: [try inference.matMul()]
        case .unary(let function): [try inference.unary(function)]
        case .clip: [try inference.clip()]
        case .parametricRelu: [try inference.parametricRelu()]
        case .binary: [try inference.binary()]
        case .softmax(let axis, let flattensBelow): [try inference.softmax(axis: axis, flattensBelow: flattensBelow)]
        case .pool(let pooling): [try inference.pool(pooling)]
        case .globalPool: [try inference.globalPool()]
        case .reduce(_, let keepsDimensions, let nothingWithoutAxes):
            [try inference.reduce(keepsDimensions: keepsDimensions, nothingWithoutAxes: nothingWithoutAxes)]
        case .layerNormalization(let axis, _): [try inference.layerNormalization(axis: axis)]
        case .concat(let axis): [try inference.concat(axis: axis)]
        case .split(let axis, let count): try inference.split(axis: axis, count: count)
        case .slice: [try inference.slice()]
        case .reshape(let zeroIsZero): [try inference.reshape(zeroIsZero: zeroIsZero)]
        case .flatten(let axis): [try inference.flatten(axis: axis)]
        case .transpose(let permutation): [try inference.transpose(permutation)]
        case .squeeze: [try inference.squeeze()]
        case .unsqueeze: [try inference.unsqueeze()]
        case .pad(let mode): [try inference.pad(mode)]
        case .resize(let resizing): [try inference.resize(resizing)]
        case .expand: [try inference.expand()]
        case .constantOfShape(let value): [try inference.constantOfShape(value)]
        case .shape(let start, let end): [try inference.shape(start: start, end: end)]
        case .gather(let axis): [try inference.gather(axis: axis)]
        case .cast(let element): [TensorType(element, try inference.input(0, "its input").shape)]
        case .quantizeLinear(let axis, let element): [try inference.quantize(axis: axis, element: element)]
        case .dequantizeLinear(let axis): [try inference.dequantize(axis: axis)]
        case .identity: [try inference.input(0, "its input")]
        }
    }
}
