import NeuralNetwork
import TestSupport
import Testing

/// Operators of one element or two, products, reductions: each in every form that it has had from opset 7 to 21.
@Suite struct ONNXOperatorTests {
    @Test func functionsOfOneElement() {
        let functions: [(String, Operator.UnaryFunction, since: Int)] = [
            ("Relu", .relu, 7), ("Sigmoid", .sigmoid, 7), ("HardSwish", .hardSwish, 14), ("Tanh", .tanh, 7),
            ("Erf", .erf, 9), ("Softplus", .softplus, 7), ("Sqrt", .sqrt, 7), ("Exp", .exp, 7), ("Log", .log, 7),
            ("Abs", .abs, 7), ("Neg", .negate, 7), ("Reciprocal", .reciprocal, 7), ("Floor", .floor, 7),
            ("Ceil", .ceil, 7), ("LeakyRelu", .leakyRelu(alpha: 0.01), 7), ("Elu", .elu(alpha: 1), 7),
            ("HardSigmoid", .hardSigmoid(alpha: 0.2, beta: 0.5), 7), ("Gelu", .gelu(approximate: false), 20),
        ]
        for (name, function, since) in functions {
            for opset in [since, 21] { expect(OneNode(name, opset: opset), ReadNode(.unary(function))) }
            if since > 7 { expectRefusal(OneNode(name, opset: since - 1), "came with opset \(since)") }
            expectRefusal(OneNode(name, ["x", "z"]), "2 inputs")
            expectRefusal(OneNode(name, [("alhpa", .float(1))]), "attribute \"alhpa\"")
        }
        expect(OneNode("LeakyRelu", [("alpha", .float(0.3))]), ReadNode(.unary(.leakyRelu(alpha: 0.3))))
        expect(OneNode("Elu", [("alpha", .float(0.3))]), ReadNode(.unary(.elu(alpha: 0.3))))
        expect(
            OneNode("HardSigmoid", [("alpha", .float(0.5)), ("beta", .float(0.25))]),
            ReadNode(.unary(.hardSigmoid(alpha: 0.5, beta: 0.25))))
        expect(OneNode("Gelu", [("approximate", .string("tanh"))]), ReadNode(.unary(.gelu(approximate: true))))
        expectRefusal(OneNode("Gelu", [("approximate", .string("sin"))]), "approximate \"sin\"", "none, tanh")
        expectRefusal(OneNode("Elu", [("alpha", .float(.nan))]), "alpha")
        expectRefusal(OneNode("Elu", [("alpha", .int(1))]), "\"alpha\" is int instead of float")
        expectRefusal(OneNode("Elu", [("alpha", .other(77))]), "\"alpha\" is of type 77 instead of float")
    }

    @Test func mishIsMadeOfThree() {
        expect(
            OneNode("Mish", opset: 18), ReadNode(.unary(.softplus)), ReadNode(.unary(.tanh), ["n/softplus"]),
            ReadNode(.binary(.multiply), ["x", "n/tanh"]))
    }

    @Test func functionsOfTwoElements() {
        let functions: [(String, Operator.BinaryFunction)] = [
            ("Add", .add), ("Sub", .subtract), ("Mul", .multiply), ("Div", .divide), ("Pow", .power),
            ("Min", .minimum), ("Max", .maximum), ("Sum", .add),
        ]
        for (name, function) in functions {
            for opset in [7, 21] {
                expect(OneNode(name, opset: opset, ["x", "z"]), ReadNode(.binary(function), ["x", "z"]))
            }
            if ["Min", "Max", "Sum"].contains(name) {
                expect(OneNode(name), ReadNode(.identity))
                expect(
                    OneNode(name, ["x", "z", "x", "z"]), ReadNode(.binary(function), ["x", "z"]),
                    ReadNode(.binary(function), ["n/first2", "x"]), ReadNode(.binary(function), ["n/first3", "z"]))
                expectRefusal(OneNode(name, ["x", "", "z"]), "input 2 is missing")
            } else {
                expectRefusal(OneNode(name, ["x", "z", "x"]), "3 inputs instead of 2")
            }
        }
        expect(OneNode("PRelu", ["x", "z"]), ReadNode(.parametricRelu, ["x", "z"]))
    }

