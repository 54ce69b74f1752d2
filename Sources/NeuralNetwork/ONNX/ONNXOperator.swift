/// How an operator of ONNX is read into the normal form.
struct ONNXOperator: Sendable {
    /// The opset that brought it.
    let since: Int
    /// How many inputs it takes, over all opsets.
    let inputs: ClosedRange<Int>
    /// How many of its outputs are made; a model that uses others is refused.
    let outputs: Int
    /// Reads a node: takes its attributes, adds what it computes to the graph.
    let read: @Sendable (inout ONNXNodeReader) throws(NetworkError) -> Void

    init(
        since: Int = 1, inputs: ClosedRange<Int> = 1...1, outputs: Int = 1,
        read: @escaping @Sendable (inout ONNXNodeReader) throws(NetworkError) -> Void
    ) {
        self.since = since
        self.inputs = inputs
        self.outputs = outputs
        self.read = read
    }

    /// All that are built, by their names in files.
    static let all: [String: ONNXOperator] = [
        windowed, elementwise, linear, reductions, joining, shapes, resizing, constants, quantization,
    ].reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }
}
