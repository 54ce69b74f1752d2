import HNSW
import RecallBenchmark

/// The queries, in groups: each group is near a base row, its pivot. The same queries are asked with all kinds of
/// filters, so that their figures can be compared.
package struct FilterQueries: Sendable {
    /// A query and which pivot it is near.
    package struct Query: Sendable {
        package var vector: [Float]
        package var pivot: Int
    }

    /// Base rows.
    package let pivots: [Int]
    /// Group after group.
    package let queries: [Query]

    /// Draws pivots, and takes for each the queries of the file that are nearest to it: as many to each, and one at least.
    package init(base: VectorFile, queries file: VectorFile, settings: FilterSettings) throws(RecallError) {
        // Another sequence than that of the attributes.
        var random = SeededSequence(seed: ~settings.seed)
        let groups = min(FilterSettings.pivots, settings.queriesLimit, base.count)
        var rows: Set<Int> = []
        while rows.count < groups { rows.insert(Int.random(in: 0..<base.count, using: &random)) }
        pivots = rows.sorted()
        let vectors = try RecallBenchmark.vectors(file)
        let perGroup = min(max(1, settings.queriesLimit / groups), vectors.count)
        var queries: [Query] = []
        for (number, pivot) in pivots.enumerated() {
            let centre = try RecallBenchmark.vector(base, pivot)
            let byDistance = vectors.map { Recall.distance($0, centre, settings.metric) }.enumerated()
                .sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
            for (query, _) in byDistance.prefix(perGroup) {
                queries.append(Query(vector: vectors[query], pivot: number))
            }
        }
        // Groups take turns, as users do: what one query leaves in the processor's caches is little help to the next.
        queries.shuffle(using: &random)
        self.queries = queries
    }
}
