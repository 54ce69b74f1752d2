import CVectorKernels

/// Algorithms 2 and 5 of the paper, arranged for memory that is slower than the processor.
///
/// **Several nodes are expanded at once.** The paper expands the nearest candidate, then looks for the next. Each step
/// waits twice for memory: for the node's links, and for the vectors they lead to. Here a round expands the
/// `SearchScratch.roundLimit` nearest candidates together: all their links are read, all vectors they lead to are asked
/// for, and only then is the first one looked at. The few candidates that the paper's order would not have expanded
/// cost 2 to 6 % more distances and a little recall is gained; the time at the same recall falls by 40 % on SIFT.
/// (DiskANN's beam does the same for reads from a disk; arXiv 1907.03613.)
///
/// **One sorted array instead of two heaps**, see `graph_search.c`; where it would be too wide, and where a filter makes
/// candidates and results two different things, heaps.
///
/// **The last word is full precision.** Codes lead the way; the best of what they found, `rescoreCount` of them, is put
/// in order by the vectors themselves.
extension HNSWIndex {
    /// The widest search that keeps its candidates in a sorted array: up to here an insertion moves at most 16 KiB.
    static let sortedWidthLimit = 1024

    /// The nearest nodes, nearest first. Never waits for a writer. Nodes that come or go meanwhile may be found or not.
    ///
    /// - Parameters:
    ///   - query: `dimension` finite values; trapped otherwise.
    ///   - count: at least 1.
    ///   - ef: candidates kept; raised to `count` when lower.
    public func search(_ query: [Float], count: Int, ef: Int) -> [Neighbour] {
        search(for: .vector(query), count: count, ef: ef)
    }

    /// The same around a node that is in the index, which is its own first result.
    public func search(like id: NodeID, count: Int, ef: Int) -> [Neighbour] {
        search(for: .node(id), count: count, ef: ef)
    }

    /// The same for either.
    public func search(for target: SearchTarget, count: Int, ef: Int) -> [Neighbour] {
        let count = bounded(count)
        return readers.with { scratch in
            scratch.aim(at: target)
            guard let nearest = descend(from: entryPoint, to: 0, scratch) else { return [] }
            return best(
                count, of: neighbourhood(from: [nearest], ef: max(ef, count), layer: 0, scratch), scratch)
        }
    }

    /// A count of results that there is memory for: more than there are nodes would be an empty promise.
    func bounded(_ count: Int) -> Int {
        precondition(count > 0, "count must be at least 1")
        return min(count, max(nodes.slotCount, 1))
    }

    /// The nearest node that greedy walks from an entry point down to above a layer lead to; nil if there is no entry. The
    /// entry is looked up once, by the caller, since it may become another one, of fewer layers, at any time.
    func descend(from entry: UInt32, to bottom: Int, _ scratch: SearchScratch) -> UInt64? {
        guard entry != noRecord else { return nil }
        var nearest = lk_candidate_key(scratch.query.distance(to: entry), entry)
        for layer in stride(from: entryLevel(entry), to: bottom, by: -1) {
            nearest = descend(from: nearest, layer: layer, scratch)
        }
        return nearest
    }

    /// How many of the nearest candidates by code are put in order by full precision when `count` are wanted.
    private func rescoreCount(_ count: Int, of found: Int) -> Int {
        switch nodes.codec.quantization {
        case .f32: 0
        case .int8: min(found, 2 * count + 8)
        case .bin: found
        }
    }

    /// Of nodes found by their codes, nearest first, the `count` nearest by full precision.
    func best(_ count: Int, of found: [UInt64], _ scratch: SearchScratch) -> [Neighbour] {
        var keys = found
        var again = rescoreCount(count, of: found.count)
        // An exact query among exact codes has its distances already.
        if scratch.query.coded.isExact, nodes.areAllExact { again = 0 }
        if again > 0 {
            let ids = found.prefix(again).map(NeighbourKey.id)
            var distances = [Float](repeating: 0, count: again)
            scratch.query.rescore(ids, count: again, into: &distances)
            keys = (0..<again).map { NeighbourKey.make(distances[$0], ids[$0]) }.sorted()
        }
        // Nodes that were removed while the search was on its way are not returned.
        if readers.hasRetired(since: scratch) { keys.removeAll { nodes.head(NeighbourKey.id($0)).state == 0 } }
        return keys.prefix(count).map(NeighbourKey.neighbour)
    }

    /// Walks to ever nearer neighbours of the query on a layer until there is none: algorithm 2 with ef = 1, which needs
    /// neither candidates nor visited set.
    func descend(from start: UInt64, layer: Int, _ scratch: SearchScratch) -> UInt64 {
        var best = start
        while true {
            let links = links(NeighbourKey.id(best), layer: layer)
            let count = min(links.count, links.capacity)
            for i in 0..<count { scratch.ids[i] = links[i] }
            scratch.query.score(scratch.ids, count: count, into: scratch.distances)
            let before = best
            for i in 0..<count { best = min(best, lk_candidate_key(scratch.distances[i], scratch.ids[i])) }
            if best == before { return best }
        }
    }

