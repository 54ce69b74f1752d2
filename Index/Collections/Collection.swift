import HNSW
import Storage
import Synchronization

/// A named set of elements that can be searched by likeness.
///
/// Made and changed through its `Store`; what can be read of it is here. A collection that has been dropped stays
/// readable for whoever still holds it, and takes no changes.
///
/// ## Thread-safety
/// All methods may be called from any thread. Two locks:
/// - `writer` is held for the whole of a change or a checkpoint. It guards the log, the generation, `isDropped`, and
///   that the contents are changed by one thread only. Its holder may read the contents without the other lock.
/// - `contents` is the readers-writer lock of the table of elements, and of which blob file is in use. A change holds it
///   for writing only while the table is changed: some hash table operations. A search holds it for reading while it
///   looks up names; a filtered search, which asks for attributes on its way, from begin to end.
///
/// The graph needs neither: see `HNSWIndex`. A node that has no element is one that was put into the graph or taken out
/// of the table a moment ago; a search passes over it.
///
/// Every stored property that varies is guarded by one of them as said, which is why the unchecked conformance holds.
public final class Collection: @unchecked Sendable {
    /// Its name in the store.
    public let name: CollectionName
    /// What was fixed when it was made.
    public let configuration: CollectionConfiguration
    /// A number that no other collection of the store has or had.
    public let uid: UInt64

    let context: StoreContext
    let folder: String

    let graph: HNSWIndex
    let filterCache = FilterCache()

    // Under `contents`.
    let contents = ReadersWriterLock()
    let elements: ElementTable
    var blobs: BlobFile?

    // Under `writer`.
    let writer = ExclusiveLock()
    private let currentLog: Mutex<WriteAheadLog>
    /// Replaced under `writer` only, but any thread may ask which it is and how long.
    var log: WriteAheadLog {
        get { currentLog.withLock { $0 } }
        set { currentLog.withLock { $0 = newValue } }
    }
    var generation: UInt64
    var hasSnapshot: Bool
    var blobNumber: UInt64
    var isDropped = false
    /// The log's length at which the next checkpoint is due.
    var checkpointDue: UInt64

    /// The files with changes that may not be durable yet.
    struct Unsynced: Sendable {
        var log: WriteAheadLog?
        var blobs: BlobFile?
    }
    let unsynced = Mutex(Unsynced())
    /// Why the last checkpoint that was begun because the log had grown did not come about.
    let checkpointFailure = Mutex<StoreError?>(nil)

    init(
        name: CollectionName, configuration: CollectionConfiguration, uid: UInt64, context: StoreContext,
        graph: HNSWIndex, elements: ElementTable, blobs: BlobFile?, log: WriteAheadLog, generation: UInt64,
        hasSnapshot: Bool, blobNumber: UInt64
    ) {
        self.name = name
        self.configuration = configuration
        self.uid = uid
        self.context = context
        self.graph = graph
        self.elements = elements
        self.blobs = blobs
        currentLog = Mutex(log)
        self.generation = generation
        self.hasSnapshot = hasSnapshot
        self.blobNumber = blobNumber
        folder = context.collectionFolder(uid)
        checkpointDue = context.options.checkpointLogBytes
    }

    /// How many elements there are.
    public var count: Int { contents.read { elements.count } }

    /// The highest layer of the graph.
    public var maxLevel: Int { graph.maxLevel }

    /// The highest node number in use, or nil when there are no elements.
    public var maxNodeID: NodeID? { contents.read { elements.maxNodeID } }

    /// How many elements have attributes.
    public var attributesCount: Int { contents.read { elements.attributesCount } }

    /// Whether there is an element of that name.
    public func contains(_ name: ElementName) -> Bool { contents.read { elements.id(of: name) != nil } }

    /// All names in the order of `ElementName`. Sorted at the first call after a name came or went, then kept.
    public func names() -> [ElementName] { contents.read { elements.names } }

    /// The vector of an element as it is stored and the number it was divided by, or nil if there is no such element.
    /// Under cosine the vector has length 1; a zero vector is left as it is, with norm 1.
    public func vector(of name: ElementName) -> (unit: [Float], norm: Float)? {
        contents.read {
            elements.id(of: name).map { id in
                let stored = graph.vector(id)
                return (unit: stored.values, norm: stored.norm)
            }
        }
    }

    /// The attributes of an element, or nil if it has none or does not exist.
    public func attributes(of name: ElementName) -> [UInt8]? {
        contents.read { elements.id(of: name).flatMap { elements[$0]?.attributes } }
    }

    /// The thumbnail of an element, or nil if it has none or does not exist. Read from its file, and checked: throws
    /// `corrupt` when it is not as it was written.
    public func thumbnail(of name: ElementName) throws(StoreError) -> [UInt8]? {
        let found: (BlobReference, BlobFile)? = contents.read {
            guard let reference = elements.id(of: name).flatMap({ elements[$0]?.thumbnail }), let blobs else {
                return nil
            }
            return (reference, blobs)
        }
        // The file stays open as long as it is held here, whatever a checkpoint does to its name.
        guard let (reference, file) = found else { return nil }
        return try file.read(reference)
    }

    /// The neighbours of an element in the graph, with their distances to it: for each of its layers from the highest
    /// to layer 0, nearest first. Nil if there is no such element.
    public func links(of name: ElementName) -> [[Hit]]? {
        contents.read {
            guard let id = elements.id(of: name) else { return nil }
            return graph.pinned {
                (0...graph.level(id)).reversed().map { layer in
                    graph.neighbours(id, layer: layer).compactMap(hit)
                }
            }
        }
    }

    /// The hit of a node, or nil if it has no element. Under `contents`.
    func hit(_ neighbour: Neighbour) -> Hit? {
        guard let element = elements[neighbour.id] else { return nil }
        let distance = configuration.metric == .cosine ? min(max(neighbour.distance, 0), 2) : neighbour.distance
        return Hit(name: element.name, distance: distance)
    }
}
