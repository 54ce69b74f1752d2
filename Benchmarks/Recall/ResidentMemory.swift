import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much of this process is in memory: anonymous pages, and those of mapped files that were touched.
package enum ResidentMemory {
    /// Bytes; nil where the system does not say.
    ///
    /// On Linux from `/proc/self/smaps_rollup`, which counts pages. The second number of `/proc/self/statm` is the same
    /// figure from counters that each core keeps for itself and that may lag by some hundred pages; it is what is left
    /// on systems that hide the other.
    package static var bytes: Int? {
        #if canImport(Darwin)
            var facts = mach_task_basic_info()
            var size = mach_msg_type_number_t(
                MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
            let result = withUnsafeMutablePointer(to: &facts) {
                $0.withMemoryRebound(to: integer_t.self, capacity: Int(size)) {
                    task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &size)
                }
            }
            return result == KERN_SUCCESS ? Int(facts.resident_size) : nil
        #else
            if let text = SystemFile.text("/proc/self/smaps_rollup"), let bytes = rollup(text) { return bytes }
            guard let words = SystemFile.text("/proc/self/statm")?.split(separator: " "), words.count > 1,
                let pages = Int(words[1])
            else { return nil }
            return pages * sysconf(Int32(_SC_PAGESIZE))
        #endif
    }

    /// The most bytes that were ever resident; nil where the system does not say.
    package static var peakBytes: Int? {
        #if canImport(Darwin)
            var usage = rusage()
            return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : nil
        #else
            let lines = SystemFile.text("/proc/self/status")?.split(separator: "\n") ?? []
            return lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: { $0 == " " || $0 == "\t" })
                .dropFirst()
                .first.flatMap { Int($0) }.map { $0 * 1024 }
        #endif
    }

    /// Has the allocator give back what is free, as far as it can: for a look that is not to count what was in use for
    /// something else before.
    package static func giveBackFree() {
        #if canImport(Darwin)
            malloc_zone_pressure_relief(nil, 0)
        #else
            // Asked for by name: Swift's module of the C library lacks it, and other C libraries do too.
            guard let symbol = dlsym(nil, "malloc_trim") else { return }
            _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
        #endif
    }

    /// The bytes of the line `Rss:   1760 kB`.
    static func rollup(_ text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Rss:") }) else { return nil }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}

/// Small files in which the system tells about itself. They say that they have no length, so they are read to their end.
enum SystemFile {
    private static let limit = 1 << 20

    /// The text of a file; nil when it cannot be read.
    static func text(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
