extension Operator {
    /// Multiply-accumulates of one run, and for operators that have none about as many steps as their loops make;
    /// `Int.max` when that is more than an `Int` holds.
    ///
    /// - Parameters:
    ///   - inputs: types of the inputs, checked by `outputShapes`.
    ///   - outputs: what `outputShapes` found.
    public func work(inputs: [TensorType?], outputs: [TensorType]) -> Int {
        let made = outputs.reduce(0) { $0 + ($1.shape.elementCount ?? 0) }
        let perElement: Int
        switch self {
        case .convolution:
            perElement = inputs[1]?.shape.dimensions.dropFirst().reduce(1, *) ?? 1
        case .gemm(let gemm):
            perElement = inputs[0]?.shape[gemm.transposesA ? 0 : 1] ?? 1
        case .matMul:
            perElement = inputs[0]?.shape.dimensions.last ?? 1
        case .pool(let pooling):
            perElement = pooling.kernel.reduce(1, *)
        case .reduce, .globalPool:
            return max(made, inputs[0]?.shape.elementCount ?? 0)
        default:
            perElement = 1
        }
        let (product, overflow) = made.multipliedReportingOverflow(by: perElement)
        return overflow ? .max : product
    }
}
