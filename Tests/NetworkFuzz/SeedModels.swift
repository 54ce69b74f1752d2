import Foundation
import TestSupport

/// Sound models that mutation starts from: small ones of the test's own, which together use every operator, and the
/// shared ones with small weights.
enum SeedModels {
    typealias Node = ONNXFile.Node
    typealias Tensor = ONNXFile.Tensor

    static let all: [[UInt8]] = own.map(\.bytes) + shared

    static let own: [ONNXFile] = [
        inverted(opset: 11), inverted(opset: 18), shuffled, attention, quantized, old, resized,
    ]

    /// A weight of small numbers that are not all the same.
    private static func weight(_ name: String, _ sizes: [Int], from low: Float = -0.4, to high: Float = 0.5) -> Tensor {
        let count = sizes.reduce(1, *)
        return Tensor(name, sizes, (0..<count).map { low + (high - low) * Float(($0 * 7 + 3) % 11) / 10 })
    }

    /// MobileNet's block, with a batch normalization left in, squeeze and excitation, and a classifier.
    private static func inverted(opset: Int) -> ONNXFile {
        let axes: [(String, ONNXFile.Attribute)] = opset < 18 ? [("axes", .ints([2, 3]))] : []
        return ONNXFile(
            opset: opset,
            initializers: [
                weight("w1", [8, 3, 3, 3]), weight("b1", [8]), weight("w2", [8, 1, 3, 3]), weight("w3", [8, 8, 1, 1]),
                weight("s", [8]), weight("b", [8]), weight("m", [8]), weight("v", [8], from: 0.5, to: 2),
                weight("w4", [8, 8, 1, 1]), weight("fc", [5, 8]), weight("fb", [5]), Tensor("six", [], [6]),
                Tensor("zero", [], [0]), Tensor("axes", [2, 3]), weight("slope", [8, 1, 1]),
            ],
            [
                Node(
                    "Conv", ["x", "w1", "b1"], ["c1"], name: "stem",
                    [("strides", .ints([2, 2])), ("pads", .ints([1, 1, 1, 1])), ("kernel_shape", .ints([3, 3]))]),
                Node("Clip", ["c1", "zero", "six"], ["r1"], name: "relu6"),
                Node(
                    "Conv", ["r1", "w2"], ["c2"], name: "depthwise",
                    [("group", .int(8)), ("auto_pad", .string("SAME_UPPER"))]),
                Node(
                    "BatchNormalization", ["c2", "s", "b", "m", "v"], ["n2"], name: "norm", [("epsilon", .float(1e-3))]),
                Node("HardSigmoid", ["n2"], ["h2"], name: "hard"),
                Node("ReduceMean", opset < 18 ? ["h2"] : ["h2", "axes"], ["g"], name: "pool", axes),
                Node("Conv", ["g", "w4"], ["e"], name: "excite"), Node("Sigmoid", ["e"], ["es"], name: "gate"),
                Node("Mul", ["h2", "es"], ["scaled"], name: "scale"),
                Node("Conv", ["scaled", "w3"], ["c3"], name: "project", [("dilations", .ints([1, 1]))]),
                Node("Add", ["c3", "r1"], ["sum"], name: "residual"),
                Node("PRelu", ["sum", "slope"], ["p"], name: "prelu"),
                Node(
                    "MaxPool", ["p"], ["mp"], name: "maxpool",
                    [("kernel_shape", .ints([2, 2])), ("strides", .ints([2, 2])), ("ceil_mode", .int(1))]),
                Node(
                    "AveragePool", ["mp"], ["ap"], name: "avgpool",
                    [("kernel_shape", .ints([3, 3])), ("pads", .ints([1, 1, 1, 1])), ("count_include_pad", .int(1))]),
                Node("GlobalAveragePool", ["ap"], ["gap"], name: "gap"),
                Node("Flatten", ["gap"], ["flat"], name: "flatten"),
                Node("Dropout", ["flat"], ["d", "mask"], name: "dropout"),
                Node("Gemm", ["d", "fc", "fb"], ["y"], name: "fc", [("transB", .int(1)), ("alpha", .float(0.5))]),
            ], outputs: ["y", "flat"])
    }

