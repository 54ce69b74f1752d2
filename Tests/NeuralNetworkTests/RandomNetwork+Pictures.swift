import NeuralNetwork

/// Layers of convolutional networks.
extension RandomNetwork {
    private mutating func pickPicture() -> ValueID? { pick { [self] in shape($0).count == 4 } }

    private mutating func padding(_ most: Int) -> Operator.Padding {
        switch draw(0...9) {
        case 0: .sameUpper
        case 1: .sameLower
        case 2: .valid
        case 3...5: .explicit([most, most, most, most])
        default: .explicit((0..<4).map { _ in draw(0...most) })
        }
    }

    @discardableResult
    private mutating func convolution(
        _ x: ValueID, filters: Int, group: Int = 1, _ change: (inout Operator.Convolution) -> Void = { _ in },
        kernel: [Int], hasBias: Bool = true
    ) -> ValueID? {
        var convolution = Operator.Convolution()
        convolution.group = group
        change(&convolution)
        let inner = shape(x)[1] / group
        let depth = Float(inner * kernel[0] * kernel[1])
        let w = weights([filters, inner] + kernel, scale: 1 / depth.squareRoot())
        return add(.convolution(convolution), x, w, hasBias ? weights([filters], scale: 0.2) : nil)
    }

    mutating func convolution() {
        guard let x = pickPicture() else { return }
        let channels = shape(x)[1]
        let divisors = (1...channels).filter { channels % $0 == 0 }
        let group = one(of: [1, 1, 1, channels, one(of: divisors)])
        var filters = one(of: [1, 2, 3, 5, 8, 16, 17, 24, 33])
        if group > 1 { filters = group * one(of: [1, 1, 2, 3]) }
        guard filters <= 64 else { return }
        let side = one(of: [1, 1, 2, 3, 3, 3, 4, 5, 7])
        let kernel = chance(4) ? [side, one(of: [1, 2, 3, 5])] : [side, side]
        let strides = chance(3) ? [draw(1...3), draw(1...3)] : [1, 1]
        let dilations = chance(4) ? [draw(1...2), draw(1...3)] : [1, 1]
        let padding = padding(max(kernel[0], kernel[1]) / 2)
        var convolution = Operator.Convolution()
        (convolution.strides, convolution.dilations, convolution.padding) = (strides, dilations, padding)
        let made = self.convolution(
            x, filters: filters, group: group,
            { ($0.strides, $0.dilations, $0.padding) = (strides, dilations, padding) }, kernel: kernel,
            hasBias: !chance(4))
        guard let made else { return }
        // As networks have it: normalised and bent.
        var last = made
        if chance(2) { last = normalised(last) ?? last }
        if chance(2) { add(.unary(chance(3) ? one(of: Self.functions) : .relu), last) }
    }

    /// An inverted residual: wider, depthwise, narrower again, and the input added.
    mutating func separable() {
        guard let x = pickPicture(), shape(x)[1] <= 20 else { return }
        let channels = shape(x)[1], wide = channels * draw(1...6)
        let side = one(of: [3, 3, 5])
        let stride = chance(3) ? 2 : 1
        guard var y = convolution(x, filters: wide, kernel: [1, 1]) else { return }
        let bend: Operator.UnaryFunction = one(of: [.relu, .relu, .hardSwish, .swish])
        y = add(.unary(bend), y) ?? y
        let padding = Operator.Padding.explicit([side / 2, side / 2, side / 2, side / 2])
        guard
            let deep = convolution(
                y, filters: wide, group: wide, { ($0.strides, $0.padding) = ([stride, stride], padding) },
                kernel: [side, side])
        else { return }
        y = add(.clip, deep, number(0), number(6)) ?? deep
        guard let narrow = convolution(y, filters: channels, kernel: [1, 1], hasBias: false) else { return }
        if shape(narrow) == shape(x) { add(.binary(.add), chance(2) ? [x, narrow] : [narrow, x]) }
    }

    @discardableResult
    private mutating func normalised(_ x: ValueID) -> ValueID? {
        guard shape(x).count >= 2 else { return nil }
        let channels = shape(x)[1]
        let variance = constant((0..<channels).map { _ in Float.random(in: 0.3...2, using: &random) }, [channels])
        return add(
            .batchNormalization(epsilon: 1e-3), x, weights([channels], scale: 0.3, around: 1),
            weights([channels], scale: 0.2), weights([channels], scale: 0.2), variance)
    }

    mutating func normalisation() {
        if let x = pick({ [self] in shape($0).count >= 2 }) { normalised(x) }
    }

    static let functions: [Operator.UnaryFunction] = [
        .relu, .relu, .leakyRelu(alpha: 0.1), .elu(alpha: 1.5), .sigmoid, .hardSigmoid(alpha: 0.2, beta: 0.5),
        .hardSwish,
        .swish, .tanh, .erf, .gelu(approximate: false), .gelu(approximate: true), .abs, .negate, .softplus,
    ]

    mutating func activation() {
        guard let x = pick() else { return }
        switch draw(0...9) {
        case 0: add(.clip, x, number(-0.5), number(0.7))
        case 1: add(.clip, x, nil, number(0.7))
        case 2: add(.clip, x, number(-0.2), nil)
        case 3: add(.clip, x)
        case 4:
            let channels = shape(x).count == 4 ? shape(x)[1] : 1
            add(.parametricRelu, x, weights(shape(x).count == 4 ? [channels, 1, 1] : [1]))
        case 5 where isUnrounded(x): add(.unary(chance(2) ? .floor : .ceil), x)
        case 6:
            // Where it is defined.
            guard let positive = add(.binary(.add), add(.unary(.abs), x), number(0.5)) else { return }
            add(.unary(one(of: [.sqrt, .log, .reciprocal])), positive)
        case 7:
            guard let small = add(.clip, x, nil, number(3)) else { return }
            add(.unary(.exp), small)
        default: add(.unary(one(of: Self.functions)), x)
        }
    }

