/// An ONNX model as a test writes it by hand, well-formed or not.
///
/// Field numbers are those of the ONNX IR specification, written down here a second time: that the reader's schema has
/// the right ones is what the shared models show.
public struct ONNXFile: Sendable {
    /// A tensor. One kind of data is usual; nothing keeps a test from giving several, or none.
    public struct Tensor: Sendable {
        /// Its name; empty in attributes.
        public var name: String
        /// Of its dimensions.
        public var sizes: [Int]
        /// TensorProto.DataType: 1 float, 7 int64.
        public var type: Int
        /// raw_data.
        public var raw: [UInt8]?
        /// float_data.
        public var floats: [Float] = []
        /// int32_data, which all narrow types share.
        public var int32s: [Int] = []
        /// int64_data.
        public var int64s: [Int] = []
        /// double_data.
        public var doubles: [Double] = []
        /// uint64_data, which uint32 shares.
        public var uint64s: [UInt64] = []
        /// external_data.
        public var external: [(key: String, value: String)] = []
        /// data_location: 1 means another file.
        public var location = 0
        /// Whether it says that it is a piece.
        public var isSegment = false

        /// A tensor without data.
        public init(_ name: String, _ sizes: [Int], type: Int) {
            self.name = name
            self.sizes = sizes
            self.type = type
        }

        /// Raw float32.
        public init(_ name: String, _ sizes: [Int], _ values: [Float]) {
            self.init(name, sizes, type: 1)
            raw = values.flatMap { ProtobufWriter.littleEndian($0.bitPattern) }
        }

        /// A list of int64.
        public init(_ name: String, _ values: [Int]) {
            self.init(name, [values.count], type: 7)
            int64s = values
        }

        func write(_ writer: inout ProtobufWriter) {
            writer.ints(1, sizes)
            writer.int(2, type)
            if isSegment { writer.message(3) { $0.int(1, 0) } }
            func packed(_ field: Int, _ content: [UInt8]) { if !content.isEmpty { writer.bytes(field, content) } }
            packed(4, floats.flatMap { ProtobufWriter.littleEndian($0.bitPattern) })
            writer.ints(5, int32s)
            writer.ints(7, int64s)
            writer.text(8, name)
            if let raw { writer.bytes(9, raw) }
            packed(10, doubles.flatMap { ProtobufWriter.littleEndian($0.bitPattern) })
            writer.ints(11, uint64s.map { Int(Int64(bitPattern: $0)) })
            for entry in external {
                writer.message(13) {
                    $0.text(1, entry.key)
                    $0.text(2, entry.value)
                }
            }
            if location != 0 { writer.int(14, location) }
        }
    }

    /// The value of an attribute.
    public enum Attribute: Sendable {
        case float(Float), int(Int), string(String), tensor(Tensor), floats([Float]), ints([Int])
        /// One of ONNX's kinds that the reader does not read: only its number is written.
        case other(Int)
        /// An integer that does not say that it is one.
        case untypedInt(Int)
        /// A reference to an attribute of a function.
        case reference(String)

        func write(_ name: String, _ writer: inout ProtobufWriter) {
            writer.text(1, name)
            switch self {
            case .float(let value):
                writer.float(2, value)
                writer.int(20, 1)
            case .int(let value):
                writer.int(3, value)
                writer.int(20, 2)
            case .string(let value):
                writer.bytes(4, Array(value.utf8))
                writer.int(20, 3)
            case .tensor(let value):
                writer.message(5) { value.write(&$0) }
                writer.int(20, 4)
            case .floats(let values):
                // Not packed, as ONNX writes the lists of attributes.
                for value in values { writer.float(7, value) }
                writer.int(20, 6)
            case .ints(let values):
                for value in values { writer.int(8, value) }
                writer.int(20, 7)
            case .other(let kind): writer.int(20, kind)
            case .untypedInt(let value): writer.int(3, value)
            case .reference(let other):
                writer.text(21, other)
                writer.int(20, 2)
            }
        }
    }

