/// A graph for one size of input: the type of every value, and the content of every value that does not depend on the
/// input.
///
/// Exporters compute shapes in the graph (Shape, Gather, Concat, Reshape); with the input's size known these are
/// constants, and are folded here. So are weights that are computed from weights, such as quantized ones.
public struct TypedGraph: Sendable {
    /// The graph as it was read.
    public let graph: Graph
    /// Types by `ValueID`; nil for values that nothing makes and nothing needs.
    public let types: [TensorType?]
    /// Contents by `ValueID`: the graph's constants, and those computed from them.
    public let constants: [Tensor?]
    /// Multiply-accumulates of one run, folded nodes left out.
    public let operations: Int

    /// Work above which a node is left to be computed in every run, though it could be folded: folding uses the
    /// reference operators, which are slow, and a hostile file must not keep them busy for long.
    static let foldedWork = 1 << 28
    /// Elements above which a result is not folded.
    static let foldedElements = 1 << 26

    /// Infers all types.
    ///
    /// - Parameters:
    ///   - graph: a network with one input of floats.
    ///   - inputDimensions: sizes of the input, all of them; nil takes those that the graph declares, with 1 for a
    ///     batch size that it leaves open.
    ///   - limits: bounds of tensors, of the constants' bytes and of the work.
    /// - Throws: `.badRequest` for sizes that the graph does not admit, `.inconsistent` and `.unsupported` for nodes
    ///   whose inputs do not fit, `.tooLarge`.
    public init(
        graph: Graph, inputDimensions: [Int]? = nil, limits: NetworkLimits = NetworkLimits()
    ) throws(NetworkError) {
        var types = [TensorType?](repeating: nil, count: graph.values.count)
        var constants = [Tensor?](repeating: nil, count: graph.values.count)
        var heldBytes = 0
        for (id, value) in graph.values.enumerated() {
            guard let constant = value.constant else { continue }
            types[id] = constant.tensorType
            constants[id] = constant
            heldBytes += constant.heldBytes
        }
        guard let input = graph.inputs.first, graph.inputs.count == 1 else {
            throw .unsupported("the network has \(graph.inputs.count) inputs; only networks with one can be run")
        }
        let shape = try Self.inputShape(input, asked: inputDimensions, graph: graph, limits: limits)
        types[input.value] = TensorType(.float32, shape)

        var operations = 0
        for node in graph.nodes {
            let inputs = node.inputs.map { $0.flatMap { types[$0] } }
            let known = node.inputs.map { $0.flatMap { constants[$0] } }
            let made = try node.operation.outputShapes(of: inputs, constants: known, node: node, limits: limits)
            for (id, type) in zip(node.outputs, made) { if let id { types[id] = type } }
            let work = node.operation.work(inputs: inputs, outputs: made)
            guard let results = try Self.folded(node, known, inputs, work: work, made: made, limits: limits) else {
                let (sum, overflow) = operations.addingReportingOverflow(work)
                guard !overflow && sum <= limits.operations else {
                    throw .tooLarge(
                        "one run takes more than \(limits.operations) multiply-accumulates, passed at "
                            + node.label)
                }
                operations = sum
                continue
            }
            for (id, result) in zip(node.outputs, results) where id != nil {
                heldBytes += result.heldBytes
                if let id { constants[id] = result }
            }
            guard heldBytes <= limits.constantBytes else {
                throw .tooLarge(
                    "constants take more than \(limits.constantBytes) bytes, passed at \(node.label)")
            }
        }
        self.graph = graph
        self.types = types
        self.constants = constants
        self.operations = operations
    }

    /// What a node makes, where it can be known before running; nil where not, or where that is too much work.
    private static func folded(
        _ node: Graph.Node, _ constants: [Tensor?], _ types: [TensorType?], work: Int, made: [TensorType],
        limits: NetworkLimits
    ) throws(NetworkError) -> [Tensor]? {
        if case .shape(let start, let end) = node.operation, let type = types.first, let type {
            let inference = ShapeInference(node: node, inputs: types, constants: constants, limits: limits)
            return [Reference.shape(of: type.shape, in: try inference.shapeRange(start: start, end: end))]
        }
        for (type, constant) in zip(types, constants) where type != nil && constant == nil { return nil }
        let elements = made.reduce(0) { $0 + ($1.shape.elementCount ?? 0) }
        guard work <= foldedWork && elements <= foldedElements else { return nil }
        return try node.operation.evaluate(constants, node: node, limits: limits)
    }

    /// The sizes of the input, checked against those declared.
    private static func inputShape(
        _ input: Graph.Input, asked: [Int]?, graph: Graph, limits: NetworkLimits
    ) throws(NetworkError) -> TensorShape {
        let name = quoted(graph.values[input.value].name)
        let declared = "[" + input.dimensions.map { $0.map(String.init) ?? "?" }.joined(separator: ",") + "]"
        var dimensions: [Int] = []
        if let asked {
            // A file that declares no dimensions at all admits any number of them.
            guard asked.count == input.dimensions.count || input.dimensions.isEmpty else {
                throw .badRequest("input \(name) is \(declared); \(TensorShape(asked)) has another number of sizes")
            }
            dimensions = asked
        } else {
            for (index, size) in input.dimensions.enumerated() {
                guard let size = size ?? (index == 0 ? 1 : nil) else {
                    throw .badRequest("input \(name) is \(declared): say how large its pictures are")
                }
                dimensions.append(size)
            }
        }
        for (size, fixed) in zip(dimensions, input.dimensions) where fixed != nil && fixed != size {
            throw .badRequest("input \(name) is \(declared), not \(TensorShape(dimensions))")
        }
        let shape = TensorShape(dimensions)
        guard !dimensions.contains(where: { $0 < 1 }) else {
            throw .badRequest("input \(name) cannot be \(shape): a size is not positive")
        }
        guard shape.rank <= limits.rank, let count = shape.elementCount, count <= limits.tensorElements else {
            throw .tooLarge("input \(name) of \(shape) has more than \(limits.tensorElements) elements")
        }
        return shape
    }
}
