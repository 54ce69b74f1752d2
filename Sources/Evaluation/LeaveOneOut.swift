import CVectorKernels
import Dispatch
import Synchronization

/// Every picture of a set as a query of its own, compared with all others of the set, exactly.
package enum LeaveOneOut {
    /// The quality of each query, in the set's order; nil for those that nothing else matches.
    ///
    /// Vectors have unit length, so that their dot product is the cosine. Pictures of equal score come in the order of
    /// the set. Runs on all cores.
    /// - Parameter isStopped: asked before each query; true leaves the remaining ones out, as nil.
    package static func rate(
        _ images: [LabelledImages.Image], _ vectors: [[Float]], isStopped: @Sendable () -> Bool = { false }
    ) -> [RetrievalQuality?] {
        precondition(images.count == vectors.count, "a vector an image")
        guard let dimension = vectors.first?.count, dimension > 0 else { return images.map { _ in nil } }
        precondition(vectors.allSatisfy { $0.count == dimension }, "vectors of one model are of one length")
        let rows = VectorRows(vectors, dimension)
        let qualities = Mutex([RetrievalQuality?](repeating: nil, count: images.count))
        // Labels are compared as numbers: a set of thousands has millions of pairs.
        let (labels, groups) = (numbers(images.map(\.label)), numbers(images.map(\.group)))
        DispatchQueue.concurrentPerform(iterations: images.count) { query in
            if isStopped() { return }
            let hasGroup = !images[query].group.isEmpty
            let keys = hasGroup ? groups : labels
            guard keys.indices.contains(where: { $0 != query && keys[$0] == keys[query] }) else { return }
            let order = rows.order(by: query)
            var ranks: [Int] = []
            for (index, image) in order.enumerated() where keys[image] == keys[query] { ranks.append(index + 1) }
            let quality = RetrievalQuality(matchRanks: ranks)
            qualities.withLock { $0[query] = quality }
        }
        return qualities.withLock { $0 }
    }

    /// The same number for the same text.
    private static func numbers(_ texts: [[UInt8]]) -> [Int] {
        var known: [[UInt8]: Int] = [:]
        return texts.map { text in
            if let number = known[text] { return number }
            known[text] = known.count
            return known.count - 1
        }
    }
}

/// Vectors one behind the other, for the kernels.
///
/// Thread-safety: only read after it is made, which is why the unchecked conformance holds.
private final class VectorRows: @unchecked Sendable {
    private let values: UnsafeMutableBufferPointer<Float>
    private let rows: [UnsafePointer<Float>?]
    private let dimension: Int

    init(_ vectors: [[Float]], _ dimension: Int) {
        self.dimension = dimension
        values = .allocate(capacity: vectors.count * dimension)
        let base = UnsafePointer(values.baseAddress.unsafelyUnwrapped)
        rows = vectors.indices.map { base + $0 * dimension }
        for (index, vector) in vectors.enumerated() {
            _ = UnsafeMutableBufferPointer(rebasing: values[(index * dimension)...]).update(fromContentsOf: vector)
        }
    }

    deinit { values.deallocate() }

    /// The other vectors, the most similar to vector `query` first.
    func order(by query: Int) -> [Int] {
        var scores = [Float](repeating: 0, count: rows.count)
        lk_kernels_best().pointee.dot_many(rows[query], rows, rows.count, dimension, &scores)
        var keys: [UInt64] = []
        keys.reserveCapacity(rows.count)
        for (index, score) in scores.enumerated() where index != query {
            keys.append(lk_candidate_key(-score, UInt32(index)))
        }
        keys.sort()
        return keys.map { Int($0 & 0xFFFF_FFFF) }
    }
}
