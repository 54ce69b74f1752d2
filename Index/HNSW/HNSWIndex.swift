import CVectorKernels
import Synchronization

/// A hierarchical navigable small world graph.
///
/// Source: Yu. A. Malkov, D. A. Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
/// Navigable Small World graphs", 2016 (arXiv 1603.09320). Search is algorithms 2 and 5, insertion algorithm 1,
/// neighbour selection algorithm 4. The level of a node is drawn as in the paper's section 4.1.
///
/// ## Where we depart
///
/// **Links are reciprocal.** If a links to b then b links to a, always. The paper's links have a direction: when a full
/// node drops a link, the other end keeps its own. Then nobody knows who points to a node, and removing it means either
/// a scan of all links or a mark that it is gone. Redis' `hnsw.c` argues for reciprocal links on this ground, and we
/// follow: a node's own links are all there is to repair, removal costs about as much as insertion, and its record is
/// used again at once. The price is that a full node can refuse a link, or drop one that its other end would have kept;
/// `+Link` says how that is decided.
///
/// **Every layer is connected, by construction.** Dropping a link because two nearer neighbours serve as well is no
/// promise that a path is left, and real builds (this one too, without what follows) leave some nodes that no search
/// can reach. So each layer keeps a spanning tree among its links: every node but the layer's root names one of its
/// neighbours as its *parent*. The rule is three sentences long.
///
/// 1. A link between a node and its parent is never dropped while both live.
/// 2. A new node takes a parent among the nodes it was linked to; if all of those refused, the nearest node *with room*
///    (below it in the tree, see `+SpanningTree`) drops one link that is not in the tree and becomes the parent.
/// 3. When a node is removed its children are given new parents outside of their own subtrees.
///
/// A node has room unless all its links are tree links. A leaf of the tree has one tree link and at least four places,
/// so walking down from any node finds room. As links are reciprocal, a layer with a spanning tree is connected in
/// every direction; the entry point lies on every layer; hence every node is reachable on each of its layers, from any
/// other. `validate()` checks all of it. A corollary that the tests use: a search with `ef` at or above the number of
/// nodes visits them all, and is exact.
///
/// The tree costs one word a node and layer. Rejected: checking connectivity after each dropped link (a search each
/// time), and tolerating unreachable nodes until a rebuild (what most implementations do; it loses users' pictures).
///
/// **Selection fills up.** Algorithm 4's `keepPrunedConnections` is on, because a node that is linked to few others is
/// a poorer stepping stone and, with reciprocal links, cannot count on later nodes to point at it.
///
/// ## Limits
/// - Links are made by one thread at a time; what takes longer, the search for what to link to, is done by any number.
///   With m = 16 and efConstruction = 200 the first is a sixth of the whole, so some six threads build six times as
///   fast, and more do not help.
/// - Among more vectors that are equal than `ef`, a search sees only as many as `ef` and may not get past them to
///   something else at the same distance or farther; with `ef` above their number it does.
/// - A search keeps a bit a node and searching thread for what it has visited.
/// - Node numbers are 32 bits wide, offsets 64: up to 4 billion nodes.
///
/// ## Determinism
/// Levels are a pure function of the seed and the number of insertions, ties in distance are broken by node number, and
/// int8 and bin distances are the same to the last bit on every processor: the same operations in the same order, from
/// one thread, give the same graph. Under f32 that holds on machines that run the same kernels.
///
/// ## Thread-safety
/// Everything may be called from any thread at any time. Changes wait for each other under `writer`. Searches and other
/// readers wait for nobody: links are stored and loaded one by one, a link is stored after all that it leads to, and
/// what was removed stays as it was until the last reader that may hold it is done (`ReaderPool`). A caller who uses
/// the number of a node beyond the call that returned it does so inside `pinned`, or knows that nobody removes it.
/// Every stored property is constant, atomic, or guarded by `writer`, which is why the unchecked conformance holds.
///
/// ## Invariants
/// Those that `validate()` lists, between any two changes.
public final class HNSWIndex: @unchecked Sendable {
    /// Values per vector.
    public let dimension: Int
    /// What distances mean.
    public let metric: Metric
    /// The shape of the graph.
    public let parameters: HNSWParameters

    /// How vectors are kept.
    public var quantization: Quantization { nodes.codec.quantization }

