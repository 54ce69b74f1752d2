extension Flow {
    /// A typed graph as a flow: only what the output needs, and none of what was folded.
    ///
    /// - Parameter output: the value asked for.
    /// - Throws: `.unsupported` where nothing is left to be run, because the output does not depend on the picture.
    init(_ typed: TypedGraph, output: ValueID) throws(NetworkError) {
        let graph = typed.graph
        /// What stands for a value: itself, or what an Identity only passed on.
        var standIn = Array(graph.values.indices)
        let values = graph.values.indices.map { id in
            Value(
                name: graph.values[id].name, type: typed.types[id] ?? TensorType(.float32, []),
                constant: typed.constants[id])
        }
        guard typed.constants[output] == nil, typed.types[output] != nil else {
            throw .unsupported("the output '\(graph.values[output].name)' does not depend on the picture")
        }
        var nodes: [Node?] = []
        for node in graph.nodes where !node.outputs.contains(where: { $0.map { typed.constants[$0] != nil } ?? false })
        {
            let inputs = node.inputs.map { $0.map { standIn[$0] } }
            if case .identity = node.operation, let from = inputs.first.flatMap({ $0 }),
                let to = node.outputs.first.flatMap({ $0 })
            {
                standIn[to] = from
                continue
            }
            nodes.append(
                Node(
                    operation: .other(node.operation), inputs: inputs, outputs: node.outputs.map { $0 ?? -1 },
                    source: node))
        }
        self.init(values: values, nodes: nodes, input: graph.inputs[0].value, output: standIn[output])
        nameUnusedOutputs()
        dropUnused()
    }

    /// Gives outputs that the file leaves nameless a value, so that every output has one.
    private mutating func nameUnusedOutputs() {
        for place in nodes.indices {
            guard let node = nodes[place], node.outputs.contains(-1) else { continue }
            let inputs = node.inputs.map { $0.map { values[$0].type } }
            let constants = node.inputs.map { $0.flatMap { values[$0].constant } }
            let types = try? node.source.operation.outputShapes(
                of: inputs, constants: constants, node: node.source, limits: NetworkLimits())
            for index in node.outputs.indices where node.outputs[index] == -1 {
                nodes[place]?.outputs[index] = values.count
                let type = types.flatMap { index < $0.count ? $0[index] : nil } ?? TensorType(.float32, [0])
                values.append(Value(name: "\(node.source.name):\(index)", type: type))
            }
        }
    }
}
