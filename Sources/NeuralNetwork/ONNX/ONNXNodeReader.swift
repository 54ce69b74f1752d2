/// A node while it is read: hands out its inputs and attributes, checked, and notices what was not asked for.
struct ONNXNodeReader {
    /// For messages: `operator Conv (node "conv1")`.
    let label: String
    /// The operator's name in the file.
    let type: String
    /// The node's name, or one made of its operator and place.
    let name: String
    let builder: ONNXGraphBuilder
    /// What it takes, as the file lists it; nil for one left out.
    private(set) var inputs: [ValueID?]
    /// Names of what it makes, nil for one left out or that nothing uses.
    let outputs: [String?]
    private var attributes: [String: ONNXAttribute] = [:]

    var opset: Int { builder.opset }
    var limits: NetworkLimits { builder.limits }

    /// What messages call a node.
    static func label(type: String, name: String, place: Int, output: String?) -> String {
        let which =
            !name.isEmpty
            ? "node \(quoted(name))"
            : output.map { "node \(place), which makes \(quoted($0))" } ?? "node \(place)"
        return "operator \(quoted(type).dropFirst().dropLast()) (\(which))"
    }

    init(
        _ message: ONNXNode, _ known: ONNXOperator, place: Int, label: String, _ builder: ONNXGraphBuilder
    ) throws(NetworkError) {
        self.label = label
        self.builder = builder
        type = message.opType
        name = message.name.isEmpty ? "\(message.opType)_\(place)" : message.name

        var names = message.input
        while names.last?.isEmpty ?? false { names.removeLast() }
        guard known.inputs.contains(names.count) else {
            throw .inconsistent("\(label) has \(names.count) inputs instead of \(Self.text(known.inputs))")
        }
        inputs = names.map { $0.isEmpty ? nil : builder.id(of: $0) }

        outputs = message.output.prefix(known.outputs).map { $0.isEmpty ? nil : $0 }
        for (index, name) in message.output.enumerated().dropFirst(known.outputs) where builder.used.contains(name) {
            throw .unsupported("\(label): its output \(index + 1), \(quoted(name)), which the model uses")
        }
        for attribute in message.attribute {
            guard attribute.refAttrName.isEmpty else {
                throw .unsupported("\(label): attribute \(quoted(attribute.name)) refers to one of a function")
            }
            guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
                throw .inconsistent("\(label) has the attribute \(quoted(attribute.name)) twice")
            }
        }
    }

    /// Refuses what no one has asked for: it may change what the operator computes.
    func finish() throws(NetworkError) {
        guard attributes.isEmpty else {
            let names = list(attributes.keys.sorted().map(quoted))
            throw .unsupported("\(label): attribute\(attributes.count == 1 ? "" : "s") \(names)")
        }
    }

    func inconsistent(_ what: String) -> NetworkError { .inconsistent("\(label): \(what)") }

    func unsupported(_ what: String) -> NetworkError { .unsupported("\(label): \(what)") }

    private static func text(_ counts: ClosedRange<Int>) -> String {
        if counts.lowerBound == counts.upperBound { return "\(counts.lowerBound)" }
        return counts.upperBound == Int.max
            ? "at least \(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
    }

    // MARK: Inputs

    /// An input that has to be there.
    func input(_ index: Int) throws(NetworkError) -> ValueID {
        guard index < inputs.count, let id = inputs[index] else {
            throw inconsistent("input \(index + 1) is missing")
        }
        return id
    }

    /// An input that may be left out.
    func optionalInput(_ index: Int) -> ValueID? { index < inputs.count ? inputs[index] : nil }

    /// Refuses more inputs than its opset knows.
    func expectInputs(_ counts: ClosedRange<Int>) throws(NetworkError) {
        guard counts.contains(inputs.count) else {
            throw inconsistent("it has \(inputs.count) inputs instead of \(Self.text(counts)) in opset \(opset)")
        }
    }

    /// What a value holds where it is a constant.
    func constant(_ id: ValueID?) -> Tensor? { id.flatMap { builder.values[$0].constant } }

    /// An input of whole numbers: sizes, axes, indices. What it holds is checked where it is known.
    func integers(_ index: Int, optional: Bool = false) throws(NetworkError) -> ValueID? {
        let id = optional ? optionalInput(index) : try input(index)
        if let tensor = constant(id), tensor.integers == nil {
            throw inconsistent("its input \(index + 1), \(quoted(builder.values[id!].name)), holds no whole numbers")
        }
        return id
    }

    /// A constant that the file states in an attribute.
    func constant(_ tensor: Tensor, _ what: String) throws(NetworkError) -> ValueID {
        try builder.tensors.spend(tensor.elements.count * (tensor.type.isFloat ? 4 : 8), for: label)
        return builder.make("\(name)/\(what)", constant: tensor)
    }

    /// A constant list of whole numbers.
    func constant(_ values: [Int], _ what: String) throws(NetworkError) -> ValueID {
        try constant(Tensor(values.map(Int64.init), [values.count]), what)
    }

    // MARK: Results

    /// Adds a node that makes this one's outputs.
    func emit(_ operation: Operator, _ inputs: [ValueID?]) throws(NetworkError) {
        var made: [ValueID?] = []
        for name in outputs { made.append(name.map { builder.define($0) }) }
        guard made.contains(where: { $0 != nil }) else { return }
        try builder.append(
            Graph.Node(name: name, type: type, operation: operation, inputs: inputs, outputs: made))
    }

    /// Adds a node that is one of several which this one stands for, and gives what it makes.
    func step(_ operation: Operator, _ inputs: [ValueID?], _ what: String) throws(NetworkError) -> ValueID {
        let made = builder.make("\(name)/\(what)")
        try builder.append(
            Graph.Node(name: "\(name)/\(what)", type: type, operation: operation, inputs: inputs, outputs: [made]))
        return made
    }

    /// Makes the output a constant, without a node.
    func define(_ tensor: Tensor) {
        for case .some(let name) in outputs { builder.define(name, constant: tensor) }
    }

    // MARK: Attributes

    /// ONNX's numbers of attribute types (AttributeProto.AttributeType).
    enum Kind: Int32 {
        case float = 1
        case int, string, tensor, graph, floats, ints, strings, tensors, graphs, sparseTensor, sparseTensors, type
        case types
    }

    /// Takes an attribute of a kind. A file may leave the kind out: then the field is believed.
    private mutating func take(_ name: String, _ kind: Kind) throws(NetworkError) -> ONNXAttribute? {
        guard let attribute = attributes.removeValue(forKey: name) else { return nil }
        guard attribute.type == 0 || attribute.type == kind.rawValue else {
            let other = Kind(rawValue: attribute.type).map { "\($0)" } ?? "of type \(attribute.type)"
            throw inconsistent("attribute \(quoted(name)) is \(other) instead of \(kind)")
        }
        return attribute
    }

    /// Leaves out attributes that change nothing here.
    mutating func ignore(_ names: String...) {
        for name in names { attributes[name] = nil }
    }

    /// Whether an attribute is there and not taken yet.
    func has(_ name: String) -> Bool { attributes[name] != nil }

    /// A whole number; nil when the attribute is not there.
    mutating func int(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(NetworkError) -> Int? {
        guard let attribute = try take(name, .int) else { return nil }
        let value = Int(attribute.i)
        guard range.contains(value) else {
            throw inconsistent("\(name) is \(value), not in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    /// A truth value as 0 or 1.
    mutating func flag(_ name: String, default standard: Bool = false) throws(NetworkError) -> Bool {
        try int(name, in: 0...1).map { $0 == 1 } ?? standard
    }

    /// A dimension's number, negative from the end.
    mutating func axis(default standard: Int?) throws(NetworkError) -> Int {
        guard let axis = try int("axis", in: -limits.rank...(limits.rank - 1)) ?? standard else {
            throw inconsistent("attribute \"axis\" is missing")
        }
        return axis
    }

    /// A list of whole numbers; nil when the attribute is not there.
    mutating func ints(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(NetworkError) -> [Int]? {
        guard let attribute = try take(name, .ints) else { return nil }
        let values = attribute.ints.map { Int($0) }
        if let wrong = values.first(where: { !range.contains($0) }) {
            throw inconsistent("\(name) has \(wrong), not in \(range.lowerBound)...\(range.upperBound)")
        }
        return values
    }

    /// Numbers of dimensions, each once; nil when the attribute is not there.
    mutating func axes() throws(NetworkError) -> [Int]? {
        guard let axes = try ints("axes", in: -limits.rank...(limits.rank - 1)) else { return nil }
        guard Set(axes).count == axes.count else { throw inconsistent("axes names a dimension twice") }
        return axes
    }

    /// A number that is finite.
    mutating func float(_ name: String, default standard: Float) throws(NetworkError) -> Float {
        guard let attribute = try take(name, .float) else { return standard }
        guard attribute.f.isFinite else { throw inconsistent("\(name) is \(attribute.f)") }
        return attribute.f
    }

    /// A number that may be without bound; nil when the attribute is not there.
    mutating func bound(_ name: String) throws(NetworkError) -> Float? {
        guard let attribute = try take(name, .float) else { return nil }
        guard !attribute.f.isNaN else { throw inconsistent("\(name) is not a number") }
        return attribute.f
    }

    /// A list of numbers; nil when the attribute is not there.
    mutating func floats(_ name: String) throws(NetworkError) -> [Float]? { try take(name, .floats)?.floats }

    /// One of some words.
    mutating func choice<Choice>(
        _ name: String, _ choices: [String: Choice], default standard: Choice
    ) throws(NetworkError) -> Choice {
        guard let attribute = try take(name, .string) else { return standard }
        let word = String(decoding: attribute.s, as: UTF8.self)
        guard let choice = choices[word] else {
            throw unsupported("\(name) \(quoted(word)); built are \(list(choices.keys.sorted(), first: 8))")
        }
        return choice
    }

    /// A tensor; nil when the attribute is not there.
    mutating func tensor(_ name: String) throws(NetworkError) -> Tensor? {
        guard let attribute = try take(name, .tensor) else { return nil }
        let scan = try ONNXScan(attribute.t, of: .initializer, limits: limits)
        let message: ONNXTensor = try Graph.parse(attribute.t)
        return try builder.tensors.tensor(
            message, attribute.t.part(scan.rawData.first ?? 0..<0), "\(label): attribute \(name)")
    }
}
