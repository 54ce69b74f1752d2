/// What follows a convolution or a product of matrices is done where its sums are stored.
extension Flow {
    /// Folds per-channel factors and terms into weights, and activations and residual sums into what makes their input.
    mutating func fuse() {
        var uses = users().map(\.count)
        var producers = producers()
        for place in nodes.indices {
            guard let node = nodes[place], let x = node.inputs.first.flatMap({ $0 }) else { continue }
            switch node.operation {
            case .affine(let scale, let shift, let activation):
                guard let maker = producers[x], uses[x] == 1, fold(scale, shift, activation, into: maker) else {
                    continue
                }
                replace(place, by: maker, &producers)
                uses[x] = 0
            case .activation(let activation):
                guard let maker = producers[x], uses[x] == 1, attach(activation, to: maker) else { continue }
                replace(place, by: maker, &producers)
                uses[x] = 0
            case .binary(.add, let activation):
                guard let y = node.inputs[1], x != y, shape(x) == shape(y) else { continue }
                // Of two candidates the later one waits for the other anyway.
                var chosen: (sum: ValueID, residual: ValueID, maker: Int)?
                for (sum, residual) in [(x, y), (y, x)] where uses[sum] == 1 {
                    guard let maker = producers[sum], takesResidual(maker), maker > chosen?.maker ?? -1 else {
                        continue
                    }
                    chosen = (sum, residual, maker)
                }
                guard let (sum, residual, maker) = chosen else { continue }
                // The convolution moves to the place of the sum, where its residual is certain to be there.
                guard var moved = nodes[maker] else { continue }
                moved.inputs.append(residual)
                moved.outputs = node.outputs
                moved.operation = moved.operation.adding(activation)
                nodes[place] = moved
                nodes[maker] = nil
                producers[node.outputs[0]] = place
                uses[sum] = 0
            default:
                continue
            }
        }
    }

    private mutating func replace(_ place: Int, by maker: Int, _ producers: inout [Int?]) {
        guard let outputs = nodes[place]?.outputs else { return }
        nodes[maker]?.outputs = outputs
        nodes[place] = nil
        producers[outputs[0]] = maker
    }

    private func takesResidual(_ place: Int) -> Bool {
        switch nodes[place]?.operation {
        case .convolution(let convolution)?: convolution.activation == .none && !convolution.hasResidual
        case .linear(let linear)?: linear.activation == .none && !linear.hasResidual
        default: false
        }
    }

    private mutating func attach(_ activation: Activation, to place: Int) -> Bool {
        switch nodes[place]?.operation {
        case .convolution(var convolution)? where convolution.activation == .none:
            convolution.activation = activation
            nodes[place]?.operation = .convolution(convolution)
        case .linear(var linear)? where linear.activation == .none:
            linear.activation = activation
            nodes[place]?.operation = .linear(linear)
        case .affine(let scale, let shift, .none)?:
            nodes[place]?.operation = .affine(scale: scale, shift: shift, activation)
        case .binary(let function, .none)?:
            nodes[place]?.operation = .binary(function, activation)
        default:
            return false
        }
        return true
    }

    private mutating func fold(_ scale: [Float], _ shift: [Float], _ activation: Activation, into place: Int) -> Bool {
        switch nodes[place]?.operation {
        case .convolution(var convolution)? where convolution.activation == .none && !convolution.hasResidual:
            guard scale.count == convolution.filters else { return false }
            let depth = convolution.depth
            for filter in 0..<convolution.filters {
                for index in filter * depth..<(filter + 1) * depth { convolution.weights[index] *= scale[filter] }
                convolution.bias[filter] = convolution.bias[filter] * scale[filter] + shift[filter]
            }
            convolution.activation = activation
            nodes[place]?.operation = .convolution(convolution)
        case .linear(var linear)? where linear.activation == .none && !linear.hasResidual:
            // Only where a row's elements are the channels.
            guard scale.count == linear.columns, let made = nodes[place]?.outputs[0], shape(made).rank == 2 else {
                return false
            }
            for k in 0..<linear.inner {
                for n in 0..<linear.columns { linear.weights[k * linear.columns + n] *= scale[n] }
            }
            for n in 0..<linear.columns { linear.bias[n] = linear.bias[n] * scale[n] + shift[n] }
            linear.activation = activation
            nodes[place]?.operation = .linear(linear)
        case .affine(let innerScale, let innerShift, .none)?:
            nodes[place]?.operation = .affine(
                scale: zip(innerScale, scale).map { $0 * $1 },
                shift: zip(zip(innerShift, scale), shift).map { $0.0 * $0.1 + $1 }, activation)
        default:
            return false
        }
        return true
    }
}

extension FlowOperation {
    /// This convolution or product with a residual, and what is applied to the sum.
    fileprivate func adding(_ activation: Activation) -> FlowOperation {
        switch self {
        case .convolution(var convolution):
            convolution.hasResidual = true
            convolution.activation = activation
            return .convolution(convolution)
        case .linear(var linear):
            linear.hasResidual = true
            linear.activation = activation
            return .linear(linear)
        default:
            return self
        }
    }
}
