import Foundation
import TestSupport
import Testing

@testable import NeuralNetwork

/// The engine against the reference operators, on graphs that nobody would think of.
///
/// LOOKALIKE_FUZZ says how many graphs there are (1000 unless it does), LOOKALIKE_SEED which; LOOKALIKE_FUZZ_CASE runs
/// the one whose number a failure has told.
@Suite struct RandomNetworkTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let cases = environment["LOOKALIKE_FUZZ"].flatMap(Int.init) ?? 1000
    private static let only = environment["LOOKALIKE_FUZZ_CASE"].flatMap(UInt64.init)
    /// Parts that run side by side.
    private static let parts = 4

    @Test(arguments: 0..<parts)
    func agreesWithTheReference(part: Int) throws {
        let first = SeededRandom.seed(of: 51) &* 1_000_000
        var failures = 0
        let numbers = Self.only.map { part == 0 ? [$0] : [] } ?? (0..<UInt64(Self.cases)).map { first &+ $0 }
        for number in numbers where Self.only != nil || Int(number % UInt64(Self.parts)) == part {
            let network = RandomNetwork(
                SeededRandom(seed: number), size: 3 + Int(number % 23), isLarge: number % 50 == 7)
            guard network.builder.graph.nodes.count > 0 else { continue }
            for kernels in KernelSet.all {
                guard let failure = try failure(of: network, number, kernels) else { continue }
                failures += 1
                Issue.record("LOOKALIKE_FUZZ_CASE=\(number), \(kernels.name): \(failure)")
                break
            }
            if failures == 3 { break }
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
        for type in expected { #expect(counts[type, default: 0] >= 3, "\(type)") }
    }
}
