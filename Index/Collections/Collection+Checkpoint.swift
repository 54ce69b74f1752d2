import HNSW
import Storage

/// Checkpoints: the contents go to a new snapshot, the log begins anew, and the manifest switches from the old pair of
/// files to the new one in one step. Files that the manifest names are never written to but for appending, so whatever
/// fails before the switch leaves the old pair as valid as it was; the old files are removed after it.
///
/// A checkpoint writes everything: O(collection). Changes to the collection wait meanwhile, searches do not. The
/// collection goes on in the memory it has: records that lie in a mapping of an older snapshot stay there, so that
/// file's space is given back when the collection is closed, although its name is gone.
///
/// The snapshot's sections:
///
///     1     meta      UInt32 dimension, m; the fields of HNSWImage in their order
///     2     elements  UInt64 count; for each, by node number: UInt32 node, byte string name, UInt8 1 if attributes follow
///                     as a byte string, UInt8 1 if a BlobReference follows
///     3...8 the graph's arrays, in the order of HNSWArray
extension Collection {
    enum SnapshotSection {
        static let meta: UInt32 = 1
        static let elements: UInt32 = 2

        static func kind(of array: HNSWArray) -> UInt32 {
            switch array {
            case .heads: 3
            case .codes: 4
            case .terms: 5
            case .links: 6
            case .vectors: 7
            case .uppers: 8
            }
        }
    }

    /// A blob file is rewritten at a checkpoint when more than half of it is garbage, and it is at least this long.
    static let compactionFloor: UInt64 = 64 << 10

    /// Makes a checkpoint if the log has records.
    func checkpoint() throws(StoreError) {
        try writer.withLock { () throws(StoreError) in try checkpointLocked() }
    }

    /// Makes a checkpoint when the log has grown enough. The change that made it grow is safe in the log, so a failure
    /// is noted, not thrown; the next attempt comes after as much growth again. Under `writer`.
    func checkpointIfDue() {
        guard log.length >= checkpointDue else { return }
        do {
            try checkpointLocked()
        } catch {
            checkpointFailure.withLock { $0 = error }
            checkpointDue = log.length + context.options.checkpointLogBytes
        }
    }

    private func checkpointLocked() throws(StoreError) {
        guard !isDropped, !log.isEmpty else { return }
        switch context.currentHealth {
        case .failed(let reason): throw .failed(path: context.folder, reason: reason)
        case .readOnly: throw .readOnly(path: context.folder)
        case .writable, .closed: break
        }
        let next = generation + 1
        var made = [CollectionFiles.snapshot(folder, next), CollectionFiles.log(folder, next)]
        let newLog: WriteAheadLog
        let compacted: Compaction?
        do {
            compacted = compactBlobs()
            if let compacted { made.append(compacted.file.file.path) }
            try writeSnapshot(made[0], generation: next, moved: compacted?.references ?? [:])
            newLog = try WriteAheadLog.create(made[1], collection: uid, generation: next, in: context.fileSystem)
            try context.fileSystem.syncDirectory(folder)
        } catch {
            for path in made { try? context.fileSystem.remove(path) }
            throw error
        }
        do {
            try switchManifest(to: next, blobNumber: compacted?.file.number ?? blobNumber)
        } catch {
            // With the store failed it is uncertain which manifest will be found, so both sets of files stay.
            if context.currentHealth == .writable { for path in made { try? context.fileSystem.remove(path) } }
            throw error
        }
        retireFiles(log: newLog, generation: next, compacted: compacted)
    }

    private func switchManifest(to next: UInt64, blobNumber: UInt64) throws(StoreError) {
        try context.manifestLock.withLock { () throws(StoreError) in
            try context.publish { manifest in
                for i in manifest.entries.indices where manifest.entries[i].number == uid {
                    manifest.entries[i].generation = next
                    manifest.entries[i].hasSnapshot = true
                    manifest.entries[i].blobFile = blobNumber
                }
            }
        }
    }

    private func retireFiles(log newLog: WriteAheadLog, generation next: UInt64, compacted: Compaction?) {
        var old = [CollectionFiles.log(folder, generation)]
        if hasSnapshot { old.append(CollectionFiles.snapshot(folder, generation)) }
        unsynced.withLock { $0 = Unsynced() }
        log = newLog
        generation = next
        hasSnapshot = true
        checkpointDue = context.options.checkpointLogBytes
        checkpointFailure.withLock { $0 = nil }
        if let compacted {
            old.append(CollectionFiles.blobs(folder, blobNumber))
            blobNumber = compacted.file.number
            contents.write {
                for (id, reference) in compacted.references {
                    var element = elements[id]!
                    element.thumbnail = reference
                    elements.set(element, at: id)
                }
                blobs = compacted.file
            }
        }
        // What cannot be removed now is removed when the store is opened.
        for path in old { try? context.fileSystem.remove(path) }
    }

