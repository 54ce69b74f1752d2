/// A stretch of memory that a plan gives out: part of the arena, or a constant. Its place in `Layout.storages`.
package typealias StorageID = Int

/// How a tensor lies in memory: where its first element is and how far apart its neighbours are along each dimension,
/// in elements. The shape is the one that ONNX gives it; pictures [N,C,H,W] usually lie channels-last.
package struct View: Hashable {
    package var storage: StorageID
    /// Of the first element, from the storage's start.
    package var offset: Int
    package var shape: [Int]
    package var strides: [Int]

    package init(storage: StorageID, offset: Int = 0, shape: [Int], strides: [Int]) {
        self.storage = storage
        self.offset = offset
        self.shape = shape
        self.strides = strides
    }

    package var rank: Int { shape.count }
    package var count: Int { shape.reduce(1, *) }

    /// One element after the other in row-major order.
    package var isRowMajor: Bool { isDense(order: Array(shape.indices)) }

    /// One element after the other in some order of the dimensions.
    var isDense: Bool { isDense(order: order) }

    /// A picture whose channels lie side by side; pixels and rows may have gaps.
    package var hasChannelsLast: Bool { rank == 4 && (shape[1] == 1 || strides[1] == 1) }

    /// Dimensions from the one with the longest steps to the one with the shortest; equals keep their order.
    package var order: [Int] {
        shape.indices.sorted { strides[$0] == strides[$1] ? $0 < $1 : strides[$0] > strides[$1] }
    }

    private func isDense(order: [Int]) -> Bool {
        var step = 1
        for dimension in order.reversed() where shape[dimension] != 1 {
            guard strides[dimension] == step else { return false }
            step *= shape[dimension]
        }
        return true
    }

    /// Strides of a dense tensor of this shape whose dimensions lie in `order`, outermost first.
    package static func strides(of shape: [Int], order: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        var step = 1
        for dimension in order.reversed() {
            strides[dimension] = step
            step *= max(1, shape[dimension])
        }
        return strides
    }

    /// The order of a picture with its channels last.
    package static let channelsLast = [0, 2, 3, 1]

    // MARK: Views of a view

    /// The same elements with dimensions in another order.
    package func transposed(_ permutation: [Int]) -> View {
        var view = self
        view.shape = permutation.map { shape[$0] }
        view.strides = permutation.map { strides[$0] }
        return view
    }

    /// Some places of each dimension.
    package func sliced(_ ranges: [SliceRange]) -> View {
        var view = self
        for (dimension, range) in ranges.enumerated() {
            view.offset += range.count == 0 ? 0 : range.start * strides[dimension]
            view.strides[dimension] = strides[dimension] * range.step
            view.shape[dimension] = range.count
        }
        return view
    }

    /// `count` places of one dimension from `start` on.
    package func sliced(_ dimension: Int, from start: Int, count: Int) -> View {
        var ranges = shape.map { SliceRange(start: 0, step: 1, count: $0) }
        ranges[dimension] = SliceRange(start: start, step: 1, count: count)
        return sliced(ranges)
    }

    /// Repeated to a shape that it broadcasts to.
    package func broadcast(to target: [Int]) -> View {
        var view = self
        let missing = target.count - rank
        view.shape = target
        view.strides = target.indices.map { dimension in
            guard dimension >= missing, shape[dimension - missing] == target[dimension] else { return 0 }
            return strides[dimension - missing]
        }
        return view
    }

    /// The same elements, in row-major order of the shapes, under another shape; nil where steps do not allow it and
    /// the elements must be moved.
    package func reshaped(_ target: [Int]) -> View? {
        var view = self
        view.shape = target
        if count == 0 || target.isEmpty || count == 1 {
            view.strides = [Int](repeating: 1, count: target.count)
            return view
        }
        // Dimensions that lie one behind the other form runs; the new dimensions must divide each run among them.
        let sizes = shape.indices.filter { shape[$0] != 1 }.map { (size: shape[$0], stride: self.strides[$0]) }
        var strides = [Int](repeating: 1, count: target.count)
        var old = sizes.count - 1
        var new = target.count - 1
        while old >= 0 {
            var run = sizes[old].size
            let step = sizes[old].stride
            while old > 0, sizes[old - 1].stride == sizes[old].stride * sizes[old].size {
                old -= 1
                run *= sizes[old].size
            }
            old -= 1
            var covered = 1
            while new >= 0, covered < run || target[new] == 1 {
                strides[new] = covered * step
                covered *= target[new]
                new -= 1
            }
            guard covered == run else { return nil }
        }
        view.strides = strides
        return view
    }
}
