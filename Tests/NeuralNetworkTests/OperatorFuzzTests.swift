import NeuralNetwork
import TestSupport
import Testing

/// Operators with random attributes on random inputs, most of which do not fit: each throws, or makes what was foretold.
/// A trap ends the test run.
@Suite struct OperatorFuzzTests {
    /// Draws whatever a damaged or hostile file may hold.
    private struct Draw {
        var random: SeededRandom
        static let extremes = [Int.min, Int.min + 1, -(1 << 40), -1, 0, 1, 1 << 24, 1 << 40, Int.max - 1, Int.max]

        mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

        /// Mostly small, now and then far out.
        mutating func wild() -> Int { number(0...19) == 0 ? Self.extremes[number(0...9)] : number(-3...5) }

        mutating func list(_ count: Int) -> [Int] { (0..<count).map { _ in wild() } }

        mutating func pair() -> [Int] {
            (0..<(number(0...15) == 0 ? 1 : 2)).map { _ in number(0...9) == 0 ? wild() : number(1...3) }
        }

        mutating func float() -> Float {
            let odd: [Float] = [.nan, .infinity, -.infinity, 0, -0, 1e38, -1e38, .leastNonzeroMagnitude]
            return number(0...9) == 0 ? odd[number(0...7)] : Float.random(in: -3...3, using: &random)
        }

        mutating func type() -> ElementType { ElementType.allCases[number(0...ElementType.allCases.count - 1)] }

        mutating func padding() -> Operator.Padding {
            switch number(0...4) {
            case 0: .sameUpper
            case 1: .sameLower
            case 2: .valid
            default:
                .explicit((0..<(number(0...15) == 0 ? 3 : 4)).map { _ in number(0...9) == 0 ? wild() : number(0...2) })
            }
        }

        mutating func tensor(rank: Int? = nil) -> Tensor {
            let rank = rank ?? (number(0...19) == 0 ? 9 : number(0...4))
            let shape = TensorShape((0..<rank).map { _ in number(0...9) == 0 ? 0 : number(1...(rank > 4 ? 1 : 4)) })
            let count = shape.elementCount ?? 0
            let type = number(0...1) == 0 ? ElementType.float32 : type()
            let elements: Tensor.Elements =
                type.isFloat
                ? .floats((0..<count).map { _ in float() }) : .integers((0..<count).map { _ in Int64(wild()) })
            return Tensor(shape: shape, type: type, elements: elements)
        }

        mutating func input() -> Tensor? {
            switch number(0...9) {
            case 0: nil
            case 1, 2, 3: .list(list(number(0...4)))
            case 4: Tensor((0..<4).map { _ in float() }, [4])
            default: tensor()
            }
        }

        mutating func unary() -> Operator.UnaryFunction {
            let plain: [Operator.UnaryFunction] = [
                .relu, .sigmoid, .hardSwish, .swish, .tanh, .erf, .sqrt, .exp, .log, .abs, .negate, .reciprocal, .floor,
                .ceil, .softplus, .leakyRelu(alpha: 0.1), .elu(alpha: 1), .hardSigmoid(alpha: 0.2, beta: 0.5),
                .gelu(approximate: true), .gelu(approximate: false),
            ]
            return plain[number(0...plain.count - 1)]
        }

        mutating func operation() -> Operator {
            switch number(0...27) {
            case 0:
                return .convolution {
                    $0.group = number(0...3) == 0 ? wild() : 1
                    $0.strides = pair()
                    $0.dilations = pair()
                    $0.padding = padding()
                }
            case 1: return .batchNormalization(epsilon: float())
            case 2: return .gemm { $0.transposesA = number(0...1) == 0 }
            case 3: return .matMul
            case 4: return .unary(unary())
            case 5: return .clip
            case 6: return .parametricRelu
            case 7:
                let functions = Operator.BinaryFunction.allCases
                return .binary(functions[number(0...functions.count - 1)])
            case 8: return .softmax(axis: wild(), flattensBelow: number(0...1) == 0)
            case 9:
                return .pool(number(0...1) == 0 ? .max : .average, pair()) {
                    $0.strides = pair()
                    $0.dilations = pair()
                    $0.padding = padding()
                    $0.roundsUp = number(0...1) == 0
                    $0.countsPadding = number(0...1) == 0
                }
            case 10: return .globalPool(number(0...1) == 0 ? .max : .average)
            case 11:
                let reductions = Operator.Reduction.allCases
                return .reduce(
                    reductions[number(0...reductions.count - 1)], keepsDimensions: number(0...1) == 0,
                    nothingWithoutAxes: number(0...1) == 0)
            case 12: return .layerNormalization(axis: wild(), epsilon: float())
            case 13: return .concat(axis: wild())
            case 14: return .split(axis: wild(), count: number(1...4))
            case 15: return .slice
            case 16: return .reshape(zeroIsZero: number(0...1) == 0)
            case 17: return .flatten(axis: wild())
            case 18: return .transpose(permutation: number(0...2) == 0 ? nil : list(number(0...4)))
            case 19: return number(0...1) == 0 ? .squeeze : .unsqueeze
            case 20: return .pad([.constant, .reflect, .edge][number(0...2)])
            case 21:
                return .resize {
                    $0.mode = number(0...1) == 0 ? .nearest : .linear
                    $0.coordinates = [.halfPixel, .pytorchHalfPixel, .alignCorners, .asymmetric][number(0...3)]
                    $0.rounding = [.preferFloor, .preferCeil, .floor, .ceil][number(0...3)]
                }
            case 22: return .expand
            case 23: return number(0...1) == 0 ? .constantOfShape(tensor(rank: 1)) : .constantOfShape(.number(1))
            case 24: return .shape(start: wild(), end: number(0...1) == 0 ? nil : wild())
            case 25: return .gather(axis: wild())
            case 26: return .cast(type())
            default:
                return number(0...1) == 0
                    ? .quantizeLinear(axis: wild(), type: type()) : .dequantizeLinear(axis: wild())
            }
        }
    }

    @Test func nothingTraps() throws {
        let seed = SeededRandom.seed(of: 521)
        print("OperatorFuzzTests: seed \(seed)")
        var draw = Draw(random: SeededRandom(seed: seed))
        var limits = NetworkLimits()
        limits.tensorElements = 1 << 14
        var made = 0
        for round in 0..<60_000 {
            let operation = draw.operation()
            // Now and then inputs that have a chance to fit.
            let first = draw.tensor(rank: draw.number(0...3) == 0 ? nil : draw.number(2...4))
            let inputs = [first] + (0..<draw.number(0...4)).map { _ in draw.number(0...5) == 0 ? first : draw.input() }
            let count = if case .split(_, let count) = operation { count } else { 1 }
            let node = Graph.Node(
                name: "\(round)", type: "Test", operation: operation, inputs: Array(0..<inputs.count),
                outputs: Array(inputs.count..<inputs.count + count))
            do {
                let types = try operation.outputShapes(
                    of: inputs.map { $0?.tensorType }, constants: inputs, node: node, limits: limits)
                // Only content can still be at fault: a division by zero.
                let results = try operation.evaluate(inputs, node: node, limits: limits)
                made += 1
                #expect(results.map(\.tensorType) == types, "seed \(seed), round \(round): \(operation)")
            } catch {
                #expect(error.description.contains("operator Test (node \"\(round)\")"), "seed \(seed): \(error)")
            }
        }
        #expect(made > 5000, "seed \(seed): too few of them fit")
    }
}
