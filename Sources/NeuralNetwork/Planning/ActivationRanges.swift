/// Between which bounds each value of a network lies, as calibration found them: what computing with bytes needs.
public struct ActivationRanges: Sendable, Codable, Equatable {
    /// Bounds of one value.
    public struct Range: Sendable, Codable, Equatable {
        public var low, high: Float
        /// What each channel is on average: for pictures [1,C,H,W] dimension 1, for rows the last one. Rounding weights
        /// shifts sums by as much as these say, which is taken back.
        public var means: [Float]

        /// With these.
        public init(low: Float, high: Float, means: [Float] = []) {
            self.low = low
            self.high = high
            self.means = means
        }
    }

    /// By the values' names.
    public var ranges: [String: Range]

    /// With these.
    public init(ranges: [String: Range] = [:]) { self.ranges = ranges }
}
