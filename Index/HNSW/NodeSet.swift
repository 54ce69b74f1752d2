/// A set of nodes: one bit a number, 64 to a word. What a filter comes down to.
public struct NodeSet: Sendable {
    /// The bits: node n is in when bit n % 64 of word n / 64 is set.
    public let words: [UInt64]
    /// How many are set.
    public let count: Int

    /// Those bits, and how many of them are set.
    public init(words: [UInt64], count: Int) {
        self.words = words
        self.count = count
    }

    /// Calls `body` with each number in turn.
    @inline(__always)
    func forEach(_ body: (UInt32) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(UInt32(64 * index + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }
}
