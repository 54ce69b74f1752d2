/// Everything a store asks of the system's files. All file I/O goes through here. There are three of them:
///
/// - `POSIXFileSystem`: the machine's files.
/// - `MemoryFileSystem`: files in memory, on a disk that can be made full or read-only.
/// - `FaultyFileSystem`: one of the others, which fails at a chosen operation and loses power when told to.
///
/// What is promised here and of `StorageFile` is tested of all of them, by `FileSystemConformanceTests`. Files are as
/// Unix has them: one that is open stays what it is when it is removed or another one gets its name.
///
/// Paths are plain strings with `/` between parts. Every error is a `StoreError`: `noSpace` for a full device or quota,
/// `readOnly` for a read-only device, otherwise `io` with the system's own words.
public protocol FileSystem: Sendable {
    /// What is at a path.
    func kind(of path: String) throws(StoreError) -> FileKind
    /// The names in a folder, sorted, without `.` and `..`.
    func list(_ path: String) throws(StoreError) -> [String]
    /// Opens a file.
    func open(_ path: String, _ access: FileAccess) throws(StoreError) -> any StorageFile
    /// Makes a folder and those above it; an existing one is fine.
    func createDirectory(_ path: String) throws(StoreError)
    /// Gives a file another name, replacing what has that name, in one step that either happens or does not.
    func rename(_ from: String, to: String) throws(StoreError)
    /// Removes a file.
    func remove(_ path: String) throws(StoreError)
    /// Removes an empty folder.
    func removeDirectory(_ path: String) throws(StoreError)
    /// The absolute path, without links in it, of something that exists.
    func resolve(_ path: String) throws(StoreError) -> String
    /// Makes the names in a folder durable.
    func syncDirectory(_ path: String) throws(StoreError)
}

/// What is at a path.
public enum FileKind: Sendable {
    /// Nothing.
    case absent
    /// A regular file.
    case file
    /// A folder.
    case directory
    /// A socket, device, pipe or the like.
    case other
}

/// How a file is opened.
public enum FileAccess: Sendable {
    /// To be read; it must exist.
    case read
    /// To be read and written; it must exist.
    case readWrite
    /// To be read and written; made if it does not exist.
    case openOrCreate
    /// To be read and written; made, or emptied if it exists.
    case truncate
}

/// An open file. It is closed when the last reference to it goes.
///
/// Thread-safety: calls may be made from several threads; none moves a shared position.
public protocol StorageFile: AnyObject, Sendable {
    /// As it was given to `open`.
    var path: String { get }
    /// Bytes in the file.
    func size() throws(StoreError) -> UInt64
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8]
    /// Writes all of the bytes at `offset`, or throws with an unknown part of them written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError)
    /// Cuts the file or extends it with zeros.
    func truncate(to size: UInt64) throws(StoreError)
    /// Makes the contents, and what is needed to find them, durable.
    func sync() throws(StoreError)
    /// The whole file as memory of our own: writes to it stay in the process and never reach the file.
    func map() throws(StoreError) -> MappedFile
    /// Takes the advisory lock of the whole file if nobody else has it; held until the file is closed, at the latest
    /// when the process ends, however it ends.
    func tryLock(exclusive: Bool) throws(StoreError) -> Bool
    /// Lets go of the lock. Closing the file would do that too, but not while a child process, between its fork and its
    /// exec, still has a copy of the descriptor.
    func unlock()
}

extension StorageFile {
    /// Writes an array; see above.
    package func write(_ bytes: [UInt8], at offset: UInt64) throws(StoreError) {
        // A typed throw does not pass through withUnsafeBytes by itself everywhere, hence the result.
        let result: Result<Void, StoreError> = bytes.withUnsafeBytes { buffer in
            do throws(StoreError) { return .success(try write(buffer, at: offset)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
