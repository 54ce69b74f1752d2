/// An array of fixed length that several threads fill, each its own places.
///
/// It is filled when it is made, so that its memory is resident from then on and what is measured later grows by nothing
/// of it.
///
/// Thread-safety: the length never changes and places are bounds-checked. Two threads must not use the same place while
/// one of them writes it; what one has written another may read after it has seen the first one end. Under that
/// contract, which the callers' comments show to be kept, the unchecked conformance holds.
package final class SharedArray<Element: BitwiseCopyable>: @unchecked Sendable {
    private let places: UnsafeMutableBufferPointer<Element>

    /// How many places there are.
    package var count: Int { places.count }

    /// `count` places, all with the same value.
    package init(repeating value: Element, count: Int) {
        places = .allocate(capacity: count)
        places.initialize(repeating: value)
    }

    deinit { places.deallocate() }

    /// A place; traps when there is none of that number.
    package subscript(index: Int) -> Element {
        get {
            precondition(places.indices.contains(index))
            return places[index]
        }
        set {
            precondition(places.indices.contains(index))
            places[index] = newValue
        }
    }

    /// The places of a range, copied.
    package subscript(range: Range<Int>) -> [Element] { Array(places[range]) }
}
