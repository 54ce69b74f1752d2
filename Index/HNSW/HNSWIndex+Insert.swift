import CVectorKernels

/// A vector that has been coded and whose neighbours have been looked for: an insertion but for what changes the graph.
///
/// It is a reader of the graph until it is inserted or let go of, so it should not be kept for long: nodes removed
/// meanwhile keep their records.
///
/// Thread-safety: as `SearchScratch`; made by one thread, used by one at a time.
public final class PreparedInsertion: @unchecked Sendable {
    fileprivate let readers: ReaderPool
    fileprivate let scratch: SearchScratch
    fileprivate let level: Int
    fileprivate let efConstruction: Int
    /// For each layer from 0 the candidates, nearest first; empty where there were none.
    fileprivate var candidates: [[UInt64]]

    fileprivate init(readers: ReaderPool, scratch: SearchScratch, level: Int, efConstruction: Int) {
        self.readers = readers
        self.scratch = scratch
        self.level = level
        self.efConstruction = efConstruction
        candidates = []
    }

    deinit { readers.end(scratch) }
}

/// Insertion in two steps. `prepare` does what takes long, coding the vector and searching for its neighbours, as a
/// reader: any number of threads do it at once, while others search and change. `insert(_: PreparedInsertion)` makes
/// the node and its links, with the writer's lock held for some ten microseconds.
///
/// Two vectors that are prepared at the same time do not see each other. Each still sees all the others, so what is
/// lost is a link between them now and then; builds on two threads and on one have the same recall within noise.
extension HNSWIndex {
    /// Takes the memory that the next insertion will need, so that it cannot fail.
    public func reserve() throws(HNSWError) {
        try writer.withLock { () throws(HNSWError) in try reserveLocked() }
    }

    private func reserveLocked() throws(HNSWError) {
        reclaim()
        if nodes.heads.isBroken || nodes.vectors.isBroken || uppers.isBroken {
            noteContradiction("a list of free records is broken")
        }
        try nodes.reserve()
        try uppers.reserve(HNSWParameters.levelLimit)
    }

    /// Adds a vector and returns its node.
    ///
    /// - Parameters:
    ///   - vector: `dimension` values for which `VectorCheck.fault` is nil; trapped otherwise where it matters.
    ///   - efConstruction: candidates kept by the build, instead of the index's own number.
    @discardableResult
    public func insert(_ vector: [Float], efConstruction: Int? = nil) throws(HNSWError) -> NodeID {
        let prepared = prepare(vector, efConstruction: efConstruction)
        return try writer.withLock { () throws(HNSWError) in
            try reserveLocked()
            return insertLocked(prepared)
        }
    }

    /// The first step.
    public func prepare(_ vector: [Float], efConstruction: Int? = nil) -> PreparedInsertion {
        precondition(vector.count == dimension, "the vector has another dimension than the index")
        let scratch = readers.begin()
        let prepared = PreparedInsertion(
            readers: readers, scratch: scratch, level: levels.next(),
            efConstruction: efConstruction ?? parameters.efConstruction)
        scratch.query.set(vector, settles: true)
        prepared.candidates = candidates(for: prepared)
        return prepared
    }

    /// The second step, for a caller who has called `reserve` after any other change.
    @discardableResult
    public func insert(_ prepared: PreparedInsertion) -> NodeID { writer.withLock { insertLocked(prepared) } }

    /// Whether a node, which must exist, has exactly the vector that was prepared.
    public func stores(_ prepared: PreparedInsertion, in id: NodeID) -> Bool {
        precondition(contains(id), "no such node")
        return prepared.scratch.query.isStored(in: id.rawValue)
    }

    /// Replaces the vector of a node: adds the new one, takes the old one out, and returns the new number. For a moment
    /// both are found. Returns the old number when that is the vector it has. The node must exist.
    public func update(_ id: NodeID, to vector: [Float], efConstruction: Int? = nil) throws(HNSWError) -> NodeID {
        let prepared = prepare(vector, efConstruction: efConstruction)
        return try writer.withLock { () throws(HNSWError) in
            if stores(prepared, in: id) { return id }
            try reserveLocked()
            let new = insertLocked(prepared)
            removeLocked(id.rawValue)
            return new
        }
    }

    /// Algorithm 1 but for the links: the candidates on each layer that the node will be on.
    private func candidates(for prepared: PreparedInsertion) -> [[UInt64]] {
        let scratch = prepared.scratch
        var found = [[UInt64]](repeating: [], count: prepared.level + 1)
        let entry = entryPoint
        guard let nearest = descend(from: entry, to: prepared.level, scratch) else { return found }
        var entries = [nearest]
        for layer in stride(from: min(entryLevel(entry), prepared.level), through: 0, by: -1) {
            entries = neighbourhood(from: entries, ef: prepared.efConstruction, layer: layer, scratch)
            found[layer] = entries
        }
        return found
    }

    private func insertLocked(_ prepared: PreparedInsertion) -> NodeID {
        let scratch = prepared.scratch
        let level = prepared.level
        let entry = entryPoint
        let top = entry == noRecord ? -1 : nodes.level(entry)
        let id = nodes.insert(scratch.query.encoded, level: level)
        makeUpperRecords(id, level: level)
        countChanged(by: 1)
        // From the bottom up, so that a search that comes to the node on one layer finds it linked on those below.
        for layer in 0...level where layer <= top {
            var candidates = prepared.candidates[layer]
            // Its pin keeps what was found from being anything else, but it may have been removed.
            if readers.hasRetired(since: scratch) { candidates.removeAll { !nodes.isLive(NeighbourKey.id($0)) } }
            if candidates.isEmpty {
                // The layer has come into being, or all that was found on it has gone, since.
                let start = [lk_candidate_key(scratch.query.distance(to: entry), entry)]
                candidates = neighbourhood(from: start, ef: prepared.efConstruction, layer: layer, scratch)
                    .filter { NeighbourKey.id($0) != id }
            }
            connect(id, to: candidates, layer: layer, scratch)
        }
        // On layers above the old top the node is alone: the root of a tree of one.
        if level > top { setEntryPoint(id) }
        return NodeID(rawValue: id)
    }

    private func makeUpperRecords(_ id: UInt32, level: Int) {
        // From the bottom up, so that each record knows the one below it when it is written.
        var below = noRecord
        for _ in 0..<level {
            let record = uppers.allocate()
            lk_store(uppers.records.mutableAddress(record).assumingMemoryBound(to: UInt32.self), below)
            mutableUpperList(record).clear(owner: id)
            below = record
        }
        nodes.setUpper(id, below)
    }
}
