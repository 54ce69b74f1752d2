import RecallBenchmark
import Storage
import VectorCollections

/// Elements drawn from a collection, to be searched for.
package struct ElementSample: Sendable {
    /// An element and its vector.
    package struct Member: Sendable {
        /// Its name, by which it is told among the results.
        package var name: ElementName
        /// As it is stored: what another picture like it would be searched with.
        package var vector: [Float]
    }

    /// In random order, so that any part of them is a sample too.
    package let members: [Member]

    /// Draws elements; all of them where there are no more. The same for the same seed and the same names, in whichever
    /// order these came into the collection.
    package init(of collection: Collection, count: Int, seed: UInt64) throws(StoreError) {
        let names = try collection.names()
        var members: [Member] = []
        for index in Self.indices(min(count, names.count), of: names.count, seed: seed) {
            guard let vector = try collection.vector(of: names[index]) else { continue }
            members.append(Member(name: names[index], vector: vector.unit))
        }
        self.members = members
    }

    /// So many different numbers below a total, in random order: R. W. Floyd's algorithm (Bentley, "A sample of
    /// brilliance", CACM 1987), which takes memory for what is drawn only, and a shuffle.
    package static func indices(_ count: Int, of total: Int, seed: UInt64) -> [Int] {
        precondition((0...total).contains(count))
        var random = SeededSequence(seed: seed)
        var drawn = Set<Int>()
        var indices: [Int] = []
        for last in total - count..<total {
            let index = Int.random(in: 0...last, using: &random)
            let chosen = drawn.insert(index).inserted ? index : last
            if chosen == last { drawn.insert(last) }
            indices.append(chosen)
        }
        indices.shuffle(using: &random)
        return indices
    }
}
