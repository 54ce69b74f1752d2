import Synchronization

/// What all connections together may hold of requests that are being received, wait, or run.
///
/// A connection that holds little is never refused: it is those with large requests that add up.
final class ReceiveBudget: Sendable {
    /// Bytes a connection may always hold.
    static let alwaysAllowed = 1 << 20

    private let held = Atomic<Int>(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Notes that a connection holds `new` bytes where it held `old`; false when that is its part in too much.
    func change(from old: Int, to new: Int) -> Bool {
        let total = held.wrappingAdd(new - old, ordering: .relaxed).newValue
        return total <= limit || new <= Self.alwaysAllowed || new <= old
    }
}
