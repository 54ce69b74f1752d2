extension Planner {
    /// A wide picture below this size stays in the second-level cache by itself.
    package static let smallPictureBytes = 384 << 10
    /// What a band's ring and filtered rows may take together.
    static let ringBytes = 256 << 10

    /// A widening convolution, a depthwise one that nothing else looks at, a narrowing one.
    struct Chain {
        var widening, depthwise: Flow.Node
        var first, second: FlowConvolution
    }

    /// The chains that are worth running in bands, by the place of their last node, and the places of the others.
    func chains() -> (chains: [Int: Chain], members: Set<Int>) {
        guard !keepsAll else { return ([:], []) }
        let producers = flow.producers()
        var chains: [Int: Chain] = [:]
        var members: Set<Int> = []
        /// A convolution that one node alone uses.
        func sole(_ value: ValueID?) -> (place: Int, node: Flow.Node, convolution: FlowConvolution)? {
            guard let value, uses[value] == 1, placements[value] == nil, let place = producers[value],
                let node = flow.nodes[place], case .convolution(let convolution) = node.operation,
                !convolution.hasResidual, convolution.activation.bounds != nil
            else { return nil }
            return (place, node, convolution)
        }
        for (place, node) in flow.nodes.enumerated() {
            guard let node, case .convolution(let last) = node.operation, last.group == 1,
                last.activation.bounds != nil, last.geometry.kernel == [1, 1], last.geometry.strides == [1, 1],
                last.geometry.padding == [0, 0, 0, 0],
                let second = sole(node.inputs[0]), second.convolution.isDepthwise,
                let first = sole(second.node.inputs[0]), first.convolution.group == 1
            else { continue }
            // All of floats or all of bytes.
            let kinds = [first.node, second.node, node].map { byteChoice.nodes.contains($0.outputs[0]) }
            guard kinds.allSatisfy({ $0 == kinds[0] }) else { continue }
            let wide = first.convolution.geometry.output
            let bytes = wide[0] * wide[1] * first.convolution.filters * (kinds[0] ? 1 : 4)
            guard bytes > Self.smallPictureBytes else { continue }
            chains[place] = Chain(
                widening: first.node, depthwise: second.node, first: first.convolution, second: second.convolution)
            members.formUnion([first.place, second.place])
        }
        return (chains, members)
    }

    /// Adds one step for a chain. Its three convolutions are planned as if they stood alone, into memory for a band.
    mutating func plan(_ chain: Chain, last node: Flow.Node) throws(NetworkError) {
        let geometry = chain.second.geometry
        let isBytes = byteChoice.nodes.contains(node.outputs[0])
        let elementBytes = isBytes ? 1 : 4
        let rowBytes = geometry.input[1] * chain.first.filters * elementBytes
        let filteredBytes = geometry.output[1] * chain.second.filters * elementBytes
        var band = geometry.output[0]
        while band > 1, BandStep.ringRows(geometry, band: band) * rowBytes + band * filteredBytes > Self.ringBytes {
            band = (band + 1) / 2
        }
        let rows = BandStep.ringRows(geometry, band: band)
        let ring = newView(
            [1, chain.first.filters, rows, geometry.input[1]], order: View.channelsLast, elementBytes: elementBytes)
        let filtered = newView(
            [1, chain.second.filters, band, geometry.output[1]], order: View.channelsLast, elementBytes: elementBytes)
        for (value, view) in [(chain.widening.outputs[0], ring), (chain.depthwise.outputs[0], filtered)] {
            if isBytes {
                byteViews[value] = view
                byteForms[value] = byteForm(value)
            } else {
                views[value] = view
            }
        }
        // The three steps, and whatever they need before them, such as a copy of the input in another layout.
        let start = steps.count
        var members: [PendingStep] = []
        for part in [chain.widening, chain.depthwise, node] {
            try plan(part)
            members.append(steps.removeLast())
        }
        // Whatever they touch must live until the whole block is done.
        let place = steps.count
        for index in storages.indices {
            guard let used = storages[index].steps, used.upperBound >= start else { continue }
            storages[index].steps = min(used.lowerBound, place)...max(used.upperBound, place)
        }
        let layers = members.map(\.layer)
        let layer = PlanSummary.Layer(
            name: node.source.name,
            operation: layers.map(\.operation).joined(separator: " > ") + ", \(band) rows a band",
            shape: layers[2].shape, multiplyAccumulates: layers.reduce(0) { $0 + $1.multiplyAccumulates },
            weightBytes: layers.reduce(0) { $0 + $1.weightBytes }, kernel: layers[0].kernel + " bands")
        steps.append(
            PendingStep(layer: layer) { address in
                guard let widening = members[0].make(address) as? any RowMaker,
                    let depthwise = members[1].make(address) as? any RowFilter,
                    let narrowing = members[2].make(address) as? any RowMaker
                else { preconditionFailure("convolutions with bounds alone are single steps") }
                return BandStep(
                    widening: widening, depthwise: depthwise, narrowing: narrowing, ring: address(ring),
                    ringRows: rows, ringRowBytes: rowBytes, filtered: address(filtered), band: band)
            })
    }
}
