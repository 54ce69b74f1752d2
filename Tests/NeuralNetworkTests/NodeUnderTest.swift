import NeuralNetwork

/// One operator, to be tried without a file around it.
struct NodeUnderTest {
    var operation: Operator
    var limits = NetworkLimits()

    init(_ operation: Operator, limits: NetworkLimits = NetworkLimits()) {
        self.operation = operation
        self.limits = limits
    }

    private func node(inputs: Int, outputs: Int) -> Graph.Node {
        Graph.Node(
            name: "it", type: "Test", operation: operation, inputs: Array(0..<inputs),
            outputs: Array(inputs..<inputs + outputs))
    }

    private var outputs: Int { if case .split(_, let count) = operation { count } else { 1 } }

    /// What it makes.
    func callAsFunction(_ inputs: Tensor?...) throws -> [Tensor] {
        try operation.evaluate(inputs, node: node(inputs: inputs.count, outputs: outputs), limits: limits)
    }

    /// Shapes of what it makes.
    func shapes(_ inputs: [Given?]) throws(NetworkError) -> [TensorShape] {
        try operation.outputShapes(
            of: inputs.map { $0?.type }, constants: inputs.map { $0?.constant },
            node: node(inputs: inputs.count, outputs: outputs), limits: limits
        ).map(\.shape)
    }

    /// An input of which the type is known, or the content too.
    struct Given {
        var type: TensorType
        var constant: Tensor?

        static func floats(_ sizes: Int...) -> Given { Given(type: TensorType(.float32, TensorShape(sizes))) }

        static func whole(_ sizes: Int...) -> Given { Given(type: TensorType(.int64, TensorShape(sizes))) }

        static func of(_ type: ElementType, _ sizes: Int...) -> Given {
            Given(type: TensorType(type, TensorShape(sizes)))
        }

        static func constant(_ values: Int...) -> Given { .tensor(.list(values)) }

        static func scales(_ values: Float...) -> Given { .tensor(Tensor(values, [values.count])) }

        static func tensor(_ tensor: Tensor) -> Given { Given(type: tensor.tensorType, constant: tensor) }
    }
}

extension Tensor {
    /// A list of whole numbers.
    static func list(_ values: [Int]) -> Tensor { Tensor(values.map { Int64($0) }, [values.count]) }

    static func list(_ values: Int...) -> Tensor { list(values) }

    /// One float.
    static func number(_ value: Float) -> Tensor { Tensor([value], []) }
}

extension Operator {
    static func convolution(_ change: (inout Convolution) -> Void) -> Operator {
        var convolution = Convolution()
        change(&convolution)
        return .convolution(convolution)
    }

    static func pool(_ kind: PoolKind, _ kernel: [Int], _ change: (inout Pooling) -> Void = { _ in }) -> Operator {
        var pooling = Pooling(kind, kernel: kernel)
        change(&pooling)
        return .pool(pooling)
    }

    static func gemm(_ change: (inout Gemm) -> Void) -> Operator {
        var gemm = Gemm()
        change(&gemm)
        return .gemm(gemm)
    }

    static func resize(_ change: (inout Resizing) -> Void) -> Operator {
        var resizing = Resizing()
        change(&resizing)
        return .resize(resizing)
    }
}
