#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A value and the heap that it refers to: what the language's rules are about.
///
/// A plain value without a reference count, for hot loops; whoever makes one knows that the heap stays where it is.
struct ValueView {
    let stored: StoredValue
    let heap: UnsafeRawPointer

    /// A number, which needs no heap; it gets any.
    @inline(__always)
    init(number: Double, heap: UnsafeRawPointer) { self.init(stored: .number(number), heap: heap) }

    @inline(__always)
    init(stored: StoredValue, heap: UnsafeRawPointer) {
        self.stored = stored
        self.heap = heap
    }

    private var isText: Bool { stored.kind == .shortString || stored.kind == .longString }
}

// What lies in the heap.
extension ValueView {
    private func word(at offset: Int) -> Int { Int(heap.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }

    /// Calls `body` with the bytes of a string.
    @inline(__always)
    func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if stored.kind == .longString {
            let start = stored.offset
            return body(UnsafeRawBufferPointer(start: heap + start + 4, count: word(at: start)))
        }
        return withUnsafeBytes(of: stored.bits.littleEndian) { bytes in
            body(UnsafeRawBufferPointer(rebasing: bytes[..<Int(stored.bits >> 56)]))
        }
    }

    /// How many items a tuple has.
    var itemCount: Int { word(at: stored.offset) }

    /// An item of a tuple.
    @inline(__always)
    func item(_ index: Int) -> ValueView {
        let kinds = stored.offset + 4
        let kind = heap.load(fromByteOffset: kinds + index, as: UInt8.self)
        let bits = heap.loadUnaligned(fromByteOffset: kinds + itemCount + 8 * index, as: UInt64.self)
        return ValueView(stored: StoredValue(kind: ValueKind(code: kind), bits: bits), heap: heap)
    }

    /// How many bytes of the heap are the value's.
    var heapByteCount: Int {
        switch stored.kind {
        case .longString: 4 + word(at: stored.offset)
        case .tuple: (0..<itemCount).reduce(4 + 9 * itemCount) { $0 + item($1).heapByteCount }
        default: 0
        }
    }

    /// The value as one that needs no heap; nil if it is missing.
    var value: FilterValue? {
        switch stored.kind {
        case .null: .null
        case .number: .number(number)
        case .shortString, .longString: .string(withText { Array($0) })
        case .tuple: .tuple((0..<itemCount).compactMap { item($0).value })
        default: nil
        }
    }
}

// The rules of the language.
extension ValueView {
    /// As an operand of arithmetic and of `<`: what is neither a number nor a string that says one is 0.
    @inline(__always)
    var number: Double {
        if stored.kind == .number { return Double(bitPattern: stored.bits) }
        return isText ? numberOfText : 0
    }

    @inline(never)
    private var numberOfText: Double { withText { NumberText.parse($0) } ?? 0 }

    /// Not zero exactly if the value is true: numbers but 0, strings but the empty one, tuples. A number stays what it
    /// is, so that a column of numbers is a column of truths.
    @inline(__always)
    var truth: Double {
        switch stored.kind {
        case .number: Double(bitPattern: stored.bits)
        case .shortString: stored.bits == 0 ? 0 : 1
        case .longString, .tuple: 1
        default: 0
        }
    }

    /// `==`: strings by their bytes, null with null only, the rest as numbers. That makes two tuples equal, both being
    /// 0.
    @inline(__always)
    func equals(_ other: ValueView) -> Bool {
        if stored.kind == .number && other.stored.kind == .number { return number == other.number }
        if isText && other.isText { return hasText(of: other) }
        if stored.kind == .null || other.stored.kind == .null { return stored.kind == other.stored.kind }
        return number == other.number
    }

    @inline(__always)
    private func hasText(of other: ValueView) -> Bool {
        guard stored.kind == other.stored.kind else { return false }
        if stored.kind == .shortString { return stored.bits == other.stored.bits }
        guard (stored.bits ^ other.stored.bits) & ~StoredValue.offsetMask == 0 else { return false }
        return withText { mine in
            other.withText { theirs in
                mine.count == theirs.count && memcmp(mine.baseAddress!, theirs.baseAddress!, mine.count) == 0
            }
        }
    }

    /// `in`: as an item of a tuple or a part of a string.
    @inline(__always)
    func isMember(of whole: ValueView) -> Bool {
        if whole.stored.kind == .tuple {
            for i in 0..<whole.itemCount where equals(whole.item(i)) { return true }
            return false
        }
        return isText && whole.isText && isPart(of: whole)
    }

    private func isPart(of whole: ValueView) -> Bool {
        withText { part in
            whole.withText { whole in
                guard part.count <= whole.count, let first = part.first else { return part.isEmpty }
                // memmem is not in the C standard; memchr and memcmp are, and nearly as quick.
                var start = 0
                let end = whole.count - part.count + 1
                while start < end,
                    let found = memchr(whole.baseAddress! + start, Int32(first), end - start)
                {
                    if memcmp(found, part.baseAddress!, part.count) == 0 { return true }
                    start = UnsafeRawPointer(found) - whole.baseAddress! + 1
                }
                return false
            }
        }
    }
}
