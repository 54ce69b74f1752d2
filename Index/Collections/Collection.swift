import Dispatch
import HNSW
import Storage
import Synchronization

/// A named set of elements that can be searched by likeness.
///
/// Made and changed through its `Store`; what can be read of it is here. A collection that has been dropped stays
/// readable for whoever still holds it, and takes no changes.
///
/// ## Damage
/// The contents lie in a mapped snapshot, of which a block is checked when it is first touched. When one is not as it
/// was written, or the records in it contradict each other, whatever was being read is of no use: the call throws
/// `corrupt`, and so does every later one, since nobody can say what else is missing. `repair` saves what can be saved.
///
/// ## Thread-safety
/// All methods may be called from any thread. Three locks, outermost first:
/// - `checkpointing` is held for the whole of a checkpoint, so that there is one at a time. It guards the generation.
/// - `writer` is held while a change is written to the log and made in memory, and for the two short moments in which a
///   checkpoint begins and ends. It guards the logs, `isDropped`, and that the contents are changed by one thread only.
///   Its holder may read the contents without the other lock.
/// - `contents` is the readers-writer lock of the table of elements, and of which blob files there are. A change holds
///   it for writing only while the table is changed: some hash table operations. A search holds it for reading while it
///   looks up names; a filtered search, which asks for attributes on its way, from begin to end.
///
/// The graph needs none of them: see `HNSWIndex`. A node that has no element is one that was put into the graph or
/// taken out of the table a moment ago; a search passes over it.
///
/// Every stored property that varies is guarded by one of them as said, or atomic, which is why the unchecked
/// conformance holds.
public final class Collection: @unchecked Sendable {
    private let currentName: Mutex<CollectionName>
    /// What was fixed when it was made.
    public let configuration: CollectionConfiguration
    /// A number that no other collection of the store has or had.
    public let uid: UInt64

    let context: StoreContext
    let folder: String

    let graph: HNSWIndex
    let filterCache = FilterCache()
    /// Damage that was come upon.
    let faults: FaultLog
    /// The manifest's `efSearch`, for searches, which cannot wait for a manifest to be written. Stored under
    /// `manifestLock`; any thread may load it.
    let storedEFSearch = Atomic<UInt32>(0)

    // Under `contents`.
    let contents = ReadersWriterLock()
    let elements: ElementTable
    /// The files of thumbnails by number. Replaced under `writer` too.
    var blobs: [UInt64: BlobFile]

    // Under `writer`.
    let writer = ExclusiveLock()
    private let logs: Mutex<[WriteAheadLog]>
    var isDropped = false
    /// The blob file that new thumbnails go to.
    var appending: BlobFile?
    /// Whether there was one since a checkpoint began.
    var hasAppendedBlob = false

    // Under `checkpointing`.
    let checkpointing = ExclusiveLock()
    var generation: UInt64
    var hasSnapshot: Bool
    /// The first blob file in use. Under `writer` too.
    var blobNumber: UInt64

    /// The length of the logs at which the next checkpoint is due.
    let checkpointDue: Atomic<UInt64>
    /// When the first change since the last checkpoint was made, in seconds of an unspecified clock; 0 if there was
    /// none.
    private let firstChange = Atomic<UInt64>(0)

    /// The files with changes that may not be durable yet.
    struct Unsynced: Sendable {
        var log: WriteAheadLog?
        var blobs: BlobFile?
    }
    let unsynced = Mutex(Unsynced())
    /// Why the last checkpoint that the store began by itself did not come about.
    let checkpointFailure = Mutex<StoreError?>(nil)

    init(
        name: CollectionName, configuration: CollectionConfiguration, uid: UInt64, context: StoreContext,
        graph: HNSWIndex, elements: ElementTable, faults: FaultLog, blobs: [UInt64: BlobFile], logs: [WriteAheadLog],
        entry: Manifest.Entry
    ) {
        currentName = Mutex(name)
        self.configuration = configuration
        self.uid = uid
        self.context = context
        self.graph = graph
        self.elements = elements
        self.faults = faults
        self.blobs = blobs
        self.logs = Mutex(logs)
        generation = entry.generation
        hasSnapshot = entry.hasSnapshot
        blobNumber = entry.blobFile
        appending = blobs.max { $0.key < $1.key }?.value
        folder = context.collectionFolder(uid)
        checkpointDue = Atomic(context.options.checkpointLogBytes)
        if !logs.allSatisfy(\.isEmpty) { noteChange() }
    }

    /// Its name in the store.
    public internal(set) var name: CollectionName {
        get { currentName.withLock { $0 } }
        set { currentName.withLock { $0 = newValue } }
    }

    // MARK: Logs