    let nodes: NodeStorage
    /// The records of links above layer 0, one a node and layer: the record of the layer below (or noRecord), the head
    /// of a `LinkList`, one word unused, the links; rounded up to 16 bytes.
    let uppers: RecordPool
    let readers: ReaderPool
    let levels: LevelGenerator
    /// Whoever changes the graph holds it.
    let writer = ExclusiveLock()
    /// Memory that readers may still be in, with the epoch in which it was replaced. Under `writer`.
    var retired: [(owners: [AnyObject], epoch: UInt64)] = []
    /// Where contradictions in a file are noted; nil for an index that came from none.
    let faults: (@Sendable (String) -> Void)?
    /// An upper record without links, and one that nobody reads.
    private let nothing: UnsafeMutableRawPointer
    private let sink: UnsafeMutableRawPointer
    /// Removed nodes that readers may still hold, with the epoch in which each was removed. Under `writer`.
    var removed: [(id: UInt32, epoch: UInt64)] = []
    /// A node of the highest layer, or noRecord in an empty index.
    private let entry: Atomic<UInt32>
    private let liveCount: Atomic<Int>
    let freshLinks:
        @convention(c) (
            UnsafePointer<UInt32>?, Int, UnsafeMutablePointer<UInt32>?, UInt32, UnsafeMutablePointer<UInt32>?
        ) -> Int

    /// The most dimensions of a vector.
    public static let dimensionRange = 1...65_536
    /// What levels are drawn from unless told otherwise.
    public static let defaultSeed: UInt64 = 0x4c6f_6f6b_616c_696b

    /// An empty index. Traps when the dimension is out of its range, or the quantization does not support the metric:
    /// callers check what users send.
    public convenience init(
        dimension: Int, metric: Metric = .cosine, quantization: Quantization = .int8,
        parameters: HNSWParameters = HNSWParameters(), seed: UInt64 = HNSWIndex.defaultSeed
    ) {
        precondition(Self.dimensionRange.contains(dimension), "dimension must be in \(Self.dimensionRange)")
        let nodes = NodeStorage(
            codec: VectorCodec(dimension: dimension, metric: metric, quantization: quantization),
            linkCapacity: parameters.linkCapacity(layer: 0))
        self.init(
            parameters: parameters, nodes: nodes,
            uppers: RecordPool(RecordArray(stride: Self.upperStride(parameters: parameters))),
            levels: LevelGenerator(seed: seed, m: parameters.m), entryPoint: noRecord)
    }

    init(
        parameters: HNSWParameters, nodes: NodeStorage, uppers: RecordPool, levels: LevelGenerator, entryPoint: UInt32,
        faults: (@Sendable (String) -> Void)? = nil
    ) {
        dimension = nodes.codec.dimension
        metric = nodes.codec.metric
        self.parameters = parameters
        self.nodes = nodes
        self.uppers = uppers
        self.levels = levels
        entry = Atomic(entryPoint)
        liveCount = Atomic(nodes.count)
        readers = ReaderPool(nodes: nodes)
        freshLinks = lk_kernels_best()!.pointee.fresh_links
        self.faults = faults
        func record() -> UnsafeMutableRawPointer {
            let bytes = Self.upperStride(parameters: parameters) + 64
            let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            memory.storeBytes(of: noRecord, as: UInt32.self)
            memory.storeBytes(of: noRecord, toByteOffset: 4, as: UInt32.self)
            return memory
        }
        nothing = record()
        sink = record()
    }

    deinit {
        nothing.deallocate()
        sink.deallocate()
    }

    /// How many vectors it holds.
    public var count: Int { liveCount.load(ordering: .acquiring) }

    func countChanged(by change: Int) { liveCount.wrappingAdd(change, ordering: .acquiringAndReleasing) }

    var entryPoint: UInt32 { entry.load(ordering: .acquiring) }

    func setEntryPoint(_ id: UInt32) { entry.store(id, ordering: .releasing) }

    /// The layer at which a search begins at an entry point, which may have been removed since it was looked up.
    func entryLevel(_ entry: UInt32) -> Int { max(0, nodes.level(entry)) }

    /// The highest layer in use; 0 for an empty index.
    public var maxLevel: Int {
        readers.with { _ in
            let entry = entryPoint
            return entry == noRecord ? 0 : entryLevel(entry)
        }
    }