    /// ShuffleNet's shuffle, with sizes that are computed.
    private static let shuffled = ONNXFile(
        opset: 13, inputs: [ONNXFile.Value("x", [nil, 4, 6, 6])],
        initializers: [
            weight("w", [4, 2, 1, 1]), Tensor("two", [2]), Tensor("axis0", [0]), Tensor("starts", [0]),
            Tensor("ends", [2]),
            Tensor("one", [1]), Tensor("parts", [2, 2]), Tensor("tail", [-1, 1, 1]),
            Tensor("pads", [0, 0, 1, 1, 0, 0, 1, 1]),
        ],
        [
            Node("Conv", ["x", "w"], ["c"], name: "grouped", [("group", .int(2))]),
            Node("Shape", ["c"], ["shape"], name: "shape"),
            Node("Constant", [], ["i"], name: "index", [("value_int", .int(0))]),
            Node("Gather", ["shape", "i"], ["n"], name: "batch"),
            Node("Unsqueeze", ["n", "axis0"], ["n1"], name: "unsqueeze"),
            Node("Slice", ["shape", "two", "ends4"], ["hw"], name: "hw"),
            Node("Constant", [], ["ends4"], name: "four", [("value", .tensor(Tensor("", [4])))]),
            Node("Constant", [], ["cg"], name: "groups", [("value_ints", .ints([2, 2]))]),
            Node("Concat", ["n1", "cg", "hw"], ["to"], name: "sizes", [("axis", .int(0))]),
            Node("Cast", ["to"], ["to64"], name: "cast", [("to", .int(7))]),
            Node("Reshape", ["c", "to64"], ["five"], name: "apart"),
            Node("Transpose", ["five"], ["turned"], name: "turn", [("perm", .ints([0, 2, 1, 3, 4]))]),
            Node("Reshape", ["turned", "shape"], ["back"], name: "together"),
            Node("Split", ["back", "parts"], ["a", "b"], name: "halves", [("axis", .int(1))]),
            Node("Relu", ["a"], ["ra"], name: "relu"),
            Node("Concat", ["ra", "b"], ["ab"], name: "join", [("axis", .int(1))]),
            Node("Pad", ["ab", "pads"], ["padded"], name: "pad", [("mode", .string("reflect"))]),
            Node("ConstantOfShape", ["tail1"], ["ones"], name: "ones", [("value", .tensor(Tensor("", [1], [1])))]),
            Node("Abs", ["tail"], ["tail1"], name: "abs"), Node("Expand", ["ones", "one"], ["more"], name: "expand"),
            Node("Div", ["padded", "more"], ["q"], name: "div"),
            Node("Max", ["q", "ones", "more"], ["top"], name: "max"),
            Node("Squeeze", ["top"], ["sq"], name: "squeeze"),
            Node("ReduceMax", ["top"], ["y"], name: "peak", [("axes", .ints([2, 3])), ("keepdims", .int(0))]),
        ], outputs: ["y", "sq"])

    /// ConvNeXt's block, and functions of one element.
    private static let attention = ONNXFile(
        opset: 21, inputs: [ONNXFile.Value("x", [1, 3, 8, 8])],
        initializers: [
            weight("w", [6, 3, 4, 4]), weight("s", [6]), weight("b", [6]), weight("m1", [6, 12]),
            weight("m2", [12, 6]),
            Tensor("axes", [1]), Tensor("flat", [0, -1, 6]), Tensor("half", [], [0.5]),
        ],
        [
            Node("Conv", ["x", "w"], ["p"], name: "patches", [("strides", .ints([4, 4]))]),
            Node("Transpose", ["p"], ["t"], name: "last", [("perm", .ints([0, 2, 3, 1]))]),
            Node("Reshape", ["t", "flat"], ["r"], name: "tokens"),
            Node("LayerNormalization", ["r", "s", "b"], ["n"], name: "norm"),
            Node("MatMul", ["n", "m1"], ["h"], name: "up"),
            Node("Gelu", ["h"], ["ge"], name: "gelu", [("approximate", .string("tanh"))]),
            Node("MatMul", ["ge", "m2"], ["d"], name: "down"),
            Node("Add", ["d", "r"], ["res"], name: "add"), Node("Softmax", ["res"], ["so"], name: "softmax"),
            Node("Tanh", ["so"], ["t1"], name: "tanh"), Node("Erf", ["t1"], ["t2"], name: "erf"),
            Node("Exp", ["t2"], ["t3"], name: "exp"),
            Node("Sqrt", ["t3"], ["t4"], name: "sqrt"), Node("Log", ["t4"], ["t5"], name: "log"),
            Node("Neg", ["t5"], ["t6"], name: "neg"),
            Node("Elu", ["t6"], ["t7"], name: "elu"), Node("LeakyRelu", ["t7"], ["t8"], name: "leaky"),
            Node("Softplus", ["t8"], ["t9"], name: "softplus"),
            Node("HardSwish", ["t9"], ["t10"], name: "hardswish"), Node("Mish", ["t10"], ["t11"], name: "mish"),
            Node("Reciprocal", ["t11"], ["t12"], name: "reciprocal"),
            Node("Floor", ["t12"], ["t13"], name: "floor"), Node("Ceil", ["t13"], ["t14"], name: "ceil"),
            Node("Pow", ["t14", "half"], ["t15"], name: "pow"),
            Node("Sub", ["t15", "res"], ["t16"], name: "sub"), Node("Min", ["t16", "res"], ["t17"], name: "min"),
            Node("ReduceL2", ["t17", "axes"], ["l2"], name: "l2"),
            Node("ReduceSum", ["l2", "axes"], ["rs"], name: "sum"),
            Node("ReduceMin", ["rs", "axes"], ["rm"], name: "least"),
            Node("ReduceSumSquare", ["rm", "axes"], ["y"], name: "squares", [("keepdims", .int(0))]),
        ])

