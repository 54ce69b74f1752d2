import HNSW
import Storage

/// What `Store.repair` did to one collection.
public struct CollectionRepair: Sendable, Equatable {
    /// The collection.
    public var name: CollectionName
    /// Whether it was damaged; if not, nothing was done.
    public var wasDamaged = false
    /// Elements that it has now.
    public var elements = 0
    /// Names of elements that are lost.
    public var lost: [ElementName] = []
    /// How many more are lost that are not even known by name.
    public var lostWithoutName = 0
    /// What else is lost, one line each.
    public var notes: [String] = []
    /// Where its files were put, in the store's folder.
    public var keptIn: String?
}

extension Store {
    /// The folder for the files of damaged collections.
    static let damagedFolderName = "damaged"

    /// Saves what can be saved of a damaged store: of each damaged collection every element and every change whose
    /// checksums hold goes into a new collection, whose graph is built anew, under the old name. A manifest that cannot
    /// be read is made anew from what snapshots and logs say of their collections. The damaged files are kept in the
    /// folder `damaged`, for whoever can do better. Sound collections are left as they are.
    ///
    /// - Throws: `inUse` when somebody holds the store; what the device says. The store is as it was then, or repaired
    ///   in part: a collection is exchanged in one step, when its successor is durable.
    public static func repair(
        _ path: String, fileSystem: any FileSystem = POSIXFileSystem(), isStopped: () -> Bool = { false }
    ) throws(StoreError) -> [CollectionRepair] {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard try fileSystem.kind(of: folder + "/" + collectionsFolderName) == .directory else {
            throw .missing(path: folder)
        }
        let lock = try StoreLock.acquire(folder, program: "lookalike repair", in: fileSystem)
        defer { withExtendedLifetime(lock) {} }
        var manifest: Manifest
        var isRebuilt = false
        do throws(StoreError) {
            manifest = try manifestToRead(folder, fileSystem)
        } catch {
            switch error {
            case .corrupt, .missing, .limitExceeded, .notAStore: break
            default: throw error
            }
            manifest = try rebuiltManifest(folder, fileSystem)
            isRebuilt = true
        }
        let options = StoreOptions(durability: .none, create: false)
        let context = StoreContext(folder: folder, fileSystem: fileSystem, options: options, manifest: manifest)
        if isRebuilt { try context.manifestLock.withLock { () throws(StoreError) in try context.publish { _ in } } }
        var repairs: [CollectionRepair] = []
        for entry in manifest.entries.sorted(by: { $0.number < $1.number }) {
            if isStopped() { throw .interrupted(path: folder) }
            let found = try verify(entry, context, isStopped)
            var repair = CollectionRepair(name: CollectionName(bytes: entry.name), elements: found.elements)
            if !found.faults.isEmpty { repair = try rebuild(entry, context, isStopped) }
            repairs.append(repair)
        }
        return repairs
    }

    private static func rebuild(_ entry: Manifest.Entry, _ context: StoreContext, _ isStopped: () -> Bool)
        throws(StoreError) -> CollectionRepair
    {
        let configuration = try CollectionConfiguration(entry, manifest: context.folder + "/" + Manifest.fileName)
        let number = context.manifest.nextNumber
        var next = Manifest.Entry(number: number, CollectionName(bytes: entry.name), configuration)
        next.efSearch = entry.efSearch
        context.removeFiles(ofCollection: number)
        let made = try Collection.create(next, configuration, in: context)
        var salvage = CollectionSalvage(entry, context)
        do throws(StoreError) {
            var pieces = 0
            try salvage.run { (piece) throws(StoreError) in
                pieces += 1
                if pieces % 64 == 0, isStopped() { throw .interrupted(path: context.folder) }
                try put(piece, into: made)
            }
            // All of it is durable before anything refers to it.
            try made.sync()
            try exchange(entry, for: next, context)
        } catch {
            context.removeFiles(ofCollection: number)
            throw error
        }
        var repair = CollectionRepair(name: CollectionName(bytes: entry.name), wasDamaged: true)
        repair.elements = made.count
        repair.lost = salvage.lostNames.sorted()
        repair.lostWithoutName = salvage.lostRows
        repair.notes = salvage.notes
        repair.keptIn = try keep(entry, context)
        // What comes after can be done again: everything is in the log.
        try made.checkpoint(isLast: true)
        return repair
    }

