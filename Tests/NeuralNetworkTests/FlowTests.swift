import NeuralNetwork
import TestSupport
import Testing

/// What is made one step of, and what must not be.
@Suite struct FlowTests {
    /// A graph on a picture [1,4,5,6], with convolutions that keep that shape.
    private struct Maker {
        var builder = GraphBuilder([1, 4, 5, 6])
        var random = SeededRandom(seed: SeededRandom.seed(of: 55))
        let x = GraphBuilder.input

        mutating func weights(_ sizes: [Int]) -> ValueID {
            builder.constant(random.vector(sizes.reduce(1, *)).map { $0 * 0.4 }, sizes)
        }

        mutating func convolution(_ x: ValueID) throws -> ValueID {
            var convolution = Operator.Convolution()
            convolution.padding = .explicit([1, 1, 1, 1])
            return try builder(
                .convolution(convolution), x, weights([4, builder.shape(x)[1], 3, 3]), weights([4]))
        }

        mutating func normalised(_ x: ValueID) throws -> ValueID {
            let channels = builder.shape(x)[1]
            let variance = builder.constant((0..<channels).map { 0.5 + Float($0) / 4 }, [channels])
            return try builder(
                .batchNormalization(epsilon: 1e-3), x, weights([channels]), weights([channels]), weights([channels]),
                variance)
        }

        /// A product [1,4] -> [1,4] of the mean over the pixels.
        mutating func product(_ rows: ValueID) throws -> ValueID {
            try builder(.gemm(Operator.Gemm()), rows, weights([4, 4]), weights([4]))
        }

        mutating func rows(_ x: ValueID) throws -> ValueID {
            try builder(.flatten(axis: 1), builder(.globalPool(.average), x))
        }

        mutating func relu(_ x: ValueID) throws -> ValueID { try builder(.unary(.relu), x) }
        mutating func add(_ a: ValueID, _ b: ValueID) throws -> ValueID { try builder(.binary(.add), a, b) }
        mutating func times(_ a: ValueID, _ b: ValueID) throws -> ValueID { try builder(.binary(.multiply), a, b) }
        mutating func number(_ value: Float) -> ValueID { builder.number(value) }

        mutating func clip(_ x: ValueID, _ low: Float?, _ high: Float?) throws -> ValueID {
            try builder(.clip, x, low.map { number($0) }, high.map { number($0) })
        }
    }

    /// The steps that a graph becomes, in words; the engine's result must be the reference's as well.
    private func steps(_ build: (inout Maker) throws -> ValueID) throws -> [String] {
        var maker = Maker()
        let output = try build(&maker)
        let graph = maker.builder.finished(output)
        let picture = Tensor(maker.random.vector(120), [1, 4, 5, 6])
        for graph in [graph, try maker.builder.finished(elementsOf: output)] {
            for kernels in KernelSet.all {
                let trial = NetworkTrial(graph: graph, picture: picture)
                if let mismatch = trial.mismatch(kernels) {
                    Issue.record("\(kernels.name): \(mismatch)\n\(graph.text)")
                }
            }
        }
        let flow = try Network.flow(graph: graph, inputSize: nil, output: nil, limits: NetworkLimits()).0
        return flow.nodes.compactMap { $0?.operation.words }
    }

