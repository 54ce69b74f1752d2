import NeuralNetwork
import TestSupport
import Testing

/// Laws that hold for random shapes: each says one operator in terms of others, or undoes one.
///
/// Golden vectors fix a few forms; these draw many. The seed is in every message.
@Suite struct OperatorIdentityTests {
    /// Draws shapes, contents and attributes.
    struct Draw {
        var random: SeededRandom
        let seed: UInt64

        init(_ number: UInt64) {
            seed = SeededRandom.seed(of: number)
            random = SeededRandom(seed: seed)
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

        mutating func flag() -> Bool { Bool.random(using: &random) }

        mutating func shape(rank: ClosedRange<Int> = 1...5) -> TensorShape {
            TensorShape((0..<number(rank)).map { _ in number(1...5) })
        }

        mutating func tensor(_ shape: TensorShape) -> Tensor {
            Tensor((0..<(shape.elementCount ?? 0)).map { _ in Float.random(in: -2...2, using: &random) }, shape)
        }

        mutating func tensor(_ sizes: Int...) -> Tensor { tensor(TensorShape(sizes)) }

        /// An axis of a shape, counted from the front or from behind.
        mutating func axis(_ shape: TensorShape) -> Int {
            let axis = number(0...shape.rank - 1)
            return flag() ? axis : axis - shape.rank
        }
    }

    private func repeatedly(_ number: UInt64, times: Int = 100, _ body: (inout Draw) throws -> Void) rethrows {
        var draw = Draw(number)
        for _ in 0..<times { try body(&draw) }
    }

    /// Equal but for rounding, relative to the largest magnitude.
    private func expectClose(
        _ a: Tensor, _ b: Tensor, _ seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let vector = OperatorVector(name: "seed \(seed)", model: .init(), tolerance: 2e-6, input: a, outputs: [b])
        let mismatch = vector.mismatch([a])
        #expect(mismatch == nil, sourceLocation: sourceLocation)
    }

    // MARK: Moving

    @Test func whatIsSplitIsJoined() throws {
        try repeatedly(501) { draw in
            let x = draw.tensor(draw.shape())
            let axis = draw.axis(x.shape)
            let size = x.shape[axis < 0 ? axis + x.shape.rank : axis]
            let first = draw.number(0...size)
            let parts = try NodeUnderTest(.split(axis: axis, count: 2))(x, .list(first, size - first))
            #expect(try NodeUnderTest(.concat(axis: axis))(parts[0], parts[1]) == [x], "seed \(draw.seed)")
        }
    }

    @Test func whatIsPaddedIsCut() throws {
        try repeatedly(502) { draw in
            let x = draw.tensor(draw.shape())
            let modes: [Operator.PadMode] = [.constant, .edge, .reflect]
            let mode = modes[draw.number(0...2)]
            let pads = (0..<2 * x.shape.rank).map { index in
                draw.number(0...(mode == .reflect ? x.shape[index % x.shape.rank] - 1 : 4))
            }
            let padded = try NodeUnderTest(.pad(mode))(x, .list(pads), mode == .constant ? .number(7) : nil)[0]
            let starts = Array(pads[..<x.shape.rank])
            let ends = zip(starts, x.shape.dimensions).map { $0 + $1 }
            #expect(try NodeUnderTest(.slice)(padded, .list(starts), .list(ends)) == [x], "seed \(draw.seed)")
            let cut = try NodeUnderTest(.pad(.constant))(padded, .list(pads.map { -$0 }))
            #expect(cut == [x], "seed \(draw.seed)")
        }
    }

    @Test func whatIsTransposedTwiceIsAsBefore() throws {
        try repeatedly(503) { draw in
            let x = draw.tensor(draw.shape())
            let order = Array(0..<x.shape.rank).shuffled(using: &draw.random)
            let back = order.indices.map { place in order.firstIndex(of: place) ?? 0 }
            let there = try NodeUnderTest(.transpose(permutation: order))(x)[0]
            #expect(try NodeUnderTest(.transpose(permutation: back))(there) == [x], "seed \(draw.seed)")
            let reversed = try NodeUnderTest(.transpose(permutation: nil))(x)[0]
            #expect(try NodeUnderTest(.transpose(permutation: nil))(reversed) == [x], "seed \(draw.seed)")
        }
    }

