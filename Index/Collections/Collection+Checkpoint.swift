import HNSW
import Storage

/// Checkpoints: the contents go to a new snapshot, changes go to a new log meanwhile, and the manifest switches to the
/// new pair of files in one step. Files that the manifest names are never written to but for appending, so whatever
/// fails before the switch leaves the old ones as valid as they were; what they are not needed for any more is removed
/// after it.
///
/// 1. *Begin*, under `writer`, for as long as it takes to sync what the last changes wrote: the log is synced and the
///    next one begun; graph and table are captured as they are (`HNSWCapture`, `CapturedElements`), which takes no
///    time.
/// 2. *Write* the snapshot, O(collection), while changes and searches go on. A change copies the 4 KiB blocks of
///    records that it is the first to touch; the table has it in a layer above.
/// 3. *Publish* the manifest.
/// 4. *Adopt*: the collection goes on in the new file's mapping, a quarter of a megabyte at a time under the graph's
///    writer lock. So memory is the page cache's again but for what changed meanwhile, and the old snapshot, which
///    nobody has mapped any more, gives its space back.
///
/// If it fails on the way there are two logs instead of one, and everything goes on.
///
/// ## Cost
/// It writes everything, every time: 0.9 KB a vector of 128 floats with its name and attributes. An incremental one
/// would write what changed; but an insertion changes the links of some 30 nodes all over the graph, so that after a
/// million insertions into a hundred million vectors nearly every block of links has changed anyway, and what has not,
/// vectors, codes and texts, can only be left where it is if a snapshot is spread over several files. RESULTS.md says
/// what a full one costs at a million, and what that comes to at a hundred million.
extension Collection {
    /// A blob file is rewritten at a checkpoint when more than half of them all is garbage, and they are at least this
    /// long.
    static let compactionFloor: UInt64 = 64 << 10

    /// A checkpoint under way.
    private struct Begun {
        var generation: UInt64
        var graph: HNSWCapture
        var elements: CapturedElements
        /// Where thumbnails are copied to, if they are to be.
        var compaction: BlobFile?
        /// The files to copy them from.
        var oldBlobs: [UInt64: BlobFile]
    }

    /// Makes a checkpoint if the logs have records.
    ///
    /// - Parameter isLast: whether the collection is not going to be changed any more, so that it may stay in the
    ///   memory that it has.
    func checkpoint(isLast: Bool = false) throws(StoreError) {
        try checkpointing.withLock { () throws(StoreError) in
            do throws(StoreError) {
                guard let begun = try begin() else { return }
                try complete(begun, isLast: isLast)
            } catch {
                // Dropped on the way, and its files with it: then there is nothing to save, and nothing has failed.
                if isInManifest { throw error }
            }
        }
    }

    /// Whether the collection is in the store still. Its files are removed only after it has gone from the manifest,
    /// and `isDropped` may be set a little later.
    private var isInManifest: Bool {
        context.manifestLock.withLock { context.manifest.entries.contains { $0.number == uid } }
    }

    /// Makes a checkpoint when there has been enough change, or for long enough. The changes are safe in the log, so a
    /// failure is noted, not thrown; the next attempt comes after as much growth again.
    func checkpointIfDue() {
        let isOld = secondsUnsaved > UInt64(context.options.checkpointSeconds)
        guard logBytes >= checkpointDue.load(ordering: .relaxed) || isOld else { return }
        do {
            try checkpoint()
        } catch {
            checkpointFailure.withLock { $0 = error }
            checkpointDue.store(logBytes + context.options.checkpointLogBytes, ordering: .relaxed)
            if isOld {
                // Anew when as much time has passed again.
                forgetChanges()
                noteChange()
            }
        }
    }

    // MARK: Begin

    private func begin() throws(StoreError) -> Begun? {
        guard !allLogs.allSatisfy(\.isEmpty) else { return nil }
        try checkNotFailed()
        try checkIntact()
        // Most of what is to be synced is synced before the lock is taken: the second time what came during the first.
        for _ in 0..<2 { try sync() }
        // A log without changes, begun for a checkpoint that did not come about, will do for this one.
        let next = log.generation + (log.isEmpty ? 0 : 1)
        let path = next > log.generation ? CollectionFiles.log(folder, next) : nil
        var compaction: BlobFile?
        do {
            let newLog = path == nil ? nil : try makeLog(next)
            compaction = makeBlobsForCompaction()
            switch try writer.withLock({ () throws(StoreError) in try switchLogs(to: newLog, compaction) }) {
            case .begun(let begun): return begun
            case .dropped:
                removeMade([path, compaction?.file.path])
                return nil
            case .changed: removeMade([compaction?.file.path])
            }
        } catch {
            removeMade([path, compaction?.file.path])
            throw error
        }
        return try begin()
    }

