import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Real files, which show that fields have the right numbers.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason))) struct SharedModelTests {
    @Test func mobileNetV2() throws {
        let start = ContinuousClock.now
        let graph = try Graph(onnxFile: SharedData.path("models/mobilenet_v2_1.0_224.onnx"))
        print("MobileNetV2 read in \(ContinuousClock.now - start)")
        #expect(graph.opset == 13 && graph.nodes.count == 101)
        #expect(graph.inputs.map(\.dimensions) == [[nil, 3, 224, 224]])
        #expect(graph.outputs.map { graph.values[$0].name } == ["features", "logits"])
        let weights = graph.values.compactMap(\.constant).filter { $0.shape.rank == 4 }
        #expect(weights.count == 53 && weights.contains { $0.shape == [32, 3, 3, 3] })
        let strides = graph.nodes.filter { node in
            if case .convolution(let convolution) = node.operation { convolution.strides == [2, 2] } else { false }
        }
        #expect(strides.count == 5)
        #expect(weights.allSatisfy { $0.floats?.allSatisfy { $0.isFinite && $0.magnitude < 100 } == true })
    }

    @Test func squeezeNet() throws {
        let graph = try Graph(onnxFile: SharedData.path("models/squeezenet1.1.onnx"))
        #expect(graph.inputs.map(\.dimensions) == [[1, 3, 227, 227]])
        #expect(graph.outputs.map { graph.values[$0].name } == ["logits", "prob", "embedding"])
        #expect(graph.nodes.filter { $0.type == "Concat" }.count == 8)
    }

    @Test func descriptions() throws {
        func read(_ name: String) throws -> ModelDescription {
            let url = URL(fileURLWithPath: SharedData.path("models/\(name).json"))
            return try ModelDescription(json: try Data(contentsOf: url))
        }
        let scale: [Float] = [127.5, 127.5, 127.5]
        #expect(
            try read("mobilenet_v2_1.0_224")
                == ModelDescription(
                    inputSize: 224, mean: scale, scale: scale, output: "features", licence: "Apache-2.0"))
        let squeeze = try read("squeezenet1.1")
        #expect(squeeze.colourOrder == .bgr && squeeze.mean == [104, 117, 123] && squeeze.output == "embedding")
    }
}
