import Storage

/// The files of a store that make up a consistent copy, open, with how much of each belongs to it.
///
/// Found without the process that has the store open, and without its lock: what a store's files promise is enough.
///
/// - Files that the manifest names are not changed, but that logs and thumbnail files are added to. One that has been
///   opened can be read to its end, whether or not a checkpoint takes its name away meanwhile.
/// - Generations only grow, and numbers of collections are never used twice. A manifest that is found equal before and
///   after was there all the time in between, and so were all the files that it names. Else the search begins again.
/// - A collection's content is its snapshot, then its logs from that generation on, one after the other. Changes go to
///   the last log only, which is followed by a new one while a checkpoint is under way. So sizes are noted from the
///   *last log to the first*: once a log has been seen to hold a change, the ones before it are complete, and what is
///   noted of them later is all of them. (The other way round, a log's size could be noted, the writer switch, and the
///   next log's size include changes that come after ones that were left out.) If logs come into being after the folder
///   was listed, what is in them happened after the backup began, and leaving it out is leaving out the end.
/// - A thumbnail is written before the log record that refers to it: so sizes of thumbnail files are noted after those
///   of the logs. A file of a later number than the manifest's is taken too, if there is one: log records name the
///   file that they refer to, and one too many does no harm.
///
/// - Models are whole when their folders have their names, and nothing in them changes but that a file is added. One
///   that a collection uses is not removed. They are looked for after the manifest was read, and so are those of its
///   collections among them.
///
/// Each collection is thus as it was at one moment, though not all of them at the same one.
struct BackupSource {
    /// An open file, and how many of its bytes belong to the copy.
    struct Item {
        var file: StoreFile
        var open: any StorageFile
        var length: UInt64
    }

    /// The manifest first.
    var items: [Item]
    /// How many collections the manifest has.
    var collections: Int

    /// How often the manifest may turn out to have changed. Only a store that makes checkpoints all the time needs more
    /// than one or two.
    private static let attemptLimit = 1000

    /// Opens the files of the store in a folder.
    static func open(_ folder: String, in fileSystem: any FileSystem) throws(StoreError) -> BackupSource {
        for _ in 0..<attemptLimit {
            let manifest = try Manifest.read(folder, in: fileSystem)
            var attempt = Attempt(folder: folder, fileSystem: fileSystem)
            let missing = try attempt.open(manifest)
            guard try Manifest.read(folder, in: fileSystem) == manifest else { continue }
            if let missing {
                throw .corrupt(file: missing, offset: 0, what: "it is not there, and \(Manifest.fileName) names it")
            }
            return BackupSource(items: try attempt.items(), collections: manifest.entries.count)
        }
        throw .refused(
            path: folder, reason: "was changed while it was read, \(attemptLimit) times; try again when less goes on")
    }
}

/// The files that one manifest names. See `BackupSource`.
private struct Attempt {
    let folder: String
    let fileSystem: any FileSystem
    private var manifest: BackupSource.Item?
    private var collections: [Files] = []
    private var models: [BackupSource.Item] = []

    init(folder: String, fileSystem: any FileSystem) {
        self.folder = folder
        self.fileSystem = fileSystem
    }

    /// The files of one collection, with their sizes when it was asked.
    private struct Files {
        var entry: Manifest.Entry
        var snapshot: BackupSource.Item?
        var logs: [BackupSource.Item] = []
        var thumbnails: [BackupSource.Item] = []
    }

    /// Opens all files and notes their sizes. Returns the path of one that is missing, or nil if all are there.
    mutating func open(_ manifest: Manifest) throws(StoreError) -> String? {
        self.manifest = try item(.manifest)
        guard self.manifest != nil else { return folder + "/" + Manifest.fileName }
        for entry in manifest.entries {
            var files = Files(entry: entry)
            if let missing = try open(&files) { return folder + "/" + missing }
            collections.append(files)
        }
        try openModels()
        return nil
    }

    private mutating func openModels() throws(StoreError) {
        let place = folder + "/" + ModelFiles.folderName
        guard try fileSystem.kind(of: place) == .directory else { return }
        for name in try fileSystem.list(place) where ModelFiles.isValid(name: name) {
            guard try fileSystem.kind(of: place + "/" + name) == .directory else { continue }
            for file in ModelFiles.all {
                if let found = try item(.model(name: name, file: file)) { models.append(found) }
            }
        }
    }

    private func open(_ files: inout Files) throws(StoreError) -> String? {
        let number = files.entry.number
        if files.entry.hasSnapshot {
            let snapshot = StoreFile.snapshot(collection: number, generation: files.entry.generation)
            files.snapshot = try item(snapshot)
            if files.snapshot == nil { return snapshot.path }
        }
        guard let names = try names(ofCollection: number) else { return StoreFile.folder(number) }
        var generation = files.entry.generation
        let first = StoreFile.log(collection: number, generation: generation)
        while names.contains(StoreFile.log(collection: number, generation: generation)),
            let log = try item(.log(collection: number, generation: generation))
        {
            files.logs.append(log)
            generation += 1
        }
        if files.logs.isEmpty { return first.path }
        for index in files.logs.indices.reversed() { files.logs[index].length = try files.logs[index].open.size() }

        guard let later = try self.names(ofCollection: number) else { return StoreFile.folder(number) }
        for case .thumbnails(number, let blobs) in later where blobs >= files.entry.blobFile {
            let thumbnails = StoreFile.thumbnails(collection: number, number: blobs)
            if let thumbnails = try item(thumbnails) {
                files.thumbnails.append(thumbnails)
            } else if blobs == files.entry.blobFile {
                return thumbnails.path
            }
        }
        return nil
    }

    /// The files of a collection that are there now, or nil if its folder is not.
    private func names(ofCollection number: UInt64) throws(StoreError) -> [StoreFile]? {
        let path = folder + "/" + StoreFile.folder(number)
        do throws(StoreError) {
            return try fileSystem.list(path).compactMap { StoreFile(path: StoreFile.folder(number) + "/" + $0) }
        } catch {
            if try fileSystem.kind(of: path) == .absent { return nil }
            throw error
        }
    }

    /// An open file with its present size, or nil if it is not there.
    private func item(_ file: StoreFile) throws(StoreError) -> BackupSource.Item? {
        let path = folder + "/" + file.path
        let open: any StorageFile
        do throws(StoreError) {
            open = try fileSystem.open(path, .read)
        } catch {
            if try fileSystem.kind(of: path) == .absent { return nil }
            throw error
        }
        return BackupSource.Item(file: file, open: open, length: try open.size())
    }

    private func isEmpty(_ log: BackupSource.Item) throws(StoreError) -> Bool {
        try WriteAheadLog.startOfChanges(in: log.open, upTo: log.length) == log.length
    }

    /// The files with what belongs to the copy: of the last log that holds anything the complete records, of those
    /// before it everything (nobody adds to them any more, and what a crash has left at their ends is for whoever opens
    /// the copy to judge), and none of those after it.
    func items() throws(StoreError) -> [BackupSource.Item] {
        var items = manifest.map { [$0] } ?? []
        for files in collections {
            if let snapshot = files.snapshot { items.append(snapshot) }
            var last = files.logs.count - 1
            while last > 0, try isEmpty(files.logs[last]) { last -= 1 }
            items += files.logs[..<last]
            var log = files.logs[last]
            log.length = try WriteAheadLog.validLength(
                of: log.open, upTo: log.length, collection: files.entry.number,
                generation: files.entry.generation + UInt64(last))
            items.append(log)
            items += files.thumbnails
        }
        return items + models
    }
}
