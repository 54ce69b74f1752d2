extension ReferenceCall {
    /// y[n,m,r,c] = bias[m] + sum over i,k,l of x[n, group's first channel + i, r*s - p + k*d, c*s - p + l*d] *
    /// weights[m,i,k,l]; rows and columns outside of x count as 0.
    func evaluate(_ convolution: Operator.Convolution) throws(NetworkError) -> Tensor {
        let x = input(0)
        let weights = input(1)
        let bias = optional(2)?.floatValues
        let geometry = try convolution.geometry(input: x.shape, weights: weights.shape, node: inference.node)
        let pixels = x.floatValues
        let taps = weights.floatValues
        let (filters, channels) = (weights.shape[0], weights.shape[1])
        let (inputArea, outputArea) = (geometry.input[0] * geometry.input[1], geometry.output[0] * geometry.output[1])
        let (height, width) = (geometry.kernel[0], geometry.kernel[1])
        var values = [Float](repeating: 0, count: x.shape[0] * filters * outputArea)
        for image in 0..<x.shape[0] {
            for filter in 0..<filters {
                var sums = [Double](repeating: Double(bias?[filter] ?? 0), count: outputArea)
                let firstChannel = filter / (filters / convolution.group) * channels
                for channel in 0..<channels {
                    let plane = (image * x.shape[1] + firstChannel + channel) * inputArea
                    for tap in 0..<height * width {
                        let weight = Double(taps[(filter * channels + channel) * height * width + tap])
                        geometry.forEachRow(tap / width, tap % width) { output, input, step, count in
                            for column in 0..<count {
                                sums[output + column] += weight * Double(pixels[plane + input + column * step])
                            }
                        }
                    }
                }
                let first = (image * filters + filter) * outputArea
                for index in 0..<outputArea { values[first + index] = Float(sums[index]) }
            }
        }
        return Reference.tensor(values, result)
    }

    /// Largest element or mean of each window. The mean is that of the elements inside of the picture, or, where the
    /// padding counts, of those inside of picture and padding, which a window of the ceiling mode may reach beyond.
    func evaluate(_ pooling: Operator.Pooling) throws(NetworkError) -> Tensor {
        let x = input(0)
        let geometry = try pooling.geometry(input: x.shape, node: inference.node)
        let pixels = x.floatValues
        let (inputArea, outputArea) = (geometry.input[0] * geometry.input[1], geometry.output[0] * geometry.output[1])
        let width = geometry.kernel[1]
        var values: [Float] = []
        values.reserveCapacity(x.shape[0] * x.shape[1] * outputArea)
        let counts = pooling.kind == .average ? geometry.windowCounts(padding: pooling.countsPadding) : []
        for plane in 0..<x.shape[0] * x.shape[1] {
            var sums = [Double](repeating: pooling.kind == .max ? -.infinity : 0, count: outputArea)
            for tap in 0..<geometry.kernel[0] * width {
                geometry.forEachRow(tap / width, tap % width) { output, input, step, count in
                    for column in 0..<count {
                        let pixel = Double(pixels[plane * inputArea + input + column * step])
                        let sum = sums[output + column]
                        sums[output + column] = pooling.kind == .average ? sum + pixel : Reference.larger(sum, pixel)
                    }
                }
            }
            for index in 0..<outputArea {
                // A dilated window may miss the picture: its mean is 0.
                values.append(Float(pooling.kind == .max ? sums[index] : sums[index] / Double(max(1, counts[index]))))
            }
        }
        return Reference.tensor(values, result)
    }

    func globalPool(_ kind: Operator.PoolKind) -> Tensor {
        let x = input(0)
        return reduce(kind == .max ? .max : .mean, axes: Array(2..<x.shape.rank))
    }
}

extension WindowGeometry {
    /// Calls `body` for each output row whose window has tap (`down`, `across`) inside of the picture: the place of the
    /// first such output pixel, the place of the input pixel below the tap, the distance of input pixels, how many.
    @inline(__always)
    func forEachRow(
        _ down: Int, _ across: Int, _ body: (_ output: Int, _ input: Int, _ step: Int, _ count: Int) -> Void
    ) {
        let shift = across * dilations[1] - padding[1]
        let first = shift >= 0 ? 0 : (-shift + strides[1] - 1) / strides[1]
        let room = input[1] - 1 - shift
        let last = room < 0 ? -1 : min(output[1] - 1, room / strides[1])
        guard first <= last else { return }
        for row in 0..<output[0] {
            let inputRow = row * strides[0] + down * dilations[0] - padding[0]
            guard inputRow >= 0 && inputRow < input[0] else { continue }
            body(
                row * output[1] + first, inputRow * input[1] + first * strides[1] + shift, strides[1],
                last - first + 1)
        }
    }

    /// By how many elements each window's sum is divided.
    func windowCounts(padding counted: Bool) -> [Int] {
        let counts = [0, 1].map { side in
            (0..<output[side]).map { place in
                (0..<kernel[side]).count { tap in
                    let at = place * strides[side] + tap * dilations[side] - padding[side]
                    return counted ? at < input[side] + padding[side + 2] : at >= 0 && at < input[side]
                }
            }
        }
        return counts[0].flatMap { rows in counts[1].map { rows * $0 } }
    }
}
