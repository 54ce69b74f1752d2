import Synchronization

/// A file system that works like another until it is told to fail: for tests of what a store does then.
///
/// Operations are counted from 1, over all files, in the order in which they are asked for. `losePower` does to the
/// files what a loss of power may do, since all that is written and synced is seen here; what a file holds when it is
/// met for the first time is taken to be durable.
///
/// What it does not model, of a loss of power:
/// - A sync of a file makes its contents durable and not its name, though most systems would give both.
/// - A sector is written as a whole or not at all, and a lost one is never garbage. What is durable stays as it is.
/// - Folders that `createDirectory` makes on the way to the one asked for are durable at once.
/// - Folders are not renamed, and files only within theirs: a rename counts as a change of the new name's folder.
/// - A sync that fails can be tried again, where some systems forget then what was to be written.
/// - What others do to the files behind its back.
///
/// It keeps a copy of what is overwritten until the next sync, and holds removed files open until their folder is
/// synced: it is for tests, with files that are small.
///
/// Thread-safety: the count, the names, and the contents of each file have a mutex. Those of the names and of a file
/// are held, the latter within the former, while the file system below works: names change one at a time.
public final class FaultyFileSystem: FileSystem {
    /// What goes wrong.
    public enum Fault: Sendable, Equatable {
        /// Nothing; operations are only counted.
        case none
        /// One operation fails with an I/O error and does nothing; later ones work.
        case fail(operation: Int)
        /// One operation, if it writes, writes only half of its bytes and fails; if it does not write, it fails as
        /// above. Later ones work.
        case shortWrite(operation: Int)
        /// From this operation on nothing works, as for a process that has been killed. A write is torn in the middle.
        case halt(operation: Int)
        /// Every operation on a path that contains this text fails and does nothing.
        case failPaths(containing: String)
        /// The sync of every folder whose path ends in this does nothing and says that it worked.
        case skipFolderSyncs(of: String)
        /// After this many bytes have been written, the device is full.
        case noSpace(afterBytes: Int)
    }

    private struct State {
        var fault: Fault
        var operations = 0
        var written = 0
        var journal: [String] = []
    }

    private let base: any FileSystem
    private let state: Mutex<State>
    private let names = Mutex(NameJournal())

    /// Wraps a file system.
    public init(_ base: any FileSystem = POSIXFileSystem(), fault: Fault = .none) {
        self.base = base
        state = Mutex(State(fault: fault))
    }

    /// How many operations there have been.
    public var operations: Int { state.withLock { $0.operations } }

    /// "operation path" of each of them.
    public var journal: [String] { state.withLock { $0.journal } }

    /// Sets what goes wrong from now on; the count of operations goes on.
    public func set(_ fault: Fault) { state.withLock { $0.fault = fault } }

    /// Does the worst that a loss of power may do. What was open is not to be used after.
    public func losePower() throws(StoreError) { try losePower(.everythingUnsynced) }

    /// Does what a loss of power may do: takes from every file, and from the names in every folder, what had not been
    /// synced, or parts of it. What is left counts as durable. What was open is not to be used after.
    public func losePower(_ loss: PowerLoss) throws(StoreError) {
        var draw = PowerLossDraw(loss)
        try names.withLock { names throws(StoreError) in try names.lose(&draw, in: base) }
    }

    /// Counts an operation; throws if it is to fail.
    fileprivate func step(_ operation: String, _ path: String) throws(StoreError) {
        let fails = state.withLock { state in
            state.operations += 1
            state.journal.append("\(operation) \(path)")
            switch state.fault {
            case .fail(let n), .shortWrite(let n): return state.operations == n
            case .halt(let n): return state.operations >= n
            case .failPaths(let text): return path.contains(text)
            case .none, .noSpace, .skipFolderSyncs: return false
            }
        }
        if fails { throw .io(path: path, operation: operation, reason: "injected fault") }
    }

    /// Counts a write; returns how many of its bytes are to be written and the error to throw after them.
    fileprivate func stepWrite(_ path: String, bytes: Int) -> (write: Int, error: StoreError?) {
        state.withLock { state in
            state.operations += 1
            state.journal.append("write \(path)")
            let torn = StoreError.io(path: path, operation: "write", reason: "injected fault")
            switch state.fault {
            case .fail(let n) where state.operations == n: return (0, torn)
            case .shortWrite(let n) where state.operations == n: return (bytes / 2, torn)
            case .halt(let n) where state.operations == n: return (bytes / 2, torn)
            case .halt(let n) where state.operations > n: return (0, torn)
            case .failPaths(let text) where path.contains(text): return (0, torn)
            case .noSpace(let limit) where state.written + bytes > limit:
                let some = max(0, limit - state.written)
                state.written += some
                return (some, .noSpace(path: path))
            default:
                state.written += bytes
                return (bytes, nil)
            }
        }
    }

