import HNSW
import Synchronization

/// Builds an index of the vectors of a file, asks it the queries of another, and says how many of the true neighbours
/// it found, how fast, and what memory it takes.
///
/// ## Recall
/// Of `count` results, how many are among the first `count` of the truth; the mean over the queries. With a truth from
/// a file, ids are compared and nothing else, as the peers' scripts do: where two base vectors are equally far, the one
/// that the file does not name counts as wrong. Without a file the truth is computed here by `FlatIndex`, from the
/// file's own values in float32 whatever the index keeps of them, and then a result that is no farther than the last
/// true neighbour is right: which of several equals is named is chance.
///
/// ## Speed
/// Three passes over all queries for each `ef`; `qps` and the latencies are those of the fastest. A thread asks one
/// query after another, without batches. A latency is the time from one query's end to the next one's.
///
/// ## Memory
/// Resident bytes per vector are the growth of this process's resident memory (`ResidentMemory`) from before the build
/// to after the last search, divided by the number of vectors. Hence the order of `run`, and hence results are printed
/// only when all is done:
/// - The queries, the truth and every array that measuring needs are made, and written to, before the first look.
/// - The base is mapped and read a row at a time; its pages, and those of the other inputs, are dropped before either
///   look. So no input is counted, neither at the start (which would hide growth) nor at the end.
/// - A truth that is not given is computed after the second look.
/// All that remains is the index, what its searches hold on to, and what the allocator did not give back: the figure
/// counts that too, as it is memory that others cannot have.
public struct RecallBenchmark: Sendable {
    let base: VectorFile
    let queries: VectorFile
    let truth: VectorFile?
    let settings: RecallSettings

    /// A benchmark of files that fit together.
    public init(
        base: VectorFile, queries: VectorFile, truth: VectorFile?, settings: RecallSettings
    ) throws(RecallError) {
        guard settings.quantization.supports(settings.metric) else {
            throw .quantization(settings.quantization, settings.metric)
        }
        guard base.dimension == queries.dimension else {
            throw .dimensions(base: base.dimension, queries: queries.dimension)
        }
        guard settings.count <= base.count else { throw .countAboveBase(count: settings.count, base: base.count) }
        // In double precision: what matters is only that a product too large is seen as such.
        let results = Double(queries.count) * Double(settings.count) * Double(settings.efs.count)
        guard results * 4 <= Double(RecallSettings.resultBytesLimit) else {
            throw .resultsTooLarge(limit: RecallSettings.resultBytesLimit)
        }
        self.base = base
        self.queries = queries
        self.truth = truth
        self.settings = settings
    }

    /// Runs it. `tell` is called now and then, from one thread at a time.
    public func run(_ tell: @escaping @Sendable (RecallProgress) -> Void = { _ in }) throws(RecallError) -> RecallReport
    {
        tell(.began(base: base.count, dimension: base.dimension, queries: queries.count))
        let questions = try Self.vectors(queries)
        let given: TruthTable?
        if let truth {
            given = try TruthTable(truth, queries: queries.count, base: base.count, count: settings.count)
        } else {
            given = nil
        }
        let rows = SharedArray<UInt32>(repeating: 0, count: base.count)
        let passes = SearchPasses(queries: questions, settings: settings)
        dropInputs()
        let before = ResidentMemory.bytes

        let index = HNSWIndex(
            dimension: base.dimension, metric: settings.metric, quantization: settings.quantization,
            parameters: settings.parameters)
        let seconds = try build(index, rows, tell)
        tell(.built(seconds: seconds))
        var timings: [SearchPasses.Timing] = []
        for (place, ef) in settings.efs.enumerated() {
            let timing = passes.run(index, ef: ef, place: place)
            timings.append(timing)
            tell(.searched(ef: ef, qps: timing.qps))
        }
        dropInputs()
        let after = ResidentMemory.bytes

        let table: TruthTable
        if let given { table = given } else { table = try computeTruth(questions, tell) }
        let points = try timings.enumerated().map { place, timing throws(RecallError) in
            RecallReport.Point(
                ef: settings.efs[place],
                recall: try recall(of: passes, place: place, rows: rows, table, questions), timing: timing)
        }
        let growth = before.flatMap { before in after.map { max(0, $0 - before) } }
        return RecallReport(
            settings: settings, environment: .current, count: base.count, dimension: base.dimension,
            queryCount: queries.count, isTruthGiven: truth != nil, buildSeconds: seconds,
            bytesPerVector: growth.map { Double($0) / Double(base.count) }, points: points)
    }

