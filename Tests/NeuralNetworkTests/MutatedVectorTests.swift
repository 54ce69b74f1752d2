import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Golden models with bytes altered: each is refused, or its shapes are inferred, its constants folded and it runs.
@Suite struct MutatedVectorTests {
    @Test func damagedModelsRunOrAreRefused() throws {
        let seed = SeededRandom.seed(of: 531)
        print("MutatedVectorTests: seed \(seed)")
        var random = SeededRandom(seed: seed)
        var limits = NetworkLimits()
        limits.tensorElements = 1 << 16
        limits.constantBytes = 1 << 20
        limits.arenaBytes = 1 << 20
        limits.operations = 1 << 22
        var (ran, refused) = (0, 0)
        for _ in 0..<30 {
            for vector in OperatorVectors.all {
                var model = vector.model
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let place = Int.random(in: 0..<model.count, using: &random)
                    // Often a small number, which as an attribute or a size is more likely to be read.
                    model[place] =
                        Bool.random(using: &random)
                        ? .random(in: 0...255, using: &random) : .random(in: 0...9, using: &random)
                }
                do {
                    let graph = try Graph(onnx: model, limits: limits)
                    let sizes = vector.input.shape.dimensions
                    let network = try ReferenceNetwork(graph: graph, inputDimensions: sizes, limits: limits)
                    let results = try network.run(vector.input)
                    #expect(
                        results.map(\.tensorType) == graph.outputs.map { network.typed.types[$0] },
                        "seed \(seed): \(vector.name)")
                    ran += 1
                } catch {
                    refused += 1
                }
            }
        }
        // Weights altered still run; names and sizes altered mostly do not.
        #expect(ran > 1000 && refused > 1000, "seed \(seed): \(ran) ran, \(refused) were refused")
    }
}