    /// See `FileSystem`.
    public func kind(of path: String) throws(StoreError) -> FileKind {
        try step("examine", path)
        return try base.kind(of: path)
    }

    /// See `FileSystem`.
    public func list(_ path: String) throws(StoreError) -> [String] {
        try step("list", path)
        return try base.list(path)
    }

    /// See `FileSystem`.
    public func open(_ path: String, _ access: FileAccess) throws(StoreError) -> any StorageFile {
        try step("open", path)
        return try names.withLock { names throws(StoreError) in
            let kind = try base.kind(of: path)
            // A file is not emptied before it is known what was in it.
            let isEmptied = access == .truncate && kind == .file
            let file = try base.open(path, isEmptied ? .readWrite : access)
            let contents = try names.opened(path, file, isNew: kind == .absent)
            if isEmptied { try contents.truncate(to: 0, file) }
            return FaultyFile(file, contents, self)
        }
    }

    /// See `FileSystem`.
    public func createDirectory(_ path: String) throws(StoreError) {
        try step("create", path)
        try names.withLock { names throws(StoreError) in
            let isNew = try base.kind(of: path) == .absent
            try base.createDirectory(path)
            if isNew { names.madeFolder(path) }
        }
    }

    /// See `FileSystem`.
    public func rename(_ from: String, to: String) throws(StoreError) {
        try step("rename", from)
        try names.withLock { names throws(StoreError) in
            let replaced = try names.nameless(to, in: base)
            try base.rename(from, to: to)
            names.renamed(from, to: to, replaced: replaced)
        }
    }

    /// See `FileSystem`.
    public func remove(_ path: String) throws(StoreError) {
        try step("remove", path)
        try names.withLock { names throws(StoreError) in
            let file = try names.nameless(path, in: base)
            try base.remove(path)
            if let file { names.removed(path, file) }
        }
    }

    /// See `FileSystem`.
    public func removeDirectory(_ path: String) throws(StoreError) {
        try step("remove", path)
        try names.withLock { names throws(StoreError) in
            try base.removeDirectory(path)
            names.removedFolder(path)
        }
    }

    /// See `FileSystem`.
    public func resolve(_ path: String) throws(StoreError) -> String {
        try step("find", path)
        return try base.resolve(path)
    }

    /// See `FileSystem`.
    public func syncDirectory(_ path: String) throws(StoreError) {
        try step("sync", path)
        if case .skipFolderSyncs(let end) = state.withLock({ $0.fault }), path.hasSuffix(end) { return }
        try names.withLock { names throws(StoreError) in
            try base.syncDirectory(path)
            names.synced(path)
        }
    }
}

/// A file of a `FaultyFileSystem`.
private final class FaultyFile: StorageFile {
    private let base: any StorageFile
    private let contents: UnsyncedContents
    private let system: FaultyFileSystem

    var path: String { base.path }

    init(_ base: any StorageFile, _ contents: UnsyncedContents, _ system: FaultyFileSystem) {
        self.base = base
        self.contents = contents
        self.system = system
    }

    func size() throws(StoreError) -> UInt64 {
        try system.step("examine", path)
        return try base.size()
    }

    func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        try system.step("read", path)
        return try base.read(at: offset, count: count)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        let (count, error) = system.stepWrite(path, bytes: bytes.count)
        // Nothing is written where nothing is to be; what is refused for other reasons is so without bytes too.
        if error == nil || count > 0 {
            try contents.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset, to: base)
        }
        if let error { throw error }
    }

    func truncate(to size: UInt64) throws(StoreError) {
        try system.step("truncate", path)
        try contents.truncate(to: size, base)
    }

    func sync() throws(StoreError) {
        try system.step("sync", path)
        try contents.sync(base)
    }

    func map() throws(StoreError) -> MappedFile {
        try system.step("map", path)
        return try base.map()
    }

    func tryLock(exclusive: Bool) throws(StoreError) -> Bool {
        try system.step("lock", path)
        return try base.tryLock(exclusive: exclusive)
    }

    /// Not counted, and never failing: the system does it for a process that dies, too.
    func unlock() { base.unlock() }
}
