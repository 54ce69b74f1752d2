import NeuralNetwork
import TestSupport
import Testing

/// Whole graphs: sizes of input, folding, outputs in between, limits.
@Suite struct ReferenceNetworkTests {
    /// x [?, 3, ?, ?] -> Relu "r" -> Shape "s" -> Gather "n" (batch) -> Concat "t" with -1 -> Reshape "y".
    private func graph(_ dimensions: [Int?] = [nil, 3, nil, nil]) -> Graph {
        func value(_ name: String, _ constant: Tensor? = nil) -> Graph.Value {
            Graph.Value(name: name, constant: constant)
        }
        let nodes: [(String, Operator, [Int])] = [
            ("Relu", .unary(.relu), [0]), ("Shape", .shape(start: 0, end: nil), [1]),
            ("Gather", .gather(axis: 0), [2, 6]), ("Concat", .concat(axis: 0), [3, 7]),
            ("Reshape", .reshape(zeroIsZero: false), [1, 4]),
        ]
        return Graph(
            values: [
                value("x"), value("r"), value("s"), value("n"), value("t"), value("y"), value("first", .list(0)),
                value("rest", .list(-1)),
            ],
            nodes: nodes.enumerated().map { index, node in
                Graph.Node(
                    name: "node\(index)", type: node.0, operation: node.1, inputs: node.2, outputs: [index + 1])
            },
            inputs: [Graph.Input(value: 0, dimensions: dimensions)], outputs: [5], opset: 13)
    }

    @Test func shapesComputedInTheGraphAreFolded() throws {
        let typed = try TypedGraph(graph: graph(), inputDimensions: [2, 3, 4, 5])
        #expect(typed.types[5] == TensorType(.float32, [2, 60]))
        #expect(typed.constants[2] == Tensor.list(2, 3, 4, 5))
        #expect(typed.constants[4] == Tensor.list(2, -1))
        #expect(typed.constants[1] == nil && typed.constants[5] == nil)
        // Relu and Reshape are left.
        #expect(typed.operations == 240)
    }

    @Test func valuesInBetweenCanBeAskedFor() throws {
        let network = try ReferenceNetwork(graph: graph(), inputDimensions: [1, 3, 1, 2])
        let x = Tensor([1, -2, 3, -4, 5, -6] as [Float], [1, 3, 1, 2])
        let results = try network.run(x, outputs: [5, 1, 2, 0, 5])
        #expect(results[0] == Tensor([1, 0, 3, 0, 5, 0] as [Float], [1, 6]))
        #expect(results[1] == Tensor([1, 0, 3, 0, 5, 0] as [Float], [1, 3, 1, 2]))
        #expect(results[2] == .list(1, 3, 1, 2))
        #expect(results[3] == x)
        #expect(results[4] == results[0])
        #expect(try network.run(x) == [results[0]])
    }

    @Test func anOpenBatchSizeIsOne() throws {
        let typed = try TypedGraph(graph: graph([nil, 3, 4, 4]))
        #expect(typed.types[0] == TensorType(.float32, [1, 3, 4, 4]))
        #expect(throws: NetworkError.badRequest("input \"x\" is [?,3,?,?]: say how large its pictures are")) {
            try TypedGraph(graph: graph())
        }
    }

    @Test(arguments: [[1, 3, 4], [1, 4, 4, 4], [1, 3, 0, 4], [1, 3, -1, 4], [1, 3, .max, .max]])
    func otherSizesAreRefused(sizes: [Int]) {
        #expect(throws: NetworkError.self) { try ReferenceNetwork(graph: graph(), inputDimensions: sizes) }
    }

    @Test func wrongRequestsAreRefused() throws {
        let network = try ReferenceNetwork(graph: graph(), inputDimensions: [1, 3, 1, 2])
        let x = Tensor([Float](repeating: 0, count: 6), [1, 3, 1, 2])
        #expect(throws: NetworkError.self) { try network.run(x, outputs: [8]) }
        #expect(throws: NetworkError.self) { try network.run(x, outputs: [-1]) }
        #expect(throws: NetworkError.self) { try network.run(Tensor([Float](repeating: 0, count: 6), [1, 3, 2, 1])) }
        #expect(throws: NetworkError.self) { try network.run(.list(1, 2)) }
        var two = graph()
        two.inputs.append(two.inputs[0])
        #expect(throws: NetworkError.unsupported("the network has 2 inputs; only networks with one can be run")) {
            try TypedGraph(graph: two, inputDimensions: [1, 3, 1, 2])
        }
    }

    /// Each limit at its value and one below.
    @Test func limitsHold() throws {
        let sizes = [2, 3, 4, 5]
        func passes(_ change: (inout NetworkLimits) -> Void) throws -> Bool {
            var limits = NetworkLimits()
            change(&limits)
            let input = Tensor([Float](repeating: 1, count: 120), [2, 3, 4, 5])
            do {
                _ = try ReferenceNetwork(graph: graph(), inputDimensions: sizes, limits: limits).run(input)
                return true
            } catch NetworkError.tooLarge {
                return false
            }
        }
        #expect(try passes { $0.tensorElements = 120 })
        #expect(try !passes { $0.tensorElements = 119 })
        #expect(try passes { $0.operations = 240 })
        #expect(try !passes { $0.operations = 239 })
        // Held as Int64: two lists of one, then 4 sizes, 1 and 2.
        #expect(try passes { $0.constantBytes = 72 })
        #expect(try !passes { $0.constantBytes = 71 })
        // Two values of 120 floats at once.
        #expect(try passes { $0.arenaBytes = 960 })
        #expect(try !passes { $0.arenaBytes = 959 })
    }

    @Test func dividingWholeNumbersByZeroIsRefused() {
        #expect(throws: NetworkError.inconsistent("operator Test (node \"it\"): it divides 7 by zero")) {
            try NodeUnderTest(.binary(.divide))(.list(7), .list(0))
        }
        #expect(throws: NetworkError.self) { try NodeUnderTest(.binary(.power))(.list(0), .list(-1)) }
    }

    @Test func wholeNumbersDoNotOverflow() throws {
        let ends = Tensor.list(Int.min, Int.max)
        #expect(try NodeUnderTest(.binary(.divide))(ends, .list(-1))[0] == .list(Int.min, -Int.max))
        #expect(try NodeUnderTest(.binary(.add))(ends, .list(1))[0] == .list(Int.min + 1, Int.min))
        #expect(
            try NodeUnderTest(.binary(.power))(.list(2, -1, -1, 5), .list(10, -3, -4, -1))[0] == .list(1024, -1, 1, 0))
        #expect(try NodeUnderTest(.unary(.negate))(ends)[0] == .list(Int.min, -Int.max))
        let far = Tensor([.nan, .infinity, -.infinity, 1e30], [4])
        for type in ElementType.allCases where !type.isFloat {
            let cast = try NodeUnderTest(.cast(type))(far)[0].integers ?? []
            #expect(cast.count == 4 && cast[1] == cast[3] && cast[2] <= cast[0], "\(type): \(cast)")
            let quantized = NodeUnderTest(.quantizeLinear(axis: 0, type: type))
            if [.int8, .uint8, .int16, .uint16].contains(type) {
                #expect(try quantized(far, .number(0))[0].integers?.count == 4)
            }
        }
    }
}