    /// Calls `body` in such a way that the numbers of nodes found in it stay theirs: a node removed meanwhile is not
    /// given to another vector before `body` returns.
    public func pinned<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let scratch = readers.begin()
        defer { readers.end(scratch) }
        return try body()
    }

    // MARK: Links

    static func upperStride(parameters: HNSWParameters) -> Int { (16 + 4 * parameters.m + 15) / 16 * 16 }

    /// The links of a node on a layer that it reaches.
    @inline(__always)
    func links(_ id: UInt32, layer: Int) -> LinkList {
        layer == 0 ? nodes.baseLinks(id) : upperList(upperRecord(id, layer: layer))
    }

    /// An empty list where there is no record: only in a file that contradicts itself does a link lead to a layer that
    /// its node does not reach.
    func upperList(_ record: UInt32) -> LinkList {
        let address = record == noRecord ? nothing : uppers.records.address(record)
        return LinkList(head: address + 4, links: address + 16, capacity: parameters.m)
    }

    func mutableUpperList(_ record: UInt32) -> MutableLinkList {
        guard record != noRecord else {
            noteContradiction("a node is linked on a layer that it does not reach")
            let list = MutableLinkList(LinkList(head: sink + 4, links: sink + 16, capacity: parameters.m))
            list.clear(owner: 0)
            return list
        }
        let address = uppers.records.mutableAddress(record)
        return MutableLinkList(LinkList(head: address + 4, links: address + 16, capacity: parameters.m))
    }

    /// The same for the writer.
    func mutableLinks(_ id: UInt32, layer: Int) -> MutableLinkList {
        layer == 0 ? nodes.mutableBaseLinks(id) : mutableUpperList(upperRecord(id, layer: layer))
    }

    /// Records that came from a file were found to contradict each other in a way that no checksum shows. In an index
    /// that was built here it is a mistake of ours.
    func noteContradiction(_ what: String) {
        guard let faults else { preconditionFailure(what) }
        faults(what)
    }

    /// A node's records hang on its head from its highest layer down: whoever comes to a node by a link of an upper
    /// layer mostly comes to its highest. (Of a node that has been removed meanwhile the highest is given: as good.)
    func upperRecord(_ id: UInt32, layer: Int) -> UInt32 {
        let head = nodes.head(id)
        var record = head.upper
        for _ in 0..<max(0, Int(head.state) - 1 - layer) where record != noRecord { record = nextUpper(record) }
        return record
    }

    func nextUpper(_ record: UInt32) -> UInt32 {
        lk_load(uppers.records.address(record).assumingMemoryBound(to: UInt32.self))
    }

    /// One more than the highest number ever given to a node.
    public var slotCount: Int { nodes.slotCount }

    /// Whether a node of that number exists.
    public func contains(_ id: NodeID) -> Bool { nodes.isLive(id.rawValue) }

    /// The vector of a node in the form that the metric compares (unit length under cosine, a zero vector as it is), in
    /// the best precision kept, and what it was divided by. The node must exist.
    public func vector(_ id: NodeID) -> (values: [Float], norm: Float) {
        precondition(contains(id), "no such node")
        let origin = nodes.codec.origin
        let values = [Float](unsafeUninitializedCapacity: dimension) { buffer, initialised in
            nodes.copyVector(id.rawValue, into: buffer.baseAddress!)
            initialised = dimension
            if origin != 0 { for i in 0..<dimension { buffer[i] += origin } }
        }
        return (values, nodes.head(id.rawValue).norm)
    }

    /// Where the vector of a node is kept: a record of an array, which is asked for by those who want to know whether
    /// it is whole. The node must exist.
    public func vectorRecord(_ id: NodeID) -> (array: HNSWArray, record: Int) {
        precondition(contains(id), "no such node")
        let record = nodes.head(id.rawValue).vector
        return record == noRecord ? (.codes, Int(id.rawValue)) : (.vectors, Int(record))
    }

    /// The neighbours of a node on a layer from 0 to its level, in no particular order. The node must exist.
    public func links(_ id: NodeID, layer: Int) -> [NodeID] {
        precondition(contains(id), "no such node")
        precondition((0...level(id)).contains(layer), "the node does not reach that layer")
        return links(id.rawValue, layer: layer).array.map(NodeID.init(rawValue:))
    }

    /// The same with their distances to the node in full precision, nearest first.
    public func neighbours(_ id: NodeID, layer: Int) -> [Neighbour] {
        let ids = links(id, layer: layer).map(\.rawValue)
        return readers.with { scratch in
            scratch.query.set(node: id.rawValue, inFull: true)
            var distances = [Float](repeating: 0, count: ids.count)
            scratch.query.rescore(ids, count: ids.count, into: &distances)
            return zip(ids, distances).map { Neighbour(id: NodeID(rawValue: $0), distance: $1) }.sorted()
        }
    }

    /// The highest layer of a node, which must exist.
    public func level(_ id: NodeID) -> Int {
        precondition(contains(id), "no such node")
        return nodes.level(id.rawValue)
    }
}
