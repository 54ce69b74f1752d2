/// A network on its way from graph to plan: shapes known, constants folded, operators being fused.
///
/// Passes take nodes out by setting them to nil and put others in their place; the order of `nodes` stays one in which
/// each comes after those it needs.
package struct Flow {
    /// What is known of a value.
    struct Value {
        var name: String
        var type: TensorType
        /// Its content where it does not depend on the picture.
        var constant: Tensor?
    }

    /// One operation, as it will be run.
    package struct Node {
        package var operation: FlowOperation
        var inputs: [ValueID?]
        var outputs: [ValueID]
        /// The node of the file that it stems from: for names in messages and summaries, and for the reference operators.
        var source: Graph.Node
    }

    var values: [Value]
    package var nodes: [Node?]
    /// What the network is fed with.
    var input: ValueID
    /// What is asked of it.
    var output: ValueID

    /// Sizes of a value.
    func shape(_ value: ValueID) -> TensorShape { values[value].type.shape }

    /// A value's content where it is a constant of floats.
    func constantFloats(_ value: ValueID?) -> [Float]? { value.flatMap { values[$0].constant?.floats } }

    /// For each value the nodes that take it, by their places. The network's output counts as one more use, at -1.
    func users() -> [[Int]] {
        var users = [[Int]](repeating: [], count: values.count)
        for (place, node) in nodes.enumerated() {
            for input in node?.inputs ?? [] {
                if let input { users[input].append(place) }
            }
        }
        users[output].append(-1)
        return users
    }

    /// For each value the place of the node that makes it, nil for inputs and constants.
    func producers() -> [Int?] {
        var producers = [Int?](repeating: nil, count: values.count)
        for (place, node) in nodes.enumerated() {
            for output in node?.outputs ?? [] { producers[output] = place }
        }
        return producers
    }
}

/// What a node of a flow does.
package enum FlowOperation {
    /// x, residual?
    case convolution(FlowConvolution)
    /// A product with a constant matrix: x [..., K], residual? -> [..., N].
    case linear(FlowLinear)
    /// y = x * scale + shift for each channel (dimension 1), then the activation.
    case affine(scale: [Float], shift: [Float], Activation)
    case activation(Activation)
    /// a, b
    case binary(Operator.BinaryFunction, Activation)
    /// As the file has it.
    case other(Operator)
}

/// What becomes of a sum before it is stored.
package enum Activation: Equatable {
    case none
    /// Between two bounds, which may be infinite: Relu, Relu6, Clip.
    case clip(Float, Float)
    case function(Operator.UnaryFunction)

    /// The bounds where it is nothing but bounds.
    var bounds: (low: Float, high: Float)? {
        switch self {
        case .none: (-.infinity, .infinity)
        case .clip(let low, let high): (low, high)
        case .function: nil
        }
    }

    /// `function` in the simplest form.
    init(_ function: Operator.UnaryFunction) {
        self = function == .relu ? .clip(0, .infinity) : .function(function)
    }
}

/// A convolution with constant weights, over one picture.
package struct FlowConvolution {
    /// [filters, channels / group, kernel height, kernel width]
    package var weights: [Float]
    /// One for each filter.
    package var bias: [Float]
    var group: Int
    var filters: Int
    /// Channels of the input.
    var channels: Int
    var geometry: WindowGeometry
    /// Applied after the residual is added.
    package var activation = Activation.none
    package var hasResidual = false

    /// Inputs of each output element.
    var depth: Int { channels / group * geometry.kernel[0] * geometry.kernel[1] }
    /// Each channel has a kernel of its own.
    var isDepthwise: Bool { group == channels && filters == channels && group > 1 }
    var multiplyAccumulates: Int { geometry.output[0] * geometry.output[1] * filters * depth }
}

/// A product with a constant matrix.
package struct FlowLinear {
    /// [K, N]
    var weights: [Float]
    /// One for each column.
    var bias: [Float]
    var inner: Int
    var columns: Int
    package var activation = Activation.none
    package var hasResidual = false
}
