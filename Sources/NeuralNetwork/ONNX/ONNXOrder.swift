/// Puts nodes behind those they need. ONNX asks for files in such an order, and nearly all are: what is in order stays
/// as it is.
enum ONNXOrder {
    /// The indices of nodes in an order in which each comes after the nodes it needs, or the nodes of a cycle.
    ///
    /// Depth-first from each node in turn, with a stack of its own: a chain may be as long as the graph.
    ///
    /// - Parameter needed: for each node the nodes whose outputs it takes.
    static func sort(_ needed: [[Int]]) -> Result {
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: needed.count)
        var order: [Int] = []
        order.reserveCapacity(needed.count)
        var stack: [(node: Int, next: Int)] = []
        for start in needed.indices where marks[start] == .new {
            stack.append((start, 0))
            marks[start] = .open
            while let (node, next) = stack.last {
                guard next < needed[node].count else {
                    marks[node] = .done
                    order.append(node)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let other = needed[node][next]
                switch marks[other] {
                case .done: break
                case .open:
                    let from = stack.firstIndex { $0.node == other } ?? 0
                    return .cycle(stack[from...].map(\.node))
                case .new:
                    marks[other] = .open
                    stack.append((other, 0))
                }
            }
        }
        return .order(order)
    }

    enum Result: Equatable {
        case order([Int])
        /// Each node takes something from the one behind it, the last from the first.
        case cycle([Int])
    }
}
