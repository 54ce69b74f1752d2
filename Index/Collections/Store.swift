import Foundation
import HNSW
import Storage
import Synchronization

/// A folder of collections, durable across crashes. What its files hold is written down in `FORMAT.md`.
///
/// A change is acknowledged (its call returns) when it is in the log of its collection, and in memory. It survives the
/// death of the process from then on, and a loss of power as `Durability` says. A call that throws has changed nothing
/// that a reader can see, but for one: under `always` a change whose sync fails is visible, not acknowledged. After some
/// failures (a sync that failed, a write that could not be undone) the store takes no more changes, because what is on
/// the device is unknown: open it again.
///
/// Checkpoints are made by a thread of the store's, when the log of a collection has grown or time has passed.
///
/// ## Thread-safety
/// All methods may be called from any thread. Changes to one collection go one after the other; changes to different
/// collections side by side. The table of collections has a lock of its own, held only to look something up.
public final class Store: Sendable {
    static let collectionsFolderName = "collections"

    let context: StoreContext
    let table: Mutex<[CollectionName: Collection]>
    private let lock: Mutex<StoreLock?>
    private let backgroundSync: BackgroundTask?
    private struct Saved {
        var last = Date()
        var isWanted = false
        var error: StoreError?
    }
    private let saved = Mutex(Saved())
    /// Held while files are synced, so that whoever finds nothing left to sync knows that it has been done.
    private let syncLock = ExclusiveLock()

    init(context: StoreContext, lock: StoreLock?, collections: [CollectionName: Collection]) {
        self.context = context
        self.lock = Mutex(lock)
        table = Mutex(collections)
        guard context.options.durability == .second, !context.options.readOnly else {
            backgroundSync = nil
            return
        }
        let task = BackgroundTask()
        backgroundSync = task
        // A failure has made the store refuse further changes, which is how it is reported.
        task.start(everySeconds: 1) { [weak self] in try? self?.sync() }
    }

    /// Begins to make checkpoints when they are due.
    func startCheckpoints() {
        guard !context.options.readOnly else { return }
        context.checkpointer.start(everySeconds: 1) { [weak self] in self?.checkpointInBackground() }
    }

    deinit {
        backgroundSync?.stop()
        context.checkpointer.stop()
        _ = context.close()
        letGo()
    }

    /// The store's folder.
    public var path: String { context.folder }

    /// The names of the collections that have elements, in order.
    public var collectionNames: [CollectionName] {
        table.withLock { Array($0.values) }.filter { $0.count > 0 }.map(\.name).sorted()
    }

    /// The collection of that name, or nil if there is none or it has no elements.
    public func collection(_ name: CollectionName) -> Collection? {
        guard let found = table.withLock({ $0[name] }), found.count > 0 else { return nil }
        return found
    }

    /// Of each collection whose last checkpoint that the store began by itself, because its log had grown, did not come
    /// about: why not. Nothing is lost by it, but the log goes on growing. The next checkpoint that does come about
    /// clears it.
    public var checkpointFailures: [CollectionName: StoreError] {
        table.withLock { $0 }.compactMapValues { collection in collection.checkpointFailure.withLock { $0 } }
    }

    /// When changes are made durable.
    public var durability: Durability { context.options.durability }

    /// Bytes of all logs: what has to be replayed when the store is opened.
    public var logBytes: UInt64 { table.withLock { Array($0.values) }.reduce(0) { $0 + $1.logBytes } }

    /// Adds an element or updates it, and makes the collection when there is none; a refused change makes none.
    ///
    /// - Parameter configuration: of the collection to be made, or what an existing one must agree with but for
    ///   `efConstruction`.
    /// - Returns: whether the element is new.
    /// - Throws: `invalidVector`, `dimensionMismatch`, `limitExceeded`, `configurationMismatch`, or what the device
    ///   says.
    public func upsert(
        _ name: ElementName, _ change: ElementChange, in collectionName: CollectionName,
        configuration: CollectionConfiguration
    ) throws(StoreError) -> Bool {
        try context.checkWritable()
        try StoreLimits.check(
            "the length of the collection's name", collectionName.bytes.count, StoreLimits.collectionNameBytes)
        if let existing = collection(collectionName) { try existing.configuration.admit(configuration) }
        try change.check(name: name, dimension: configuration.dimension)
        while true {
            let collection = try findOrMake(collectionName, configuration)
            // Nil when it was dropped between being found and being changed.
            if let isNew = try collection.upsert(name, change) { return isNew }
        }
    }

