/// A hierarchical navigable small world graph over float32 vectors.
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
/// - One thread builds at a time, and not while others search.
/// - Among more vectors that are equal than `ef`, a search sees only as many as `ef` and may not get past them to
///   something else at the same distance or farther; with `ef` above their number it does.
/// - A search keeps two bytes a node and searching thread for what it has visited.
///
/// ## Determinism
/// Levels are a pure function of the seed and the number of insertions, and ties in distance are broken by node number:
/// the same operations in the same order give the same graph, bit for bit, on machines that run the same kernels.
///
/// ## Thread-safety
/// Any number of threads may search (and read properties) at once. `insert`, `remove`, `update` and `reserve` need the
/// index for themselves; the owner provides the exclusion. Under that contract the only state that concurrent calls
/// share and change is the pool of scratch space, which has its own lock; that is why the unchecked conformance holds.
///
/// ## Invariants
/// Those that `validate()` lists, between any two operations.
public final class HNSWIndex: VectorIndex, @unchecked Sendable {
    /// Values per vector.
    public let dimension: Int
    /// What distances mean.
    public let metric: Metric
    /// The shape of the graph.
    public let parameters: HNSWParameters

    let nodes: NodeStorage
    let uppers: RecordArray
    let scratchPool: SearchScratchPool
    var levels: LevelGenerator
    /// A node of the highest layer, or noRecord in an empty index.
    var entryPoint = noRecord

    /// The most dimensions of a vector.
    public static let dimensionRange = 1...65_536
    /// What levels are drawn from unless told otherwise.
    public static let defaultSeed: UInt64 = 0x4c6f_6f6b_616c_696b

    /// An empty index.
    public convenience init(
        dimension: Int, metric: Metric = .cosine, parameters: HNSWParameters = HNSWParameters(),
        seed: UInt64 = HNSWIndex.defaultSeed
    ) {
        precondition(Self.dimensionRange.contains(dimension), "dimension must be in \(Self.dimensionRange)")
        let nodes = NodeStorage(
            dimension: dimension, linkCapacity: parameters.linkCapacity(layer: 0), metric: metric)
        self.init(
            metric: metric, parameters: parameters, nodes: nodes,
            uppers: RecordArray(stride: GraphView.upperStride(m: parameters.m)),
            levels: LevelGenerator(seed: seed, m: parameters.m), entryPoint: noRecord)
    }

    init(
        metric: Metric, parameters: HNSWParameters, nodes: NodeStorage, uppers: RecordArray, levels: LevelGenerator,
        entryPoint: UInt32
    ) {
        dimension = nodes.layout.dimension
        self.metric = metric
        self.parameters = parameters
        self.nodes = nodes
        self.uppers = uppers
        self.levels = levels
        self.entryPoint = entryPoint
        scratchPool = SearchScratchPool(linkCapacity: nodes.layout.linkCapacity, dimension: dimension)
    }

    var view: GraphView {
        GraphView(nodes: nodes.view, uppers: uppers.view, kernel: nodes.kernel, m: parameters.m)
    }

    /// How many vectors it holds.
    public var count: Int { nodes.count }

    /// The highest layer in use; 0 for an empty index.
    public var maxLevel: Int { entryPoint == noRecord ? 0 : nodes.view.level(entryPoint) }

    /// One more than the highest number ever given to a node.
    public var slotCount: Int { nodes.records.count }

    /// Whether a node of that number exists.
    public func contains(_ id: NodeID) -> Bool { nodes.isLive(id.rawValue) }

    /// The stored form of a node's vector (unit length under cosine, a zero vector as it is) and what it was divided
    /// by. The node must exist.
    public func vector(_ id: NodeID) -> (values: [Float], norm: Float) {
        precondition(contains(id), "no such node")
        let view = nodes.view
        let values = [Float](UnsafeBufferPointer(start: view.vector(id.rawValue), count: dimension))
        return (values, view.norm(id.rawValue))
    }

    /// The neighbours of a node on a layer from 0 to its level, in no particular order. The node must exist.
    public func links(_ id: NodeID, layer: Int) -> [NodeID] {
        precondition(contains(id), "no such node")
        precondition((0...level(id)).contains(layer), "the node does not reach that layer")
        return view.links(id.rawValue, layer: layer).array.map(NodeID.init(rawValue:))
    }

    /// The same with their distances to the node, nearest first.
    public func neighbours(_ id: NodeID, layer: Int) -> [Neighbour] {
        links(id, layer: layer)
            .map { Neighbour(id: $0, distance: view.distance(id.rawValue, $0.rawValue)) }
            .sorted()
    }

    /// The highest layer of a node, which must exist.
    public func level(_ id: NodeID) -> Int {
        precondition(contains(id), "no such node")
        return nodes.view.level(id.rawValue)
    }
}
