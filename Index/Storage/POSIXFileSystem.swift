#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file system of the machine.
public struct POSIXFileSystem: FileSystem {
    /// There is only one.
    public init() {}

    /// See `FileSystem`; symbolic links are followed.
    public func kind(of path: String) throws(StoreError) -> FileKind {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .absent }
            throw systemError("examine", path)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// See `FileSystem`.
    public func list(_ path: String) throws(StoreError) -> [String] {
        guard let directory = opendir(path) else { throw systemError("list", path) }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw systemError("list", path) }
        return names.sorted()
    }

    /// See `FileSystem`. New files may be read by all and written by their owner, less the process's mask.
    public func open(_ path: String, _ access: FileAccess) throws(StoreError) -> any StorageFile {
        let flags: Int32
        switch access {
        case .read: flags = O_RDONLY
        case .readWrite: flags = O_RDWR
        case .openOrCreate: flags = O_RDWR | O_CREAT
        case .truncate: flags = O_RDWR | O_CREAT | O_TRUNC
        }
        let descriptor = systemOpen(path, flags)
        guard descriptor >= 0 else { throw systemError("open", path) }
        return POSIXFile(path: path, descriptor: FileDescriptor(owning: descriptor))
    }

    /// See `FileSystem`. Folders made on the way are made durable, the last one only with its parent's next sync.
    public func createDirectory(_ path: String) throws(StoreError) {
        if mkdir(path, 0o755) == 0 { return }
        let reason = errno
        if reason == EEXIST, try kind(of: path) == .directory { return }
        errno = reason
        guard reason == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw systemError("create", path)
        }
        let above = String(path[..<slash])
        try createDirectory(above)
        try syncDirectory(above.lastIndex(of: "/").map { above[...$0] }.map(String.init) ?? ".")
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw systemError("create", path) }
    }

    /// See `FileSystem`.
    public func rename(_ from: String, to: String) throws(StoreError) {
        guard systemRename(from, to) == 0 else { throw systemError("rename", from) }
    }

    /// See `FileSystem`.
    public func remove(_ path: String) throws(StoreError) {
        guard unlink(path) == 0 else { throw systemError("remove", path) }
    }

    /// See `FileSystem`.
    public func removeDirectory(_ path: String) throws(StoreError) {
        guard rmdir(path) == 0 else { throw systemError("remove", path) }
    }

    /// See `FileSystem`.
    public func resolve(_ path: String) throws(StoreError) -> String {
        guard let resolved = realpath(path, nil) else { throw systemError("find", path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// See `FileSystem`. Two things are passed over, because nothing can be done about them and names in the folder can
    /// be made all the same: that it may be entered but not read (a parent that belongs to somebody else), and that its
    /// file system cannot sync folders. Names there are as durable as the system makes them.
    public func syncDirectory(_ path: String) throws(StoreError) {
        let raw = systemOpen(path, O_RDONLY)
        guard raw >= 0 else {
            if errno == EACCES { return }
            throw systemError("open", path)
        }
        let descriptor = FileDescriptor(owning: raw)
        guard systemSyncDirectory(descriptor.raw) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw systemError("sync", path)
        }
    }
}

/// The owner of a descriptor: closes it when it goes.
struct FileDescriptor: ~Copyable {
    let raw: Int32

    init(owning raw: Int32) { self.raw = raw }

    deinit { systemClose(raw) }
}

/// A file of the machine. Reads and writes say where, so threads do not disturb each other.
final class POSIXFile: StorageFile {
    let path: String
    private let descriptor: FileDescriptor

    init(path: String, descriptor: consuming FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    func size() throws(StoreError) -> UInt64 {
        var status = stat()
        guard fstat(descriptor.raw, &status) == 0 else { throw systemError("examine", path) }
        return UInt64(status.st_size)
    }

    func read(at offset: UInt64, count: Int) throws(StoreError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let got = uninterrupted {
                    pread(descriptor.raw, buffer.baseAddress! + done, count - done, off_t(offset) + off_t(done))
                }
                if got < 0 { failed = true }
                if got <= 0 { break }
                done += got
            }
        }
        if failed { throw systemError("read", path) }
        return bytes
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let written = uninterrupted {
                pwrite(descriptor.raw, bytes.baseAddress! + done, bytes.count - done, off_t(offset) + off_t(done))
            }
            guard written > 0 else { throw systemError("write", path) }
            done += written
        }
    }

    func truncate(to size: UInt64) throws(StoreError) {
        guard systemTruncate(descriptor.raw, size) == 0 else { throw systemError("truncate", path) }
    }

    func sync() throws(StoreError) {
        guard systemSync(descriptor.raw) == 0 else { throw systemError("sync", path) }
    }

    func map() throws(StoreError) -> MappedFile {
        let count = Int(try size())
        guard count > 0 else { return MappedFile(base: nil, count: 0) }
        #if canImport(Darwin)
            let flags = MAP_PRIVATE
        #else
            // Copies of written pages are made as they are needed; nothing is set aside for all of them at once.
            let flags = MAP_PRIVATE | MAP_NORESERVE
        #endif
        let base = mmap(nil, count, PROT_READ | PROT_WRITE, flags, descriptor.raw, 0)
        guard let base, base != MAP_FAILED else { throw systemError("map", path) }
        return MappedFile(base: base, count: count)
    }

    func tryLock(exclusive: Bool) throws(StoreError) -> Bool {
        if systemLock(descriptor.raw, exclusive: exclusive) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw systemError("lock", path)
    }

    func unlock() { systemUnlock(descriptor.raw) }
}

