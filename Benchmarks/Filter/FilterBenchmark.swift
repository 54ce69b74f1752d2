import HNSW
import JSONLines
import RecallBenchmark

/// Searches a collection with filters from those that let everything through to those that let one element in ten
/// thousand through, and says what recall and speed become.
///
/// ## Filters
/// Three kinds: matches spread evenly, nearest to where the query is, farthest from it; see `FilteredCollection`. The
/// same queries are asked with each, and once without a filter.
///
/// ## Speed
/// Three passes over all queries; `qps` and latencies are those of the fastest. The first pass meets its filters for the
/// first time, and with a kind's first selectivity it also builds the columns of the attributes that filters are
/// evaluated on: `first_qps` is its rate. In later passes the collection knows which elements match.
///
/// ## Recall
/// Against `Collection.search` with `exact`, which asks the filter of every element. That it does so rightly is checked
/// too: every result of either search must match by the attributes as they were drawn.
public struct FilterBenchmark: Sendable {
    private let base: VectorFile
    private let queries: VectorFile
    private let settings: FilterSettings
    private let folder = ScratchFolder()

    /// A benchmark of files that fit together.
    public init(base: VectorFile, queries: VectorFile, settings: FilterSettings) throws(FilterBenchmarkError) {
        guard settings.quantization.supports(settings.metric) else {
            throw .input(.quantization(settings.quantization, settings.metric))
        }
        guard base.dimension == queries.dimension else {
            throw .input(.dimensions(base: base.dimension, queries: queries.dimension))
        }
        guard settings.count <= base.count else {
            throw .input(.countAboveBase(count: settings.count, base: base.count))
        }
        self.base = base
        self.queries = queries
        self.settings = settings
    }

    /// Removes the temporary folder: for a signal that ends the process in the middle of `run`.
    public func cleanUp() { folder.remove() }

    /// Runs it. Both are called from one thread at a time.
    /// - Parameters:
    ///   - tell: where it is, now and then.
    ///   - found: a line of results, as soon as it is known.
    public func run(
        _ tell: @escaping @Sendable (BenchmarkStep) -> Void = { _ in }, found: (JSONLine) -> Void = { _ in }
    ) throws(FilterBenchmarkError) -> FilterReport {
        let groups: FilterQueries
        do throws(RecallError) {
            groups = try FilterQueries(base: base, queries: queries, settings: settings)
        } catch {
            throw .input(error)
        }
        let path = try folder.make()
        defer { folder.remove() }
        let start = Clock.nanoseconds
        let subject = try FilteredCollection(in: path, base: base, pivots: groups.pivots, settings: settings, tell)
        defer { subject.close() }
        let seconds = Double(Clock.nanoseconds - start) / 1e9
        tell(.note("\(base.count) elements with attributes in \(RecallReport.fixed(seconds, 1)) s"))

        var report = FilterReport(
            settings: settings, environment: .current, count: base.count, dimension: base.dimension,
            queryCount: groups.queries.count, loadSeconds: seconds)
        found(report.loadLine)
        let measurement = FilterMeasurement(subject, groups.queries, settings)
        var defect: String?
        let whole = FilterSettings.selectivities[0]
        let asked: [(FilterKind?, Int)] =
            [(nil, whole)]
            + FilterKind.allCases.flatMap { kind in FilterSettings.selectivities.map { (kind, $0) } }
        for (kind, share) in asked {
            let outcome = try measurement.run(kind, share: share)
            report.points.append(outcome.point)
            found(report.line(outcome.point))
            tell(
                .note(
                    "\(kind?.rawValue ?? "no filter") \(FilterReport.percent(outcome.point.selectivity)): "
                        + "recall \(RecallReport.fixed(outcome.point.recall, 4)), "
                        + "\(RecallReport.grouped(outcome.point.qps)) queries/s"))
            defect = defect ?? outcome.defect
        }
        // All figures come first: they may tell why.
        if let defect { throw .wrongAnswer(defect) }
        return report
    }
}