    private enum Beginning {
        case begun(Begun)
        /// There is nothing to save.
        case dropped
        /// The log was empty, and is no more.
        case changed
    }

    private func checkNotFailed() throws(StoreError) {
        switch context.currentHealth {
        case .failed(let reason): throw .failed(path: context.folder, reason: reason)
        case .readOnly: throw .readOnly(path: context.folder)
        case .writable, .closed: break
        }
    }

    private func removeMade(_ paths: [String?]) {
        for path in paths.compactMap({ $0 }) {
            try? context.fileSystem.remove(path)
            try? context.fileSystem.remove(path + FileHeader.temporarySuffix)
        }
    }

    private func makeLog(_ generation: UInt64) throws(StoreError) -> WriteAheadLog {
        let log = try WriteAheadLog.create(
            CollectionFiles.log(folder, generation), collection: uid, generation: generation,
            first: LogRecord.collection(Manifest.Entry(number: uid, name, configuration)).encoded,
            in: context.fileSystem)
        try context.fileSystem.syncDirectory(folder)
        return log
    }

    /// Under `writer`.
    private func switchLogs(to newLog: WriteAheadLog?, _ compaction: BlobFile?) throws(StoreError) -> Beginning {
        if isDropped { return .dropped }
        if newLog == nil, !log.isEmpty { return .changed }
        try checkNotFailed()
        do {
            // What the snapshot refers to has to be durable before it is, and the log before the next one has records.
            try appending?.file.sync()
            try log.sync()
        } catch {
            context.fail("its files could not be synced: \(error)")
            throw error
        }
        if let newLog {
            // Whoever finds the one before shorter than this knows that something is missing.
            try newLog.append(LogRecord.follows(length: log.length).encoded)
            newLog.beginChanges()
        }
        unsynced.withLock { $0 = Unsynced() }
        if let newLog { begin(newLog) }
        forgetChanges()
        hasAppendedBlob = false
        let oldBlobs = blobs
        let captured = contents.write {
            if let compaction { blobs[compaction.number] = compaction }
            return elements.capture()
        }
        if let compaction { appending = compaction }
        return .begun(
            Begun(
                generation: log.generation, graph: graph.capture(), elements: captured, compaction: compaction,
                oldBlobs: oldBlobs))
    }

    // MARK: Write, publish, adopt

    private func complete(_ begun: Begun, isLast: Bool) throws(StoreError) {
        let path = CollectionFiles.snapshot(folder, begun.generation)
        let moved: [BlobReference: BlobReference]?
        let state: SnapshotState
        do {
            moved = try compact(begun)
            let file = CollectionSnapshot(
                entry: Manifest.Entry(number: uid, name, configuration), graph: begun.graph, elements: begun.elements,
                moved: moved ?? [:])
            state = try file.write(path, collection: uid, generation: begun.generation, in: context.fileSystem)
            // Damage that was come upon on the way is not in the snapshot, and must not take the place of what is.
            try checkIntact()
            try context.fileSystem.syncDirectory(folder)
            try publish(begun, compacted: moved != nil)
        } catch {
            withExtendedLifetime(begun) {}
            abandon(begun, path)
            throw error
        }
        retire(begun, compacted: moved != nil)
        if isLast || !adopt(begun, path, state, moved: moved ?? [:]) {
            writer.withLock {
                contents.write {
                    elements.abandon()
                    // The next snapshot must not refer to files that have been removed.
                    if let moved { elements.moveAllThumbnails(moved) }
                }
            }
        }
    }

    private func publish(_ begun: Begun, compacted: Bool) throws(StoreError) {
        try context.manifestLock.withLock { () throws(StoreError) in
            guard context.manifest.entries.contains(where: { $0.number == uid }) else {
                throw .closed(path: folder)
            }
            try context.publish { manifest in
                let index = manifest.entries.firstIndex { $0.number == uid }!
                manifest.entries[index].generation = begun.generation
                manifest.entries[index].hasSnapshot = true
                if compacted, let file = begun.compaction { manifest.entries[index].blobFile = file.number }
            }
        }
    }