    /// A node.
    public struct Node: Sendable {
        /// The operator.
        public var type: String
        /// Its name; may be empty.
        public var name: String
        /// The operator's domain; empty for the standard ones.
        public var domain = ""
        /// Names of what it takes; empty for what is left out.
        public var inputs: [String]
        /// Names of what it makes.
        public var outputs: [String]
        /// In the order they are written in.
        public var attributes: [(name: String, value: Attribute)]

        /// A node of the standard operators.
        public init(
            _ type: String, _ inputs: [String], _ outputs: [String], name: String = "",
            _ attributes: [(String, Attribute)] = []
        ) {
            self.type = type
            self.name = name
            self.inputs = inputs
            self.outputs = outputs
            self.attributes = attributes
        }

        func write(_ writer: inout ProtobufWriter) {
            // An empty name among others means one left out, so it is written.
            for input in inputs { writer.bytes(1, Array(input.utf8)) }
            for output in outputs { writer.bytes(2, Array(output.utf8)) }
            writer.text(3, name)
            writer.text(4, type)
            for attribute in attributes { writer.message(5) { attribute.value.write(attribute.name, &$0) } }
            writer.text(7, domain)
        }
    }

    /// An input or output as it is declared.
    public struct Value: Sendable {
        /// Its name.
        public var name: String
        /// A size, a name for one, or neither.
        public var sizes: [Size]?
        /// TensorProto.DataType.
        public var type = 1
        /// A sequence of tensors instead of one.
        public var isSequence = false

        /// A size of a dimension.
        public enum Size: Sendable { case known(Int), named(String), open }

        /// A float tensor.
        public init(_ name: String, _ sizes: [Int?]?) {
            self.name = name
            self.sizes = sizes?.map { $0.map(Size.known) ?? .named("N") }
        }

        func write(_ writer: inout ProtobufWriter) {
            writer.text(1, name)
            writer.message(2) { kind in
                kind.message(isSequence ? 4 : 1) { tensor in
                    tensor.int(1, type)
                    guard let sizes else { return }
                    tensor.message(2) { shape in
                        for size in sizes {
                            shape.message(1) {
                                switch size {
                                case .known(let value): $0.int(1, value)
                                case .named(let name): $0.text(2, name)
                                case .open: break
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// opset_import.
    public var opsets: [(domain: String, version: Int)]
    /// In the order they are written in.
    public var nodes: [Node]
    /// Constants.
    public var initializers: [Tensor]
    /// Declared inputs.
    public var inputs: [Value]
    /// Names of the declared outputs.
    public var outputs: [String]
    /// Functions, without a body.
    public var functions: [(domain: String, name: String)] = []
    /// How many sparse initializers there are.
    public var sparseInitializers = 0

    /// A model with one picture as input, unless others are given.
    public init(
        opset: Int = 13, inputs: [Value] = [Value("x", [nil, 3, 8, 8])], initializers: [Tensor] = [], _ nodes: [Node],
        outputs: [String] = ["y"]
    ) {
        opsets = [("", opset)]
        self.nodes = nodes
        self.initializers = initializers
        self.inputs = inputs
        self.outputs = outputs
    }

    /// The file.
    public var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.int(1, 8)
        writer.text(2, "a test")
        writer.message(7) { graph in
            for node in nodes { graph.message(1) { node.write(&$0) } }
            graph.text(2, "graph")
            for tensor in initializers { graph.message(5) { tensor.write(&$0) } }
            for input in inputs { graph.message(11) { input.write(&$0) } }
            for output in outputs { graph.message(12) { Value(output, nil).write(&$0) } }
            for _ in 0..<sparseInitializers { graph.message(15) { $0.ints(3, [2]) } }
        }
        for opset in opsets {
            writer.message(8) {
                $0.text(1, opset.domain)
                $0.int(2, opset.version)
            }
        }
        for function in functions {
            writer.message(25) {
                $0.text(1, function.name)
                $0.text(10, function.domain)
            }
        }
        return writer.bytes
    }
}
