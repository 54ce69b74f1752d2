import HNSW
import Storage

/// A file of a collection, and what is in it.
public struct InspectedFile: Sendable, Equatable {
    /// Its path in the store's folder.
    public var path: String
    /// Its size.
    public var bytes: UInt64
    /// The sections of a snapshot and their sizes, in order; nothing for other files.
    public var sections: [(name: String, bytes: UInt64)]

    /// Sections are compared by name and size.
    public static func == (a: InspectedFile, b: InspectedFile) -> Bool {
        a.path == b.path && a.bytes == b.bytes && a.sections.elementsEqual(b.sections, by: ==)
    }
}

/// What is stored of a collection, and where the bytes are.
public struct CollectionInspection: Sendable, Equatable {
    /// Its name.
    public var name: CollectionName
    /// Its configuration.
    public var configuration: CollectionConfiguration
    /// The width of searches that do not say one, if it has one of its own.
    public var efSearch: Int?
    /// The generation of its snapshot.
    public var generation: UInt64
    /// Elements in the snapshot. Changes since are in the logs.
    public var elements: Int
    /// Those of them that have attributes.
    public var withAttributes: Int
    /// Bytes of thumbnails that elements in the snapshot refer to.
    public var thumbnailBytes: UInt64
    /// Its files: snapshot, logs, thumbnails.
    public var files: [InspectedFile]

    /// Bytes of all files.
    public var bytes: UInt64 { files.reduce(0) { $0 + $1.bytes } }
    /// Bytes of changes that no snapshot has yet: what is replayed when the store is opened.
    public var logBytes: UInt64 { files.filter { $0.path.contains("/log-") }.reduce(0) { $0 + $1.bytes } }
}

extension Store {
    /// Says what a store holds and where its bytes are. Reads the beginnings of files only, changes nothing, needs no
    /// lock.
    ///
    /// - Throws: `missing`, or what is wrong with the manifest or a snapshot's header.
    public static func inspect(
        _ path: String, fileSystem: any FileSystem = POSIXFileSystem()
    ) throws(StoreError) -> [CollectionInspection] {
        let folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard try fileSystem.kind(of: folder) == .directory else { throw .missing(path: folder) }
        var tries = 0
        while true {
            let manifest = try manifestToRead(folder, fileSystem)
            do {
                var found: [CollectionInspection] = []
                for entry in manifest.entries { found.append(try inspect(entry, folder, fileSystem)) }
                return found.sorted { $0.name < $1.name }
            } catch {
                // A writer may have made a checkpoint meanwhile.
                tries += 1
                guard tries < retryLimit, try manifestToRead(folder, fileSystem) != manifest else { throw error }
            }
        }
    }

    private static func inspect(_ entry: Manifest.Entry, _ folder: String, _ fileSystem: any FileSystem)
        throws(StoreError) -> CollectionInspection
    {
        let configuration = try CollectionConfiguration(entry, manifest: folder + "/" + Manifest.fileName)
        var result = CollectionInspection(
            name: CollectionName(bytes: entry.name), configuration: configuration,
            efSearch: entry.efSearch == 0 ? nil : Int(entry.efSearch), generation: entry.generation, elements: 0,
            withAttributes: 0, thumbnailBytes: 0, files: [])
        let place = "\(collectionsFolderName)/\(entry.number)"
        let names = try fileSystem.list(folder + "/" + place)
        let used = CollectionFiles.inUse(names, by: entry)
        for name in names where used.contains(name) {
            let path = "\(place)/\(name)"
            var file = InspectedFile(
                path: path, bytes: try fileSystem.open(folder + "/" + path, .read).size(), sections: [])
            if CollectionFiles.parse(name)?.kind == .snapshot {
                let snapshot = try SnapshotReader(
                    folder + "/" + path, collection: entry.number, generation: entry.generation, faults: FaultLog(),
                    in: fileSystem)
                let state = try SnapshotState(snapshot, number: entry.number, generation: entry.generation)
                result.elements = state.counts.elements
                result.withAttributes = state.counts.withAttributes
                result.thumbnailBytes = state.counts.thumbnailBytes
                file.sections = snapshot.sections.map { (SnapshotSection.name($0.kind), $0.length) }
                let sections = snapshot.sections.reduce(0) { $0 + $1.length }
                file.sections.append(("checksums and padding", file.bytes - sections))
            }
            result.files.append(file)
        }
        return result
    }
}
