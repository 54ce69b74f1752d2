import HNSW
import Storage

/// Reads what is whole of a damaged collection: of its snapshot every element of which all that belongs to it (row,
/// text, head, vector, thumbnail) matches its checksums, then every record of its logs that does. Nothing is guessed:
/// what does not match is not used, and is listed.
struct CollectionSalvage {
    /// What was saved, in order.
    enum Piece {
        case element(Element, vector: [Float], thumbnail: [UInt8]?)
        case record(LogRecord, thumbnail: [UInt8]?)
    }

    let entry: Manifest.Entry
    let context: StoreContext
    /// Elements that are lost, by name as far as that is known.
    private(set) var lostNames: Set<ElementName> = []
    /// How many elements are lost that are not even known by name.
    private(set) var lostRows = 0
    /// What else is lost, a line each.
    private(set) var notes: [String] = []

    init(_ entry: Manifest.Entry, _ context: StoreContext) {
        self.entry = entry
        self.context = context
    }

    private var folder: String { context.collectionFolder(entry.number) }

    /// Gives everything that is whole to `body`, in the order in which it came about.
    mutating func run(_ body: (Piece) throws(StoreError) -> Void) throws(StoreError) {
        let blobs = openBlobs()
        if entry.hasSnapshot { try readSnapshot(blobs, body) }
        var generation = entry.generation
        while try context.fileSystem.kind(of: CollectionFiles.log(folder, generation)) == .file {
            try readLog(generation, blobs, body)
            generation += 1
        }
        if generation == entry.generation { notes.append("\(CollectionFiles.log(folder, generation)) is missing") }
    }

    private mutating func openBlobs() -> [UInt64: BlobFile] {
        var blobs: [UInt64: BlobFile] = [:]
        let numbers = (try? CollectionFiles.numbers(of: .blobs, in: folder, context.fileSystem)) ?? []
        for number in numbers where number >= entry.blobFile {
            do throws(StoreError) {
                blobs[number] = try BlobFile.open(
                    CollectionFiles.blobs(folder, number), collection: entry.number, number: number, readOnly: true,
                    in: context.fileSystem)
            } catch {
                notes.append(error.description)
            }
        }
        return blobs
    }

    private mutating func thumbnail(_ reference: BlobReference?, _ name: ElementName, _ blobs: [UInt64: BlobFile])
        -> [UInt8]?
    {
        guard let reference else { return nil }
        if let bytes = try? blobs[reference.file]?.read(reference) { return bytes }
        notes.append("the thumbnail of \(name) is lost")
        return nil
    }

    // MARK: Snapshot

    private mutating func readSnapshot(
        _ blobs: [UInt64: BlobFile], _ body: (Piece) throws(StoreError) -> Void
    ) throws(StoreError) {
        let path = CollectionFiles.snapshot(folder, entry.generation)
        let opened: (graph: HNSWIndex, sections: [HNSWArray: MappedSection], elements: MappedElements)
        do throws(StoreError) {
            opened = try open(path)
        } catch {
            return notes.append("nothing of \(path) can be read: \(error)")
        }
        for index in 0..<opened.elements.rowCount {
            switch opened.elements.salvage(index) {
            case .nothing: continue
            case .lost(nil): lostRows += 1
            case .lost(let name?): lostNames.insert(name)
            case .element(let element):
                guard let vector = vector(NodeID(rawValue: UInt32(index)), opened.graph, opened.sections) else {
                    lostNames.insert(element.name)
                    continue
                }
                let image = thumbnail(element.thumbnail, element.name, blobs)
                try body(.element(element, vector: vector, thumbnail: image))
            }
        }
    }

    /// Opens a snapshot by its header or the copy of it, with its state or the copy of that.
    private func open(_ path: String) throws(StoreError) -> (
        graph: HNSWIndex, sections: [HNSWArray: MappedSection], elements: MappedElements
    ) {
        let faults = FaultLog()
        func reader(copy: Bool) throws(StoreError) -> SnapshotReader {
            try SnapshotReader(
                path, collection: entry.number, generation: entry.generation, faults: faults, copy: copy,
                in: context.fileSystem)
        }
        let snapshot: SnapshotReader
        do throws(StoreError) { snapshot = try reader(copy: false) } catch { snapshot = try reader(copy: true) }
        func state(_ kind: UInt32) throws(StoreError) -> SnapshotState {
            try SnapshotState(snapshot, number: entry.number, generation: entry.generation, section: kind)
        }
        let found: SnapshotState
        do throws(StoreError) {
            found = try state(SnapshotSection.state)
        } catch {
            found = try state(SnapshotSection.stateCopy)
        }
        let configuration = try CollectionConfiguration(entry, manifest: path)
        var sections: [HNSWArray: MappedSection] = [:]
        for array in HNSWArray.allCases { sections[array] = try snapshot.section(SnapshotSection.kind(of: array)) }
        do {
            let graph = try HNSWIndex(
                image: found.image, dimension: configuration.dimension, metric: configuration.metric,
                quantization: configuration.quantization, parameters: configuration.parameters, faults: { _ in },
                mapped: { sections[$0]! })
            return (
                graph, sections, try MappedElements(snapshot, rows: UInt64(found.counts.rows), key: found.key)
            )
        } catch let error as StoreError {
            throw error
        } catch {
            throw .corrupt(file: path, offset: 0, what: "\(error)")
        }
    }

    /// The vector of a node as the user sent it, up to rounding; nil if something of it is damaged.
    private func vector(_ id: NodeID, _ graph: HNSWIndex, _ sections: [HNSWArray: MappedSection]) -> [Float]? {
        func isWhole(_ array: HNSWArray, _ record: Int) -> Bool {
            guard let section = sections[array] else { return false }
            let bytes = HNSWIndex.recordBytes(
                of: array, dimension: graph.dimension, metric: graph.metric, quantization: graph.quantization,
                parameters: graph.parameters)
            return section.isIntact(record * bytes..<(record + 1) * bytes)
        }
        guard graph.contains(id), isWhole(.heads, Int(id.rawValue)) else { return nil }
        let place = graph.vectorRecord(id)
        guard isWhole(place.array, place.record) else { return nil }
        let stored = graph.vector(id)
        let values = stored.values.map { $0 * stored.norm }
        return VectorCheck.fault(in: values) == nil ? values : nil
    }

    // MARK: Logs

    private mutating func readLog(
        _ generation: UInt64, _ blobs: [UInt64: BlobFile], _ body: (Piece) throws(StoreError) -> Void
    ) throws(StoreError) {
        let path = CollectionFiles.log(folder, generation)
        let reader: LogReader
        do throws(StoreError) {
            reader = try LogReader(
                path, collection: entry.number, generation: generation, readOnly: true, in: context.fileSystem)
        } catch {
            return notes.append("nothing of \(path) can be read: \(error)")
        }
        var records: [LogRecord] = []
        let lost = try reader.salvage { payload, offset in
            // Its checksum holds, so it is what was written; one of another shape is of no use.
            let record = try? LogRecord(payload, file: path, at: offset, dimension: Int(entry.dimension))
            if let record { records.append(record) }
        }
        for range in lost { notes.append("\(path): bytes \(range.lowerBound) to \(range.upperBound) are lost") }
        for record in records {
            var image: [UInt8]?
            switch record {
            case .upsert(let name, _, _, let reference, _):
                lostNames.remove(name)
                image = thumbnail(reference, name, blobs)
            case .remove(let name): lostNames.remove(name)
            case .setAttributes, .collection, .follows: break
            }
            try body(.record(record, thumbnail: image))
        }
    }
}
