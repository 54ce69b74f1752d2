import Foundation

extension ReferenceCall {
    func unary(_ function: Operator.UnaryFunction) -> Tensor {
        let x = input(0)
        switch x.elements {
        case .floats(let values):
            return Reference.tensor(values.map { Float(function.value(at: Double($0))) }, result)
        case .integers(let values):
            let mapped = values.map { value -> Int64 in
                switch function {
                case .relu: max(0, value)
                case .abs: value < 0 ? 0 &- value : value
                case .negate: 0 &- value
                default: preconditionFailure("inference lets no whole numbers through")
                }
            }
            return Tensor(shape: x.shape, type: x.type, elements: .integers(mapped.map { x.type.wrapped($0) }))
        }
    }

    func clip() -> Tensor {
        let x = input(0)
        switch x.elements {
        case .floats(let values):
            let low = optional(1)?.floatValues[0] ?? -.infinity
            let high = optional(2)?.floatValues[0] ?? .infinity
            // Where the bounds cross, the upper one holds.
            return Reference.tensor(values.map { $0.isNaN ? $0 : min(max($0, low), high) }, result)
        case .integers(let values):
            let low = optional(1)?.integerValues[0] ?? .min
            let high = optional(2)?.integerValues[0] ?? .max
            return Tensor(shape: x.shape, type: x.type, elements: .integers(values.map { min(max($0, low), high) }))
        }
    }

    func parametricRelu() -> Tensor {
        let x = input(0)
        let slopes = Reference.broadcast(input(1), to: x.shape).floatValues
        return Reference.tensor(zip(x.floatValues, slopes).map { $0 < 0 ? $0 * $1 : $0 }, result)
    }

    func binary(_ function: Operator.BinaryFunction) throws(NetworkError) -> Tensor {
        let a = Reference.broadcast(input(0), to: result.shape)
        let b = Reference.broadcast(input(1), to: result.shape)
        if case .floats(let left) = a.elements {
            // Pow's exponent may be whole.
            let right = Reference.cast(b, to: .float32).floatValues
            return Reference.tensor(zip(left, right).map { function.value($0, $1) }, result)
        }
        let left = a.integerValues
        var values: [Int64] = []
        values.reserveCapacity(left.count)
        if case .floats(let exponents) = b.elements {
            let powers = zip(left, exponents).map { pow(Double($0), Double($1)) }
            return Tensor(shape: result.shape, type: a.type, elements: .integers(powers.map { a.type.saturated($0) }))
        }
        for (x, y) in zip(left, b.integerValues) {
            guard let value = function.value(x, y) else { throw inference.contradiction("it divides \(x) by zero") }
            values.append(a.type.wrapped(value))
        }
        return Tensor(shape: result.shape, type: a.type, elements: .integers(values))
    }
}

extension Operator.UnaryFunction {
    /// The function's value, in double precision.
    func value(at x: Double) -> Double {
        switch self {
        case .relu: Reference.larger(x, 0)
        case .leakyRelu(let alpha): x < 0 ? Double(alpha) * x : x
        case .elu(let alpha): x < 0 ? Double(alpha) * expm1(x) : x
        case .sigmoid: 1 / (1 + Foundation.exp(-x))
        case .hardSigmoid(let alpha, let beta): Self.hardSigmoid(x, Double(alpha), Double(beta))
        case .hardSwish: x * Self.hardSigmoid(x, 1 / 6, 1 / 2)
        case .swish: x / (1 + Foundation.exp(-x))
        case .tanh: Foundation.tanh(x)
        case .erf: Foundation.erf(x)
        case .gelu(approximate: false): x / 2 * (1 + Foundation.erf(x * 0.5.squareRoot()))
        case .gelu(approximate: true):
            x / 2 * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .sqrt: x.squareRoot()
        case .exp: Foundation.exp(x)
        case .log: Foundation.log(x)
        case .abs: Swift.abs(x)
        case .negate: -x
        case .reciprocal: 1 / x
        case .floor: x.rounded(.down)
        case .ceil: x.rounded(.up)
        case .softplus: Reference.larger(x, 0) + log1p(Foundation.exp(-Swift.abs(x)))
        }
    }

    private static func hardSigmoid(_ x: Double, _ alpha: Double, _ beta: Double) -> Double {
        x.isNaN ? x : max(0, min(1, alpha * x + beta))
    }
}

extension Operator.BinaryFunction {
    /// The function's value on floats. Minimum and maximum of a NaN are NaN.
    func value(_ a: Float, _ b: Float) -> Float {
        switch self {
        case .add: a + b
        case .subtract: a - b
        case .multiply: a * b
        case .divide: a / b
        case .power: Float(pow(Double(a), Double(b)))
        case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
        case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
        }
    }

    /// The function's value on whole numbers, which wrap around and whose quotients are cut off towards zero; nil for
    /// a division by zero.
    func value(_ a: Int64, _ b: Int64) -> Int64? {
        switch self {
        case .add: a &+ b
        case .subtract: a &- b
        case .multiply: a &* b
        case .divide: b == 0 ? nil : a.dividedReportingOverflow(by: b).partialValue
        case .power: Self.power(a, b)
        case .minimum: min(a, b)
        case .maximum: max(a, b)
        }
    }

    /// Repeated squaring. A negative exponent gives the fraction's whole part: 0, but for bases 1 and -1.
    private static func power(_ base: Int64, _ exponent: Int64) -> Int64? {
        if exponent < 0 {
            return switch base {
            case 0: nil
            case 1: 1
            case -1: exponent % 2 == 0 ? 1 : -1
            default: 0
            }
        }
        var (result, square, rest) = (Int64(1), base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = result &* square }
            square = square &* square
            rest >>= 1
        }
        return result
    }
}

extension Reference {
    /// The larger of two, or NaN where one is: Swift's own `max` may lose it.
    static func larger(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : max(a, b) }
}
