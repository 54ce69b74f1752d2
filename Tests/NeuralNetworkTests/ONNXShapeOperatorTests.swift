import NeuralNetwork
import TestSupport
import Testing

/// Windows, shapes, joining, resizing and constants, in every form that they have had from opset 7 to 21.
@Suite struct ONNXShapeOperatorTests {
    private let square = ONNXFile.Tensor("w", [4, 3, 3, 3], [Float](repeating: 1, count: 108))
    private let row = ONNXFile.Tensor("w", [4, 3, 5], [Float](repeating: 1, count: 60))

    @Test func convolution() {
        var plain = Operator.Convolution()
        for opset in [7, 11, 21] {
            expect(
                OneNode("Conv", opset: opset, ["x", "w"], constants: [square]),
                ReadNode(.convolution(plain), ["x", "w", nil]))
            expect(OneNode("Conv", opset: opset, ["x", "w", "b"]), ReadNode(.convolution(plain), ["x", "w", "b"]))
        }
        plain.group = 3
        plain.kernel = [3, 3]
        plain.strides = [2, 1]
        plain.dilations = [1, 2]
        plain.padding = .explicit([1, 2, 3, 4])
        let all: [(String, ONNXFile.Attribute)] = [
            ("group", .int(3)), ("kernel_shape", .ints([3, 3])), ("strides", .ints([2, 1])),
            ("dilations", .ints([1, 2])), ("pads", .ints([1, 2, 3, 4])), ("auto_pad", .string("NOTSET")),
        ]
        expect(OneNode("Conv", ["x", "w"], constants: [square], all), ReadNode(.convolution(plain), ["x", "w", nil]))
        let automatic: [(String, Operator.Padding)] = [
            ("SAME_UPPER", .sameUpper), ("SAME_LOWER", .sameLower), ("VALID", .valid),
        ]
        for (word, padding) in automatic {
            var padded = Operator.Convolution()
            padded.padding = padding
            for pads in [[], [0, 0, 0, 0]] {
                expect(
                    OneNode(
                        "Conv", ["x", "w"],
                        [("auto_pad", .string(word))] + (pads.isEmpty ? [] : [("pads", .ints(pads))])),
                    ReadNode(.convolution(padded), ["x", "w", nil]))
            }
            expectRefusal(
                OneNode("Conv", ["x", "w"], [("auto_pad", .string(word)), ("pads", .ints([0, 0, 0, 1]))]), "both")
        }
        func refuse(_ name: String, _ value: ONNXFile.Attribute, _ words: String) {
            expectRefusal(OneNode("Conv", ["x", "w"], constants: [square], [(name, value)]), words)
        }
        refuse("auto_pad", .string("SAME"), "auto_pad \"SAME\"")
        refuse("group", .int(0), "group is 0")
        refuse("strides", .ints([0, 1]), "strides has 0")
        refuse("strides", .ints([1, 65537]), "strides has 65537")
        refuse("dilations", .ints([-1, 1]), "dilations has -1")
        refuse("pads", .ints([0, 0, 0, -1]), "pads has -1")
        refuse("pads", .ints([0, 0, 0]), "dimensions")
        refuse("pads", .ints([0, 0]), "dimensions")
        refuse("strides", .ints([1]), "dimensions")
        refuse("kernel_shape", .ints([3, 2]), "kernel_shape is not that of its weights")
        refuse("dilation", .ints([1, 1]), "attribute \"dilation\"")
        expectRefusal(
            OneNode("Conv", ["x", "w"], constants: [ONNXFile.Tensor("w", [1, 1], [1])]), "weights are of type")
        expectRefusal(
            OneNode("Conv", ["x", "w"], constants: [ONNXFile.Tensor("w", [1, 2, 3])]), "weights are of type")
        expectRefusal(OneNode("Conv", ["x", "w"], [("kernel_shape", .ints([3, 3, 3]))]), "3 dimensions")
    }

