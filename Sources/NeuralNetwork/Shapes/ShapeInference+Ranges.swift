/// What Slice takes of one dimension: `count` places, `step` apart, from `start` on.
public struct SliceRange: Sendable, Hashable {
    /// The first place.
    public var start: Int
    /// From one place to the next; negative: backwards.
    public var step: Int
    /// How many places.
    public var count: Int

    package init(start: Int, step: Int, count: Int) {
        self.start = start
        self.step = step
        self.count = count
    }
}

extension ShapeInference {
    /// What is taken of each dimension of the input.
    ///
    /// Bounds count from behind where negative and are then cut off at the dimension's ends, as NumPy does.
    public func sliceRanges() throws(NetworkError) -> [SliceRange] {
        let x = try input(0, "its input")
        let starts = try integers(1, "its starts")
        let ends = try integers(2, "its ends")
        let axes = try resolved(axes: try optionalIntegers(3, "its axes") ?? Array(starts.indices), rank: x.shape.rank)
        let steps = try optionalIntegers(4, "its steps") ?? [Int](repeating: 1, count: starts.count)
        try require(
            starts.count == ends.count && starts.count == axes.count && starts.count == steps.count,
            "it has \(starts.count) starts, \(ends.count) ends, \(axes.count) axes, \(steps.count) steps")
        var ranges = x.shape.dimensions.map { SliceRange(start: 0, step: 1, count: $0) }
        for (index, axis) in axes.enumerated() {
            let size = x.shape[axis]
            // A step longer than the dimension takes one place, whatever its length: cut it, so that sums fit.
            let step = min(max(steps[index], -size - 1), size + 1)
            try require(step != 0, "a step of 0 goes nowhere")
            // Backwards, the place before the first one is a bound too.
            let bounds = step > 0 ? 0...size : -1...max(-1, size - 1)
            func place(_ bound: Int) -> Int {
                let counted = bound < 0 ? bound + size : bound
                return min(max(counted, bounds.lowerBound), bounds.upperBound)
            }
            let start = place(starts[index])
            let end = place(ends[index])
            let way = step > 0 ? end - start : start - end
            ranges[axis] = SliceRange(start: start, step: step, count: way > 0 ? (way - 1) / abs(step) + 1 : 0)
        }
        return ranges
    }

    func slice() throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        return try result(try sliceRanges().map(\.count), x.element)
    }

    /// Rows added before and behind each dimension of the input; negative ones are cut off instead.
    public func padAmounts(_ mode: Operator.PadMode) throws(NetworkError) -> [(before: Int, behind: Int)] {
        let x = try input(0, "its input")
        let amounts = try integers(1, "its pads")
        let rank = x.shape.rank
        let axes = try resolved(axes: try optionalIntegers(3, "its axes") ?? Array(0..<rank), rank: rank)
        try require(amounts.count == 2 * axes.count, "it has \(amounts.count) pads for \(axes.count) dimensions")
        if let value = optional(2) {
            try require(value.shape.elementCount == 1, "its value \(value.shape) is not one number")
            try require(
                value.element.isFloat == x.element.isFloat, "its value is \(value.element), its input \(x.element)")
        }
        var pads = [(before: Int, behind: Int)](repeating: (0, 0), count: rank)
        for (index, axis) in axes.enumerated() {
            let before = amounts[index]
            let behind = amounts[index + axes.count]
            let size = x.shape[axis]
            let most = Self.largestStep
            try require(max(before, behind) <= most && min(before, behind) >= -most, "pads \(amounts) are too large")
            switch mode {
            case .constant:
                try require(size + before + behind >= 0, "pads \(amounts) cut off more than \(x.shape) has")
            case .reflect:
                try require(min(before, behind) >= 0, "pads \(amounts) cut off, which reflecting does not")
                try require(
                    max(before, behind) < max(1, size), "pads \(amounts) reflect more than \(x.shape) has")
            case .edge:
                try require(min(before, behind) >= 0, "pads \(amounts) cut off, which repeating the edge does not")
                try require(size > 0 || before + behind == 0, "\(x.shape) has no edge to repeat")
            }
            pads[axis] = (before, behind)
        }
        return pads
    }

    func pad(_ mode: Operator.PadMode) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        let pads = try padAmounts(mode)
        return try result(zip(x.shape.dimensions, pads).map { $0 + $1.before + $1.behind }, x.element)
    }
}
