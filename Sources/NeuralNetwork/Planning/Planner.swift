import CTensorKernels

/// Makes steps of a flow: decides where every tensor lies and which kernel makes it, packs the weights.
///
/// Pictures lie channels-last, whatever ONNX's order of dimensions says: a convolution then is a product of matrices
/// without moving anything. Transposes, slices, splits, broadcasts and most reshapes are views of what is there already;
/// what is concatenated is made where it ends up. A tensor is copied only where a kernel cannot read it as it lies.
package struct Planner {
    /// A stretch of memory, and the steps that use it.
    struct Storage {
        var bytes: Int
        /// What views of it count in: 4 for floats, 1 for bytes.
        var elementBytes: Int
        /// nil: a part of the arena.
        var constant: ConstantMemory?
        var steps: ClosedRange<Int>?
    }

    /// A step whose addresses are not known yet.
    struct PendingStep {
        var layer: PlanSummary.Layer
        var make: (_ address: (View) -> Address) -> any PlanStep
    }

    /// Where a value is to be made: at a place along one dimension of another.
    struct Placement {
        var parent: ValueID
        var dimension, start: Int
    }

    let flow: Flow
    let kernels: KernelSet
    let limits: NetworkLimits
    /// Ranges of activations, where the plan is to compute with bytes.
    let ranges: ActivationRanges?
    /// Whether every value is to stay in memory of its own until the end, to be looked at.
    let keepsAll: Bool
    let uses: [Int]
    var storages: [Storage] = []
    var steps: [PendingStep] = []
    var views: [View?]
    var placements: [ValueID: Placement] = [:]
    /// Values that lie in memory that only they use, which may be computed in place.
    var ownsStorage: Set<ValueID> = []
    /// Copies of values in another layout, made once.
    var pictureCopies: [ValueID: View] = [:]
    var rowMajorCopies: [ValueID: View] = [:]
    /// Where values lie as bytes.
    var byteViews: [ValueID: View] = [:]
    var byteForms: [ValueID: ByteForm] = [:]
    /// What is computed with bytes.
    var byteChoice = ByteChoice()

    init(
        _ flow: Flow, kernels: KernelSet, limits: NetworkLimits, ranges: ActivationRanges? = nil, keepsAll: Bool = false
    ) {
        self.flow = flow
        self.kernels = kernels
        self.limits = limits
        self.ranges = ranges
        self.keepsAll = keepsAll
        uses = flow.users().map(\.count)
        views = [View?](repeating: nil, count: flow.values.count)
    }

    // MARK: Memory

    private mutating func newStorage(bytes: Int, elementBytes: Int, constant: ConstantMemory? = nil) -> StorageID {
        storages.append(Storage(bytes: bytes, elementBytes: elementBytes, constant: constant))
        return storages.count - 1
    }

    /// Memory for one step alone.
    mutating func scratch(bytes: Int) -> View {
        View(storage: newStorage(bytes: bytes, elementBytes: 1), shape: [bytes], strides: [1])
    }

    mutating func newView(_ shape: [Int], order: [Int], elementBytes: Int = 4) -> View {
        View(
            storage: newStorage(bytes: elementBytes * shape.reduce(1, *), elementBytes: elementBytes), shape: shape,
            strides: View.strides(of: shape, order: order))
    }

    /// Where a value is to be made: its place in a concatenation, or memory of its own in `order`.
    mutating func output(_ value: ValueID, order: [Int]? = nil) -> View {
        if let view = views[value] { return view }
        let shape = flow.shape(value).dimensions
        let view: View
        if let placement = placements[value], !byteChoice.nodes.contains(placement.parent) {
            view = output(placement.parent).sliced(
                placement.dimension, from: placement.start, count: shape[placement.dimension])
            if uses[value] > 1 { shareParents(of: value) }
        } else {
            view = newView(shape, order: order ?? (shape.count == 4 ? View.channelsLast : Array(shape.indices)))
            ownsStorage.insert(value)
        }
        views[value] = view
        return view
    }

    /// Keeps what a value lies inside of from being computed in place: the value is used on its own as well.
    private mutating func shareParents(of value: ValueID) {
        var parent = placements[value]?.parent
        while let shared = parent {
            ownsStorage.remove(shared)
            parent = placements[shared]?.parent
        }
    }

    /// Where a value lies that has been made, or is a constant.
    mutating func input(_ value: ValueID) -> View {
        if let view = views[value] { return view }
        if let bytes = byteViews[value] { return emitDequantisation(of: value, bytes) }
        guard let constant = flow.values[value].constant else {
            preconditionFailure("'\(flow.values[value].name)' is used before it is made")
        }
        let floats: [Float] =
            switch constant.elements {
            case .floats(let values): values
            case .integers(let values): values.map { Float($0) }
            }
        let memory = ConstantMemory(floats)
        let shape = constant.shape.dimensions
        let view = View(
            storage: newStorage(bytes: memory.bytes, elementBytes: 4, constant: memory), shape: shape,
            strides: constant.shape.rowMajorStrides)
        views[value] = view
        return view
    }

    /// A value as a picture whose channels lie side by side and whose steps go forwards: as it lies, or a copy.
    mutating func picture(_ value: ValueID) -> View {
        let view = input(value)
        if view.hasChannelsLast && view.strides.allSatisfy({ $0 >= 0 }) { return view }
        if let copy = pictureCopies[value] { return copy }
        let copy = newView(view.shape, order: View.channelsLast)
        emitCopy(of: value, view, to: copy)
        pictureCopies[value] = copy
        return copy
    }

    /// A value with one element after the other in row-major order: as it lies, or a copy.
    mutating func rowMajor(_ value: ValueID) -> View {
        let view = input(value)
        if view.isRowMajor { return view }
        if let copy = rowMajorCopies[value] { return copy }
        let copy = newView(view.shape, order: Array(view.shape.indices))
        emitCopy(of: value, view, to: copy)
        rowMajorCopies[value] = copy
        return copy
    }

    // MARK: Steps

    /// Adds a step that reads and writes these stretches of memory.
    mutating func emit(
        _ layer: PlanSummary.Layer, uses views: [View],
        _ make: @escaping (_ address: (View) -> Address) -> any PlanStep
    ) {
        let place = steps.count
        for view in views {
            let before = storages[view.storage].steps
            storages[view.storage].steps = (before?.lowerBound ?? place)...(keepsAll ? Int.max : place)
        }
        steps.append(PendingStep(layer: layer, make: make))
    }

    mutating func emitCopy(of value: ValueID, _ from: View, to: View) {
        let walk = Walk.over(to, from)
        emit(layer(flow.values[value].name, "copy", to, kernel: "copy"), uses: [from, to]) { [kernels] address in
            CopyStep(kernels: kernels, walk: walk, elementBytes: 4, x: address(from), y: address(to))
        }
    }

    /// What a summary says of a step.
    func layer(
        _ name: String, _ operation: String, _ output: View, macs: Int = 0, weights: Int = 0, kernel: String
    ) -> PlanSummary.Layer {
        PlanSummary.Layer(
            name: name, operation: operation, shape: output.shape, multiplyAccumulates: macs, weightBytes: weights,
            kernel: "\(kernel) \(String(cString: kernels.tensor.pointee.name))")
    }

    // MARK: The whole

    /// A plan for all of the flow.
    mutating func plan() throws(NetworkError) -> Plan {
        let inputShape = flow.shape(flow.input).dimensions
        let inputOrder = try Plan.InputForm(inputShape).order
        let inputView = newView(inputShape, order: inputOrder)
        views[flow.input] = inputView
        storages[inputView.storage].steps = 0...(keepsAll ? Int.max : 0)
        placeConcatenations()
        if ranges != nil { chooseBytes() }
        let (chains, members) = chains()
        for (place, node) in flow.nodes.enumerated() {
            guard let node, !members.contains(place) else { continue }
            if let chain = chains[place] { try plan(chain, last: node) } else { try plan(node) }
        }
        return try finish(inputView: inputView)
    }

    private mutating func finish(inputView: View) throws(NetworkError) -> Plan {
        var result = input(flow.output)
        if result.rank == 4, result.shape[2] * result.shape[3] > 1 {
            // A picture as an embedding: the mean over its pixels.
            let mean = newView([result.shape[0], result.shape[1], 1, 1], order: View.channelsLast)
            emitReduction(
                "\(flow.values[flow.output].name) (mean)", "mean over pixels", LK_REDUCE_MEAN, dimensions: [2, 3],
                from: result,
                to: mean)
            result = mean
        }
        let last = max(0, steps.count - 1)
        let before = storages[result.storage].steps
        storages[result.storage].steps = (before?.lowerBound ?? 0)...max(last, before?.upperBound ?? 0)
        let requests = storages.map { storage in
            ArenaPlan.Request(
                bytes: storage.constant == nil && storage.steps != nil ? storage.bytes + Plan.spareBytes : 0,
                steps: storage.steps ?? 0...0)
        }
        let arena = ArenaPlan(requests)
        guard arena.bytes <= limits.arenaBytes else {
            throw .tooLarge("its activations take \(arena.bytes) bytes; the limit is \(limits.arenaBytes)")
        }
        let storages = storages
        func address(_ view: View) -> Address { Self.address(view, storages, arena) }
        let made = steps.map { $0.make(address) }
        let layers = steps.map(\.layer)
        let summary = PlanSummary(
            layers: layers, multiplyAccumulates: layers.reduce(0) { $0 + $1.multiplyAccumulates },
            weightBytes: layers.reduce(0) { $0 + $1.weightBytes }, arenaBytes: arena.bytes)
        return Plan(
            kernels: kernels, steps: made, arenaBytes: arena.bytes, input: address(inputView),
            inputForm: try Plan.InputForm(inputView.shape), output: address(result), outputView: result,
            kept: keepsAll ? keptValues(address) : [], summary: summary)
    }

    private static func address(_ view: View, _ storages: [Storage], _ arena: ArenaPlan) -> Address {
        let storage = storages[view.storage]
        let start = storage.constant == nil ? arena.offsets[view.storage] : 0
        return Address(constant: storage.constant, offset: start + view.offset * storage.elementBytes)
    }

    /// Where each value lies that the picture decides.
    private func keptValues(_ address: (View) -> Address) -> [Plan.Kept] {
        views.enumerated().compactMap { value, view in
            guard let view, flow.values[value].constant == nil else { return nil }
            return Plan.Kept(name: flow.values[value].name, address: address(view), view: view)
        }
    }

    /// Decides which tensors are made where a concatenation wants them, last concatenation first: the others copy.
    private mutating func placeConcatenations() {
        let producers = flow.producers()
        for case .some(let node) in flow.nodes.reversed() {
            guard case .other(.concat(let axis)) = node.operation, flow.shape(node.outputs[0]).rank == 4 else {
                continue
            }
            let dimension = axis < 0 ? axis + 4 : axis
            guard dimension == 1 else { continue }
            var start = 0
            for case .some(let value) in node.inputs {
                if placements[value] == nil, node.inputs.count(where: { $0 == value }) == 1,
                    let place = producers[value], let maker = flow.nodes[place], maker.operation.makesPictures
                {
                    placements[value] = Placement(parent: node.outputs[0], dimension: dimension, start: start)
                }
                start += flow.shape(value)[dimension]
            }
        }
    }
}

extension FlowOperation {
    /// Whether it writes its output where it is told to, and does not hand on a view.
    fileprivate var makesPictures: Bool {
        switch self {
        case .convolution, .affine, .binary, .activation, .other(.pool), .other(.concat): true
        default: false
        }
    }
}
