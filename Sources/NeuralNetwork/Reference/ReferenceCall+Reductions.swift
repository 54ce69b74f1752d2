import Foundation

extension ReferenceCall {
    func reduce(_ reduction: Operator.Reduction, axes: [Int]) -> Tensor {
        let x = input(0)
        let kept = TensorShape(x.shape.dimensions.indices.map { axes.contains($0) ? 1 : x.shape[$0] })
        let tracks = Reference.broadcastTracks(kept, to: x.shape)
        let count = kept.elementCount ?? 0
        let perSum = axes.reduce(1) { $0 * x.shape[$1] }
        switch x.elements {
        case .floats(let values):
            let start: Double =
                switch reduction {
                case .max: -.infinity
                case .min: .infinity
                default: 0
                }
            var sums = [Double](repeating: start, count: count)
            Reference.walk(x.shape.dimensions, tracks) { index, offset in
                let value = Double(values[index])
                switch reduction {
                case .mean, .sum: sums[offset] += value
                case .l2, .sumOfSquares: sums[offset] += value * value
                case .max: sums[offset] = Reference.larger(sums[offset], value)
                case .min: sums[offset] = -Reference.larger(-sums[offset], -value)
                }
            }
            let results = sums.map { sum in
                switch reduction {
                case .mean: Float(sum / Double(perSum))
                case .l2: Float(sum.squareRoot())
                default: Float(sum)
                }
            }
            return Reference.tensor(results, result)
        case .integers(let values):
            let start: Int64 =
                switch reduction {
                case .max: .min
                case .min: .max
                default: 0
                }
            var sums = [Int64](repeating: start, count: count)
            Reference.walk(x.shape.dimensions, tracks) { index, offset in
                let value = values[index]
                switch reduction {
                case .mean, .sum: sums[offset] &+= value
                case .l2, .sumOfSquares: sums[offset] &+= value &* value
                case .max: sums[offset] = max(sums[offset], value)
                case .min: sums[offset] = min(sums[offset], value)
                }
            }
            let results = sums.map { sum in
                switch reduction {
                case .mean: sum / Int64(perSum)
                case .l2: x.type.saturated(Double(sum).squareRoot())
                default: x.type.wrapped(sum)
                }
            }
            return Tensor(shape: result.shape, type: x.type, elements: .integers(results))
        }
    }

    /// exp(x) over its sum along the axis; below opset 13 along all dimensions from the axis on.
    func softmax(axis: Int, flattensBelow: Bool) -> Tensor {
        let x = input(0)
        let place = axis < 0 ? axis + x.shape.rank : axis
        let axes = flattensBelow ? place..<x.shape.rank : place..<place + 1
        let (outer, length, inner) = Reference.extents(x.shape, around: axes)
        var values = x.floatValues
        for row in 0..<outer * inner where length > 0 {
            let first = row / inner * length * inner + row % inner
            let places = stride(from: first, to: first + length * inner, by: inner)
            // Taking off the largest keeps exp from overflowing and changes nothing else.
            let largest = places.reduce(-Float.infinity) { max($0, values[$1]) }
            let powers = places.map { exp(Double(values[$0] - largest)) }
            let sum = powers.reduce(0, +)
            for (place, power) in zip(places, powers) { values[place] = Float(power / sum) }
        }
        return Reference.tensor(values, result)
    }

    /// (x - mean) / sqrt(variance + epsilon) * scale + bias over all dimensions from the axis on.
    func layerNormalization(axis: Int, epsilon: Float) -> Tensor {
        let x = input(0)
        let place = axis < 0 ? axis + x.shape.rank : axis
        let (outer, length, _) = Reference.extents(x.shape, around: place..<x.shape.rank)
        let normalized = TensorShape(Array(x.shape.dimensions[place...]))
        let scales = Reference.broadcast(input(1), to: normalized).floatValues
        let biases = optional(2).map { Reference.broadcast($0, to: normalized).floatValues }
        var values = x.floatValues
        for row in 0..<outer {
            let places = row * length..<(row + 1) * length
            let mean = places.reduce(0) { $0 + Double(values[$1]) } / Double(length)
            let variance = places.reduce(0) { $0 + pow(Double(values[$1]) - mean, 2) } / Double(length)
            let factor = 1 / (variance + Double(epsilon)).squareRoot()
            for (index, place) in places.enumerated() {
                let scaled = (Double(values[place]) - mean) * factor * Double(scales[index])
                values[place] = Float(scaled + Double(biases?[index] ?? 0))
            }
        }
        return Reference.tensor(values, result)
    }

    /// (x - mean) / sqrt(variance + epsilon) * scale + bias for each channel, with the given means and variances.
    func batchNormalization(epsilon: Float) -> Tensor {
        let x = input(0)
        let (scale, bias) = (input(1).floatValues, input(2).floatValues)
        let (mean, variance) = (input(3).floatValues, input(4).floatValues)
        let (_, channels, inner) = Reference.extents(x.shape, around: 1..<2)
        var values = x.floatValues
        for index in values.indices {
            let channel = index / inner % channels
            let factor = Double(scale[channel]) / (Double(variance[channel]) + Double(epsilon)).squareRoot()
            values[index] = Float((Double(values[index]) - Double(mean[channel])) * factor + Double(bias[channel]))
        }
        return Reference.tensor(values, result)
    }
}
