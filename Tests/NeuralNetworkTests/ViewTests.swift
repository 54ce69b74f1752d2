import NeuralNetwork
import TestSupport
import Testing

/// Views against the list of places that they stand for.
@Suite struct ViewTests {
    /// A view, and where its elements lie, in row-major order of its shape.
    private struct Model {
        var view: View
        var places: [Int]

        init(dense shape: [Int], order: [Int], offset: Int) {
            view = View(storage: 0, offset: offset, shape: shape, strides: View.strides(of: shape, order: order))
            // The definition: the last dimension of the order changes fastest.
            var strides = [Int](repeating: 0, count: shape.count)
            var step = 1
            for dimension in order.reversed() {
                strides[dimension] = step
                step *= shape[dimension]
            }
            places = ViewTests.positions(shape).map { offset + zip($0, strides).reduce(0) { $0 + $1.0 * $1.1 } }
        }

        /// The element at each position of a new shape is the one at another position of the old one.
        mutating func move(_ view: View, _ source: ([Int]) -> [Int]) {
            let shape = self.view.shape
            places = ViewTests.positions(view.shape).map { position in
                places[zip(source(position), shape).reduce(0) { $0 * $1.1 + $1.0 }]
            }
            self.view = view
        }
    }

    /// All positions of a shape in row-major order.
    private static func positions(_ shape: [Int]) -> [[Int]] {
        shape.reduce([[]]) { positions, size in positions.flatMap { start in (0..<size).map { start + [$0] } } }
    }

