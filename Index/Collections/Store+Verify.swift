import Storage

/// What `Store.verify` found in one collection.
public struct CollectionVerification: Sendable, Equatable {
    /// The collection.
    public var name: CollectionName
    /// Its elements, as far as it could be opened.
    public var elements = 0
    /// Nodes that no search can reach, summed over layers.
    public var unreachable = 0
    /// What is wrong, one line each, with file and offset where it is in a file; at most `Store.faultLimit`.
    public var faults: [String] = []
}

extension Store {
    /// How many faults of a collection are listed.
    public static let faultLimit = 100

    /// Reads all of a store and checks it: every checksum of every file, every invariant of the graphs, that names,
    /// elements and nodes agree, every thumbnail. Changes nothing, needs no lock, and sees the store as it is at the
    /// moment if somebody is writing to it.
    ///
    /// - Parameter isStopped: asked before each megabyte or so; true ends it with `interrupted`.
    /// - Throws: what keeps the collections from being told apart (no store, a damaged manifest), or `interrupted`.
    public static func verify(
        _ path: String, fileSystem: any FileSystem = POSIXFileSystem(), isStopped: () -> Bool = { false }
    ) throws(StoreError) -> [CollectionVerification] {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        var options = StoreOptions(create: false)
        options.readOnly = true
        guard try fileSystem.kind(of: folder) == .directory else { throw .missing(path: folder) }
        var tries = 0
        while true {
            let manifest = try manifestToRead(folder, fileSystem)
            let context = StoreContext(folder: folder, fileSystem: fileSystem, options: options, manifest: manifest)
            var found: [CollectionVerification] = []
            for entry in manifest.entries.sorted(by: { $0.number < $1.number }) {
                var result = try verify(entry, context, isStopped)
                if found.contains(where: { $0.name == result.name }) {
                    result.faults.append(ambiguous(result.name, folder).description)
                }
                found.append(result)
            }
            tries += 1
            // A writer may have removed what was being read: then there is another manifest by now.
            let isMoved = found.contains { !$0.faults.isEmpty } && tries < retryLimit
            guard isMoved, try manifestToRead(folder, fileSystem) != manifest else { return found }
        }
    }

    /// The error of two collections of one name.
    static func ambiguous(_ name: CollectionName, _ folder: String) -> StoreError {
        .corrupt(file: folder + "/" + Manifest.fileName, offset: 0, what: "two collections are named \(name)")
    }

    static func manifestToRead(_ folder: String, _ fileSystem: any FileSystem) throws(StoreError) -> Manifest {
        guard try fileSystem.kind(of: folder + "/" + Manifest.fileName) == .file else { throw .missing(path: folder) }
        return try Manifest.read(folder, in: fileSystem)
    }

    static func verify(_ entry: Manifest.Entry, _ context: StoreContext, _ isStopped: () -> Bool)
        throws(StoreError) -> CollectionVerification
    {
        var result = CollectionVerification(name: CollectionName(bytes: entry.name))
        do throws(StoreError) {
            if entry.hasSnapshot {
                let path = CollectionFiles.snapshot(context.collectionFolder(entry.number), entry.generation)
                let snapshot = try SnapshotReader(
                    path, collection: entry.number, generation: entry.generation, faults: FaultLog(),
                    in: context.fileSystem)
                _ = try SnapshotReader(
                    path, collection: entry.number, generation: entry.generation, faults: FaultLog(), copy: true,
                    in: context.fileSystem)
                for section in snapshot.sections {
                    try check(try snapshot.section(section.kind), &result, context.folder, isStopped)
                }
            }
            guard result.faults.isEmpty else { return result }
            if isStopped() { throw .interrupted(path: context.folder) }
            let collection = try Collection.open(entry, in: context)
            try collection.takeSearchDefaults(of: entry)
            let found = collection.validate(thumbnails: true)
            result.elements = found.elements
            result.unreachable = found.unreachable
            result.faults = Array(found.issues.prefix(faultLimit))
            if found.unreachable > 0, result.faults.isEmpty {
                result.faults = ["\(found.unreachable) nodes are out of reach"]
            }
        } catch {
            if case .interrupted = error { throw error }
            result.faults.append(error.description)
        }
        return result
    }

    /// Checks the blocks of a section as they are in the file.
    private static func check(
        _ section: MappedSection, _ result: inout CollectionVerification, _ folder: String, _ isStopped: () -> Bool
    ) throws(StoreError) {
        for block in 0..<section.blockCount {
            if block % 256 == 0, isStopped() { throw .interrupted(path: folder) }
            if result.faults.count >= faultLimit { return }
            if let fault = section.fault(ofBlock: block) { result.faults.append(fault.description) }
        }
    }
}
