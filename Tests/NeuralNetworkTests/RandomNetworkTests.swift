import NeuralNetwork
import TestSupport
import Testing

/// The engine against the reference operators, on graphs that nobody would think of.
///
/// See `FuzzRun` for how to run more of them, or one alone.
@Suite struct RandomNetworkTests {
    /// Parts that run side by side.
    private static let parts = 4

    @Test(arguments: 0..<parts)
    func agreesWithTheReference(part: Int) throws {
        var failures = 0
        try FuzzRun.forEachCase(51 + UInt64(part), count: FuzzRun.cases / Self.parts) { number, random in
            guard failures < 3 else { return }
            let network = RandomNetwork(random, size: 3 + Int(number % 23), isLarge: number % 40 == 7)
            guard network.builder.graph.nodes.count > 0 else { return }
            for kernels in KernelSet.all {
                guard let failure = try failure(of: network, number, kernels) else { continue }
                failures += 1
                Issue.record("LOOKALIKE_FUZZ_CASE=\(number), \(kernels.name): \(failure)")
                break
            }
        }
    }

    /// Bytes have no reference: the same bits again and again, about the same numbers as floats.
    @Test func bytesStayCloseToFloats() throws {
        var failures = 0
        try FuzzRun.forEachCase(55, count: FuzzRun.cases / 4) { number, random in
            let network = RandomNetwork(random, size: 1 + Int(number % 9))
            guard failures < 3, let value = network.values.dropFirst().last else { return }
            let trial = NetworkTrial(graph: try network.builder.finished(elementsOf: value), picture: network.picture)
            let expected = network.elements(value)
            for kernels in KernelSet.all {
                let result = try trial.results(kernels, precision: .int8)
                let error = zip(result, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                let size = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
                // Where large numbers cancel each other, what is left has their errors.
                let cancelled = 0.02 * network.largest * Float(expected.count).squareRoot()
                guard !(error <= 0.15 * size + cancelled) else { continue }
                failures += 1
                Issue.record(
                    "LOOKALIKE_FUZZ_CASE=\(number), \(kernels.name): an error of \(error) of \(size)\n\(trial.graph.text)"
                )
                break
            }
        }
    }

    /// What is wrong with the last value, or with any in every fifth graph.
    private func failure(of network: RandomNetwork, _ number: UInt64, _ kernels: KernelSet) throws -> String? {
        let asked = number % 5 == 0 ? network.values.dropFirst() : network.values.suffix(1)
        for value in asked {
            // All elements, which a picture's mean would hide.
            let whole = NetworkTrial(
                graph: try network.builder.finished(elementsOf: value), picture: network.picture,
                largest: network.largest)
            if let mismatch = whole.mismatch(kernels, expected: network.elements(value)) {
                return report(mismatch, whole, kernels)
            }
            // As a result by its name.
            let named = NetworkTrial(
                graph: network.builder.finished(value), picture: network.picture, largest: network.largest)
            let expected = NetworkTrial.result(
                Tensor(network.elements(value), TensorShape(network.shape(value))))
            let name = named.graph.values[value].name
            if let mismatch = named.mismatch(kernels, output: name, expected: expected) {
                return report(mismatch, named, kernels)
            }
        }
        return nil
    }

    private func report(_ mismatch: String, _ trial: NetworkTrial, _ kernels: KernelSet) -> String {
        guard trial.mismatch(kernels) != nil else {
            return "\(mismatch), which the reference network does too\n\(trial.graph.text)"
        }
        let small = trial.shrunk(kernels)
        return "\(mismatch)\nin short, \(small.mismatch(kernels) ?? "nothing"):\n\(small.graph.text)"
    }

    /// What the graphs are made of, so that a generator that went quiet is noticed.
    @Test func theGraphsAreRich() throws {
        var counts: [String: Int] = [:]
        var nodes = 0
        for number in 0..<200 as Range<UInt64> {
            let network = RandomNetwork(SeededRandom(seed: number), size: 15)
            nodes += network.builder.graph.nodes.count
            for node in network.builder.graph.nodes { counts[node.type, default: 0] += 1 }
        }
        #expect(nodes > 2000)
        let expected = [
            "convolution", "batchNormalization", "gemm", "matMul", "unary", "clip", "parametricRelu", "binary",
            "softmax",
            "pool", "globalPool", "reduce", "layerNormalization", "concat", "split", "slice", "reshape", "flatten",
            "transpose", "squeeze", "unsqueeze", "pad", "resize", "expand", "gather", "cast", "identity",
        ]
        for type in expected { #expect(counts[type, default: 0] >= 2, "\(type)") }
    }
}