    private static func places(_ view: View) -> [Int] {
        positions(view.shape).map { view.offset + zip($0, view.strides).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    private func randomModel(_ random: inout SeededRandom) -> Model {
        let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            [1, 1, 2, 2, 3, 4, 6].randomElement(using: &random) ?? 1
        }
        return Model(
            dense: shape, order: Array(shape.indices.shuffled(using: &random)),
            offset: Int.random(in: 0...20, using: &random))
    }

    /// One view of the model's view.
    private func change(_ model: inout Model, _ random: inout SeededRandom) {
        let view = model.view
        switch Int.random(in: 0...3, using: &random) {
        case 0:
            let permutation = Array(view.shape.indices.shuffled(using: &random))
            model.move(view.transposed(permutation)) { position in
                var source = position
                for (new, old) in permutation.enumerated() { source[old] = position[new] }
                return source
            }
        case 1:
            let ranges = view.shape.map { size -> SliceRange in
                guard Int.random(in: 0...2, using: &random) == 0 else {
                    return SliceRange(start: 0, step: 1, count: size)
                }
                let start = Int.random(in: 0..<size, using: &random)
                let step = [1, 2, -1, -2].randomElement(using: &random) ?? 1
                let room = step > 0 ? (size - 1 - start) / step : start / -step
                return SliceRange(start: start, step: step, count: Int.random(in: 1...room + 1, using: &random))
            }
            model.move(view.sliced(ranges)) { position in
                zip(position, ranges).map { $1.start + $0 * $1.step }
            }
        case 2:
            guard view.rank < 5 else { return }
            var target = view.shape.map {
                $0 == 1 && Bool.random(using: &random) ? Int.random(in: 1...3, using: &random) : $0
            }
            let added = Int.random(in: 0...1, using: &random)
            if added == 1 { target.insert(2, at: 0) }
            model.move(view.broadcast(to: target)) { position in
                zip(position.dropFirst(added), view.shape).map { $1 == 1 ? 0 : $0 }
            }
        default:
            let target = factors(view.count, &random)
            guard let reshaped = view.reshaped(target) else { return }
            model.view = reshaped
        }
    }

    /// Sizes of which the product is `count`, some of them 1.
    private func factors(_ count: Int, _ random: inout SeededRandom) -> [Int] {
        var sizes: [Int] = []
        var rest = count
        while rest > 1, sizes.count < 4 {
            let divisors = (2...rest).filter { rest % $0 == 0 }
            let size = divisors.randomElement(using: &random) ?? rest
            sizes.append(size)
            rest /= size
        }
        if rest > 1 { sizes.append(rest) }
        if Bool.random(using: &random) { sizes.insert(1, at: Int.random(in: 0...sizes.count, using: &random)) }
        return sizes
    }

    @Test func viewsOfViewsKeepTheirPlaces() {
        let seed = SeededRandom.seed(of: 52)
        var random = SeededRandom(seed: seed)
        for _ in 0..<3000 {
            var model = randomModel(&random)
            for _ in 0..<Int.random(in: 0...5, using: &random) where model.view.count <= 2000 {
                change(&model, &random)
            }
            guard Self.places(model.view) == model.places else {
                Issue.record("\(model.view) is not \(model.places); seed \(seed)")
                return
            }
        }
    }

    /// A view under another shape has the same elements, and there is one wherever some strides would do.
    @Test func reshapingSucceedsWhereStridesExist() {
        let seed = SeededRandom.seed(of: 53)
        var random = SeededRandom(seed: seed)
        var counts = (made: 0, refused: 0)
        for _ in 0..<5000 {
            var model = randomModel(&random)
            for _ in 0..<Int.random(in: 0...4, using: &random) where model.view.count <= 500 {
                change(&model, &random)
            }
            let target = factors(model.view.count, &random)
            guard let reshaped = model.view.reshaped(target) else {
                counts.refused += 1
                #expect(!stridesExist(model.places, target), "\(model.view) to \(target), seed \(seed)")
                continue
            }
            counts.made += 1
            #expect(reshaped.shape == target)
            #expect(Self.places(reshaped) == model.places, "\(model.view) to \(target), seed \(seed)")
        }
        #expect(counts.made > 500 && counts.refused > 100, "\(counts)")
    }

    /// Whether elements at these places lie regularly under a shape. The second element of a dimension says how long its
    /// steps must be; all others have to agree.
    private func stridesExist(_ places: [Int], _ shape: [Int]) -> Bool {
        let steps = shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
        let strides = shape.indices.map { shape[$0] > 1 ? places[steps[$0]] - places[0] : 0 }
        let regular = Self.positions(shape).map { places[0] + zip($0, strides).reduce(0) { $0 + $1.0 * $1.1 } }
        return regular == places
    }

    @Test func formsAreRecognised() {
        let picture = View(
            storage: 0, shape: [1, 3, 4, 5], strides: View.strides(of: [1, 3, 4, 5], order: View.channelsLast))
        #expect(picture.strides == [60, 1, 15, 3])
        #expect(picture.hasChannelsLast && !picture.isRowMajor && picture.order == [0, 2, 3, 1])
        #expect(picture.transposed([0, 2, 3, 1]).isRowMajor)
        #expect(picture.sliced(1, from: 1, count: 2).hasChannelsLast)
        #expect(!picture.transposed([0, 2, 1, 3]).hasChannelsLast)
        // One channel or one pixel lies both ways.
        #expect(picture.sliced(1, from: 2, count: 1).hasChannelsLast)
        #expect(picture.sliced(2, from: 1, count: 1).sliced(3, from: 2, count: 1).isRowMajor)
        #expect(!picture.broadcast(to: [2, 3, 4, 5]).transposed([0, 2, 3, 1]).isRowMajor)
        // Channel shuffle has strides until the channels are to be one dimension again.
        let shuffled = View(storage: 0, shape: [1, 6, 2, 2], strides: [24, 1, 12, 6])
            .reshaped([1, 2, 3, 2, 2])?.transposed([0, 2, 1, 3, 4])
        #expect(shuffled?.strides.dropFirst() == [1, 3, 12, 6])
        #expect(shuffled?.reshaped([1, 6, 2, 2]) == nil)
    }
}

/// The arena's places against their definition.
@Suite struct ArenaPlanTests {
    @Test func nothingAliveTogetherOverlaps() {
        let seed = SeededRandom.seed(of: 54)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let steps = Int.random(in: 1...30, using: &random)
            let requests = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                let first = Int.random(in: 0..<steps, using: &random)
                let last = min(steps - 1, first + Int.random(in: 0...6, using: &random))
                let bytes = Bool.random(using: &random) ? 64 * Int.random(in: 0...20, using: &random) : nil
                return ArenaPlan.Request(bytes: bytes ?? Int.random(in: 0...5000, using: &random), steps: first...last)
            }
            let plan = ArenaPlan(requests)
            let sizes = requests.map {
                ($0.bytes + ArenaPlan.alignment - 1) / ArenaPlan.alignment * ArenaPlan.alignment
            }
            #expect(plan.offsets.count == requests.count)
            for a in requests.indices {
                #expect(plan.offsets[a] >= 0 && plan.offsets[a] % ArenaPlan.alignment == 0)
                #expect(plan.offsets[a] + requests[a].bytes <= plan.bytes)
                for b in requests.indices.dropFirst(a + 1) where requests[a].steps.overlaps(requests[b].steps) {
                    let (first, second) = plan.offsets[a] <= plan.offsets[b] ? (a, b) : (b, a)
                    #expect(
                        plan.offsets[first] + requests[first].bytes <= plan.offsets[second]
                            || requests[first].bytes == 0 || requests[second].bytes == 0,
                        "\(requests[a]) and \(requests[b]), seed \(seed)")
                }
            }
            // Not more than without sharing, not less than what one step uses.
            #expect(plan.bytes <= sizes.reduce(0, +))
            for step in 0..<steps {
                let alive = requests.indices.filter { requests[$0].steps.contains(step) }
                #expect(plan.bytes >= alive.reduce(0) { $0 + sizes[$1] })
            }
        }
    }

    @Test func aChainTakesTwoPlaces() {
        let requests = (0..<10).map { ArenaPlan.Request(bytes: 1000, steps: $0...$0 + 1) }
        #expect(ArenaPlan(requests).bytes == 2 * 1024)
        #expect(ArenaPlan([]).bytes == 0)
    }
}
