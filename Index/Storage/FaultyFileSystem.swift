import Synchronization

/// A file system that works like another until it is told to fail: for tests of what a store does then.
///
/// Operations are counted from 1, over all files, in the order in which they are asked for.
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
        /// For each file written: how much of it is on the device for sure.
        var durable: [String: UInt64] = [:]
        var names = NameJournal()
    }

    private let base: any FileSystem
    private let state: Mutex<State>

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

    /// Does the worst that a loss of power may do: cuts every file to what had been synced of it, and undoes what was
    /// made, renamed and removed in every folder since that was synced. What was open is not to be used after.
    public func losePower() throws(StoreError) {
        for (path, size) in state.withLock({ $0.durable }) where try base.kind(of: path) == .file {
            let file = try base.open(path, .readWrite)
            if try file.size() > size { try file.truncate(to: size) }
        }
        var names = state.withLock { $0.names }
        try names.undo(in: base)
        state.withLock { $0.names = NameJournal() }
    }

    /// What of a file is on the device for sure; nil if there is no file.
    private func durableContents(_ path: String) throws(StoreError) -> [UInt8]? {
        guard try base.kind(of: path) == .file else { return nil }
        let file = try base.open(path, .read)
        let size = try file.size()
        return try file.read(at: 0, count: Int(min(size, state.withLock { $0.durable[path] } ?? size)))
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

    fileprivate func setDurable(_ path: String, _ size: UInt64) { state.withLock { $0.durable[path] = size } }

    fileprivate func cutDurable(_ path: String, to size: UInt64) {
        state.withLock { $0.durable[path] = min($0.durable[path] ?? size, size) }
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
        let isNew = try base.kind(of: path) == .absent
        let file = try base.open(path, access)
        if isNew { state.withLock { $0.names.note(.madeFile(path)) } }
        if access != .read { setDurable(path, try file.size()) }
        return FaultyFile(file, self)
    }

    /// See `FileSystem`.
    public func createDirectory(_ path: String) throws(StoreError) {
        try step("create", path)
        let isNew = try base.kind(of: path) == .absent
        try base.createDirectory(path)
        if isNew { state.withLock { $0.names.note(.madeFolder(path)) } }
    }

    /// See `FileSystem`.
    public func rename(_ from: String, to: String) throws(StoreError) {
        try step("rename", from)
        let replaced = try durableContents(to)
        try base.rename(from, to: to)
        state.withLock { state in
            state.durable[to] = state.durable.removeValue(forKey: from)
            state.names.note(.renamed(from: from, to: to, replaced: replaced))
        }
    }

    /// See `FileSystem`.
    public func remove(_ path: String) throws(StoreError) {
        try step("remove", path)
        let contents = try durableContents(path)
        try base.remove(path)
        state.withLock { state in
            state.durable[path] = nil
            if let contents { state.names.note(.removedFile(path, contents: contents)) }
        }
    }

    /// See `FileSystem`.
    public func removeDirectory(_ path: String) throws(StoreError) {
        try step("remove", path)
        try base.removeDirectory(path)
        state.withLock { $0.names.note(.removedFolder(path)) }
    }

    /// See `FileSystem`.
    public func syncDirectory(_ path: String) throws(StoreError) {
        try step("sync", path)
        if case .skipFolderSyncs(let end) = state.withLock({ $0.fault }), path.hasSuffix(end) { return }
        try base.syncDirectory(path)
        state.withLock { $0.names.synced(path) }
    }
}

/// A file of a `FaultyFileSystem`.
private final class FaultyFile: StorageFile {
    private let base: any StorageFile
    private let system: FaultyFileSystem

    var path: String { base.path }

    init(_ base: any StorageFile, _ system: FaultyFileSystem) {
        self.base = base
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
        if count > 0 { try base.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset) }
        if let error { throw error }
    }

    func truncate(to size: UInt64) throws(StoreError) {
        try system.step("truncate", path)
        try base.truncate(to: size)
        system.cutDurable(path, to: size)
    }

    func sync() throws(StoreError) {
        try system.step("sync", path)
        try base.sync()
        system.setDurable(path, try base.size())
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
