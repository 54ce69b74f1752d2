import Foundation
import HNSW
import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// Closing a store that other threads still use.
@Suite struct StoreCloseTests {
    /// A file system that holds up whoever renames a file, once it has been told to, until it is let go.
    final class HeldFileSystem: FileSystem {
        private let base = POSIXFileSystem()
        private let holds = Mutex(false)
        let arrived = DispatchSemaphore(value: 0)
        let letGo = DispatchSemaphore(value: 0)

        func hold() { holds.withLock { $0 = true } }

        func rename(_ from: String, to: String) throws(StoreError) {
            let isHeld = holds.withLock { holds in
                defer { holds = false }
                return holds
            }
            if isHeld {
                arrived.signal()
                letGo.wait()
            }
            try base.rename(from, to: to)
        }

        func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
        func list(_ path: String) throws(StoreError) -> [String] { try base.list(path) }
        func open(_ path: String, _ access: FileAccess) throws(StoreError) -> any StorageFile {
            try base.open(path, access)
        }
        func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
        func remove(_ path: String) throws(StoreError) { try base.remove(path) }
        func removeDirectory(_ path: String) throws(StoreError) { try base.removeDirectory(path) }
        func resolve(_ path: String) throws(StoreError) -> String { try base.resolve(path) }
        func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    }

    @Test func theFolderIsHeldUntilAManifestUnderWayIsPublished() throws {
        let folder = TemporaryFolder()
        let files = HeldFileSystem()
        let options = StoreOptions(durability: .none)
        let store = try Store.open(folder("store"), options: options, fileSystem: files)
        files.hold()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            // It is refused after its collection has been made, since the store has been closed by then.
            _ = try? store.upsert(
                "1", ElementChange(vector: [1, 2]), in: "a", configuration: CollectionConfiguration(dimension: 2))
            done.signal()
        }
        files.arrived.wait()
        Thread.detachNewThread {
            try? store.close()
            done.signal()
        }
        // Until closing has begun, this finds nothing to do.
        while (try? store.checkpoint()) != nil { Thread.sleep(forTimeInterval: 0.001) }
        #expect(done.wait(timeout: .now() + .milliseconds(300)) == .timedOut)
        let error = #expect(throws: StoreError.self) { try Store.open(folder("store"), options: options) }
        if case .inUse = error {} else { Issue.record("\(String(describing: error))") }
        files.letGo.signal()
        done.wait()
        done.wait()
        let again = try Store.open(folder("store"), options: options)
        #expect(again.collectionNames.isEmpty)
    }
}
