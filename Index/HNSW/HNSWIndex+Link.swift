import CVectorKernels

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
/// Tree links are never dropped. All distances are those of codes. Everything here runs under the writer's lock.
extension HNSWIndex {
    /// How many nodes already taken a candidate is compared with in one call.
    private static var selectionBatch: Int { 8 }

    /// Links a node, which is the scratch's query, to the best of the candidates (nearest first) and gives it a parent
    /// among them.
    func connect(_ id: UInt32, to candidates: [UInt64], layer: Int, _ scratch: SearchScratch) {
        let own = links(id, layer: layer)
        let selected = select(from: candidates, limit: own.capacity, scratch)
        var parent = noRecord
        for candidate in selected where tryLink(id, candidate, layer: layer, scratch) {
            if parent == noRecord { parent = NeighbourKey.id(candidate) }
        }
        if parent == noRecord {
            parent = nodeWithRoom(below: NeighbourKey.id(candidates[0]), near: id, layer: layer)
            linkMakingRoom(parent, id, layer: layer)
        }
        setParent(parent, of: id, layer: layer)
    }

    /// Algorithm 4 with `keepPrunedConnections`; candidates nearest first.
    func select(from candidates: [UInt64], limit: Int, _ scratch: SearchScratch) -> [UInt64] {
        if candidates.count <= 1 { return candidates }
        var selected: [UInt64] = []
        var passedOver: [UInt64] = []
        let taken = UnsafeMutablePointer<UInt32>.allocate(capacity: limit)
        let distances = UnsafeMutablePointer<Float>.allocate(capacity: Self.selectionBatch)
        defer {
            taken.deallocate()
            distances.deallocate()
        }
        for candidate in candidates {
            if selected.count == limit { break }
            let distance = NeighbourKey.distance(candidate)
            var isShadowed = false
            if !selected.isEmpty { scratch.other.set(node: NeighbourKey.id(candidate)) }
            var start = 0
            while start < selected.count && !isShadowed {
                let some = min(Self.selectionBatch, selected.count - start)
                scratch.other.score(taken + start, count: some, into: distances)
                for i in 0..<some where distances[i] < distance { isShadowed = true }
                start += some
            }
            if isShadowed {
                passedOver.append(candidate)
            } else {
                taken[selected.count] = NeighbourKey.id(candidate)
                selected.append(candidate)
            }
        }
        selected.append(contentsOf: passedOver.prefix(limit - selected.count))
        return selected
    }

    /// Asks a candidate to link with a node that has room. True when they are linked afterwards.
    private func tryLink(_ newcomer: UInt32, _ candidate: UInt64, layer: Int, _ scratch: SearchScratch) -> Bool {
        let hub = NeighbourKey.id(candidate)
        let links = links(hub, layer: layer)
        if links.count == links.capacity {
            guard let victim = victim(of: hub, links, at: candidate, layer: layer, scratch) else { return false }
            removeLink(hub, victim, layer: layer)
        }
        addLink(newcomer, hub, layer: layer)
        return true
    }

    /// The link that a full hub drops for the query's node, or nil when it refuses: the three rules above.
    private func victim(
        of hub: UInt32, _ links: LinkList, at candidate: UInt64, layer: Int, _ scratch: SearchScratch
    ) -> UInt32? {
        let count = links.count
        let newcomerDistance = NeighbourKey.distance(candidate)
        scratch.other.set(node: hub)
        scratch.other.score(links.places, count: count, into: scratch.distances)
        let toNewcomer = scratch.distances + count
        scratch.query.score(links.places, count: count, into: toNewcomer)
        var farthest: (distance: Float, id: UInt32)?
        var farthestShadowed: (distance: Float, id: UInt32)?
        for i in 0..<count {
            let toHub = scratch.distances[i]
            if toHub < newcomerDistance {
                if toNewcomer[i] < newcomerDistance { return nil }
                continue
            }
            let isFarthest = toHub > max(newcomerDistance, farthest?.distance ?? -.infinity)
            let isShadowed = toNewcomer[i] < toHub && toHub > farthestShadowed?.distance ?? -.infinity
            // Whether it is a tree link comes last, because it is a look at another node's head.
            guard isFarthest || isShadowed, !isTreeLink(hub, links[i], layer: layer) else { continue }
            if isFarthest { farthest = (toHub, links[i]) }
            if isShadowed { farthestShadowed = (toHub, links[i]) }
        }
        return (farthestShadowed ?? farthest)?.id
    }

    // MARK: One link

    /// Makes a link between two nodes that have room and are not linked.
    func addLink(_ a: UInt32, _ b: UInt32, layer: Int) {
        if !mutableLinks(a, layer: layer).append(b) || !mutableLinks(b, layer: layer).append(a) {
            noteContradiction("nodes \(a) and \(b) have no room for a link")
        }
    }

    func removeLink(_ a: UInt32, _ b: UInt32, layer: Int) {
        removeLinkOneWay(a, b, layer: layer)
        removeLinkOneWay(b, a, layer: layer)
    }

    func removeLinkOneWay(_ a: UInt32, _ b: UInt32, layer: Int) {
        if !mutableLinks(a, layer: layer).remove(b, owner: a) {
            noteContradiction("node \(a) has no link to \(b) on layer \(layer)")
        }
    }

    func setParent(_ parent: UInt32, of id: UInt32, layer: Int) { mutableLinks(id, layer: layer).setParent(parent) }

    /// Whether the link between two linked nodes is one of the layer's spanning tree.
    func isTreeLink(_ a: UInt32, _ b: UInt32, layer: Int) -> Bool {
        links(a, layer: layer).parent == b || links(b, layer: layer).parent == a
    }

    /// Those neighbours that hang on a node in the layer's spanning tree.
    func children(of id: UInt32, layer: Int) -> [UInt32] {
        links(id, layer: layer).array.filter { links($0, layer: layer).parent == id }
    }
}
