/// How vectors are kept for the search. Whatever it is, results are ordered by full precision: see `VectorCodec`.
public enum Quantization: String, Sendable, Codable, CaseIterable {
    /// 32-bit floats.
    case f32
    /// One byte a value.
    case int8
    /// One bit a value: its sign. For cosine and dot; distances under L2 have nothing to do with signs.
    case bin

    /// Whether vectors under that metric can be kept so.
    public func supports(_ metric: Metric) -> Bool { self != .bin || metric != .l2 }
}
