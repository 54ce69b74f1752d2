import RecallBenchmark
import Storage
import VectorCollections

/// Searches a collection for elements of its own, and says how many of their true neighbours it finds and how fast; on
/// demand, which width of search is enough for a recall, and makes that the collection's own.
///
/// ## Recall
/// Queries are elements, drawn at random, each searched for as if it were not there (`LeaveOneOut`), for pictures that
/// users search with mostly are not; the truth is an exact search over the others. Results no farther than the last
/// true neighbour are right: which of several equals is named is chance.
///
/// ## Speed
/// As in `RecallBenchmark`: three passes over all queries for each `ef`, of which the fastest counts.
///
/// ## Tuning
/// A width chosen because some queries did well with it does a little worse with others. So half of the queries choose
/// and the other half say what comes of it: its recall may be a little below the target.
///
/// ## Memory
/// Resident bytes per vector are the growth of this process's resident memory while the store is opened, and from the
/// moment all queries are drawn to the end of the timed searches. What lies between, the queries and what measuring
/// needs, is left out; the truth comes after. A store is opened as a whole: where it has several collections, all their
/// vectors are counted.
public struct StoreRecallBenchmark: Sendable {
    private let path: String
    private let settings: StoreRecallSettings

    /// A benchmark of a store's folder.
    public init(store path: String, settings: StoreRecallSettings) {
        self.path = path
        self.settings = settings
    }

    /// Runs it; the store is open meanwhile, for reading only unless the settings are to be applied. `tell` is called
    /// now and then, from one thread at a time. A target that was missed is for the report to say: all that was
    /// measured comes first.
    public func run(
        _ tell: @escaping @Sendable (BenchmarkStep) -> Void = { _ in }
    ) throws(StoreRecallError) -> StoreRecallReport {
        let before = ResidentMemory.bytes
        let start = Clock.nanoseconds
        let store = try open()
        let seconds = Double(Clock.nanoseconds - start) / 1e9
        let opened = ResidentMemory.bytes
        defer { try? store.close() }
        let collection = try find(in: store)
        var report = StoreRecallReport(settings, collection, openSeconds: seconds)
        for line in report.environment.lines { tell(.note(line)) }

        let sample: ElementSample
        do throws(StoreError) {
            sample = try ElementSample(of: collection, count: settings.sample, seed: settings.seed)
        } catch {
            throw .store(error)
        }
        report.queryCount = sample.members.count
        let searches = LeaveOneOut(collection, sample, count: report.count, threads: settings.workThreads)
        let passes = TimedPasses(count: report.queryCount, threads: settings.searchThreads)
        tell(.note("\(report.size), \(report.queryCount) queries drawn from them with seed \(settings.seed)"))
        ResidentMemory.giveBackFree()
        let ready = ResidentMemory.bytes
        let timings = time(searches, passes, tell)
        let after = ResidentMemory.bytes
        if let before, let opened, let ready, let after {
            let vectors = store.collectionNames.compactMap { store.collection($0)?.count }.reduce(0, +)
            report.bytesPerVector = Double(max(0, opened - before + after - ready)) / Double(max(1, vectors))
        }

        tell(.note("computing the truth by exact search"))
        let truth = searches.truth(tell)
        do throws(StoreError) { try collection.checkIntact() } catch { throw .store(error) }
        for (ef, timing) in zip(settings.efs, timings) {
            let recall = searches.recall(of: 0..<report.queryCount, ef: ef, truth)
            report.points.append(RecallReport.Point(ef: ef, recall: recall, timing: timing))
        }
        if let target = settings.target {
            report.tuning = tune(to: target, searches, truth, size: collection.count, tell)
            try apply(&report, store)
        }
        return report
    }

    private func open() throws(StoreRecallError) -> Store {
        do throws(StoreError) {
            return try Store.open(
                path,
                options: StoreOptions(create: false, readOnly: !settings.isApplying, program: "lookalike bench recall"))
        } catch {
            throw .store(error)
        }
    }

    private func find(in store: Store) throws(StoreRecallError) -> Collection {
        guard let collection = store.collection(settings.collection) else {
            throw .noCollection(settings.collection, store: store.path, having: store.collectionNames)
        }
        guard collection.count >= 2 else {
            throw .tooFewElements(settings.collection, count: collection.count)
        }
        return collection
    }

    private func time(
        _ searches: LeaveOneOut, _ passes: TimedPasses, _ tell: (BenchmarkStep) -> Void
    ) -> [TimedPasses.Timing] {
        settings.efs.map { ef in
            let timing = passes.run { _, query in _ = searches.others(query, ef: ef) }.best
            tell(.note("ef \(ef): \(RecallReport.grouped(timing.qps)) queries/s"))
            return timing
        }
    }

    private func tune(
        to target: Double, _ searches: LeaveOneOut, _ truth: [LeaveOneOut.Truth], size: Int,
        _ tell: (BenchmarkStep) -> Void
    ) -> StoreRecallReport.Tuning {
        let half = truth.count / 2
        // Less than is wanted is the same, and as wide as the collection is all there is.
        let narrowest = searches.count
        let widest = max(narrowest, min(settings.tuningLimit, size))
        let outcome = WidthTuning.smallest(in: narrowest...widest, reaching: target) { ef in
            let recall = searches.recall(of: 0..<half, ef: ef, truth)
            tell(.note("tuning: recall \(RecallReport.fixed(recall, 4)) at ef \(ef)"))
            return recall
        }
        switch outcome {
        case .missed(let ef, let recall): return .missed(target: target, ef: ef, best: recall)
        case .reached(let ef, let recall):
            return .reached(
                .init(
                    target: target, ef: ef, recall: searches.recall(of: half..<truth.count, ef: ef, truth),
                    tuningRecall: recall, tuningQueries: half, queries: truth.count - half))
        }
    }

    private func apply(_ report: inout StoreRecallReport, _ store: Store) throws(StoreRecallError) {
        guard settings.isApplying, case .reached(var width)? = report.tuning else { return }
        do throws(StoreError) {
            width.isApplied = try store.setSearchEF(width.ef, of: settings.collection)
            try store.close()
        } catch {
            throw .store(error)
        }
        report.tuning = .reached(width)
    }
}
