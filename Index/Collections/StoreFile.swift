import Storage

/// A file that belongs to a store, by its place in the folder: what a backup carries, and all that a restore writes.
enum StoreFile: Hashable {
    case manifest
    case snapshot(collection: UInt64, generation: UInt64)
    case log(collection: UInt64, generation: UInt64)
    case thumbnails(collection: UInt64, number: UInt64)
    case model(name: String, file: String)

    /// The folder of a collection, relative to the store's.
    static func folder(_ collection: UInt64) -> String { "\(Store.collectionsFolderName)/\(collection)" }

    /// The number of its collection.
    var collection: UInt64? {
        switch self {
        case .manifest, .model: nil
        case .snapshot(let collection, _), .log(let collection, _), .thumbnails(let collection, _): collection
        }
    }

    /// The folder of a model, relative to the store's.
    static func folder(model: String) -> String { "\(ModelFiles.folderName)/\(model)" }

    /// The folder that it lies in, relative to the store's; nil for the store's own.
    var folder: String? {
        if case .model(let name, _) = self { return Self.folder(model: name) }
        return collection.map(Self.folder)
    }

    /// Its path, relative to the store's folder.
    var path: String {
        switch self {
        case .manifest: Manifest.fileName
        case .snapshot(let collection, let generation): CollectionFiles.snapshot(Self.folder(collection), generation)
        case .log(let collection, let generation): CollectionFiles.log(Self.folder(collection), generation)
        case .thumbnails(let collection, let number): CollectionFiles.blobs(Self.folder(collection), number)
        case .model(let name, let file): "\(Self.folder(model: name))/\(file)"
        }
    }

    /// The file at a path, if it is exactly one that we give: nothing that leads out of the store, and no second
    /// spelling of the same file.
    init?(path: String) {
        guard path != Manifest.fileName else {
            self = .manifest
            return
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0] == ModelFiles.folderName, ModelFiles.isValid(name: parts[1]),
            let file = ModelFiles.all.first(where: { $0 == parts[2] })
        {
            self = .model(name: String(parts[1]), file: file)
            return
        }
        guard parts.count == 3, let collection = UInt64(parts[1]), let dash = parts[2].lastIndex(of: "-"),
            let number = UInt64(parts[2][parts[2].index(after: dash)...])
        else { return nil }
        let candidates: [StoreFile] = [
            .snapshot(collection: collection, generation: number), .log(collection: collection, generation: number),
            .thumbnails(collection: collection, number: number),
        ]
        guard let found = candidates.first(where: { $0.path == path }) else { return nil }
        self = found
    }
}
