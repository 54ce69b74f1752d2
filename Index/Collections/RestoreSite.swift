import Storage

/// The folder that a store is restored into, from the first look at it until the store is in place.
///
/// The store is put together, and checked, in a folder `restoring` within the target, and then moved up: its
/// `models`, if it has any, its `collections`, and last its `MANIFEST`, which is what makes a folder a store. Until then nobody takes the folder for
/// one, whatever happens. (A folder beside the target would do with one rename, but the target may be a mount point, or
/// lie in a folder that we may not write, and it has rights and an owner that somebody chose.) The target's lock is
/// held all the time, so that no server and no second restore comes in between.
///
/// What a restore that was killed has left is recognised by the folder `restoring` and cleared away by the next one.
struct RestoreSite {
    /// Where the store is put together.
    static let stagingName = "restoring"

    let folder: String
    let fileSystem: any FileSystem
    private let lock: StoreLock
    private let madeFolder: Bool
    private let madeLock: Bool

    /// Where the store is put together.
    var staging: String { folder + "/" + Self.stagingName }

    /// Takes a folder, which must be absent or empty, and makes an empty staging folder in it.
    ///
    /// - Throws: `refused` for a folder that holds anything, `inUse` for a store in use.
    init(_ folder: String, in fileSystem: any FileSystem) throws(StoreError) {
        var madeFolder = false
        switch try fileSystem.kind(of: folder) {
        case .absent:
            try fileSystem.createDirectory(folder)
            madeFolder = true
        case .file, .other: throw .refused(path: folder, reason: "is not a folder; give a new or an empty one")
        case .directory: try Self.refuseContents(folder, isLocked: false, fileSystem)
        }
        self.folder = folder
        self.fileSystem = fileSystem
        self.madeFolder = madeFolder
        do throws(StoreError) {
            madeLock = try fileSystem.kind(of: folder + "/" + StoreLock.fileName) == .absent
        } catch {
            if madeFolder { try? fileSystem.removeDirectory(folder) }
            throw error
        }
        do throws(StoreError) {
            lock = try StoreLock.acquire(folder, program: "lookalike restore", in: fileSystem)
        } catch {
            if case .inUse = error { throw error }
            Self.giveBack(folder, madeFolder: madeFolder, madeLock: madeLock, fileSystem)
            throw error
        }
        do throws(StoreError) {
            // What came since the first look; from here on nothing does.
            try Self.refuseContents(folder, isLocked: true, fileSystem)
            try clear()
            try fileSystem.createDirectory(staging)
            try fileSystem.createDirectory(staging + "/" + Store.collectionsFolderName)
        } catch {
            if try Self.holdsNoStore(folder, fileSystem) { abandon() }
            throw error
        }
    }

    private static func holdsNoStore(_ folder: String, _ fileSystem: any FileSystem) throws(StoreError) -> Bool {
        try fileSystem.kind(of: folder + "/" + Manifest.fileName) == .absent
    }

    /// Throws unless the folder is empty but for a lock and what an earlier restore has left.
    private static func refuseContents(_ folder: String, isLocked: Bool, _ fileSystem: any FileSystem)
        throws(StoreError)
    {
        let names = try fileSystem.list(folder)
        if names.contains(Manifest.fileName) {
            if !isLocked, names.contains(StoreLock.fileName) {
                // Whoever writes to a store holds it alone: then this says who it is.
                try StoreLock.refuseIfHeld(folder, in: fileSystem)
            }
            throw .refused(
                path: folder, reason: "holds a store already; restore into a new folder, or remove that store first")
        }
        var own = [StoreLock.fileName]
        if names.contains(stagingName) {
            own += [stagingName, Store.collectionsFolderName, ModelFiles.folderName]
        }
        if let foreign = names.first(where: { !own.contains($0) }) {
            throw .refused(
                path: folder, reason: "is not empty, it holds \(foreign); restore into a new or an empty folder")
        }
        guard !isLocked, names.contains(StoreLock.fileName) else { return }
        let contents = try fileSystem.open(folder + "/" + StoreLock.fileName, .read).read(at: 0, count: 64)
        guard StoreLock.isOurs(contents) else {
            throw .refused(
                path: folder,
                reason: "holds a \(StoreLock.fileName) of another program; restore into a new or an empty folder")
        }
    }

