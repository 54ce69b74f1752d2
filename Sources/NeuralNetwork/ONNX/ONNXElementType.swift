/// Element types by ONNX's numbers (TensorProto.DataType).
enum ONNXElementType: Int32 {
    case undefined = 0
    case float, uint8, int8, uint16, int16, int32, int64, string, bool, float16, double, uint32, uint64, complex64
    case complex128, bfloat16, float8e4m3fn, float8e4m3fnuz, float8e5m2, float8e5m2fnuz, uint4, int4, float4e2m1

    /// What the elements are held as; nil for those that are not read. A bfloat16 is a float32 cut short, and held as
    /// one.
    var held: ElementType? {
        switch self {
        case .float, .bfloat16: .float32
        case .float16: .float16
        case .double: .float64
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .bool: .boolean
        case .uint32: .uint32
        case .uint64: .uint64
        default: nil
        }
    }

    /// Bytes of one element in raw data.
    var size: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16, .float16, .bfloat16: 2
        case .float, .int32, .uint32: 4
        default: 8
        }
    }

    /// The type of a number, with what it is held as.
    ///
    /// - Throws: `unsupported` for a type that is not read, naming it; `malformed` for a number that means nothing.
    static func read(
        _ code: Int, of what: @autoclosure () -> String
    ) throws(NetworkError) -> (declared: ONNXElementType, held: ElementType) {
        guard let type = Int32(exactly: code).flatMap(ONNXElementType.init), type != .undefined else {
            throw .malformed("\(what()) has the element type \(code), which is none")
        }
        guard let held = type.held else {
            throw .unsupported(
                "\(what()) has elements of type \(type); floats, whole numbers and truth values are read")
        }
        return (type, held)
    }
}
