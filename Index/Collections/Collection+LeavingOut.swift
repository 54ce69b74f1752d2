import HNSW
import Storage

extension Collection {
    /// The elements nearest to an element without it: what a search for its vector would find if it were not there. Nil
    /// if there is no such element. For measuring; see `HNSWIndex.search(_:count:ef:leavingOut:)`.
    ///
    /// - Parameter vector: the element's own, as `vector(of:)` has it: whoever asks often keeps it.
    package func search(
        _ vector: [Float], leavingOut name: ElementName, count: Int, ef: Int, exact: Bool = false
    ) throws(StoreError) -> [Hit]? {
        try intact {
            graph.pinned {
                guard let id = contents.read({ elements.id(of: name) }) else { return nil }
                let found =
                    exact
                    ? FlatIndex(sharing: graph).search(vector, count: count) { $0 != id }
                    : graph.search(vector, count: count, ef: ef, leavingOut: id)
                return contents.read { found.compactMap(hit) }
            }
        }
    }
}
