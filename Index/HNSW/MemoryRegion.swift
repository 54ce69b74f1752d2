#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Zero pages from the system, so that memory is only spent on records in use. They go back with the last reference.
///
/// Thread-safety: constant, but for what lies in it, which is for its users to arrange.
final class MemoryRegion: @unchecked Sendable {
    /// What a huge page holds.
    static let hugePage = 2 << 20

    let start: UnsafeMutableRawPointer
    private let bytes: Int

    /// At least that many bytes; with `huge`, in huge pages if the system has them.
    init(bytes wanted: Int, huge: Bool) throws(HNSWError) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let bytes = (wanted + page - 1) / page * page
        let alignment = huge ? Self.hugePage : 0
        let total = bytes + alignment
        guard
            let memory = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory(bytes: bytes) }
        self.bytes = bytes
        guard huge else {
            start = memory
            return
        }
        // What lies before and after the aligned part goes back at once.
        let address = Int(bitPattern: memory)
        let before = (address + alignment - 1) / alignment * alignment - address
        start = memory + before
        if before > 0 { munmap(memory, before) }
        if total - before > bytes { munmap(start + bytes, total - before - bytes) }
        #if os(Linux)
            madvise(start, bytes, MADV_HUGEPAGE)
        #endif
    }

    deinit { munmap(start, bytes) }
}
