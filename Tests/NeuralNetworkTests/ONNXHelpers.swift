import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Reads a model that a test has written.
func read(_ file: ONNXFile, limits: NetworkLimits = NetworkLimits()) throws(NetworkError) -> Graph {
    try Graph(onnx: Data(file.bytes), limits: limits)
}

/// What reading is refused with; nil when it is not.
func refusal(_ file: ONNXFile, limits: NetworkLimits = NetworkLimits()) -> NetworkError? {
    refusal(of: file.bytes, limits: limits)
}

/// What reading is refused with; nil when it is not.
func refusal(of bytes: [UInt8], limits: NetworkLimits = NetworkLimits()) -> NetworkError? {
    do throws(NetworkError) {
        _ = try Graph(onnx: Data(bytes), limits: limits)
        return nil
    } catch { return error }
}

/// Reading is refused, with words that name what is wrong, on one line.
func expectRefusal(
    _ file: ONNXFile, _ words: String..., limits: NetworkLimits = NetworkLimits(),
    at location: SourceLocation = #_sourceLocation
) {
    guard let error = refusal(file, limits: limits) else {
        Issue.record("it is read", sourceLocation: location)
        return
    }
    for word in words { #expect(error.description.contains(word), "\(error)", sourceLocation: location) }
    #expect(!error.description.contains("\n"), sourceLocation: location)
}

/// One node named `n` that takes `x` and what else it is given, and makes `y`: what a test of one operator needs.
struct OneNode {
    var type: String
    var opset: Int
    var attributes: [(String, ONNXFile.Attribute)] = []
    /// Names of inputs. Those that are not `x` and not in `constants` become inputs of the graph.
    var inputs = ["x"]
    var constants: [ONNXFile.Tensor] = []
    var outputs = ["y"]

    init(
        _ type: String, opset: Int = 21, _ inputs: [String] = ["x"], constants: [ONNXFile.Tensor] = [],
        outputs: [String] = ["y"], _ attributes: [(String, ONNXFile.Attribute)] = []
    ) {
        self.type = type
        self.opset = opset
        self.attributes = attributes
        self.inputs = inputs
        self.constants = constants
        self.outputs = outputs
    }

    /// Of one input, `x`.
    init(_ type: String, opset: Int = 21, _ attributes: [(String, ONNXFile.Attribute)]) {
        self.init(type, opset: opset, ["x"], attributes)
    }

    var file: ONNXFile {
        let known = Set(constants.map(\.name) + ["x", ""])
        let others = Set(inputs).subtracting(known).sorted().map { ONNXFile.Value($0, [nil]) }
        return ONNXFile(
            opset: opset, inputs: [ONNXFile.Value("x", [nil, 3, 8, 8])] + others, initializers: constants,
            [ONNXFile.Node(type, inputs, outputs, name: "n", attributes)], outputs: [outputs[0]])
    }
}

/// A node as a test writes it down: its operation, and its inputs by name, or by what they hold where the reader made
/// them.
struct ReadNode: Equatable, CustomStringConvertible {
    var operation: Operator
    var inputs: [String?]

    init(_ operation: Operator, _ inputs: [String?] = ["x"]) {
        self.operation = operation
        self.inputs = inputs
    }

    init(_ node: Graph.Node, _ graph: Graph) {
        operation = node.operation
        inputs = node.inputs.map { id in
            guard let id else { return nil }
            let value = graph.values[id]
            guard value.name.hasPrefix("n/"), let tensor = value.constant else { return value.name }
            return tensor.integers.map { "\($0)" }
                ?? tensor.floats.map { tensor.shape.rank == 0 ? "\($0[0])" : "\($0)" }
        }
    }

    var description: String { "\(operation) \(inputs.map { $0 ?? "-" })" }
}

/// A node is read as these.
func expect(_ node: OneNode, _ expected: ReadNode..., at location: SourceLocation = #_sourceLocation) {
    do throws(NetworkError) {
        let graph = try read(node.file)
        #expect(graph.nodes.map { ReadNode($0, graph) } == expected, sourceLocation: location)
        #expect(graph.nodes.last?.outputs.first.flatMap { $0 } == graph.value(named: "y"), sourceLocation: location)
        #expect(graph.nodes.allSatisfy { $0.type == node.type }, sourceLocation: location)
        expectSound(graph, at: location)
    } catch { Issue.record("\(error)", sourceLocation: location) }
}

/// A node is refused, with words that say why; the node is named, too.
func expectRefusal(_ node: OneNode, _ words: String..., at location: SourceLocation = #_sourceLocation) {
    guard let error = refusal(node.file) else {
        Issue.record("it is read", sourceLocation: location)
        return
    }
    for word in words + ["operator \(node.type) (node \"n\")"] {
        #expect(error.description.contains(word), "\(error)", sourceLocation: location)
    }
}

/// What reading promises of every graph.
func expectSound(_ graph: Graph, at location: SourceLocation = #_sourceLocation) {
    var known = Set(graph.values.indices.filter { graph.values[$0].constant != nil })
    let inputs = graph.inputs.map(\.value)
    #expect(known.isDisjoint(with: inputs), sourceLocation: location)
    known.formUnion(inputs)
    for node in graph.nodes {
        #expect(known.isSuperset(of: node.inputs.compactMap { $0 }), "\(node.name)", sourceLocation: location)
        for output in node.outputs.compactMap({ $0 }) {
            #expect(known.insert(output).inserted, "\(node.name)", sourceLocation: location)
        }
    }
    #expect(known.isSuperset(of: graph.outputs), sourceLocation: location)
    #expect(Set(graph.values.map(\.name)).count == graph.values.count, sourceLocation: location)
}
