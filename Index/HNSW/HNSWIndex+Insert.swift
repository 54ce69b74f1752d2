extension HNSWIndex {
    /// Takes the memory that the next insertion will need, so that it cannot fail.
    public func reserve() throws(HNSWError) {
        try nodes.records.reserve(1)
        try uppers.reserve(HNSWParameters.levelLimit)
    }

    /// Adds a vector and returns its node.
    ///
    /// - Parameters:
    ///   - vector: `dimension` values for which `VectorCheck.fault` is nil; trapped otherwise where it matters.
    ///   - efConstruction: candidates kept by the build, instead of the index's own number.
    @discardableResult
    public func insert(_ vector: [Float], efConstruction: Int? = nil) throws(HNSWError) -> NodeID {
        try reserve()
        return insertReserved(vector, efConstruction: efConstruction)
    }

    /// The same after `reserve`, for a caller who must know beforehand that it will not fail.
    @discardableResult
    public func insertReserved(_ vector: [Float], efConstruction: Int? = nil) -> NodeID {
        precondition(vector.count == dimension, "the vector has another dimension than the index")
        let level = levels.next()
        let id = nodes.insert(vector, level: level)
        allocateUpperRecords(id, level: level)
        link(id, level: level, efConstruction: efConstruction ?? parameters.efConstruction)
        return NodeID(rawValue: id)
    }

    /// Replaces the vector of a node: it keeps its number and its level, and gets new links; nothing changes when the
    /// vector is the one it has. The node must exist.
    public func update(_ id: NodeID, to vector: [Float], efConstruction: Int? = nil) {
        precondition(contains(id), "no such node")
        precondition(vector.count == dimension, "the vector has another dimension than the index")
        if nodes.holds(id.rawValue, vector) { return }
        let level = nodes.view.level(id.rawValue)
        unlink(id.rawValue, level: level)
        nodes.replace(id.rawValue, vector)
        link(id.rawValue, level: level, efConstruction: efConstruction ?? parameters.efConstruction)
    }

    private func allocateUpperRecords(_ id: UInt32, level: Int) {
        // From the top down, so that each record knows the one above it when it is written.
        var above = noRecord
        for _ in 0..<level {
            let record = uppers.allocate()
            uppers.view.address(record).storeBytes(of: above, as: UInt32.self)
            LinkList(at: uppers.view.address(record) + 4).clear()
            above = record
        }
        nodes.view.setUpper(id, above)
    }

    /// Algorithm 1 for a node that has its record but no links.
    private func link(_ id: UInt32, level: Int, efConstruction: Int) {
        guard entryPoint != noRecord else {
            entryPoint = id
            return
        }
        let view = view
        let top = view.nodes.level(entryPoint)
        let vector = view.nodes.vector(id)
        scratchPool.with { scratch in
            var entries = [key(of: entryPoint, from: vector, view)]
            for layer in stride(from: top, to: level, by: -1) {
                entries[0] = descend(vector, from: entries[0], layer: layer, view, scratch)
            }
            for layer in stride(from: min(top, level), through: 0, by: -1) {
                entries = searchLayer(vector, entries: entries, ef: efConstruction, layer: layer, view, scratch)
                connect(id, to: entries, layer: layer, view, scratch)
            }
        }
        // On layers above the old top the node is alone: the root of a tree of one.
        if level > top { entryPoint = id }
    }
}
