/// A value that flows along the edges of a graph: its place in `Graph.values`.
public typealias ValueID = Int

/// A network as it was read: nodes in an order in which each comes after those it needs, and the constants they use.
///
/// Reading guarantees: every value that a node takes is an input, a constant or the output of an earlier node; no value
/// is produced twice; every tensor is within the limits; every attribute has the type and range its operator asks for.
/// It does not guarantee that shapes fit: they are inferred when a size of input is known.
public struct Graph: Sendable {
    /// A value's name and, for a constant, its content.
    public struct Value: Sendable {
        /// As the file calls it; names are unique.
        public var name: String
        /// What it holds, where that is known before running.
        public var constant: Tensor?

        /// With these.
        public init(name: String, constant: Tensor? = nil) {
            self.name = name
            self.constant = constant
        }
    }

    /// One operation.
    public struct Node: Sendable {
        /// As the file calls it, or made up from its operator and place where it has none.
        public var name: String
        /// The operator's name in the file, for messages: `Conv`.
        public var type: String
        /// What it computes.
        public var operation: Operator
        /// What it takes; nil for an optional input left out.
        public var inputs: [ValueID?]
        /// What it makes; nil for an optional output that nothing names.
        public var outputs: [ValueID?]

        /// With these.
        public init(name: String, type: String, operation: Operator, inputs: [ValueID?], outputs: [ValueID?]) {
            self.name = name
            self.type = type
            self.operation = operation
            self.inputs = inputs
            self.outputs = outputs
        }
    }

    /// What the graph is fed with: a value and its declared sizes, nil where the file leaves one open.
    public struct Input: Sendable {
        /// The value that is fed.
        public var value: ValueID
        /// Declared sizes; nil where one is left open.
        public var dimensions: [Int?]

        /// With these.
        public init(value: ValueID, dimensions: [Int?]) {
            self.value = value
            self.dimensions = dimensions
        }
    }

    /// All values, by `ValueID`.
    public var values: [Value]
    /// All operations, in an order in which they can be done.
    public var nodes: [Node]
    /// Inputs that are no constants. Networks that embed pictures have one.
    public var inputs: [Input]
    /// Values that the file declares as results, in its order.
    public var outputs: [ValueID]
    /// Version of the operators' definitions.
    public var opset: Int

    /// With these.
    public init(values: [Value], nodes: [Node], inputs: [Input], outputs: [ValueID], opset: Int) {
        self.values = values
        self.nodes = nodes
        self.inputs = inputs
        self.outputs = outputs
        self.opset = opset
    }

    /// The value of this name, whether a declared result or in between; nil when there is none.
    public func value(named name: String) -> ValueID? { values.firstIndex { $0.name == name } }
}
