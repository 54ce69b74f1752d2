/// What `validate()` found.
public struct HNSWValidation: Sendable, Equatable {
    /// Nodes in the index.
    public var nodes = 0
    /// Pairs of a node and one of its layers where the layer's links do not lead to it from the entry point.
    public var unreachable = 0
    /// What is wrong, one line each, at most `issueLimit` of them.
    public var issues: [String] = []

    /// How many issues are kept.
    public static let issueLimit = 100

    /// Whether every invariant holds.
    public var isSound: Bool { unreachable == 0 && issues.isEmpty }

    mutating func add(_ issue: @autoclosure () -> String) {
        if issues.count < Self.issueLimit { issues.append(issue()) }
    }
}

extension HNSWIndex {
    /// Checks every invariant of the graph: O(nodes x links). Changes wait meanwhile, searches do not.
    ///
    /// - Records: free and live ones add up, and none is both; a node's upper records are as many as its level; nothing
    ///   is used twice.
    /// - Vectors: finite; under cosine of unit length or all zero; norms positive and finite.
    /// - Links: within capacity, to live nodes that reach the layer, never to oneself, never twice, and reciprocal; the
    ///   node's own number in all other places.
    /// - Tree: each layer has one root; every parent is a neighbour; from the root, children lead to all nodes.
    /// - Entry point: on the highest layer. Every node of a layer is reachable from it over that layer's links.
    public func validate() -> HNSWValidation { writer.withLock { validateLocked() } }

    /// Checks every block of records that came from a file and has not been used yet.
    public func checkAllRecords() {
        readers.with { _ in
            for array in HNSWArray.allCases { records(array)?.checkAll() }
        }
    }

    private func validateLocked() -> HNSWValidation {
        reclaim()
        var report = HNSWValidation()
        report.nodes = count
        let live = (0..<UInt32(slotCount)).filter { nodes.head($0).state != 0 }
        checkRecords(live, &report)
        guard report.isSound else { return report }
        let top = live.map { nodes.level($0) }.max() ?? 0
        guard !live.isEmpty else {
            if entryPoint != noRecord { report.add("an empty index has entry point \(entryPoint)") }
            return report
        }
        guard entryPoint != noRecord, nodes.isLive(entryPoint), nodes.level(entryPoint) == top else {
            report.add("the entry point is not a node of the highest layer")
            return report
        }
        for layer in 0...top {
            let members = live.filter { nodes.level($0) >= layer }
            let issuesBefore = report.issues.count
            checkLinks(members, layer: layer, &report)
            if report.issues.count == issuesBefore { checkReachability(members, layer: layer, &report) }
        }
        return report
    }

    private func checkRecords(_ live: [UInt32], _ report: inout HNSWValidation) {
        if live.count != count { report.add("\(live.count) live records but a count of \(count)") }
        let free = checkFreeList(nodes.heads, "nodes", used: Set(live), &report)
        if free + live.count + removed.count != slotCount { report.add("nodes are neither live nor free") }
        var seen: Set<UInt32> = []
        var vectors: Set<UInt32> = []
        for id in live {
            var record = nodes.head(id).upper
            for _ in 0..<nodes.level(id) {
                guard record != noRecord, Int(record) < uppers.records.count, seen.insert(record).inserted else {
                    report.add("node \(id) lacks a record of its own for each of its layers")
                    record = noRecord
                    break
                }
                record = nextUpper(record)
            }
            if record != noRecord { report.add("node \(id) has more upper records than layers") }
            let vector = nodes.head(id).vector
            if vector != noRecord && !(Int(vector) < nodes.vectors.records.count && vectors.insert(vector).inserted) {
                report.add("node \(id) lacks a record of its own for its vector")
                continue
            }
            checkVector(id, &report)
        }
        _ = checkFreeList(uppers, "upper records", used: seen, &report)
        _ = checkFreeList(nodes.vectors, "vectors", used: vectors, &report)
        // Removed nodes that a reader may be on still hold theirs.
        guard removed.isEmpty else { return }
        if seen.count != uppers.count { report.add("upper records are neither used nor free") }
        if vectors.count != nodes.vectors.count { report.add("vector records are neither used nor free") }
    }

