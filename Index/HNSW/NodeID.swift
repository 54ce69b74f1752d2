/// The dense number of a node in an index. Numbers start at 0; the number of a removed node is given to a later one.
///
/// It is the index's own name for a vector, distinct from whatever name the user gave it.
public struct NodeID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number itself.
    public let rawValue: UInt32

    /// The most nodes of one index: every 32-bit number but the one that stands for "none".
    public static let limit = Int(UInt32.max)

    /// Wraps a number. Any value is accepted; an index traps on one that it did not hand out.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Orders by number.
    public static func < (a: NodeID, b: NodeID) -> Bool { a.rawValue < b.rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// Stands for "no node" and "no record" in links, free lists and parents.
let noRecord = UInt32.max
