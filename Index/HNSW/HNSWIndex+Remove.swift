import CVectorKernels

/// Removal, which the paper leaves out. The node leaves each of its layers; those that were linked to it lose one link
/// each and are given replacements among themselves, since neighbours of one node are near each other; the records are
/// free for later insertions once no reader can be on them.
extension HNSWIndex {
    /// How many neighbours of a removed node take part in the pairing, which is quadratic in them. Only with m above 64
    /// does a node have more; connectivity does not depend on it.
    static let pairingLimit = 128

    /// Takes a node out. The node must exist. Its records stay as they are until no reader can be on it.
    public func remove(_ id: NodeID) {
        writer.withLock {
            precondition(contains(id), "no such node")
            removeLocked(id.rawValue)
        }
    }

    func removeLocked(_ id: UInt32) {
        let level = nodes.level(id)
        if id == entryPoint { setEntryPoint(successor(of: id, level: level)) }
        for layer in 0...level {
            let own = links(id, layer: layer)
            let neighbours = own.array
            let children = children(of: id, layer: layer)
            for neighbour in neighbours { removeLinkOneWay(neighbour, id, layer: layer) }
            adopt(orphans: children, parent: own.parent, layer: layer)
            readers.with { scratch in
                pair(neighbours, layer: layer, scratch)
                reinforce(neighbours, layer: layer, scratch)
            }
        }
        nodes.markRemoved(id)
        countChanged(by: -1)
        removed.append((id, readers.retire()))
    }

    /// Lets go of memory that was exchanged and that no reader can be in any more. False if there is some left.
    /// Unmapping a large file takes long: it is done without the lock.
    func giveBackRetired() -> Bool {
        let (dead, isEmpty) = writer.withLock {
            let oldest = readers.oldestReader
            let dead = retired.filter { $0.epoch < oldest }
            retired.removeAll { $0.epoch < oldest }
            return (dead, retired.isEmpty)
        }
        withExtendedLifetime(dead) {}
        return isEmpty
    }

    /// Gives back the records of removed nodes that no reader can be on. Under `writer`.
    func reclaim() {
        guard !removed.isEmpty else { return }
        let oldest = readers.oldestReader
        let safe = removed.prefix { $0.epoch < oldest }.count
        for (id, _) in removed[..<safe] {
            var record = nodes.head(id).upper
            var steps = 0
            while record != noRecord, steps <= HNSWParameters.levelLimit {
                steps += 1
                let below = nextUpper(record)
                uppers.free(record)
                record = below
            }
            nodes.free(id)
        }
        removed.removeFirst(safe)
    }

    /// What becomes the entry point when it is removed. A layer is connected, so if another node is on it, the old
    /// entry point has a neighbour there: the first layer from the top where it has one is the new top.
    private func successor(of id: UInt32, level: Int) -> UInt32 {
        for layer in stride(from: level, through: 0, by: -1) {
            let links = links(id, layer: layer)
            if links.count > 0 { return links[0] }
        }
        return noRecord
    }

    /// Links those that lost a neighbour with each other: nearest pairs first, one new link each.
    private func pair(_ neighbours: [UInt32], layer: Int, _ scratch: SearchScratch) {
        let some = Array(neighbours.prefix(Self.pairingLimit))
        var pairs: [(key: UInt64, a: UInt32, b: UInt32)] = []
        var distances = [Float](repeating: 0, count: some.count)
        for (i, a) in some.enumerated() {
            let own = links(a, layer: layer)
            if own.count == own.capacity { continue }
            let others = some[(i + 1)...].filter { other in
                let links = links(other, layer: layer)
                return links.count < links.capacity && !own.contains(other)
            }
            scratch.other.set(node: a)
            scratch.other.score(others, count: others.count, into: &distances)
            for (b, distance) in zip(others, distances) { pairs.append((NeighbourKey.make(distance, a), a, b)) }
        }
        pairs.sort { ($0.key, $0.b) < ($1.key, $1.b) }
        var served: Set<UInt32> = []
        for (_, a, b) in pairs where !served.contains(a) && !served.contains(b) {
            addLink(a, b, layer: layer)
            served.insert(a)
            served.insert(b)
        }
    }

    /// Searches anew for neighbours of those that are left with less than a quarter of their places taken, so that a
    /// long churn does not thin the graph out.
    private func reinforce(_ neighbours: [UInt32], layer: Int, _ scratch: SearchScratch) {
        for id in neighbours {
            let own = links(id, layer: layer)
            guard own.count < own.capacity / 4 else { continue }
            scratch.query.set(node: id)
            let start = [lk_candidate_key(scratch.query.distance(to: id), id)]
            let found = neighbourhood(from: start, ef: 2 * own.capacity, layer: layer, scratch)
            let strangers = found.filter { candidate in
                let other = NeighbourKey.id(candidate)
                let links = links(other, layer: layer)
                return other != id && !own.contains(other) && links.count < links.capacity
            }
            for stranger in select(from: strangers, limit: own.capacity / 2 - own.count, scratch) {
                addLink(id, NeighbourKey.id(stranger), layer: layer)
            }
        }
    }
}
