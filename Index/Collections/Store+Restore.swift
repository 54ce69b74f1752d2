import Storage

/// What was restored.
public struct RestoreReport: Sendable, Equatable {
    /// Collections that have elements.
    public var collections: Int
    /// Elements in them.
    public var elements: Int
    /// Bytes of the store's files.
    public var bytes: UInt64
}

extension Store {
    /// Makes a store of a backup and checks it: each checksum of the backup, then, with the store opened, each checksum
    /// of its files, every invariant of its graphs and every thumbnail. Only a store that passes is put in place; after
    /// an error the target is as it was before, but see `keepDamaged`. `RestoreSite` has the steps.
    ///
    /// - Parameter path: a folder that is absent or empty.
    /// - Parameter keepDamaged: whether a store that turns out to have been damaged when it was backed up is put in
    ///   place all the same, for want of a better one. The error is thrown, then too.
    /// - Parameter isStopped: asked before each block and each collection; true ends the restore with `interrupted`.
    /// - Throws: `badBackup`, `refused`, `inUse`, `unsupportedVersion`, `interrupted`, or what the device says.
    public static func restore(
        from file: String, to path: String, keepDamaged: Bool = false,
        fileSystem: any FileSystem = POSIXFileSystem(), isStopped: () -> Bool = { false }
    ) throws(StoreError) -> RestoreReport {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        switch try fileSystem.kind(of: file) {
        case .absent, .file: break
        case .directory, .other: throw .refused(path: file, reason: "is not a file; give one that a backup has written")
        }
        var backup = try BackupReader(file, in: fileSystem)
        let site = try RestoreSite(folder, in: fileSystem)
        func checkStop() throws(StoreError) {
            if isStopped() { throw .interrupted(path: folder) }
        }
        let found: Verification
        do throws(StoreError) {
            try unpack(&backup, file, to: site.staging, fileSystem, checkStop)
            found = try verify(site.staging, fileSystem, checkStop)
            if let fault = found.fault, !keepDamaged {
                throw .refused(
                    path: folder,
                    reason: "was not restored: the store was damaged when it was backed up (\(fault)); "
                        + "use another backup, or --keep-damaged")
            }
            try site.putInPlace()
        } catch {
            site.abandon()
            throw error
        }
        if let fault = found.fault {
            throw .refused(path: folder, reason: "was restored, damaged as it was when it was backed up (\(fault))")
        }
        return RestoreReport(collections: found.collections, elements: found.elements, bytes: backup.total)
    }

    /// What a look at a restored store has found.
    private struct Verification {
        var collections = 0
        var elements = 0
        /// The first thing that is wrong.
        var fault: String?
    }

    /// Writes the files of a backup; when they are all there and durable, the manifest gets its name.
    private static func unpack(
        _ backup: inout BackupReader, _ path: String, to folder: String, _ fileSystem: any FileSystem,
        _ checkStop: () throws(StoreError) -> Void
    ) throws(StoreError) {
        let temporary = folder + "/" + Manifest.temporaryName
        var seen: Set<StoreFile> = []
        var folders: Set<String> = []
        while let entry = try backup.next() {
            guard let file = StoreFile(path: entry.path), (file == .manifest) == seen.isEmpty,
                seen.insert(file).inserted
            else {
                throw .badBackup(
                    file: path, offset: entry.offset, what: "is a file named \(entry.path), which does not belong there"
                )
            }
            if let place = file.folder, folders.insert(place).inserted {
                try fileSystem.createDirectory("\(folder)/\(place)")
            }
            let target = try fileSystem.open(file == .manifest ? temporary : folder + "/" + file.path, .truncate)
            try backup.copy(entry, to: target, beforeBlock: checkStop)
            try target.sync()
        }
        guard !seen.isEmpty else { throw .badBackup(file: path, offset: 0, what: "is a backup without files") }
        for place in folders.sorted() { try fileSystem.syncDirectory("\(folder)/\(place)") }
        try fileSystem.syncDirectory(folder + "/" + collectionsFolderName)
        if folders.contains(where: { $0.hasPrefix(ModelFiles.folderName + "/") }) {
            try fileSystem.syncDirectory(folder + "/" + ModelFiles.folderName)
        }
        try fileSystem.rename(temporary, to: folder + "/" + Manifest.fileName)
        try fileSystem.syncDirectory(folder)
    }

    /// Checks all of a staged store.
    private static func verify(
        _ staging: String, _ fileSystem: any FileSystem, _ checkStop: () throws(StoreError) -> Void
    ) throws(StoreError) -> Verification {
        var stopped: StoreError?
        let found: [CollectionVerification]
        do throws(StoreError) {
            found = try verify(staging, fileSystem: fileSystem) {
                do throws(StoreError) { try checkStop() } catch { stopped = error }
                return stopped != nil
            }
        } catch {
            throw stopped ?? error
        }
        var result = Verification()
        for collection in found {
            result.elements += collection.elements
            if collection.elements > 0 { result.collections += 1 }
            if let fault = collection.faults.first, result.fault == nil {
                // Of the staged store nobody is to hear.
                result.fault = "collection \(collection.name): \(fault.replacing(staging + "/", with: ""))"
            }
        }
        return result
    }
}
