import Filters
import HNSW
import Storage
import Synchronization

/// What a collection knows of its elements besides their vectors: names both ways, attributes, and where thumbnails
/// lie.
///
/// In three layers, of which an upper one hides what it has an entry for: what changed since the snapshot in the making
/// was begun (`live`), what changed before since the last one (`frozen`, only while one is in the making), and the
/// mapped snapshot (`base`). Only what changed since the last snapshot is in memory. Beginning a snapshot moves the
/// layers on, and so does finishing it: neither takes time.
///
/// Thread-safety: none of its own: many readers or one writer, under the collection's lock. The sorted names are made
/// by whoever asks first, a reader, so they have a lock of their own.
final class ElementTable {
    /// Changes: what is under a number now, nothing included, and which number has a name now.
    struct Layer {
        var elements: [UInt32: Element?] = [:]
        var ids: [ElementName: UInt32?] = [:]
    }

    private(set) var base: MappedElements?
    private var frozen: Layer?
    private var live = Layer()
    private let sorted = Mutex<[ElementName]?>(nil)
    /// The attributes once more, as filters want them.
    let columns = AttributeColumns()
    /// Counts changes of attributes, elements coming and going with some included.
    private(set) var attributesChanges: UInt64 = 0
    private(set) var counts: Counts

    /// What is kept count of.
    struct Counts: Equatable, Sendable {
        /// One more than the highest number ever given to an element.
        var rows = 0
        /// Elements.
        var elements = 0
        /// Elements that have attributes.
        var withAttributes = 0
        /// Bytes of the thumbnails that elements refer to.
        var thumbnailBytes: UInt64 = 0
    }

    /// No elements.
    init() {
        base = nil
        counts = Counts()
    }

    /// The elements of a snapshot, which has so many.
    init(base: MappedElements, counts: Counts) {
        self.base = base
        self.counts = counts
    }

    var count: Int { counts.elements }
    var attributesCount: Int { counts.withAttributes }
    var thumbnailBytes: UInt64 { counts.thumbnailBytes }
    /// One more than the highest number ever given to an element.
    var rowCount: Int { counts.rows }

    /// The highest node number of an element, or nil when there is none.
    var maxNodeID: NodeID? {
        guard count > 0 else { return nil }
        return (0..<UInt32(rowCount)).last { self[NodeID(rawValue: $0)] != nil }.map { NodeID(rawValue: $0) }
    }

    /// What the layers in memory say of a number: nil if nothing, so that the base has the word.
    func changed(_ id: NodeID) -> Element?? { live.elements[id.rawValue] ?? frozen?.elements[id.rawValue] }

    func id(of name: ElementName) -> NodeID? {
        if let entry = live.ids[name] ?? frozen?.ids[name] { return entry.map { NodeID(rawValue: $0) } }
        return base?.row(of: name).map { NodeID(rawValue: UInt32($0)) }
    }

    subscript(id: NodeID) -> Element? {
        if let entry = changed(id) { return entry }
        return base?.element(Int(id.rawValue))
    }

    /// The name of an element, or nil if there is none.
    func name(_ id: NodeID) -> ElementName? {
        if let entry = changed(id) { return entry?.name }
        return base?.name(Int(id.rawValue))
    }

    /// The attributes of an element, or nil if there is none or it has none.
    func attributes(_ id: NodeID) -> [UInt8]? {
        if let entry = changed(id) { return entry?.attributes }
        return base?.attributes(Int(id.rawValue))
    }

    /// Sets or, with nil, removes what is known under a number.
    func set(_ element: Element?, at id: NodeID) {
        let old = self[id]
        put(element, old, at: id)
        if old?.name != element?.name {
            if let old { live.ids[old.name] = .some(nil) }
            if let element { live.ids[element.name] = id.rawValue }
            sorted.withLock { $0 = nil }
        }
    }

