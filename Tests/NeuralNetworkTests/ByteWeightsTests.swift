import NeuralNetwork
import Testing

/// Weights that bytes cannot stand for stay floats, in a network that else computes with bytes.
@Suite struct ByteWeightsTests {
    /// A result by floats, and by bytes as calibrated on the same picture.
    private func results(_ graph: Graph, _ picture: Tensor, _ kernels: KernelSet) throws -> (
        f32: [Float], int8: [Float]
    ) {
        let trial = NetworkTrial(graph: graph, picture: picture)
        return (try trial.results(kernels), try trial.results(kernels, precision: .int8))
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func weightsThatAreNoNumbersStayFloats(_ odd: Float) throws {
        for group in [1, 4] {
            var builder = GraphBuilder([1, 4, 3, 3])
            let same = Operator.Convolution()
            var grouped = same
            grouped.group = group
            // A depthwise convolution takes bytes only from another that makes them.
            let ones = builder.constant([Float](repeating: 0.5, count: 16), [4, 4, 1, 1])
            let before = try builder(.convolution(same), GraphBuilder.input, ones)
            var weights = [Float](repeating: 0.25, count: 16 / group)
            weights[1] = odd
            let odd = builder.constant(weights, [4, 4 / group, 1, 1])
            let y = try builder(.convolution(grouped), before, odd)
            let z = try builder(.convolution(same), y, ones)
            let picture = Tensor((0..<36).map { Float($0) / 36 }, [1, 4, 3, 3])
            for kernels in KernelSet.all {
                for graph in [try builder.finished(elementsOf: y), try builder.finished(elementsOf: z)] {
                    let (f32, int8) = try results(graph, picture, kernels)
                    for (a, b) in zip(f32, int8) {
                        #expect(a.isFinite ? abs(a - b) < 0.05 : a == b || a.isNaN && b.isNaN, "\(kernels.name)")
                    }
                }
            }
        }
    }

    /// Sums of more products than 32 bits hold, all of one sign.
    @Test func longSumsStayFloats() throws {
        #expect(ByteWeights.canStand(for: [], depth: 66_311) && !ByteWeights.canStand(for: [], depth: 66_312))
        for (side, isWhole) in [(257, true), (258, false)] {
            // 66049 and 66564 products.
            var builder = GraphBuilder([1, 1, side, side])
            let flat = try builder(.flatten(axis: 1), GraphBuilder.input)
            let weights = builder.constant([Float](repeating: 1, count: side * side), [side * side, 1])
            let sum = try builder(.matMul, flat, weights)
            let graph = builder.finished(sum)
            let picture = Tensor([Float](repeating: -1, count: side * side), [1, 1, side, side])
            for kernels in KernelSet.all {
                let (f32, int8) = try results(graph, picture, kernels)
                #expect(abs(f32[0] - Float(-side * side)) < 100)
                #expect(abs(int8[0] - Float(-side * side)) < 1000, "\(kernels.name)")
            }
            let ranges = try Network.calibrate(
                graph: graph, inputSize: nil, output: nil, pictures: [try NetworkTrial.pixels(picture)])
            let network = try Network(graph: graph, precision: .int8, ranges: ranges)
            #expect(network.summary.layers.contains { $0.kernel.contains("u8") } == isWhole)
        }
    }
}
