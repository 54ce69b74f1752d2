import HNSW
import JSONLines
import RecallBenchmark

/// Exchanges half of what an index holds, again and again, on several threads and with searches meanwhile; then compares
/// it with an index that is built of the same vectors at once: recall at the same width of search, and memory.
///
/// ## Rounds
/// See `ChurnPlan` for what a round does. The answers of the searches meanwhile cannot be foreseen, but none may be
/// empty, name a node twice, be out of order or have a distance that is no number. After each round the index must hold
/// exactly the rows that it should, and `HNSWIndex.validate` must find nothing.
///
/// ## Memory
/// As in `RecallBenchmark`: the growth of this process's resident memory from before an index is begun to after the last
/// of its searches, a vector. The churned index comes first, the fresh one second, while the first still lives. As
/// validation takes and gives up much memory in between, the allocator is made to give back what is free before every
/// look, so that neither index is charged with it or profits from it.
public struct ChurnBenchmark: Sendable {
    private let base: VectorFile
    private let queries: VectorFile
    private let settings: ChurnSettings

    /// A benchmark of files that fit together.
    public init(base: VectorFile, queries: VectorFile, settings: ChurnSettings) throws(ChurnError) {
        guard settings.quantization.supports(settings.metric) else {
            throw .input(.quantization(settings.quantization, settings.metric))
        }
        guard base.dimension == queries.dimension else {
            throw .input(.dimensions(base: base.dimension, queries: queries.dimension))
        }
        // A third and a tenth of it: so that there is something to remove, to add and to change.
        let needed = max(3 * ChurnPlan.stayingPerChange, 3 * settings.count)
        guard base.count >= needed else { throw .tooFew(base: base.count, needed: needed) }
        self.base = base
        self.queries = queries
        self.settings = settings
    }

    /// Runs it. Both are called from one thread at a time.
    /// - Parameters:
    ///   - tell: where it is, now and then.
    ///   - found: a line of results, as soon as it is known.
    public func run(
        _ tell: @escaping @Sendable (BenchmarkStep) -> Void = { _ in }, found: (JSONLine) -> Void = { _ in }
    ) throws(ChurnError) -> ChurnReport {
        let questions: [[Float]]
        do throws(RecallError) { questions = try RecallBenchmark.vectors(queries) } catch { throw .input(error) }
        var plan = ChurnPlan(base: base.count, seed: settings.seed)
        let passes = SearchPasses(queries: questions, settings: passSettings)
        let (first, second) = (nodeNumbers, nodeNumbers)

        let churned = index(questions, first)
        let rounds: [ChurnReport.Round]
        var grown = Growth(look())
        try churned.fill(Array(plan.rowsInside), tell)
        tell(.note("\(plan.inside) of \(base.count) vectors are in"))
        rounds = try run(&plan, on: churned, tell, found)
        let churnedTiming = passes.run(churned.index, ef: settings.ef, place: 0)
        let churnedBytes = grown.perVector(look(), plan.inside)

        let fresh = index(questions, second)
        grown = Growth(look())
        try fresh.fill(plan.rowsInside.sorted(), tell)
        let freshTiming = passes.run(fresh.index, ef: settings.ef, place: 1)
        let freshBytes = grown.perVector(look(), plan.inside)
        tell(.note("built anew of the same vectors"))

        try compareContents(churned, fresh, plan.rowsInside)
        let report = ChurnReport(
            settings: settings, environment: .current, count: plan.inside, dimension: base.dimension,
            queryCount: questions.count, rounds: rounds,
            fresh: .init(
                recall: fresh.recall(tell), qps: freshTiming.qps, bytesPerVector: freshBytes,
                slots: fresh.index.slotCount),
            churned: .init(
                recall: churned.recall(tell), qps: churnedTiming.qps, bytesPerVector: churnedBytes,
                slots: churned.index.slotCount))
        found(report.comparison)
        return report
    }

    private var nodeNumbers: SharedArray<UInt32> { SharedArray(repeating: ChurnedIndex.none, count: base.count) }

    private func index(_ questions: [[Float]], _ nodes: SharedArray<UInt32>) -> ChurnedIndex {
        ChurnedIndex(
            index: HNSWIndex(
                dimension: base.dimension, metric: settings.metric, quantization: settings.quantization,
                parameters: settings.parameters),
            base: base, queries: questions, settings: settings, nodes: nodes)
    }

    private var passSettings: RecallSettings {
        var passSettings = RecallSettings()
        passSettings.count = settings.count
        passSettings.efs = [settings.ef, settings.ef]
        passSettings.searchThreads = 1
        return passSettings
    }

    // MARK: Rounds

    private func run(
        _ plan: inout ChurnPlan, on churned: ChurnedIndex, _ tell: @escaping @Sendable (BenchmarkStep) -> Void,
        _ found: (JSONLine) -> Void
    ) throws(ChurnError) -> [ChurnReport.Round] {
        var rounds: [ChurnReport.Round] = []
        for number in 1...settings.rounds {
            plan.draw()
            let first = try churned.run(plan.steps, 0..<plan.waves.first, round: number)
            let second = try churned.run(plan.steps, plan.waves.first..<plan.steps.count, round: number)
            let validation = churned.index.validate()
            let round = ChurnReport.Round(
                number: number, removed: plan.exchanged, added: plan.exchanged, updated: 2 * plan.changed,
                seconds: first.seconds + second.seconds, unreachable: validation.unreachable,
                searches: first.searches + second.searches)
            rounds.append(round)
            found(round.line)
            tell(
                .note(
                    "round \(number) of \(settings.rounds): \(RecallReport.fixed(round.seconds, 1)) s, "
                        + "\(round.searches) searches, \(round.unreachable) unreachable"))
            guard validation.isSound else {
                throw .unsound(
                    round: number, unreachable: validation.unreachable, issue: validation.issues.first)
            }
            try churned.checkContents(plan.rowsInside, round: number)
        }
        return rounds
    }

    /// Every row must have the same vector in both. Not to the last bit: what is taken off all vectors of an index is
    /// decided by its first, which need not be the same.
    private func compareContents(
        _ churned: ChurnedIndex, _ fresh: ChurnedIndex, _ rows: ArraySlice<UInt32>
    ) throws(ChurnError) {
        try fresh.checkContents(rows, round: settings.rounds)
        for row in rows {
            let (a, b) = (churned.stored(row), fresh.stored(row))
            let largest = b.reduce(0) { max($0, $1.magnitude) }
            guard zip(a, b).allSatisfy({ abs($0 - $1) <= 1e-4 * largest }) else {
                throw .wrongContents(round: settings.rounds, what: "row \(row) has another row's vector")
            }
        }
    }

    // MARK: Memory

    /// What is resident, inputs and what is free left out.
    private func look() -> Int? {
        base.dropPages()
        queries.dropPages()
        ResidentMemory.giveBackFree()
        return ResidentMemory.bytes
    }

    private struct Growth {
        let before: Int?

        init(_ before: Int?) { self.before = before }

        func perVector(_ after: Int?, _ count: Int) -> Double? {
            before.flatMap { before in after.map { Double(max(0, $0 - before)) / Double(count) } }
        }
    }
}
