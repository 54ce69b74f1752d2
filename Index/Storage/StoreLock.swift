#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The lock of a store: the file `LOCK` in its folder, held with flock(2). The system lets go of it when the process
/// ends, however it ends, so a crash leaves no lock behind; the file itself stays and says who had it last:
///
///     lookalike lock
///     pid 1234
///     program lookalike serve
///
/// A store has one writer. Readers need no lock.
package final class StoreLock: Sendable {
    /// Its file's name.
    package static let fileName = "LOCK"
    private static let firstLine = "lookalike lock"
    /// No holder writes more than this.
    private static let sizeLimit = 4096

    private let file: any StorageFile

    private init(_ file: any StorageFile) { self.file = file }

    deinit { file.unlock() }

    /// Takes the lock of a folder, or throws `inUse` with who has it.
    package static func acquire(_ folder: String, program: String, in fileSystem: any FileSystem)
        throws(StoreError) -> StoreLock
    {
        let path = folder + "/" + fileName
        let file = try fileSystem.open(path, .openOrCreate)
        guard try file.tryLock(exclusive: true) else {
            let (pid, program) = holder(try file.read(at: 0, count: sizeLimit))
            throw .inUse(path: folder, pid: pid, program: program)
        }
        let name = String(program.prefix(256)).split(whereSeparator: \.isNewline).joined(separator: " ")
        let text = "\(firstLine)\npid \(getpid())\nprogram \(name)\n"
        do {
            try file.truncate(to: 0)
            try file.write(Array(text.utf8), at: 0)
        } catch .noSpace {
            // The lock is held; who has it is only for others to read.
        }
        return StoreLock(file)
    }

    /// Whether the beginning of a `LOCK` file can be ours: empty (the holder had no time to write) or with our line. As
    /// the text is never synced, a loss of power may leave zeros in its place.
    package static func isOurs(_ contents: [UInt8]) -> Bool {
        let written = contents.prefix { $0 != 0 }
        return contents[written.count...].allSatisfy { $0 == 0 }
            && written.starts(with: Array(firstLine.utf8).prefix(written.count))
    }

    /// Throws `inUse`, with who has it, if somebody holds the lock of a folder; changes nothing.
    package static func refuseIfHeld(_ folder: String, in fileSystem: any FileSystem) throws(StoreError) {
        let file = try fileSystem.open(folder + "/" + fileName, .read)
        if try file.tryLock(exclusive: false) { return file.unlock() }
        let (pid, program) = holder(try file.read(at: 0, count: sizeLimit))
        throw .inUse(path: folder, pid: pid, program: program)
    }

    private static func holder(_ contents: [UInt8]) -> (Int32?, String?) {
        let lines = String(decoding: contents, as: UTF8.self).split(separator: "\n")
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix(key + " ") }.map { String($0.dropFirst(key.count + 1)) }
        }
        return (value("pid").flatMap { Int32($0) }, value("program"))
    }
}
