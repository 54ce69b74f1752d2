import HNSW
import Storage

/// Writes a captured collection as a snapshot file. `FORMAT.md` has the sections.
struct CollectionSnapshot {
    /// Bytes that are put at once.
    private static let batchBytes = 256 << 10

    let entry: Manifest.Entry
    let graph: HNSWCapture
    let elements: CapturedElements
    /// Where thumbnails are now, if elsewhere than their elements say.
    let moved: [BlobReference: BlobReference]

    /// Writes the file and makes it durable, but for its name in the folder. Returns the state that is in it.
    func write(_ path: String, collection: UInt64, generation: UInt64, in fileSystem: any FileSystem)
        throws(StoreError) -> SnapshotState
    {
        var snapshot = try SnapshotWriter(path, collection: collection, generation: generation, in: fileSystem)
        for array in HNSWArray.allCases {
            let bytes = HNSWIndex.recordBytes(
                of: array, dimension: Int(entry.dimension), metric: Metric(rawValue: entry.metric)!,
                quantization: Quantization(rawValue: entry.quantization)!,
                parameters: HNSWParameters(m: Int(entry.m), efConstruction: Int(entry.efConstruction)))
            let blockBytes = bytes == 0 ? SnapshotFile.pageSize : HNSWIndex.blockBytes(stride: bytes)
            try snapshot.beginSection(SnapshotSection.kind(of: array), blockBytes: blockBytes)
            try graph.forEachSpan(of: array) { (span) throws(StoreError) in try snapshot.put(span) }
        }
        try writeRows(&snapshot)
        let key = SipHash.Key.random()
        let thumbnailEnds = try writeTexts(&snapshot, key: key)
        let state = SnapshotState(
            entry: entry, image: graph.image, counts: elements.counts, key: key, thumbnailEnds: thumbnailEnds)
        for kind in [SnapshotSection.state, SnapshotSection.stateCopy] {
            try snapshot.beginSection(kind, isOptional: kind == SnapshotSection.stateCopy)
            try snapshot.put(state.encoded)
        }
        _ = try snapshot.finish()
        return state
    }

    private func writeRows(_ snapshot: inout SnapshotWriter) throws(StoreError) {
        try snapshot.beginSection(SnapshotSection.rows)
        var batch = ByteWriter(reserving: Self.batchBytes)
        var offset: UInt64 = 0
        for index in 0..<elements.counts.rows {
            if var row = elements.row(index) {
                row.offset = offset
                offset += UInt64(row.textLength)
                guard offset < ElementRow.offsetLimit else {
                    throw .limitExceeded(what: "the length of all texts", value: offset, limit: ElementRow.offsetLimit)
                }
                row.put(into: &batch)
            } else {
                batch.put(UInt64(0))
                batch.put(UInt64(0))
            }
            try flush(&batch, into: &snapshot, atLeast: Self.batchBytes)
        }
        try flush(&batch, into: &snapshot, atLeast: 1)
    }

    /// Writes texts, and the table of names after them. Returns the end of the last blob referred to in each file.
    private func writeTexts(_ snapshot: inout SnapshotWriter, key: SipHash.Key) throws(StoreError) -> [UInt64: UInt64] {
        var names = MappedElements.NameTable(count: elements.counts.elements, key: key)
        var ends: [UInt64: UInt64] = [:]
        try snapshot.beginSection(SnapshotSection.texts)
        var batch = ByteWriter(reserving: Self.batchBytes)
        try elements.forEach { (index, element) throws(StoreError) in
            names.insert(element.name, row: index)
            batch.putRaw(element.name.bytes)
            if let attributes = element.attributes { batch.putRaw(attributes) }
            if let old = element.thumbnail {
                let reference = moved[old] ?? old
                reference.put(into: &batch)
                ends[reference.file] = max(ends[reference.file] ?? 0, reference.end)
            }
            try flush(&batch, into: &snapshot, atLeast: Self.batchBytes)
        }
        try flush(&batch, into: &snapshot, atLeast: 1)
        try snapshot.beginSection(SnapshotSection.names)
        for start in stride(from: 0, to: names.places.count, by: Self.batchBytes / 8) {
            for place in names.places[start..<min(start + Self.batchBytes / 8, names.places.count)] { batch.put(place) }
            try flush(&batch, into: &snapshot, atLeast: 1)
        }
        return ends
    }

    private func flush(_ batch: inout ByteWriter, into snapshot: inout SnapshotWriter, atLeast bytes: Int)
        throws(StoreError)
    {
        guard batch.bytes.count >= bytes else { return }
        try snapshot.put(batch.bytes)
        batch.removeAll()
    }
}
