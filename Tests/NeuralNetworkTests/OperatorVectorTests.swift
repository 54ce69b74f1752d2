import NeuralNetwork
import Testing

/// The reference operators against ONNX Runtime.
@Suite struct OperatorVectorTests {
    @Test func theVectorsAreThere() throws {
        let vectors = try OperatorVectors.load()
        #expect(vectors.count >= 500)
        #expect(Set(vectors.map(\.name)).count == vectors.count)
    }

    @Test(arguments: OperatorVectors.all)
    func referenceAgreesWithONNXRuntime(vector: OperatorVector) throws {
        let network = try ReferenceNetwork(
            graph: Graph(onnx: vector.model), inputDimensions: vector.input.shape.dimensions)
        let results = try network.run(vector.input)
        let mismatch = vector.mismatch(results)
        #expect(mismatch == nil)
        // What is foretold without running is what comes out.
        #expect(network.typed.graph.outputs.map { network.typed.types[$0] } == results.map(\.tensorType))
    }

    /// Of the families that compute on pictures, so that a case that tests nothing is noticed.
    @Test func theVectorsCoverTheOperators() throws {
        var types: Set<String> = []
        for vector in OperatorVectors.all { types.formUnion(try Graph(onnx: vector.model).nodes.map(\.type)) }
        let expected = [
            "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "ConstantOfShape", "Conv",
            "DequantizeLinear", "Div", "Dropout", "Elu", "Erf", "Exp", "Expand", "Flatten", "Floor", "Gather", "Gelu",
            "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "LayerNormalization",
            "LeakyRelu", "Log", "MatMul", "Max", "MaxPool", "Min", "Mish", "Mul", "Neg", "PRelu", "Pad", "Pow",
            "QuantizeLinear", "Reciprocal", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum",
            "ReduceSumSquare", "Relu", "Reshape", "Resize", "Shape", "Sigmoid", "Slice", "Softmax", "Softplus", "Split",
            "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Transpose", "Unsqueeze", "Upsample",
        ]
        #expect(Set(expected).subtracting(types).sorted() == [])
    }

    @Test func aVectorNoticesWhatIsWrong() throws {
        let vector = try #require(OperatorVectors.all.first { $0.name == "conv/3x3" })
        let right = vector.outputs[0]
        var values = try #require(right.floats)
        #expect(vector.mismatch([right]) == nil)
        values[7] += 1e-3
        #expect(vector.mismatch([Tensor(values, right.shape)]) != nil)
        #expect(vector.mismatch([Tensor(values, [values.count])]) != nil)
        #expect(vector.mismatch([]) != nil)
        values[7] = .nan
        #expect(vector.mismatch([Tensor(values, right.shape)]) != nil)
    }
}
