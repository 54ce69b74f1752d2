import CTensorKernels

/// Bytes in memory: making them of floats, and floats of them.
extension Planner {
    /// Where a value is to be made as bytes: its place in a concatenation of bytes, or memory of its own.
    mutating func byteOutput(_ value: ValueID, form: ByteForm) -> View {
        if let view = byteViews[value] { return view }
        let shape = flow.shape(value).dimensions
        let view: View
        if let placement = placements[value], byteChoice.nodes.contains(placement.parent),
            form == byteForm(placement.parent)
        {
            view = byteOutput(placement.parent, form: form).sliced(
                placement.dimension, from: placement.start, count: shape[placement.dimension])
        } else {
            let order = shape.count == 4 ? View.channelsLast : Array(shape.indices)
            view = newView(shape, order: order, elementBytes: 1)
        }
        byteViews[value] = view
        byteForms[value] = form
        return view
    }

    /// A value as bytes, quantized now where it is there only as floats.
    mutating func byteInput(_ value: ValueID) -> View {
        if let view = byteViews[value] { return view }
        let from = input(value)
        let form = byteForm(value)
        let to = byteOutput(value, form: form)
        let walk = Walk.over(to, from)
        emit(
            layer(flow.values[value].name, "quantize", to, kernel: "quantize"), uses: [from, to]
        ) { [kernels] address in
            QuantiseStep(kernels: kernels, walk: walk, form: form.kernelForm, x: address(from), y: address(to))
        }
        return to
    }

    /// A value as a picture of bytes whose channels lie side by side: as it lies, or a copy.
    mutating func bytePicture(_ value: ValueID) -> View {
        let view = byteInput(value)
        if view.hasChannelsLast && view.strides.allSatisfy({ $0 >= 0 }) { return view }
        let copy = newView(view.shape, order: View.channelsLast, elementBytes: 1)
        let walk = Walk.over(copy, view)
        emit(
            layer(flow.values[value].name, "copy", copy, kernel: "copy"), uses: [view, copy]
        ) { [kernels] address in
            CopyStep(kernels: kernels, walk: walk, elementBytes: 1, x: address(view), y: address(copy))
        }
        return copy
    }

    /// Floats of a value that is there as bytes.
    mutating func emitDequantisation(of value: ValueID, _ from: View) -> View {
        let form = byteForm(value)
        let to = newView(from.shape, order: from.order)
        views[value] = to
        let walk = Walk.over(to, from)
        emit(
            layer(flow.values[value].name, "dequantize", to, kernel: "quantize"), uses: [from, to]
        ) { [kernels] address in
            DequantiseStep(kernels: kernels, walk: walk, form: form.kernelForm, x: address(from), y: address(to))
        }
        return to
    }

    mutating func planBytePool(_ geometry: WindowGeometry, _ node: Flow.Node) {
        guard let value = node.inputs[0] else { return }
        let x = bytePicture(value)
        let y = byteOutput(node.outputs[0], form: byteForm(value))
        let window = lk_window(geometry, x: x, y: y, countsPadding: false)
        let name = "\(node.source.type) \(geometry.kernel[0])x\(geometry.kernel[1])/\(geometry.strides[0])"
        emit(layer(node.source.name, name, y, kernel: "pool u8"), uses: [x, y]) { [kernels] address in
            BytePoolStep(kernels: kernels, window: window, x: address(x), y: address(y))
        }
    }

    mutating func planByteConcatenation(_ node: Flow.Node) {
        let form = byteForm(node.outputs[0])
        let y = byteOutput(node.outputs[0], form: form)
        var start = 0
        for case .some(let value) in node.inputs {
            let count = flow.shape(value)[1]
            let place = y.sliced(1, from: start, count: count)
            start += count
            let from = byteInput(value)
            guard from != place, place.count > 0 else { continue }
            let its = byteForm(value)
            let walk = Walk.over(place, from)
            emit(
                layer(flow.values[value].name, its == form ? "copy" : "requantize", place, kernel: "copy"),
                uses: [from, place]
            ) { [kernels] address in
                guard its != form else {
                    return CopyStep(kernels: kernels, walk: walk, elementBytes: 1, x: address(from), y: address(place))
                }
                return RequantiseStep(
                    kernels: kernels, walk: walk, from: its.kernelForm, to: form.kernelForm, x: address(from),
                    y: address(place))
            }
        }
    }
}
