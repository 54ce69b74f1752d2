/// Functions that exporters spell out: HardSwish in opsets before 14, Swish and Gelu in most.
extension Flow {
    /// Puts one node in the place of the last of each spelled-out function; what only it needed is dropped.
    mutating func recogniseFunctions() {
        let producers = producers()
        for place in nodes.indices {
            guard let node = nodes[place], let match = spelledOut(node, producers) else { continue }
            nodes[place]?.operation = .activation(.function(match.function))
            nodes[place]?.inputs = [match.x]
        }
        dropUnused()
    }

    /// Takes out nodes of which nothing is used.
    mutating func dropUnused() {
        var used = [Bool](repeating: false, count: values.count)
        used[output] = true
        for place in nodes.indices.reversed() {
            guard let node = nodes[place] else { continue }
            if !node.outputs.contains(where: { used[$0] }) {
                nodes[place] = nil
                continue
            }
            for case .some(let input) in node.inputs { used[input] = true }
        }
    }

    private typealias Match = (function: Operator.UnaryFunction, x: ValueID)

    private func spelledOut(_ node: Node, _ producers: [Int?]) -> Match? {
        guard case .binary(let function, .none) = node.operation, let a = node.inputs[0], let b = node.inputs[1] else {
            return nil
        }
        func make(_ value: ValueID) -> Node? { producers[value].flatMap { nodes[$0] } }
        switch function {
        case .multiply:
            for (x, gate) in [(a, b), (b, a)] {
                if let match = gated(x, by: make(gate), producers) { return match }
            }
            return gelu(a, b, producers)
        case .divide:
            // Either x * relu6(x + 3) / 6, or relu6(x + 3) / 6.
            guard isNumber(b, 6), let inner = make(a) else { return nil }
            if case .binary(.multiply, .none) = inner.operation, let p = inner.inputs[0], let q = inner.inputs[1] {
                for (x, gate) in [(p, q), (q, p)] where raisedRelu6(make(gate), producers) == x {
                    return (.hardSwish, x)
                }
            }
            return raisedRelu6(inner, producers).map { (.hardSigmoid(alpha: 1 / 6, beta: 0.5), $0) }
        default:
            return nil
        }
    }

    /// x * sigmoid(x), x * hardSigmoid(x)
    private func gated(_ x: ValueID, by gate: Node?, _ producers: [Int?]) -> Match? {
        guard let gate, gate.inputs.first == x, case .activation(.function(let function)) = gate.operation else {
            return nil
        }
        switch function {
        case .sigmoid: return (.swish, x)
        case .hardSigmoid(let alpha, let beta) where abs(alpha - 1 / 6) < 1e-6 && beta == 0.5: return (.hardSwish, x)
        default: return nil
        }
    }

    /// The x of relu6(x + 3).
    private func raisedRelu6(_ node: Node?, _ producers: [Int?]) -> ValueID? {
        guard let node, case .activation(.clip(0, 6)) = node.operation,
            let adder = node.inputs[0].flatMap({ producers[$0] }).flatMap({ nodes[$0] }),
            case .binary(.add, .none) = adder.operation, let a = adder.inputs[0], let b = adder.inputs[1]
        else { return nil }
        return isNumber(b, 3) ? a : isNumber(a, 3) ? b : nil
    }

    /// x * (1 + erf(x / sqrt 2)) * 0.5, with the factors in any order.
    private func gelu(_ a: ValueID, _ b: ValueID, _ producers: [Int?]) -> Match? {
        func make(_ value: ValueID) -> Node? { producers[value].flatMap { nodes[$0] } }
        var factors = [a, b]
        for factor in [a, b] {
            if let inner = make(factor), case .binary(.multiply, .none) = inner.operation, let p = inner.inputs[0],
                let q = inner.inputs[1]
            {
                factors.removeAll { $0 == factor }
                factors += [p, q]
                break
            }
        }
        guard factors.count == 3, let half = factors.firstIndex(where: { isNumber($0, 0.5) }) else { return nil }
        factors.remove(at: half)
        for (x, gate) in [(factors[0], factors[1]), (factors[1], factors[0])] {
            guard let sum = make(gate), case .binary(.add, .none) = sum.operation,
                let one = sum.inputs.firstIndex(where: { $0.map { isNumber($0, 1) } ?? false }),
                let curve = sum.inputs[1 - one].flatMap(make), case .activation(.function(.erf)) = curve.operation,
                let scaled = curve.inputs[0].flatMap(make), case .binary(let how, .none) = scaled.operation,
                scaled.inputs.first == x, let by = scaled.inputs[1]
            else { continue }
            let root = Float(2).squareRoot()
            if (how == .divide && isNumber(by, root)) || (how == .multiply && isNumber(by, 1 / root)) {
                return (.gelu(approximate: false), x)
            }
        }
        return nil
    }

    private func isNumber(_ value: ValueID, _ number: Float) -> Bool {
        guard let constant = constantFloats(value), constant.count == 1 else { return false }
        return abs(constant[0] - number) <= abs(number) * 1e-6
    }
}
