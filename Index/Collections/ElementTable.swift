import Filters
import HNSW
import Storage
import Synchronization

/// What a collection knows of its elements besides their vectors, all in memory but the thumbnails: names both ways,
/// attributes, and where thumbnails lie.
///
/// Thread-safety: as the graph's: many readers or one writer, under the same lock. The sorted names are made by whoever
/// asks first, a reader, so they have a lock of their own.
final class ElementTable {
    struct Element {
        var name: ElementName
        var attributes: [UInt8]?
        var thumbnail: BlobReference?
    }

    private var ids: [ElementName: NodeID] = [:]
    private var elements: [Element?] = []
    private let sorted = Mutex<[ElementName]?>(nil)
    /// The attributes once more, as filters want them.
    let columns = AttributeColumns()
    /// Counts changes of attributes, elements coming and going with some included.
    private(set) var attributesChanges: UInt64 = 0
    /// Elements that have attributes.
    private(set) var attributesCount = 0
    /// Bytes of the thumbnails that elements refer to.
    private(set) var thumbnailBytes: UInt64 = 0

    var count: Int { ids.count }

    /// The highest node number of an element, or nil when there is none.
    var maxNodeID: NodeID? {
        elements.lastIndex { $0 != nil }.map { NodeID(rawValue: UInt32($0)) }
    }

    func id(of name: ElementName) -> NodeID? { ids[name] }

    subscript(id: NodeID) -> Element? {
        Int(id.rawValue) < elements.count ? elements[Int(id.rawValue)] : nil
    }

    /// Sets or, with nil, removes what is known under a number.
    func set(_ element: Element?, at id: NodeID) {
        let old = self[id]
        put(element, at: id)
        if old?.name != element?.name {
            if let old { ids[old.name] = nil }
            if let element { ids[element.name] = id }
            sorted.withLock { $0 = nil }
        }
    }

    /// Puts an element under another number than the one it has.
    func move(_ element: Element, from old: NodeID, to new: NodeID) {
        put(nil, at: old)
        put(element, at: new)
        ids[element.name] = new
    }

    private func put(_ element: Element?, at id: NodeID) {
        let index = Int(id.rawValue)
        while elements.count <= index { elements.append(nil) }
        let old = elements[index]
        if let old {
            if old.attributes != nil { attributesCount -= 1 }
            thumbnailBytes -= UInt64(old.thumbnail?.length ?? 0)
        }
        if let element {
            if element.attributes != nil { attributesCount += 1 }
            thumbnailBytes += UInt64(element.thumbnail?.length ?? 0)
        }
        elements[index] = element
        if old?.attributes != element?.attributes {
            columns.set(id.rawValue, attributes: element?.attributes)
            attributesChanges += 1
        }
    }

    /// All names in order. Kept until a name comes or goes.
    var names: [ElementName] {
        sorted.withLock { cached in
            if let cached { return cached }
            let made = ids.keys.sorted()
            cached = made
            return made
        }
    }

    /// One more than the highest number ever given to an element.
    var rowCount: Int { elements.count }

    /// Calls `body` with every element, in the order of node numbers.
    func forEach<Failure: Error>(_ body: (NodeID, Element) throws(Failure) -> Void) throws(Failure) {
        for (index, element) in elements.enumerated() {
            if let element { try body(NodeID(rawValue: UInt32(index)), element) }
        }
    }
}