    private func dropInputs() {
        base.dropPages()
        queries.dropPages()
        truth?.dropPages()
    }

    /// All rows of a file.
    package static func vectors(_ file: VectorFile) throws(RecallError) -> [[Float]] {
        var read: [[Float]] = []
        read.reserveCapacity(file.count)
        for row in 0..<file.count { read.append(try vector(file, row)) }
        return read
    }

    /// A row that an index can store.
    package static func vector(_ file: VectorFile, _ row: Int) throws(RecallError) -> [Float] {
        let vector: [Float]
        do throws(VectorFileError) { vector = try file.row(row) } catch { throw .file(error) }
        if let fault = VectorCheck.fault(in: vector) { throw .vector(path: file.path, row: row, fault: fault) }
        return vector
    }

    // MARK: The build

    /// Links all rows and notes which row each node is of: with several threads the order is not that of the file.
    /// Every node is of one row, so no two threads write the same place.
    private func build(
        _ index: HNSWIndex, _ rows: SharedArray<UInt32>, _ tell: @escaping @Sendable (RecallProgress) -> Void
    ) throws(RecallError) -> Double {
        let base = base
        let counter = WorkCounter(limit: base.count)
        let fault = FirstFault<RecallError>()
        let seconds = WorkerThreads.run(min(settings.buildThreads, base.count)) { thread in
            while !fault.isThere, let row = counter.next() {
                do throws(RecallError) {
                    let vector = try Self.vector(base, row)
                    let node: NodeID
                    do throws(HNSWError) { node = try index.insert(vector) } catch { throw .index(error) }
                    rows[Int(node.rawValue)] = UInt32(row)
                } catch {
                    fault.note(error)
                }
                if thread == 0 { tell(.building(done: min(counter.done, base.count), total: base.count)) }
            }
        }
        if let error = fault.first { throw error }
        return seconds
    }

    // MARK: Recall

    private func recall(
        of passes: SearchPasses, place: Int, rows: SharedArray<UInt32>, _ table: TruthTable, _ questions: [[Float]]
    ) throws(RecallError) -> Double {
        var hits = 0
        for query in questions.indices {
            let found = passes.found(place: place, query: query).map { rows[Int($0)] }
            let (right, others) = Recall.hits(found, table[query])
            hits += right
            guard truth == nil, !others.isEmpty, let last = table[query].last else { continue }
            let farthest = try distance(questions[query], Int(last))
            for row in others where try distance(questions[query], Int(row)) <= farthest { hits += 1 }
        }
        return Double(hits) / Double(questions.count * settings.count)
    }

    private func distance(_ query: [Float], _ row: Int) throws(RecallError) -> Double {
        Recall.distance(query, try Self.vector(base, row), settings.metric)
    }
}

/// The first of the faults that several threads meet.
package final class FirstFault<Fault: Error>: Sendable {
    private let fault = Mutex<Fault?>(nil)
    private let flag = Atomic(false)

    /// None yet.
    package init() {}

    /// Whether to stop.
    package var isThere: Bool { flag.load(ordering: .relaxed) }

    /// The fault.
    package var first: Fault? { fault.withLock { $0 } }

    /// Remembers a fault unless there is one.
    package func note(_ error: Fault) {
        fault.withLock { if $0 == nil { $0 = error } }
        flag.store(true, ordering: .relaxed)
    }
}