    @Test func whatIsSlicedBackwardsTwiceIsAsBefore() throws {
        try repeatedly(504) { draw in
            let x = draw.tensor(draw.shape())
            let axis = Tensor.list(draw.axis(x.shape))
            let slice = NodeUnderTest(.slice)
            let back = try slice(x, .list(-1), .list(Int.min), axis, .list(-1))[0]
            #expect(try slice(back, .list(Int.max), .list(Int.min), axis, .list(-1)) == [x], "seed \(draw.seed)")
        }
    }

    @Test func slicesAreGathered() throws {
        try repeatedly(505) { draw in
            let x = draw.tensor(draw.shape())
            let axis = draw.axis(x.shape)
            let size = x.shape[axis < 0 ? axis + x.shape.rank : axis]
            let (start, end) = (draw.number(-7...7), draw.number(-7...7))
            let step = [-3, -2, -1, 1, 2, 3][draw.number(0...5)]
            // Python's rule, place by place.
            var places: [Int] = []
            var place = start < 0 ? max(start + size, step < 0 ? -1 : 0) : min(start, step < 0 ? size - 1 : size)
            let bound = end < 0 ? max(end + size, step < 0 ? -1 : 0) : min(end, step < 0 ? size - 1 : size)
            while step > 0 ? place < bound : place > bound {
                places.append(place)
                place += step
            }
            let sliced = try NodeUnderTest(.slice)(x, .list(start), .list(end), .list(axis), .list(step))
            #expect(try NodeUnderTest(.gather(axis: axis))(x, .list(places)) == sliced, "seed \(draw.seed)")
        }
    }

    @Test func reshapingKeepsElementsInOrder() throws {
        try repeatedly(506) { draw in
            let x = draw.tensor(draw.shape())
            let flat = try NodeUnderTest(.flatten(axis: draw.axis(x.shape)))(x)[0]
            #expect(flat.elements == x.elements)
            let sizes = Tensor.list(x.shape.dimensions)
            #expect(try NodeUnderTest(.reshape(zeroIsZero: false))(flat, sizes) == [x], "seed \(draw.seed)")
            let axes = Tensor.list(draw.number(0...x.shape.rank + 1))
            if let axis = axes.integers?.first, axis <= x.shape.rank {
                let longer = try NodeUnderTest(.unsqueeze)(x, axes)[0]
                #expect(try NodeUnderTest(.squeeze)(longer, axes) == [x], "seed \(draw.seed)")
            }
        }
    }

    @Test func enlargingByWholeNumbersRepeats() throws {
        try repeatedly(507, times: 50) { draw in
            let x = draw.tensor(1, draw.number(1...3), draw.number(1...5), draw.number(1...5))
            let (down, across) = (draw.number(1...4), draw.number(1...4))
            let resize = Operator.resize {
                $0.coordinates = .asymmetric
                $0.rounding = .floor
            }
            let scales = Tensor([1, 1, Float(down), Float(across)], [4])
            let rows = (0..<x.shape[2] * down).map { $0 / down }
            let columns = (0..<x.shape[3] * across).map { $0 / across }
            let repeated = try NodeUnderTest(.gather(axis: 3))(
                NodeUnderTest(.gather(axis: 2))(x, .list(rows))[0], .list(columns))
            #expect(try NodeUnderTest(resize)(x, nil, scales) == repeated, "seed \(draw.seed)")
        }
    }

    // MARK: Computing

