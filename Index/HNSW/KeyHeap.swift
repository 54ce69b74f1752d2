/// A binary min-heap of keys. For the farthest first, keys are pushed complemented.
///
/// It is a plain struct around one allocation, copied into a local variable for the length of a search: the compiler
/// then keeps its count in a register, which it would not do for a class's property. Whoever made it frees it.
struct KeyHeap {
    private var base: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        base = .allocate(capacity: self.capacity)
    }

    func deallocate() { base.deallocate() }

    @inline(__always)
    mutating func removeAll() { count = 0 }

    /// The smallest key. The heap must not be empty.
    @inline(__always)
    var first: UInt64 { base[0] }

    @inline(__always)
    mutating func push(_ key: UInt64) {
        if count == capacity { grow() }
        var hole = count
        count += 1
        while hole > 0 {
            let parent = (hole - 1) / 2
            if base[parent] <= key { break }
            base[hole] = base[parent]
            hole = parent
        }
        base[hole] = key
    }

    /// Takes the smallest key out. The heap must not be empty.
    @inline(__always)
    mutating func pop() -> UInt64 {
        let top = base[0]
        count -= 1
        if count > 0 { sink(base[count]) }
        return top
    }

    /// Replaces the smallest key by another: one pass instead of a push and a pop. The heap must not be empty.
    @inline(__always)
    mutating func replaceFirst(with key: UInt64) { sink(key) }

    @inline(__always)
    private mutating func sink(_ key: UInt64) {
        var hole = 0
        while true {
            var child = 2 * hole + 1
            if child >= count { break }
            if child + 1 < count && base[child + 1] < base[child] { child += 1 }
            if base[child] >= key { break }
            base[hole] = base[child]
            hole = child
        }
        base[hole] = key
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity *= 2
    }

    /// Empties the heap into an array, in the order of the heap's keys complemented back: for a heap of complemented
    /// keys that is nearest first.
    mutating func drainComplemented() -> [UInt64] {
        let total = count
        return [UInt64](unsafeUninitializedCapacity: total) { buffer, initialised in
            for i in stride(from: total - 1, through: 0, by: -1) { buffer[i] = ~pop() }
            initialised = total
        }
    }
}
