/// What is computed with bytes, and in which form values are needed.
struct ByteChoice {
    /// Nodes that take and make bytes, by their first output.
    var nodes: Set<ValueID> = []
    /// Values that something takes as floats.
    var asFloats: Set<ValueID> = []
    /// Values that something takes as bytes.
    var asBytes: Set<ValueID> = []
}

extension Planner {
    /// Decides which nodes compute with bytes: from the output backwards, so that what is needed of a value is known
    /// when its maker is looked at.
    ///
    /// Convolutions and products take bytes wherever their input's range is known. Their sums leave the registers as
    /// bytes, as floats, or both: residual sums and all that has no kernel for bytes stay in floats, so rounding does
    /// not add up from block to block. Depthwise convolutions, max pools and concatenations follow where nothing needs
    /// their output as floats.
    mutating func chooseBytes() {
        byteChoice.asFloats.insert(flow.output)
        for case .some(let node) in flow.nodes.reversed() {
            if takesBytes(node) {
                byteChoice.nodes.insert(node.outputs[0])
                for (index, input) in node.inputs.enumerated() {
                    guard let input else { continue }
                    // A residual is added as floats.
                    if index > 0, !isConcatenation(node) {
                        byteChoice.asFloats.insert(input)
                    } else {
                        byteChoice.asBytes.insert(input)
                    }
                }
            } else {
                for case .some(let input) in node.inputs { byteChoice.asFloats.insert(input) }
            }
        }
    }

    private func isConcatenation(_ node: Flow.Node) -> Bool {
        if case .other(.concat) = node.operation { true } else { false }
    }

    private func takesBytes(_ node: Flow.Node) -> Bool {
        guard let x = node.inputs.first.flatMap({ $0 }), hasRange(x) else { return false }
        let y = node.outputs[0]
        let onlyBytes = byteChoice.asBytes.contains(y) && !byteChoice.asFloats.contains(y)
        switch node.operation {
        case .convolution(let convolution) where convolution.isDepthwise:
            return onlyBytes && hasRange(y) && !convolution.hasResidual && convolution.activation.bounds != nil
                && convolution.geometry.dilations == [1, 1] && convolution.geometry.kernel[0] <= 8
                && ByteWeights.canStand(for: convolution.weights, depth: convolution.depth)
        case .convolution(let convolution):
            return ByteWeights.canStand(for: convolution.weights, depth: convolution.depth)
        case .linear(let linear):
            return linear.inner >= 4 && ByteWeights.canStand(for: linear.weights, depth: linear.inner)
        case .other(.pool(let pooling)):
            return onlyBytes && pooling.kind == .max && flow.shape(x).rank == 4 && flow.shape(x)[0] == 1
        case .other(.concat(let axis)):
            let rank = flow.shape(y).rank
            return onlyBytes && hasRange(y) && rank == 4 && (axis == 1 || axis == -3)
                && node.inputs.allSatisfy { $0.map { hasRange($0) } ?? true }
        default:
            return false
        }
    }

    private func hasRange(_ value: ValueID) -> Bool {
        flow.values[value].constant == nil && ranges?.ranges[flow.values[value].name] != nil
    }

    /// How a value's bytes are to be read. What is made inside of a concatenation has its form; a max pool hands on its
    /// input's.
    func byteForm(_ value: ValueID) -> ByteForm {
        if let form = byteForms[value] { return form }
        if let placement = placements[value], byteChoice.nodes.contains(placement.parent) {
            return byteForm(placement.parent)
        }
        guard let range = ranges?.ranges[flow.values[value].name] else {
            preconditionFailure("'\(flow.values[value].name)' has no range, which was looked at before")
        }
        return ByteForm(low: range.low, high: range.high)
    }
}
