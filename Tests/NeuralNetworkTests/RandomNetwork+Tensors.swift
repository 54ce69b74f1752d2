import NeuralNetwork

/// Operators that move elements, or work along dimensions of any meaning.
extension RandomNetwork {
    mutating func concatenation() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        let axis = shape(x).count == 4 && !chance(4) ? 1 : draw(0...shape(x).count - 1)
        let sizes = shape(x)
        func fits(_ other: [Int]) -> Bool {
            other.count == sizes.count && sizes.indices.allSatisfy { $0 == axis || other[$0] == sizes[$0] }
        }
        var parts = [x]
        for _ in 0..<draw(1...3) {
            // The same value twice, now and then.
            if let part = chance(8) ? x : pick({ [self] in fits(shape($0)) && !parts.contains($0) }) {
                parts.append(part)
            }
        }
        parts.shuffle(using: &random)
        guard let made = add(.concat(axis: chance(3) ? axis - shape(x).count : axis), parts)?[0] else { return }
        if chance(2) { add(.unary(one(of: Self.functions)), made) }
    }

    mutating func split() {
        guard let x = pick({ [self] in shape($0).contains { $0 > 1 } }) else { return }
        let axes = shape(x).indices.filter { shape(x)[$0] > 1 }
        let axis = axes.contains(1) && !chance(3) ? 1 : one(of: axes)
        let size = shape(x)[axis]
        let first = draw(1...size - 1)
        if size % 2 == 0, chance(2) {
            add(.split(axis: axis, count: 2), [x], outputs: 2)
        } else {
            let axis = chance(2) ? axis : axis - shape(x).count
            add(.split(axis: axis, count: 2), [x, list([first, size - first])], outputs: 2)
        }
    }

    mutating func slice() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        var starts: [Int] = [], ends: [Int] = [], axes: [Int] = [], steps: [Int] = []
        for axis in shape(x).indices.shuffled(using: &random).prefix(draw(1...2)) {
            let size = shape(x)[axis]
            let (a, b) = (draw(0...size - 1), draw(0...size - 1))
            let step = one(of: [1, 1, 1, 2, 3, -1, -1, -2])
            axes.append(axis)
            steps.append(step)
            starts.append(step > 0 ? min(a, b) : max(a, b))
            ends.append(step > 0 ? max(a, b) + 1 : min(a, b) == 0 ? -size - 1 : min(a, b) - 1)
        }
        add(.slice, x, list(starts), list(ends), list(axes), list(steps))
    }

    /// Sizes of which the product is `count`.
    private mutating func factors(_ count: Int) -> [Int] {
        var sizes: [Int] = []
        var rest = count
        while rest > 1, sizes.count < 4 {
            let divisor = one(of: (2...rest).filter { rest % $0 == 0 })
            sizes.append(divisor)
            rest /= divisor
        }
        if rest > 1 { sizes.append(rest) }
        for _ in 0..<draw(0...2) where sizes.count < 5 { sizes.insert(1, at: draw(0...sizes.count)) }
        return sizes
    }

    mutating func reshape() {
        guard let x = pick() else { return }
        let count = shape(x).reduce(1, *)
        switch draw(0...3) {
        case 0: add(.flatten(axis: draw(0...shape(x).count)), x)
        case 1:
            // Pictures again, as convolutions take them.
            let divisors = (1...count).filter { count % $0 == 0 }
            let channels = one(of: divisors)
            let height = one(of: divisors.filter { (count / channels) % $0 == 0 })
            add(.reshape(zeroIsZero: false), x, list([1, channels, height, -1]))
        default: add(.reshape(zeroIsZero: false), x, list(factors(count)))
        }
    }

    /// Channels in another order: in groups, turned.
    mutating func shuffle() {
        guard let x = pick({ [self] in shape($0).count == 4 && shape($0)[1] > 3 }) else { return }
        let s = shape(x)
        let groups = one(of: (1...s[1]).filter { s[1] % $0 == 0 })
        guard let apart = add(.reshape(zeroIsZero: false), x, list([s[0], groups, s[1] / groups, s[2], s[3]])),
            let turned = add(.transpose(permutation: [0, 2, 1, 3, 4]), apart)
        else { return }
        add(.reshape(zeroIsZero: false), turned, list([s[0], -1, s[2], s[3]]))
    }

    mutating func transpose() {
        guard let x = pick() else { return }
        add(.transpose(permutation: chance(4) ? nil : shape(x).indices.shuffled(using: &random)), x)
    }

    mutating func binary() {
        guard let a = pick(), let b = pick() else { return }
        let function = one(of: Operator.BinaryFunction.allCases)
        switch function {
        case .divide:
            guard let positive = add(.binary(.add), add(.unary(.abs), b), number(0.5)) else { return }
            add(.binary(.divide), a, positive)
        case .power:
            guard let positive = add(.unary(.abs), a) else { return }
            add(.binary(.power), chance(2) ? a : positive, number(one(of: [2, 3])))
        default: add(.binary(function), a, b)
        }
    }

    mutating func constantArithmetic() {
        guard let x = pick() else { return }
        let s = shape(x)
        var sizes: [Int]
        switch draw(0...4) {
        case 0: sizes = chance(2) ? [] : [1]
        case 1 where s.count >= 2: sizes = [s[1]] + [Int](repeating: 1, count: s.count - 2)
        case 2 where s.count >= 2: sizes = [1, s[1]] + [Int](repeating: 1, count: s.count - 2)
        case 3: sizes = Array(s.suffix(1))
        default: sizes = s.map { chance(2) ? 1 : $0 }
        }
        let function = one(of: [Operator.BinaryFunction.add, .subtract, .multiply, .divide, .minimum, .maximum])
        // Far from zero, for division.
        let numbers = (0..<sizes.reduce(1, *)).map { _ in
            Float.random(in: 0.5...1.5, using: &random) * (chance(2) ? 1 : -1)
        }
        let other = constant(numbers, sizes)
        guard !chance(3), function != .divide else {
            if function != .divide { add(.binary(function), other, x) } else { add(.binary(function), x, other) }
            return
        }
        add(.binary(function), x, other)
    }

    mutating func dense(_ x: ValueID) {
        let inner = shape(x)[1], columns = one(of: [1, 4, 10, 16, 19, 40])
        var gemm = Operator.Gemm()
        gemm.transposesB = chance(2)
        if chance(3) { (gemm.alpha, gemm.beta) = (0.5, 2) }
        let scale = 1 / Float(inner).squareRoot()
        let matrix = weights(gemm.transposesB ? [columns, inner] : [inner, columns], scale: scale)
        let bias = chance(4) ? nil : weights(one(of: [[columns], [1, columns], [1]]))
        guard let made = add(.gemm(gemm), x, matrix, bias) else { return }
        if chance(2) { add(.unary(one(of: Self.functions)), made) }
    }

    mutating func product() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        let s = shape(x)
        switch draw(0...5) {
        case 0...1 where s.count == 2: dense(x)
        case 2 where s.count == 2:
            // What the kernels do not take: a matrix turned, or a term for each row.
            var gemm = Operator.Gemm()
            gemm.transposesA = chance(2)
            let (rows, inner) = gemm.transposesA ? (s[1], s[0]) : (s[0], s[1])
            add(.gemm(gemm), x, weights([inner, 5], scale: 0.3), chance(2) ? nil : weights([rows, 5]))
        case 3 where s.count >= 2:
            var permutation = Array(s.indices)
            permutation.swapAt(s.count - 1, s.count - 2)
            guard let turned = add(.transpose(permutation: permutation), x) else { return }
            add(.matMul, x, turned)
        case 4 where s.count >= 3:
            add(.matMul, x, weights(Array(s.dropLast(2)) + [s[s.count - 1], 3], scale: 0.3))
        default:
            let columns = one(of: [1, 3, 16, 35])
            guard let made = add(.matMul, x, weights([s[s.count - 1], columns], scale: 0.3)) else { return }
            var last = made
            if chance(2) { last = add(.binary(.add), last, weights([columns])) ?? last }
            if let other = pick({ [self] in $0 != last && shape($0) == shape(last) }), chance(2) {
                last = add(.binary(.add), chance(2) ? [last, other] : [other, last])?[0] ?? last
            }
            if chance(2) { add(.unary(one(of: Self.functions)), last) }
        }
    }

    mutating func softmax() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        add(.softmax(axis: draw(-shape(x).count...shape(x).count - 1), flattensBelow: chance(3)), x)
    }

    mutating func layerNormalization() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        let s = shape(x)
        let axis = chance(2) ? s.count - 1 : draw(0...s.count - 1)
        let sizes = Array(s[axis...])
        add(
            .layerNormalization(axis: chance(2) ? axis : axis - s.count, epsilon: 1e-3), x,
            weights(sizes, scale: 0.3, around: 1), chance(3) ? nil : weights(sizes))
    }

    mutating func pad() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        let rank = shape(x).count
        let mode: Operator.PadMode = one(of: [.constant, .constant, .constant, .reflect, .edge])
        let amounts = (0..<2 * rank).map { _ in chance(2) ? 0 : draw(mode == .constant ? -1...2 : 0...2) }
        add(.pad(mode), x, list(amounts), mode == .constant && chance(2) ? number(0.7) : nil)
    }

    mutating func expand() {
        guard let x = pick({ [self] in shape($0).contains(1) }) else { return }
        var sizes = shape(x).map { $0 == 1 ? draw(1...4) : $0 }
        if chance(4) { sizes.insert(2, at: 0) }
        add(.expand, x, list(sizes))
    }

    mutating func squeeze() {
        guard let x = pick() else { return }
        let ones = shape(x).indices.filter { shape(x)[$0] == 1 }
        if ones.isEmpty || chance(2) {
            add(.unsqueeze, x, list([draw(0...shape(x).count)]))
        } else if chance(2) {
            add(.squeeze, x)
        } else {
            add(.squeeze, x, list([one(of: ones)]))
        }
    }

    mutating func reduce() {
        guard let x = pick() else { return }
        let axes = shape(x).indices.filter { _ in chance(2) }
        let given = axes.isEmpty ? nil : list(axes.map { chance(3) ? $0 - shape(x).count : $0 })
        add(
            .reduce(one(of: Operator.Reduction.allCases), keepsDimensions: chance(2), nothingWithoutAxes: chance(2)), x,
            given)
    }

    mutating func gather() {
        guard let x = pick({ [self] in !shape($0).isEmpty }) else { return }
        let axis = draw(0...shape(x).count - 1), size = shape(x)[axis]
        if chance(2) {
            add(.gather(axis: axis), x, integer(draw(0...size - 1)))
        } else if chance(4) {
            add(chance(2) ? .identity : .cast(.float32), x)
        } else {
            add(.gather(axis: axis), x, list((0..<draw(1...4)).map { _ in draw(-size...size - 1) }))
        }
    }

    /// Attention of pixels to pixels, as hybrids of convolutions and transformers have it.
    mutating func attention() {
        guard let x = pick({ [self] in shape($0).count == 4 && shape($0)[0] == 1 }) else { return }
        let s = shape(x), width = 6
        guard let rows = add(.reshape(zeroIsZero: false), x, list([1, s[1], -1])),
            let tokens = add(.transpose(permutation: [0, 2, 1]), rows),
            let q = add(.matMul, tokens, weights([s[1], width], scale: 0.3)),
            let k = add(.matMul, tokens, weights([s[1], width], scale: 0.3)),
            let v = add(.matMul, tokens, weights([s[1], s[1]], scale: 0.3)),
            let turned = add(.transpose(permutation: [0, 2, 1]), k), let scores = add(.matMul, q, turned),
            let scaled = add(.binary(.multiply), scores, number(0.4)),
            let shares = add(.softmax(axis: -1, flattensBelow: false), scaled), let mixed = add(.matMul, shares, v),
            let back = add(.transpose(permutation: [0, 2, 1]), mixed),
            let made = add(.reshape(zeroIsZero: false), back, list(s))
        else { return }
        add(.binary(.add), x, made)
    }
}