    @Test func normalisationIsFoldedIntoConvolutions() throws {
        #expect(try steps { try $0.normalised($0.convolution($0.x)) } == ["conv"])
        #expect(try steps { try $0.relu($0.normalised($0.convolution($0.x))) } == ["conv + relu"])
        #expect(try steps { try $0.normalised($0.product($0.rows($0.x))) } == ["globalPool", "flatten", "linear"])
        // Twice, and as arithmetic.
        #expect(
            try steps { maker in
                let x = try maker.normalised(maker.normalised(maker.convolution(maker.x)))
                let scaled = try maker.times(maker.weights([4, 1, 1]), x)
                return try maker.builder(.binary(.subtract), scaled, maker.weights([1, 4, 1, 1]))
            } == ["conv"])
        #expect(try steps { try $0.builder(.binary(.subtract), $0.number(2), $0.convolution($0.x)) } == ["conv"])
        #expect(try steps { try $0.builder(.binary(.divide), $0.convolution($0.x), $0.number(4)) } == ["conv"])
        // One after the other without a convolution.
        #expect(try steps { try $0.relu($0.normalised($0.normalised($0.x))) } == ["affine + relu"])
    }

    @Test func theFoldedNumbersAreRight() throws {
        var maker = Maker()
        let made = try maker.convolution(maker.x)
        let output = try maker.normalised(made)
        let flow = try Network.flow(
            graph: maker.builder.finished(output), inputSize: nil, output: nil, limits: NetworkLimits()
        ).0
        guard case .convolution(let folded)? = flow.nodes.compactMap({ $0 }).first?.operation else {
            Issue.record("no convolution is left")
            return
        }
        let nodes = maker.builder.graph.nodes
        func constant(_ node: Int, _ input: Int) -> [Float] {
            nodes[node].inputs[input].flatMap { maker.builder.constant($0)?.floats } ?? []
        }
        for filter in 0..<4 {
            let factor = constant(1, 1)[filter] / (constant(1, 4)[filter] + 1e-3).squareRoot()
            for index in filter * 36..<(filter + 1) * 36 {
                #expect(abs(folded.weights[index] - constant(0, 1)[index] * factor) < 1e-6)
            }
            let term = (constant(0, 2)[filter] - constant(1, 3)[filter]) * factor + constant(1, 2)[filter]
            #expect(abs(folded.bias[filter] - term) < 1e-6)
        }
    }

    @Test func normalisationStaysWhereItCannotBeFolded() throws {
        // Before a convolution: padding is zeros, not what zeros are normalised to.
        #expect(try steps { try $0.convolution($0.normalised($0.x)) } == ["affine", "conv"])
        // Behind an activation.
        #expect(try steps { try $0.normalised($0.relu($0.convolution($0.x))) } == ["conv + relu", "affine"])
        // What it normalises is used as well.
        #expect(
            try steps { maker in
                let x = try maker.convolution(maker.x)
                return try maker.builder(.concat(axis: 1), x, maker.normalised(x))
            } == ["conv", "affine", "concat"])
        // A factor for each column is none for each channel.
        #expect(try steps { try $0.times($0.convolution($0.x), $0.weights([6])) } == ["conv", "multiply"])
        #expect(try steps { try $0.times($0.convolution($0.x), $0.weights([5, 1])) } == ["conv", "multiply"])
        // A factor that makes a larger shape of it.
        #expect(
            try steps { try $0.times($0.product($0.rows($0.x)), $0.weights([3, 1])) }
                == ["globalPool", "flatten", "linear", "multiply"])
        // Divisors of which one has no usable inverse.
        #expect(
            try steps { maker in
                let divisors = maker.builder.constant([1, 2, .leastNormalMagnitude / 4, 4], [4, 1, 1])
                let small = try maker.times(maker.x, maker.number(.leastNormalMagnitude))
                return try maker.builder(.binary(.divide), maker.relu(small), divisors)
            } == ["affine + relu", "divide"])
        // The inverse of each element is not one of each channel.
        #expect(
            try steps { maker in
                let positive = try maker.add(maker.builder(.unary(.abs), maker.x), maker.number(1))
                return try maker.builder(.binary(.divide), maker.number(2), positive)
            } == ["abs", "affine", "divide"])
    }

    @Test func activationsAreDoneWhereSumsAreStored() throws {
        #expect(try steps { try $0.clip($0.convolution($0.x), 0, 6) } == ["conv + relu6"])
        #expect(try steps { try $0.clip($0.convolution($0.x), 0, nil) } == ["conv + relu"])
        #expect(try steps { try $0.clip($0.convolution($0.x), -1, 1) } == ["conv + clip"])
        #expect(try steps { try $0.builder(.unary(.sigmoid), $0.convolution($0.x)) } == ["conv + sigmoid"])
        #expect(
            try steps { try $0.relu($0.product($0.rows($0.x))) } == ["globalPool", "flatten", "linear + relu"])
        #expect(try steps { try $0.relu($0.times($0.x, $0.x)) } == ["multiply + relu"])
        // Only one.
        #expect(try steps { try $0.builder(.unary(.tanh), $0.relu($0.convolution($0.x))) } == ["conv + relu", "tanh"])
    }

    @Test func activationsStayWhereTheirInputIsUsedToo() throws {
        #expect(
            try steps { maker in
                let x = try maker.convolution(maker.x)
                return try maker.builder(.concat(axis: 1), x, maker.relu(x))
            } == ["conv", "relu", "concat"])
        // The value asked for is the one before the activation.
        #expect(
            try steps { maker in
                let x = try maker.convolution(maker.x)
                _ = try maker.relu(x)
                return x
            } == ["conv"])
    }

    /// HardSwish, Swish and Gelu in the spellings of exporters, behind a convolution.
    @Test func spelledOutFunctionsAreRecognised() throws {
        func behindConvolution(_ spell: (inout Maker, ValueID) throws -> ValueID) throws -> [String] {
            try steps { maker in
                let x = try maker.convolution(maker.x)
                return try spell(&maker, x)
            }
        }
        let hardSwish = ["conv + hardSwish"]
        for isSwapped in [false, true] {
            func either(_ maker: inout Maker, _ function: Operator.BinaryFunction, _ a: ValueID, _ b: ValueID) throws
                -> ValueID
            {
                try isSwapped ? maker.builder(.binary(function), b, a) : maker.builder(.binary(function), a, b)
            }
            #expect(
                try behindConvolution { maker, x in
                    let gate = try maker.clip(either(&maker, .add, x, maker.number(3)), 0, 6)
                    return try maker.builder(.binary(.divide), either(&maker, .multiply, x, gate), maker.number(6))
                } == hardSwish)
            #expect(
                try behindConvolution { maker, x in
                    let gate = try maker.clip(either(&maker, .add, x, maker.number(3)), 0, 6)
                    let share = try maker.builder(.binary(.divide), gate, maker.number(6))
                    return try either(&maker, .multiply, x, share)
                } == hardSwish)
            #expect(
                try behindConvolution { maker, x in
                    let gate = try maker.builder(.unary(.hardSigmoid(alpha: 1 / 6, beta: 0.5)), x)
                    return try either(&maker, .multiply, x, gate)
                } == hardSwish)
            #expect(
                try behindConvolution { maker, x in
                    try either(&maker, .multiply, x, maker.builder(.unary(.sigmoid), x))
                } == ["conv + swish"])
            let root = Float(2).squareRoot()
            for isDivided in [false, true] {
                #expect(
                    try behindConvolution { maker, x in
                        let by = maker.number(isDivided ? root : 1 / root)
                        let scaled = try maker.builder(.binary(isDivided ? .divide : .multiply), x, by)
                        let curve = try maker.builder(.unary(.erf), scaled)
                        let sum = try either(&maker, .add, curve, maker.number(1))
                        if isDivided {
                            return try either(&maker, .multiply, either(&maker, .multiply, x, sum), maker.number(0.5))
                        }
                        return try either(&maker, .multiply, maker.times(x, maker.number(0.5)), sum)
                    } == ["conv + gelu"], "swapped \(isSwapped), divided \(isDivided)")
            }
        }
    }

    @Test func whatOnlyLooksLikeAFunctionIsNone() throws {
        func gated(_ raise: Float, _ low: Float, _ high: Float, _ by: Float) throws -> [String] {
            try steps { maker in
                let gate = try maker.clip(maker.add(maker.x, maker.number(raise)), low, high)
                return try maker.builder(.binary(.divide), maker.times(maker.x, gate), maker.number(by))
            }
        }
        for steps in [
            try gated(2, 0, 6, 6), try gated(3, -1, 6, 6), try gated(3, 0, 5, 6), try gated(3, 0, 6, 5),
        ] {
            #expect(!steps.contains { $0.contains("hardSwish") }, "\(steps)")
        }
        // A gate of something else.
        let other = try steps { maker in
            let gate = try maker.builder(.unary(.sigmoid), maker.convolution(maker.x))
            return try maker.times(maker.x, gate)
        }
        #expect(other == ["conv + sigmoid", "multiply"])
        let curve = try steps { maker in
            let curve = try maker.builder(.unary(.erf), maker.times(maker.x, maker.number(0.5)))
            return try maker.times(maker.times(maker.x, maker.add(curve, maker.number(1))), maker.number(0.5))
        }
        #expect(!curve.contains { $0.contains("gelu") }, "\(curve)")
    }

    @Test func residualsAreAddedWhereSumsAreStored() throws {
        for isSwapped in [false, true] {
            func sum(_ maker: inout Maker, _ a: ValueID, _ b: ValueID) throws -> ValueID {
                try isSwapped ? maker.add(b, a) : maker.add(a, b)
            }
            #expect(try steps { try sum(&$0, $0.convolution($0.x), $0.x) } == ["conv + add"])
            #expect(try steps { try $0.relu(sum(&$0, $0.convolution($0.x), $0.x)) } == ["conv + add + relu"])
            #expect(
                try steps { try $0.relu(sum(&$0, $0.normalised($0.convolution($0.x)), $0.x)) }
                    == ["conv + add + relu"])
            // The convolution waits for what is added to it.
            #expect(
                try steps { maker in
                    let made = try maker.convolution(maker.x)
                    let bent = try maker.builder(.unary(.tanh), maker.x)
                    return try sum(&maker, made, bent)
                } == ["tanh", "conv + add"])
            // Of two convolutions the later one adds the other's result.
            #expect(
                try steps { maker in
                    let first = try maker.convolution(maker.x)
                    return try sum(&maker, first, maker.convolution(maker.x))
                } == ["conv", "conv + add"])
            #expect(
                try steps { maker in
                    let rows = try maker.rows(maker.x)
                    return try maker.relu(sum(&maker, maker.product(rows), rows))
                } == ["globalPool", "flatten", "linear + add + relu"])
        }
    }

    @Test func residualsStayWhereTheyCannotBeAdded() throws {
        // The convolution's result is used as well.
        #expect(
            try steps { maker in
                let made = try maker.convolution(maker.x)
                return try maker.builder(.concat(axis: 1), made, maker.add(made, maker.x))
            } == ["conv", "add", "concat"])
        // An activation comes between.
        #expect(try steps { try $0.add($0.relu($0.convolution($0.x)), $0.x) } == ["conv + relu", "add"])
        // The residual has another shape.
        #expect(
            try steps { maker in
                let mean = try maker.builder(.globalPool(.average), maker.x)
                return try maker.add(maker.convolution(maker.x), mean)
            } == ["globalPool", "conv", "add"])
        // It is added to itself.
        #expect(
            try steps { maker in
                let made = try maker.convolution(maker.x)
                return try maker.add(made, made)
            } == ["conv", "add"])
        // Two residuals: the second sum is one of its own.
        #expect(
            try steps { try $0.add($0.add($0.convolution($0.x), $0.x), $0.x) } == ["conv + add", "add"])
        // It is subtracted.
        #expect(
            try steps { try $0.builder(.binary(.subtract), $0.convolution($0.x), $0.x) } == ["conv", "subtract"])
    }

    @Test func whatIsNotNeededIsLeftOut() throws {
        #expect(
            try steps { maker in
                _ = try maker.convolution(maker.x)
                let passed = try maker.builder(.identity, maker.relu(maker.x))
                _ = try maker.relu(passed)
                return try maker.builder(.identity, passed)
            } == ["relu"])
        // The picture itself.
        #expect(try steps { try $0.builder(.identity, $0.x) } == [])
        #expect(try steps { $0.x } == [])
    }
}

extension FlowOperation {
    /// What a step does, shortly.
    fileprivate var words: String {
        func with(_ name: String, _ hasResidual: Bool, _ activation: Activation) -> String {
            name + (hasResidual ? " + add" : "") + (activation == .none ? "" : " + \(activation.name)")
        }
        switch self {
        case .convolution(let convolution): return with("conv", convolution.hasResidual, convolution.activation)
        case .linear(let linear): return with("linear", linear.hasResidual, linear.activation)
        case .affine(_, _, let activation): return with("affine", false, activation)
        case .activation(let activation): return activation.name
        case .binary(let function, let activation): return with(function.rawValue, false, activation)
        case .other(let operation): return String(String(describing: operation).prefix { $0 != "(" })
        }
    }
}
