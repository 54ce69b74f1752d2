import Storage

extension Store {
    /// The server's socket, which may lie in the folder.
    public static let socketName = "server.sock"

    /// Opens the store in a folder.
    ///
    /// An absent or empty folder becomes a store if the options say so. A folder that holds anything else is left
    /// untouched. Snapshots are mapped, whatever their size, and checked block by block as they are used; logs are
    /// replayed; what a crash left behind is cleared away. Who only reads sees the store as it is at the moment, beside
    /// whoever writes to it, and nothing of what is written after.
    ///
    /// - Throws: `missing`, `notAStore`, `inUse`, `unsupportedVersion`, `corrupt`, or what the device says.
    public static func open(
        _ path: String, options: StoreOptions = StoreOptions(), fileSystem: any FileSystem = POSIXFileSystem()
    ) throws(StoreError) -> Store {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        try prepare(folder, options: options, fileSystem: fileSystem)
        // Who only reads needs no lock: no file that a manifest names is ever changed but at its end.
        let lock = options.readOnly ? nil : try StoreLock.acquire(folder, program: options.program, in: fileSystem)
        let manifest = try readOrMakeManifest(folder, options: options, fileSystem: fileSystem)
        var (context, collections) = try openCollections(folder, manifest, options, fileSystem)
        if !options.readOnly {
            try clearEmpty(&collections, context)
            clearLeftovers(context)
        }
        let store = Store(context: context, lock: lock, collections: collections)
        store.startCheckpoints()
        return store
    }

    /// How often opening is begun anew because a writer has made a checkpoint meanwhile.
    static let retryLimit = 100

    /// Opens the collections of a manifest. A writer may be at work beside a reader, and remove what it had just read
    /// of: then there is another manifest, which is used instead.
    private static func openCollections(
        _ folder: String, _ first: Manifest, _ options: StoreOptions, _ fileSystem: any FileSystem
    ) throws(StoreError) -> (StoreContext, [CollectionName: Collection]) {
        var manifest = first
        var tries = 0
        while true {
            let context = StoreContext(folder: folder, fileSystem: fileSystem, options: options, manifest: manifest)
            do {
                return (context, try openCollections(of: manifest, context))
            } catch {
                tries += 1
                guard options.readOnly, tries < retryLimit else { throw error }
                let now = try Manifest.read(folder, in: fileSystem)
                guard now != manifest else { throw error }
                manifest = now
            }
        }
    }

    private static func openCollections(of manifest: Manifest, _ context: StoreContext) throws(StoreError)
        -> [CollectionName: Collection]
    {
        var collections: [CollectionName: Collection] = [:]
        for entry in manifest.entries {
            let collection = try Collection.open(entry, in: context)
            try collection.takeSearchDefaults(of: entry)
            guard collections.updateValue(collection, forKey: collection.name) == nil else {
                throw ambiguous(collection.name, context.folder)
            }
        }
        return collections
    }

    /// Sees that the folder is a store or can become one, and changes nothing but to make it if it is absent.
    private static func prepare(_ folder: String, options: StoreOptions, fileSystem: any FileSystem)
        throws(StoreError)
    {
        switch try fileSystem.kind(of: folder) {
        case .absent:
            guard options.create, !options.readOnly else { throw .missing(path: folder) }
            try fileSystem.createDirectory(folder)
            return
        case .file, .other: throw .notAStore(path: folder, reason: "it is not a folder")
        case .directory: break
        }
        let names = try fileSystem.list(folder)
        if names.contains(Manifest.fileName) {
            // Before the lock is touched: another program's folder may have a file of that name too.
            _ = try Manifest.read(folder, in: fileSystem)
            return
        }
        if names.contains(RestoreSite.stagingName) {
            throw .refused(
                path: folder, reason: "holds a restore that was not completed; run `lookalike restore` into it again")
        }
        let own = [
            StoreLock.fileName, Manifest.temporaryName, socketName, collectionsFolderName, ModelFiles.folderName,
        ]
        if let foreign = names.first(where: { !own.contains($0) }) {
            throw .notAStore(path: folder, reason: "it holds \(foreign) and no \(Manifest.fileName)")
        }
        if names.contains(StoreLock.fileName) {
            let contents = try fileSystem.open(folder + "/" + StoreLock.fileName, .read).read(at: 0, count: 64)
            guard StoreLock.isOurs(contents) else {
                throw .notAStore(path: folder, reason: "its \(StoreLock.fileName) is of another program")
            }
        }
        if names.contains(collectionsFolderName), try !fileSystem.list(folder + "/" + collectionsFolderName).isEmpty {
            throw .corrupt(
                file: folder + "/" + Manifest.fileName, offset: 0, what: "it is missing, but there are collections")
        }
        guard options.create, !options.readOnly else { throw .missing(path: folder) }
    }

    private static func readOrMakeManifest(_ folder: String, options: StoreOptions, fileSystem: any FileSystem)
        throws(StoreError) -> Manifest
    {
        if try fileSystem.kind(of: folder + "/" + Manifest.fileName) == .file {
            return try Manifest.read(folder, in: fileSystem)
        }
        try fileSystem.createDirectory(folder + "/" + collectionsFolderName)
        // The folder itself may be new too: its name should be as durable as what will be in it.
        try fileSystem.syncDirectory(folder.lastIndex(of: "/").map { String(folder[...$0]) } ?? ".")
        let manifest = Manifest()
        do throws(Manifest.PublishError) {
            try manifest.publish(folder, in: fileSystem)
        } catch {
            switch error {
            case .unchanged(let cause), .uncertain(let cause): throw cause
            }
        }
        return manifest
    }

    /// Drops collections without elements: made, but the process died before the first element was in, or emptied, and
    /// died before they were dropped. On a full device they stay, which nobody sees: the store must open all the same,
    /// or there would be no way to remove anything from it.
    private static func clearEmpty(_ collections: inout [CollectionName: Collection], _ context: StoreContext)
        throws(StoreError)
    {
        let empty = collections.values.filter { $0.count == 0 }
        guard !empty.isEmpty else { return }
        do throws(StoreError) {
            try context.manifestLock.withLock { () throws(StoreError) in
                try context.publish { manifest in
                    manifest.entries.removeAll { entry in empty.contains { $0.uid == entry.number } }
                }
            }
        } catch .noSpace {
            return
        }
        for collection in empty { collections[collection.name] = nil }
    }

    /// Removes files of ours that nothing refers to. What cannot be removed does no harm and is tried again next time.
    private static func clearLeftovers(_ context: StoreContext) {
        let fileSystem = context.fileSystem
        if (try? fileSystem.kind(of: context.folder + "/" + Manifest.temporaryName)) == .file {
            try? fileSystem.remove(context.folder + "/" + Manifest.temporaryName)
        }
        let entries = context.manifestLock.withLock { context.manifest.entries }
        for name in (try? fileSystem.list(context.collectionsFolder)) ?? [] {
            guard let number = UInt64(name) else { continue }
            guard let entry = entries.first(where: { $0.number == number }) else {
                context.removeFiles(ofCollection: number)
                continue
            }
            let folder = context.collectionFolder(number)
            let names = (try? fileSystem.list(folder)) ?? []
            let used = CollectionFiles.inUse(names, by: entry)
            for file in names where CollectionFiles.isOurs(file) && !used.contains(file) {
                try? fileSystem.remove(folder + "/" + file)
            }
        }
    }
}
