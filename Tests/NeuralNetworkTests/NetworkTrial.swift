import NeuralNetwork

/// One graph, run by the engine and by the reference operators.
struct NetworkTrial {
    var graph: Graph
    var picture: Tensor
    /// The largest magnitude on the way, which rounding errors of a result may be of.
    var largest: Float = 1

    /// What the engine makes of the picture; twice, with another one in between.
    func results(_ kernels: KernelSet, output: String? = nil, precision: Precision = .f32) throws -> [Float] {
        let pixels = try Self.pixels(picture)
        var ranges: ActivationRanges?
        if precision == .int8 {
            ranges = try Network.calibrate(graph: graph, inputSize: nil, output: output, pictures: [pixels])
        }
        let network = try Network(
            graph: graph, inputSize: nil, output: output, precision: precision, ranges: ranges,
            limits: NetworkLimits(), kernels: kernels)
        let session = network.makeSession()
        let first = session.run(pixels, network)
        _ = session.run(pixels.map { 3 - 2 * $0 }, network)
        guard session.run(pixels, network).map(\.bitPattern) == first.map(\.bitPattern) else {
            throw Difference(what: "a second run gives something else than the first")
        }
        return first
    }

    struct Difference: Error, CustomStringConvertible {
        var what: String
        var description: String { what }
    }

    /// The picture as sessions take it.
    static func pixels(_ picture: Tensor) throws -> [Float] {
        let values = picture.floats ?? []
        let shape = picture.shape
        guard try Plan.InputForm(shape.dimensions).order == View.channelsLast else { return values }
        let area = shape[2] * shape[3]
        return (0..<values.count).map { values[$0 % shape[1] * area + $0 / shape[1]] }
    }

    /// What a network makes of a value: a picture becomes the mean over its pixels.
    static func result(_ value: Tensor) -> [Float] {
        let values = value.floats ?? value.integers?.map { Float($0) } ?? []
        guard value.shape.rank == 4, value.shape[2] * value.shape[3] > 1 else { return values }
        let area = value.shape[2] * value.shape[3]
        return stride(from: 0, to: values.count, by: area).map { start in
            Float(values[start..<start + area].reduce(0) { $0 + Double($1) } / Double(area))
        }
    }

    /// What is wrong with the engine's result; nil when nothing is.
    func mismatch(_ kernels: KernelSet, output: String? = nil, expected: [Float]) -> String? {
        let got: [Float]
        do {
            got = try results(kernels, output: output)
        } catch {
            return "\(error)"
        }
        guard got.count == expected.count else { return "\(got.count) numbers, not \(expected.count)" }
        let range = expected.reduce(0) { max($0, abs($1)) }
        let tolerance = max(1e-4 * range, 1e-5, 1e-6 * largest)
        for (place, (a, b)) in zip(got, expected).enumerated() where !(abs(a - b) <= tolerance) {
            return "at \(place) of \(expected.count) it is \(a), not \(b); the largest is \(range)"
        }
        return nil
    }

    /// What is wrong with the engine's result, by the reference network; nil too where that cannot run the graph.
    func mismatch(_ kernels: KernelSet) -> String? {
        guard let expected = try? ReferenceNetwork(graph: graph).run(picture).first else { return nil }
        return mismatch(kernels, expected: Self.result(expected))
    }
}

extension NetworkSession {
    func run(_ pixels: [Float], _ network: Network) -> [Float] {
        [Float](unsafeUninitializedCapacity: network.outputCount) { output, count in
            output.initialize(repeating: .nan)
            pixels.withUnsafeBufferPointer { run($0, into: output) }
            count = network.outputCount
        }
    }
}

// MARK: Shrinking

extension NetworkTrial {
    /// A smaller graph that fails too, as far as leaving out nodes goes.
    func shrunk(_ kernels: KernelSet) -> NetworkTrial {
        var smallest = self
        smallest.graph = graph.pruned
        var goesOn = true
        while goesOn {
            goesOn = false
            for candidate in smallest.graph.simplifications {
                let trial = NetworkTrial(graph: candidate.pruned, picture: picture, largest: largest)
                guard trial.graph.nodes.count < smallest.graph.nodes.count, trial.mismatch(kernels) != nil else {
                    continue
                }
                smallest = trial
                goesOn = true
                break
            }
        }
        return smallest
    }
}

extension Graph {
    /// Without nodes that the result does not need.
    fileprivate var pruned: Graph {
        var graph = self
        var needed = Set(outputs)
        graph.nodes = []
        for node in nodes.reversed() where node.outputs.contains(where: { $0.map(needed.contains) ?? false }) {
            needed.formUnion(node.inputs.compactMap { $0 })
            graph.nodes.insert(node, at: 0)
        }
        return graph
    }

    /// The graph with an earlier result, or with one node's output replaced by something of the same shape.
    fileprivate var simplifications: [Graph] {
        guard let typed = try? TypedGraph(graph: self) else { return [] }
        var found: [Graph] = []
        for node in nodes.dropLast() {
            for case .some(let value) in node.outputs {
                var graph = self
                graph.outputs = [value]
                found.append(graph)
            }
        }
        let made = inputs.map(\.value) + nodes.flatMap { $0.outputs.compactMap { $0 } }
        for (place, node) in nodes.enumerated().reversed() {
            for case .some(let value) in node.outputs {
                for other in made where other != value && typed.types[other] == typed.types[value] {
                    guard !nodes[place...].contains(where: { $0.outputs.contains(other) }) else { continue }
                    var graph = self
                    for later in graph.nodes.indices {
                        graph.nodes[later].inputs = graph.nodes[later].inputs.map { $0 == value ? other : $0 }
                    }
                    graph.outputs = graph.outputs.map { $0 == value ? other : $0 }
                    found.append(graph)
                }
            }
        }
        return found
    }
}