    /// Follows a list of free records, none of which may be in use: what is inserted next would get it. How many it
    /// has.
    private func checkFreeList(
        _ pool: RecordPool, _ what: String, used: Set<UInt32>, _ report: inout HNSWValidation
    ) -> Int {
        var free: Set<UInt32> = []
        var slot = pool.freeHead
        while slot != noRecord {
            guard Int(slot) < pool.records.count, !used.contains(slot), free.insert(slot).inserted else {
                report.add("the list of free \(what) is broken at \(slot)")
                break
            }
            slot = pool.records.address(slot).load(as: UInt32.self)
        }
        if free.count != pool.freeCount { report.add("the list of free \(what) has another length than it says") }
        return free.count
    }

    private func checkVector(_ id: UInt32, _ report: inout HNSWValidation) {
        let (values, norm) = vector(NodeID(rawValue: id))
        if !(norm > 0 && norm.isFinite) { report.add("node \(id) has norm \(norm)") }
        if !values.allSatisfy(\.isFinite) { report.add("node \(id) has a value that is no finite number") }
        if metric == .cosine {
            let length = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            if length != 0 && abs(length - 1) > 1e-3 { report.add("node \(id) has a vector of length \(length)") }
        }
    }

    private func checkLinks(_ members: [UInt32], layer: Int, _ report: inout HNSWValidation) {
        var roots = 0
        for id in members {
            let links = links(id, layer: layer)
            guard links.count <= links.capacity else {
                report.add("node \(id) has \(links.count) links on layer \(layer)")
                continue
            }
            let neighbours = links.array
            if (links.count..<links.capacity).contains(where: { links[$0] != id }) {
                report.add("node \(id) has something in an unused place on layer \(layer)")
            }
            if Set(neighbours).count != neighbours.count { report.add("node \(id) has a link twice on layer \(layer)") }
            for neighbour in neighbours {
                if neighbour == id {
                    report.add("node \(id) links to itself on layer \(layer)")
                } else if !nodes.isLive(neighbour) || nodes.level(neighbour) < layer {
                    report.add("node \(id) links to \(neighbour), which is not on layer \(layer)")
                } else if !self.links(neighbour, layer: layer).contains(id) {
                    report.add("node \(neighbour) does not link back to \(id) on layer \(layer)")
                }
            }
            if links.parent == noRecord {
                roots += 1
            } else if !neighbours.contains(links.parent) {
                report.add("the parent of node \(id) on layer \(layer) is no neighbour")
            }
        }
        if roots != 1 { report.add("layer \(layer) has \(roots) roots") }
    }

    private func checkReachability(_ members: [UInt32], layer: Int, _ report: inout HNSWValidation) {
        report.unreachable += members.count - reach(from: entryPoint, layer: layer, treeOnly: false)
        for id in members where links(id, layer: layer).parent == noRecord {
            let spanned = reach(from: id, layer: layer, treeOnly: true)
            if spanned != members.count {
                report.add("the tree of layer \(layer) spans \(spanned) of \(members.count) nodes")
            }
        }
    }

    /// How many nodes of a layer a walk over its links, or only from parents to children, finds.
    private func reach(from start: UInt32, layer: Int, treeOnly: Bool) -> Int {
        var seen = [Bool](repeating: false, count: slotCount)
        var open = [start]
        seen[Int(start)] = true
        var reached = 0
        while let id = open.popLast() {
            reached += 1
            for neighbour in links(id, layer: layer).array where !seen[Int(neighbour)] {
                if treeOnly && links(neighbour, layer: layer).parent != id { continue }
                seen[Int(neighbour)] = true
                open.append(neighbour)
            }
        }
        return reached
    }
}
