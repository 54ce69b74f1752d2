/// What an image must be as a whole.
///
/// A search needs numbers in their ranges, which is seen to block by block (`RecordAdmission`). A change relies on
/// more: taking a node out makes room in the nodes it is linked to only if they are linked back, a record that two
/// nodes share would be freed twice, and a walk down the spanning tree ends only if there is no circle in it. That is
/// checked here, when somebody asks for it: O(nodes + links), each list of links read once. It cannot be a condition of
/// opening a file, since that must not take longer for a larger one.
///
/// That links are reciprocal is checked without looking for each one's counterpart, which would be a search in another
/// record for every link. Every link a -> b on a layer has a number that depends on the unordered pair, the layer and a
/// random key; the numbers of links with a < b are added to a sum, those with a > b subtracted. If all are reciprocal
/// the sum is 0. If not it is 0 by a chance of about 2 to the -64th, which nobody who does not know the key can better.
extension HNSWIndex {
    /// Throws `inconsistent` unless the records are a graph as `HNSWIndex` has it, whatever its vectors. Changes wait.
    public func checkStructure() throws(HNSWImageError) {
        try writer.withLock { () throws(HNSWImageError) in try checkStructureLocked() }
    }

    private func checkStructureLocked() throws(HNSWImageError) {
        var members: [[UInt32]] = []
        var usedNodes = [Bool](repeating: false, count: slotCount)
        var usedVectors = [Bool](repeating: false, count: nodes.vectors.records.count)
        var usedUppers = [Bool](repeating: false, count: uppers.records.count)
        for id in 0..<UInt32(slotCount) where nodes.head(id).state != 0 {
            guard nodes.head(id).state <= HNSWParameters.levelLimit + 1 else {
                throw .inconsistent("node \(id) has level \(nodes.level(id))")
            }
            usedNodes[Int(id)] = true
            let level = nodes.level(id)
            while members.count <= level { members.append([]) }
            for layer in 0...level { members[layer].append(id) }
            var record = nodes.head(id).upper
            for layer in 1..<(level + 1) {
                guard Int(record) < uppers.records.count, !usedUppers[Int(record)] else {
                    throw .inconsistent("node \(id) lacks a record of its own for layer \(layer)")
                }
                usedUppers[Int(record)] = true
                record = nextUpper(record)
            }
            guard record == noRecord else { throw .inconsistent("node \(id) has more upper records than layers") }
            let vector = nodes.head(id).vector
            if vector == noRecord {
                guard nodes.codec.quantization != .bin else { throw .inconsistent("node \(id) has no vector") }
                continue
            }
            guard nodes.codec.quantization != .f32, Int(vector) < usedVectors.count, !usedVectors[Int(vector)] else {
                throw .inconsistent("node \(id) lacks a record of its own for its vector")
            }
            usedVectors[Int(vector)] = true
        }
        let live = members.first?.count ?? 0
        guard live == count else { throw .inconsistent("there are \(live) nodes instead of \(count)") }
        for (id, _) in removed {
            guard !usedNodes[Int(id)] else { throw .inconsistent("node \(id) is in use and removed") }
            usedNodes[Int(id)] = true
            var record = nodes.head(id).upper
            while record != noRecord, !usedUppers[Int(record)] {
                usedUppers[Int(record)] = true
                record = nextUpper(record)
            }
            let vector = nodes.head(id).vector
            if vector != noRecord { usedVectors[Int(vector)] = true }
        }
        guard entryPoint == noRecord ? live == 0 : members.last?.contains(entryPoint) ?? false else {
            throw .inconsistent("the entry point is no node of the highest layer")
        }
        try checkFreeList(nodes.heads, "nodes", &usedNodes)
        try checkFreeList(uppers, "upper records", &usedUppers)
        try checkFreeList(nodes.vectors, "vectors", &usedVectors)
        var key = SystemRandomNumberGenerator()
        for (layer, members) in members.enumerated() {
            try checkLinks(of: members, layer: layer, key: key.next())
            try checkTree(of: members, layer: layer)
        }
    }

    /// Checks that the records not in use are those on the list of free ones.
    private func checkFreeList(_ pool: RecordPool, _ what: String, _ used: inout [Bool]) throws(HNSWImageError) {
        var slot = pool.freeHead
        for _ in 0..<pool.freeCount {
            guard Int(slot) < pool.records.count, !used[Int(slot)] else {
                throw .inconsistent("the list of free \(what) is broken")
            }
            used[Int(slot)] = true
            slot = pool.records.address(slot).load(as: UInt32.self)
        }
        guard slot == noRecord else { throw .inconsistent("the list of free \(what) does not end") }
        guard used.allSatisfy({ $0 }) else { throw .inconsistent("there are \(what) neither in use nor free") }
    }

    private func checkLinks(of members: [UInt32], layer: Int, key: UInt64) throws(HNSWImageError) {
        let capacity = parameters.linkCapacity(layer: layer)
        /// For each node the last one that was seen to link to it, plus one.
        var seenFrom = [UInt32](repeating: 0, count: slotCount)
        var balance: UInt64 = 0
        for id in members {
            let links = links(id, layer: layer)
            let count = links.count
            guard count <= capacity else { throw .inconsistent("node \(id) has \(count) links on layer \(layer)") }
            var hasParent = links.parent == noRecord
            for i in 0..<count {
                let other = links[i]
                guard Int(other) < slotCount, other != id, Int(nodes.head(other).state) > layer else {
                    throw .inconsistent("node \(id) links to \(other), which is not on layer \(layer)")
                }
                guard seenFrom[Int(other)] != id + 1 else {
                    throw .inconsistent("node \(id) links to \(other) twice on layer \(layer)")
                }
                seenFrom[Int(other)] = id + 1
                if other == links.parent { hasParent = true }
                let number = Self.pairNumber(id, other, key: key)
                balance = id < other ? balance &+ number : balance &- number
            }
            for i in count..<capacity where links[i] != id {
                throw .inconsistent("node \(id) has a number in an unused place on layer \(layer)")
            }
            guard hasParent else {
                throw .inconsistent("the parent of node \(id) on layer \(layer) is no neighbour")
            }
        }
        guard balance == 0 else { throw .inconsistent("links on layer \(layer) are not reciprocal") }
    }

    /// A number of an unordered pair that cannot be foreseen without the key: two rounds of SplitMix64's finalizer.
    private static func pairNumber(_ a: UInt32, _ b: UInt32, key: UInt64) -> UInt64 {
        var z = (UInt64(min(a, b)) << 32 | UInt64(max(a, b))) ^ key
        for _ in 0..<2 {
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z = (z ^ (z >> 31)) &+ key
        }
        return z
    }

    /// Checks that a layer, whose parents are known to be members, is one tree.
    private func checkTree(of members: [UInt32], layer: Int) throws(HNSWImageError) {
        /// For each node the start, plus one, of the first walk towards the root that came by.
        var walkedFrom = [UInt32](repeating: 0, count: slotCount)
        var roots = 0
        for start in members {
            var at = start
            while walkedFrom[Int(at)] == 0 {
                walkedFrom[Int(at)] = start + 1
                let parent = links(at, layer: layer).parent
                if parent == noRecord {
                    roots += 1
                    break
                }
                guard walkedFrom[Int(parent)] != start + 1 else {
                    throw .inconsistent("the parents of node \(start) on layer \(layer) go in a circle")
                }
                at = parent
            }
        }
        guard roots == 1 else { throw .inconsistent("layer \(layer) has \(roots) roots") }
    }
}
