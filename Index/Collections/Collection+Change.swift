import HNSW
import Storage

/// Changes: checked, written to the log, applied in memory, made durable if that is asked for, acknowledged. Whatever
/// fails before the last byte is in the log leaves everything as it was.
///
/// The sync comes last and without the lock, so that those who change at the same time share one (group commit). A
/// change can therefore be seen by others before it is acknowledged. If the sync fails it is not acknowledged, nobody
/// knows whether it will be there after a loss of power, and the store takes no more changes.
extension Collection {
    /// What a change changes in memory, under `writer`.
    private var inMemory: CollectionContents { CollectionContents(graph: graph, elements: elements) }

    /// Adds or updates an element; returns whether it is new, or nil when the collection has been dropped meanwhile.
    /// The change has been checked.
    func upsert(_ name: ElementName, _ change: ElementChange) throws(StoreError) -> Bool? {
        // What takes longest, the search for neighbours, is done before it is this change's turn.
        let insertion = graph.prepare(change.vector, efConstruction: change.efConstruction)
        let done: (isNew: Bool, log: WriteAheadLog, end: UInt64)? = try writer.withLock { () throws(StoreError) in
            if isDropped { return nil }
            try context.checkWritable()
            // Looked at before anything is written, so that damage is found before.
            if let existing = elements.id(of: name) { _ = graph.contains(existing) }
            try checkIntact()
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
            return (isNew, log, log.length)
        }
        guard let done else { return nil }
        try commit(done.log, upTo: done.end)
        return done.isNew
    }

    /// Removes an element; returns whether there was one.
    func remove(_ name: ElementName) throws(StoreError) -> Bool {
        try change(name) { () throws(StoreError) in
            try append(.remove(name))
            inMemory.applyRemoval(name) { contents.write($0) }
        }
    }

    /// Sets or, with nil, removes the attributes of an element; returns whether the element exists.
    public func setAttributes(_ attributes: [UInt8]?, of name: ElementName) throws(StoreError) -> Bool {
        try StoreLimits.check("the length of the attributes", attributes?.count ?? 0, StoreLimits.attributesBytes)
        return try change(name) { () throws(StoreError) in
            try append(.setAttributes(name, attributes))
            contents.write { inMemory.applyAttributes(attributes, to: name) }
        }
    }

    /// Makes a change to an element that exists; returns whether it does.
    private func change(_ name: ElementName, _ body: () throws(StoreError) -> Void) throws(StoreError) -> Bool {
        let done: (log: WriteAheadLog, end: UInt64)? = try writer.withLock { () throws(StoreError) in
            guard !isDropped else { return nil }
            let existing = elements.id(of: name)
            if let existing { _ = graph.contains(existing) }
            try checkIntact()
            guard existing != nil else { return nil }
            try context.checkWritable()
            try body()
            return (log, log.length)
        }
        guard let done else { return false }
        try commit(done.log, upTo: done.end)
        return true
    }

    // MARK: On the device

    /// Makes a change durable if every change is to be. Not under `writer`.
    private func commit(_ log: WriteAheadLog, upTo end: UInt64) throws(StoreError) {
        if logBytes >= checkpointDue.load(ordering: .relaxed) { context.checkpointer.signal() }
        guard context.options.durability == .always else { return }
        do {
            try log.sync(upTo: end)
        } catch {
            context.fail("its log could not be synced: \(error)")
            throw error
        }
    }

    /// Writes a record to the log. On an error it is not there. Under `writer`.
    private func append(_ record: LogRecord) throws(StoreError) {
        do {
            try log.append(record.encoded)
        } catch {
            if case .failed(_, let reason) = error { context.fail(reason) }
            throw error
        }
        noteChange()
        if context.options.durability != .always { unsynced.withLock { $0.log = log } }
    }

    /// Writes a thumbnail to the blob file, which is made with the first one. If every change is made durable, it is so
    /// before the log record that refers to it is written. Under `writer`.
    private func appendBlob(_ bytes: [UInt8]) throws(StoreError) -> BlobReference {
        let file: BlobFile
        if let appending {
            file = appending
        } else {
            let number = blobNumber
            file = try BlobFile.create(
                CollectionFiles.blobs(folder, number), collection: uid, number: number, in: context.fileSystem)
            try context.fileSystem.syncDirectory(folder)
            contents.write { blobs[number] = file }
            appending = file
        }
        let reference = try file.append(bytes)
        hasAppendedBlob = true
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
