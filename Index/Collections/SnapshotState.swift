import HNSW
import Storage

/// The sections of a snapshot; `FORMAT.md` says what is in each.
enum SnapshotSection {
    static let state: UInt32 = 1
    static let rows: UInt32 = 2
    static let texts: UInt32 = 9
    static let names: UInt32 = 10
    /// The state once more, for repairs.
    static let stateCopy: UInt32 = 11

    /// All that this program knows.
    static let all = Set<UInt32>([state, rows, texts, names] + HNSWArray.allCases.map(kind))

    static func kind(of array: HNSWArray) -> UInt32 {
        switch array {
        case .heads: 3
        case .codes: 4
        case .terms: 5
        case .links: 6
        case .vectors: 7
        case .uppers: 8
        }
    }

    /// For people.
    static func name(_ kind: UInt32) -> String {
        switch kind {
        case state: "state"
        case rows: "rows"
        case texts: "texts"
        case names: "names"
        case stateCopy: "state, copy"
        default: HNSWArray.allCases.first { Self.kind(of: $0) == kind }.map { "\($0)" } ?? "section \(kind)"
        }
    }
}

/// The small section of a snapshot: what is read of it when it is opened.
struct SnapshotState {
    /// The collection's name and configuration, for repairs.
    var entry: Manifest.Entry
    var image: HNSWImage
    var counts: ElementTable.Counts
    var key: SipHash.Key
    /// The end of the last blob referred to in each thumbnail file that is.
    var thumbnailEnds: [UInt64: UInt64]

    init(
        entry: Manifest.Entry, image: HNSWImage, counts: ElementTable.Counts, key: SipHash.Key,
        thumbnailEnds: [UInt64: UInt64]
    ) {
        self.entry = entry
        self.image = image
        self.counts = counts
        self.key = key
        self.thumbnailEnds = thumbnailEnds
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        entry.putConfiguration(into: &writer)
        image.put(into: &writer)
        writer.put(UInt64(counts.rows))
        writer.put(UInt64(counts.elements))
        writer.put(UInt64(counts.withAttributes))
        writer.put(counts.thumbnailBytes)
        writer.put(key.first)
        writer.put(key.second)
        writer.put(UInt32(thumbnailEnds.count))
        for (number, end) in thumbnailEnds.sorted(by: { $0.key < $1.key }) {
            writer.put(number)
            writer.put(end)
        }
        return writer.bytes
    }

    /// Reads the state of a snapshot of the collection with that number.
    init(
        _ snapshot: SnapshotReader, number: UInt64, generation: UInt64, section kind: UInt32 = SnapshotSection.state
    ) throws(StoreError) {
        let section = try snapshot.section(kind)
        var reader = try snapshot.reader(kind)
        defer { withExtendedLifetime(section) {} }
        entry = try Manifest.Entry(configurationFrom: &reader, number: number, generation: generation)
        entry.hasSnapshot = true
        image = try HNSWImage(from: &reader)
        func count(_ what: String) throws(StoreError) -> Int {
            let value = try reader.take(UInt64.self, what)
            guard value <= UInt64(NodeID.limit) else { throw reader.corrupt("there are \(value) \(what)") }
            return Int(value)
        }
        counts = ElementTable.Counts()
        counts.rows = try count("rows")
        counts.elements = try count("elements")
        counts.withAttributes = try count("attributes")
        counts.thumbnailBytes = try reader.take(UInt64.self, "the bytes of thumbnails")
        key = SipHash.Key(
            first: try reader.take(UInt64.self, "the key of names"),
            second: try reader.take(UInt64.self, "the key of names"))
        thumbnailEnds = [:]
        for _ in 0..<(try reader.take(UInt32.self, "the number of thumbnail files")) {
            let file = try reader.take(UInt64.self, "a thumbnail file's number")
            thumbnailEnds[file] = try reader.take(UInt64.self, "a thumbnail file's end")
        }
        try reader.finish("the state")
        guard counts.elements <= counts.rows, counts.withAttributes <= counts.elements else {
            throw reader.corrupt("there are \(counts.elements) elements in \(counts.rows) rows")
        }
    }
}

extension HNSWImage {
    func put(into writer: inout ByteWriter) {
        writer.put(nodeCount)
        writer.put(vectorCount)
        writer.put(upperCount)
        for list in [freeNodes, freeVectors, freeUppers] {
            writer.put(list.head)
            writer.put(list.count)
        }
        writer.put(UInt32(pendingNodes.count))
        for node in pendingNodes { writer.put(node) }
        writer.put(entryPoint)
        writer.put(origin)
        writer.put(seed)
        writer.put(draws)
    }

    init(from reader: inout ByteReader) throws(StoreError) {
        let what = "the graph's state"
        func list(_ reader: inout ByteReader) throws(StoreError) -> FreeList {
            FreeList(head: try reader.take(UInt32.self, what), count: try reader.take(UInt64.self, what))
        }
        func numbers(_ reader: inout ByteReader) throws(StoreError) -> [UInt32] {
            let count = Int(try reader.take(UInt32.self, what))
            guard count <= reader.remaining / 4 else { throw reader.corrupt("it ends within \(what)") }
            var numbers: [UInt32] = []
            for _ in 0..<count { numbers.append(try reader.take(UInt32.self, what)) }
            return numbers
        }
        self.init(
            nodeCount: try reader.take(UInt64.self, what), vectorCount: try reader.take(UInt64.self, what),
            upperCount: try reader.take(UInt64.self, what), freeNodes: try list(&reader),
            freeVectors: try list(&reader), freeUppers: try list(&reader), pendingNodes: try numbers(&reader),
            entryPoint: try reader.take(UInt32.self, what), origin: try reader.take(UInt32.self, what),
            seed: try reader.take(UInt64.self, what), draws: try reader.take(UInt64.self, what))
    }
}

/// The index knows what its records may hold, the storage what their checksums are: this is where they meet.
extension MappedSection: MappedRecords {}
