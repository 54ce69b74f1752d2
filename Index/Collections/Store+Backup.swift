import Storage

/// What a backup holds.
public struct BackupReport: Sendable, Equatable {
    /// Collections in it.
    public var collections: Int
    /// Files of the store in it.
    public var files: Int
    /// Its size.
    public var bytes: UInt64
}

extension Store {
    /// Writes a consistent copy of a store to one file, whether or not the store is in use: see `BackupSource` for what
    /// is copied, and `BackupFile` for the file. Neither the store nor whoever uses it is disturbed. Memory for a few
    /// blocks of a megabyte is all it takes.
    ///
    /// The copy is written beside `destination` under the name `destination.partial` and renamed when it is whole and
    /// durable. After an error there is neither; a killed process leaves the first, which the next backup writes over.
    ///
    /// - Parameter replacing: whether a file that is there may be replaced.
    /// - Parameter isStopped: asked before each block; true ends the backup with `interrupted`.
    /// - Throws: `missing`, `refused`, `corrupt` when the store is damaged, `interrupted`, or what the device says.
    public static func backup(
        _ path: String, to destination: String, replacing: Bool = false,
        fileSystem: any FileSystem = POSIXFileSystem(), isStopped: () -> Bool = { false }
    ) throws(StoreError) -> BackupReport {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard try fileSystem.kind(of: folder + "/" + Manifest.fileName) == .file else { throw .missing(path: folder) }
        try checkDestination(destination, replacing: replacing, fileSystem)
        let parent = destination.lastIndex(of: "/").map { String(destination[...$0]) } ?? "."
        let (place, inner) = (try fileSystem.resolve(parent), try fileSystem.resolve(folder))
        if place == inner || place.hasPrefix(inner + "/") || inner == "/" {
            throw .refused(path: destination, reason: "lies in the store's own folder; give a place outside of it")
        }

        let partial = destination + ".partial"
        let file = try openPartial(partial, fileSystem)
        // Held until the file has its name.
        defer { file.unlock() }
        do throws(StoreError) {
            // Without its name it is one that another backup had, and has just completed.
            guard try fileSystem.kind(of: partial) == .file else { throw heldByAnother(partial) }
            let report = try write(folder, to: file, destination, fileSystem, isStopped)
            // It takes a while until here.
            try checkDestination(destination, replacing: replacing, fileSystem)
            try fileSystem.rename(partial, to: destination)
            do throws(StoreError) {
                try fileSystem.syncDirectory(parent)
            } catch {
                // One that has taken the place of another stays: it is whole, and the only one there is.
                if !replacing { try? fileSystem.remove(destination) }
                throw error
            }
            return report
        } catch {
            try? fileSystem.remove(partial)
            throw error
        }
    }

    private static func checkDestination(_ path: String, replacing: Bool, _ fileSystem: any FileSystem)
        throws(StoreError)
    {
        switch try fileSystem.kind(of: path) {
        case .absent: return
        case .file:
            if !replacing { throw .refused(path: path, reason: "exists; give another name or --force") }
        case .directory, .other: throw .refused(path: path, reason: "is not a file; give the name of a new one")
        }
    }

    /// The file that becomes the backup, empty, and not in the hands of another backup.
    private static func openPartial(_ path: String, _ fileSystem: any FileSystem) throws(StoreError)
        -> any StorageFile
    {
        switch try fileSystem.kind(of: path) {
        case .absent, .file: break
        case .directory, .other: throw .refused(path: path, reason: "is in the way and not a file; remove it")
        }
        let file = try fileSystem.open(path, .openOrCreate)
        // Where the file system has no locks (some of those on a network), two backups to one name are the user's care.
        guard (try? file.tryLock(exclusive: true)) ?? true else { throw heldByAnother(path) }
        return file
    }

    private static func heldByAnother(_ path: String) -> StoreError {
        .refused(path: path, reason: "is being written by another backup; wait until that is done")
    }

    private static func write(
        _ folder: String, to file: any StorageFile, _ destination: String, _ fileSystem: any FileSystem,
        _ isStopped: () -> Bool
    ) throws(StoreError) -> BackupReport {
        try file.truncate(to: 0)
        let source = try BackupSource.open(folder, in: fileSystem)
        var writer = try BackupWriter(file)
        for item in source.items {
            try writer.add(item.file.path, item.open, length: item.length) { () throws(StoreError) in
                if isStopped() { throw .interrupted(path: destination) }
            }
        }
        return BackupReport(
            collections: source.collections, files: source.items.count, bytes: try writer.finish())
    }
}
