/// ONNX's operators as plain loops over row-major arrays: the definition that faster code is compared with.
///
/// They serve three times: as oracle of the fast engine (which is why they ship), to compute constants while a network
/// is planned, and for operators that have no fast kernel. Sums are taken in double precision, so that the oracle's
/// own rounding is far below the differences looked for. Functions here trust their arguments: `ShapeInference` has
/// checked them.
enum Reference {
    /// What each index along one dimension adds to an offset into another tensor.
    enum Track {
        /// `start + index * step`
        case steps(start: Int, step: Int)
        /// An entry for each index.
        case places([Int])

        @inline(__always)
        subscript(index: Int) -> Int {
            switch self {
            case .steps(let start, let step): start + index * step
            case .places(let places): places[index]
            }
        }
    }

    /// Calls `body` with each place of `shape` in row-major order and the sum of what its indices add, one track for
    /// each dimension. With the strides of another tensor as steps that sum is an offset into it.
    @inline(__always)
    static func walk(_ shape: [Int], _ tracks: [Track], _ body: (_ index: Int, _ offset: Int) -> Void) {
        guard !shape.contains(0) else { return }
        guard let width = shape.last, let last = tracks.last else { return body(0, 0) }
        let outer = shape.count - 1
        var place = [Int](repeating: 0, count: outer)
        var index = 0
        while true {
            var offset = 0
            for dimension in 0..<outer { offset += tracks[dimension][place[dimension]] }
            for column in 0..<width {
                body(index, offset + last[column])
                index += 1
            }
            var dimension = outer - 1
            while dimension >= 0 {
                place[dimension] += 1
                if place[dimension] < shape[dimension] { break }
                place[dimension] = 0
                dimension -= 1
            }
            if dimension < 0 { return }
        }
    }

    /// A place that makes any sum negative: outside of the source.
    static let outside = Int.min / 16

    /// A tensor of `shape` whose element at each place is the element of `source` at the sum of what the tracks add,
    /// or `fill` where that sum is negative.
    static func gathered(_ source: Tensor, _ shape: TensorShape, _ tracks: [Track], fill: Tensor? = nil) -> Tensor {
        func pick<Element>(_ values: [Element], _ fill: Element) -> [Element] {
            var result = [Element](repeating: fill, count: shape.elementCount ?? 0)
            walk(shape.dimensions, tracks) { index, offset in
                if offset >= 0 { result[index] = values[offset] }
            }
            return result
        }
        let elements: Tensor.Elements =
            switch source.elements {
            case .floats(let values): .floats(pick(values, fill?.floats?.first ?? 0))
            case .integers(let values): .integers(pick(values, fill?.integers?.first ?? 0))
            }
        return Tensor(shape: shape, type: source.type, elements: elements)
    }

    /// Tracks that repeat a tensor of shape `source` to fill `target`.
    static func broadcastTracks(_ source: TensorShape, to target: TensorShape) -> [Track] {
        let sizes = source.padded(toRank: target.rank)
        return zip(sizes, TensorShape(sizes).rowMajorStrides).map { size, stride in
            .steps(start: 0, step: size == 1 ? 0 : stride)
        }
    }

    /// `source` repeated to fill `target`.
    static func broadcast(_ source: Tensor, to target: TensorShape) -> Tensor {
        source.shape == target ? source : gathered(source, target, broadcastTracks(source.shape, to: target))
    }

    /// The same elements under another shape.
    static func reshaped(_ source: Tensor, _ shape: TensorShape) -> Tensor {
        Tensor(shape: shape, type: source.type, elements: source.elements)
    }

    /// A tensor of floats of the type that inference found.
    static func tensor(_ values: [Float], _ type: TensorType) -> Tensor {
        Tensor(shape: type.shape, type: type.element, elements: .floats(values))
    }

    /// Elements before, along and behind a dimension: the three loops of everything that works along one axis.
    static func extents(_ shape: TensorShape, around axes: Range<Int>) -> (outer: Int, length: Int, inner: Int) {
        let sizes = shape.dimensions
        return (
            sizes[..<axes.lowerBound].reduce(1, *), sizes[axes].reduce(1, *), sizes[axes.upperBound...].reduce(1, *)
        )
    }
}

extension Tensor {
    /// The floats of a tensor that inference found to hold some.
    var floatValues: [Float] {
        guard let floats else { preconditionFailure("a tensor of \(type) where inference found floats") }
        return floats
    }

    /// The whole numbers of a tensor that inference found to hold some.
    var integerValues: [Int64] {
        guard let integers else { preconditionFailure("a tensor of \(type) where inference found whole numbers") }
        return integers
    }
}