/// A file's bytes as private memory, on a page boundary; the memory goes when the last reference does.
///
/// Files are mapped only after they were published, and published files are never changed: the one thing that could
/// fault a page is somebody else cutting the file short under us.
///
/// Thread-safety: the mapping itself never changes, which is why the unchecked conformance holds; who may touch the
/// bytes is for the user of them to arrange.
public final class MappedFile: @unchecked Sendable {
    /// The bytes. Writing to them changes this process's memory alone.
    public let bytes: UnsafeMutableRawBufferPointer

    init(base: UnsafeMutableRawPointer?, count: Int) {
        bytes = UnsafeMutableRawBufferPointer(start: base, count: count)
    }

    /// Memory with zeros in it, which whoever keeps his files in other ways than the system fills. It begins on a page
    /// as a mapped file does, so sections are aligned in it as they are in the file.
    convenience init(zeros count: Int, for path: String) throws(StoreError) {
        guard count > 0 else {
            self.init(base: nil, count: 0)
            return
        }
        #if canImport(Darwin)
            let flags = MAP_PRIVATE | MAP_ANON
        #else
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        #endif
        let base = mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let base, base != MAP_FAILED else { throw systemError("map", path) }
        self.init(base: base, count: count)
    }

    deinit {
        if let base = bytes.baseAddress { munmap(base, bytes.count) }
    }

    /// Says how the bytes will be used: at random (read no more than is touched, since its neighbours are of no use and
    /// would push out what is), or as usual (read on, it will be wanted).
    func advise(isRandom: Bool) {
        guard let base = bytes.baseAddress else { return }
        madvise(base, bytes.count, isRandom ? MADV_RANDOM : MADV_NORMAL)
    }

    /// Has the system enter the pages of a range, so that those who touch them do not have to wait one by one. A hint.
    func populate(_ range: Range<Int>) {
        #if os(Linux)
            guard let base = bytes.baseAddress else { return }
            let page = Int(sysconf(Int32(_SC_PAGESIZE)))
            let start = range.lowerBound / page * page
            // MADV_POPULATE_READ, since Linux 5.14; unknown to older ones, and to some C libraries' headers.
            madvise(base + start, min(range.upperBound, bytes.count) - start, 22)
        #endif
    }
}
