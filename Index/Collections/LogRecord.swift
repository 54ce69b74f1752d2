import HNSW
import Storage

/// One change of a collection, as it stands in the log.
///
///     UInt8 1  upsert: byte string name; UInt32 efConstruction (0: the collection's own); UInt8 attributes
///              (0 keep, 1 set: byte string follows, 2 remove); UInt8 thumbnail (1: BlobReference follows);
///              UInt32 dimension; Float32 values, as the user sent them
///     UInt8 2  remove: byte string name
///     UInt8 3  attributes: byte string name; UInt8 (1 set: byte string follows, 2 remove)
///     UInt8 4  collection: its name and configuration as in the manifest; the first record of each log, for repairs
///     UInt8 5  follows: UInt64 length of the log before; the second record of each log but the first
///
/// Updates are logged as insertions are: replaying puts the vector in place whichever it was.
enum LogRecord: Equatable {
    case upsert(ElementName, vector: [Float], AttributesChange, thumbnail: BlobReference?, efConstruction: Int?)
    case remove(ElementName)
    case setAttributes(ElementName, [UInt8]?)
    case collection(Manifest.Entry)
    case follows(length: UInt64)

    var encoded: [UInt8] {
        var writer = ByteWriter()
        switch self {
        case .upsert(let name, let vector, let attributes, let thumbnail, let efConstruction):
            writer.put(UInt8(1))
            writer.put(name.bytes)
            writer.put(UInt32(efConstruction ?? 0))
            switch attributes {
            case .keep: writer.put(UInt8(0))
            case .set(let bytes):
                writer.put(UInt8(1))
                writer.put(bytes)
            case .remove: writer.put(UInt8(2))
            }
            writer.put(UInt8(thumbnail == nil ? 0 : 1))
            thumbnail?.put(into: &writer)
            writer.put(UInt32(vector.count))
            writer.put(vector)
        case .remove(let name):
            writer.put(UInt8(2))
            writer.put(name.bytes)
        case .setAttributes(let name, let attributes):
            writer.put(UInt8(3))
            writer.put(name.bytes)
            writer.put(UInt8(attributes == nil ? 2 : 1))
            if let attributes { writer.put(attributes) }
        case .collection(let entry):
            writer.put(UInt8(4))
            entry.putConfiguration(into: &writer)
        case .follows(let length):
            writer.put(WriteAheadLog.followsMark)
            writer.put(length)
        }
        return writer.bytes
    }

    /// Reads a record of a collection of that dimension; of any, when it is nil.
    init(_ payload: UnsafeRawBufferPointer, file: String, at offset: UInt64, dimension: Int?) throws(StoreError) {
        var reader = ByteReader(payload, file: file, at: offset)
        let kind = try reader.take(UInt8.self, "a record's kind")
        if kind == 4 {
            self = .collection(try Manifest.Entry(configurationFrom: &reader, number: 0, generation: 0))
            try reader.finish("a record")
            return
        }
        if kind == WriteAheadLog.followsMark {
            self = .follows(length: try reader.take(UInt64.self, "the length of the log before"))
            try reader.finish("a record")
            return
        }
        let name = ElementName(bytes: try reader.takeString("an element's name"))
        switch kind {
        case 1:
            let efConstruction = Int(try reader.take(UInt32.self, "efConstruction"))
            guard efConstruction == 0 || HNSWParameters.efRange.contains(efConstruction) else {
                throw reader.corrupt("efConstruction is \(efConstruction)")
            }
            let attributes: AttributesChange
            switch try reader.take(UInt8.self, "an attributes mark") {
            case 0: attributes = .keep
            case 1: attributes = .set(try reader.takeString("attributes"))
            case 2: attributes = .remove
            case let other: throw reader.corrupt("attributes mark \(other) is unknown")
            }
            let hasThumbnail = try reader.take(UInt8.self, "a thumbnail mark") == 1
            let thumbnail = hasThumbnail ? try BlobReference(from: &reader) : nil
            let count = Int(try reader.take(UInt32.self, "a vector's dimension"))
            guard count == dimension ?? count else {
                throw reader.corrupt("a vector of \(count) values where there are \(dimension ?? count)")
            }
            let vector = try reader.takeFloats(count, "a vector")
            if let fault = VectorCheck.fault(in: vector) { throw reader.corrupt("a vector cannot be stored: \(fault)") }
            self = .upsert(
                name, vector: vector, attributes, thumbnail: thumbnail,
                efConstruction: efConstruction == 0 ? nil : efConstruction)
        case 2:
            self = .remove(name)
        case 3:
            switch try reader.take(UInt8.self, "an attributes mark") {
            case 1: self = .setAttributes(name, try reader.takeString("attributes"))
            case 2: self = .setAttributes(name, nil)
            case let other: throw reader.corrupt("attributes mark \(other) is unknown")
            }
        default:
            throw reader.corrupt("record kind \(kind) is unknown")
        }
        try reader.finish("a record")
    }
}
