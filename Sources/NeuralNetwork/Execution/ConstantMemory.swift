/// Numbers that a plan reads and never writes: packed weights, biases, tables. Aligned for the widest vectors.
///
/// Thread-safety: written while it is made, read-only afterwards.
final class ConstantMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    let bytes: Int
    private let slab: Slab

    /// Zeroed memory, with a vector's width to spare behind it.
    init(bytes: Int) {
        self.bytes = bytes
        let padded = (bytes + 2 * ArenaPlan.alignment) / ArenaPlan.alignment * ArenaPlan.alignment
        (base, slab) = Slab.take(padded)
    }

    /// These values, followed by zeros up to a multiple of `padding`.
    convenience init<Value: BitwiseCopyable>(_ values: [Value], paddedTo padding: Int = 1) {
        let count = (values.count + padding - 1) / padding * padding
        self.init(bytes: count * MemoryLayout<Value>.stride)
        base.initializeMemory(as: Value.self, from: values, count: values.count)
    }

    func pointer<Value>(_: Value.Type = Value.self) -> UnsafeMutablePointer<Value> {
        base.assumingMemoryBound(to: Value.self)
    }
}

/// Where a step finds a tensor: in the arena, or in constant memory.
struct Address: Sendable {
    let constant: ConstantMemory?
    /// Bytes from the arena's or the constant's start.
    let offset: Int

    @inline(__always)
    func pointer<Value>(_ arena: UnsafeMutableRawPointer, _: Value.Type = Value.self) -> UnsafeMutablePointer<Value> {
        ((constant?.base ?? arena) + offset).assumingMemoryBound(to: Value.self)
    }
}

/// One call of kernels, all of it decided when the network was planned.
protocol PlanStep: Sendable {
    /// Computes in `arena`. Nothing is allocated, but by steps that say so.
    func run(_ arena: UnsafeMutableRawPointer)
}
