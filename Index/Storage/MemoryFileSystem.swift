import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file system in memory, with the manners of the machine's: for tests, and for whoever wants a store without files.
/// What is in it goes when it does.
///
/// It begins empty but for the folder `/`; paths that do not begin there are taken to. Open files outlive their names,
/// locks belong to openings as with flock(2), and a hole in a file takes no memory. Nothing has to be synced: memory is
/// as durable as it gets, and what a loss of power would do to it is `FaultyFileSystem`'s to show.
///
/// A disk that is full, or that can only be read, is had by setting `capacity` and `isReadOnly`, at any time.
///
/// Not here: rights, links, sockets and devices, and limits for the length of a name.
///
/// Thread-safety: one mutex for everything, held while bytes are copied, but for `map`.
public final class MemoryFileSystem: FileSystem {
    fileprivate struct State: Sendable {
        var inodes = InodeTable()
        var capacity: UInt64?
        var isReadOnly = false

        /// Checks that a file may be made to have this size.
        func checkSpace(_ number: InodeTable.Number, size: UInt64) throws(InodeTable.Failure) {
            let growth = inodes.growth(number, to: size)
            guard growth > 0 else { return }
            // Without a capacity there is still none for more than can be counted.
            let capacity = capacity ?? UInt64(Int64.max)
            guard inodes.bytes <= capacity, growth <= capacity - inodes.bytes else {
                throw InodeTable.Failure(ENOSPC)
            }
        }
    }

    private let state: Mutex<State>

    /// An empty one. With a capacity, as many bytes fit.
    public init(capacity: UInt64? = nil) { state = Mutex(State(capacity: capacity)) }

    /// How many bytes all files together may have, holes counted; nil if that does not matter. What would take more
    /// fails with `noSpace` and does nothing. Less than there is already may be set: then nothing grows.
    public var capacity: UInt64? {
        get { state.withLock { $0.capacity } }
        set { state.withLock { $0.capacity = newValue } }
    }

    /// Whether every change fails with `readOnly`. Files that are open for writing stay open.
    public var isReadOnly: Bool {
        get { state.withLock { $0.isReadOnly } }
        set { state.withLock { $0.isReadOnly = newValue } }
    }

    /// How many bytes all files together have, with those that were removed and are still open.
    public var bytesInUse: UInt64 { state.withLock { $0.inodes.bytes } }

    /// Does something under the mutex, and gives a failure the form that the system's would have.
    fileprivate func perform<Result: Sendable>(
        _ operation: String, _ path: String, _ body: (inout State) throws(InodeTable.Failure) -> Result
    ) throws(StoreError) -> Result {
        do throws(InodeTable.Failure) {
            return try state.withLock { state throws(InodeTable.Failure) in try body(&state) }
        } catch {
            throw systemError(operation, path, code: error.code)
        }
    }

    /// The same for a change.
    fileprivate func change<Result: Sendable>(
        _ operation: String, _ path: String, _ body: (inout State) throws(InodeTable.Failure) -> Result
    ) throws(StoreError) -> Result {
        try perform(operation, path) { state throws(InodeTable.Failure) in
            guard !state.isReadOnly else { throw InodeTable.Failure(EROFS) }
            return try body(&state)
        }
    }

    /// Ends an opening; that never fails.
    fileprivate func close(_ number: InodeTable.Number, _ opening: InodeTable.Opening) {
        state.withLock { $0.inodes.close(number, opening) }
    }

    /// Lets go of a lock; that never fails.
    fileprivate func unlock(_ number: InodeTable.Number, _ opening: InodeTable.Opening) {
        state.withLock { $0.inodes.unlock(number, opening) }
    }

    /// See `FileSystem`.
    public func kind(of path: String) throws(StoreError) -> FileKind { state.withLock { $0.inodes.kind(of: path) } }

    /// See `FileSystem`.
    public func list(_ path: String) throws(StoreError) -> [String] {
        try perform("list", path) { state throws(InodeTable.Failure) in try state.inodes.list(path) }.sorted()
    }

