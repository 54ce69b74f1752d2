import Foundation
import NeuralNetwork
import TestSupport
import Testing

/// A small model, what it was fed with, and what ONNX Runtime made of it.
struct OperatorVector: Sendable, CustomTestStringConvertible {
    /// Family and form: `conv/depthwise-5x5`.
    var name: String
    /// The `.onnx` file.
    var model: Data
    /// Largest difference that rounding explains, as a share of the largest magnitude in an output; 0: none.
    var tolerance: Float
    /// The one input.
    var input: Tensor
    /// What the model's outputs are to be, in its order.
    var outputs: [Tensor]

    var testDescription: String { name }

    /// What is wrong with `results`; nil when nothing is.
    ///
    /// - Parameter tolerance: in place of the vector's own, where that is not 0.
    func mismatch(_ results: [Tensor], tolerance other: Float? = nil) -> String? {
        guard results.count == outputs.count else { return "\(name): \(results.count) outputs, not \(outputs.count)" }
        let tolerance = self.tolerance == 0 ? 0 : max(self.tolerance, other ?? 0)
        for (index, (result, expected)) in zip(results, outputs).enumerated() {
            guard result.tensorType == expected.tensorType else {
                return "\(name): output \(index) is \(result.tensorType), not \(expected.tensorType)"
            }
            if let wanted = expected.integers {
                guard let got = result.integers, got == wanted else {
                    return "\(name): output \(index) is \(result.elements), not \(wanted)"
                }
                continue
            }
            let (got, wanted) = (result.floats ?? [], expected.floats ?? [])
            let largest = wanted.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
            for (place, (a, b)) in zip(got, wanted).enumerated() where a != b && !(a.isNaN && b.isNaN) {
                guard abs(a - b) <= tolerance * largest else {
                    return "\(name): output \(index) at \(place) is \(a), not \(b); the largest is \(largest)"
                }
            }
        }
        return nil
    }
}

/// The golden vectors of `Tests/Fixtures/operators`, whose README says how they were made.
enum OperatorVectors {
    /// All of them; none when the file cannot be read, which a test looks for.
    static let all: [OperatorVector] = (try? load()) ?? []

    static let path = SharedData.packageRoot + "/Tests/Fixtures/operators/operators.cases"

    struct Damaged: Error {}

    static func load() throws -> [OperatorVector] {
        var reader = Reader(bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        guard try Data(reader.take(8)) == Data("OPCASES1".utf8) else { throw Damaged() }
        let vectors = try (0..<(try reader.number())).map { _ in
            let name = String(decoding: try reader.take(try reader.number()), as: UTF8.self)
            let model = Data(try reader.take(try reader.number()))
            let tolerance = Float(bitPattern: UInt32(try reader.number()))
            let tensors = try (0..<(try reader.number())).map { _ in try reader.tensor() }
            guard let input = tensors.first else { throw Damaged() }
            return OperatorVector(
                name: name, model: model, tolerance: tolerance, input: input, outputs: Array(tensors.dropFirst()))
        }
        guard reader.at == reader.bytes.count else { throw Damaged() }
        return vectors
    }

    /// Reads little-endian numbers one after the other.
    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
            guard count <= bytes.count - at else { throw Damaged() }
            at += count
            return bytes[at - count..<at]
        }

        mutating func number(bytes width: Int = 4) throws -> Int {
            Int(truncatingIfNeeded: try take(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }

        /// ONNX's number of the element type, rank, sizes, then floats or 64-bit whole numbers.
        mutating func tensor() throws -> Tensor {
            let types: [Int: ElementType] = [
                1: .float32, 2: .uint8, 3: .int8, 4: .uint16, 5: .int16, 6: .int32, 7: .int64, 9: .boolean,
            ]
            guard let type = types[try number(bytes: 1)] else { throw Damaged() }
            let shape = TensorShape(try (0..<(try number(bytes: 1))).map { _ in try number() })
            let count = shape.elementCount ?? 0
            let elements: Tensor.Elements =
                type.isFloat
                ? .floats(try (0..<count).map { _ in Float(bitPattern: UInt32(try number())) })
                : .integers(try (0..<count).map { _ in Int64(try number(bytes: 8)) })
            return Tensor(shape: shape, type: type, elements: elements)
        }
    }
}
