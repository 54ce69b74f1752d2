import NeuralNetwork
import Testing

/// The engine against ONNX Runtime, operator by operator.
@Suite struct NetworkVectorTests {
    @Test(arguments: OperatorVectors.all)
    func theEngineAgreesWithONNXRuntime(vector: OperatorVector) throws {
        let graph = try Graph(onnx: vector.model).taking(vector.input.shape)
        let typed = try TypedGraph(graph: graph)
        for (index, output) in graph.outputs.enumerated() where typed.constants[output] == nil {
            let expected = vector.outputs[index]
            // A picture's elements, not their means.
            let flat = graph.flattening(output, count: expected.elements.count)
            for kernels in KernelSet.all {
                let network = try Network(
                    graph: flat, inputSize: nil, output: nil, limits: NetworkLimits(), kernels: kernels)
                let input = Tensor(vector.input.floats ?? [], graph.inputs[0].shape)
                let made = try network.makeSession().run(NetworkTrial.pixels(input), network)
                let result = Tensor(
                    shape: expected.shape, type: expected.type,
                    elements: expected.type.isFloat ? .floats(made) : .integers(made.map { Int64($0) }))
                var only = vector
                only.outputs = [expected]
                let mismatch = only.mismatch([result], tolerance: 2e-5)
                #expect(mismatch == nil, "\(kernels.name), \(network.summary.layers.map(\.kernel))")
            }
        }
    }
}

extension Graph.Input {
    fileprivate var shape: TensorShape { TensorShape(dimensions.map { $0 ?? 1 }) }
}

extension Graph {
    /// The graph for an input of this shape; where that is no picture, behind a reshaping of a line of pixels.
    fileprivate func taking(_ shape: TensorShape) -> Graph {
        var graph = self
        guard shape.rank != 4 || shape[0] != 1 else {
            graph.inputs[0].dimensions = shape.dimensions
            return graph
        }
        let first = values.count
        graph.values += [Value(name: "pixels"), Value(name: "its shape", constant: .list(shape.dimensions))]
        graph.nodes.insert(
            Node(
                name: "as declared", type: "Reshape", operation: .reshape(zeroIsZero: false),
                inputs: [first, first + 1], outputs: [inputs[0].value]), at: 0)
        graph.inputs = [Input(value: first, dimensions: [1, 1, 1, shape.elementCount ?? 0])]
        return graph
    }

    /// The graph with the elements of a value, in row-major order, as its only result.
    fileprivate func flattening(_ output: ValueID, count: Int) -> Graph {
        var graph = self
        let first = values.count
        graph.values += [Value(name: "elements"), Value(name: "their count", constant: .list(1, count))]
        graph.nodes.append(
            Node(
                name: "flattened", type: "Reshape", operation: .reshape(zeroIsZero: true),
                inputs: [output, first + 1], outputs: [first]))
        graph.outputs = [first]
        return graph
    }
}
