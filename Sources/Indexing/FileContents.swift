#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole files as bytes.
public enum FileContents {
    /// Why a file could not be read.
    public struct Fault: Error, CustomStringConvertible {
        /// `unreadable: Permission denied`, `tooLarge: ...`.
        public let description: String
    }

    /// Reads a file of at most `limit` bytes.
    public static func read(_ path: [UInt8], atMost limit: Int) -> Result<[UInt8], Fault> {
        let descriptor = FolderWalk.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { return .failure(unreadable()) }
        defer { close(descriptor) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return .failure(unreadable()) }
        // The walk saw a file here; a fifo put in its place since would block the read.
        guard facts.st_mode & S_IFMT == S_IFREG else { return .failure(Fault(description: "unreadable: not a file")) }
        guard facts.st_size <= limit else {
            return .failure(Fault(description: "tooLarge: \(facts.st_size) bytes, the limit is \(limit)"))
        }
        return read(descriptor, expecting: Int(facts.st_size), atMost: limit)
    }

    /// Reads standard input to its end.
    public static func readStandardInput(atMost limit: Int) -> Result<[UInt8], Fault> {
        read(0, expecting: 1 << 16, atMost: limit)
    }

    private static func read(_ descriptor: Int32, expecting size: Int, atMost limit: Int) -> Result<[UInt8], Fault> {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(size, limit) + 1)
        var chunk = [UInt8](repeating: 0, count: max(1 << 16, min(size + 1, 1 << 22)))
        while true {
            let count = chunk.withUnsafeMutableBytes { platformRead(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(unreadable()) }
            if count == 0 { return .success(bytes) }
            guard bytes.count + count <= limit else {
                return .failure(Fault(description: "tooLarge: more than \(limit) bytes, the limit"))
            }
            bytes += chunk[..<count]
        }
    }

    private static func platformRead(_ descriptor: Int32, _ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, base, count)
        #else
            Darwin.read(descriptor, base, count)
        #endif
    }

    private static func unreadable() -> Fault { Fault(description: "unreadable: \(String(cString: strerror(errno)))") }
}
