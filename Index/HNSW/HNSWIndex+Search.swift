extension HNSWIndex {
    /// The nearest nodes, nearest first.
    ///
    /// With a filter the search goes on until it holds `ef` accepted nodes that are nearer than anything left to look
    /// at. As the graph is connected this never returns fewer than min(`count`, nodes that the filter accepts); a
    /// filter that accepts few nodes makes it visit many.
    ///
    /// - Parameters:
    ///   - query: `dimension` finite values; trapped otherwise.
    ///   - count: at least 1.
    ///   - ef: candidates kept; raised to `count` when lower.
    ///   - filter: nodes it refuses are passed through but not returned.
    public func search(_ query: [Float], count: Int, ef: Int, filter: ((NodeID) -> Bool)? = nil) -> [Neighbour] {
        precondition(query.count == dimension, "the query has another dimension than the index")
        return scratchPool.with { scratch in
            query.withUnsafeBufferPointer { _ = nodes.kernel.store($0.baseAddress!, to: scratch.query) }
            return search(stored: scratch.query, count: count, ef: ef, filter: filter, scratch: scratch)
        }
    }

    /// The same around a node that is in the index, which is its own first result (unless the filter refuses it).
    public func search(like id: NodeID, count: Int, ef: Int, filter: ((NodeID) -> Bool)? = nil) -> [Neighbour] {
        precondition(contains(id), "no such node")
        return scratchPool.with { scratch in
            search(
                stored: nodes.view.vector(id.rawValue), count: count, ef: ef, filter: filter, scratch: scratch)
        }
    }

    private func search(
        stored query: UnsafePointer<Float>, count: Int, ef: Int, filter: ((NodeID) -> Bool)?, scratch: SearchScratch
    ) -> [Neighbour] {
        precondition(count > 0, "count must be at least 1")
        guard entryPoint != noRecord else { return [] }
        let view = view
        var nearest = key(of: entryPoint, from: query, view)
        var layer = nodes.view.level(entryPoint)
        while layer > 0 {
            nearest = descend(query, from: nearest, layer: layer, view, scratch)
            layer -= 1
        }
        // More candidates than there are nodes would only be an empty promise of memory.
        let width = min(max(ef, count), self.count)
        let found = searchLayer(query, entries: [nearest], ef: width, layer: 0, view, scratch, filter: filter)
        return found.prefix(count).map(NeighbourKey.neighbour)
    }

    func key(of id: UInt32, from query: UnsafePointer<Float>, _ view: GraphView) -> UInt64 {
        NeighbourKey.make(view.kernel.distance(query, view.nodes.vector(id)), id)
    }

    /// Walks to ever nearer neighbours on a layer until there is none: algorithm 2 with ef = 1, which needs neither
    /// heaps nor visited set.
    func descend(
        _ query: UnsafePointer<Float>, from start: UInt64, layer: Int, _ view: GraphView, _ scratch: SearchScratch
    ) -> UInt64 {
        var best = start
        while true {
            let links = view.links(NeighbourKey.id(best), layer: layer)
            let count = links.count
            for i in 0..<count { scratch.rows[i] = view.nodes.vector(links[i]) }
            view.kernel.distances(from: query, to: scratch.rows, count: count, into: scratch.distances)
            let before = best
            for i in 0..<count { best = min(best, NeighbourKey.make(scratch.distances[i], links[i])) }
            if best == before { return best }
        }
    }

    /// Algorithm 2: the `ef` nearest nodes of a layer that a best-first walk from the entries finds, nearest first.
    func searchLayer(
        _ query: UnsafePointer<Float>, entries: [UInt64], ef: Int, layer: Int, _ view: GraphView,
        _ scratch: SearchScratch, filter: ((NodeID) -> Bool)? = nil
    ) -> [UInt64] {
        let stamp = scratch.begin(slots: nodes.records.count)
        let stamps = scratch.stamps
        // Local copies of the heaps; see KeyHeap.
        var candidates = scratch.candidates
        var results = scratch.results  // complemented keys: its first is the farthest result
        candidates.removeAll()
        results.removeAll()
        for entry in entries {
            stamps[Int(NeighbourKey.id(entry))] = stamp
            candidates.push(entry)
            if filter.map({ $0(NodeID(rawValue: NeighbourKey.id(entry))) }) ?? true { results.push(~entry) }
            if results.count > ef { _ = results.pop() }
        }
        while candidates.count > 0 {
            let nearest = candidates.pop()
            if results.count >= ef && nearest > ~results.first { break }
            let links = view.links(NeighbourKey.id(nearest), layer: layer)
            var fresh = 0
            for i in 0..<links.count {
                let id = links[i]
                if stamps[Int(id)] == stamp { continue }
                stamps[Int(id)] = stamp
                scratch.ids[fresh] = id
                scratch.rows[fresh] = view.nodes.vector(id)
                fresh += 1
            }
            view.kernel.distances(from: query, to: scratch.rows, count: fresh, into: scratch.distances)
            for i in 0..<fresh {
                let key = NeighbourKey.make(scratch.distances[i], scratch.ids[i])
                if results.count >= ef && key >= ~results.first { continue }
                candidates.push(key)
                if let filter, !filter(NodeID(rawValue: scratch.ids[i])) { continue }
                if results.count >= ef {
                    results.replaceFirst(with: ~key)
                } else {
                    results.push(~key)
                }
            }
        }
        let found = results.drainComplemented()
        scratch.candidates = candidates
        scratch.results = results
        return found
    }
}
