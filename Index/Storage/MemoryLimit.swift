#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much memory there is for this process and the pages of its files.
package enum MemoryLimit {
    /// The machine's memory, or the limit of the control group that the process is in, whichever is less; in bytes.
    /// Found out once.
    package static let available: UInt64 = {
        let machine = UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        return min(machine, controlGroupLimit() ?? machine)
    }()

    /// The memory limit of the process's own control group, version 2 or 1; nil if there is none to be found.
    private static func controlGroupLimit() -> UInt64? {
        guard let groups = text("/proc/self/cgroup") else { return nil }
        var limits: [UInt64] = []
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let group = fields[2] == "/" ? "" : String(fields[2])
            let file: String
            if fields[1].isEmpty {
                file = "/sys/fs/cgroup\(group)/memory.max"
            } else if fields[1].split(separator: ",").contains("memory") {
                file = "/sys/fs/cgroup/memory\(group)/memory.limit_in_bytes"
            } else {
                continue
            }
            if let limit = text(file)?.split(separator: "\n").first.flatMap({ UInt64($0) }) { limits.append(limit) }
        }
        return limits.min()
    }

    private static func text(_ path: String) -> String? {
        guard let file = try? POSIXFileSystem().open(path, .read), let bytes = try? file.read(at: 0, count: 64 << 10)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
