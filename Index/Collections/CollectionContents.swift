import HNSW
import Storage

/// What a collection holds in memory, and what each kind of change does to it. A change does the same when it is made
/// and when it is replayed.
///
/// Thread-safety: none of its own; whoever changes a collection's contents holds both of its locks, or has it alone.
struct CollectionContents {
    let graph: HNSWIndex
    let elements: ElementTable

    /// Puts an element in place; returns whether it is new. Room in the graph must have been reserved.
    func apply(
        _ name: ElementName, vector: [Float], _ attributes: AttributesChange, thumbnail: BlobReference?,
        efConstruction: Int?
    ) -> Bool {
        let existing = elements.id(of: name)
        let id: NodeID
        if let existing {
            graph.update(existing, to: vector, efConstruction: efConstruction)
            id = existing
        } else {
            id = graph.insertReserved(vector, efConstruction: efConstruction)
        }
        var kept = existing.flatMap { elements[$0]?.attributes }
        switch attributes {
        case .keep: break
        case .set(let bytes): kept = bytes
        case .remove: kept = nil
        }
        elements.set(ElementTable.Element(name: name, attributes: kept, thumbnail: thumbnail), at: id)
        return existing == nil
    }

    /// Removes an element, if there is one of that name.
    func applyRemoval(_ name: ElementName) {
        guard let id = elements.id(of: name) else { return }
        elements.set(nil, at: id)
        graph.remove(id)
    }

    /// Sets or removes the attributes of an element, if there is one of that name.
    func applyAttributes(_ attributes: [UInt8]?, to name: ElementName) {
        guard let id = elements.id(of: name), var element = elements[id] else { return }
        element.attributes = attributes
        elements.set(element, at: id)
    }

    /// Does what a record of the log says. Thumbnails are in file `blobNumber`, which ends at `blobEnd`.
    func replay(_ record: LogRecord, blobNumber: UInt64, blobEnd: UInt64) throws(StoreError) {
        switch record {
        case .upsert(let name, let vector, let attributes, let thumbnail, let efConstruction):
            do {
                try graph.reserve()
            } catch {
                throw .outOfMemory(reason: error.description)
            }
            // A loss of power can keep a record and lose a thumbnail that was not durable yet: only unless every change
            // is made durable, and then the thumbnail comes first. The element is worth keeping without it.
            let isThere = thumbnail.map { $0.end <= blobEnd && $0.file == blobNumber } ?? false
            _ = apply(
                name, vector: vector, attributes, thumbnail: isThere ? thumbnail : nil, efConstruction: efConstruction)
        case .remove(let name): applyRemoval(name)
        case .setAttributes(let name, let attributes): applyAttributes(attributes, to: name)
        }
    }
}
