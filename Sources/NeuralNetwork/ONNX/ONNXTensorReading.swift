import Foundation

/// Turns the tensors of a file into `Tensor`s: checks first, memory afterwards.
struct ONNXTensorReading {
    let limits: NetworkLimits
    /// Bytes of all constants read so far, as they are held.
    private(set) var bytes = 0

    init(limits: NetworkLimits) { self.limits = limits }

    /// Counts a constant that is about to be made.
    mutating func spend(_ tensorBytes: Int, for what: @autoclosure () -> String) throws(NetworkError) {
        guard tensorBytes <= limits.constantBytes - bytes else {
            throw .tooLarge("with \(what()) the constants take more than \(limits.constantBytes) bytes")
        }
        bytes += tensorBytes
    }

    /// A tensor of the file, and its raw data, if that is how it is written. `what` names it in messages.
    ///
    /// - Throws: `unsupported` for external data, tensors in pieces and types that are not read; `tooLarge` beyond a
    ///   limit; `malformed` where sizes are negative or data and shape do not agree.
    mutating func tensor(
        _ message: ONNXTensor, _ raw: Data, _ what: @autoclosure () -> String
    ) throws(NetworkError) -> Tensor {
        guard message.dataLocation == 0, message.externalData.isEmpty else {
            let file = message.externalData.first { $0.key == "location" }.map { " (\(quoted($0.value)))" } ?? ""
            throw .unsupported(
                "\(what()) lies in another file\(file); export the model with its weights inside the .onnx file")
        }
        guard !message.hasSegment else { throw .unsupported("\(what()) is only a piece of a tensor") }
        let type = try ONNXElementType.read(Int(message.dataType), of: what())
        let (shape, count) = try shape(message.dims, what())
        try spend(count * (type.held.isFloat ? 4 : 8), for: what())

        if !raw.isEmpty {
            guard Self.typedCount(message) == 0 else {
                throw .malformed("\(what()) has its data twice, raw and typed")
            }
            let (expected, overflow) = count.multipliedReportingOverflow(by: type.declared.size)
            guard !overflow, raw.count == expected else {
                throw .malformed(
                    "\(what()) of shape \(shape) has \(raw.count) bytes of data instead of \(expected)")
            }
        } else {
            guard Self.data(message, type.declared) == count, Self.typedCount(message) == count else {
                throw .malformed(
                    "\(what()) of shape \(shape) has \(Self.typedCount(message)) elements of data instead of \(count)")
            }
        }
        let elements: Tensor.Elements
        if type.held.isFloat {
            elements = .floats(Self.floats(message, raw, type.declared, count))
        } else {
            elements = .integers(try Self.integers(message, raw, type.declared, type.held, count, what()))
        }
        return Tensor(shape: shape, type: type.held, elements: elements)
    }

    /// Sizes that are not negative, and how many elements they make.
    func shape(
        _ sizes: [Int64], _ what: @autoclosure () -> String
    ) throws(NetworkError) -> (TensorShape, count: Int) {
        guard sizes.count <= limits.rank else {
            throw .tooLarge("\(what()) has \(sizes.count) dimensions; the limit is \(limits.rank)")
        }
        let shape = TensorShape(sizes.map { Int($0) })
        if let negative = shape.dimensions.first(where: { $0 < 0 }) {
            throw .malformed("\(what()) has a size of \(negative)")
        }
        // One that is empty has no elements, however large its other sizes are; those are limited all the same.
        let tooMany = shape.dimensions.contains { $0 > limits.tensorElements }
        guard !tooMany, let count = shape.elementCount, count <= limits.tensorElements else {
            throw .tooLarge("\(what()) has shape \(shape); the limit is \(limits.tensorElements) elements")
        }
        return (shape, count)
    }

    // MARK: Data

    /// Elements in all typed fields together.
    private static func typedCount(_ message: ONNXTensor) -> Int {
        message.floatData.count + message.int32Data.count + message.int64Data.count + message.doubleData.count
            + message.uint64Data.count
    }

