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
struct ByteWeights {
    /// In the order given.
    var values: [Int8]
    /// For each filter.
    var scales: [Float]
    /// Sum of each filter's bytes.
    var sums: [Int32]

    /// - Parameters:
    ///   - weights: `filters` x `depth`, a filter's side by side.
    init(_ weights: [Float], filters: Int, depth: Int) {
        values = [Int8](repeating: 0, count: weights.count)
        scales = [Float](repeating: 1, count: filters)
        sums = [Int32](repeating: 0, count: filters)
        for filter in 0..<filters {
            let range = filter * depth..<(filter + 1) * depth
            var largest: Float = 0
            for index in range { largest = max(largest, abs(weights[index])) }
            let scale = largest / 127
            guard scale > 0, scale.isFinite, (1 / scale).isFinite else { continue }
            scales[filter] = scale
            var sum: Int32 = 0
            for index in range {
                let value = (weights[index] / scale).rounded(.toNearestOrEven)
                let byte = Int8(min(max(value, -127), 127))
                values[index] = byte
                sum += Int32(byte)
            }
            sums[filter] = sum
        }
    }
}