    /// Puts an element under another number than the one it has.
    func move(_ element: Element, from old: NodeID, to new: NodeID) {
        put(nil, self[old], at: old)
        put(element, self[new], at: new)
        live.ids[element.name] = new.rawValue
    }

    private func put(_ element: Element?, _ old: Element?, at id: NodeID) {
        counts.rows = max(counts.rows, Int(id.rawValue) + 1)
        if let old {
            counts.elements -= 1
            if old.attributes != nil { counts.withAttributes -= 1 }
            counts.thumbnailBytes -= min(counts.thumbnailBytes, UInt64(old.thumbnail?.length ?? 0))
        }
        if let element {
            counts.elements += 1
            if element.attributes != nil { counts.withAttributes += 1 }
            counts.thumbnailBytes += UInt64(element.thumbnail?.length ?? 0)
        }
        live.elements[id.rawValue] = .some(element)
        if old?.attributes != element?.attributes {
            columns.set(id.rawValue, attributes: element?.attributes)
            attributesChanges += 1
        }
    }

    /// All names in order. Kept until a name comes or goes.
    var names: [ElementName] {
        sorted.withLock { cached in
            if let cached { return cached }
            var made: [ElementName] = []
            made.reserveCapacity(count)
            forEach { made.append($1.name) }
            made.sort()
            cached = made
            return made
        }
    }

    /// Calls `body` with every element, in the order of node numbers.
    func forEach<Failure: Error>(_ body: (NodeID, Element) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<UInt32(rowCount) {
            let id = NodeID(rawValue: index)
            if let element = self[id] { try body(id, element) }
        }
    }

    // MARK: Snapshots

    /// The elements as they are now, for a snapshot: from here on changes go to a layer of their own, until `adopt` or
    /// `abandon`.
    func capture() -> CapturedElements {
        precondition(frozen == nil, "one snapshot is made at a time")
        frozen = live
        live = Layer()
        return CapturedElements(base: base, layer: frozen?.elements ?? [:], counts: counts)
    }

    /// The captured elements are in a new snapshot: from here on they are looked up there.
    func adopt(_ base: MappedElements) {
        self.base = base
        frozen = nil
    }

    /// There is no snapshot of the captured elements after all. O(changes since it was begun).
    func abandon() {
        guard var merged = frozen else { return }
        frozen = nil
        merged.elements.merge(live.elements) { $1 }
        merged.ids.merge(live.ids) { $1 }
        live = merged
    }

    /// Has the thumbnails of all elements be where a compaction put them: O(elements).
    func moveAllThumbnails(_ moved: [BlobReference: BlobReference]) {
        forEach { id, element in
            guard let old = element.thumbnail, let new = moved[old] else { return }
            var element = element
            element.thumbnail = new
            live.elements[id.rawValue] = .some(element)
        }
    }

    /// Has thumbnails be where a compaction put them, but for those of elements that changed since.
    func moveThumbnails(_ moved: [BlobReference: BlobReference]) {
        for (id, entry) in live.elements {
            guard var element = entry, let old = element.thumbnail, let new = moved[old] else { continue }
            element.thumbnail = new
            live.elements[id] = .some(element)
        }
    }
}

/// The elements of a collection at one instant. Constant.
struct CapturedElements {
    let base: MappedElements?
    let layer: [UInt32: Element?]
    let counts: ElementTable.Counts

    /// How long the parts of an element's text are; its place is not meant. Nil if there is no element.
    func row(_ index: Int) -> ElementRow? {
        if let entry = layer[UInt32(index)] { return entry.map { ElementRow($0, offset: 0) } }
        return base?.row(index)
    }

    /// Calls `body` with every element, in the order of node numbers.
    func forEach<Failure: Error>(_ body: (Int, Element) throws(Failure) -> Void) throws(Failure) {
        for index in 0..<counts.rows {
            if let entry = layer[UInt32(index)] {
                if let element = entry { try body(index, element) }
            } else if let element = base?.element(index) {
                try body(index, element)
            }
        }
    }
}
