/// How the values of a row are stored. All are little-endian.
enum ElementType: Sendable, Equatable {
    case uint8, int8, int32, float16, float32, float64

    /// Bytes of one value.
    var size: Int {
        switch self {
        case .uint8, .int8: 1
        case .float16: 2
        case .int32, .float32: 4
        case .float64: 8
        }
    }

    /// Whether a value may be NaN or infinite, or become so as a float32.
    var canFail: Bool {
        switch self {
        case .uint8, .int8, .int32: false
        case .float16, .float32, .float64: true
        }
    }

    /// The values as float32.
    func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
        let count = bytes.count / size
        return [Float](unsafeUninitializedCapacity: count) { out, filled in
            switch self {
            case .uint8: for i in 0..<count { out[i] = Float(bytes[i]) }
            case .int8: for i in 0..<count { out[i] = Float(Int8(bitPattern: bytes[i])) }
            case .int32:
                for i in 0..<count { out[i] = Float(Int32(littleEndian: Self.load(bytes, i))) }
            case .float16:
                for i in 0..<count { out[i] = Self.float(half: UInt16(littleEndian: Self.load(bytes, i))) }
            case .float32:
                for i in 0..<count { out[i] = Float(bitPattern: UInt32(littleEndian: Self.load(bytes, i))) }
            case .float64:
                for i in 0..<count { out[i] = Float(Double(bitPattern: UInt64(littleEndian: Self.load(bytes, i)))) }
            }
            filled = count
        }
    }

    /// One value as it is in the file, for messages.
    func value(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
        guard self == .float64 else { return Double(floats(bytes)[index]) }
        return Double(bitPattern: UInt64(littleEndian: Self.load(bytes, index)))
    }

    @inline(__always)
    private static func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ index: Int
    ) -> Value {
        bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Value>.size, as: Value.self)
    }

    /// A half-precision number (IEEE 754 binary16). `Float16` would do it, and is missing on Intel Macs.
    static func float(half bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10) & 0x1F
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let magnitude = Float(fraction) * 0x1p-24
            return sign == 0 ? magnitude : -magnitude
        case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
