/// How links are chosen, and what a full node does when asked for another.
///
/// A new node chooses by algorithm 4: going through the candidates from the nearest, it takes one only if that one is
/// nearer to it than to any already taken, so that its links point in different directions; places left over go to the
/// nearest of those passed over.
///
/// Whoever is asked and has a free place agrees. One who is full (the paper would run algorithm 4 again over all its
/// links and the new one, some 500 distances at m = 16) decides with one look at each link, the same criterion applied
/// to the new node alone. Say `hub` is asked by `newcomer`; a link y *shadows* x when y is nearer to the hub than x is,
/// and nearer to x than the hub is.
///
/// 1. If a link shadows the newcomer, the hub refuses: it can already walk that way.
/// 2. Else, of the links that the newcomer shadows, the farthest is dropped.
/// 3. Else the farthest link is dropped, if it is farther than the newcomer; otherwise the hub refuses.
///
/// Tree links are never dropped.
extension HNSWIndex {
    /// Links a node to the best of the candidates (nearest first) and gives it a parent among them.
    func connect(_ id: UInt32, to candidates: [UInt64], layer: Int, _ view: GraphView, _ scratch: SearchScratch) {
        let own = view.links(id, layer: layer)
        let selected = select(from: candidates, limit: view.linkCapacity(layer: layer), view)
        var parent = noRecord
        for candidate in selected where tryLink(id, candidate, layer: layer, view, scratch) {
            if parent == noRecord { parent = NeighbourKey.id(candidate) }
        }
        if parent == noRecord {
            parent = nodeWithRoom(below: NeighbourKey.id(candidates[0]), near: id, layer: layer, view)
            linkMakingRoom(parent, id, layer: layer, view)
        }
        own.parent = parent
    }

    /// Algorithm 4 with `keepPrunedConnections`; candidates nearest first.
    func select(from candidates: [UInt64], limit: Int, _ view: GraphView) -> [UInt64] {
        if candidates.count <= 1 { return candidates }
        var selected: [UInt64] = []
        var passedOver: [UInt64] = []
        for candidate in candidates {
            if selected.count == limit { break }
            let vector = view.nodes.vector(NeighbourKey.id(candidate))
            let distance = NeighbourKey.distance(candidate)
            let isShadowed = selected.contains { other in
                view.kernel.distance(vector, view.nodes.vector(NeighbourKey.id(other))) < distance
            }
            if isShadowed { passedOver.append(candidate) } else { selected.append(candidate) }
        }
        selected.append(contentsOf: passedOver.prefix(limit - selected.count))
        return selected
    }

    /// Asks a candidate to link with a node that has room. True when they are linked afterwards.
    private func tryLink(
        _ newcomer: UInt32, _ candidate: UInt64, layer: Int, _ view: GraphView, _ scratch: SearchScratch
    ) -> Bool {
        let hub = NeighbourKey.id(candidate)
        if view.links(hub, layer: layer).count == view.linkCapacity(layer: layer) {
            guard let victim = victim(of: hub, for: newcomer, at: candidate, layer: layer, view, scratch) else {
                return false
            }
            view.removeLink(hub, victim, layer: layer)
        }
        view.addLink(newcomer, hub, layer: layer)
        return true
    }

    /// The link that a full hub drops for a newcomer, or nil when it refuses: the three rules above.
    private func victim(
        of hub: UInt32, for newcomer: UInt32, at candidate: UInt64, layer: Int, _ view: GraphView,
        _ scratch: SearchScratch
    ) -> UInt32? {
        let links = view.links(hub, layer: layer)
        let count = links.count
        let newcomerVector = view.nodes.vector(newcomer)
        let newcomerDistance = NeighbourKey.distance(candidate)
        for i in 0..<count { scratch.rows[i] = view.nodes.vector(links[i]) }
        view.kernel.distances(
            from: view.nodes.vector(hub), to: scratch.rows, count: count, into: scratch.distances)
        var farthest: (distance: Float, id: UInt32)?
        var farthestShadowed: (distance: Float, id: UInt32)?
        for i in 0..<count {
            let toHub = scratch.distances[i]
            let toNewcomer = view.kernel.distance(newcomerVector, scratch.rows[i]!)
            if toHub < newcomerDistance {
                if toNewcomer < newcomerDistance { return nil }
                continue
            }
            if view.isTreeLink(hub, links[i], layer: layer) { continue }
            if toHub > newcomerDistance, toHub > farthest?.distance ?? -.infinity { farthest = (toHub, links[i]) }
            if toNewcomer < toHub, toHub > farthestShadowed?.distance ?? -.infinity {
                farthestShadowed = (toHub, links[i])
            }
        }
        return (farthestShadowed ?? farthest)?.id
    }
}