    /// See `FileSystem`.
    public func open(_ path: String, _ access: FileAccess) throws(StoreError) -> any StorageFile {
        let (number, opening) = try perform("open", path) { state throws(InodeTable.Failure) in
            try state.inodes.open(path, access, mayChange: !state.isReadOnly)
        }
        return MemoryFile(path, in: self, number, opening, isWritable: access != .read)
    }

    /// See `FileSystem`.
    public func createDirectory(_ path: String) throws(StoreError) {
        try perform("create", path) { state throws(InodeTable.Failure) in
            try state.inodes.createDirectory(path, mayChange: !state.isReadOnly)
        }
    }

    /// See `FileSystem`.
    public func rename(_ from: String, to: String) throws(StoreError) {
        try change("rename", from) { state throws(InodeTable.Failure) in try state.inodes.rename(from, to: to) }
    }

    /// See `FileSystem`.
    public func remove(_ path: String) throws(StoreError) {
        try change("remove", path) { state throws(InodeTable.Failure) in try state.inodes.remove(path) }
    }

    /// See `FileSystem`.
    public func removeDirectory(_ path: String) throws(StoreError) {
        try change("remove", path) { state throws(InodeTable.Failure) in try state.inodes.removeDirectory(path) }
    }

    /// See `FileSystem`. There are no links: only `.`, empty parts and `/` at the end are taken out.
    public func resolve(_ path: String) throws(StoreError) -> String {
        guard try kind(of: path) != .absent else { throw systemError("find", path, code: ENOENT) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }

    /// See `FileSystem`. The folder must be there; nothing else is to be done.
    public func syncDirectory(_ path: String) throws(StoreError) {
        guard try kind(of: path) == .absent else { return }
        throw systemError("open", path, code: ENOENT)
    }
}

/// A file of a `MemoryFileSystem`.
private final class MemoryFile: StorageFile {
    let path: String
    private let system: MemoryFileSystem
    private let number: InodeTable.Number
    private let opening: InodeTable.Opening
    private let isWritable: Bool

    init(
        _ path: String, in system: MemoryFileSystem, _ number: InodeTable.Number, _ opening: InodeTable.Opening,
        isWritable: Bool
    ) {
        self.path = path
        self.system = system
        self.number = number
        self.opening = opening
        self.isWritable = isWritable
    }

    deinit { system.close(number, opening) }

    func size() throws(StoreError) -> UInt64 { try contents("examine").size }

    func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        try system.perform("read", path) { [number] state in
            state.inodes.contents(number).read(at: offset, count: count)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        guard isWritable else { throw systemError("write", path, code: EBADF) }
        guard offset <= UInt64(Int64.max) - UInt64(bytes.count) else { throw systemError("write", path, code: EFBIG) }
        try system.change("write", path) { [number] state throws(InodeTable.Failure) in
            if !bytes.isEmpty { try state.checkSpace(number, size: offset + UInt64(bytes.count)) }
            state.inodes.write(number, bytes, at: offset)
        }
    }

    func truncate(to size: UInt64) throws(StoreError) {
        guard isWritable else { throw systemError("truncate", path, code: EINVAL) }
        guard size <= UInt64(Int64.max) else { throw systemError("truncate", path, code: EFBIG) }
        try system.change("truncate", path) { [number] state throws(InodeTable.Failure) in
            try state.checkSpace(number, size: size)
            state.inodes.truncate(number, to: size)
        }
    }

    func sync() throws(StoreError) {}

    /// A copy of what is in the file now. It is made outside of the mutex, of pieces that nobody writes to any more.
    func map() throws(StoreError) -> MappedFile {
        let contents = try contents("map")
        let mapped = try MappedFile(zeros: Int(contents.size), for: path)
        contents.copy(to: mapped.bytes)
        return mapped
    }

    func tryLock(exclusive: Bool) throws(StoreError) -> Bool {
        try system.perform("lock", path) { [number, opening] state in
            state.inodes.lock(number, opening, exclusive: exclusive)
        }
    }

    func unlock() { system.unlock(number, opening) }

    private func contents(_ operation: String) throws(StoreError) -> SparseBytes {
        try system.perform(operation, path) { [number] state in state.inodes.contents(number) }
    }
}
