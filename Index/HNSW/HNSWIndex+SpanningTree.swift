/// The spanning tree of each layer: where a node without a parent finds one. See the head of `HNSWIndex`.
extension HNSWIndex {
    /// How far up the tree is looked to see that a neighbour is not below the node that wants it as its parent. Trees
    /// of random data are some 2 ln(n) deep; a deeper one only makes the repair take a new link instead.
    static let climbLimit = 64

    /// A node with room at or below `start` in the tree: at each step the child nearest to `target`.
    ///
    /// It ends, because it only goes down and a leaf has room: one tree link, and no fewer than four places.
    func nodeWithRoom(below start: UInt32, near target: UInt32, layer: Int) -> UInt32 {
        var node = start
        // In a file that contradicts itself there may be a circle.
        for _ in 0...nodes.slotCount {
            let links = links(node, layer: layer)
            if links.count < links.capacity || links.contains(target) { return node }
            let children = children(of: node, layer: layer)
            if links.count > children.count + (links.parent == noRecord ? 0 : 1) { return node }
            guard !children.isEmpty else { break }
            node = nearest(children, to: target)
        }
        noteContradiction("layer \(layer) has no spanning tree")
        return node
    }

    private func nearest(_ ids: [UInt32], to target: UInt32) -> UInt32 { sorted(ids, by: target).first! }

    /// Nodes by their distance to another, nearest first.
    private func sorted(_ ids: [UInt32], by target: UInt32) -> [UInt32] {
        readers.with { scratch in
            scratch.other.set(node: target)
            var distances = [Float](repeating: 0, count: ids.count)
            scratch.other.score(ids, count: ids.count, into: &distances)
            return zip(ids, distances).map { NeighbourKey.make($1, $0) }.sorted().map(NeighbourKey.id)
        }
    }

    /// Links a node with room to one that has a free place; the former drops its farthest link outside of the tree if
    /// it must. Nothing to do when they are linked.
    func linkMakingRoom(_ hub: UInt32, _ id: UInt32, layer: Int) {
        let links = links(hub, layer: layer)
        if links.contains(id) { return }
        if links.count == links.capacity {
            let spare = links.array.filter { !isTreeLink(hub, $0, layer: layer) }
            guard let farthest = sorted(spare, by: hub).last else {
                return noteContradiction("node \(hub) has no room on layer \(layer)")
            }
            removeLink(hub, farthest, layer: layer)
        }
        addLink(hub, id, layer: layer)
    }

    /// Gives new parents to the children of a node that has just lost all its links.
    ///
    /// The tree without the node is one part with its parent and one part for each child. If the node was the root, the
    /// first child's part becomes the main part. Each other child joins the main part: through a link that it has, if
    /// one leads there, else through a new one.
    func adopt(orphans children: [UInt32], parent: UInt32, layer: Int) {
        for child in children { setParent(noRecord, of: child, layer: layer) }
        var waiting = children
        var main = parent
        if main == noRecord && !waiting.isEmpty { main = waiting.removeFirst() }
        while let child = waiting.popLast() {
            let links = links(child, layer: layer)
            let known = links.array.first { neighbour in
                neighbour == main
                    || climb(from: neighbour, layer: layer).map { $0 != child && !waiting.contains($0) } ?? false
            }
            if let known {
                setParent(known, of: child, layer: layer)
            } else {
                let adopter = nodeWithRoom(below: main, near: child, layer: layer)
                linkMakingRoom(adopter, child, layer: layer)
                setParent(adopter, of: child, layer: layer)
            }
        }
    }

    /// The top of the part of the tree that a node is in, or nil when it is more than `climbLimit` steps away.
    private func climb(from node: UInt32, layer: Int) -> UInt32? {
        var at = node
        for _ in 0..<Self.climbLimit {
            let parent = links(at, layer: layer).parent
            if parent == noRecord { return at }
            at = parent
        }
        return nil
    }
}
