import CTensorKernels

// Steps that go over their tensors once. C structures of numbers only, fixed when planned: safe to share.

/// y = f(x)
struct UnaryStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let activation: lk_activation
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: walk) {
            kernels.tensor.pointee.unary($0, activation, x.pointer(arena), y.pointer(arena))
        }
    }
}

/// y = then(a op b)
struct BinaryStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let operation: lk_binary
    let activation: lk_activation
    let a, b, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: walk) {
            kernels.tensor.pointee.binary(
                $0, operation, activation, a.pointer(arena), b.pointer(arena), y.pointer(arena))
        }
    }
}

/// y = x, lying otherwise
struct CopyStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let elementBytes: Int
    let x, y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: walk) {
            kernels.tensor.pointee.copy(
                $0, elementBytes, x.pointer(arena, UInt8.self), y.pointer(arena, UInt8.self))
        }
    }
}

/// y = one number
struct FillStep: PlanStep, @unchecked Sendable {
    let kernels: KernelSet
    let walk: lk_walk
    let value: Float
    let y: Address

    func run(_ arena: UnsafeMutableRawPointer) {
        withUnsafePointer(to: walk) { walk in
            withUnsafePointer(to: value) {
                kernels.tensor.pointee.fill(walk, MemoryLayout<Float>.size, $0, y.pointer(arena, Float.self))
            }
        }
    }
}

/// Several steps as one.
struct SequenceStep: PlanStep {
    let steps: [any PlanStep]

    func run(_ arena: UnsafeMutableRawPointer) {
        for step in steps { step.run(arena) }
    }
}