    @Test func rowsOfNumbersArePicturesOfOneRow() throws {
        var convolution = Operator.Convolution()
        convolution.strides = [1, 2]
        convolution.dilations = [1, 3]
        convolution.padding = .explicit([0, 4, 0, 5])
        let attributes: [(String, ONNXFile.Attribute)] = [
            ("strides", .ints([2])), ("dilations", .ints([3])), ("pads", .ints([4, 5])),
        ]
        let known = try read(OneNode("Conv", ["x", "w", "b"], constants: [row], attributes).file)
        expectSound(known)
        #expect(known.nodes.map(\.operation) == [.unsqueeze, .convolution(convolution), .squeeze])
        let weights = try #require(known.nodes[1].inputs[1])
        #expect(known.values[weights].constant?.shape == [4, 3, 1, 5])
        #expect(known.nodes[1].inputs[2] == known.value(named: "b"))
        let open = try read(OneNode("Conv", ["x", "w"], attributes).file)
        expectSound(open)
        #expect(open.nodes.map(\.operation) == [.unsqueeze, .unsqueeze, .convolution(convolution), .squeeze])
        let pooled = try read(OneNode("MaxPool", [("kernel_shape", .ints([3]))]).file)
        expectSound(pooled)
        #expect(
            pooled.nodes.map(\.operation) == [.unsqueeze, .pool(Operator.Pooling(.max, kernel: [1, 3])), .squeeze])
    }

    @Test func pools() {
        for opset in [7, 8, 10, 11, 12, 21] {
            expect(
                OneNode("MaxPool", opset: opset, [("kernel_shape", .ints([2, 3])), ("storage_order", .int(1))]),
                ReadNode(.pool(Operator.Pooling(.max, kernel: [2, 3]))))
            expect(
                OneNode("AveragePool", opset: opset, [("kernel_shape", .ints([2, 3]))]),
                ReadNode(.pool(Operator.Pooling(.average, kernel: [2, 3]))))
        }
        let all: [(String, ONNXFile.Attribute)] = [
            ("kernel_shape", .ints([3, 3])), ("strides", .ints([2, 1])), ("pads", .ints([1, 2, 0, 1])),
            ("ceil_mode", .int(1)), ("dilations", .ints([1, 1])), ("auto_pad", .string("NOTSET")),
        ]
        var pooling = Operator.Pooling(.max, kernel: [3, 3])
        pooling.strides = [2, 1]
        pooling.padding = .explicit([1, 2, 0, 1])
        pooling.roundsUp = true
        expect(OneNode("MaxPool", all), ReadNode(.pool(pooling)))
        pooling.kind = .average
        pooling.countsPadding = true
        expect(OneNode("AveragePool", all + [("count_include_pad", .int(1))]), ReadNode(.pool(pooling)))
        expectRefusal(OneNode("MaxPool", all + [("count_include_pad", .int(1))]), "count_include_pad")
        expectRefusal(OneNode("MaxPool"), "\"kernel_shape\" is missing")
        expectRefusal(
            OneNode("MaxPool", [("kernel_shape", .ints([2, 2])), ("pads", .ints([2, 0, 0, 0]))]), "as large")
        expectRefusal(OneNode("MaxPool", [("kernel_shape", .ints([2, 2, 2]))]), "3 dimensions")
        expectRefusal(OneNode("MaxPool", [("kernel_shape", .ints([2, 0]))]), "kernel_shape has 0")
        expect(OneNode("GlobalMaxPool"), ReadNode(.globalPool(.max)))
        expect(OneNode("GlobalAveragePool"), ReadNode(.globalPool(.average)))
    }

    @Test func shapes() {
        for opset in [7, 13, 21] {
            expect(OneNode("Reshape", opset: opset, ["x", "s"]), ReadNode(.reshape(zeroIsZero: false), ["x", "s"]))
        }
        expect(
            OneNode("Reshape", ["x", "s"], [("allowzero", .int(1))]), ReadNode(.reshape(zeroIsZero: true), ["x", "s"]))
        expectRefusal(OneNode("Reshape", ["x"]), "1 inputs instead of 2")
        expectRefusal(OneNode("Reshape", ["x", "s"], constants: [ONNXFile.Tensor("s", [1], [1])]), "whole numbers")
        expect(OneNode("Expand", opset: 8, ["x", "s"]), ReadNode(.expand, ["x", "s"]))
        expect(OneNode("Flatten"), ReadNode(.flatten(axis: 1)))
        expect(OneNode("Flatten", [("axis", .int(8))]), ReadNode(.flatten(axis: 8)))
        expectRefusal(OneNode("Flatten", [("axis", .int(9))]), "axis is 9")
        expect(OneNode("Transpose"), ReadNode(.transpose(permutation: nil)))
        expect(OneNode("Transpose", [("perm", .ints([0, 2, 1]))]), ReadNode(.transpose(permutation: [0, 2, 1])))
        for wrong in [[0, 0], [1, 2], [0, -1], Array(0..<9)] {
            expectRefusal(OneNode("Transpose", [("perm", .ints(wrong))]), "perm")
        }
        for (type, operation) in [("Squeeze", Operator.squeeze), ("Unsqueeze", .unsqueeze)] {
            for opset in [7, 12] {
                expect(OneNode(type, opset: opset, [("axes", .ints([0, -1]))]), ReadNode(operation, ["x", "[0, -1]"]))
                expectRefusal(OneNode(type, opset: opset, ["x", "a"]), "2 inputs")
            }
            for opset in [13, 21] {
                expect(OneNode(type, opset: opset, ["x", "a"]), ReadNode(operation, ["x", "a"]))
                expectRefusal(OneNode(type, opset: opset, ["x", "a"], [("axes", .ints([0]))]), "attribute \"axes\"")
            }
        }
        for opset in [7, 13] {
            expect(OneNode("Squeeze", opset: opset), ReadNode(.squeeze, ["x", nil]))
            expectRefusal(OneNode("Unsqueeze", opset: opset), "missing")
        }
        expect(OneNode("Shape", opset: 7), ReadNode(.shape(start: 0, end: nil)))
        expect(
            OneNode("Shape", [("start", .int(1)), ("end", .int(-1))]), ReadNode(.shape(start: 1, end: -1)))
        expect(
            OneNode("Shape", [("start", .int(Int.min)), ("end", .int(Int.max))]), ReadNode(.shape(start: -8, end: 8)))
    }

    @Test func joining() {
        expect(OneNode("Concat", ["x", "z", "x"], [("axis", .int(1))]), ReadNode(.concat(axis: 1), ["x", "z", "x"]))
        expectRefusal(OneNode("Concat", ["x", "z"]), "\"axis\" is missing")
        expect(OneNode("Gather", ["x", "i"]), ReadNode(.gather(axis: 0), ["x", "i"]))
        expect(OneNode("Gather", ["x", "i"], [("axis", .int(-1))]), ReadNode(.gather(axis: -1), ["x", "i"]))

        let two = ["y", "z"]
        for opset in [7, 12] {
            expect(OneNode("Split", opset: opset, outputs: two), ReadNode(.split(axis: 0, count: 2), ["x", nil]))
            expect(
                OneNode("Split", opset: opset, outputs: two, [("axis", .int(1)), ("split", .ints([1, 2]))]),
                ReadNode(.split(axis: 1, count: 2), ["x", "[1, 2]"]))
            expectRefusal(
                OneNode("Split", opset: opset, outputs: two, [("split", .ints([1]))]), "1 sizes and 2 outputs")
            expectRefusal(OneNode("Split", opset: opset, outputs: two, [("split", .ints([1, -2]))]), "split has -2")
        }
        for opset in [13, 18, 21] {
            expect(
                OneNode("Split", opset: opset, ["x", "s"], outputs: two),
                ReadNode(.split(axis: 0, count: 2), ["x", "s"]))
            expectRefusal(
                OneNode("Split", opset: opset, outputs: two, [("split", .ints([1, 2]))]), "attribute \"split\"")
        }
        expect(
            OneNode("Split", opset: 18, outputs: two, [("num_outputs", .int(2))]),
            ReadNode(.split(axis: 0, count: 2), ["x", nil]))
        expectRefusal(OneNode("Split", outputs: two, [("num_outputs", .int(3))]), "num_outputs is 3")
        expectRefusal(OneNode("Split", ["x", "s"], outputs: two, [("num_outputs", .int(2))]), "both")
        expectRefusal(
            OneNode("Split", ["x", "s"], constants: [ONNXFile.Tensor("s", [1, 2, 3])], outputs: two), "3 sizes")

        let parts: [(String, ONNXFile.Attribute)] = [("starts", .ints([1, 0])), ("ends", .ints([Int.max, -1]))]
        for opset in [7, 9] {
            expect(
                OneNode("Slice", opset: opset, parts),
                ReadNode(.slice, ["x", "[1, 0]", "[\(Int.max), -1]", nil, nil]))
            expect(
                OneNode("Slice", opset: opset, parts + [("axes", .ints([2, 3]))]),
                ReadNode(.slice, ["x", "[1, 0]", "[\(Int.max), -1]", "[2, 3]", nil]))
            expectRefusal(OneNode("Slice", opset: opset, [parts[0]]), "\"ends\" are needed")
            expectRefusal(OneNode("Slice", opset: opset, parts + [("axes", .ints([2]))]), "equally many")
        }
        for opset in [10, 21] {
            expect(
                OneNode("Slice", opset: opset, ["x", "s", "e", "a", "t"]), ReadNode(.slice, ["x", "s", "e", "a", "t"]))
            expect(OneNode("Slice", opset: opset, ["x", "s", "e"]), ReadNode(.slice, ["x", "s", "e", nil, nil]))
            expectRefusal(OneNode("Slice", opset: opset, parts), "1 inputs instead of 3 to 5")
        }
        expectRefusal(
            OneNode("Slice", ["x", "s", "e"], constants: [ONNXFile.Tensor("s", [1, 2]), ONNXFile.Tensor("e", [3])]),
            "equally many")

        for opset in [7, 10] {
            expect(
                OneNode("Pad", opset: opset, [("pads", .ints([0, -1, 0, 2])), ("value", .float(3))]),
                ReadNode(.pad(.constant), ["x", "[0, -1, 0, 2]", "3.0", nil]))
            expectRefusal(OneNode("Pad", opset: opset), "\"pads\" is missing")
            expectRefusal(OneNode("Pad", opset: opset, [("pads", .ints([1]))]), "even")
        }
        for mode in Operator.PadMode.allCases {
            expect(
                OneNode("Pad", opset: 11, ["x", "p"], [("mode", .string(mode.rawValue))]),
                ReadNode(.pad(mode), ["x", "p", nil, nil]))
        }
        expect(OneNode("Pad", opset: 18, ["x", "p", "", "a"]), ReadNode(.pad(.constant), ["x", "p", nil, "a"]))
        expectRefusal(OneNode("Pad", opset: 17, ["x", "p", "", "a"]), "4 inputs instead of 2 to 3")
        expectRefusal(OneNode("Pad", opset: 19, ["x", "p"], [("mode", .string("wrap"))]), "mode \"wrap\"")
        expectRefusal(OneNode("Pad", ["x", "p", "v"], constants: [ONNXFile.Tensor("v", [2], [0, 1])]), "one number")
    }

    @Test func resizing() {
        var old = Operator.Resizing()
        old.coordinates = .asymmetric
        old.rounding = .floor
        let double = ONNXFile.Tensor("s", [4], [1, 1, 2, 2])
        let half = ONNXFile.Tensor("s", [4], [1, 1, 0.5, 1])
        let mixed = ONNXFile.Tensor("s", [4], [1, 1, 0.5, 2])
        for opset in [7, 8] {
            expect(
                OneNode("Upsample", opset: opset, [("scales", .floats([1, 1, 2, 2]))]),
                ReadNode(.resize(old), ["x", nil, "[1.0, 1.0, 2.0, 2.0]", nil]))
            expectRefusal(OneNode("Upsample", opset: opset), "\"scales\" is missing")
        }
        let up = OneNode("Upsample", opset: 9, ["x", "s"], constants: [double])
        expect(up, ReadNode(.resize(old), ["x", nil, "s", nil]))
        expectRefusal(OneNode("Upsample", opset: 9, ["x", "s"], constants: [half]), "at least 1")
        expectRefusal(
            OneNode("Upsample", opset: 9, ["x", "s"], constants: [ONNXFile.Tensor("s", [1], [.nan])]), "scales")
        expectRefusal(OneNode("Upsample", opset: 10, ["x", "s"], constants: [double]), "ended with opset 9")

        expectRefusal(OneNode("Resize", opset: 9, ["x", "s"]), "came with opset 10")
        expect(
            OneNode("Resize", opset: 10, ["x", "s"], constants: [double]), ReadNode(.resize(old), ["x", nil, "s", nil]))
        expectRefusal(OneNode("Resize", opset: 10, ["x", "s"], constants: [mixed]), "opset 11 or later")
        var reduced = old
        reduced.rounding = .ceil
        expect(
            OneNode("Resize", opset: 10, ["x", "s"], constants: [half]),
            ReadNode(.resize(reduced), ["x", nil, "s", nil]))
        old.mode = .linear
        expect(
            OneNode("Resize", opset: 10, ["x", "s"], constants: [mixed], [("mode", .string("linear"))]),
            ReadNode(.resize(old), ["x", nil, "s", nil]))

        let none = ONNXFile.Tensor("none", [0], [])
        let empty = ONNXFile.Tensor("empty", [])
        for opset in [11, 13, 19, 21] {
            expect(
                OneNode("Resize", opset: opset, ["x", "", "s"]),
                ReadNode(.resize(Operator.Resizing()), ["x", nil, "s", nil]))
            expect(
                OneNode("Resize", opset: opset, ["x", "none", "none", "t"], constants: [none]),
                ReadNode(.resize(Operator.Resizing()), ["x", nil, nil, "t"]))
            expect(
                OneNode("Resize", opset: opset, ["x", "none", "s", "empty"], constants: [none, empty, double]),
                ReadNode(.resize(Operator.Resizing()), ["x", nil, "s", nil]))
            expectRefusal(OneNode("Resize", opset: opset, ["x", "", "s", "t"]), "either scales or sizes")
            expectRefusal(OneNode("Resize", opset: opset, ["x"]), "either scales or sizes")
        }
        let coordinates: [(String, Operator.Resizing.Coordinates)] = [
            ("half_pixel", .halfPixel), ("pytorch_half_pixel", .pytorchHalfPixel), ("align_corners", .alignCorners),
            ("asymmetric", .asymmetric),
        ]
        for (word, meaning) in coordinates {
            var resizing = Operator.Resizing()
            resizing.coordinates = meaning
            resizing.mode = .linear
            expect(
                OneNode(
                    "Resize", ["x", "", "s"],
                    [
                        ("coordinate_transformation_mode", .string(word)), ("mode", .string("linear")),
                        ("nearest_mode", .string("floor")), ("cubic_coeff_a", .float(-0.5)),
                        ("exclude_outside", .int(0)), ("extrapolation_value", .float(0)), ("antialias", .int(0)),
                        ("keep_aspect_ratio_policy", .string("stretch")),
                    ]), ReadNode(.resize(resizing), ["x", nil, "s", nil]))
        }
        let roundings: [(String, Operator.Resizing.Rounding)] = [
            ("round_prefer_floor", .preferFloor), ("round_prefer_ceil", .preferCeil), ("floor", .floor),
            ("ceil", .ceil),
        ]
        for (word, meaning) in roundings {
            var resizing = Operator.Resizing()
            resizing.rounding = meaning
            expect(
                OneNode("Resize", ["x", "", "s"], [("nearest_mode", .string(word))]),
                ReadNode(.resize(resizing), ["x", nil, "s", nil]))
        }
        for (name, value, words) in [
            ("mode", ONNXFile.Attribute.string("cubic"), "mode \"cubic\""),
            ("coordinate_transformation_mode", .string("tf_crop_and_resize"), "tf_crop_and_resize"),
            ("nearest_mode", .string("up"), "nearest_mode \"up\""), ("antialias", .int(1), "antialias 1"),
            ("axes", .ints([2, 3]), "\"axes\""),
            ("keep_aspect_ratio_policy", .string("not_larger"), "not_larger"),
        ] {
            expectRefusal(OneNode("Resize", ["x", "", "s"], [(name, value)]), words)
        }
        expectRefusal(
            OneNode("Resize", ["x", "", "", "t"], constants: [ONNXFile.Tensor("t", [1, 3, 0, 8])]), "sizes")
    }

    @Test func constants() throws {
        func constant(_ name: String, _ value: ONNXFile.Attribute, opset: Int = 13) throws -> Tensor? {
            let graph = try read(
                ONNXFile(
                    opset: opset,
                    [
                        ONNXFile.Node("Constant", [], ["c"], name: "n", [(name, value)]),
                        ONNXFile.Node("Add", ["x", "c"], ["y"]),
                    ]))
            #expect(graph.nodes.map(\.type) == ["Add"] && graph.nodes[0].name == "Add_1")
            expectSound(graph)
            return graph.values[try #require(graph.value(named: "c"))].constant
        }
        #expect(try constant("value", .tensor(ONNXFile.Tensor("", [2], [1, 2])), opset: 7) == Tensor([1.0, 2], [2]))
        #expect(try constant("value_float", .float(3)) == Tensor([3.0] as [Float], []))
        #expect(try constant("value_floats", .floats([3, 4])) == Tensor([3.0, 4], [2]))
        #expect(try constant("value_int", .int(-3)) == Tensor([-3] as [Int64], []))
        #expect(try constant("value_ints", .ints([3, -4])) == Tensor([3, -4] as [Int64], [2]))
        #expect(try constant("value_ints", .ints([])) == Tensor([Int64](), [0]))
        func refuse(_ attributes: [(String, ONNXFile.Attribute)], _ words: String) {
            expectRefusal(OneNode("Constant", [], attributes), words)
        }
        refuse([], "no value")
        refuse([("value_int", .int(1)), ("value_float", .float(1))], "more than one value")
        refuse([("value_string", .string("a"))], "value_string")
        refuse([("value_strings", .other(8))], "value_strings")
        refuse([("sparse_value", .other(11))], "sparse_value")
        refuse([("value_int", .float(1))], "float instead of int")
        refuse([("value", .tensor(ONNXFile.Tensor("", [2], [1])))], "4 bytes of data instead of 8")

        let one = ONNXFile.Tensor("", [1], [7])
        expect(
            OneNode("ConstantOfShape", ["s"], [("value", .tensor(one))]),
            ReadNode(.constantOfShape(Tensor([7.0], [1])), ["s"]))
        expect(OneNode("ConstantOfShape", opset: 9, ["s"]), ReadNode(.constantOfShape(Tensor([0.0], [1])), ["s"]))
        expectRefusal(
            OneNode("ConstantOfShape", ["s"], [("value", .tensor(ONNXFile.Tensor("", [2], [1, 2])))]), "2 elements")
        let types: [(Int, ElementType)] = [
            (1, .float32), (2, .uint8), (3, .int8), (4, .uint16), (5, .int16), (6, .int32), (7, .int64), (9, .boolean),
            (10, .float16), (11, .float64), (12, .uint32), (13, .uint64),
        ]
        for (code, type) in types { expect(OneNode("Cast", opset: 7, [("to", .int(code))]), ReadNode(.cast(type))) }
        expect(OneNode("Cast", [("to", .int(1)), ("saturate", .int(0))]), ReadNode(.cast(.float32)))
        expectRefusal(OneNode("Cast", [("to", .int(8))]), "type string")
        expectRefusal(OneNode("Cast", [("to", .int(16))]), "bfloat16")
        expectRefusal(OneNode("Cast", [("to", .int(0))]), "element type 0")
        expectRefusal(OneNode("Cast", [("to", .int(99))]), "element type 99")
        expectRefusal(OneNode("Cast"), "\"to\" is missing")
    }
}
