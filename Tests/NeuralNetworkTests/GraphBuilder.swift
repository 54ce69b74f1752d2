import NeuralNetwork

/// A graph put together node by node; shapes are inferred as it grows.
struct GraphBuilder {
    private(set) var graph: Graph
    /// By `ValueID`.
    private(set) var types: [TensorType]

    /// The value that the network is fed with.
    static let input: ValueID = 0

    /// An input [1,C,H,W] named x.
    init(_ sizes: [Int]) {
        graph = Graph(
            values: [Graph.Value(name: "x")], nodes: [],
            inputs: [Graph.Input(value: Self.input, dimensions: sizes.map { $0 })], outputs: [], opset: 18)
        types = [TensorType(.float32, TensorShape(sizes))]
    }

    func shape(_ value: ValueID) -> [Int] { types[value].shape.dimensions }

    /// Content of a constant.
    func constant(_ value: ValueID) -> Tensor? { graph.values[value].constant }

    mutating func constant(_ tensor: Tensor) -> ValueID {
        graph.values.append(Graph.Value(name: "c\(types.count)", constant: tensor))
        types.append(tensor.tensorType)
        return types.count - 1
    }

    mutating func constant(_ values: [Float], _ sizes: [Int]) -> ValueID {
        constant(Tensor(values, TensorShape(sizes)))
    }

    /// One number.
    mutating func number(_ value: Float) -> ValueID { constant(.number(value)) }

    /// A list of whole numbers.
    mutating func list(_ values: [Int]) -> ValueID { constant(.list(values)) }

    /// Adds a node; throws where its inputs do not fit.
    mutating func add(
        _ operation: Operator, _ inputs: [ValueID?], outputs: Int = 1
    ) throws(NetworkError) -> [ValueID] {
        let made = Array(types.count..<types.count + outputs)
        let type = String(String(describing: operation).prefix { $0 != "(" })
        let node = Graph.Node(
            name: "node\(graph.nodes.count)", type: type, operation: operation, inputs: inputs, outputs: made)
        let shapes = try operation.outputShapes(
            of: inputs.map { $0.map { types[$0] } }, constants: inputs.map { $0.flatMap { constant($0) } }, node: node,
            limits: NetworkLimits())
        for (value, type) in zip(made, shapes) {
            graph.values.append(Graph.Value(name: "v\(value)"))
            types.append(type)
        }
        graph.nodes.append(node)
        return made
    }

    /// Adds a node with one output.
    mutating func callAsFunction(_ operation: Operator, _ inputs: ValueID?...) throws(NetworkError) -> ValueID {
        try add(operation, inputs)[0]
    }

    /// The graph with this result.
    func finished(_ output: ValueID) -> Graph {
        var graph = graph
        graph.outputs = [output]
        return graph
    }

    /// The graph with the elements of this value, in row-major order and none of them averaged, as its result.
    func finished(elementsOf output: ValueID) throws(NetworkError) -> Graph {
        var builder = self
        let count = shape(output).reduce(1, *)
        let flat = try builder(.reshape(zeroIsZero: false), output, builder.list([1, count]))
        return builder.finished(flat)
    }
}

extension Graph {
    /// One line a node, for the message of a test that fails.
    var text: String {
        func name(_ value: ValueID?) -> String {
            guard let value else { return "_" }
            guard let constant = values[value].constant else { return values[value].name }
            let few = constant.elements.count <= 8
            switch constant.elements {
            case .integers(let numbers) where few: return "\(numbers)"
            case .floats(let numbers) where few: return "\(numbers)\(constant.shape)"
            default: return "\(values[value].name)\(constant.shape)"
            }
        }
        let typed = try? TypedGraph(graph: self)
        let lines = nodes.map { node in
            let made = node.outputs.map { output in
                name(output) + (output.flatMap { typed?.types[$0]?.shape.description } ?? "")
            }
            let operation = "\(node.operation)".replacing("NeuralNetwork.Operator.", with: "")
            return "  \(made.joined(separator: ", ")) = \(operation) of "
                + node.inputs.map(name).joined(separator: ", ")
        }
        let input = "  input \(inputs.map { "\(values[$0.value].name)\($0.dimensions.map { $0 ?? 0 })" })"
        return ([input] + lines + ["  output \(outputs.map(name))"]).joined(separator: "\n")
    }
}