    @Test func pointwiseConvolutionIsAProduct() throws {
        try repeatedly(511, times: 50) { draw in
            let (channels, filters) = (draw.number(1...9), draw.number(1...9))
            let x = draw.tensor(1, channels, draw.number(1...5), draw.number(1...5))
            let w = draw.tensor(filters, channels, 1, 1)
            let y = try NodeUnderTest(.convolution { _ in })(x, w)[0]
            let reshape = NodeUnderTest(.reshape(zeroIsZero: false))
            let product = try NodeUnderTest(.matMul)(
                reshape(w, .list(filters, channels))[0], reshape(x, .list(channels, -1))[0])[0]
            expectClose(try reshape(product, .list(y.shape.dimensions))[0], y, draw.seed)
        }
    }

    /// Padding, dilation, stride and groups, each by its own meaning.
    @Test func convolutionIsAsItsAttributesMean() throws {
        try repeatedly(512) { draw in
            let group = draw.number(1...3)
            let (channels, filters) = (group * draw.number(1...3), group * draw.number(1...3))
            let kernel = [draw.number(1...4), draw.number(1...4)]
            let dilations = [draw.number(1...3), draw.number(1...3)]
            let strides = [draw.number(1...3), draw.number(1...3)]
            let pads = (0..<4).map { _ in draw.number(0...3) }
            let span = [0, 1].map { (kernel[$0] - 1) * dilations[$0] + 1 }
            let size = [0, 1].map { max(1, span[$0] - pads[$0] - pads[$0 + 2]) + draw.number(0...5) }
            let x = draw.tensor(draw.number(1...2), channels, size[0], size[1])
            let w = draw.tensor(filters, channels / group, kernel[0], kernel[1])
            let y = try NodeUnderTest(
                .convolution {
                    $0.group = group
                    $0.strides = strides
                    $0.dilations = dilations
                    $0.padding = .explicit(pads)
                })(x, w)[0]

            let padded = try NodeUnderTest(.pad(.constant))(
                x, .list(0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]))[0]
            // A dilated kernel has zeros between its taps.
            var taps = [Float](repeating: 0, count: filters * channels / group * span[0] * span[1])
            for (index, tap) in (w.floats ?? []).enumerated() {
                let (row, column) = (index / kernel[1] % kernel[0] * dilations[0], index % kernel[1] * dilations[1])
                taps[index / (kernel[0] * kernel[1]) * span[0] * span[1] + row * span[1] + column] = tap
            }
            let spread = Tensor(taps, [filters, channels / group, span[0], span[1]])
            let parts = try NodeUnderTest(.split(axis: 1, count: group))(padded)
            let filtersOf = try NodeUnderTest(.split(axis: 0, count: group))(spread)
            var joined = try NodeUnderTest(.convolution { _ in })(parts[0], filtersOf[0])[0]
            for (part, filter) in Array(zip(parts, filtersOf).dropFirst()) {
                let dense = try NodeUnderTest(.convolution { _ in })(part, filter)[0]
                joined = try NodeUnderTest(.concat(axis: 1))(joined, dense)[0]
            }
            let every = try NodeUnderTest(.slice)(
                joined, .list(0, 0), .list(Int.max, Int.max), .list(2, 3), .list(strides))[0]
            expectClose(every, y, draw.seed)
        }
    }

    @Test func averagePoolIsAConvolutionWithEqualWeights() throws {
        try repeatedly(513, times: 50) { draw in
            let kernel = [draw.number(1...4), draw.number(1...4)]
            let pads = [0, 1, 0, 1].map { draw.number(0...kernel[$0] - 1) }
            let x = draw.tensor(1, draw.number(1...4), kernel[0] + draw.number(0...4), kernel[1] + draw.number(0...4))
            let strides = [draw.number(1...3), draw.number(1...3)]
            let y = try NodeUnderTest(
                .pool(.average, kernel) {
                    $0.strides = strides
                    $0.padding = .explicit(pads)
                    $0.countsPadding = true
                })(x)[0]
            let weight = 1 / Float(kernel[0] * kernel[1])
            let count = x.shape[1] * kernel[0] * kernel[1]
            let w = Tensor([Float](repeating: weight, count: count), [x.shape[1], 1, kernel[0], kernel[1]])
            let convolved = try NodeUnderTest(
                .convolution {
                    $0.group = x.shape[1]
                    $0.strides = strides
                    $0.padding = .explicit(pads)
                })(x, w)[0]
            expectClose(convolved, y, draw.seed)
        }
    }

