import NeuralNetwork
import TestSupport
import Testing

/// Inverted residual blocks large enough to be run band by band, against the reference operators.
@Suite struct BandTests {
    /// A block drawn at random whose wide picture is just larger than what is left whole.
    private struct Block {
        let graph: Graph
        let picture: Tensor
        let description: String

        init(_ random: inout SeededRandom, precision: Precision) throws {
            func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
            let channels = draw(3...9)
            let size = [draw(30...70), draw(30...70)]
            let elements = Planner.smallPictureBytes / (precision == .int8 ? 1 : 4)
            let filters = elements / (size[0] * size[1]) + draw(1...20)
            var builder = GraphBuilder([1, channels] + size)
            func convolution(
                _ x: ValueID, _ filters: Int, _ kernel: [Int], group: Int = 1,
                _ change: (inout Operator.Convolution) -> Void = { _ in }
            ) throws -> ValueID {
                var convolution = Operator.Convolution()
                convolution.group = group
                change(&convolution)
                let inner = builder.shape(x)[1] / group
                let scale = 1 / Float(inner * kernel[0] * kernel[1]).squareRoot()
                let weights = random.vector(filters * inner * kernel[0] * kernel[1]).map { $0 * scale }
                let bias = random.vector(filters).map { $0 * 0.2 }
                return try builder(
                    .convolution(convolution), x, builder.constant(weights, [filters, inner] + kernel),
                    builder.constant(bias, [filters]))
            }
            func bent(_ x: ValueID) throws -> ValueID {
                switch draw(0...2) {
                case 0: try builder(.unary(.relu), x)
                case 1: try builder(.clip, x, builder.number(-0.3), builder.number(1.5))
                default: x
                }
            }
            let side = draw(0...3) == 0 ? 3 : 1
            let wide = try bent(
                convolution(GraphBuilder.input, filters, [side, side]) {
                    $0.padding = .explicit([side / 2, side / 2, side / 2, side / 2])
                })
            let kernel =
                [[3, 3], [3, 3], [5, 5], [5, 3], [2, 4], [7, 7]].randomElement(using: &random) ?? [3, 3]
            let strides = [[1, 1], [1, 1], [2, 2], [3, 1], [4, 2]].randomElement(using: &random) ?? [1, 1]
            // Bytes have no kernel for it.
            let dilations = precision == .f32 && draw(0...3) == 0 ? [draw(1...3), draw(1...3)] : [1, 1]
            let isUsual = draw(0...1) == 0
            let padding = (0..<4).map { isUsual ? kernel[$0 % 2] / 2 : draw(0...kernel[$0 % 2]) }
            let deep = try bent(
                convolution(wide, filters, kernel, group: filters) {
                    ($0.strides, $0.dilations, $0.padding) = (strides, dilations, .explicit(padding))
                })
            var narrow = try convolution(deep, draw(0...1) == 0 ? channels : draw(3...40), [1, 1])
            if builder.shape(narrow) == builder.shape(GraphBuilder.input) {
                narrow = try builder(.binary(.add), narrow, GraphBuilder.input)
            }
            let result = try bent(narrow)
            graph = try builder.finished(elementsOf: result)
            picture = Tensor(random.vector(channels * size[0] * size[1]), TensorShape([1, channels] + size))
            description =
                "\(channels) channels of \(size), \(side)x\(side) to \(filters), \(kernel) by \(strides) "
                + "dilated \(dilations) padded \(padding)"
        }

        func isInBands(_ kernels: KernelSet, _ precision: Precision) throws -> Bool {
            let pixels = try NetworkTrial.pixels(picture)
            var ranges: ActivationRanges?
            if precision == .int8 {
                ranges = try Network.calibrate(graph: graph, inputSize: nil, output: nil, pictures: [pixels])
            }
            let network = try Network(
                graph: graph, inputSize: nil, output: nil, precision: precision, ranges: ranges,
                limits: NetworkLimits(), kernels: kernels)
            return network.summary.layers.contains { $0.kernel.hasSuffix(" bands") }
        }
    }

    @Test func floatsAgreeWithTheReference() throws {
        let seed = SeededRandom.seed(of: 71)
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let block = try Block(&random, precision: .f32)
            #expect(try block.isInBands(.best, .f32), "\(block.description)")
            let expected = NetworkTrial.result(try ReferenceNetwork(graph: block.graph).run(block.picture)[0])
            for kernels in KernelSet.all {
                let trial = NetworkTrial(graph: block.graph, picture: block.picture)
                let mismatch = trial.mismatch(kernels, expected: expected)
                #expect(mismatch == nil, "\(kernels.name), seed \(seed): \(block.description)")
            }
        }
    }

    /// Close to floats, and on every instruction set the same bits.
    @Test func bytesAgreeWithTheReference() throws {
        let seed = SeededRandom.seed(of: 72)
        var random = SeededRandom(seed: seed)
        for _ in 0..<8 {
            let block = try Block(&random, precision: .int8)
            #expect(try block.isInBands(.best, .int8), "\(block.description)")
            let expected = NetworkTrial.result(try ReferenceNetwork(graph: block.graph).run(block.picture)[0])
            let size = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let trial = NetworkTrial(graph: block.graph, picture: block.picture)
            let results = try KernelSet.all.map { try trial.results($0, precision: .int8) }
            let error = zip(results[0], expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            #expect(error <= 0.05 * size, "seed \(seed): \(block.description)")
            for (kernels, result) in zip(KernelSet.all, results) {
                let isSame = result.map(\.bitPattern) == results[0].map(\.bitPattern)
                #expect(isSame, "\(kernels.name), seed \(seed): \(block.description)")
            }
        }
    }
}
