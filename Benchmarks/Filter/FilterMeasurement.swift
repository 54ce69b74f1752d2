import HNSW
import RecallBenchmark
import Storage
import VectorCollections

/// Asks all queries with filters of one kind and one selectivity, and compares the answers with those of exact search.
struct FilterMeasurement: Sendable {
    /// What was found, and the first thing that is not as it must be.
    struct Outcome {
        var point: FilterReport.Point
        var defect: String?
    }

    let subject: FilteredCollection
    let queries: [FilterQueries.Query]
    let settings: FilterSettings
    private let timed: TimedPasses
    /// For each query the distances of what was found: in the first pass, and in the last.
    private let distances: [SharedArray<Float>]
    /// For each query the smallest number of results in any pass.
    private let fewest: SharedArray<Int>

    init(_ subject: FilteredCollection, _ queries: [FilterQueries.Query], _ settings: FilterSettings) {
        self.subject = subject
        self.queries = queries
        self.settings = settings
        timed = TimedPasses(count: queries.count, threads: settings.searchThreads)
        distances = (0..<2).map { _ in SharedArray(repeating: 0, count: queries.count * settings.count) }
        fewest = SharedArray(repeating: 0, count: queries.count)
    }

    /// Three passes, then the truth. Without a kind there is no filter.
    func run(_ kind: FilterKind?, share: Int) throws(FilterBenchmarkError) -> Outcome {
        var filters: [FilteredCollection.Filter] = []
        if let kind {
            for pivot in 0...(queries.map(\.pivot).max() ?? 0) {
                filters.append(try subject.filter(kind, share: share, pivot: pivot))
            }
        }
        let fault = FirstFault<FilterBenchmarkError>()
        for query in queries.indices { fewest[query] = .max }
        let passes = timed.run { [filters] pass, query in
            do throws(StoreError) {
                let hits = try search(query, filters)
                fewest[query] = min(fewest[query], hits.count)
                let distances = distances[min(pass, 1)]
                let start = query * settings.count
                for place in 0..<settings.count {
                    distances[start + place] = place < hits.count ? hits[place].distance : .infinity
                }
            } catch {
                fault.note(.store(error))
            }
        }
        if let error = fault.first { throw error }
        let comparison = try compare(filters)
        let matches = filters.first.map { filter in (0..<subject.count).count { filter.isMatch($0) } } ?? subject.count
        let expected = min(settings.count, matches)
        let smallest = fewest[0..<queries.count].min() ?? 0
        let wanted = Double(expected * queries.count)
        let point = FilterReport.Point(
            kind: kind, selectivity: Double(share) / Double(FilteredCollection.parts), matches: matches,
            recall: wanted > 0 ? Double(comparison.hits) / wanted : 1,
            firstRecall: wanted > 0 ? Double(comparison.firstHits) / wanted : 1, qps: passes.best.qps,
            firstQPS: passes.first.qps, p50Microseconds: passes.best.p50 / 1000,
            p99Microseconds: passes.best.p99 / 1000, fewest: smallest, expected: expected)
        let shortfall =
            smallest == expected
            ? nil
            : "a search with the filter \(filters.first?.text ?? "none") returned \(smallest) elements instead of "
                + "\(expected)"
        return Outcome(point: point, defect: comparison.defect ?? shortfall)
    }

    private func search(
        _ query: Int, _ filters: [FilteredCollection.Filter], exact: Bool = false
    ) throws(StoreError) -> [Hit] {
        let filter = filters.isEmpty ? nil : filters[queries[query].pivot].expression
        return try subject.collection.search(
            queries[query].vector,
            SearchOptions(count: settings.count, ef: settings.ef, exact: exact, filter: filter))
    }

    // MARK: The truth

    private struct Comparison {
        var hits: Int
        var firstHits: Int
        var defect: String?
    }

    /// Asks every query twice more, once exactly. A result no farther than the last true one is right: both searches
    /// compute distances alike, and which of several equals is named is chance.
    private func compare(_ filters: [FilteredCollection.Filter]) throws(FilterBenchmarkError) -> Comparison {
        let counter = WorkCounter(limit: queries.count)
        let (hits, firstHits) = (SharedCount(), SharedCount())
        let fault = FirstFault<FilterBenchmarkError>()
        _ = WorkerThreads.run(min(settings.buildThreads, queries.count)) { _ in
            while !fault.isThere, let query = counter.next() {
                do throws(StoreError) {
                    let truth = try search(query, filters, exact: true)
                    let found = try search(query, filters)
                    let filter = filters.isEmpty ? nil : filters[queries[query].pivot]
                    for (what, answer) in [("exact search", truth), ("search", found)] {
                        if let defect = Self.defect(in: answer, filter) {
                            fault.note(.wrongAnswer("\(what) \(defect)"))
                        }
                    }
                    guard let last = truth.last else { continue }
                    let range = query * settings.count..<query * settings.count + truth.count
                    firstHits.add(distances[0][range].count { $0 <= last.distance })
                    hits.add(distances[1][range].count { $0 <= last.distance })
                } catch {
                    fault.note(.store(error))
                }
            }
        }
        var defect: String?
        switch fault.first {
        case .wrongAnswer(let what)?: defect = what
        case let error?: throw error
        case nil: break
        }
        return Comparison(hits: hits.now, firstHits: firstHits.now, defect: defect)
    }

    /// What no answer may be: an element twice, or one that does not match.
    private static func defect(in hits: [Hit], _ filter: FilteredCollection.Filter?) -> String? {
        if Set(hits.map(\.name)).count != hits.count { return "returned an element twice" }
        guard let filter else { return nil }
        for hit in hits {
            guard let row = FilteredCollection.row(hit.name), filter.isMatch(row) else {
                return "returned \(hit.name), which does not match \(filter.text)"
            }
        }
        return nil
    }
}
