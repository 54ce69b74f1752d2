extension Flow {
    /// Brings a graph into the form that is planned: only what the output needs, every shape known, everything that does
    /// not depend on the picture computed, inference's no-ops gone.
    ///
    /// - Parameters:
    ///   - inputDimensions: the picture's, batch included.
    ///   - output: the value asked for.
    /// - Throws: what shape inference and the reference operators throw, `.tooLarge` past a limit of constants or of
    ///   operations.
    init(
        _ graph: Graph, inputDimensions: [Int], output: ValueID, limits: NetworkLimits
    ) throws(NetworkError) {
        guard let picture = graph.inputs.first else { throw .inconsistent("it has no input") }
        var values = [Value?](repeating: nil, count: graph.values.count)
        /// What stands for a value: itself, or what an Identity only passed on.
        var standIn = Array(0..<graph.values.count)
        var folded = 0
        var work = 0
        for (id, value) in graph.values.enumerated() {
            guard let constant = value.constant else { continue }
            values[id] = Value(name: value.name, type: constant.tensorType, constant: constant)
        }
        values[picture.value] = Value(
            name: graph.values[picture.value].name, type: TensorType(.float32, TensorShape(inputDimensions)))
        var nodes: [Node?] = []
        let needed = Self.needed(graph, for: output)
        for (place, node) in graph.nodes.enumerated() where needed[place] {
            let inputs = node.inputs.map { $0.map { standIn[$0] } }
            for input in inputs {
                guard let input, values[input] == nil else { continue }
                throw .unsupported(
                    "node '\(node.name)' (\(node.type)) takes '\(graph.values[input].name)', a second input: networks "
                        + "are fed with one picture")
            }
            if case .identity = node.operation, let from = inputs.first.flatMap({ $0 }),
                let to = node.outputs.first.flatMap({ $0 }), node.outputs.dropFirst().allSatisfy({ $0 == nil })
            {
                standIn[to] = from
                continue
            }
            let types = inputs.map { $0.flatMap { values[$0]?.type } }
            let constants = inputs.map { $0.flatMap { values[$0]?.constant } }
            let results = try node.operation.outputShapes(
                of: types, constants: constants, node: node, limits: limits)
            let cost = node.operation.work(inputs: types, outputs: results)
            work = work.addingReportingOverflow(cost).overflow ? .max : work + cost
            guard work <= limits.operations else {
                throw .tooLarge("one run takes more than \(limits.operations) multiply-accumulates")
            }
            let known = zip(inputs, constants).allSatisfy { $0 == nil || $1 != nil }
            var outcomes: [Tensor]?
            if case .shape(let start, let end) = node.operation, let input = inputs.first.flatMap({ $0 }),
                let type = values[input]?.type
            {
                let range = try ShapeInference(node: node, inputs: types, constants: [], limits: limits)
                    .shapeRange(start: start, end: end)
                let sizes = type.shape.dimensions[range].map(Int64.init)
                outcomes = [Tensor(sizes, [sizes.count])]
            } else if known {
                outcomes = try node.operation.evaluate(constants, node: node, limits: limits)
            }
            for outcome in outcomes ?? [] { folded += outcome.heldBytes }
            guard folded <= limits.constantBytes else {
                throw .tooLarge("constants computed while planning take more than \(limits.constantBytes) bytes")
            }
            for (index, result) in node.outputs.enumerated() {
                guard let result else { continue }
                values[result] = Value(
                    name: graph.values[result].name, type: results[index], constant: outcomes?[index])
            }
            if outcomes != nil { continue }
            nodes.append(
                Node(
                    operation: .other(node.operation), inputs: inputs, outputs: node.outputs.compactMap { $0 },
                    source: node))
        }
        let asked = standIn[output]
        // What no node makes and nothing holds is not reachable from the picture; it is never looked at.
        self.init(
            values: values.enumerated().map { id, value in
                value ?? Value(name: graph.values[id].name, type: TensorType(.float32, []))
            },
            nodes: nodes, input: picture.value, output: asked)
        guard values[asked] != nil else {
            throw .inconsistent("nothing makes the output '\(graph.values[output].name)'")
        }
    }

    /// Which nodes the output depends on.
    private static func needed(_ graph: Graph, for output: ValueID) -> [Bool] {
        var wanted = [Bool](repeating: false, count: graph.values.count)
        var needed = [Bool](repeating: false, count: graph.nodes.count)
        wanted[output] = true
        for (place, node) in graph.nodes.enumerated().reversed() {
            guard node.outputs.contains(where: { $0.map { wanted[$0] } ?? false }) else { continue }
            needed[place] = true
            for input in node.inputs {
                if let input { wanted[input] = true }
            }
        }
        return needed
    }
}
