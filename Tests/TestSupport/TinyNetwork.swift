/// An ONNX file of a few kilobytes, made here, for tests that need a network and no particular one: a convolution of
/// 3×3 with stride 2, Relu (`relu`), the mean over the picture (`pooled`), and that as a vector (`features`).
public struct TinyNetwork {
    /// Side of the input; nil leaves it open.
    public var side: Int? = 32
    /// Length of the vector.
    public var dimension = 24
    /// What the weights are drawn from.
    public var seed: UInt64 = 1
    /// What all weights are multiplied by: 0 makes a network that says nothing.
    public var gain: Float = 1
    /// Channels of the input.
    public var channels = 3

    /// The network described.
    public init() {}

    /// The file's bytes.
    public var bytes: [UInt8] {
        var random = SeededRandom(seed: seed)
        func drawn(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
            (0..<count).map { _ in Float.random(in: range, using: &random) * gain }
        }
        let weights = drawn(dimension * channels * 9, -0.5...0.5)
        let bias = drawn(dimension, 0...0.2)
        var graph = Message()
        graph.add(1, Self.node("Conv", ["x", "w", "b"], "conv", ["strides": [2, 2], "pads": [1, 1, 1, 1]]))
        graph.add(1, Self.node("Relu", ["conv"], "relu"))
        graph.add(1, Self.node("GlobalAveragePool", ["relu"], "pooled"))
        graph.add(1, Self.node("Flatten", ["pooled"], "features"))
        graph.add(2, "tiny")
        graph.add(5, Self.tensor("w", [dimension, channels, 3, 3], weights))
        graph.add(5, Self.tensor("b", [dimension], bias))
        graph.add(11, Self.value("x", [1, channels, side, side]))
        graph.add(12, Self.value("features", [1, dimension]))
        var opset = Message()
        opset.add(2, 13)
        var model = Message()
        model.add(1, 8)
        model.add(7, graph)
        model.add(8, opset)
        return model.bytes
    }

    // MARK: The file's form (onnx.proto)

    private static func node(
        _ type: String, _ inputs: [String], _ output: String, _ attributes: [String: [Int]] = [:]
    ) -> Message {
        var node = Message()
        for input in inputs { node.add(1, input) }
        node.add(2, output)
        node.add(3, "node_\(output)")
        node.add(4, type)
        for (name, values) in attributes.sorted(by: { $0.key < $1.key }) {
            var attribute = Message()
            attribute.add(1, name)
            for value in values { attribute.add(8, value) }
            attribute.add(20, 7)
            node.add(5, attribute)
        }
        return node
    }

    private static func tensor(_ name: String, _ sizes: [Int], _ values: [Float]) -> Message {
        var tensor = Message()
        for size in sizes { tensor.add(1, size) }
        tensor.add(2, 1)
        tensor.add(8, name)
        tensor.add(9, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } })
        return tensor
    }

    private static func value(_ name: String, _ sizes: [Int?]) -> Message {
        var shape = Message()
        for size in sizes {
            var dimension = Message()
            if let size { dimension.add(1, size) } else { dimension.add(2, "side") }
            shape.add(1, dimension)
        }
        var tensor = Message()
        tensor.add(1, 1)
        tensor.add(2, shape)
        var type = Message()
        type.add(1, tensor)
        var value = Message()
        value.add(1, name)
        value.add(2, type)
        return value
    }

    /// A protocol buffer being written.
    private struct Message {
        var bytes: [UInt8] = []

        mutating func add(_ field: Int, _ value: Int) {
            varint(field << 3)
            varint(value)
        }

        mutating func add(_ field: Int, _ contents: [UInt8]) {
            varint(field << 3 | 2)
            varint(contents.count)
            bytes += contents
        }

        mutating func add(_ field: Int, _ text: String) { add(field, [UInt8](text.utf8)) }
        mutating func add(_ field: Int, _ message: Message) { add(field, message.bytes) }

        private mutating func varint(_ value: Int) {
            var rest = UInt64(value)
            while rest >= 0x80 {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }
    }
}
