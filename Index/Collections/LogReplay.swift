import Dispatch
import HNSW
import Storage
import Synchronization

/// Makes the changes of a log again, in order. What takes longest of an insertion, the search for neighbours, is done
/// for several records at a time, on all processors.
struct LogReplay {
    /// Records that are prepared together.
    private static let batchLimit = 64
    /// In a smaller graph the vectors of one batch, which do not see each other, would be too many of all.
    private static let parallelFloor = 1024

    let contents: CollectionContents
    let blobs: [UInt64: BlobFile]
    private var batch: [LogRecord] = []

    init(contents: CollectionContents, blobs: [UInt64: BlobFile]) {
        self.contents = contents
        self.blobs = blobs
    }

    /// Takes the next record.
    mutating func add(_ record: LogRecord) throws(StoreError) {
        batch.append(record)
        if batch.count >= Self.batchLimit || contents.graph.count < Self.parallelFloor { try finish() }
    }

    /// Makes the changes of the records taken so far.
    mutating func finish() throws(StoreError) {
        let insertions = batch.count > 1 ? prepared() : []
        for (index, record) in batch.enumerated() {
            try contents.replay(record, insertion: insertions.isEmpty ? nil : insertions[index], blobs: blobs)
        }
        batch.removeAll(keepingCapacity: true)
    }

    private func prepared() -> [PreparedInsertion?] {
        let (records, graph) = (batch, contents.graph)
        let prepared = Mutex([PreparedInsertion?](repeating: nil, count: records.count))
        DispatchQueue.concurrentPerform(iterations: records.count) { index in
            guard case .upsert(_, let vector, _, _, let efConstruction) = records[index] else { return }
            let insertion = graph.prepare(vector, efConstruction: efConstruction)
            prepared.withLock { $0[index] = insertion }
        }
        return prepared.withLock { $0 }
    }
}
