import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// Models as a whole: what is read of them, and what is refused and how it is named.
@Suite struct ONNXModelTests {
    private typealias Node = ONNXFile.Node
    private let relu = [Node("Relu", ["x"], ["y"])]

    @Test func aSmallModel() throws {
        let graph = try read(
            ONNXFile(
                opset: 12, inputs: [ONNXFile.Value("x", [nil, 3, 8, 8]), ONNXFile.Value("w", [2, 3, 1, 1])],
                initializers: [ONNXFile.Tensor("w", [2, 3, 1, 1], [1, 2, 3, 4, 5, 6])],
                [Node("Conv", ["x", "w"], ["c"], name: "first"), Node("Relu", ["c"], ["y"])], outputs: ["y", "c"]))
        expectSound(graph)
        #expect(graph.opset == 12)
        #expect(graph.nodes.map(\.name) == ["first", "Relu_1"] && graph.nodes.map(\.type) == ["Conv", "Relu"])
        // What is an initializer is none of the inputs, though older files declare it so.
        #expect(graph.inputs.count == 1 && graph.inputs[0].value == graph.value(named: "x"))
        #expect(graph.inputs[0].dimensions == [nil, 3, 8, 8])
        #expect(graph.outputs == [graph.value(named: "y"), graph.value(named: "c")])
        #expect(
            graph.values[try #require(graph.value(named: "w"))].constant == Tensor([1.0, 2, 3, 4, 5, 6], [2, 3, 1, 1]))
    }

    @Test func opsets() {
        for opset in 7...21 { #expect(refusal(ONNXFile(opset: opset, relu)) == nil) }
        for opset in [-1, 0, 6, 22, Int.max] {
            expectRefusal(ONNXFile(opset: opset, relu), "not supported: opset \(opset)", "opsets 7 to 21")
        }
        var file = ONNXFile(relu)
        file.opsets = []
        expectRefusal(file, "which opset")
        file.opsets = [("com.microsoft", 1)]
        expectRefusal(file, "which opset")
        file.opsets = [("ai.onnx", 13), ("ai.onnx.ml", 3), ("", 13)]
        #expect(refusal(file) == nil)
        file.opsets = [("ai.onnx", 13), ("", 12)]
        expectRefusal(file, "opsets 12, 13")
    }

    @Test func operatorsThatAreNotBuilt() {
        expectRefusal(
            ONNXFile([Node("LSTM", ["x"], ["y"], name: "lstm_1")]), "not supported: operator LSTM (node \"lstm_1\")")
        expectRefusal(ONNXFile([Node("LSTM", ["x"], ["y"])]), "operator LSTM (node 0, which makes \"y\")")
        expectRefusal(ONNXFile([Node("", ["x"], ["y"], name: "n")]), "operator  (node \"n\")")
        // All of them, each once, in the file's order.
        var nodes = [Node("Relu", ["x"], ["y"])]
        for index in 0..<14 { nodes.append(Node("Strange\(index % 7)", ["x"], ["v\(index)"], name: "s\(index)")) }
        let words = refusal(ONNXFile(nodes))?.description ?? ""
        #expect(words.contains("operator Strange0 (node \"s0\"), and in 1 more nodes; operator Strange1 (node \"s1\")"))
        #expect(words.contains("Strange4") && !words.contains("Strange5") && words.hasSuffix("and 2 more"))
        for type in ["If", "Loop", "Scan"] {
            expectRefusal(
                ONNXFile([Node(type, ["x"], ["y"], name: "n", [("body", .other(5))])]),
                "operator \(type) (node \"n\"), control flow")
        }
        var foreign = Node("Conv", ["x"], ["y"], name: "n")
        foreign.domain = "com.microsoft"
        expectRefusal(ONNXFile([foreign]), "operator com.microsoft.Conv (node \"n\"), an operator of its own domain")
        foreign = Node("Relu", ["x"], ["y"], name: "n")
        foreign.domain = "ai.onnx"
        #expect(refusal(ONNXFile([foreign])) == nil)
        var file = ONNXFile(relu)
        file.functions = [("ai.onnx", "Relu")]
        expectRefusal(file, "operator Relu", "function")
        file.functions = [("mine", "Relu")]
        #expect(refusal(file) == nil)
    }

    @Test func attributes() {
        expectRefusal(OneNode("Relu", [("strange", .int(1)), ("other", .int(1))]), "attributes \"other\", \"strange\"")
        expectRefusal(OneNode("Softmax", [("axis", .int(1)), ("axis", .int(1))]), "the attribute \"axis\" twice")
        expectRefusal(OneNode("Softmax", [("axis", .reference("a"))]), "refers to one of a function")
        expectRefusal(OneNode("Softmax", [("axis", .other(5))]), "\"axis\" is graph instead of int")
    }

    @Test func values() {
        expectRefusal(
            ONNXFile([Node("Add", ["x", "q"], ["y"], name: "n")]), "operator Add (node \"n\") takes \"q\"", "nothing")
        expectRefusal(ONNXFile(relu + [Node("Relu", ["x"], ["y"], name: "n")]), "(node \"n\") produces \"y\"")
        expectRefusal(ONNXFile([Node("Split", ["x"], ["y", "y"], name: "n")]), "produces \"y\"")
        expectRefusal(ONNXFile([Node("Relu", ["x"], ["x"], name: "n")], outputs: ["x"]), "produces \"x\"")
        let y = ONNXFile.Tensor("y", [1], [1])
        expectRefusal(ONNXFile(initializers: [y], relu), "operator Relu", "produces \"y\"")
        expectRefusal(ONNXFile(initializers: [y, y], []), "an initializer produces \"y\"")
        expectRefusal(ONNXFile(initializers: [ONNXFile.Tensor("", [1], [1])], relu), "an initializer has no name")
        let x = ONNXFile.Value("x", [1])
        expectRefusal(ONNXFile(inputs: [x, x], relu), "the input \"x\" twice")
        expectRefusal(ONNXFile(inputs: [x, ONNXFile.Value("", [1])], relu), "an input has no name")
        expectRefusal(ONNXFile(relu, outputs: ["z"]), "nothing produces the output \"z\"")
        expectRefusal(ONNXFile(relu, outputs: []), "no output")
        expectRefusal(ONNXFile(inputs: [], initializers: [y], []), "no input")
        expectRefusal(ONNXFile([Node("Relu", ["x"], [], name: "n")]), "operator Relu (node \"n\") has no output")
        expectRefusal(ONNXFile([Node("Relu", ["x"], [""], name: "n")]), "has no output")
        var sparse = ONNXFile(relu)
        sparse.sparseInitializers = 1
        expectRefusal(sparse, "sparse initializers")
    }

    @Test func nodesInAnyOrder() throws {
        let graph = try read(
            ONNXFile([
                Node("Add", ["b", "c"], ["y"]), Node("Relu", ["a"], ["c"]), Node("Relu", ["a"], ["b"]),
                Node("Relu", ["x"], ["a"]),
            ]))
        expectSound(graph)
        #expect(graph.nodes.map(\.name) == ["Relu_3", "Relu_2", "Relu_1", "Add_0"])
        expectRefusal(ONNXFile([Node("Add", ["x", "y"], ["y"], name: "n")]), "wait for each other", "node \"n\"")
        let cycle = [
            Node("Relu", ["x"], ["a"], name: "first"), Node("Add", ["a", "c"], ["b"], name: "second"),
            Node("Relu", ["b"], ["c"], name: "third"), Node("Relu", ["b"], ["y"], name: "last"),
        ]
        expectRefusal(
            ONNXFile(cycle), "wait for each other: operator Add (node \"second\"), operator Relu (node \"third\")")
        // So long a chain, from the last to the first, would not fit on a stack.
        let count = 19_999
        let chain = (0..<count).map { Node("Relu", [$0 == count - 1 ? "x" : "v\($0 + 1)"], [$0 == 0 ? "y" : "v\($0)"]) }
        #expect(try read(ONNXFile(chain)).nodes.count == count)
    }

    @Test func inputs() throws {
        func dimensions(_ sizes: [ONNXFile.Value.Size]?, type: Int = 1) throws -> [Int?] {
            var value = ONNXFile.Value("x", [])
            value.sizes = sizes
            value.type = type
            return try read(ONNXFile(inputs: [value], relu)).inputs[0].dimensions
        }
        #expect(try dimensions([.named("batch"), .known(3), .open, .known(-1)]) == [nil, 3, nil, nil])
        #expect(try dimensions([]) == [])
        #expect(try dimensions(nil) == [nil, nil, nil, nil])
        for type in [1, 10, 11, 16] { #expect(try dimensions([.known(1)], type: type) == [1]) }
        func refuse(_ sizes: [Int], type: Int = 1, isSequence: Bool = false, _ words: String) {
            var value = ONNXFile.Value("x", sizes)
            value.type = type
            value.isSequence = isSequence
            expectRefusal(ONNXFile(inputs: [value], relu), "the input \"x\"", words)
        }
        refuse([1, 0], "a size of 0")
        refuse([1, -2], "a size of -2")
        refuse([1], type: 2, "elements of type uint8")
        refuse([1], type: 8, "elements of type string")
        refuse([1], type: 0, "element type 0")
        refuse([1], isSequence: true, "is no tensor")
    }

    @Test func whatIsNoModel() {
        func refuse(_ bytes: [UInt8], _ words: String) {
            #expect(refusal(of: bytes)?.description.contains(words) == true, "\(refusal(of: bytes)?.description ?? "")")
        }
        refuse([], "the file is empty")
        refuse(Array("PK\u{3}\u{4}abcdef".utf8), "zip archive")
        refuse(Array("\u{1C}\0\0\0TFL3\0\0".utf8), "TensorFlow Lite")
        refuse(Array("\u{1C}\0\0\0ORTM\0\0".utf8), "ONNX Runtime's own format")
        refuse(Array("<?xml version=\"1.0\"?><net>".utf8), "OpenVINO")
        refuse(Array("version https://".utf8), "Git LFS")
        refuse(Array("hello, world".utf8), "not a usable ONNX model")
        refuse([0x08, 0x08], "no graph")
        refuse([0x00, 0x01], "number at byte 0 is no key")
        refuse([0x0B], "is no key")
        refuse([0x82, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00], "is no key")
        refuse([0x08], "cut short")
        refuse([0x3A, 0x05, 0x0A], "cut short")
        refuse([0x3A] + [UInt8](repeating: 0xFF, count: 9) + [0x7F], "cut short")
        refuse([0x08] + [UInt8](repeating: 0xFF, count: 11), "has no end")
        // A name that is not UTF-8.
        var bytes = ONNXFile([Node("Relu", ["x"], ["y"], name: "nnnn")]).bytes
        let place = bytes.indices.first { bytes[$0...].starts(with: Array("nnnn".utf8)) }
        if let place { bytes[place] = 0xFF }
        refuse(bytes, "no protocol buffer")
        // Whatever is cut off: never read as if it were whole, unless what is missing is skipped.
        let whole = ONNXFile(
            initializers: [ONNXFile.Tensor("w", [4], [1, 2, 3, 4])], [Node("Add", ["x", "w"], ["y"])]
        ).bytes
        #expect(refusal(of: whole) == nil)
        for end in whole.indices { #expect(refusal(of: Array(whole[..<end])) != nil, "\(end)") }
    }

    @Test func namesInMessages() {
        let long = String(repeating: "n", count: 300)
        let words = refusal(ONNXFile([Node("Relu", ["a\nb\u{202E}"], ["y"], name: long)]))?.description ?? ""
        #expect(words.contains("\"a\\u{a}b\\u{202e}\"") && !words.contains("\n"))
        #expect(words.contains("n…\"") && words.count < 300)
    }

    @Test func files() throws {
        let folder = TemporaryFolder("onnx")
        try folder.write("a.onnx", ONNXFile(relu).bytes)
        #expect(try Graph(onnxFile: folder.path("a.onnx")).nodes.count == 1)
        #expect(throws: NetworkError.self) { try Graph(onnxFile: folder.path("none.onnx")) }
        #expect(throws: NetworkError.self) { try Graph(onnxFile: folder.path("")) }
        #expect(throws: NetworkError.self) { try Graph(onnxFile: folder.path(".")) }
        #expect(throws: NetworkError.self) { try Graph(onnxFile: "/dev/zero") }
        try folder.write("empty.onnx", [])
        #expect(throws: NetworkError.malformed("the file is empty")) { try Graph(onnxFile: folder.path("empty.onnx")) }
        var limits = NetworkLimits()
        limits.fileBytes = ONNXFile(relu).bytes.count - 1
        #expect(throws: NetworkError.self) { try Graph(onnxFile: folder.path("a.onnx"), limits: limits) }
    }
}
