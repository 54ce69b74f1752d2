import Filters
import HNSW
import Synchronization

/// Which nodes match the filters that were asked for lately.
///
/// The first time an expression is met it is only noted. From the second time on its matches are kept, as a bit a node,
/// until an element's attributes change, when it begins anew: the searches of a page, a session or a benchmark ask the same thing again and
/// again, and then the filter costs nothing and its selectivity is known exactly.
///
/// Thread-safety: any thread may use it, under the collection's `contents` for reading; what varies is in the mutex.
final class FilterCache: Sendable {
    /// How many expressions are remembered: the ones used last.
    static let capacity = 16

    private struct Entry {
        var expression: FilterExpression
        /// The changes that `matches` knows of.
        var changes: UInt64
        var matches: NodeSet?
    }

    private let entries = Mutex<[Entry]>([])

    /// The matches of an expression, if they are known as of that many changes; and whether it has been met since then.
    func lookUp(_ expression: FilterExpression, changes: UInt64) -> (matches: NodeSet?, isRepeated: Bool) {
        entries.withLock { entries in
            guard let index = entries.firstIndex(where: { $0.expression == expression }) else {
                Self.add(Entry(expression: expression, changes: changes, matches: nil), to: &entries)
                return (nil, false)
            }
            var entry = entries.remove(at: index)
            let isCurrent = entry.changes == changes
            if !isCurrent { entry = Entry(expression: expression, changes: changes, matches: nil) }
            entries.append(entry)
            return (entry.matches, isCurrent)
        }
    }

    /// Notes the matches of an expression as of that many changes.
    func note(_ matches: NodeSet, of expression: FilterExpression, changes: UInt64) {
        entries.withLock { entries in
            entries.removeAll { $0.expression == expression }
            Self.add(Entry(expression: expression, changes: changes, matches: matches), to: &entries)
        }
    }

    private static func add(_ entry: Entry, to entries: inout [Entry]) {
        if entries.count >= capacity { entries.removeFirst() }
        entries.append(entry)
    }
}