    /// Removes an element; with the last one goes the collection. Returns whether there was one.
    public func remove(_ name: ElementName, from collectionName: CollectionName) throws(StoreError) -> Bool {
        try context.checkWritable()
        guard let collection = collection(collectionName) else { return false }
        let removed = try collection.remove(name)
        // The removal is done and safe whether or not the empty collection can be cleared away now; an empty one is
        // never shown, and is cleared away when the store is opened.
        if removed { _ = try? drop(collection, onlyIfEmpty: true) }
        return removed
    }

    /// Removes a collection with all its elements. Returns whether there was one.
    public func dropCollection(_ name: CollectionName) throws(StoreError) -> Bool {
        try context.checkWritable()
        guard let collection = collection(name) else { return false }
        return try drop(collection, onlyIfEmpty: false)
    }

    /// Makes every acknowledged change durable.
    public func sync() throws(StoreError) {
        try syncLock.withLock { () throws(StoreError) in
            if case .failed(let reason) = context.currentHealth { throw .failed(path: path, reason: reason) }
            for collection in table.withLock({ Array($0.values) }) { try collection.sync() }
        }
    }

    /// Writes a new snapshot of every collection that has changed since its last one. Changes and searches go on
    /// meanwhile.
    public func checkpoint() throws(StoreError) {
        try context.checkWritable()
        for collection in table.withLock({ Array($0.values) }) { try collection.checkpoint() }
        saved.withLock { $0.last = Date() }
    }

    /// Has a checkpoint be made soon, by another thread. False if one has been asked for and is not made yet.
    public func beginCheckpoint() throws(StoreError) -> Bool {
        try context.checkWritable()
        let isNew = saved.withLock { saved in
            defer { saved.isWanted = true }
            return !saved.isWanted
        }
        context.checkpointer.signal()
        return isNew
    }

    /// Whether a checkpoint that `beginCheckpoint` asked for is not made yet.
    public var isCheckpointing: Bool { saved.withLock { $0.isWanted } }

    /// When all collections were last in snapshots: the last `checkpoint` or `beginCheckpoint` that came about, or the
    /// time the store was opened.
    public var lastCheckpoint: Date { saved.withLock { $0.last } }

    /// What went wrong with the last checkpoint that `beginCheckpoint` asked for, if anything did.
    public var lastCheckpointError: StoreError? { saved.withLock { $0.error } }

    private func checkpointInBackground() {
        guard context.currentHealth == .writable else { return }
        guard saved.withLock({ $0.isWanted }) else {
            for collection in table.withLock({ Array($0.values) }) { collection.checkpointIfDue() }
            return
        }
        var failure: StoreError?
        do throws(StoreError) { try checkpoint() } catch { failure = error }
        saved.withLock { saved in
            saved.isWanted = false
            saved.error = failure
        }
    }

    /// Makes a checkpoint if there is anything in the logs, and lets go of the folder. Collections stay readable. If
    /// the checkpoint fails, the logs are made durable instead, and the error is thrown after the folder is let go of.
    /// Calling it again does nothing.
    public func close() throws(StoreError) {
        backgroundSync?.stop()
        let before = context.close()
        if before == .closed { return }
        context.checkpointer.stop()
        var failure: StoreError?
        if before == .writable {
            for collection in table.withLock({ Array($0.values) }) {
                do throws(StoreError) {
                    try collection.checkpoint(isLast: true)
                } catch {
                    failure = failure ?? error
                    do throws(StoreError) { try collection.sync() } catch { failure = error }
                }
            }
        }
        letGo()
        if let failure { throw failure }
    }

    /// Lets go of the folder once no other thread is in the middle of writing there; those that come later are refused,
    /// since the store has been closed.
    private func letGo() {
        for collection in table.withLock({ Array($0.values) }) {
            collection.checkpointing.withLock { collection.writer.withLock {} }
        }
        syncLock.withLock {
            context.manifestLock.withLock {
                context.release()
                lock.withLock { $0 = nil }
            }
        }
    }
}
