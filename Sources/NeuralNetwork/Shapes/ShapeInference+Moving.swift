extension ShapeInference {
    func concat(axis: Int) throws(NetworkError) -> TensorType {
        let first = try input(0, "its first input")
        let axis = try resolved(axis: axis, rank: first.shape.rank)
        var dimensions = first.shape.dimensions
        for index in inputs.indices.dropFirst() {
            let next = try input(index, "as all its inputs")
            try require(next.element.isFloat == first.element.isFloat, "it joins \(first.element) and \(next.element)")
            var fits = next.shape.rank == first.shape.rank
            if fits {
                for place in dimensions.indices where place != axis {
                    fits = fits && next.shape[place] == first.shape[place]
                }
            }
            try require(fits, "input \(index) \(next.shape) does not fit \(first.shape) along axis \(axis)")
            let (sum, overflow) = dimensions[axis].addingReportingOverflow(next.shape[axis])
            if overflow { throw tooLarge("its result is longer than can be counted") }
            dimensions[axis] = sum
        }
        return try result(dimensions, first.element)
    }

    /// Sizes of the parts along the axis: as given, or equal ones of which the last may be smaller.
    public func splitSizes(axis: Int, count: Int) throws(NetworkError) -> [Int] {
        let x = try input(0, "its input")
        let size = x.shape[try resolved(axis: axis, rank: x.shape.rank)]
        try require(count > 0, "it has no outputs")
        if let sizes = try optionalIntegers(1, "its sizes") {
            try require(sizes.count == count, "it has \(count) outputs and sizes for \(sizes.count)")
            var rest = size
            for part in sizes {
                try require(part >= 0 && part <= rest, "parts of \(sizes) do not make up \(size)")
                rest -= part
            }
            try require(rest == 0, "parts of \(sizes) do not make up \(size)")
            return sizes
        }
        let part = size / count + (size % count == 0 ? 0 : 1)
        let last = size - part * (count - 1)
        try require(last > 0 || size == 0, "\(size) cannot be split into \(count) parts")
        return [Int](repeating: part, count: count - 1) + [last]
    }

    func split(axis: Int, count: Int) throws(NetworkError) -> [TensorType] {
        let x = try input(0, "its input")
        let place = try resolved(axis: axis, rank: x.shape.rank)
        var types: [TensorType] = []
        for size in try splitSizes(axis: axis, count: count) {
            var dimensions = x.shape.dimensions
            dimensions[place] = size
            types.append(try result(dimensions, x.element))
        }
        return types
    }

    func reshape(zeroIsZero: Bool) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        let asked = try integers(1, "its shape")
        var dimensions = asked
        var open: Int?
        for (index, size) in asked.enumerated() {
            if size == -1 {
                try require(open == nil, "shape \(asked) leaves two sizes open")
                open = index
                dimensions[index] = 1
            } else if size == 0 && !zeroIsZero {
                try require(index < x.shape.rank, "shape \(asked) copies size \(index), which \(x.shape) does not have")
                dimensions[index] = x.shape[index]
            }
            try require(dimensions[index] >= 0, "shape \(asked) has a negative size")
        }
        let count = x.shape.elementCount ?? 0
        guard let known = TensorShape(dimensions).elementCount else {
            throw contradiction("\(x.shape) cannot be read as \(asked)")
        }
        if let open {
            try require(known > 0 && count % known == 0, "\(x.shape) cannot be read as \(asked)")
            dimensions[open] = count / known
        } else {
            try require(known == count, "\(x.shape) cannot be read as \(asked)")
        }
        return try result(dimensions, x.element)
    }

    func flatten(axis: Int) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        let rank = x.shape.rank
        try require(axis >= -rank && axis <= rank, "axis \(axis) does not exist in \(rank) dimensions")
        let place = axis < 0 ? axis + rank : axis
        let outer = TensorShape(Array(x.shape.dimensions[..<place])).elementCount
        let inner = TensorShape(Array(x.shape.dimensions[place...])).elementCount
        guard let outer, let inner else { throw tooLarge("its result is longer than can be counted") }
        return try result([outer, inner], x.element)
    }

    /// The order in which dimensions of the input become those of the output; nil reverses them.
    public func permutation(_ asked: [Int]?) throws(NetworkError) -> [Int] {
        let rank = try input(0, "its input").shape.rank
        guard let asked else { return Array((0..<rank).reversed()) }
        try require(asked.sorted() == Array(0..<rank), "\(asked) is no order of \(rank) dimensions")
        return asked
    }

    func transpose(_ asked: [Int]?) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        return TensorType(x.element, TensorShape(try permutation(asked).map { x.shape[$0] }))
    }

    func squeeze() throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        var dimensions = x.shape.dimensions
        guard let asked = try optionalIntegers(1, "its axes") else {
            return try result(dimensions.filter { $0 != 1 }, x.element)
        }
        for axis in try resolved(axes: asked, rank: x.shape.rank).sorted(by: >) {
            try require(dimensions[axis] == 1, "axis \(axis) of \(x.shape) is not 1 and cannot be taken away")
            dimensions.remove(at: axis)
        }
        return try result(dimensions, x.element)
    }

    func unsqueeze() throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        let asked = try integers(1, "its axes")
        if asked.count > limits.rank { throw tooLarge("it adds \(asked.count) dimensions, more than \(limits.rank)") }
        var dimensions = x.shape.dimensions
        for axis in try resolved(axes: asked, rank: x.shape.rank + asked.count).sorted() {
            dimensions.insert(1, at: axis)
        }
        return try result(dimensions, x.element)
    }

    func expand() throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        let asked = try integers(1, "its shape")
        try require(!asked.contains { $0 < 0 }, "shape \(asked) has a negative size")
        guard let shape = x.shape.broadcast(with: TensorShape(asked)) else {
            throw contradiction("\(x.shape) cannot be repeated to \(asked)")
        }
        return try result(shape.dimensions, x.element)
    }

    func constantOfShape(_ value: Tensor) throws(NetworkError) -> TensorType {
        let asked = try integers(0, "its shape")
        try require(!asked.contains { $0 < 0 }, "shape \(asked) has a negative size")
        try require(value.elements.count == 1, "its value has \(value.elements.count) elements, not one")
        return try result(asked, value.type)
    }

    /// The dimensions of its input that Shape gives: bounds count from behind where negative, and are cut off.
    public func shapeRange(start: Int, end: Int?) throws(NetworkError) -> Range<Int> {
        let rank = try input(0, "its input").shape.rank
        func place(_ bound: Int) -> Int { min(max(bound < 0 ? bound + rank : bound, 0), rank) }
        let first = place(start)
        return first..<max(first, place(end ?? rank))
    }

    func shape(start: Int, end: Int?) throws(NetworkError) -> TensorType {
        try result([try shapeRange(start: start, end: end).count], .int64)
    }

    func gather(axis: Int) throws(NetworkError) -> TensorType {
        let x = try input(0, "its input")
        let indices = try input(1, "its indices")
        try require(!indices.element.isFloat, "its indices are \(indices.element), not whole numbers")
        let place = try resolved(axis: axis, rank: x.shape.rank)
        if constants.count > 1, let known = constants[1] { _ = try gatheredIndices(known, size: x.shape[place]) }
        var dimensions = x.shape.dimensions
        dimensions.replaceSubrange(place...place, with: indices.shape.dimensions)
        return try result(dimensions, x.element)
    }

    /// Indices counted from the front, each within a dimension of `size`.
    func gatheredIndices(_ indices: Tensor, size: Int) throws(NetworkError) -> [Int] {
        var places: [Int] = []
        for index in indices.integers ?? [] {
            let place = Int(index)
            try require(place >= -size && place < size, "index \(place) is not within a dimension of \(size)")
            places.append(place < 0 ? place + size : place)
        }
        return places
    }
}
