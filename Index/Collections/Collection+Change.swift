import HNSW
import Storage

/// Changes: checked, written to the log, made durable if that is asked for, applied in memory, acknowledged. Whatever
/// fails before the last byte is in the log leaves everything as it was.
extension Collection {
    /// What a change changes in memory, under `writer`.
    private var inMemory: CollectionContents { CollectionContents(graph: graph, elements: elements) }

    /// Adds or updates an element; returns whether it is new, or nil when the collection has been dropped meanwhile.
    /// The change has been checked.
    func upsert(_ name: ElementName, _ change: ElementChange) throws(StoreError) -> Bool? {
        // What takes longest, the search for neighbours, is done before it is this change's turn.
        let insertion = graph.prepare(change.vector, efConstruction: change.efConstruction)
        return try writer.withLock { () throws(StoreError) -> Bool? in
            if isDropped { return nil }
            try context.checkWritable()
            do throws(HNSWError) {
                try graph.reserve()
            } catch {
                throw .outOfMemory(reason: error.description)
            }
            let thumbnail = try change.thumbnail.map { (bytes) throws(StoreError) in try appendBlob(bytes) }
            try append(
                .upsert(
                    name, vector: change.vector, change.attributes, thumbnail: thumbnail,
                    efConstruction: change.efConstruction))
            let isNew = inMemory.apply(name, insertion, change.attributes, thumbnail: thumbnail) { contents.write($0) }
            checkpointIfDue()
            return isNew
        }
    }

    /// Removes an element; returns whether there was one.
    func remove(_ name: ElementName) throws(StoreError) -> Bool {
        try writer.withLock { () throws(StoreError) -> Bool in
            guard !isDropped, elements.id(of: name) != nil else { return false }
            try context.checkWritable()
            try append(.remove(name))
            inMemory.applyRemoval(name) { contents.write($0) }
            checkpointIfDue()
            return true
        }
    }

    /// Sets or, with nil, removes the attributes of an element; returns whether the element exists.
    public func setAttributes(_ attributes: [UInt8]?, of name: ElementName) throws(StoreError) -> Bool {
        try StoreLimits.check("the length of the attributes", attributes?.count ?? 0, StoreLimits.attributesBytes)
        return try writer.withLock { () throws(StoreError) -> Bool in
            guard !isDropped, elements.id(of: name) != nil else { return false }
            try context.checkWritable()
            try append(.setAttributes(name, attributes))
            contents.write { inMemory.applyAttributes(attributes, to: name) }
            checkpointIfDue()
            return true
        }
    }

    // MARK: On the device, under `writer`

    /// Writes a record to the log, durably if every change is to be. On an error it is not there.
    private func append(_ record: LogRecord) throws(StoreError) {
        let before = log.length
        do {
            try log.append(record.encoded)
        } catch {
            if case .failed(_, let reason) = error { context.fail(reason) }
            throw error
        }
        guard context.options.durability == .always else {
            unsynced.withLock { $0.log = log }
            return
        }
        do {
            try log.sync()
        } catch {
            // What a failed sync has left on the device is unknown, and a second one may report success for data that
            // the first one lost: the only safe thing is to stop. The record is taken back as far as possible.
            context.fail("its log could not be synced: \(error)")
            try? log.cutBack(to: before)
            throw error
        }
    }

    /// Writes a thumbnail to the blob file, which is made with the first one. If every change is made durable, it is so
    /// before the log record that refers to it is written.
    private func appendBlob(_ bytes: [UInt8]) throws(StoreError) -> BlobReference {
        let file: BlobFile
        if let blobs {
            file = blobs
        } else {
            file = try BlobFile.create(
                CollectionFiles.blobs(folder, blobNumber), collection: uid, number: blobNumber, in: context.fileSystem)
            try context.fileSystem.syncDirectory(folder)
            contents.write { blobs = file }
        }
        let reference = try file.append(bytes)
        guard context.options.durability == .always else {
            unsynced.withLock { $0.blobs = file }
            return reference
        }
        do {
            try file.file.sync()
        } catch {
            context.fail("its thumbnails could not be synced: \(error)")
            throw error
        }
        return reference
    }

    /// Makes durable what has been written since the last call. Any thread, without `writer`.
    func sync() throws(StoreError) {
        let files = unsynced.withLock { unsynced in
            defer { unsynced = Unsynced() }
            return unsynced
        }
        do {
            try files.blobs?.file.sync()
            try files.log?.sync()
        } catch {
            context.fail("its files could not be synced: \(error)")
            throw error
        }
    }
}
