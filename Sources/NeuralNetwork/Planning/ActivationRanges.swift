/// Between which bounds each value of a network lies, as calibration found them: what computing with bytes needs.
public struct ActivationRanges: Sendable, Codable, Equatable {
    /// Bounds of one value.
    public struct Range: Sendable, Codable, Equatable {
        public var low, high: Float

        public init(low: Float, high: Float) {
            self.low = low
            self.high = high
        }
    }

    /// By the values' names.
    public var ranges: [String: Range]

    public init(ranges: [String: Range] = [:]) { self.ranges = ranges }
}
