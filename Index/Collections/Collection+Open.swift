import HNSW
import Storage

extension Collection {
    /// Makes the files of a new collection: a log, durable with its name. Nothing refers to them yet.
    static func create(_ entry: Manifest.Entry, _ configuration: CollectionConfiguration, in context: StoreContext)
        throws(StoreError) -> Collection
    {
        let folder = context.collectionFolder(entry.number)
        let fileSystem = context.fileSystem
        try fileSystem.createDirectory(folder)
        let log = try WriteAheadLog.create(
            CollectionFiles.log(folder, entry.generation), collection: entry.number, generation: entry.generation,
            in: fileSystem)
        try fileSystem.syncDirectory(folder)
        try fileSystem.syncDirectory(context.collectionsFolder)
        return Collection(
            name: CollectionName(bytes: entry.name), configuration: configuration, uid: entry.number, context: context,
            graph: HNSWIndex(
                dimension: configuration.dimension, metric: configuration.metric,
                quantization: configuration.quantization, parameters: configuration.parameters),
            elements: ElementTable(), blobs: nil, log: log, generation: entry.generation, hasSnapshot: false,
            blobNumber: entry.blobFile)
    }

    /// Opens the files of a collection: maps its snapshot and replays its log.
    static func open(_ entry: Manifest.Entry, in context: StoreContext) throws(StoreError) -> Collection {
        let configuration = try CollectionConfiguration(entry, manifest: context.folder + "/" + Manifest.fileName)
        let folder = context.collectionFolder(entry.number)
        let fileSystem = context.fileSystem
        let readOnly = context.options.readOnly
        let (graph, elements) = try contents(of: entry, configuration, folder: folder, in: fileSystem)

        let blobPath = CollectionFiles.blobs(folder, entry.blobFile)
        var blobs: BlobFile?
        if try fileSystem.kind(of: blobPath) == .file {
            blobs = try openBlobs(
                blobPath, entry, mayBeNew: elements.thumbnailBytes == 0, readOnly: readOnly, in: fileSystem)
        }
        let blobEnd = blobs?.length ?? 0
        try elements.forEach { (_, element) throws(StoreError) in
            // What a snapshot refers to was durable before the snapshot was.
            guard let thumbnail = element.thumbnail, thumbnail.end > blobEnd || thumbnail.file != entry.blobFile else {
                return
            }
            throw .corrupt(file: blobPath, offset: blobEnd, what: "it ends before a thumbnail that is referred to")
        }

        let logPath = CollectionFiles.log(folder, entry.generation)
        let inMemory = CollectionContents(graph: graph, elements: elements)
        let log = try WriteAheadLog.open(
            logPath, collection: entry.number, generation: entry.generation, readOnly: readOnly, in: fileSystem
        ) { (payload, offset) throws(StoreError) in
            let record = try LogRecord(payload, file: logPath, at: offset, dimension: configuration.dimension)
            try inMemory.replay(record, blobNumber: entry.blobFile, blobEnd: blobEnd)
        }
        return Collection(
            name: CollectionName(bytes: entry.name), configuration: configuration, uid: entry.number, context: context,
            graph: graph, elements: elements, blobs: blobs, log: log, generation: entry.generation,
            hasSnapshot: entry.hasSnapshot, blobNumber: entry.blobFile)
    }

    private static func openBlobs(
        _ path: String, _ entry: Manifest.Entry, mayBeNew: Bool, readOnly: Bool, in fileSystem: any FileSystem
    ) throws(StoreError) -> BlobFile? {
        do {
            return try BlobFile.open(
                path, collection: entry.number, number: entry.blobFile, readOnly: readOnly, in: fileSystem)
        } catch {
            // A crash while the file was made leaves less than a header, and nothing that refers to it.
            let size = try fileSystem.open(path, .read).size()
            if mayBeNew, size < UInt64(FileHeader.size) { return nil }
            throw error
        }
    }