    @Test func clip() {
        let bounds: [(String, ONNXFile.Attribute)] = [("min", .float(0)), ("max", .float(6))]
        for opset in [7, 10] {
            expect(OneNode("Clip", opset: opset, bounds), ReadNode(.clip, ["x", "0.0", "6.0"]))
            expect(OneNode("Clip", opset: opset, [bounds[1]]), ReadNode(.clip, ["x", nil, "6.0"]))
            expectRefusal(OneNode("Clip", opset: opset, ["x", "z"]), "2 inputs instead of 1 in opset")
        }
        expect(OneNode("Clip", opset: 7, [("min", .float(-.infinity))]), ReadNode(.clip, ["x", "-inf", nil]))
        expectRefusal(OneNode("Clip", opset: 7, [("min", .float(.nan))]), "min")
        for opset in [11, 21] {
            expect(OneNode("Clip", opset: opset, ["x", "", "z"]), ReadNode(.clip, ["x", nil, "z"]))
            expectRefusal(OneNode("Clip", opset: opset, bounds), "attributes \"max\", \"min\"")
        }
        expectRefusal(
            OneNode("Clip", ["x", "c"], constants: [ONNXFile.Tensor("c", [2], [0, 1])]), "input 2 is of shape [2]")
    }

    @Test func products() {
        expect(OneNode("MatMul", ["x", "z"]), ReadNode(.matMul, ["x", "z"]))
        var gemm = Operator.Gemm()
        expect(OneNode("Gemm", ["x", "z"]), ReadNode(.gemm(gemm), ["x", "z", nil]))
        expectRefusal(OneNode("Gemm", opset: 10, ["x", "z"]), "2 inputs instead of 3 in opset 10")
        gemm.alpha = 2
        gemm.beta = 3
        gemm.transposesA = true
        gemm.transposesB = true
        expect(
            OneNode(
                "Gemm", opset: 7, ["x", "z", "w"],
                [("alpha", .float(2)), ("beta", .float(3)), ("transA", .int(1)), ("transB", .untypedInt(1))]),
            ReadNode(.gemm(gemm), ["x", "z", "w"]))
        expectRefusal(OneNode("Gemm", ["x", "z"], [("transA", .int(2))]), "transA is 2")
    }

    @Test func normalization() {
        let five = ["x", "s", "b", "m", "v"]
        for opset in [7, 9, 14, 15] {
            expect(
                OneNode("BatchNormalization", opset: opset, five, [("momentum", .float(0.9))]),
                ReadNode(.batchNormalization(epsilon: 1e-5), five))
        }
        expect(
            OneNode("BatchNormalization", opset: 7, five, [("epsilon", .float(0.001)), ("spatial", .int(1))]),
            ReadNode(.batchNormalization(epsilon: 0.001), five))
        expectRefusal(OneNode("BatchNormalization", five, [("spatial", .int(0))]), "spatial 0")
        expectRefusal(OneNode("BatchNormalization", five, [("training_mode", .int(1))]), "for inference")
        expectRefusal(OneNode("BatchNormalization", five, [("epsilon", .float(-1))]), "epsilon is -1")
        expectRefusal(OneNode("BatchNormalization", ["x", "s", "b", "m"]), "4 inputs instead of 5")
        expectRefusal(OneNode("BatchNormalization", ["x", "s", "", "m", "v"]), "input 3 is missing")

        expect(
            OneNode("LayerNormalization", ["x", "s"], [("stash_type", .int(1))]),
            ReadNode(.layerNormalization(axis: -1, epsilon: 1e-5), ["x", "s", nil]))
        expect(
            OneNode("LayerNormalization", opset: 17, ["x", "s", "b"], [("axis", .int(1)), ("epsilon", .float(0))]),
            ReadNode(.layerNormalization(axis: 1, epsilon: 0), ["x", "s", "b"]))
        expectRefusal(OneNode("LayerNormalization", opset: 16, ["x", "s"]), "came with opset 17")

        for opset in [7, 12] {
            expect(OneNode("Softmax", opset: opset), ReadNode(.softmax(axis: 1, flattensBelow: true)))
        }
        for opset in [13, 21] {
            expect(OneNode("Softmax", opset: opset), ReadNode(.softmax(axis: -1, flattensBelow: false)))
        }
        expect(OneNode("Softmax", [("axis", .int(7))]), ReadNode(.softmax(axis: 7, flattensBelow: false)))
        expectRefusal(OneNode("Softmax", [("axis", .int(8))]), "axis is 8, not in -8...7")
        expect(OneNode("Softmax", [("axis", .int(-8))]), ReadNode(.softmax(axis: -8, flattensBelow: false)))
        expectRefusal(OneNode("Softmax", [("axis", .int(-9))]), "axis is -9, not in -8...7")
    }

