/// Finds out what one node makes from what it takes: the types of its outputs, and the numbers on which both the
/// reference operators and the planner rely (paddings, ranges of slices, scales). Everything is checked here once:
/// whoever holds a result may compute without checking again.
///
/// All shapes are known, because the size of the network's input is. So an input that decides about a shape (Reshape's
/// sizes, Slice's starts, Pad's amounts) must be a constant; constants that are computed in the graph must be folded
/// before.
public struct ShapeInference: Sendable {
    /// The node in question, for its name.
    public let node: Graph.Node
    /// Types of its inputs; nil for an optional input left out.
    public let inputs: [TensorType?]
    /// Contents of the inputs that are constants; may be shorter than `inputs`.
    public let constants: [Tensor?]
    /// Bounds of every tensor.
    public let limits: NetworkLimits

    /// What is known of `node`.
    public init(node: Graph.Node, inputs: [TensorType?], constants: [Tensor?], limits: NetworkLimits) {
        self.node = node
        self.inputs = inputs
        self.constants = constants
        self.limits = limits
    }

    /// Largest stride, dilation or padding: far above any sensible one, and small enough that sums do not overflow.
    static let largestStep = 1 << 24

    // MARK: Errors

    func contradiction(_ what: String) -> NetworkError { .inconsistent("\(node.label): \(what)") }

    func unsupported(_ what: String) -> NetworkError { .unsupported("\(node.label): \(what)") }

    func tooLarge(_ what: String) -> NetworkError { .tooLarge("\(node.label): \(what)") }

    func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(NetworkError) {
        if !condition { throw contradiction(what()) }
    }

    // MARK: Inputs

    /// The type of input `index`; nil when it is left out.
    func optional(_ index: Int) -> TensorType? { index < inputs.count ? inputs[index] : nil }

    /// The type of input `index`, which must be there.
    func input(_ index: Int, _ role: String) throws(NetworkError) -> TensorType {
        guard let type = optional(index) else { throw contradiction("it needs an input \(index), \(role)") }
        return type
    }

    /// The type of input `index`, which must hold floats.
    func floats(_ index: Int, _ role: String) throws(NetworkError) -> TensorType {
        let type = try input(index, role)
        try require(type.element.isFloat, "\(role) holds \(type.element), not floats")
        return type
    }

    /// The type of an input that may be left out and else must hold floats.
    func optionalFloats(_ index: Int, _ role: String) throws(NetworkError) -> TensorType? {
        optional(index) == nil ? nil : try floats(index, role)
    }

    /// The content of input `index`, which must be a constant when it is there at all.
    func constant(_ index: Int, _ role: String) throws(NetworkError) -> Tensor? {
        guard optional(index) != nil else { return nil }
        guard index < constants.count, let tensor = constants[index] else {
            throw unsupported("\(role) (input \(index)) must be a constant; it depends on the picture")
        }
        return tensor
    }

    /// The whole numbers of a constant input that is a list (or a single number); nil when it is left out.
    func optionalIntegers(_ index: Int, _ role: String) throws(NetworkError) -> [Int]? {
        guard let tensor = try constant(index, role) else { return nil }
        guard let values = tensor.integers else {
            throw contradiction("\(role) holds \(tensor.type), not whole numbers")
        }
        try require(tensor.shape.rank <= 1, "\(role) has shape \(tensor.shape), not a list's")
        return values.map { Int($0) }
    }

    /// The whole numbers of a constant input that must be there.
    func integers(_ index: Int, _ role: String) throws(NetworkError) -> [Int] {
        guard let values = try optionalIntegers(index, role) else {
            throw contradiction("it needs an input \(index), \(role)")
        }
        return values
    }

    // MARK: Axes

    /// `axis` counted from the front; negative ones count from behind.
    func resolved(axis: Int, rank: Int) throws(NetworkError) -> Int {
        try require(axis >= -rank && axis < rank, "axis \(axis) does not exist in \(rank) dimensions")
        return axis < 0 ? axis + rank : axis
    }

    /// Axes counted from the front, each at most once.
    func resolved(axes: [Int], rank: Int) throws(NetworkError) -> [Int] {
        var found: [Int] = []
        for axis in axes {
            let place = try resolved(axis: axis, rank: rank)
            try require(!found.contains(place), "axis \(axis) is named twice")
            found.append(place)
        }
        return found
    }

    // MARK: Results

    /// A type with these sizes, within the limits.
    func result(_ dimensions: [Int], _ element: ElementType) throws(NetworkError) -> TensorType {
        let shape = TensorShape(dimensions)
        try checkLimits(shape, "its result")
        return TensorType(element, shape)
    }

    /// Refuses inputs past the limits, so that no product of some of their sizes overflows.
    func checkInputs() throws(NetworkError) {
        for case .some(let type) in inputs { try checkLimits(type.shape, "its input") }
    }

    /// A size of 0 counts as 1: strides are computed from the others all the same.
    private func checkLimits(_ shape: TensorShape, _ role: String) throws(NetworkError) {
        if shape.rank > limits.rank {
            throw tooLarge("\(role) \(shape) has \(shape.rank) dimensions, more than \(limits.rank)")
        }
        guard let count = TensorShape(shape.dimensions.map { max(1, $0) }).elementCount, count <= limits.tensorElements
        else { throw tooLarge("\(role) \(shape) has more than \(limits.tensorElements) elements") }
    }

    /// Refuses a tensor without elements, for operators that need some.
    func requireElements(_ type: TensorType, _ role: String) throws(NetworkError) {
        try require(!type.shape.dimensions.contains(0), "\(role) \(type.shape) has no elements")
    }
}

extension Graph.Node {
    /// What messages call a node, as those of reading do: `operator Conv (node "conv1")`.
    var label: String { "operator \(type) (node \(quoted(name)))" }
}