    private static func contents(
        of entry: Manifest.Entry, _ configuration: CollectionConfiguration, folder: String,
        in fileSystem: any FileSystem
    ) throws(StoreError) -> (HNSWIndex, ElementTable) {
        guard entry.hasSnapshot else {
            let graph = HNSWIndex(
                dimension: configuration.dimension, metric: configuration.metric,
                quantization: configuration.quantization, parameters: configuration.parameters)
            return (graph, ElementTable())
        }
        let path = CollectionFiles.snapshot(folder, entry.generation)
        let snapshot = try SnapshotReader(
            path, collection: entry.number, generation: entry.generation, in: fileSystem)
        defer { withExtendedLifetime(snapshot.mapping) {} }
        var meta = try snapshot.reader(SnapshotSection.meta)
        guard try meta.take(UInt32.self, "the dimension") == UInt32(configuration.dimension),
            try meta.take(UInt32.self, "m") == UInt32(configuration.parameters.m)
        else { throw meta.corrupt("its shape is not that of its collection") }
        let image = try HNSWImage(from: &meta)
        try meta.finish("the graph's state")
        let graph: HNSWIndex
        do {
            graph = try HNSWIndex(
                image: image, dimension: configuration.dimension, metric: configuration.metric,
                quantization: configuration.quantization, parameters: configuration.parameters,
                owner: snapshot.mapping
            ) { (array) throws(StoreError) in
                // An array without records has no section's worth of bytes; one that a quantization lacks has none.
                try snapshot.section(SnapshotSection.kind(of: array))
            }
        } catch let error as HNSWImageError {
            switch error {
            case .inconsistent(let what): throw .corrupt(file: path, offset: 0, what: what)
            case .memory(let cause): throw .outOfMemory(reason: cause.description)
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw .corrupt(file: path, offset: 0, what: "\(error)")
        }
        return (graph, try readElements(try snapshot.reader(SnapshotSection.elements), graph))
    }

    private static func readElements(_ section: ByteReader, _ graph: HNSWIndex) throws(StoreError) -> ElementTable {
        var reader = section
        let elements = ElementTable()
        let count = try reader.take(UInt64.self, "the number of elements")
        guard count == UInt64(graph.count) else {
            throw reader.corrupt("\(count) elements for \(graph.count) nodes")
        }
        for _ in 0..<count {
            let id = NodeID(rawValue: try reader.take(UInt32.self, "an element's node"))
            let name = ElementName(bytes: try reader.takeString("an element's name"))
            guard graph.contains(id), elements[id] == nil, elements.id(of: name) == nil else {
                throw reader.corrupt("element \(name) has no node of its own")
            }
            let hasAttributes = try reader.take(UInt8.self, "an attributes mark") == 1
            let attributes = hasAttributes ? try reader.takeString("attributes") : nil
            let hasThumbnail = try reader.take(UInt8.self, "a thumbnail mark") == 1
            let thumbnail = hasThumbnail ? try BlobReference(from: &reader) : nil
            elements.set(ElementTable.Element(name: name, attributes: attributes, thumbnail: thumbnail), at: id)
        }
        try reader.finish("the elements")
        return elements
    }
}

extension CollectionConfiguration {
    /// What a manifest says of a collection.
    init(_ entry: Manifest.Entry, manifest: String) throws(StoreError) {
        guard let metric = Metric(rawValue: entry.metric),
            let quantization = Quantization(rawValue: entry.quantization),
            Self.dimensionRange.contains(Int(entry.dimension)), HNSWParameters.mRange.contains(Int(entry.m)),
            HNSWParameters.efRange.contains(Int(entry.efConstruction))
        else {
            throw .corrupt(
                file: manifest, offset: 0, what: "collection \(entry.number) has a configuration that is not known")
        }
        self.init(
            dimension: Int(entry.dimension), metric: metric, quantization: quantization,
            parameters: HNSWParameters(m: Int(entry.m), efConstruction: Int(entry.efConstruction)))
        if let name = entry.modelName, let hash = entry.modelHash {
            model = ModelIdentity(name: name, contentHash: hash)
        }
    }
}

extension Manifest.Entry {
    /// The entry of a new collection.
    init(number: UInt64, _ name: CollectionName, _ configuration: CollectionConfiguration) {
        self.init(
            number: number, generation: 1, hasSnapshot: false, blobFile: 1, name: name.bytes,
            dimension: UInt32(configuration.dimension), metric: configuration.metric.rawValue,
            quantization: configuration.quantization.rawValue, m: UInt32(configuration.parameters.m),
            efConstruction: UInt32(configuration.parameters.efConstruction), modelName: configuration.model?.name,
            modelHash: configuration.model?.contentHash)
    }
}
