/// What a stored value is. A struct, not an enum, because it lies in memory that loops read a byte at a time.
struct ValueKind: Equatable, Sendable {
    let code: UInt8

    static let missing = ValueKind(code: 0)
    static let null = ValueKind(code: 1)
    static let number = ValueKind(code: 2)
    /// A string of at most `StoredValue.shortLength` bytes.
    static let shortString = ValueKind(code: 3)
    static let longString = ValueKind(code: 4)
    static let tuple = ValueKind(code: 5)
}

/// A value in nine bytes, as columns have it: its kind and
///
///     number       the binary64
///     shortString  its length in the highest byte, its bytes in the others from the lowest on, then zeros
///     longString   24 bits of its hash, 40 bits of offset in a `ValueHeap`
///     tuple        40 bits of offset in a `ValueHeap`
///     missing, null  0
///
/// Most strings that people filter by are names of a few letters: those need no memory besides, and are equal if the
/// words are. A longer one is almost never looked at unless it is the right one, thanks to the hash.
///
/// Rejected: interning, a number per distinct string. It makes all comparisons one word, and saves memory where few
/// long strings repeat, but needs a table with counts of references, some 20 bytes per string. Columns of paths, where
/// no two are the same, would pay for that; here a long string costs four bytes besides its own.
struct StoredValue: Equatable, Sendable {
    var kind: ValueKind
    var bits: UInt64

    static let shortLength = 7
    static let offsetBits: UInt64 = 40
    static let offsetMask: UInt64 = 1 << offsetBits - 1

    static let missing = StoredValue(kind: .missing, bits: 0)
    static let null = StoredValue(kind: .null, bits: 0)

    static func number(_ value: Double) -> StoredValue { StoredValue(kind: .number, bits: value.bitPattern) }

    /// A string of at most `shortLength` bytes.
    static func shortString(_ text: UnsafeRawBufferPointer) -> StoredValue {
        precondition(text.count <= shortLength)
        var bits = UInt64(text.count) << 56
        for (i, byte) in text.enumerated() { bits |= UInt64(byte) << UInt64(8 * i) }
        return StoredValue(kind: .shortString, bits: bits)
    }

    /// Where a long string or a tuple begins in its heap.
    var offset: Int { Int(truncatingIfNeeded: bits & Self.offsetMask) }
}
