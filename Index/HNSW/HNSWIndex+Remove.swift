/// Removal, which the paper leaves out. The node leaves each of its layers; those that were linked to it lose one link
/// each and are given replacements among themselves, since neighbours of one node are near each other; the record is
/// free for the next insertion.
extension HNSWIndex {
    /// How many neighbours of a removed node take part in the pairing, which is quadratic in them. Only with m above 64
    /// does a node have more; connectivity does not depend on it.
    static let pairingLimit = 128

    /// Takes a node out. The node must exist.
    public func remove(_ id: NodeID) {
        precondition(contains(id), "no such node")
        let view = view
        let level = view.nodes.level(id.rawValue)
        unlink(id.rawValue, level: level)
        var record = view.nodes.upper(id.rawValue)
        while record != noRecord {
            let above = view.nextUpper(record)
            uppers.free(record)
            record = above
        }
        nodes.remove(id.rawValue)
    }

    /// Takes a node out of all its layers and mends them; its record keeps its level and has no links.
    func unlink(_ id: UInt32, level: Int) {
        let view = view
        if id == entryPoint { entryPoint = successor(of: id, level: level, view) }
        for layer in 0...level {
            let own = view.links(id, layer: layer)
            let neighbours = own.array
            let children = view.children(of: id, layer: layer)
            let parent = own.parent
            for neighbour in neighbours { view.links(neighbour, layer: layer).remove(id) }
            own.clear()
            adopt(orphans: children, parent: parent, layer: layer, view)
            pair(neighbours, layer: layer, view)
            reinforce(neighbours, layer: layer, view)
        }
    }

    /// What becomes the entry point when it is removed. A layer is connected, so if another node is on it, the old
    /// entry point has a neighbour there: the first layer from the top where it has one is the new top.
    private func successor(of id: UInt32, level: Int, _ view: GraphView) -> UInt32 {
        for layer in stride(from: level, through: 0, by: -1) {
            let links = view.links(id, layer: layer)
            if links.count > 0 { return links[0] }
        }
        return noRecord
    }

    /// Links those that lost a neighbour with each other: nearest pairs first, one new link each.
    private func pair(_ neighbours: [UInt32], layer: Int, _ view: GraphView) {
        let some = neighbours.prefix(Self.pairingLimit)
        let capacity = view.linkCapacity(layer: layer)
        var pairs: [(key: UInt64, a: UInt32, b: UInt32)] = []
        for (i, a) in some.enumerated() {
            for b in some.dropFirst(i + 1) where !view.links(a, layer: layer).contains(b) {
                pairs.append((NeighbourKey.make(view.distance(a, b), a), a, b))
            }
        }
        pairs.sort { ($0.key, $0.b) < ($1.key, $1.b) }
        var served: Set<UInt32> = []
        for (_, a, b) in pairs where !served.contains(a) && !served.contains(b) {
            guard view.links(a, layer: layer).count < capacity, view.links(b, layer: layer).count < capacity else {
                continue
            }
            view.addLink(a, b, layer: layer)
            served.insert(a)
            served.insert(b)
        }
    }

    /// Searches anew for neighbours of those that are left with less than a quarter of their places taken, so that a
    /// long churn does not thin the graph out.
    private func reinforce(_ neighbours: [UInt32], layer: Int, _ view: GraphView) {
        let capacity = view.linkCapacity(layer: layer)
        for id in neighbours where view.links(id, layer: layer).count < capacity / 4 {
            let links = view.links(id, layer: layer)
            let vector = view.nodes.vector(id)
            let found = scratchPool.with { scratch in
                searchLayer(
                    vector, entries: [key(of: id, from: vector, view)], ef: 2 * capacity, layer: layer, view, scratch)
            }
            let strangers = found.filter {
                NeighbourKey.id($0) != id && !links.contains(NeighbourKey.id($0))
                    && view.links(NeighbourKey.id($0), layer: layer).count < capacity
            }
            for stranger in select(from: strangers, limit: capacity / 2 - links.count, view) {
                view.addLink(id, NeighbourKey.id(stranger), layer: layer)
            }
        }
    }
}