    /// Elements in the field that belongs to a type.
    private static func data(_ message: ONNXTensor, _ type: ONNXElementType) -> Int {
        switch type {
        case .float: message.floatData.count
        case .double: message.doubleData.count
        case .int64: message.int64Data.count
        case .uint32, .uint64: message.uint64Data.count
        default: message.int32Data.count
        }
    }

    private static func floats(_ message: ONNXTensor, _ raw: Data, _ type: ONNXElementType, _ count: Int) -> [Float] {
        switch type {
        case .float where raw.isEmpty: return message.floatData
        case .float:
            // Little-endian float32, as memory holds it.
            return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
                raw.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
                initialized = count
            }
        case .double where raw.isEmpty: return message.doubleData.map { Float($0) }
        case .double: return widen(raw, count) { (bits: UInt64) in Float(Double(bitPattern: bits)) }
        // The bits of the halves are in the low 16 bits of int32_data.
        case .float16 where raw.isEmpty:
            return message.int32Data.map { float(half: UInt16(truncatingIfNeeded: $0)) }
        case .float16: return widen(raw, count) { (bits: UInt16) in float(half: bits) }
        case .bfloat16 where raw.isEmpty:
            return message.int32Data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) }
        default: return widen(raw, count) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
        }
    }

    private static func integers(
        _ message: ONNXTensor, _ raw: Data, _ type: ONNXElementType, _ held: ElementType, _ count: Int,
        _ what: @autoclosure () -> String
    ) throws(NetworkError) -> [Int64] {
        let values: [Int64]
        switch type {
        case .int64: values = raw.isEmpty ? message.int64Data : widen(raw, count) { (value: Int64) in value }
        case .uint64 where raw.isEmpty, .uint32 where raw.isEmpty:
            values = message.uint64Data.map { Int64(bitPattern: $0) }
        case .uint64: values = widen(raw, count) { (value: Int64) in value }
        case .uint32: values = widen(raw, count) { (value: UInt32) in Int64(value) }
        case _ where raw.isEmpty: values = message.int32Data.map { Int64($0) }
        case .int32: values = widen(raw, count) { (value: Int32) in Int64(value) }
        case .int16: values = widen(raw, count) { (value: Int16) in Int64(value) }
        case .uint16: values = widen(raw, count) { (value: UInt16) in Int64(value) }
        case .int8: values = widen(raw, count) { (value: Int8) in Int64(value) }
        default: values = widen(raw, count) { (value: UInt8) in Int64(value) }
        }
        let range = held.integerRange
        if let wrong = values.first(where: { !range.contains($0) }) {
            // Above what Int64 holds, an unsigned number of 64 bits looks negative.
            throw .malformed(
                "\(what()) of type \(type) has an element \(type == .uint64 ? "above 2^63 - 1" : "\(wrong)")")
        }
        return values
    }

    @inline(__always)
    private static func widen<Stored: BitwiseCopyable, Held>(
        _ raw: Data, _ count: Int, _ convert: (Stored) -> Held
    ) -> [Held] {
        [Held](unsafeUninitializedCapacity: count) { buffer, initialized in
            raw.withUnsafeBytes { bytes in
                for index in 0..<count {
                    let stored = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
                    buffer.initializeElement(at: index, to: convert(stored))
                }
            }
            initialized = count
        }
    }

    /// The float of an IEEE 754 half: 1 bit sign, 5 bits exponent, 10 bits fraction.
    static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0: return (sign == 0 ? 1 : -1) * Float(fraction) * 0x1p-24
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}

extension ElementType {
    /// The whole numbers that a type holds.
    var integerRange: ClosedRange<Int64> {
        switch self {
        case .int32: Int64(Int32.min)...Int64(Int32.max)
        case .int16: Int64(Int16.min)...Int64(Int16.max)
        case .int8: Int64(Int8.min)...Int64(Int8.max)
        case .uint8: 0...Int64(UInt8.max)
        case .uint16: 0...Int64(UInt16.max)
        case .uint32: 0...Int64(UInt32.max)
        case .uint64: 0...Int64.max
        case .boolean: 0...1
        default: Int64.min...Int64.max
        }
    }
}
