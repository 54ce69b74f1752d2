import CTensorKernels

/// The walks that kernels make over views.
enum Walk {
    /// Over every element of `output`, with inputs of its shape.
    static func over(_ output: View, _ inputs: View...) -> lk_walk {
        var walk = plain([output] + inputs)
        lk_walk_simplify(&walk, Int32(1 + inputs.count))
        return walk
    }

    /// Over all positions of views of one shape, in row-major order, as they are.
    static func plain(_ views: [View]) -> lk_walk {
        var walk = lk_walk()
        walk.rank = Int32(views[0].rank)
        withUnsafeMutableBytes(of: &walk.sizes) { bytes in
            let sizes = bytes.bindMemory(to: Int64.self)
            for (dimension, size) in views[0].shape.enumerated() { sizes[dimension] = Int64(size) }
        }
        withUnsafeMutableBytes(of: &walk.strides) { bytes in
            let strides = bytes.bindMemory(to: Int64.self)
            for (operand, view) in views.enumerated() {
                for (dimension, stride) in view.strides.enumerated() {
                    strides[operand * Int(LK_RANK_LIMIT) + dimension] = Int64(stride)
                }
            }
        }
        if walk.rank == 0 {
            // A single element.
            walk.rank = 1
            walk.sizes.0 = 1
        }
        return walk
    }
}

extension Activation {
    /// As the element-wise kernels take it.
    var kernelForm: lk_activation {
        switch self {
        case .none: lk_activation(function: LK_IDENTITY, alpha: 0, beta: 0)
        case .clip(0, .infinity): lk_activation(function: LK_RELU, alpha: 0, beta: 0)
        case .clip(let low, let high): lk_activation(function: LK_CLIP, alpha: low, beta: high)
        case .function(let function): function.kernelForm
        }
    }

    /// Its name in summaries; empty for none.
    package var name: String {
        switch self {
        case .none: ""
        case .clip(0, .infinity): "relu"
        case .clip(0, 6): "relu6"
        case .clip: "clip"
        case .function(let function): String(String(describing: function).prefix { $0 != "(" })
        }
    }
}

extension Operator.UnaryFunction {
    /// As the element-wise kernels take it.
    var kernelForm: lk_activation {
        func plain(_ function: lk_function, _ alpha: Float = 0, _ beta: Float = 0) -> lk_activation {
            lk_activation(function: function, alpha: alpha, beta: beta)
        }
        return switch self {
        case .relu: plain(LK_RELU)
        case .leakyRelu(let alpha): plain(LK_LEAKY_RELU, alpha)
        case .elu(let alpha): plain(LK_ELU, alpha)
        case .sigmoid: plain(LK_SIGMOID)
        case .hardSigmoid(let alpha, let beta): plain(LK_HARD_SIGMOID, alpha, beta)
        case .hardSwish: plain(LK_HARD_SWISH)
        case .swish: plain(LK_SWISH)
        case .tanh: plain(LK_TANH)
        case .erf: plain(LK_ERF)
        case .gelu(let approximate): plain(approximate ? LK_GELU_APPROXIMATE : LK_GELU)
        case .sqrt: plain(LK_SQUARE_ROOT)
        case .exp: plain(LK_EXPONENTIAL)
        case .log: plain(LK_LOGARITHM)
        case .abs: plain(LK_ABSOLUTE)
        case .negate: plain(LK_NEGATE)
        case .reciprocal: plain(LK_RECIPROCAL)
        case .floor: plain(LK_FLOOR)
        case .ceil: plain(LK_CEILING)
        case .softplus: plain(LK_SOFTPLUS)
        }
    }
}
