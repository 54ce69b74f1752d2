import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system says of this process.
struct ProcessMemory: Sendable {
    /// Resident memory that belongs to no file, in bytes; 0 where the system does not say.
    var anonymous = 0
    /// Resident pages of files, in bytes.
    var file = 0
    /// Page faults that the system answered from memory, and those for which it had to read.
    var minorFaults = 0
    var majorFaults = 0

    /// As it is now.
    static var now: ProcessMemory {
        var memory = ProcessMemory()
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        for line in status.split(separator: "\n") {
            let fields = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
            guard fields.count >= 2, let kilobytes = Int(fields[1]) else { continue }
            if fields[0] == "RssAnon" { memory.anonymous = kilobytes << 10 }
            if fields[0] == "RssFile" { memory.file = kilobytes << 10 }
        }
        var usage = rusage()
        #if canImport(Darwin)
            getrusage(RUSAGE_SELF, &usage)
        #else
            getrusage(__rusage_who_t(0), &usage)
        #endif
        memory.minorFaults = usage.ru_minflt
        memory.majorFaults = usage.ru_majflt
        return memory
    }
}

/// What there is of a store on the disk.
enum StoreFiles {
    /// Bytes of all files below a folder.
    static func bytes(_ folder: String) -> Int {
        paths(folder).reduce(0) { total, path in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return total + ((attributes?[.size] as? Int) ?? 0)
        }
    }

    private static func paths(_ folder: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.map { folder + "/" + $0 }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    /// Has the system forget what it holds of the files in memory.
    static func forget(_ folder: String) {
        #if os(Linux)
            for path in paths(folder) {
                let descriptor = open(path, O_RDONLY)
                guard descriptor >= 0 else { continue }
                fdatasync(descriptor)
                posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
                close(descriptor)
            }
        #endif
    }
}
