import Filters
import HNSW
import RecallBenchmark
import Storage
import VectorCollections

/// A collection of all base rows, with attributes by which filters of any selectivity can be asked, uncorrelated or
/// correlated with a query.
///
/// Every element has `u`, drawn evenly from 0..<10,000, and for each of some *pivots*, which are base rows, `r0`, `r1`
/// and so on: its rank among all elements by distance to that pivot. Then `.u < 100` lets one in a hundred through,
/// `.r3 < n / 100` those nearest to pivot 3 and `.r3 >= n - n / 100` those farthest from it; the two are asked with
/// queries that are near pivot 3.
struct FilteredCollection: Sendable {
    /// What the collection and its store are named.
    private static let name: CollectionName = "bench"
    /// `u` is below this.
    static let parts = 10_000

    let collection: Collection
    private let store: Store
    private let uniform: [UInt32]
    private let ranks: [[UInt32]]

    /// How many elements there are.
    var count: Int { uniform.count }

    /// Fills a store in an empty folder.
    /// - Parameter pivots: base rows.
    init(
        in folder: String, base: VectorFile, pivots: [Int], settings: FilterSettings,
        _ tell: @escaping @Sendable (BenchmarkStep) -> Void
    ) throws(FilterBenchmarkError) {
        var random = SeededSequence(seed: settings.seed)
        uniform = (0..<base.count).map { _ in UInt32.random(in: 0..<UInt32(Self.parts), using: &random) }
        do throws(StoreError) {
            // Nothing is to survive: no syncs, and no snapshots.
            store = try Store.open(
                folder, options: StoreOptions(durability: .none, checkpointLogBytes: .max))
        } catch {
            throw .store(error)
        }
        try Self.fill(store, base, settings, tell)
        guard let made = store.collection(Self.name) else { throw .wrongAnswer("the collection is empty") }
        collection = made
        var ranks: [[UInt32]] = []
        for pivot in pivots { ranks.append(try Self.ranks(around: pivot, in: made, base)) }
        self.ranks = ranks
        for row in 0..<base.count {
            do throws(StoreError) {
                _ = try made.setAttributes([UInt8](attributes(row).utf8), of: Self.element(row))
            } catch {
                throw .store(error)
            }
        }
    }

    /// Lets go of the store, and of its files.
    func close() {
        // Without elements there is nothing to write a snapshot of. What fails leaves files in a folder that goes anyway.
        _ = try? store.dropCollection(Self.name)
        try? store.close()
    }

    static func element(_ row: Int) -> ElementName { ElementName(String(row)) }

    private func attributes(_ row: Int) -> String {
        "{\"u\":\(uniform[row])" + ranks.enumerated().map { ",\"r\($0.offset)\":\($0.element[row])" }.joined() + "}"
    }

    private static func fill(
        _ store: Store, _ base: VectorFile, _ settings: FilterSettings,
        _ tell: @escaping @Sendable (BenchmarkStep) -> Void
    ) throws(FilterBenchmarkError) {
        let configuration = CollectionConfiguration(
            dimension: base.dimension, metric: settings.metric, quantization: settings.quantization)
        let counter = WorkCounter(limit: base.count)
        let fault = FirstFault<FilterBenchmarkError>()
        _ = WorkerThreads.run(min(settings.buildThreads, base.count)) { thread in
            while !fault.isThere, let row = counter.next() {
                do throws(RecallError) {
                    let change = ElementChange(vector: try RecallBenchmark.vector(base, row))
                    do throws(StoreError) {
                        _ = try store.upsert(element(row), change, in: name, configuration: configuration)
                    } catch {
                        fault.note(.store(error))
                    }
                } catch {
                    fault.note(.input(error))
                }
                if thread == 0 { tell(.moving("building", done: counter.done, total: base.count)) }
            }
        }
        if let error = fault.first { throw error }
    }

    /// The rank of each row by its distance to one of them, 0 for the nearest.
    private static func ranks(
        around pivot: Int, in collection: Collection, _ base: VectorFile
    ) throws(FilterBenchmarkError) -> [UInt32] {
        let vector: [Float]
        do throws(RecallError) { vector = try RecallBenchmark.vector(base, pivot) } catch { throw .input(error) }
        let options = SearchOptions(count: base.count, ef: base.count, exact: true)
        let hits: [Hit]
        do throws(StoreError) { hits = try collection.search(vector, options) } catch { throw .store(error) }
        var ranks = [UInt32](repeating: .max, count: base.count)
        for (rank, hit) in hits.enumerated() { if let row = Self.row(hit.name) { ranks[row] = UInt32(rank) } }
        guard !ranks.contains(.max) else {
            throw .wrongAnswer("an exact search for all \(base.count) elements did not return them all")
        }
        return ranks
    }

    /// The row of an element.
    static func row(_ name: ElementName) -> Int? { Int(name.description) }

    // MARK: Filters

    /// A filter, and what it should let through.
    struct Filter: Sendable {
        let expression: FilterExpression
        let isMatch: @Sendable (Int) -> Bool

        /// Its text.
        var text: String { String(decoding: expression.text, as: UTF8.self) }
    }

    /// The filter of a kind that lets `share` ten-thousandths through, for the queries around a pivot. Of ranks, at least
    /// one row matches.
    func filter(_ kind: FilterKind, share: Int, pivot: Int) throws(FilterBenchmarkError) -> Filter {
        let limit = UInt32((count * share + Self.parts - 1) / Self.parts)
        let text: String
        let isMatch: @Sendable (Int) -> Bool
        switch kind {
        case .random:
            text = ".u < \(share)"
            isMatch = { [uniform] in uniform[$0] < share }
        case .near:
            text = ".r\(pivot) < \(limit)"
            isMatch = { [ranks = ranks[pivot]] in ranks[$0] < limit }
        case .far:
            let first = UInt32(count) - limit
            text = ".r\(pivot) >= \(first)"
            isMatch = { [ranks = ranks[pivot]] in ranks[$0] >= first }
        }
        do throws(FilterError) {
            return Filter(expression: try FilterExpression(text), isMatch: isMatch)
        } catch {
            throw .wrongAnswer("the filter \(text) was refused (\(error))")
        }
    }
}
