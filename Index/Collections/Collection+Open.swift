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
            first: LogRecord.collection(entry).encoded, in: fileSystem)
        try fileSystem.syncDirectory(folder)
        try fileSystem.syncDirectory(context.collectionsFolder)
        return Collection(
            name: CollectionName(bytes: entry.name), configuration: configuration, uid: entry.number, context: context,
            graph: .empty(configuration), elements: ElementTable(), faults: FaultLog(), blobs: [:], logs: [log],
            entry: entry)
    }

    /// Opens the files of a collection: maps its snapshot and replays its logs.
    ///
    /// The logs are opened, from the last to the first, before anything else: beside a writer, what is in them by then
    /// is what will be seen, and all that they refer to exists.
    static func open(_ entry: Manifest.Entry, in context: StoreContext) throws(StoreError) -> Collection {
        let configuration = try CollectionConfiguration(entry, manifest: context.folder + "/" + Manifest.fileName)
        let folder = context.collectionFolder(entry.number)
        let readers = try logReaders(of: entry, folder, context)
        let faults = FaultLog()
        var (graph, elements) = (HNSWIndex.empty(configuration), ElementTable())
        var thumbnailEnds: [UInt64: UInt64] = [:]
        var snapshotSize: UInt64 = 0
        if entry.hasSnapshot {
            let snapshot = try SnapshotReader(
                CollectionFiles.snapshot(folder, entry.generation), collection: entry.number,
                generation: entry.generation, faults: faults, in: context.fileSystem)
            snapshotSize = snapshot.size
            (graph, elements, thumbnailEnds) = try contents(of: snapshot, entry, configuration, faults)
        }
        let blobs = try openBlobs(of: entry, folder, referredTo: thumbnailEnds, context)
        let logs = try replay(
            readers, into: CollectionContents(graph: graph, elements: elements), blobs: blobs,
            dimension: configuration.dimension, folder)
        if let fault = faults.first { throw fault }
        let collection = Collection(
            name: CollectionName(bytes: entry.name), configuration: configuration, uid: entry.number, context: context,
            graph: graph, elements: elements, faults: faults, blobs: blobs, logs: logs, entry: entry)
        collection.checkpointDue.store(
            context.options.checkpointLogBytes(snapshot: snapshotSize), ordering: .relaxed)
        return collection
    }

    private static func contents(
        of snapshot: SnapshotReader, _ entry: Manifest.Entry, _ configuration: CollectionConfiguration,
        _ faults: FaultLog
    ) throws(StoreError) -> (HNSWIndex, ElementTable, [UInt64: UInt64]) {
        try snapshot.requireKnown(SnapshotSection.all)
        let state = try SnapshotState(snapshot, number: entry.number, generation: entry.generation)
        let path = snapshot.path
        guard state.entry.dimension == entry.dimension, state.entry.m == entry.m, state.entry.metric == entry.metric,
            state.entry.quantization == entry.quantization
        else { throw .corrupt(file: path, offset: 0, what: "its shape is not that of its collection") }
        let graph: HNSWIndex
        do {
            graph = try HNSWIndex(
                image: state.image, dimension: configuration.dimension, metric: configuration.metric,
                quantization: configuration.quantization, parameters: configuration.parameters,
                faults: { faults.note(.corrupt(file: path, offset: 0, what: "it contradicts itself: \($0)")) },
                mapped: { (array) throws(StoreError) in try snapshot.section(SnapshotSection.kind(of: array)) })
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
        guard state.counts.elements == graph.count, state.counts.rows <= graph.slotCount else {
            throw .corrupt(
                file: path, offset: 0, what: "it has \(state.counts.elements) elements for \(graph.count) nodes")
        }
        let base = try MappedElements(snapshot, rows: UInt64(state.counts.rows), key: state.key)
        return (graph, ElementTable(base: base, counts: state.counts), state.thumbnailEnds)
    }

    // MARK: Logs

    /// The logs from the collection's generation on, as far as there are without a gap.
    private static func logReaders(of entry: Manifest.Entry, _ folder: String, _ context: StoreContext)
        throws(StoreError) -> [LogReader]
    {
        let numbers = Set(try CollectionFiles.numbers(of: .log, in: folder, context.fileSystem))
        var last = entry.generation
        while numbers.contains(last + 1) { last += 1 }
        var readers: [LogReader] = []
        for generation in (entry.generation...last).reversed() {
            readers.append(
                try LogReader(
                    CollectionFiles.log(folder, generation), collection: entry.number, generation: generation,
                    readOnly: context.options.readOnly, in: context.fileSystem))
        }
        return readers.reversed()
    }

    private static func replay(
        _ readers: [LogReader], into contents: CollectionContents, blobs: [UInt64: BlobFile], dimension: Int,
        _ folder: String
    ) throws(StoreError) -> [WriteAheadLog] {
        var logs: [WriteAheadLog] = []
        var replay = LogReplay(contents: contents, blobs: blobs)
        for (index, reader) in readers.enumerated() {
            let isFollowed = readers[(index + 1)...].contains { $0.hasRecords }
            let path = CollectionFiles.log(folder, reader.generation)
            logs.append(
                try reader.replay(isFollowed: isFollowed) { (payload, offset) throws(StoreError) in
                    let record = try LogRecord(payload, file: path, at: offset, dimension: dimension)
                    if case .follows(let length) = record, let last = logs.last, last.length != length {
                        throw .corrupt(
                            file: CollectionFiles.log(folder, last.generation), offset: min(last.length, length),
                            what: "it has \(last.length) bytes, but the next log followed \(length)")
                    }
                    try replay.add(record)
                })
        }
        try replay.finish()
        return logs
    }

    // MARK: Thumbnails

    private static func openBlobs(
        of entry: Manifest.Entry, _ folder: String, referredTo ends: [UInt64: UInt64], _ context: StoreContext
    ) throws(StoreError) -> [UInt64: BlobFile] {
        var blobs: [UInt64: BlobFile] = [:]
        for number in try CollectionFiles.numbers(of: .blobs, in: folder, context.fileSystem)
        where number >= entry.blobFile {
            blobs[number] = try BlobFile.open(
                CollectionFiles.blobs(folder, number), collection: entry.number, number: number,
                readOnly: context.options.readOnly, in: context.fileSystem)
        }
        for (number, end) in ends {
            // What a snapshot refers to was durable before the snapshot was.
            let length = blobs[number]?.length ?? 0
            guard length >= end else {
                throw .corrupt(
                    file: CollectionFiles.blobs(folder, number), offset: length,
                    what: "it ends before a thumbnail that is referred to")
            }
        }
        return blobs
    }
}

extension HNSWIndex {
    /// An index without vectors for a collection of that configuration.
    static func empty(_ configuration: CollectionConfiguration) -> HNSWIndex {
        HNSWIndex(
            dimension: configuration.dimension, metric: configuration.metric,
            quantization: configuration.quantization, parameters: configuration.parameters)
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