    @Test func outputsThatOnlyTrainingMakes() {
        for (type, inputs, count) in [
            ("BatchNormalization", ["x", "s", "b", "m", "v"], 5), ("Dropout", ["x"], 2), ("MaxPool", ["x"], 2),
            ("LayerNormalization", ["x", "s"], 3),
        ] {
            var node = OneNode(
                type, opset: type == "LayerNormalization" ? 17 : 11, inputs,
                type == "MaxPool" ? [("kernel_shape", .ints([2, 2]))] : [])
            node.outputs = (0..<count).map { $0 == 0 ? "y" : "extra\($0)" }
            let graph = try? read(node.file)
            #expect(graph?.nodes.first?.outputs.count == 1 && graph?.value(named: "extra1") == nil)
            var file = node.file
            file.outputs = ["y", "extra1"]
            expectRefusal(file, "operator \(type) (node \"n\"): its output 2, \"extra1\"")
        }
    }

    @Test func dropoutDoesNothing() {
        for opset in [7, 10, 11] {
            expect(OneNode("Dropout", opset: opset, [("ratio", .float(0.3))]), ReadNode(.identity))
        }
        expectRefusal(OneNode("Dropout", opset: 11, ["x", "r"]), "2 inputs instead of 1")
        var off = ONNXFile.Tensor("t", [], type: 9)
        off.raw = [0]
        var on = off
        on.raw = [1]
        expect(
            OneNode("Dropout", opset: 12, ["x", "r", "t"], constants: [off], [("seed", .int(1))]), ReadNode(.identity))
        expect(OneNode("Dropout", opset: 13), ReadNode(.identity))
        expectRefusal(OneNode("Dropout", opset: 12, ["x", "", "t"], constants: [on]), "training_mode")
        expectRefusal(OneNode("Dropout", opset: 12, ["x", "", "t"]), "training_mode")
        expect(OneNode("Identity"), ReadNode(.identity))
    }

    @Test func reductions() {
        let kinds: [(String, Operator.Reduction, inputSince: Int)] = [
            ("ReduceMean", .mean, 18), ("ReduceSum", .sum, 13), ("ReduceMax", .max, 18), ("ReduceMin", .min, 18),
            ("ReduceL2", .l2, 18), ("ReduceSumSquare", .sumOfSquares, 18),
        ]
        func reduce(_ kind: Operator.Reduction, keeps: Bool = true, nothing: Bool = false) -> Operator {
            .reduce(kind, keepsDimensions: keeps, nothingWithoutAxes: nothing)
        }
        for (name, kind, since) in kinds {
            for opset in [7, since - 1] {
                expect(OneNode(name, opset: opset), ReadNode(reduce(kind), ["x", nil]))
                expect(OneNode(name, opset: opset, [("axes", .ints([]))]), ReadNode(reduce(kind), ["x", nil]))
                expect(
                    OneNode(name, opset: opset, [("axes", .ints([2, -1])), ("keepdims", .int(0))]),
                    ReadNode(reduce(kind, keeps: false), ["x", "[2, -1]"]))
                expectRefusal(OneNode(name, opset: opset, ["x", "a"]), "2 inputs")
                expectRefusal(OneNode(name, opset: opset, [("noop_with_empty_axes", .int(1))]), "noop_with_empty_axes")
            }
            for opset in [since, 21] {
                expect(OneNode(name, opset: opset), ReadNode(reduce(kind), ["x", nil]))
                expect(
                    OneNode(
                        name, opset: opset, ["x", "a"], [("keepdims", .int(0)), ("noop_with_empty_axes", .int(1))]),
                    ReadNode(reduce(kind, keeps: false, nothing: true), ["x", "a"]))
                expectRefusal(OneNode(name, opset: opset, [("axes", .ints([1]))]), "attribute \"axes\"")
            }
        }
        expectRefusal(OneNode("ReduceMean", opset: 9, [("axes", .ints([1, 1]))]), "axes names a dimension twice")
        expectRefusal(OneNode("ReduceMean", opset: 9, [("axes", .ints([8]))]), "axes has 8")
        expectRefusal(
            OneNode("ReduceMean", ["x", "a"], constants: [ONNXFile.Tensor("a", [1], [1])]), "input 2", "whole numbers")
    }