    private func writeSnapshot(_ path: String, generation: UInt64, moved: [NodeID: BlobReference]) throws(StoreError) {
        if moved.isEmpty, let blobs {
            do {
                try blobs.file.sync()
            } catch {
                context.fail("its thumbnails could not be synced: \(error)")
                throw error
            }
        }
        var snapshot = try SnapshotWriter(path, collection: uid, generation: generation, in: context.fileSystem)
        let image = graph.image
        var meta = ByteWriter()
        meta.put(UInt32(configuration.dimension))
        meta.put(UInt32(configuration.parameters.m))
        image.put(into: &meta)
        try snapshot.beginSection(SnapshotSection.meta)
        try snapshot.put(meta.bytes)
        for array in HNSWArray.allCases {
            try snapshot.beginSection(SnapshotSection.kind(of: array))
            try graph.forEachSpan(of: array) { (span) throws(StoreError) in try snapshot.put(span) }
        }
        try snapshot.beginSection(SnapshotSection.elements)
        var count = ByteWriter()
        count.put(UInt64(elements.count))
        try snapshot.put(count.bytes)
        try elements.forEach { (id, element) throws(StoreError) in
            var writer = ByteWriter()
            writer.put(id.rawValue)
            writer.put(element.name.bytes)
            writer.put(UInt8(element.attributes == nil ? 0 : 1))
            if let attributes = element.attributes { writer.put(attributes) }
            let thumbnail = moved[id] ?? element.thumbnail
            writer.put(UInt8(thumbnail == nil ? 0 : 1))
            thumbnail?.put(into: &writer)
            try snapshot.put(writer.bytes)
        }
        try snapshot.finish()
    }

    struct Compaction {
        var file: BlobFile
        var references: [NodeID: BlobReference]
    }

    /// Copies the thumbnails in use to a new blob file, if the old one is mostly garbage. If that cannot be done for
    /// whatever reason (no room, a thumbnail that is damaged), the old file stays in use: what compaction saves is not
    /// worth a checkpoint.
    private func compactBlobs() -> Compaction? {
        guard let blobs, blobs.length >= Self.compactionFloor, elements.thumbnailBytes < blobs.length / 2 else {
            return nil
        }
        let number = blobNumber + 1
        let path = CollectionFiles.blobs(folder, number)
        do throws(StoreError) {
            let file = try BlobFile.create(path, collection: uid, number: number, in: context.fileSystem)
            var references: [NodeID: BlobReference] = [:]
            try elements.forEach { (id, element) throws(StoreError) in
                guard let old = element.thumbnail else { return }
                references[id] = try file.append(try blobs.read(old))
            }
            try file.file.sync()
            return Compaction(file: file, references: references)
        } catch {
            try? context.fileSystem.remove(path)
            return nil
        }
    }
}

extension HNSWImage {
    func put(into writer: inout ByteWriter) {
        writer.put(nodeCount)
        writer.put(vectorCount)
        writer.put(upperCount)
        for list in [freeNodes, freeVectors, freeUppers] {
            writer.put(list.head)
            writer.put(list.count)
        }
        writer.put(entryPoint)
        writer.put(origin)
        writer.put(seed)
        writer.put(draws)
    }

    init(from reader: inout ByteReader) throws(StoreError) {
        func list(_ reader: inout ByteReader) throws(StoreError) -> FreeList {
            FreeList(
                head: try reader.take(UInt32.self, "the graph's state"),
                count: try reader.take(UInt64.self, "the graph's state"))
        }
        self.init(
            nodeCount: try reader.take(UInt64.self, "the graph's state"),
            vectorCount: try reader.take(UInt64.self, "the graph's state"),
            upperCount: try reader.take(UInt64.self, "the graph's state"),
            freeNodes: try list(&reader), freeVectors: try list(&reader), freeUppers: try list(&reader),
            entryPoint: try reader.take(UInt32.self, "the graph's state"),
            origin: try reader.take(UInt32.self, "the graph's state"),
            seed: try reader.take(UInt64.self, "the graph's state"),
            draws: try reader.take(UInt64.self, "the graph's state"))
    }
}
