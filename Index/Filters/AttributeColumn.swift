import Synchronization

/// The values of one field of all rows: nine bytes a row, and a heap for long strings and tuples.
///
/// Thread-safety: many readers or one writer.
final class AttributeColumn {
    /// The field's name, as keys are written.
    let name: [UInt8]
    /// When a matcher last asked for it, in ticks of the owner's clock. Readers write it, hence the atomic; which of
    /// two at the same time wins is no matter.
    let lastUse = Atomic<UInt64>(0)
    private var kinds: UnsafeMutablePointer<ValueKind>
    private var bits: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private var heap = ValueHeap()

    /// Below this many bytes of garbage a heap is not worth rebuilding.
    static let garbageFloor = 64 << 10

    /// A column of missing values.
    init(name: [UInt8], capacity: Int) {
        self.name = name
        self.capacity = capacity
        kinds = .allocate(capacity: capacity)
        bits = .allocate(capacity: capacity)
        kinds.initialize(repeating: .missing, count: capacity)
        bits.initialize(repeating: 0, count: capacity)
    }

    deinit {
        kinds.deallocate()
        bits.deallocate()
    }

    /// Bytes of memory.
    var byteCount: Int { capacity * 9 + heap.capacity }

    /// Makes room for more rows, all missing.
    func grow(to newCapacity: Int) {
        guard newCapacity > capacity else { return }
        kinds = Self.moved(kinds, from: capacity, to: newCapacity, filler: .missing)
        bits = Self.moved(bits, from: capacity, to: newCapacity, filler: 0)
        capacity = newCapacity
    }

    private static func moved<Cell: BitwiseCopyable>(
        _ cells: UnsafeMutablePointer<Cell>, from capacity: Int, to newCapacity: Int, filler: Cell
    ) -> UnsafeMutablePointer<Cell> {
        let moved = UnsafeMutablePointer<Cell>.allocate(capacity: newCapacity)
        moved.initialize(from: cells, count: capacity)
        (moved + capacity).initialize(repeating: filler, count: newCapacity - capacity)
        cells.deallocate()
        return moved
    }

    /// Makes a row's value missing.
    func clear(_ row: Int) {
        precondition(row < capacity)
        heap.release(StoredValue(kind: kinds[row], bits: bits[row]))
        kinds[row] = .missing
        bits[row] = 0
    }

    /// Gives a row without value the value of a JSON text.
    func fill(_ row: Int, with json: Span<UInt8>, _ decoder: inout AttributeDecoder) {
        precondition(row < capacity && kinds[row] == .missing)
        let value = decoder.decode(json, into: &heap)
        kinds[row] = value.kind
        bits[row] = value.bits
    }

    /// Rebuilds the heap if most of it is garbage: each freed byte is paid for by less than one copied.
    func collectGarbage() {
        if heap.garbage > max(heap.used / 2, Self.garbageFloor) { rebuildHeap() }
    }

    private func rebuildHeap() {
        var fresh = ValueHeap(capacity: heap.used - heap.garbage)
        for row in 0..<capacity where kinds[row] == .longString || kinds[row] == .tuple {
            bits[row] = fresh.store(copyOf: view.value(row)).bits
        }
        heap = fresh
    }

    /// Gives back memory, once a whole column has been filled.
    func trim() { heap.trim() }

    /// Where the values are, until the next change.
    var view: ColumnView { ColumnView(kinds: kinds, bits: bits, heap: UnsafeRawPointer(heap.base)) }
}

/// Where a column's values are: a plain value for hot loops.
struct ColumnView {
    let kinds: UnsafePointer<ValueKind>
    let bits: UnsafePointer<UInt64>
    let heap: UnsafeRawPointer

    @inline(__always)
    func value(_ row: Int) -> ValueView {
        ValueView(stored: StoredValue(kind: kinds[row], bits: bits[row]), heap: heap)
    }
}