    @Test func quantization() {
        func zero(_ type: Int, _ value: Int = 0) -> ONNXFile.Tensor {
            var tensor = ONNXFile.Tensor("z", [], type: type)
            tensor.int32s = [value]
            return tensor
        }
        let scale = ONNXFile.Tensor("s", [], [0.5])
        let three = ["x", "s", "z"]
        expect(
            OneNode("QuantizeLinear", opset: 10, ["x", "s"], constants: [scale]),
            ReadNode(.quantizeLinear(axis: 1, type: .uint8), ["x", "s", nil]))
        let types: [(Int, ElementType)] = [(2, .uint8), (3, .int8), (4, .uint16), (5, .int16)]
        for (code, type) in types {
            expect(
                OneNode("QuantizeLinear", opset: 19, three, constants: [scale, zero(code)], [("saturate", .int(1))]),
                ReadNode(.quantizeLinear(axis: 1, type: type), three))
            expect(
                OneNode("QuantizeLinear", ["x", "s"], constants: [scale], [("output_dtype", .int(code))]),
                ReadNode(.quantizeLinear(axis: 1, type: type), ["x", "s", nil]))
        }
        expect(
            OneNode("QuantizeLinear", three, [("axis", .int(0))]), ReadNode(.quantizeLinear(axis: 0, type: nil), three))
        expectRefusal(OneNode("QuantizeLinear", three, constants: [scale, zero(6)]), "quantizing to int32")
        expectRefusal(OneNode("QuantizeLinear", ["x", "s"], [("output_dtype", .int(17))]), "float8e4m3fn")
        expectRefusal(
            OneNode("QuantizeLinear", three, constants: [scale, zero(2)], [("output_dtype", .int(3))]), "output_dtype")
        expectRefusal(OneNode("QuantizeLinear", three, [("block_size", .int(32))]), "block_size 32")
        expectRefusal(OneNode("QuantizeLinear", opset: 9, three), "came with opset 10")
        expectRefusal(
            OneNode("QuantizeLinear", ["x", "s"], constants: [ONNXFile.Tensor("s", [2], [1, 0])]), "scales", "above 0")

        for opset in [10, 13, 21] {
            expect(
                OneNode("DequantizeLinear", opset: opset, three, constants: [scale, zero(2, 255)]),
                ReadNode(.dequantizeLinear(axis: 1), three))
        }
        expect(
            OneNode(
                "DequantizeLinear", ["x", "s"], constants: [ONNXFile.Tensor("s", [2], [1, 0])], [("axis", .int(0))]),
            ReadNode(.dequantizeLinear(axis: 0), ["x", "s", nil]))
        expectRefusal(
            OneNode("DequantizeLinear", ["x", "s"], constants: [ONNXFile.Tensor("s", [1, 1], [1])]), "scale is of type")
        expectRefusal(
            OneNode("DequantizeLinear", ["x", "s"], constants: [ONNXFile.Tensor("s", [1], [.infinity])]), "scales")
        expectRefusal(
            OneNode("DequantizeLinear", ["s", "x"], constants: [scale]), "input 1, \"s\", holds no whole numbers")
    }
}
