import CTensorKernels

/// The numbers that a network computes with.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// 32-bit floats.
    case f32
    /// Bytes, with a scale for each activation and each filter; what does not gain by it stays in floats.
    case int8
}

/// A network made ready for one size of picture, on the fastest kernels that this processor has.
///
/// Thread-safety: never changes after it is made. Run it through sessions, one for each thread.
public final class Network: Sendable {
    let plan: Plan
    /// Name of the value that is the result.
    public let outputName: String
    /// What it computes with.
    public let precision: Precision

    /// Rows of the picture it is fed with.
    public var inputHeight: Int { plan.inputForm.height }
    /// Pixels of a row.
    public var inputWidth: Int { plan.inputForm.width }
    /// Numbers of a pixel.
    public var inputChannels: Int { plan.inputForm.channels }
    /// Length of the result.
    public var outputCount: Int { plan.outputView.count }
    /// The plan in words and numbers.
    public var summary: PlanSummary { plan.summary }

    /// Plans a network.
    ///
    /// - Parameters:
    ///   - graph: as read.
    ///   - inputSize: side in pixels of the square picture; nil: what the graph declares.
    ///   - output: name of the value asked for, a declared result or any other; nil: the first declared one. Of a
    ///     picture [1,C,H,W] the mean over its pixels is taken.
    ///   - precision: int8 needs `ranges`.
    ///   - ranges: what `calibrate` found for the same graph, size and output. Values it does not know stay floats.
    ///   - limits: bounds of memory and work.
    /// - Throws: `.badRequest` for an output or a size that the graph does not have, and for int8 without ranges; else
    ///   what the graph is at fault for.
    public convenience init(
        graph: Graph, inputSize: Int? = nil, output: String? = nil, precision: Precision = .f32,
        ranges: ActivationRanges? = nil, limits: NetworkLimits = NetworkLimits()
    ) throws(NetworkError) {
        try self.init(
            graph: graph, inputSize: inputSize, output: output, precision: precision, ranges: ranges, limits: limits,
            kernels: .best)
    }

    package init(
        graph: Graph, inputSize: Int?, output: String?, precision: Precision = .f32, ranges: ActivationRanges? = nil,
        limits: NetworkLimits, kernels: KernelSet
    ) throws(NetworkError) {
        if precision == .int8, ranges == nil {
            throw .badRequest("computing with bytes needs the ranges of a calibration")
        }
        let (flow, value) = try Self.flow(graph: graph, inputSize: inputSize, output: output, limits: limits)
        var planner = Planner(
            flow, kernels: kernels, limits: limits, ranges: precision == .int8 ? ranges : nil)
        plan = try planner.plan()
        outputName = graph.values[value].name
        self.precision = precision
    }

    /// A graph in the form that is planned, and the value asked for.
    package static func flow(
        graph: Graph, inputSize: Int?, output: String?, limits: NetworkLimits
    ) throws(NetworkError) -> (Flow, ValueID) {
        let value = try Self.output(output, of: graph)
        let typed = try TypedGraph(
            graph: graph, inputDimensions: inputSize.map { Self.dimensions($0, of: graph) }, limits: limits)
        var flow = try Flow(typed, output: value)
        try flow.recogniseOperators()
        flow.recogniseFunctions()
        flow.recogniseConstantArithmetic()
        flow.fuse()
        return (flow, value)
    }

    private static func output(_ name: String?, of graph: Graph) throws(NetworkError) -> ValueID {
        guard let name else {
            guard let first = graph.outputs.first else { throw .inconsistent("it declares no output") }
            return first
        }
        guard let value = graph.value(named: name) else {
            let declared = graph.outputs.map { graph.values[$0].name }.joined(separator: ", ")
            throw .badRequest("it has no value named '\(name)'; its declared outputs are \(declared)")
        }
        return value
    }

    /// The input's sizes for a square picture: channels stay where the graph has them.
    private static func dimensions(_ size: Int, of graph: Graph) -> [Int] {
        let declared = graph.inputs.first?.dimensions ?? []
        if declared.count == 4, let last = declared[3], last <= 4, declared[1].map({ $0 > 4 }) ?? true {
            return [1, size, size, last]
        }
        return [1, declared.count == 4 ? declared[1] ?? 3 : 3, size, size]
    }

    /// A place to run in. Takes `summary.arenaBytes` of memory.
    public func makeSession() -> NetworkSession { NetworkSession(plan) }
}

/// Memory in which one thread at a time runs a network. Nothing is allocated after it is made, but by the steps that
/// summaries call `reference`.
///
/// Thread-safety: one thread at a time.
public final class NetworkSession: @unchecked Sendable {
    private let plan: Plan
    private let arena: Arena
    private let result: lk_walk

    init(_ plan: Plan) {
        self.plan = plan
        arena = Arena(bytes: plan.arenaBytes)
        var dense = plan.outputView
        dense.strides = View.strides(of: dense.shape, order: Array(dense.shape.indices))
        result = Walk.over(dense, plan.outputView)
    }

    /// Runs the network on one picture.
    ///
    /// - Parameters:
    ///   - pixels: `inputHeight` x `inputWidth` x `inputChannels` numbers, row by row, channels interleaved, as the
    ///     network expects them (normalised, in its order of colours).
    ///   - output: room for `outputCount` numbers.
    public func run(_ pixels: UnsafeBufferPointer<Float>, into output: UnsafeMutableBufferPointer<Float>) {
        let form = plan.inputForm
        precondition(pixels.count == form.height * form.width * form.channels, "the picture has another size")
        precondition(output.count >= plan.outputView.count, "there is no room for the output")
        guard let from = pixels.baseAddress, let to = output.baseAddress else { return }
        plan.input.pointer(arena.base, Float.self).update(from: from, count: pixels.count)
        for step in plan.steps { step.run(arena.base) }
        withUnsafePointer(to: result) {
            plan.kernels.tensor.pointee.copy(
                $0, MemoryLayout<Float>.size, plan.output.pointer(arena.base, UInt8.self), UnsafeMutableRawPointer(to))
        }
    }
}

/// Memory for activations: zeroed when it is made, aligned for the widest vectors.
final class Arena {
    let base: UnsafeMutableRawPointer

    init(bytes: Int) {
        base = LargePages.allocate(max(bytes, ArenaPlan.alignment))
    }

    deinit { base.deallocate() }
}
