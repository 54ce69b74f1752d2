extension ONNXOperator {
    /// From floats to whole numbers and back.
    static let quantization: [String: ONNXOperator] = [
        "QuantizeLinear": ONNXOperator(since: 10, inputs: 2...3, read: quantize),
        "DequantizeLinear": ONNXOperator(since: 10, inputs: 2...3, read: dequantize),
    ]

    /// The type of the result is that of the zero point; without one, what opset 21 states, or else uint8.
    private static func quantize(_ node: inout ONNXNodeReader) throws(NetworkError) {
        // Of floats of 8 bits, which are refused.
        node.ignore("saturate")
        let axis = try self.axis(&node)
        var type: ElementType?
        if let code = try node.int("output_dtype"), code != 0 {
            type = try ONNXElementType.read(code, of: "what \(node.label) makes").held
        }
        let zero = node.optionalInput(2)
        if let point = node.constant(zero) {
            guard type == nil || type == point.type else {
                throw node.inconsistent("output_dtype is not the type of its zero point")
            }
            type = point.type
        } else if zero == nil, type == nil {
            type = .uint8
        }
        if let type, ![.uint8, .int8, .uint16, .int16].contains(type) {
            throw node.unsupported("quantizing to \(type); int8, uint8, int16 and uint16 are built")
        }
        try node.emit(
            .quantizeLinear(axis: axis, type: type), [try node.input(0), try scale(node, mayBeZero: false), zero])
    }

    private static func dequantize(_ node: inout ONNXNodeReader) throws(NetworkError) {
        let axis = try self.axis(&node)
        let x = try node.integers(0)
        let zero = try node.integers(2, optional: true)
        try node.emit(.dequantizeLinear(axis: axis), [x, try scale(node, mayBeZero: true), zero])
    }

    /// The dimension along which scales differ; does not matter where there is one scale.
    private static func axis(_ node: inout ONNXNodeReader) throws(NetworkError) -> Int {
        if let size = try node.int("block_size"), size != 0 { throw node.unsupported("block_size \(size)") }
        return try node.axis(default: 1)
    }

    private static func scale(_ node: ONNXNodeReader, mayBeZero: Bool) throws(NetworkError) -> ValueID {
        let scale = try node.input(1)
        if let tensor = node.constant(scale) {
            guard let values = tensor.floats, tensor.shape.rank <= 1 else {
                throw node.inconsistent("its scale is of type \(tensor.type) and shape \(tensor.shape)")
            }
            guard values.allSatisfy({ $0.isFinite && ($0 > 0 || mayBeZero && $0 == 0) }) else {
                throw node.inconsistent("its scales are not all numbers \(mayBeZero ? "from" : "above") 0")
            }
        }
        return scale
    }
}