    /// Makes the staged store the folder's.
    func putInPlace() throws(StoreError) {
        if madeFolder {
            try fileSystem.syncDirectory(folder.lastIndex(of: "/").map { String(folder[...$0]) } ?? ".")
        }
        for name in [ModelFiles.folderName, Store.collectionsFolderName]
        where try fileSystem.kind(of: staging + "/" + name) == .directory {
            try fileSystem.rename(staging + "/" + name, to: folder + "/" + name)
        }
        try fileSystem.syncDirectory(folder)
        try fileSystem.rename(staging + "/" + Manifest.fileName, to: folder + "/" + Manifest.fileName)
        try fileSystem.syncDirectory(folder)
        // Empty now. If it stays, it does no harm.
        try? fileSystem.removeDirectory(staging)
    }

    /// Removes what has been made, as far as possible: first what makes it a store.
    func abandon() {
        try? fileSystem.remove(folder + "/" + Manifest.fileName)
        try? clear()
        Self.giveBack(folder, madeFolder: madeFolder, madeLock: madeLock, fileSystem)
    }

    /// Removes the lock file and the folder, if they were made here and nothing else is there. The lock file goes while
    /// the lock is held.
    private static func giveBack(_ folder: String, madeFolder: Bool, madeLock: Bool, _ fileSystem: any FileSystem) {
        if madeLock, (try? fileSystem.list(folder)) == [StoreLock.fileName] {
            try? fileSystem.remove(folder + "/" + StoreLock.fileName)
        }
        if madeFolder { try? fileSystem.removeDirectory(folder) }
    }

    /// Removes the staged store, and what of it has been moved up. Only files of names that we give are removed.
    private func clear() throws(StoreError) {
        for root in [staging, folder] {
            try clearFolders(in: root + "/" + Store.collectionsFolderName, where: { UInt64($0) != nil }) {
                CollectionFiles.isOurs($0)
            }
            try clearFolders(in: root + "/" + ModelFiles.folderName, where: { ModelFiles.isValid(name: $0) }) {
                ModelFiles.all.contains($0)
            }
            for name in [Manifest.fileName, Manifest.temporaryName] where root == staging {
                if try fileSystem.kind(of: root + "/" + name) != .absent { try fileSystem.remove(root + "/" + name) }
            }
        }
        if try fileSystem.kind(of: staging) != .absent { try fileSystem.removeDirectory(staging) }
    }

    /// Removes the folders of our kind in a folder, with those of their files that are ours, and then the folder.
    private func clearFolders(
        in path: String, where isOurFolder: (String) -> Bool, _ isOurFile: (String) -> Bool
    ) throws(StoreError) {
        guard try isOwnFolder(path) else { return }
        for number in try fileSystem.list(path) where isOurFolder(number) {
            let inner = path + "/" + number
            guard try isOwnFolder(inner) else { continue }
            for name in try fileSystem.list(inner) where isOurFile(name) {
                try fileSystem.remove(inner + "/" + name)
            }
            try fileSystem.removeDirectory(inner)
        }
        try fileSystem.removeDirectory(path)
    }

    /// Whether a path is a folder that lies where it says, not one that a link leads to.
    private func isOwnFolder(_ path: String) throws(StoreError) -> Bool {
        guard try fileSystem.kind(of: path) == .directory, let slash = path.lastIndex(of: "/") else { return false }
        let above = try fileSystem.resolve(String(path[..<slash]))
        return try fileSystem.resolve(path) == (above == "/" ? "" : above) + path[slash...]
    }
}
