import CTensorKernels

// Steps that make one number of many. C structures of numbers only, fixed when planned: safe to share.

/// y = the mean, sum, largest... of x over some dimensions
struct ReduceStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let outer, inner: lk_walk
    let kind: lk_reduction
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: outer) { outer in
            withUnsafePointer(to: inner) { inner in
                kernels.tensor.pointee.reduce(outer, inner, kind, x.pointer(arena), y.pointer(arena))
            }
        }
    }
}

/// Softmax along one axis.
struct SoftmaxStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let others: lk_walk
    let count, yStride, xStride: Int
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: others) {
            kernels.tensor.pointee.softmax(
                $0, Int64(count), Int64(yStride), Int64(xStride), x.pointer(arena), y.pointer(arena))
        }
    }
}

/// Layer normalisation over elements that lie side by side.
struct LayerNormalizationStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let rows: lk_walk
    let count: Int
    let scale: ConstantMemory
    let bias: ConstantMemory?
    let epsilon: Float
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: rows) {
            kernels.tensor.pointee.layer_normalise(
                $0, Int64(count), scale.pointer(), bias?.pointer(), epsilon, x.pointer(arena), y.pointer(arena))
        }
    }
}

/// Max or average pooling of a picture with channels last.
struct PoolStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let window: lk_window
    let kind: lk_pooling
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: window) {
            kernels.tensor.pointee.pool($0, kind, x.pointer(arena), y.pointer(arena))
        }
    }
}

/// What has no kernel of its own, computed by the reference operators: slow, and the one step that allocates. Whole
/// numbers that depend on the picture (quantized activations) lie in the arena as floats, exact up to 2^24.
struct ReferenceStep: PlanStep {
    struct Operand: Sendable {
        let type: TensorType
        let address: Address
        let shape, strides: [Int]
    }

    let node: Graph.Node
    let inputs: [Operand?]
    let constants: [Tensor?]
    /// Row-major.
    let outputs: [Operand?]
    let limits: NetworkLimits

    func run(_ arena: UnsafeMutableRawPointer) {
        let tensors = zip(inputs, constants).map { input, constant in
            constant ?? input.map { Self.read($0, $0.address.pointer(arena)) }
        }
        // Types and shapes were inferred, which is all that evaluation checks; what is left is a division of whole
        // numbers by zero. A picture cannot stop a batch: the outputs are then zeros.
        let results = try? node.operation.evaluate(tensors, node: node, limits: limits)
        for (index, output) in outputs.enumerated() {
            guard let output else { continue }
            let to = output.address.pointer(arena, Float.self)
            switch results?[index].elements {
            case .floats(let values)?: to.update(from: values, count: values.count)
            case .integers(let values)?: for (place, value) in values.enumerated() { to[place] = Float(value) }
            case nil: to.update(repeating: 0, count: output.type.shape.elementCount ?? 0)
            }
        }
    }

    private static func read(_ operand: Operand, _ from: UnsafeMutablePointer<Float>) -> Tensor {
        let count = operand.shape.reduce(1, *)
        var values: [Float] = []
        values.reserveCapacity(count)
        var position = [Int](repeating: 0, count: operand.shape.count)
        var at = 0
        for _ in 0..<count {
            values.append(from[at])
            var dimension = operand.shape.count - 1
            while dimension >= 0 {
                position[dimension] += 1
                at += operand.strides[dimension]
                if position[dimension] < operand.shape[dimension] { break }
                at -= operand.strides[dimension] * operand.shape[dimension]
                position[dimension] = 0
                dimension -= 1
            }
        }
        let shape = TensorShape(operand.shape)
        guard !operand.type.element.isFloat else {
            return Tensor(shape: shape, type: operand.type.element, elements: .floats(values))
        }
        return Tensor(
            shape: shape, type: operand.type.element,
            elements: .integers(values.map { Int64($0.isNaN ? 0 : min(max($0, -9e18), 9e18)) }))
    }
}
