import CTensorKernels

/// How bytes stand for numbers: value = (byte - zero) * scale.
///
/// Activations are quantized to unsigned bytes with a zero point, so that zero, which padding and Relu make, is exact;
/// weights to signed bytes, symmetric, with a scale for each filter. (Jacob et al., "Quantization and Training of Neural
/// Networks for Efficient Integer-Arithmetic-Only Inference", 2018; Krishnamoorthi, 2018, for scales per filter.)
struct ByteForm: Equatable {
    let scale: Float
    let zero: Int32

    /// For numbers from `low` to `high`; the range is widened to hold zero.
    init(low: Float, high: Float) {
        let low = min(low, 0), high = max(high, 0)
        let step = (high - low) / 255
        guard step.isFinite, step > 0, (1 / step).isFinite else {
            // Nothing but zeros, or numbers that no byte can tell apart.
            (scale, zero) = (1, 0)
            return
        }
        scale = step
        zero = Int32((-low / step).rounded())
    }

    /// The byte nearest to a number, which may be infinite.
    func byte(_ value: Float) -> UInt8 {
        let steps = value / scale + Float(zero)
        return steps.isNaN ? UInt8(zero) : UInt8(min(max(steps, 0), 255).rounded(.toNearestOrEven))
    }

    var kernelForm: lk_quantization { lk_quantization(scale: scale, zero_point: zero) }
}

/// Weights as bytes.
package struct ByteWeights {
    /// In the order given.
    var values: [Int8]
    /// For each filter.
    var scales: [Float]
    /// Sum of each filter's bytes.
    var sums: [Int32]
    /// By how much rounding shifts each filter's result on average.
    var shifts: [Float]

    /// - Parameters:
    ///   - weights: `filters` x `depth`, a filter's side by side; `canStand` holds for them.
    ///   - means: average of each input of a filter, `depth` of them; empty: unknown.
    init(_ weights: [Float], filters: Int, depth: Int, means: (_ filter: Int) -> [Float]) {
        values = [Int8](repeating: 0, count: weights.count)
        scales = [Float](repeating: 1, count: filters)
        sums = [Int32](repeating: 0, count: filters)
        shifts = [Float](repeating: 0, count: filters)
        weights.withUnsafeBufferPointer { weights in
            values.withUnsafeMutableBufferPointer { values in
                for filter in 0..<filters {
                    let range = filter * depth..<(filter + 1) * depth
                    let row = UnsafeBufferPointer(rebasing: weights[range])
                    let bytes = UnsafeMutableBufferPointer(rebasing: values[range])
                    guard let scale = Self.scale(row) else { continue }
                    let averages = means(filter)
                    var sum: Int32 = 0
                    var shift = 0.0
                    for index in row.indices {
                        let value = (row[index] / scale).rounded(.toNearestOrEven)
                        let byte = Int8(min(max(value, -127), 127))
                        bytes[index] = byte
                        sum += Int32(byte)
                        guard !averages.isEmpty else { continue }
                        shift += (Double(row[index]) - Double(byte) * Double(scale)) * Double(averages[index])
                    }
                    scales[filter] = scale
                    sums[filter] = sum
                    shifts[filter] = Float(shift)
                }
            }
        }
    }

    /// Terms of the longest sum of products that 32 bits hold, whatever the bytes are.
    static let largestDepth = Int(Int32.max) / (255 * 127)

    /// Whether bytes can take the place of weights, of `depth` for each filter. They have no infinity and nothing that
    /// is not a number.
    package static func canStand(for weights: [Float], depth: Int) -> Bool {
        depth <= largestDepth && weights.allSatisfy(\.isFinite)
    }

    /// The step of a filter's bytes; nil where all weights are zero.
    ///
    /// Weights that were bytes before, as those of networks trained for bytes, lie on a grid; its step loses nothing.
    /// It is looked for as a whole fraction of the largest weight, which most fractions fail at once. Else the largest
    /// weight becomes 127.
    private static func scale(_ weights: UnsafeBufferPointer<Float>) -> Float? {
        var largest: Float = 0
        for weight in weights { largest = max(largest, abs(weight)) }
        guard largest > 0, largest.isFinite, (127 / largest).isFinite, largest / 127 >= .leastNormalMagnitude else {
            return nil
        }
        // Very few weights lie on some grid by chance.
        guard weights.count >= 8 else { return largest / 127 }
        for steps in stride(from: Float(127), to: 7, by: -1) {
            let perStep = steps / largest
            let fits = weights.allSatisfy { weight in
                let place = weight * perStep
                return abs(place - place.rounded()) < 0.01
            }
            if fits { return largest / steps }
        }
        return largest / 127
    }
}