    /// HardSwish, Swish and Gelu as exporters write them.
    mutating func spelledOutActivation() {
        guard let x = pick() else { return }
        func either(_ a: ValueID?, _ b: ValueID?, _ isSwapped: Bool) -> [ValueID?] { isSwapped ? [b, a] : [a, b] }
        switch draw(0...4) {
        case 0, 1:
            guard let raised = add(.binary(.add), either(x, number(3), chance(2)))?[0],
                let gate = add(.clip, raised, number(0), number(6))
            else { return }
            if chance(2) {
                guard let product = add(.binary(.multiply), either(x, gate, chance(2)))?[0] else { return }
                add(.binary(.divide), product, number(6))
            } else if let gate = add(.binary(.divide), gate, number(6)) {
                add(.binary(.multiply), either(x, gate, chance(2)))
            }
        case 2:
            guard let gate = add(.unary(.hardSigmoid(alpha: 1 / 6, beta: 0.5)), x) else { return }
            add(.binary(.multiply), either(x, gate, chance(2)))
        case 3:
            guard let gate = add(.unary(.sigmoid), x) else { return }
            add(.binary(.multiply), either(x, gate, chance(2)))
        default:
            let root = Float(2).squareRoot()
            let scaled =
                chance(2) ? add(.binary(.divide), x, number(root)) : add(.binary(.multiply), x, number(1 / root))
            guard let scaled, let curve = add(.unary(.erf), scaled),
                let sum = add(.binary(.add), either(curve, number(1), chance(2)))?[0]
            else { return }
            if chance(2) {
                guard let product = add(.binary(.multiply), either(x, sum, chance(2)))?[0] else { return }
                add(.binary(.multiply), either(product, number(0.5), chance(2)))
            } else if let half = add(.binary(.multiply), x, number(0.5)) {
                add(.binary(.multiply), either(half, sum, chance(2)))
            }
        }
    }

    mutating func pool() {
        guard let x = pickPicture() else { return }
        let side = draw(1...4)
        var pooling = Operator.Pooling(
            chance(2) ? .max : .average, kernel: chance(3) ? [side, draw(1...3)] : [side, side])
        pooling.strides = chance(2) ? [2, 2] : [draw(1...3), draw(1...3)]
        if chance(5) { pooling.dilations = [draw(1...2), draw(1...2)] }
        pooling.padding = padding(side / 2)
        pooling.roundsUp = chance(3)
        pooling.countsPadding = chance(2)
        add(.pool(pooling), x)
    }

    mutating func globalPool() {
        guard let x = pick({ [self] in shape($0).count >= 3 }) else { return }
        guard let pooled = add(.globalPool(chance(3) ? .max : .average), x), chance(2) else { return }
        guard let flat = add(.flatten(axis: 1), pooled) else { return }
        dense(flat)
    }

    /// The sum of two values of one shape, as residual networks have it.
    mutating func residual() {
        guard let x = pick() else { return }
        var other = pick { [self] in $0 != x && shape($0) == shape(x) }
        if chance(2), shape(x).count == 4 {
            other = convolution(
                x, filters: shape(x)[1], group: chance(4) ? shape(x)[1] : 1, { $0.padding = .sameUpper },
                kernel: one(of: [[1, 1], [3, 3]]))
            if let made = other, chance(2) { other = normalised(made) }
        }
        guard let other else { return }
        guard let sum = add(.binary(.add), chance(2) ? [x, other] : [other, x])?[0] else { return }
        if chance(2) { add(.unary(chance(2) ? .relu : one(of: Self.functions)), sum) }
    }

    mutating func squeezeAndExcite() {
        guard let x = pickPicture() else { return }
        let channels = shape(x)[1]
        guard let mean = add(.globalPool(.average), x),
            let narrow = convolution(mean, filters: max(1, channels / 4), kernel: [1, 1]),
            let bent = add(.unary(.relu), narrow), let wide = convolution(bent, filters: channels, kernel: [1, 1]),
            let gate = add(.unary(chance(2) ? .sigmoid : .hardSigmoid(alpha: 1 / 6, beta: 0.5)), wide)
        else { return }
        add(.binary(.multiply), chance(2) ? [x, gate] : [gate, x])
    }

    mutating func resize() {
        guard let x = pickPicture() else { return }
        var resizing = Operator.Resizing()
        resizing.mode = chance(2) ? .nearest : .linear
        resizing.coordinates = one(of: [.halfPixel, .pytorchHalfPixel, .alignCorners, .asymmetric])
        resizing.rounding = one(of: [.preferFloor, .preferCeil, .floor, .ceil])
        if chance(2) {
            let scales: [Float] = [1, 1, one(of: [0.5, 1, 2, 3]), one(of: [0.5, 1, 2, 3])]
            add(.resize(resizing), x, nil, constant(scales, [4]))
        } else {
            add(.resize(resizing), x, nil, nil, list(Array(shape(x).prefix(2)) + [draw(1...12), draw(1...12)]))
        }
    }
}