    private static func put(_ piece: CollectionSalvage.Piece, into collection: Collection) throws(StoreError) {
        switch piece {
        case .element(let element, let vector, let thumbnail):
            let change = ElementChange(
                vector: vector, attributes: element.attributes.map { .set($0) } ?? .remove, thumbnail: thumbnail)
            _ = try collection.upsert(element.name, change)
        case .record(.upsert(let name, let vector, let attributes, _, let efConstruction), let thumbnail):
            let change = ElementChange(
                vector: vector, attributes: attributes, thumbnail: thumbnail, efConstruction: efConstruction)
            _ = try collection.upsert(name, change)
        case .record(.remove(let name), _): _ = try collection.remove(name)
        case .record(.setAttributes(let name, let attributes), _):
            _ = try collection.setAttributes(attributes, of: name)
        case .record(.collection, _), .record(.follows, _): break
        }
    }

    private static func exchange(_ old: Manifest.Entry, for new: Manifest.Entry, _ context: StoreContext)
        throws(StoreError)
    {
        try context.manifestLock.withLock { () throws(StoreError) in
            try context.publish { manifest in
                manifest.entries.removeAll { $0.number == old.number }
                manifest.entries.append(new)
                manifest.nextNumber = max(manifest.nextNumber, new.number + 1)
            }
        }
    }

    /// Moves the files of a collection out of the way.
    private static func keep(_ entry: Manifest.Entry, _ context: StoreContext) throws(StoreError) -> String {
        let from = context.collectionFolder(entry.number)
        let place = "\(damagedFolderName)/\(entry.number)"
        let to = context.folder + "/" + place
        try context.fileSystem.createDirectory(to)
        for name in try context.fileSystem.list(from) {
            try context.fileSystem.rename(from + "/" + name, to: to + "/" + name)
        }
        try context.fileSystem.syncDirectory(to)
        try? context.fileSystem.removeDirectory(from)
        return place
    }

    /// A manifest made of what the collections' own files say.
    private static func rebuiltManifest(_ folder: String, _ fileSystem: any FileSystem) throws(StoreError) -> Manifest {
        var manifest = Manifest()
        let collections = folder + "/" + collectionsFolderName
        for number in try fileSystem.list(collections).compactMap({ UInt64($0) }).sorted() {
            manifest.nextNumber = max(manifest.nextNumber, number + 1)
            guard var entry = try entry(ofCollection: number, collections + "/\(number)", fileSystem) else { continue }
            // Two of one name cannot be in one store; neither is to be lost.
            while manifest.entries.contains(where: { $0.name == entry.name }) {
                entry.name += Array(" (repaired)".utf8)
            }
            manifest.entries.append(entry)
        }
        return manifest
    }

    /// What the files of a collection say of it: the newest snapshot that can be read, or else the oldest log.
    private static func entry(ofCollection number: UInt64, _ folder: String, _ fileSystem: any FileSystem)
        throws(StoreError) -> Manifest.Entry?
    {
        let blobs = try CollectionFiles.numbers(of: .blobs, in: folder, fileSystem)
        for generation in try CollectionFiles.numbers(of: .snapshot, in: folder, fileSystem).sorted(by: >) {
            for copy in [false, true] {
                let snapshot = try? SnapshotReader(
                    CollectionFiles.snapshot(folder, generation), collection: number, generation: generation,
                    faults: FaultLog(), copy: copy, in: fileSystem)
                guard let snapshot else { continue }
                for kind in [SnapshotSection.state, SnapshotSection.stateCopy] {
                    let state = try? SnapshotState(snapshot, number: number, generation: generation, section: kind)
                    guard var entry = state?.entry else { continue }
                    entry.blobFile = state?.thumbnailEnds.keys.min() ?? blobs.max() ?? 1
                    return entry
                }
            }
        }
        guard let generation = try CollectionFiles.numbers(of: .log, in: folder, fileSystem).min(),
            let reader = try? LogReader(
                CollectionFiles.log(folder, generation), collection: number, generation: generation, readOnly: true,
                in: fileSystem)
        else { return nil }
        var entry: Manifest.Entry?
        _ = try reader.salvage { payload, offset in
            guard entry == nil,
                case .collection(let found)? = try? LogRecord(payload, file: "", at: offset, dimension: nil)
            else { return }
            entry = found
        }
        entry?.number = number
        entry?.generation = generation
        entry?.blobFile = blobs.min() ?? 1
        return entry
    }
}
