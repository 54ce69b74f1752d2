import HNSW
import Synchronization

/// The true neighbours of every query: base rows, nearest first.
struct TruthTable: Sendable {
    private let rows: [UInt32]
    private let count: Int

    /// The neighbours of a query.
    subscript(query: Int) -> [UInt32] { Array(rows[query * count..<(query + 1) * count]) }

    /// `count` neighbours of each query, one query after another.
    init(rows: [UInt32], count: Int) {
        self.rows = rows
        self.count = count
    }

    /// The first `count` neighbours of each row of a file, which must be of as many queries and of this base.
    init(_ file: VectorFile, queries: Int, base: Int, count: Int) throws(RecallError) {
        guard file.count == queries else { throw .truthRows(path: file.path, rows: file.count, queries: queries) }
        guard file.dimension >= count else {
            throw .truthColumns(path: file.path, columns: file.dimension, count: count)
        }
        var rows: [UInt32] = []
        rows.reserveCapacity(queries * count)
        for row in 0..<queries {
            let ids: [Int32]
            do throws(VectorFileError) { ids = try file.integers(row, count: count) } catch { throw .file(error) }
            for id in ids {
                guard (0..<base).contains(Int(id)) else {
                    throw .truthID(path: file.path, row: row, id: id, base: base)
                }
                rows.append(UInt32(id))
            }
        }
        self.init(rows: rows, count: count)
    }
}

extension RecallBenchmark {
    /// The truth by exact search, a block of the base at a time: memory does not grow with the base, and the vectors are
    /// the file's own, not what is left of them in a quantized index. A thread takes a block, which is its own, asks it
    /// all queries, and then adds what it found to what all have found.
    func computeTruth(
        _ questions: [[Float]], _ tell: @escaping @Sendable (RecallProgress) -> Void
    ) throws(RecallError) -> TruthTable {
        let (base, count, metric) = (base, settings.count, settings.metric)
        let blockRows = max(1, settings.truthBlockBytes / (4 * base.dimension))
        let blocks = (base.count + blockRows - 1) / blockRows
        let best = Mutex([[Candidate]](repeating: [], count: questions.count))
        let counter = WorkCounter(limit: blocks)
        let fault = FirstFault<RecallError>()
        tell(.computingTruth(done: 0, total: base.count))
        _ = WorkerThreads.run(min(settings.buildThreads, blocks)) { thread in
            while !fault.isThere, let block = counter.next() {
                let rows = block * blockRows..<min(base.count, (block + 1) * blockRows)
                do throws(RecallError) {
                    let found = try Self.nearest(questions, in: base, rows, count: count, metric)
                    best.withLock { best in
                        for query in questions.indices {
                            best[query] = Candidate.merged(best[query], found[query], count: count)
                        }
                    }
                } catch {
                    fault.note(error)
                }
                if thread == 0 { tell(.computingTruth(done: rows.upperBound, total: base.count)) }
            }
        }
        if let error = fault.first { throw error }
        return TruthTable(rows: best.withLock { $0.flatMap { $0.map(\.row) } }, count: count)
    }

    /// The nearest of some rows for each query.
    private static func nearest(
        _ questions: [[Float]], in base: VectorFile, _ rows: Range<Int>, count: Int, _ metric: Metric
    ) throws(RecallError) -> [[Candidate]] {
        let block = FlatIndex(dimension: base.dimension, metric: metric)
        var rowOfNode: [NodeID: Int] = [:]
        for row in rows {
            let vector = try Self.vector(base, row)
            do throws(HNSWError) { rowOfNode[try block.insert(vector)] = row } catch { throw .index(error) }
        }
        return questions.map { question in
            block.search(question, count: count).map {
                Candidate(distance: $0.distance, row: UInt32(rowOfNode[$0.id, default: 0]))
            }
        }
    }

    /// A base row and how far it is.
    private struct Candidate: Sendable {
        var distance: Float
        var row: UInt32

        /// The nearest of both, nearest first; of equals the earlier rows, so that it makes no difference which thread
        /// came first.
        static func merged(_ a: [Candidate], _ b: [Candidate], count: Int) -> [Candidate] {
            var out: [Candidate] = []
            out.reserveCapacity(min(count, a.count + b.count))
            var (i, j) = (0, 0)
            while out.count < count, i < a.count || j < b.count {
                if j == b.count || i < a.count && (a[i].distance, a[i].row) < (b[j].distance, b[j].row) {
                    out.append(a[i])
                    i += 1
                } else {
                    out.append(b[j])
                    j += 1
                }
            }
            return out
        }
    }
}
