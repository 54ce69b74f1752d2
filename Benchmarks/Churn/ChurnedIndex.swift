import HNSW
import RecallBenchmark

/// An index under change: which node each row is, and the threads that change and search it.
///
/// Thread-safety: `nodes` is written by whoever changes a row, and in one wave that is one thread (see `ChurnPlan`).
package struct ChurnedIndex: Sendable {
    let index: HNSWIndex
    let base: VectorFile
    let queries: [[Float]]
    let settings: ChurnSettings
    /// The node of each row that is in, `none` of the others.
    package let nodes: SharedArray<UInt32>

    /// Stands in `nodes` for a row that is out.
    package static let none = UInt32.max

    /// Nothing is in yet: `nodes` has a place for each row of the base.
    package init(
        index: HNSWIndex, base: VectorFile, queries: [[Float]], settings: ChurnSettings, nodes: SharedArray<UInt32>
    ) {
        self.index = index
        self.base = base
        self.queries = queries
        self.settings = settings
        self.nodes = nodes
    }

    /// The vector that an index keeps for a row.
    func stored(_ row: UInt32) -> [Float] { index.vector(NodeID(rawValue: nodes[Int(row)])).values }

    // MARK: Filling

    /// Puts rows in, on all threads.
    package func fill(_ rows: [UInt32], _ tell: @escaping @Sendable (BenchmarkStep) -> Void) throws(ChurnError) {
        let counter = WorkCounter(limit: rows.count)
        let fault = FirstFault<ChurnError>()
        _ = WorkerThreads.run(min(settings.threads, rows.count)) { thread in
            while !fault.isThere, let place = counter.next() {
                do throws(RecallError) { try insert(rows[place]) } catch { fault.note(.input(error)) }
                if thread == 0 { tell(.moving("building", done: counter.done, total: rows.count)) }
            }
        }
        if let error = fault.first { throw error }
    }

    private func insert(_ row: UInt32) throws(RecallError) {
        let vector = try RecallBenchmark.vector(base, Int(row))
        do throws(HNSWError) { nodes[Int(row)] = try index.insert(vector).rawValue } catch { throw .index(error) }
    }

    // MARK: One wave

    /// What one wave took.
    struct Wave {
        var seconds: Double
        var searches: Int
    }

    /// Does some of the steps on all threads, while one more searches.
    func run(_ steps: SharedArray<ChurnPlan.Step>, _ range: Range<Int>, round: Int) throws(ChurnError) -> Wave {
        let counter = WorkCounter(limit: range.count)
        let busy = SharedCount(settings.threads)
        let searches = SharedCount(0)
        let fault = FirstFault<ChurnError>()
        let seconds = WorkerThreads.run(settings.threads + 1) { thread in
            if thread == settings.threads {
                searches.add(search(while: { busy.now > 0 }, fault, round: round))
                return
            }
            while !fault.isThere, let place = counter.next() {
                do throws(RecallError) { try apply(steps[range.lowerBound + place]) } catch {
                    fault.note(.input(error))
                }
            }
            busy.add(-1)
        }
        if let error = fault.first { throw error }
        return Wave(seconds: seconds, searches: searches.now)
    }

    private func apply(_ step: ChurnPlan.Step) throws(RecallError) {
        let node = NodeID(rawValue: nodes[Int(step.row)])
        switch step.kind {
        case .add: try insert(step.row)
        case .remove:
            index.remove(node)
            nodes[Int(step.row)] = Self.none
        case .change, .changeBack:
            let vector = try RecallBenchmark.vector(base, Int(step.other))
            do throws(HNSWError) {
                nodes[Int(step.row)] = try index.update(node, to: vector).rawValue
            } catch {
                throw .index(error)
            }
        }
    }

    /// Asks one query after another; how many.
    private func search(while goesOn: () -> Bool, _ fault: FirstFault<ChurnError>, round: Int) -> Int {
        var searches = 0
        while goesOn(), !fault.isThere {
            let found = index.search(queries[searches % queries.count], count: settings.count, ef: settings.ef)
            searches += 1
            if let what = Self.fault(in: found, count: settings.count) {
                fault.note(.wrongAnswer(round: round, what: what))
            }
        }
        return searches
    }

    /// What is wrong with an answer, whatever the index held at the time.
    package static func fault(in found: [Neighbour], count: Int) -> String? {
        if found.isEmpty { return "nothing, of an index that was never empty" }
        if found.count > count { return "\(found.count) results where \(count) were asked for" }
        if Set(found.map(\.id)).count != found.count { return "a node twice" }
        if let strange = found.first(where: { !$0.distance.isFinite }) { return "a distance of \(strange.distance)" }
        if zip(found, found.dropFirst()).contains(where: { $0.distance > $1.distance }) {
            return "results out of order"
        }
        return nil
    }

    // MARK: What it holds, and finds

    /// Throws unless the index holds exactly these rows, each under a node of its own.
    package func checkContents(_ rows: some Swift.Collection<UInt32>, round: Int) throws(ChurnError) {
        guard index.count == rows.count else {
            throw .wrongContents(round: round, what: "the index holds \(index.count) vectors instead of \(rows.count)")
        }
        var seen = Set<UInt32>()
        for row in rows {
            let node = nodes[Int(row)]
            guard node != Self.none, index.contains(NodeID(rawValue: node)), seen.insert(node).inserted else {
                throw .wrongContents(round: round, what: "row \(row) has no node of its own")
            }
        }
    }

    /// Of `count` results, how many are no farther than the last of the true ones: the mean over the queries. Both come
    /// from the same index, whose exact search compares the same values with the same arithmetic, and which of several
    /// equals is named is chance.
    func recall(_ tell: @escaping @Sendable (BenchmarkStep) -> Void) -> Double {
        let counter = WorkCounter(limit: queries.count)
        let hits = SharedCount(0)
        _ = WorkerThreads.run(min(settings.threads, queries.count)) { thread in
            let flat = FlatIndex(sharing: index)
            while let query = counter.next() {
                let truth = flat.search(queries[query], count: settings.count)
                guard let last = truth.last else { continue }
                let found = index.search(queries[query], count: settings.count, ef: settings.ef)
                hits.add(found.count { $0.distance <= last.distance })
                if thread == 0 { tell(.moving("computing the truth", done: counter.done, total: queries.count)) }
            }
        }
        return Double(hits.now) / Double(queries.count * settings.count)
    }
}
