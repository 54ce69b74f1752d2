extension ReferenceCall {
    func concat(axis: Int) -> Tensor {
        let axis = axis < 0 ? axis + result.shape.rank : axis
        let parts = inputs.compactMap { $0 }
        let (outer, _, inner) = Reference.extents(result.shape, around: axis..<axis + 1)
        func joined<Element>(_ arrays: [[Element]]) -> [Element] {
            var values: [Element] = []
            values.reserveCapacity(result.shape.elementCount ?? 0)
            for row in 0..<outer {
                for (part, array) in zip(parts, arrays) {
                    let length = part.shape[axis] * inner
                    values += array[row * length..<(row + 1) * length]
                }
            }
            return values
        }
        let elements: Tensor.Elements =
            result.element.isFloat
            ? .floats(joined(parts.map(\.floatValues))) : .integers(joined(parts.map(\.integerValues)))
        return Tensor(shape: result.shape, type: result.element, elements: elements)
    }

    func split(axis: Int, sizes: [Int]) -> [Tensor] {
        let x = input(0)
        let axis = axis < 0 ? axis + x.shape.rank : axis
        var start = 0
        return sizes.map { size in
            var ranges = x.shape.dimensions.map { SliceRange(start: 0, step: 1, count: $0) }
            ranges[axis] = SliceRange(start: start, step: 1, count: size)
            start += size
            return slice(ranges)
        }
    }

    func slice(_ ranges: [SliceRange]) -> Tensor {
        let x = input(0)
        let tracks = zip(ranges, x.shape.rowMajorStrides).map { range, stride in
            Reference.Track.steps(start: range.start * stride, step: range.step * stride)
        }
        return Reference.gathered(x, TensorShape(ranges.map(\.count)), tracks)
    }

    func transpose(_ permutation: [Int]) -> Tensor {
        let x = input(0)
        let strides = x.shape.rowMajorStrides
        let tracks = permutation.map { Reference.Track.steps(start: 0, step: strides[$0]) }
        return Reference.gathered(x, result.shape, tracks)
    }

    func pad(_ mode: Operator.PadMode, _ pads: [(before: Int, behind: Int)]) -> Tensor {
        let x = input(0)
        let strides = x.shape.rowMajorStrides
        let tracks = result.shape.dimensions.indices.map { dimension in
            let places = (0..<result.shape[dimension]).map { place in
                let size = x.shape[dimension]
                let from = place - pads[dimension].before
                switch mode {
                case .constant: return from >= 0 && from < size ? from * strides[dimension] : Reference.outside
                case .edge: return min(max(from, 0), size - 1) * strides[dimension]
                case .reflect:
                    let mirrored = from < 0 ? -from : from
                    return (mirrored < size ? mirrored : 2 * (size - 1) - mirrored) * strides[dimension]
                }
            }
            return Reference.Track.places(places)
        }
        return Reference.gathered(x, result.shape, tracks, fill: optional(2))
    }

    func gather(axis: Int) throws(NetworkError) -> Tensor {
        let x = input(0)
        let axis = axis < 0 ? axis + x.shape.rank : axis
        let places = try inference.gatheredIndices(input(1), size: x.shape[axis])
        let (outer, length, inner) = Reference.extents(x.shape, around: axis..<axis + 1)
        let tracks = [
            Reference.Track.steps(start: 0, step: length * inner), .places(places.map { $0 * inner }),
            .steps(start: 0, step: 1),
        ]
        return Reference.reshaped(Reference.gathered(x, [outer, places.count, inner], tracks), result.shape)
    }
}

extension Reference {
    /// The sizes of some dimensions, as a list.
    static func shape(of shape: TensorShape, in range: Range<Int>) -> Tensor {
        Tensor(shape.dimensions[range].map { Int64($0) }, [range.count])
    }
}