    /// Algorithm 2: the `ef` nearest nodes of a layer that a best-first walk from the entries finds, nearest first.
    func searchLayer(from entries: [UInt64], ef: Int, layer: Int, _ scratch: SearchScratch) -> [UInt64] {
        let slots = nodes.slotCount
        scratch.begin(slots: slots, width: ef)
        let (pool, ids, distances) = (scratch.pool, scratch.ids, scratch.distances)
        let visited = scratch.visited
        let query = scratch.query
        let fresh = freshLinks
        let baseLinks = nodes.links!.handle
        let capacity = parameters.linkCapacity(layer: layer)
        var count = 0
        for entry in entries.prefix(ef) {
            // Entries come nearest first. One whose number is beyond the bitmap was made since; it is left out.
            guard NeighbourKey.id(entry) < slots else { continue }
            scratch.visit(NeighbourKey.id(entry))
            pool[count] = lk_candidate(key: entry, expanded: 0)
            count += 1
        }
        // A narrow search would be led astray by expanding its last candidates along with the first.
        let round = max(1, min(SearchScratch.roundLimit, ef / 3))
        var at = 0
        while at < count {
            if pool[at].expanded != 0 {
                at += 1
                continue
            }
            var met = 0
            var expanded = 0
            var next = at
            while next < count && expanded < round {
                defer { next += 1 }
                if pool[next].expanded != 0 { continue }
                pool[next].expanded = 1
                expanded += 1
                let id = NeighbourKey.id(pool[next].key)
                let places = layer == 0 ? places(baseLinks, id) : links(id, layer: layer).places
                let new = fresh(places, capacity, visited, UInt32(slots), ids + met)
                query.locate(ids + met, count: new, at: met)
                met += new
            }
            query.scoreLocated(count: met, into: distances)
            at += 1
            count = lk_pool_merge(pool, count, ef, ids, distances, met, &at)
            if layer == 0 { lk_prefetch_links(baseLinks, pool + at, count - at, round) }
        }
        return (0..<count).map { pool[$0].key }
    }

    /// The layer-0 links of a node, as the kernels read them.
    @inline(__always)
    private func places(_ links: UnsafePointer<lk_records>, _ id: UInt32) -> UnsafePointer<UInt32> {
        UnsafePointer(UnsafeMutableRawPointer(lk_record(links, id)).assumingMemoryBound(to: UInt32.self))
    }

    /// The nearest nodes of a layer, by whichever search suits the width.
    func neighbourhood(from entries: [UInt64], ef: Int, layer: Int, _ scratch: SearchScratch) -> [UInt64] {
        let width = min(ef, max(nodes.slotCount, 1))
        guard width > Self.sortedWidthLimit else {
            return searchLayer(from: entries, ef: width, layer: layer, scratch)
        }
        return searchWide(from: entries, ef: width, layer: layer, scratch) { _ in true }!
    }

    /// The same with heaps, and with results only of nodes that `accepts` says yes to. Nil when it has compared more than
    /// `budget` nodes without coming to an end.
    func searchWide(
        from entries: [UInt64], ef: Int, layer: Int, _ scratch: SearchScratch, budget: Int = .max,
        accepts: (UInt32) -> Bool
    ) -> [UInt64]? {
        let slots = nodes.slotCount
        scratch.begin(slots: slots, width: 0)
        // Local copies of the heaps; see KeyHeap.
        var candidates = scratch.candidates
        var results = scratch.results  // complemented keys: its first is the farthest result
        candidates.removeAll()
        results.removeAll()
        var compared = 0
        for entry in entries where NeighbourKey.id(entry) < slots {
            scratch.visit(NeighbourKey.id(entry))
            candidates.push(entry)
            if accepts(NeighbourKey.id(entry)) { results.push(~entry) }
            if results.count > ef { _ = results.pop() }
        }
        while candidates.count > 0 {
            let nearest = candidates.pop()
            if results.count >= ef && nearest > ~results.first { break }
            let links = links(NeighbourKey.id(nearest), layer: layer)
            let met = freshLinks(links.places, links.capacity, scratch.visited, UInt32(slots), scratch.ids)
            compared += met
            if compared > budget {
                scratch.candidates = candidates
                scratch.results = results
                return nil
            }
            scratch.query.score(scratch.ids, count: met, into: scratch.distances)
            for i in 0..<met {
                let key = lk_candidate_key(scratch.distances[i], scratch.ids[i])
                if results.count >= ef && key >= ~results.first { continue }
                candidates.push(key)
                if !accepts(scratch.ids[i]) { continue }
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
