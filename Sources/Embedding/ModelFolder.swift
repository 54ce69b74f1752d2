import Foundation
import NeuralNetwork
import Storage

/// Imported models: a folder for each, named as the model, that holds
///
///     model.json    what is known of it: `ModelRecord`
///     model.onnx    the network, as it was imported
///     ranges.json   the ranges of its values, for int8; added when int8 is first asked for, unless the import did
///
/// A model's folder gets its name when everything in it is durable, and nothing in it changes afterwards but that the
/// ranges are added. So it is read without a lock, whoever else imports or removes; those take turns by the lock of the
/// file `.lock`. Folders whose names begin with a dot are what an import or a removal is at, or has left when it was
/// killed: whoever has the lock next clears them away.
///
/// Thread-safety: no state of its own.
public struct ModelFolder: Sendable, Equatable {
    /// Where models are.
    public enum Place: String, Sendable {
        /// In a store, and part of it.
        case store
        /// The user's, for use with any store.
        case user
    }

    /// Which of the two it is.
    public let place: Place
    /// The folder; it need not exist.
    public let path: String

    static let lockName = ".lock"
    private static let recordLimit = 1 << 20
    private static let rangesLimit = 64 << 20

    let fileSystem: any FileSystem
    /// How long a change waits for one that is under way. Each takes as long as its files take to write.
    let patience: Duration

    /// The models of the store in a folder.
    public static func store(_ store: String, fileSystem: any FileSystem = POSIXFileSystem()) -> ModelFolder {
        ModelFolder(place: .store, path: "\(store)/\(ModelFiles.folderName)", fileSystem: fileSystem)
    }

    /// The user's own: `LOOKALIKE_MODELS` where that is set, else `lookalike/models` in `XDG_DATA_HOME`, else in
    /// `~/.local/share` (XDG Base Directory Specification). Nil for a user without a home.
    public static var user: ModelFolder? {
        func value(_ name: String) -> String? {
            ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let path =
            value("LOOKALIKE_MODELS") ?? value("XDG_DATA_HOME").map { $0 + "/lookalike/models" }
            ?? value("HOME").map { $0 + "/.local/share/lookalike/models" }
        return path.map { ModelFolder(place: .user, path: $0) }
    }

    package init(
        place: Place, path: String, fileSystem: any FileSystem = POSIXFileSystem(), patience: Duration = .seconds(10)
    ) {
        self.place = place
        self.path = path
        self.fileSystem = fileSystem
        self.patience = patience
    }

    /// The same place.
    public static func == (a: ModelFolder, b: ModelFolder) -> Bool { a.place == b.place && a.path == b.path }

    // MARK: Reading

    /// The folder of a model.
    func path(of name: String) -> String { "\(path)/\(name)" }

    /// The names of the models here, in order.
    public func names() throws(ModelError) -> [String] {
        guard try kind(path) == .directory else { return [] }
        var found: [String] = []
        for name in try files({ () throws(StoreError) in try fileSystem.list(path) })
        where ModelFiles.isValid(name: name) {
            if try kind(path(of: name)) == .directory { found.append(name) }
        }
        return found
    }

    /// Whether there is a model of that name, sound or not.
    func contains(_ name: String) throws(ModelError) -> Bool {
        guard ModelFiles.isValid(name: name) else { return false }
        return try kind(path(of: name)) == .directory
    }

    /// What is known of a model; nil when there is none of that name.
    public func record(of name: String) throws(ModelError) -> ModelRecord? {
        guard try contains(name) else { return nil }
        let file = "\(path(of: name))/\(ModelFiles.record)"
        let bytes = try read(ModelFiles.record, of: name, atMost: Self.recordLimit)
        func damaged(_ what: String) -> ModelError { .damaged(model: name, file: file, what: what) }
        let record: ModelRecord
        do {
            record = try JSONDecoder().decode(ModelRecord.self, from: Data(bytes))
        } catch {
            throw damaged("does not say what it should")
        }
        guard record.format == ModelRecord.currentFormat else {
            throw damaged("is of another version of the program (format \(record.format))")
        }
        let preparation = record.preparation
        guard record.name == name, NetworkEmbedder.dimensionRange.contains(record.dimension),
            PicturePreparation.sizeRange.contains(preparation.size), preparation.mean.count == 3,
            preparation.scale.count == 3, (preparation.mean + preparation.scale).allSatisfy(\.isFinite),
            !preparation.scale.contains(0)
        else { throw damaged("contradicts itself") }
        return record
    }

    /// The network of a model, checked.
    func network(of record: ModelRecord) throws(ModelError) -> [UInt8] {
        try read(ModelFiles.network, of: record.name, record.network)
    }

    /// The ranges of a model, checked as far as it is known what they must be, as bytes; nil when there are none.
    func ranges(of record: ModelRecord) throws(ModelError) -> [UInt8]? {
        if let expected = record.ranges { return try read(ModelFiles.ranges, of: record.name, expected) }
        guard try kind("\(path(of: record.name))/\(ModelFiles.ranges)") != .absent else { return nil }
        return try read(ModelFiles.ranges, of: record.name, atMost: Self.rangesLimit)
    }

    /// Whether a model's ranges are here.
    public func hasRanges(_ record: ModelRecord) throws(ModelError) -> Bool {
        try kind("\(path(of: record.name))/\(ModelFiles.ranges)") == .file
    }

    /// Bytes of a model's files.
    public func bytes(of name: String) throws(ModelError) -> Int {
        var sum = 0
        for file in ModelFiles.all {
            let path = "\(path(of: name))/\(file)"
            guard try kind(path) == .file else { continue }
            sum += try files { () throws(StoreError) in Int(try fileSystem.open(path, .read).size()) }
        }
        return sum
    }

    /// What is wrong with a model's files, by their checksums; nil when nothing is.
    public func fault(of name: String) -> ModelError? {
        do throws(ModelError) {
            guard let record = try record(of: name) else { return nil }
            let network = try network(of: record)
            guard ModelRecord.File(network, crc32c: record.network.crc32c) == record.network else {
                throw .damaged(
                    model: name, file: "\(path(of: name))/\(ModelFiles.network)", what: "is not what was imported")
            }
            _ = try ranges(of: record)
            return nil
        } catch {
            return error
        }
    }

    func kind(_ path: String) throws(ModelError) -> FileKind {
        try files { () throws(StoreError) in try fileSystem.kind(of: path) }
    }

    private func read(_ file: String, of name: String, _ expected: ModelRecord.File) throws(ModelError) -> [UInt8] {
        let bytes = try read(file, of: name, atMost: expected.bytes)
        guard bytes.count == expected.bytes, Checksum.crc32c(bytes) == expected.crc32c else {
            throw .damaged(model: name, file: "\(path(of: name))/\(file)", what: "is not what was imported")
        }
        return bytes
    }

    private func read(_ file: String, of name: String, atMost limit: Int) throws(ModelError) -> [UInt8] {
        let path = "\(path(of: name))/\(file)"
        guard try kind(path) == .file else { throw .damaged(model: name, file: path, what: "is missing") }
        let bytes = try files { () throws(StoreError) in
            let open = try fileSystem.open(path, .read)
            return try open.read(at: 0, count: min(limit + 1, Int(clamping: try open.size())))
        }
        guard bytes.count <= limit else {
            throw .damaged(model: name, file: path, what: "is larger than \(limit) bytes")
        }
        return bytes
    }
}
