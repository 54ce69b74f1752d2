extension ReferenceCall {
    /// One dimension after the other: nearest and linear are both separable.
    func resize(_ resizing: Operator.Resizing, _ dimensions: [ResizedDimension]) -> Tensor {
        let x = input(0)
        if resizing.mode == .nearest {
            let tracks = zip(dimensions, x.shape.rowMajorStrides).map { dimension, stride in
                Reference.Track.places((0..<dimension.output).map { resizing.nearest($0, in: dimension) * stride })
            }
            return Reference.gathered(x, result.shape, tracks)
        }
        var values = x.floatValues.map { Double($0) }
        var sizes = x.shape.dimensions
        for (axis, dimension) in dimensions.enumerated() where !dimension.isUnchanged {
            let (outer, length, inner) = Reference.extents(TensorShape(sizes), around: axis..<axis + 1)
            var resized: [Double] = []
            resized.reserveCapacity(outer * dimension.output * inner)
            for row in 0..<outer {
                for place in 0..<dimension.output {
                    let at = Double(min(max(resizing.source(place, in: dimension), 0), Float(length - 1)))
                    let lower = Int(at)
                    let upper = min(lower + 1, length - 1)
                    let share = at - Double(lower)
                    for column in 0..<inner {
                        let a = values[(row * length + lower) * inner + column]
                        let b = values[(row * length + upper) * inner + column]
                        resized.append(a + (b - a) * share)
                    }
                }
            }
            values = resized
            sizes[axis] = dimension.output
        }
        return Reference.tensor(values.map { Float($0) }, result)
    }
}

extension Operator.Resizing {
    /// Where in the input an output's place lies; may lie outside. In float, as ONNX Runtime computes it: nearest
    /// neighbours depend on the rounding.
    func source(_ place: Int, in dimension: ResizedDimension) -> Float {
        if dimension.isUnchanged { return Float(place) }
        let scale = dimension.scale
        switch coordinates {
        case .halfPixel: return (Float(place) + 0.5) / scale - 0.5
        case .pytorchHalfPixel: return dimension.output > 1 ? (Float(place) + 0.5) / scale - 0.5 : 0
        case .alignCorners:
            return dimension.output == 1
                ? 0 : Float(place) * Float(dimension.input - 1) / Float(dimension.output - 1)
        case .asymmetric: return Float(place) / scale
        }
    }

    /// The input's place that an output's place copies.
    func nearest(_ place: Int, in dimension: ResizedDimension) -> Int {
        let at = min(max(source(place, in: dimension), -1), Float(dimension.input))
        let rounded =
            switch rounding {
            case .preferFloor: (at - 0.5).rounded(.up)
            case .preferCeil: (at + 0.5).rounded(.down)
            case .floor: at.rounded(.down)
            case .ceil: at.rounded(.up)
            }
        return min(max(Int(rounded), 0), dimension.input - 1)
    }
}
