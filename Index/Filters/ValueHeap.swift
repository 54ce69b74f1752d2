/// Where strings and tuples of `StoredValue`s lie:
///
///     long string  length UInt32, bytes
///     tuple        count UInt32, the items' kinds, one byte each, the items' bits, eight bytes each
///
/// The bytes are never read by another machine, so they are in this one's order; nothing is aligned.
///
/// It only grows. What is freed is counted, so that the owner knows when copying what is in use to a new heap is worth
/// while.
struct ValueHeap: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var used: Int
    private(set) var capacity: Int
    /// Bytes of values that are no longer in use.
    private(set) var garbage = 0

    /// An empty heap with room for some bytes.
    init(capacity: Int = 0) {
        self.capacity = capacity
        used = 0
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    /// A heap of those bytes, which were another heap's.
    init(copying bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        bytes.withUnsafeBytes { append($0) }
    }

    deinit { base.deallocate() }

    /// All that is in it.
    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: used)) }

    /// Gives back the memory that growing has left over.
    mutating func trim() { if capacity > used { resize(to: used) } }

    private mutating func resize(to newCapacity: Int) {
        let moved = UnsafeMutableRawPointer.allocate(byteCount: newCapacity, alignment: 8)
        moved.copyMemory(from: base, byteCount: used)
        base.deallocate()
        base = moved
        capacity = newCapacity
    }

    private mutating func reserve(_ count: Int) {
        let needed = used + count
        precondition(needed <= Int(StoredValue.offsetMask), "a column's strings have at most a terabyte")
        if needed > capacity { resize(to: max(needed, capacity + capacity / 2, 256)) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        reserve(bytes.count)
        if let start = bytes.baseAddress { (base + used).copyMemory(from: start, byteCount: bytes.count) }
        used += bytes.count
    }
}

extension ValueHeap {
    /// Keeps a string.
    mutating func store(text: UnsafeRawBufferPointer) -> StoredValue {
        if text.count <= StoredValue.shortLength { return .shortString(text) }
        // FNV-1a (Fowler, Noll, Vo), the high bits of it. A wrong guess costs a comparison, nothing more.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let start = UInt64(used)
        withUnsafeBytes(of: UInt32(text.count)) { append($0) }
        append(text)
        return StoredValue(kind: .longString, bits: hash & ~StoredValue.offsetMask | start)
    }

    /// Keeps a tuple of values that this heap keeps.
    mutating func store(items: [StoredValue]) -> StoredValue {
        let start = UInt64(used)
        reserve(4 + 9 * items.count)
        withUnsafeBytes(of: UInt32(items.count)) { append($0) }
        for item in items { withUnsafeBytes(of: item.kind.code) { append($0) } }
        for item in items { withUnsafeBytes(of: item.bits) { append($0) } }
        return StoredValue(kind: .tuple, bits: start)
    }

    /// Keeps any value.
    mutating func store(_ value: FilterValue) -> StoredValue {
        switch value {
        case .null: return .null
        case .number(let number): return .number(number)
        case .string(let text): return text.withUnsafeBytes { store(text: $0) }
        case .tuple(let items):
            var stored: [StoredValue] = []
            for item in items { stored.append(store(item)) }
            return store(items: stored)
        }
    }

    /// Keeps what another heap keeps.
    mutating func store(copyOf value: ValueView) -> StoredValue {
        switch value.stored.kind {
        case .longString: return value.withText { store(text: $0) }
        case .tuple:
            var items: [StoredValue] = []
            for i in 0..<value.itemCount { items.append(store(copyOf: value.item(i))) }
            return store(items: items)
        default: return value.stored
        }
    }

    /// The value with what it refers to, as long as the heap is not changed.
    func view(_ value: StoredValue) -> ValueView { ValueView(stored: value, heap: UnsafeRawPointer(base)) }

    /// Notes that a value is no longer in use.
    mutating func release(_ value: StoredValue) { garbage += view(value).heapByteCount }

    /// Goes back to where `used` was: what has been kept since is gone.
    mutating func truncate(to mark: Int) {
        precondition(mark <= used)
        used = mark
    }
}
