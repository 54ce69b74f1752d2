/// Writes protocol buffers field by field: whatever is asked for, right or wrong.
public struct ProtobufWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// Bytes as they are.
    public mutating func raw(_ more: [UInt8]) { bytes += more }

    /// A number of variable length, without a key.
    public mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// The key of a field.
    public mutating func key(_ field: Int, wire: Int) { varint(UInt64(field) << 3 | UInt64(wire)) }

    /// A whole number; negative ones take ten bytes.
    public mutating func int(_ field: Int, _ value: Int) {
        key(field, wire: 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// A float32.
    public mutating func float(_ field: Int, _ value: Float) {
        key(field, wire: 5)
        raw(Self.littleEndian(value.bitPattern))
    }

    /// Bytes with their length.
    public mutating func bytes(_ field: Int, _ content: [UInt8]) {
        key(field, wire: 2)
        varint(UInt64(content.count))
        raw(content)
    }

    /// A text; left out when empty, as writers do.
    public mutating func text(_ field: Int, _ text: String) { if !text.isEmpty { bytes(field, Array(text.utf8)) } }

    /// A message within this one.
    public mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        bytes(field, inner.bytes)
    }

    /// A packed list of whole numbers; left out when empty.
    public mutating func ints(_ field: Int, _ values: [Int]) {
        guard !values.isEmpty else { return }
        var inner = ProtobufWriter()
        for value in values { inner.varint(UInt64(bitPattern: Int64(value))) }
        bytes(field, inner.bytes)
    }

    /// A number as it lies in memory.
    public static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