    /// Weights of eight bits.
    private static let quantized: ONNXFile = {
        var weights = Tensor("w", [4, 3, 1, 1], type: 3)
        weights.raw = (0..<12).map { UInt8(truncatingIfNeeded: $0 * 37) }
        var zero = Tensor("z", [], type: 2)
        zero.int32s = [128]
        var zeros = Tensor("zs", [4], type: 3)
        zeros.raw = [0, 0, 0, 0]
        return ONNXFile(
            opset: 13,
            initializers: [weights, zero, zeros, Tensor("s", [], [0.05]), weight("ws", [4], from: 0.01, to: 0.1)],
            [
                Node("QuantizeLinear", ["x", "s", "z"], ["q"], name: "quantize"),
                Node("DequantizeLinear", ["q", "s", "z"], ["xq"], name: "dequantize"),
                Node("DequantizeLinear", ["w", "ws", "zs"], ["wf"], name: "weights", [("axis", .int(0))]),
                Node("Conv", ["xq", "wf"], ["c"], name: "conv"), Node("Identity", ["c"], ["y"], name: "identity"),
            ])
    }()

    /// What were attributes once.
    private static let old = ONNXFile(
        opset: 8,
        initializers: [weight("w", [4, 3, 3, 3]), weight("c", [1, 4])],
        [
            Node(
                "Pad", ["x"], ["p"], name: "pad",
                [("pads", .ints([0, 0, 1, 1, 0, 0, 1, 1])), ("mode", .string("edge"))]),
            Node("Conv", ["p", "w"], ["c1"], name: "conv", [("auto_pad", .string("VALID"))]),
            Node(
                "Upsample", ["c1"], ["u"], name: "upsample",
                [("scales", .floats([1, 1, 2, 2])), ("mode", .string("linear"))]),
            Node(
                "Slice", ["u"], ["s"], name: "slice",
                [("starts", .ints([1, 1])), ("ends", .ints([9, 1000])), ("axes", .ints([2, 3]))]),
            Node("Clip", ["s"], ["cl"], name: "clip", [("min", .float(0)), ("max", .float(6))]),
            Node("Split", ["cl"], ["a", "b"], name: "split", [("axis", .int(1)), ("split", .ints([1, 3]))]),
            Node("Concat", ["b", "a"], ["ba"], name: "concat", [("axis", .int(1))]),
            Node("GlobalMaxPool", ["ba"], ["g"], name: "gmp"),
            Node("Squeeze", ["g"], ["sq"], name: "squeeze", [("axes", .ints([2, 3]))]),
            Node("Sum", ["sq", "c", "sq"], ["su"], name: "sum"), Node("Softmax", ["su"], ["so"], name: "softmax"),
            Node("Unsqueeze", ["so"], ["y"], name: "unsqueeze", [("axes", .ints([0]))]),
        ])

    /// Pictures made larger and smaller.
    private static let resized = ONNXFile(
        opset: 11,
        initializers: [Tensor("double", [4], [1, 1, 2, 2]), Tensor("to", [1, 3, 5, 7]), Tensor("none", [0], [])],
        [
            Node(
                "Resize", ["x", "none", "double"], ["a"], name: "nearest",
                [
                    ("mode", .string("nearest")), ("nearest_mode", .string("floor")),
                    ("coordinate_transformation_mode", .string("asymmetric")),
                ]),
            Node("Resize", ["a", "none", "none", "to"], ["b"], name: "linear", [("mode", .string("linear"))]),
            Node(
                "Resize", ["b", "none", "double"], ["y"], name: "corners",
                [("mode", .string("linear")), ("coordinate_transformation_mode", .string("align_corners"))]),
        ])

    /// The shared models' structure; what is larger than 8 in weights and groups is 8.
    private static let shared: [[UInt8]] = {
        guard SharedData.isPresent else { return [] }
        return ["mobilenet_v2_1.0_224", "squeezenet1.1"].compactMap { name in
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: SharedData.path("models/\(name).onnx"))),
                var tree = WireTree(Array(data))
            else { return nil }
            tree.shrinkWeights(to: 8)
            return tree.bytes
        }
    }()
}
