import NeuralNetwork
import TestSupport
import Testing

/// Tensors in files: every type in every way of writing it, and limits.
@Suite struct ONNXTensorTests {
    private typealias Stored = ONNXFile.Tensor

    private func model(_ tensor: Stored) -> ONNXFile {
        var named = tensor
        named.name = "w"
        return ONNXFile(initializers: [named], [ONNXFile.Node("Add", ["x", "w"], ["y"])])
    }

    private func held(_ tensor: Stored) throws -> Tensor? {
        let graph = try read(model(tensor))
        let initializer = graph.values[try #require(graph.value(named: "w"))].constant
        // The same in an attribute.
        let node = ONNXFile.Node("Constant", [], ["w"], [("value", .tensor(tensor))])
        let again = try read(ONNXFile([node, ONNXFile.Node("Add", ["x", "w"], ["y"])]))
        let attribute = again.values[try #require(again.value(named: "w"))].constant
        // Not by ==, as some are not equal to themselves.
        #expect("\(String(describing: attribute))" == "\(String(describing: initializer))")
        return initializer
    }

    private func stored(_ sizes: [Int], type: Int, raw: [UInt8]? = nil, _ change: (inout Stored) -> Void = { _ in })
        -> Stored
    {
        var tensor = Stored("w", sizes, type: type)
        tensor.raw = raw
        change(&tensor)
        return tensor
    }

    @Test func floats() throws {
        let values: [Float] = [1, -0.5, 65504, .infinity]
        let expected = Tensor(values, [2, 2])
        #expect(try held(Stored("w", [2, 2], values)) == expected)
        #expect(try held(stored([2, 2], type: 1) { $0.floats = values }) == expected)

        let halves = [0x3C00, 0xB800, 0x7BFF, 0x7C00]
        let half = Tensor(shape: [2, 2], type: .float16, elements: .floats(values))
        let halfBytes = halves.flatMap { ProtobufWriter.littleEndian(UInt16($0)) }
        #expect(try held(stored([2, 2], type: 10, raw: halfBytes)) == half)
        #expect(try held(stored([2, 2], type: 10) { $0.int32s = halves }) == half)

        let doubles = Tensor(shape: [2, 2], type: .float64, elements: .floats(values))
        let doubleBytes = values.flatMap { ProtobufWriter.littleEndian(Double($0).bitPattern) }
        #expect(try held(stored([2, 2], type: 11, raw: doubleBytes)) == doubles)
        #expect(try held(stored([2, 2], type: 11) { $0.doubles = values.map(Double.init) }) == doubles)

        let upper = [0x3F80, 0xBF00, 0x7F80]
        let brain = Tensor([1, -0.5, .infinity], [3])
        let brainBytes = upper.flatMap { ProtobufWriter.littleEndian(UInt16($0)) }
        #expect(try held(stored([3], type: 16, raw: brainBytes)) == brain)
        #expect(try held(stored([3], type: 16) { $0.int32s = upper }) == brain)
    }

    /// Against the compiler's own, where it has one.
    @Test func everyHalf() throws {
        let bytes = (0...UInt16.max).flatMap { ProtobufWriter.littleEndian($0) }
        let floats = try #require(try held(stored([65536], type: 10, raw: bytes))?.floats)
        #if !(os(macOS) && arch(x86_64))
            for bits in 0...UInt16.max {
                let expected = Float(Float16(bitPattern: bits))
                let got = floats[Int(bits)]
                #expect(got.bitPattern == expected.bitPattern || got.isNaN && expected.isNaN, "\(bits)")
            }
        #endif
        #expect(floats[1] == 0x1p-24 && floats[0x83FF] == -1023 * 0x1p-24 && floats[0x8000].sign == .minus)
    }

    @Test func wholeNumbers() throws {
        let kinds: [(code: Int, ElementType, least: Int, most: Int)] = [
            (2, .uint8, 0, 255), (3, .int8, -128, 127), (4, .uint16, 0, 65535), (5, .int16, -32768, 32767),
            (6, .int32, Int(Int32.min), Int(Int32.max)), (7, .int64, Int.min, Int.max), (9, .boolean, 0, 1),
            (12, .uint32, 0, Int(UInt32.max)), (13, .uint64, 0, Int.max),
        ]
        for (code, type, least, most) in kinds {
            let expected = Tensor(shape: [2], type: type, elements: .integers([Int64(least), Int64(most)]))
            let size = [2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 9: 1, 12: 4][code] ?? 8
            let bytes = [least, most].flatMap { ProtobufWriter.littleEndian(Int64($0)).prefix(size) }
            #expect(try held(stored([2], type: code, raw: bytes)) == expected)
            func typed(_ values: [Int]) -> Stored {
                stored([values.count], type: code) {
                    switch code {
                    case 7: $0.int64s = values
                    case 12, 13: $0.uint64s = values.map { UInt64(bitPattern: Int64($0)) }
                    default: $0.int32s = values
                    }
                }
            }
            #expect(try held(typed([least, most])) == expected)
            guard ![6, 7, 13].contains(code) else { continue }
            expectRefusal(model(typed([0, most + 1])), "\"w\" of type", "element \(most + 1)")
            expectRefusal(model(typed([0, least - 1])), "\"w\" of type", "element \(least - 1)")
        }
        expectRefusal(model(stored([1], type: 13) { $0.uint64s = [1 << 63] }), "above 2^63 - 1")
        expectRefusal(model(stored([1], type: 13, raw: [0, 0, 0, 0, 0, 0, 0, 0x80])), "above 2^63 - 1")
        expectRefusal(model(stored([1], type: 9, raw: [2])), "element 2")
    }

    @Test func shapes() throws {
        #expect(try held(Stored("w", [], [3])) == Tensor([3.0] as [Float], []))
        #expect(try held(Stored("w", [0, 3], [])) == Tensor([Float](), [0, 3]))
        #expect(try held(Stored("w", [1, 1, 1, 1, 1, 1, 1, 1], [3]))?.shape.rank == 8)
        expectRefusal(model(Stored("w", [1, 1, 1, 1, 1, 1, 1, 1, 1], [3])), "\"w\" has 9 dimensions", "limit is 8")
        expectRefusal(model(Stored("w", [-1], [])), "a size of -1")
        expectRefusal(model(Stored("w", [Int.max, 0], [])), "too large", "\"w\" has shape")
        expectRefusal(model(Stored("w", [1 << 20, 1 << 20, 1 << 20, 1 << 20], [])), "too large", "\"w\" has shape")
        expectRefusal(model(Stored("w", [1 << 28], [])), "0 elements of data instead of 268435456")
        expectRefusal(model(Stored("w", [(1 << 28) + 1], [])), "limit is 268435456 elements")
    }

    @Test func dataThatDoesNotFit() {
        expectRefusal(model(Stored("w", [3], [1, 2])), "\"w\" of shape [3] has 8 bytes of data instead of 12")
        expectRefusal(model(Stored("w", [1], [1, 2])), "8 bytes of data instead of 4")
        expectRefusal(model(stored([3], type: 1) { $0.floats = [1, 2] }), "2 elements of data instead of 3")
        expectRefusal(model(stored([1], type: 1) { $0.int64s = [1] }), "of data instead of 1")
        expectRefusal(model(stored([1], type: 1) { ($0.floats, $0.int64s) = ([1], [1]) }), "2 elements of data")
        expectRefusal(model(stored([1], type: 1, raw: [0, 0, 0, 0]) { $0.floats = [1] }), "its data twice")
        expectRefusal(model(stored([1], type: 1)), "0 elements of data instead of 1")
        expectRefusal(model(stored([1], type: 8)), "elements of type string")
        expectRefusal(model(stored([1], type: 14)), "elements of type complex64")
        expectRefusal(model(stored([2], type: 22, raw: [0])), "elements of type int4")
        expectRefusal(model(stored([1], type: 0, raw: [0])), "element type 0")
        expectRefusal(model(stored([1], type: 1 << 40, raw: [0])), "element type")
        expectRefusal(model(stored([1], type: 1, raw: [0, 0, 0, 0]) { $0.isSegment = true }), "a piece of a tensor")
    }

    @Test func dataInAnotherFile() {
        let outside = stored([1], type: 1) {
            $0.location = 1
            $0.external = [("location", "weights.bin"), ("offset", "0")]
        }
        expectRefusal(
            model(outside), "the initializer \"w\" lies in another file (\"weights.bin\")", "inside the .onnx")
        expectRefusal(model(stored([1], type: 1) { $0.location = 1 }), "lies in another file")
        expectRefusal(model(stored([1], type: 1) { $0.external = [("location", "a")] }), "lies in another file")
    }

    // MARK: Limits

    @Test func limits() {
        let file = model(Stored("w", [4], [1, 2, 3, 4]))
        func expectLimit(_ set: (inout NetworkLimits, Int) -> Void, least: Int, _ words: String) {
            var limits = NetworkLimits()
            set(&limits, least)
            #expect(refusal(file, limits: limits) == nil)
            set(&limits, least - 1)
            expectRefusal(file, "the model is too large", words, limits: limits)
        }
        // The input of 1×3×8×8 has 192 elements.
        expectLimit({ $0.tensorElements = $1 }, least: 192, "the limit is 191 elements")
        expectLimit({ $0.constantBytes = $1 }, least: 16, "with the initializer \"w\"")
        expectLimit({ $0.rank = $1 }, least: 4, "4 dimensions")
        expectLimit({ $0.nodes = $1 }, least: 1, "more than 0 nodes")
        var limits = NetworkLimits()
        limits.fileBytes = file.bytes.count - 1
        expectRefusal(file, "\(file.bytes.count) bytes; the limit is \(file.bytes.count - 1)", limits: limits)
    }

    @Test func nodesThatStandForMany() {
        var limits = NetworkLimits()
        limits.nodes = 3
        func max(_ inputs: Int) -> ONNXFile {
            ONNXFile([ONNXFile.Node("Max", [String](repeating: "x", count: inputs), ["y"])])
        }
        #expect(refusal(max(4), limits: limits) == nil)
        expectRefusal(max(5), "more than 3 nodes", limits: limits)
    }

    @Test func constantsInAttributesCount() {
        var limits = NetworkLimits()
        let values = ONNXFile.Node("Constant", [], ["w"], [("value_ints", .ints([1, 2, 3]))])
        let file = ONNXFile([values, ONNXFile.Node("Add", ["x", "w"], ["y"])])
        limits.constantBytes = 24
        #expect(refusal(file, limits: limits) == nil)
        limits.constantBytes = 23
        expectRefusal(file, "more than 23 bytes", limits: limits)
    }

    @Test func namesAreNoNovels() {
        func named(_ count: Int) -> ONNXFile {
            let name = String(repeating: "v", count: count)
            return ONNXFile([ONNXFile.Node("Relu", ["x"], [name]), ONNXFile.Node("Relu", [name], ["y"])])
        }
        #expect(refusal(named(4096)) == nil)
        expectRefusal(named(4097), "a name of 4097 bytes")
    }

    /// A few bytes each that would be many in memory are counted before they are parsed.
    @Test func emptyMessagesAreCounted() {
        var limits = NetworkLimits()
        limits.fileBytes = 1 << 20
        func graph(_ part: [UInt8], times: Int) -> [UInt8] {
            var writer = ProtobufWriter()
            writer.bytes(7, [[UInt8]](repeating: part, count: times).flatMap { $0 })
            return writer.bytes
        }
        func expectTooMuch(_ bytes: [UInt8], _ words: String = "bytes of memory") {
            let text = refusal(of: bytes, limits: limits)?.description ?? ""
            #expect(text.contains(words), "\(text)")
        }
        // Empty nodes, initializers, inputs.
        limits.nodes = 1000
        expectTooMuch(graph([0x0A, 0], times: 1001), "more than 1000 nodes")
        limits.nodes = Int.max
        for key: UInt8 in [0x0A, 0x2A, 0x5A] {
            expectTooMuch(graph([key, 0], times: 4000))
            #expect(refusal(of: graph([key, 0], times: 2000), limits: limits)?.description.contains("memory") == false)
        }
        // Inputs of a node; sizes of a tensor, one by one and packed.
        var many = ProtobufWriter()
        many.bytes(1, [[UInt8]](repeating: [0x0A, 0], count: 30_000).flatMap { $0 })
        expectTooMuch(graph(many.bytes, times: 1))
        many = ProtobufWriter()
        many.bytes(5, [[UInt8]](repeating: [0x08, 1], count: 120_000).flatMap { $0 })
        expectTooMuch(graph(many.bytes, times: 1))
        many = ProtobufWriter()
        var tensor = ProtobufWriter()
        tensor.ints(1, [Int](repeating: 1, count: 120_000))
        many.bytes(5, tensor.bytes)
        expectTooMuch(graph(many.bytes, times: 1))
        // Data takes what it takes.
        var large = ONNXFile.Tensor("w", [200_000], [Float](repeating: 0, count: 200_000))
        #expect(refusal(model(large), limits: limits) == nil)
        large.raw = nil
        large.floats = [Float](repeating: 0, count: 200_000)
        limits.fileBytes = 2 << 20
        #expect(refusal(model(large), limits: limits) == nil)
    }
}
