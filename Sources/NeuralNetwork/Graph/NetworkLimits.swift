/// The most that a network may ask for. Checked before memory is taken.
public struct NetworkLimits: Sendable, Equatable {
    /// Bytes of an `.onnx` file.
    public var fileBytes = 512 << 20
    /// Nodes of a graph.
    public var nodes = 20_000
    /// Dimensions of a tensor.
    public var rank = 8
    /// Elements of one tensor, a weight or an activation.
    public var tensorElements = 1 << 28
    /// Bytes of all constants together, those computed while planning included.
    public var constantBytes = 1 << 30
    /// Bytes of the activations' arena.
    public var arenaBytes = 1 << 30
    /// Multiply-accumulates of one run.
    public var operations = 1 << 40

    /// The limits of a model that a user brings.
    public init() {}
}
