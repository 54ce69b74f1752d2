import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// That what a backup holds of a collection was all there at one moment, with a writer that does something each time
/// the backup has looked at the size of a file.
@Suite struct BackupMomentTests {
    /// Adds changes 0, 1, 2...: a thumbnail of ten bytes, then a record, to the first log until it is time to switch.
    private final class Writer: Sendable {
        private let logs: [WriteAheadLog]
        private let thumbnails: BlobFile
        private let switchAfter: Int
        private let next = Atomic<Int>(0)

        init(_ folder: String, switchAfter: Int) throws {
            let files = POSIXFileSystem()
            logs = try [1, 2].map { generation in
                try WriteAheadLog.create(
                    "\(folder)/log-\(generation)", collection: 1, generation: generation, first: [], in: files)
            }
            thumbnails = try BlobFile.create("\(folder)/thumbnails-1", collection: 1, number: 1, in: files)
            self.switchAfter = switchAfter
        }

        func step() {
            let change = next.wrappingAdd(1, ordering: .relaxed).oldValue
            do {
                _ = try thumbnails.append([UInt8](repeating: 1, count: 10))
                try logs[change < switchAfter ? 0 : 1].append([UInt8(change)])
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    private struct WatchedFileSystem: FileSystem {
        let base = POSIXFileSystem()
        let writer: Writer

        func open(_ path: String, _ access: FileAccess) throws(StoreError) -> any StorageFile {
            WatchedFile(base: try base.open(path, access), writer: writer)
        }
        func kind(of path: String) throws(StoreError) -> FileKind { try base.kind(of: path) }
        func list(_ path: String) throws(StoreError) -> [String] { try base.list(path) }
        func createDirectory(_ path: String) throws(StoreError) { try base.createDirectory(path) }
        func rename(_ from: String, to: String) throws(StoreError) { try base.rename(from, to: to) }
        func remove(_ path: String) throws(StoreError) { try base.remove(path) }
        func removeDirectory(_ path: String) throws(StoreError) { try base.removeDirectory(path) }
        func resolve(_ path: String) throws(StoreError) -> String { try base.resolve(path) }
        func syncDirectory(_ path: String) throws(StoreError) { try base.syncDirectory(path) }
    }

    private final class WatchedFile: StorageFile {
        private let base: any StorageFile
        private let writer: Writer

        init(base: any StorageFile, writer: Writer) {
            self.base = base
            self.writer = writer
        }

        var path: String { base.path }
        func size() throws(StoreError) -> UInt64 {
            let size = try base.size()
            // Several, so that a switch of logs may come in the middle of them.
            for _ in 0..<3 { writer.step() }
            return size
        }
        func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
            try base.read(at: offset, count: count)
        }
        func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
            try base.write(bytes, at: offset)
        }
        func truncate(to size: UInt64) throws(StoreError) { try base.truncate(to: size) }
        func sync() throws(StoreError) { try base.sync() }
        func map() throws(StoreError) -> MappedFile { try base.map() }
        func tryLock(exclusive: Bool) throws(StoreError) -> Bool { try base.tryLock(exclusive: exclusive) }
        func unlock() { base.unlock() }
    }

    @Test(arguments: 0..<30) func aSwitchOfLogsAtAnyTime(switchAfter: Int) throws {
        let folder = TemporaryFolder(inMemory: true)
        let files = POSIXFileSystem()
        try files.createDirectory(folder("store/collections/1"))
        var manifest = Manifest()
        manifest.entries = [
            Manifest.Entry(
                number: 1, generation: 1, hasSnapshot: false, blobFile: 1, name: [97], dimension: 4, metric: "cosine",
                quantization: "int8", m: 16, efConstruction: 200, modelName: nil, modelHash: nil)
        ]
        try manifest.publish(folder("store"), in: files)
        let writer = try Writer(folder("store/collections/1"), switchAfter: switchAfter)
        // Some of it before the backup begins.
        for _ in 0..<3 { writer.step() }
        _ = try Store.backup(folder("store"), to: folder("backup"), fileSystem: WatchedFileSystem(writer: writer))

        var backup = try BackupReader(folder("backup"), in: files)
        var changes: [UInt8] = []
        var thumbnails: UInt64 = 0
        while let entry = try backup.next() {
            let copy = folder("copy")
            try backup.copy(entry, to: files.open(copy, .truncate)) {}
            if entry.path.contains("thumbnails") { thumbnails = entry.length }
            guard entry.path.contains("log"), let generation = UInt64(entry.path.suffix(1)) else { continue }
            _ = try LogReader(copy, collection: 1, generation: generation, readOnly: true, in: files)
                .replay(isFollowed: false) { payload, _ in changes += payload }
        }
        #expect(changes == (0..<changes.count).map { UInt8($0) }, "a change is missing before one that is there")
        #expect(changes.count >= 3, "what was there when the backup began")
        #expect(thumbnails >= UInt64(FileHeader.size + 10 * changes.count), "a record refers past the end")
    }
}
