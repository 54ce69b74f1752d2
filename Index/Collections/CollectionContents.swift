import HNSW
import Storage

/// What a collection holds in memory, and what each kind of change does to it. A change does the same when it is made
/// and when it is replayed.
///
/// Thread-safety: none of its own. Whoever changes a collection's contents has it alone, or holds its `writer` and sees
/// to it that the changes to the table of elements, `whileExclusive`, are made under the other lock.
struct CollectionContents {
    let graph: HNSWIndex
    let elements: ElementTable

    /// Puts an element in place; returns whether it is new. Room in the graph must have been reserved. An element whose
    /// vector changes moves to another node; in between both are in the graph, and whichever the table names is it.
    func apply(
        _ name: ElementName, _ insertion: PreparedInsertion, _ attributes: AttributesChange, thumbnail: BlobReference?,
        whileExclusive: (() -> Void) -> Void = { $0() }
    ) -> Bool {
        // In a damaged store a name may have lost its node.
        let existing = elements.id(of: name).flatMap { graph.contains($0) ? $0 : nil }
        var kept = existing.flatMap { elements.attributes($0) }
        switch attributes {
        case .keep: break
        case .set(let bytes): kept = bytes
        case .remove: kept = nil
        }
        let element = Element(name: name, attributes: kept, thumbnail: thumbnail)
        let id = existing.flatMap { graph.stores(insertion, in: $0) ? $0 : nil } ?? graph.insert(insertion)
        whileExclusive {
            if let existing, existing != id {
                elements.move(element, from: existing, to: id)
            } else {
                elements.set(element, at: id)
            }
        }
        if let existing, existing != id { graph.remove(existing) }
        return existing == nil
    }

    /// Removes an element, if there is one of that name.
    func applyRemoval(_ name: ElementName, whileExclusive: (() -> Void) -> Void = { $0() }) {
        guard let id = elements.id(of: name), graph.contains(id) else { return }
        whileExclusive { elements.set(nil, at: id) }
        graph.remove(id)
    }

    /// Sets or removes the attributes of an element, if there is one of that name.
    func applyAttributes(_ attributes: [UInt8]?, to name: ElementName) {
        guard let id = elements.id(of: name), var element = elements[id] else { return }
        element.attributes = attributes
        elements.set(element, at: id)
    }

    /// Does what a record of the log says. An insertion may have been prepared already.
    func replay(_ record: LogRecord, insertion: PreparedInsertion?, blobs: [UInt64: BlobFile]) throws(StoreError) {
        switch record {
        case .upsert(let name, let vector, let attributes, let thumbnail, let efConstruction):
            do {
                try graph.reserve()
            } catch {
                throw .outOfMemory(reason: error.description)
            }
            // A loss of power can keep a record and lose a thumbnail that was not durable yet: only unless every change
            // is made durable, and then the thumbnail comes first. The element is worth keeping without it.
            let isThere = thumbnail.map { $0.end <= blobs[$0.file]?.length ?? 0 } ?? false
            _ = apply(
                name, insertion ?? graph.prepare(vector, efConstruction: efConstruction), attributes,
                thumbnail: isThere ? thumbnail : nil)
        case .remove(let name): applyRemoval(name)
        case .setAttributes(let name, let attributes): applyAttributes(attributes, to: name)
        case .collection, .follows: break
        }
    }
}
