/// A network run by the reference operators, one node after the other: slow, and by definition right.
///
/// Shapes are inferred once; a run frees every value after its last use. Safe to run from several threads at once: it
/// never changes after it is made.
public final class ReferenceNetwork: Sendable {
    /// The graph with its shapes.
    public let typed: TypedGraph
    private let limits: NetworkLimits

    /// Infers all shapes.
    ///
    /// - Parameters:
    ///   - graph: a network with one input of floats.
    ///   - inputDimensions: sizes of the input, batch size included; nil takes the declared ones, with 1 for a batch
    ///     size left open.
    ///   - limits: bounds of tensors, memory and work.
    public init(
        graph: Graph, inputDimensions: [Int]? = nil, limits: NetworkLimits = NetworkLimits()
    ) throws(NetworkError) {
        typed = try TypedGraph(graph: graph, inputDimensions: inputDimensions, limits: limits)
        self.limits = limits
    }

    /// Runs the network as far as `outputs` need it.
    ///
    /// - Parameters:
    ///   - input: floats of the shape that the network was made for.
    ///   - outputs: any values of the graph, in between ones too; nil: those that the graph declares.
    /// - Returns: these values, in the order asked for.
    /// - Throws: `.badRequest` for another shape or an output that nothing makes, `.tooLarge` where more values are
    ///   alive at once than `limits.arenaBytes` holds, and what the operators throw.
    public func run(_ input: Tensor, outputs: [ValueID]? = nil) throws(NetworkError) -> [Tensor] {
        let graph = typed.graph
        let wanted = outputs ?? graph.outputs
        for id in wanted where !typed.types.indices.contains(id) || typed.types[id] == nil {
            throw .badRequest("nothing makes the value \(id) that is asked for")
        }
        let place = graph.inputs[0].value
        guard let expected = typed.types[place], input.shape == expected.shape, input.type.isFloat else {
            throw .badRequest("the input is \(input.tensorType), not \(typed.types[place]?.description ?? "declared")")
        }
        let steps = needed(for: wanted)
        try checkMemory(steps)
        var values = typed.constants
        values[place] = input
        for step in steps {
            let node = graph.nodes[step.node]
            let inputs = node.inputs.map { $0.flatMap { values[$0] } }
            let results = try node.operation.evaluate(inputs, node: node, limits: limits)
            for (id, result) in zip(node.outputs, results) { if let id { values[id] = result } }
            for id in step.frees { values[id] = nil }
        }
        var results: [Tensor] = []
        for id in wanted {
            guard let value = values[id] else { throw .badRequest("nothing makes \(quoted(graph.values[id].name))") }
            results.append(value)
        }
        return results
    }

    /// A node to run, and the values that nothing uses afterwards.
    private struct Step {
        var node: Int
        var frees: [ValueID]
    }

    /// The nodes on which `wanted` depends, in order.
    private func needed(for wanted: [ValueID]) -> [Step] {
        var steps: [Step] = []
        var used = Set(wanted)
        for (index, node) in typed.graph.nodes.enumerated().reversed() {
            let made = node.outputs.compactMap { $0 }
            // What is folded needs no running.
            guard made.contains(where: { used.contains($0) && typed.constants[$0] == nil }) else { continue }
            var frees = made.filter { !used.contains($0) }
            for id in node.inputs.compactMap({ $0 }) where used.insert(id).inserted && typed.constants[id] == nil {
                frees.append(id)
            }
            steps.append(Step(node: index, frees: frees))
        }
        return steps.reversed()
    }

    private func checkMemory(_ steps: [Step]) throws(NetworkError) {
        func bytes(_ id: ValueID) -> Int { typed.types[id]?.heldBytes ?? 0 }
        var held = bytes(typed.graph.inputs[0].value)
        for step in steps {
            let node = typed.graph.nodes[step.node]
            held += node.outputs.reduce(0) { $0 + ($1.map(bytes) ?? 0) }
            guard held <= limits.arenaBytes else {
                throw .tooLarge(
                    "values in between take more than \(limits.arenaBytes) bytes at \(node.label)")
            }
            held -= step.frees.reduce(0) { $0 + bytes($1) }
        }
    }
}
