import HNSW
import Storage
import Synchronization

/// What a store and its collections share: where the files are, whether it may be written, and the manifest.
///
/// Lock order, outermost first: a collection's `checkpointing`, its `writer` or the store's `syncLock`, `manifestLock`,
/// then any of the small mutexes. Nobody waits for an outer one while holding an inner one.
///
/// Thread-safety: `manifest` is guarded by `manifestLock`, and so is whether the folder has been let go of; everything
/// else is constant or has its own lock. That is why the unchecked conformance holds.
final class StoreContext: @unchecked Sendable {
    enum Health: Equatable {
        case writable
        case readOnly
        case failed(reason: String)
        case closed
    }

    let folder: String
    let fileSystem: any FileSystem
    let options: StoreOptions
    /// Makes checkpoints.
    let checkpointer = BackgroundWorker()
    private let health: Mutex<Health>
    let manifestLock = ExclusiveLock()
    private(set) var manifest: Manifest
    /// Whether the folder has been let go of. Under `manifestLock`.
    private var isReleased = false
    /// Whether it is unknown which of two manifests a loss of power would leave, so that the files of both are needed.
    /// Set under `manifestLock`.
    let isManifestUncertain = Atomic(false)

    init(folder: String, fileSystem: any FileSystem, options: StoreOptions, manifest: Manifest) {
        self.folder = folder
        self.fileSystem = fileSystem
        self.options = options
        self.manifest = manifest
        health = Mutex(options.readOnly ? .readOnly : .writable)
    }

    var collectionsFolder: String { folder + "/" + Store.collectionsFolderName }

    func collectionFolder(_ number: UInt64) -> String { "\(collectionsFolder)/\(number)" }

    // MARK: Health

    var currentHealth: Health { health.withLock { $0 } }

    /// Throws unless the store takes changes.
    func checkWritable() throws(StoreError) {
        switch currentHealth {
        case .writable: return
        case .readOnly: throw .readOnly(path: folder)
        case .failed(let reason): throw .failed(path: folder, reason: reason)
        case .closed: throw .closed(path: folder)
        }
    }

    /// Notes that it is unknown what is on the device: no more changes.
    func fail(_ reason: String) {
        health.withLock { if $0 != .closed { $0 = .failed(reason: reason) } }
    }

    /// Ends all changes; returns what the health was before.
    func close() -> Health {
        health.withLock { health in
            defer { health = .closed }
            return health
        }
    }

    // MARK: Manifest

    /// Notes that the folder is somebody else's from now on: no manifest is published any more. Under `manifestLock`.
    func release() { isReleased = true }

    /// Publishes the manifest with changes made to it. Under `manifestLock`. On an error the old one stays in use; if
    /// it is uncertain which one a loss of power would leave, the store takes no more changes.
    func publish(_ change: (inout Manifest) -> Void) throws(StoreError) {
        if isReleased { throw .closed(path: folder) }
        var changed = manifest
        change(&changed)
        do throws(Manifest.PublishError) {
            try changed.publish(folder, in: fileSystem)
        } catch {
            switch error {
            case .unchanged(let cause): throw cause
            case .uncertain(let cause):
                isManifestUncertain.store(true, ordering: .releasing)
                fail("the folder could not be synced: \(cause)")
                throw cause
            }
        }
        manifest = changed
    }
}
