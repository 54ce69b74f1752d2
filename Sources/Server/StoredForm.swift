import RESP
import VectorCollections

/// A stored vector as VEMB shows it: in the set's quantization, whatever precision is kept beside it.
///
/// The int8 code is symmetric, one scale a vector: with range = max |x|, q = x · 127 / range, rounded half away from
/// zero (reference, section 3).
struct StoredForm {
    private let unit: [Float]
    private let norm: Float
    private let quantization: Quantization

    /// A unit vector and the length it had.
    init(_ unit: [Float], norm: Float, _ quantization: Quantization) {
        self.unit = unit
        self.norm = norm
        self.quantization = quantization
    }

    private var range: Float { unit.reduce(0) { max($0, $1.magnitude) } }

    private var codes: [Int8] {
        let range = range
        guard range > 0 else { return [Int8](repeating: 0, count: unit.count) }
        let scale = 127 / range
        return unit.map { Int8(max(-127, min(127, ($0 * scale).rounded(.toNearestOrAwayFromZero)))) }
    }

    /// The components, back at the vector's own length.
    var values: RESPReply {
        switch quantization {
        case .f32: return .array(unit.map { .double(Double($0 * norm)) })
        case .int8:
            let scale = range / 127
            return .array(codes.map { .double(Double(Float($0) * scale * norm)) })
        case .bin: return .array(unit.map { .double($0 > 0 ? 1 : -1) })
        }
    }

    /// Quantization, code, norm, and for int8 the range.
    var raw: RESPReply {
        switch quantization {
        case .f32:
            let blob = unit.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } }
            return .array([.simple("f32"), .bulk(blob), .double(Double(norm))])
        case .int8:
            return .array([
                .simple("int8"), .bulk(codes.map { UInt8(bitPattern: $0) }), .double(Double(norm)),
                .double(Double(range)),
            ])
        case .bin:
            var words = [UInt8](repeating: 0, count: (unit.count + 63) / 64 * 8)
            for (index, value) in unit.enumerated() where value > 0 { words[index / 8] |= 1 << (index % 8) }
            return .array([.simple("bin"), .bulk(words), .double(Double(norm))])
        }
    }
}
