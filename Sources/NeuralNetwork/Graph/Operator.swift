/// What a node computes: ONNX's operators in one form for all opsets.
///
/// Reading brings older forms into the newest one: what was once an attribute and is an input now (Clip's bounds,
/// Slice's starts, Pad's pads, the axes of Squeeze, Unsqueeze and the reductions, Split's sizes) becomes a constant
/// input. The comment behind each case names its inputs; `?` marks one that may be left out.
/// Source: the ONNX operator specification, ai.onnx opsets 7 to 21.
public enum Operator: Sendable, Equatable {
    case convolution(Convolution)  // x [N,C,H,W], weights [M,C/group,kH,kW], bias? [M]
    case batchNormalization(epsilon: Float)  // x, scale [C], bias [C], mean [C], variance [C]
    case gemm(Gemm)  // a [M,K], b [K,N], c?
    case matMul  // a, b
    case unary(UnaryFunction)  // x
    case clip  // x, minimum?, maximum?
    case parametricRelu  // x, slope
    case binary(BinaryFunction)  // a, b, broadcast
    case softmax(axis: Int, flattensBelow: Bool)  // x; flattensBelow: opset < 13, over all dimensions from axis on
    case pool(Pooling)  // x [N,C,H,W]
    case globalPool(PoolKind)  // x
    case reduce(Reduction, keepsDimensions: Bool, nothingWithoutAxes: Bool)  // x, axes?
    case layerNormalization(axis: Int, epsilon: Float)  // x, scale, bias?
    case concat(axis: Int)  // x...
    case split(axis: Int, count: Int)  // x, sizes?; count: how many outputs
    case slice  // x, starts, ends, axes?, steps?
    case reshape(zeroIsZero: Bool)  // x, shape
    case flatten(axis: Int)  // x
    case transpose(permutation: [Int]?)  // x
    case squeeze  // x, axes?
    case unsqueeze  // x, axes
    case pad(PadMode)  // x, pads, value?, axes?
    case resize(Resizing)  // x, roi?, scales?, sizes?
    case expand  // x, shape
    case constantOfShape(Tensor)  // shape; the tensor has one element
    case shape(start: Int, end: Int?)  // x
    case gather(axis: Int)  // x, indices
    case cast(ElementType)  // x
    case quantizeLinear(axis: Int, type: ElementType?)  // x, scale, zero point?
    case dequantizeLinear(axis: Int)  // x, scale, zero point?
    case identity  // x; Dropout too

    /// A 2-D convolution. A 1-D one is read as 2-D with a height of 1.
    public struct Convolution: Sendable, Equatable {
        /// How many groups of channels do not see each other.
        public var group = 1
        /// Kernel height and width; nil: those of the weights.
        public var kernel: [Int]?
        /// Down, across.
        public var strides = [1, 1]
        /// Distance of taps, down and across.
        public var dilations = [1, 1]
        /// What lies around the picture.
        public var padding = Padding.explicit([0, 0, 0, 0])

        /// With the specification's defaults.
        public init() {}
    }

    /// Rows and columns of zeros around a picture.
    public enum Padding: Sendable, Equatable {
        /// Top, left, bottom, right.
        case explicit([Int])
        /// As much as makes the output `ceil(input / stride)`; the odd one below and to the right, or above and left.
        case sameUpper, sameLower
        case valid
    }

    /// alpha * A' * B' + beta * C
    public struct Gemm: Sendable, Equatable {
        /// What the product is multiplied by.
        public var alpha: Float = 1
        /// What the added matrix is multiplied by.
        public var beta: Float = 1
        /// Whether A is given as [K,M].
        public var transposesA = false
        /// Whether B is given as [N,K].
        public var transposesB = false

        /// With the specification's defaults.
        public init() {}
    }

    /// A function of each element.
    public enum UnaryFunction: Sendable, Equatable {
        case relu
        case leakyRelu(alpha: Float)
        case elu(alpha: Float)
        case sigmoid
        /// max(0, min(1, alpha * x + beta))
        case hardSigmoid(alpha: Float, beta: Float)
        /// x * hardSigmoid(x, 1/6, 1/2)
        case hardSwish
        /// x * sigmoid(x)
        case swish
        case tanh, erf
        /// x * Φ(x), or its approximation with tanh.
        case gelu(approximate: Bool)
        case sqrt, exp, log, abs, negate, reciprocal, floor, ceil, softplus
    }

    /// A function of two elements, of two tensors broadcast to one shape.
    public enum BinaryFunction: String, Sendable, Equatable, CaseIterable {
        case add, subtract, multiply, divide, power, minimum, maximum
    }

    /// What a window becomes.
    public enum PoolKind: Sendable, Equatable { case max, average }

    /// The largest or the mean of each window.
    public struct Pooling: Sendable, Equatable {
        /// What a window becomes.
        public var kind: PoolKind
        /// Window height and width.
        public var kernel: [Int]
        /// Down, across.
        public var strides = [1, 1]
        /// Distance of taps, down and across.
        public var dilations = [1, 1]
        /// What lies around the picture.
        public var padding = Padding.explicit([0, 0, 0, 0])
        /// Whether the last window may reach over the edge.
        public var roundsUp = false
        /// Average only: whether the padding counts as elements.
        public var countsPadding = false

        /// With these.
        public init(_ kind: PoolKind, kernel: [Int]) {
            self.kind = kind
            self.kernel = kernel
        }
    }

    /// What many elements become.
    public enum Reduction: String, Sendable, Equatable, CaseIterable { case mean, sum, max, min, l2, sumOfSquares }

    /// What lies around a padded tensor: a number, its mirror image, its outermost elements.
    public enum PadMode: String, Sendable, Equatable, CaseIterable { case constant, reflect, edge }

    /// How a picture is enlarged or reduced.
    public struct Resizing: Sendable, Equatable {
        /// The nearest place, or a weighted mean of those around it.
        public enum Mode: String, Sendable, Equatable { case nearest, linear }
        /// Which place of the input an output's place means.
        public enum Coordinates: String, Sendable, Equatable {
            case halfPixel, pytorchHalfPixel, alignCorners, asymmetric
        }
        /// How nearest rounds.
        public enum Rounding: String, Sendable, Equatable { case preferFloor, preferCeil, floor, ceil }

        /// How values between places are found.
        public var mode = Mode.nearest
        /// Which place of the input is meant.
        public var coordinates = Coordinates.halfPixel
        /// How nearest rounds.
        public var rounding = Rounding.preferFloor

        /// With the specification's defaults.
        public init() {}
    }
}
