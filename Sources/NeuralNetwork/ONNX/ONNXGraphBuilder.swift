/// What has been read of a graph: values, nodes, and which names mean which values.
///
/// A class, because the readers of nodes add to it in turn. Used by one reader in one thread.
final class ONNXGraphBuilder {
    let opset: Int
    let limits: NetworkLimits
    private(set) var values: [Graph.Value] = []
    private(set) var nodes: [Graph.Node] = []
    /// Names that nodes take or that are results.
    var used: Set<String> = []
    /// Names that the file gives to values, those not read yet included.
    var names: Set<String> = []
    var tensors: ONNXTensorReading
    private var ids: [String: ValueID] = [:]
    private var made = 0

    init(opset: Int, limits: NetworkLimits) {
        self.opset = opset
        self.limits = limits
        tensors = ONNXTensorReading(limits: limits)
    }

    /// The value of a name; nil when it is not read yet.
    func id(of name: String) -> ValueID? { ids[name] }

    /// A value that the file names. Names are known to be unique.
    @discardableResult
    func define(_ name: String, constant: Tensor? = nil) -> ValueID {
        values.append(Graph.Value(name: name, constant: constant))
        ids[name] = values.count - 1
        return values.count - 1
    }

    /// A value that the file does not name.
    func make(_ hint: String, constant: Tensor? = nil) -> ValueID {
        var name = hint
        while names.contains(name) || ids[name] != nil {
            made += 1
            name = "\(hint)_\(made)"
        }
        return define(name, constant: constant)
    }

    func append(_ node: Graph.Node) throws(NetworkError) {
        guard nodes.count < limits.nodes else { throw .tooLarge("more than \(limits.nodes) nodes") }
        nodes.append(node)
    }
}
