import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Models are altered at random, where it means something and where it does not. Whatever comes of it is read or
/// refused, with one line that says why; nothing ends the process, goes on for ever or takes more memory than the limits
/// allow.
@Suite(.serialized) struct NetworkFuzzTests {
    /// So small that going beyond them shows.
    private static let limits: NetworkLimits = {
        var limits = NetworkLimits()
        limits.fileBytes = 1 << 20
        limits.nodes = 500
        limits.tensorElements = 1 << 18
        limits.constantBytes = 4 << 20
        limits.arenaBytes = 16 << 20
        limits.operations = 1 << 28
        return limits
    }()

    /// What all of the process may grow by: the limits, and what tests beside this one take.
    private static let memory = 2 << 30

    @Test func theModelsAreSound() throws {
        for bytes in SeedModels.all {
            let graph = try Graph(onnx: Data(bytes), limits: Self.limits)
            try Self.use(graph)
            #expect(WireTree(bytes)?.bytes == bytes)
        }
    }

    @Test func whateverComesIsReadOrRefused() throws {
        var (read, refused) = (0, [String: Int]())
        let before = Self.peakBytes()
        FuzzRun.forEachCase(501) { number, random in
            let mutation = ModelMutation(&random)
            let comment = Comment(rawValue: "LOOKALIKE_FUZZ_CASE=\(number), \(mutation)")
            do throws(NetworkError) {
                try Self.use(try Graph(onnx: Data(mutation.bytes), limits: Self.limits))
                read += 1
            } catch {
                #expect(!error.description.contains("\n") && error.description.utf8.count < 2000, comment)
                refused[String(describing: error).prefix { $0 != ":" }.description, default: 0] += 1
            }
        }
        if let before, let after = Self.peakBytes() { #expect(after - before < Self.memory) }
        print("\(read) models read, refused: \(refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })")
        if FuzzRun.cases >= 100 { #expect(read > 0 && refused.count >= 4) }
    }

    /// What is done with every graph that was read: looked at, planned, run in floats and in bytes.
    private static func use(_ graph: Graph) throws(NetworkError) {
        var bytes = 0
        var known = Set(graph.inputs.map(\.value))
        for (id, value) in graph.values.enumerated() {
            guard let constant = value.constant else { continue }
            known.insert(id)
            bytes += constant.elements.count * (constant.type.isFloat ? 4 : 8)
            #expect(constant.elements.count <= limits.tensorElements && constant.shape.rank <= limits.rank)
        }
        #expect(bytes <= limits.constantBytes && graph.nodes.count <= limits.nodes)
        for node in graph.nodes {
            #expect(known.isSuperset(of: node.inputs.compactMap { $0 }))
            for output in node.outputs.compactMap({ $0 }) { #expect(known.insert(output).inserted) }
        }
        #expect(known.isSuperset(of: graph.outputs) && !graph.outputs.isEmpty && !graph.inputs.isEmpty)
        try run(graph)
    }

    private static func run(_ graph: Graph) throws(NetworkError) {
        let isOpen = graph.inputs[0].dimensions.dropFirst().contains(nil)
        let size = isOpen ? 16 : nil
        let network = try Network(graph: graph, inputSize: size, limits: limits)
        #expect(network.summary.arenaBytes <= limits.arenaBytes)
        let picture = (0..<network.inputHeight * network.inputWidth * network.inputChannels).map { index in
            Float(index % 17) / 8 - 1
        }
        run(network, picture)
        let ranges = try Network.calibrate(
            graph: graph, inputSize: size, output: nil, limits: limits, pictures: [picture])
        run(try Network(graph: graph, inputSize: size, precision: .int8, ranges: ranges, limits: limits), picture)
    }

    private static func run(_ network: Network, _ picture: [Float]) {
        var output = [Float](repeating: 0, count: network.outputCount)
        picture.withUnsafeBufferPointer { picture in
            output.withUnsafeMutableBufferPointer { network.makeSession().run(picture, into: $0) }
        }
    }

    /// The most memory that the process has had; nil where that is not told.
    private static func peakBytes() -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
        else { return nil }
        return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 << 10 }
    }
}