    @Test func poolsOverAllAreReductions() throws {
        try repeatedly(514, times: 50) { draw in
            let x = draw.tensor(draw.number(1...2), draw.number(1...4), draw.number(1...5), draw.number(1...5))
            let kernel = Array(x.shape.dimensions.suffix(2))
            for (kind, reduction) in [(Operator.PoolKind.max, Operator.Reduction.max), (.average, .mean)] {
                let reduce = Operator.reduce(reduction, keepsDimensions: true, nothingWithoutAxes: false)
                let reduced = try NodeUnderTest(reduce)(x, .list(2, 3))[0]
                expectClose(try NodeUnderTest(.globalPool(kind))(x)[0], reduced, draw.seed)
                expectClose(try NodeUnderTest(.pool(kind, kernel))(x)[0], reduced, draw.seed)
            }
        }
    }

    @Test func gemmIsProductAndSum() throws {
        try repeatedly(515) { draw in
            let (m, k, n) = (draw.number(1...6), draw.number(1...6), draw.number(1...6))
            let (transposesA, transposesB) = (draw.flag(), draw.flag())
            let (a, b, c) = (
                draw.tensor(m, k), draw.tensor(k, n), draw.tensor(draw.flag() ? m : 1, draw.flag() ? n : 1)
            )
            let transpose = NodeUnderTest(.transpose(permutation: nil))
            let y = try NodeUnderTest(
                .gemm {
                    $0.transposesA = transposesA
                    $0.transposesB = transposesB
                    $0.alpha = 0.5
                    $0.beta = 4
                })(transposesA ? transpose(a)[0] : a, transposesB ? transpose(b)[0] : b, c)[0]
            let half = try NodeUnderTest(.binary(.multiply))(NodeUnderTest(.matMul)(a, b)[0], .number(0.5))[0]
            let fourfold = try NodeUnderTest(.binary(.multiply))(c, .number(4))[0]
            expectClose(try NodeUnderTest(.binary(.add))(half, fourfold)[0], y, draw.seed)
        }
    }

    @Test func softmaxSumsToOne() throws {
        try repeatedly(516) { draw in
            let x = draw.tensor(draw.shape())
            let axis = draw.axis(x.shape)
            let y = try NodeUnderTest(.softmax(axis: axis, flattensBelow: false))(x)[0]
            let sum = Operator.reduce(.sum, keepsDimensions: false, nothingWithoutAxes: false)
            for value in try NodeUnderTest(sum)(y, .list(axis))[0].floats ?? [] {
                #expect(abs(value - 1) < 1e-6, "seed \(draw.seed)")
            }
        }
    }

    @Test func quantizingLosesAtMostHalfAStep() throws {
        try repeatedly(517) { draw in
            let x = draw.tensor(2, 3, 5)
            let type = [ElementType.int8, .uint8][draw.number(0...1)]
            let zero = type == .int8 ? 0 : 128
            // 2 is the largest magnitude; 127 steps hold it.
            let scales = Tensor((0..<3).map { _ in Float.random(in: 0.016...0.05, using: &draw.random) }, [3])
            let zeros = Tensor(
                shape: [3], type: type, elements: .integers([Int64](repeating: Int64(zero), count: 3)))
            let q = try NodeUnderTest(.quantizeLinear(axis: 1, type: nil))(x, scales, zeros)[0]
            let y = try NodeUnderTest(.dequantizeLinear(axis: -2))(q, scales, zeros)[0]
            #expect(q.type == type)
            for (index, (a, b)) in zip(x.floats ?? [], y.floats ?? []).enumerated() {
                #expect(abs(a - b) <= (scales.floats ?? [])[index / 5 % 3] * 0.5001, "seed \(draw.seed)")
            }
        }
    }
}