    /// Everything goes on with the logs that there are.
    private func abandon(_ begun: Begun, _ path: String) {
        writer.withLock { contents.write { elements.abandon() } }
        if context.isManifestUncertain.load(ordering: .acquiring) { return }
        removeMade([path])
        giveUpCompaction(begun)
        if writer.withLock({ isDropped }) { context.removeFiles(ofCollection: uid) }
    }

    /// Removes what the manifest does not name any more. What cannot be removed now is removed when the store is
    /// opened.
    private func retire(_ begun: Begun, compacted: Bool) {
        var old = allLogs.filter { $0.generation < begun.generation }.map { CollectionFiles.log(folder, $0.generation) }
        if hasSnapshot { old.append(CollectionFiles.snapshot(folder, generation)) }
        writer.withLock {
            dropLogs(before: begun.generation)
            if compacted, let file = begun.compaction { blobNumber = file.number }
        }
        generation = begun.generation
        hasSnapshot = true
        checkpointDue.store(context.options.checkpointLogBytes, ordering: .relaxed)
        checkpointFailure.withLock { $0 = nil }
        if compacted { old += begun.oldBlobs.keys.map { CollectionFiles.blobs(folder, $0) } }
        for path in old { try? context.fileSystem.remove(path) }
        if writer.withLock({ isDropped }) { context.removeFiles(ofCollection: uid) }
    }

    /// Goes over to the new snapshot's mapping. False if it could not be mapped: then the old memory serves as well.
    private func adopt(
        _ begun: Begun, _ path: String, _ state: SnapshotState, moved: [BlobReference: BlobReference]
    ) -> Bool {
        do {
            let snapshot = try SnapshotReader(
                path, collection: uid, generation: begun.generation, faults: faults, in: context.fileSystem)
            let base = try MappedElements(snapshot, rows: UInt64(state.counts.rows), key: state.key)
            try begun.graph.adopt { (array) throws(StoreError) in
                try snapshot.section(SnapshotSection.kind(of: array))
            }
            // The old file may be unmapped with its last user, which takes long: not under the locks.
            let old = writer.withLock { elements.base }
            defer { withExtendedLifetime(old) {} }
            writer.withLock {
                contents.write {
                    elements.moveThumbnails(moved)
                    elements.adopt(base)
                    for number in begun.oldBlobs.keys where number < blobNumber { blobs[number] = nil }
                }
            }
            let bytes = context.options.checkpointLogBytes(snapshot: snapshot.size)
            checkpointDue.store(bytes, ordering: .relaxed)
            return true
        } catch {
            return false
        }
    }

    // MARK: Thumbnails

    /// A new blob file if more than half of those that there are is garbage; nil if not, or if there is no room for it.
    private func makeBlobsForCompaction() -> BlobFile? {
        let (files, used) = contents.read { (blobs, elements.thumbnailBytes) }
        let length = files.values.reduce(0) { $0 + $1.length }
        guard length >= Self.compactionFloor, used < length / 2, let last = files.keys.max() else { return nil }
        let path = CollectionFiles.blobs(folder, last + 1)
        do throws(StoreError) {
            let file = try BlobFile.create(path, collection: uid, number: last + 1, in: context.fileSystem)
            try context.fileSystem.syncDirectory(folder)
            return file
        } catch {
            removeMade([path])
            return nil
        }
    }

    /// Copies the thumbnails in use to the new blob file, if there is one: from where to where. If that cannot be done
    /// for whatever reason (no room, a thumbnail that is damaged), the old files stay in use, and the result is nil:
    /// what compaction saves is not worth a checkpoint.
    private func compact(_ begun: Begun) throws(StoreError) -> [BlobReference: BlobReference]? {
        guard let file = begun.compaction else { return nil }
        do throws(StoreError) {
            var moved: [BlobReference: BlobReference] = [:]
            try begun.elements.forEach { (_, element) throws(StoreError) in
                guard let old = element.thumbnail, moved[old] == nil, let from = begun.oldBlobs[old.file] else {
                    return
                }
                moved[old] = try file.append(try from.read(old))
            }
            try file.file.sync()
            return moved
        } catch {
            giveUpCompaction(begun)
            return nil
        }
    }

    /// Has thumbnails go to the old file again, unless there are some in the new one already.
    private func giveUpCompaction(_ begun: Begun) {
        guard let file = begun.compaction else { return }
        let isUnused = writer.withLock {
            guard !hasAppendedBlob, appending === file else { return false }
            appending = begun.oldBlobs.max { $0.key < $1.key }?.value
            contents.write { blobs[file.number] = nil }
            return true
        }
        if isUnused { try? context.fileSystem.remove(file.file.path) }
    }
}
