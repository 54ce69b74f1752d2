import Foundation

/// Turns the parsed messages of a model into a `Graph`.
struct ONNXReader {
    /// Opsets whose operators are read.
    static let opsets = 7...21
    /// Bytes of a name. Real ones have some hundreds at most, and each may end up in several made-up names.
    static let nameBytes = 4096

    private let graph: ONNXGraph
    /// Of each initializer, empty where its data is typed.
    private let rawData: [Data]
    private let functions: Set<String>
    private let builder: ONNXGraphBuilder

    /// Reads a model, and the raw data of its initializers, which the parsed model lacks.
    static func read(
        _ model: ONNXModel, rawData: [Data], limits: NetworkLimits
    ) throws(NetworkError) -> Graph {
        guard model.hasGraph else { throw .malformed("there is no graph in it") }
        var reader = ONNXReader(model, rawData, opset: try opset(of: model), limits: limits)
        return try reader.read()
    }

    private init(_ model: ONNXModel, _ rawData: [Data], opset: Int, limits: NetworkLimits) {
        graph = model.graph
        self.rawData = rawData
        functions = Set(model.functions.map { Self.operatorName($0.domain, $0.name) })
        builder = ONNXGraphBuilder(opset: opset, limits: limits)
    }

    /// The version of the standard operators that the model means.
    private static func opset(of model: ONNXModel) throws(NetworkError) -> Int {
        let versions = Set(model.opsetImport.filter { isStandard($0.domain) }.map(\.version))
        guard let version = versions.first else {
            throw .malformed("it does not say which opset it uses")
        }
        guard versions.count == 1 else {
            throw .inconsistent("it asks for opsets \(list(versions.sorted().map { "\($0)" }))")
        }
        guard let opset = Int(exactly: version), opsets.contains(opset) else {
            throw .unsupported(
                "opset \(version); opsets \(opsets.lowerBound) to \(opsets.upperBound) are, so export the model again with one of them"
            )
        }
        return opset
    }

    private static func isStandard(_ domain: String) -> Bool { domain.isEmpty || domain == "ai.onnx" }

    private static func operatorName(_ domain: String, _ name: String) -> String {
        isStandard(domain) ? name : domain + "." + name
    }

    private mutating func read() throws(NetworkError) -> Graph {
        guard graph.sparseInitializer.isEmpty else {
            throw .unsupported("sparse initializers; export the model with dense weights")
        }
        guard rawData.count == graph.initializer.count else {
            throw .malformed("its initializers cannot be told apart")
        }
        try checkNames()
        try checkOperators()
        let order = try self.order()
        try readInitializers()
        let inputs = try readInputs()
        for index in order {
            try readNode(index)
        }
        guard !graph.output.isEmpty else { throw .inconsistent("it declares no output") }
        var outputs: [ValueID] = []
        for output in graph.output {
            guard let id = builder.id(of: output.name) else {
                throw .inconsistent("nothing produces the output \(quoted(output.name))")
            }
            outputs.append(id)
        }
        return Graph(
            values: builder.values, nodes: builder.nodes, inputs: inputs, outputs: outputs, opset: builder.opset)
    }

    // MARK: Checks of the whole

    private func checkNames() throws(NetworkError) {
        func check(_ name: String) throws(NetworkError) {
            guard name.utf8.count <= Self.nameBytes else {
                throw .tooLarge("a name of \(name.utf8.count) bytes, \(quoted(name)); the limit is \(Self.nameBytes)")
            }
        }
        for node in graph.node {
            try check(node.name)
            try check(node.opType)
            try check(node.domain)
            for name in node.input { try check(name) }
            for name in node.output { try check(name) }
        }
        for tensor in graph.initializer { try check(tensor.name) }
        for value in graph.input { try check(value.name) }
        for value in graph.output { try check(value.name) }
    }

    /// Names all operators that are not built, each with the first node that asks for it.
    private func checkOperators() throws(NetworkError) {
        var faults: [String: (place: Int, text: String, more: Int)] = [:]
        for (place, node) in graph.node.enumerated() {
            let name = Self.operatorName(node.domain, node.opType)
            if faults[name] != nil {
                faults[name]?.more += 1
                continue
            }
            let text = ONNXNodeReader.label(type: name, name: node.name, place: place, output: node.output.first)
            guard let reason = reason(against: name, node) else { continue }
            faults[name] = (place, reason.isEmpty ? text : "\(text), \(reason)", 0)
        }
        guard !faults.isEmpty else { return }
        let texts = faults.values.sorted { $0.place < $1.place }.map { fault in
            fault.more == 0 ? fault.text : "\(fault.text), and in \(fault.more) more nodes"
        }
        throw .unsupported(list(texts, separator: "; "))
    }