    /// The log that changes go to. Another one is begun under `writer` only, but any thread may ask.
    var log: WriteAheadLog { logs.withLock { $0[$0.count - 1] } }

    /// All logs since the snapshot, in order.
    var allLogs: [WriteAheadLog] { logs.withLock { $0 } }

    /// Bytes of all logs.
    var logBytes: UInt64 { logs.withLock { $0.reduce(0) { $0 + $1.length } } }

    /// Has changes go to a new log. Under `writer`.
    func begin(_ log: WriteAheadLog) { logs.withLock { $0.append(log) } }

    /// Lets go of the logs of earlier generations. Under `writer`.
    func dropLogs(before generation: UInt64) { logs.withLock { $0.removeAll { $0.generation < generation } } }

    func noteChange() {
        let now = DispatchTime.now().uptimeNanoseconds / 1_000_000_000 + 1
        _ = firstChange.compareExchange(expected: 0, desired: now, ordering: .relaxed)
    }

    func forgetChanges() { firstChange.store(0, ordering: .relaxed) }

    /// Seconds since the first change that no snapshot has.
    var secondsUnsaved: UInt64 {
        let first = firstChange.load(ordering: .relaxed)
        return first == 0 ? 0 : DispatchTime.now().uptimeNanoseconds / 1_000_000_000 + 1 - first
    }

    // MARK: Reading

    /// Throws if damage has been come upon.
    package func checkIntact() throws(StoreError) {
        if let fault = faults.first { throw fault }
    }

    /// What was read, unless damage was come upon on the way.
    func intact<Result>(_ body: () -> Result) throws(StoreError) -> Result {
        let result = body()
        try checkIntact()
        return result
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
    public func contains(_ name: ElementName) throws(StoreError) -> Bool {
        try intact { contents.read { elements.id(of: name) != nil } }
    }

    /// All names in the order of `ElementName`. Sorted at the first call after a name came or went, then kept.
    public func names() throws(StoreError) -> [ElementName] { try intact { contents.read { elements.names } } }

    /// The vector of an element as it is stored and the number it was divided by, or nil if there is no such element.
    /// Under cosine the vector has length 1; a zero vector is left as it is, with norm 1.
    public func vector(of name: ElementName) throws(StoreError) -> (unit: [Float], norm: Float)? {
        try withNode(of: name) { id in
            let stored = graph.vector(id)
            return (unit: stored.values, norm: stored.norm)
        }
    }

    /// The attributes of an element, or nil if it has none or does not exist.
    public func attributes(of name: ElementName) throws(StoreError) -> [UInt8]? {
        try intact { contents.read { elements.id(of: name).flatMap { elements.attributes($0) } } }
    }

    /// The thumbnail of an element, or nil if it has none or does not exist. Read from its file, and checked: throws
    /// `corrupt` when it is not as it was written.
    public func thumbnail(of name: ElementName) throws(StoreError) -> [UInt8]? {
        let found: (BlobReference, BlobFile)? = try intact {
            contents.read {
                guard let reference = elements.id(of: name).flatMap({ elements[$0]?.thumbnail }),
                    let file = blobs[reference.file]
                else { return nil }
                return (reference, file)
            }
        }
        // The file stays open as long as it is held here, whatever a checkpoint does to its name.
        guard let (reference, file) = found else { return nil }
        return try file.read(reference)
    }

    /// The neighbours of an element in the graph, with their distances to it: for each of its layers from the highest
    /// to layer 0, nearest first. Nil if there is no such element.
    public func links(of name: ElementName) throws(StoreError) -> [[Hit]]? {
        try withNode(of: name) { id in
            (0...graph.level(id)).reversed().map { layer in
                graph.neighbours(id, layer: layer).compactMap(hit)
            }
        }
    }

    /// Calls `body` with the node of an element, which stays that for as long; nil if there is none. Under `contents`:
    /// a node is taken out of the graph only after its element has gone from the table. Pinned, because memory may go
    /// over to another snapshot meanwhile.
    private func withNode<Result>(of name: ElementName, _ body: (NodeID) -> Result) throws(StoreError) -> Result? {
        try intact {
            graph.pinned {
                contents.read { elements.id(of: name).flatMap { graph.contains($0) ? body($0) : nil } }
            }
        }
    }

    /// The hit of a node, or nil if it has no element. Under `contents`.
    func hit(_ neighbour: Neighbour) -> Hit? {
        elements.name(neighbour.id).map { hit($0, neighbour) }
    }

    /// The hit of a node of that name.
    func hit(_ name: ElementName, _ neighbour: Neighbour) -> Hit {
        let distance = configuration.metric == .cosine ? min(max(neighbour.distance, 0), 2) : neighbour.distance
        return Hit(name: name, distance: distance)
    }
}
