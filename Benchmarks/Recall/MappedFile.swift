#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file's bytes, mapped for reading.
///
/// The mapping takes address space, not memory: the system reads pages when they are touched, and `dropPages` gives
/// them back. A file that another process cuts off while it is mapped ends this process with a bus error, as it does
/// for every program that maps files; what is mapped here are the inputs of a benchmark, which nobody else writes.
///
/// Thread-safety: neither the address nor the bytes change while the object lives, which is why the unchecked
/// conformance holds.
final class MappedFile: @unchecked Sendable {
    private let bytes: UnsafeRawBufferPointer

    /// Bytes in the file, at least 1.
    var count: Int { bytes.count }

    /// Maps the regular file at `path`; `name` is the same path for messages.
    init(_ path: [UInt8], name: String) throws(VectorFileError) {
        let descriptor = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
            // Opening a pipe for reading would wait for a writer.
            open($0.baseAddress!, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        guard descriptor >= 0 else { throw .unreadable(path: name, reason: Self.systemReason) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { throw .unreadable(path: name, reason: Self.systemReason) }
        guard facts.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: name) }
        guard facts.st_size > 0 else { throw .empty(path: name) }
        let size = Int(facts.st_size)
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw .unreadable(path: name, reason: Self.systemReason)
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

    /// A value that begins at a byte, aligned or not. Traps past the end.
    func load<Value: BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
        bytes.loadUnaligned(fromByteOffset: offset, as: type)
    }

    /// Part of the bytes, for the time of `body`. Traps past the end.
    func withBytes<Result, Fault: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Fault) -> Result
    ) throws(Fault) -> Result {
        try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// Takes the file's pages out of this process's resident memory. They stay in the system's cache and come back when
    /// they are touched.
    func dropPages() {
        _ = madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count, MADV_DONTNEED)
    }

    private static var systemReason: String { String(cString: strerror(errno)) }
}