    /// Why a node cannot be read; nil when it can, empty when all there is to say is that its operator is not built.
    private func reason(against name: String, _ node: ONNXNode) -> String? {
        if functions.contains(name) {
            return "which the file defines as a function; export the model without functions"
        }
        guard Self.isStandard(node.domain) else { return "an operator of its own domain" }
        switch name {
        case "If", "Loop", "Scan", "SequenceMap":
            return "control flow; export the model for inference, with fixed sizes"
        case "Upsample" where builder.opset >= 10: return "which ended with opset 9"
        default: break
        }
        guard let known = ONNXOperator.all[name] else { return "" }
        guard known.since <= builder.opset else {
            return "which came with opset \(known.since), and the model is of opset \(builder.opset)"
        }
        return nil
    }

    /// Nodes in an order in which each finds what it takes.
    private func order() throws(NetworkError) -> [Int] {
        var producers: [String: Int] = [:]
        // -1: known before any node runs.
        func produce(_ name: String, by node: Int, _ what: @autoclosure () -> String) throws(NetworkError) {
            guard producers.updateValue(node, forKey: name) == nil else {
                throw .inconsistent("\(what()) produces \(quoted(name)), which something else produces too")
            }
        }
        for tensor in graph.initializer {
            guard !tensor.name.isEmpty else { throw .malformed("an initializer has no name") }
            try produce(tensor.name, by: -1, "an initializer")
        }
        let initializers = Set(producers.keys)
        var declared: Set<String> = []
        for input in graph.input {
            guard !input.name.isEmpty else { throw .malformed("an input has no name") }
            guard declared.insert(input.name).inserted else {
                throw .inconsistent("it declares the input \(quoted(input.name)) twice")
            }
            // Before IR version 4 initializers were declared as inputs too.
            if !initializers.contains(input.name) { try produce(input.name, by: -1, "an input") }
        }
        for (index, node) in graph.node.enumerated() {
            guard node.output.contains(where: { !$0.isEmpty }) else {
                throw .inconsistent("\(label(index)) has no output")
            }
            for name in node.output where !name.isEmpty { try produce(name, by: index, label(index)) }
        }
        var needed: [[Int]] = []
        needed.reserveCapacity(graph.node.count)
        for (index, node) in graph.node.enumerated() {
            var others: [Int] = []
            for name in node.input where !name.isEmpty {
                guard let producer = producers[name] else {
                    throw .inconsistent("\(label(index)) takes \(quoted(name)), which nothing produces")
                }
                builder.used.insert(name)
                if producer >= 0 { others.append(producer) }
            }
            needed.append(others)
        }
        for output in graph.output { builder.used.insert(output.name) }
        builder.names = Set(producers.keys)
        switch ONNXOrder.sort(needed) {
        case .order(let order): return order
        case .cycle(let nodes): throw .inconsistent("these nodes wait for each other: \(list(nodes.map(label)))")
        }
    }

    private func label(_ index: Int) -> String {
        let node = graph.node[index]
        return ONNXNodeReader.label(
            type: Self.operatorName(node.domain, node.opType), name: node.name, place: index, output: node.output.first)
    }

    // MARK: Parts

    private func readInitializers() throws(NetworkError) {
        for (message, raw) in zip(graph.initializer, rawData) {
            let tensor = try builder.tensors.tensor(message, raw, "the initializer \(quoted(message.name))")
            builder.define(message.name, constant: tensor)
        }
    }

    private func readInputs() throws(NetworkError) -> [Graph.Input] {
        var inputs: [Graph.Input] = []
        for message in graph.input where builder.id(of: message.name) == nil {
            let what = "the input \(quoted(message.name))"
            guard message.type.hasTensorType else {
                throw .unsupported("\(what) is no tensor")
            }
            let type = message.type.tensorType
            let element = try ONNXElementType.read(Int(type.elemType), of: what)
            guard element.held.isFloat else {
                throw .unsupported("\(what) has elements of type \(element.declared); pictures go in as floats")
            }
            inputs.append(
                Graph.Input(
                    value: builder.define(message.name),
                    dimensions: type.hasShape ? try dimensions(type.shape, what) : [nil, nil, nil, nil]))
        }
        guard !inputs.isEmpty else { throw .inconsistent("it has no input") }
        return inputs
    }

    /// Declared sizes; nil for one that is a name, or that is left out, or -1, as some exporters write it.
    private func dimensions(_ shape: ONNXShape, _ what: String) throws(NetworkError) -> [Int?] {
        let sizes: [Int?] = shape.dim.map { $0.hasDimValue && $0.dimValue != -1 ? Int($0.dimValue) : nil }
        if let wrong = sizes.first(where: { $0.map { $0 <= 0 } ?? false }) {
            throw .inconsistent("\(what) has a size of \(wrong ?? 0)")
        }
        _ = try builder.tensors.shape(sizes.map { Int64($0 ?? 1) }, what)
        return sizes
    }

    private func readNode(_ index: Int) throws(NetworkError) {
        let message = graph.node[index]
        guard let known = ONNXOperator.all[message.opType] else { return }
        var node = try ONNXNodeReader(message, known, place: index, label: label(index), builder)
        try known.read(&node)
        try node.finish()
    }
}
