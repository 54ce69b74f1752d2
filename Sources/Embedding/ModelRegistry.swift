import NeuralNetwork

/// The models a user can name: those inside the program, and those imported into a store or for the user.
///
/// Listing reads no weights. An imported model is loaded when it is first used, once, and stays loaded.
///
/// Thread-safety: copies share what is loaded; any number of threads may ask.
public struct ModelRegistry: Sendable {
    /// The name that stands for whatever model the program ships as its best.
    public static let defaultName = "default"

    /// Where imported models are looked for, in this order.
    public let folders: [ModelFolder]
    /// The precision of networks where a caller names none; nil for each model's own: f32 for imported ones.
    public let precision: Precision?

    private let builtIn: [any Embedder]
    private let best: any Embedder
    private let loaded = LoadedModels()

    /// The models inside the program, and the imported ones.
    /// - Parameters:
    ///   - store: the folder of a store, whose models are found first.
    ///   - user: the folder of the user's models.
    ///   - precision: of networks where a caller names none.
    public init(store: String? = nil, user: ModelFolder? = .user, precision: Precision? = nil) {
        let baseline = BaselineEmbedder()
        builtIn = [baseline]
        best = baseline
        folders = [store.map { .store($0) }, user].compactMap { $0 }
        self.precision = precision
    }

    // MARK: Names

    /// Names that `embedder(named:)` knows, the default first, then those inside the program.
    public func names() throws(ModelError) -> [String] {
        var names = [Self.defaultName] + builtIn.map(\.model.name)
        for folder in folders {
            for name in try folder.names() where !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// Whether a name is that of a model inside the program.
    public func isBuiltIn(_ name: String) -> Bool {
        name == Self.defaultName || builtIn.contains { $0.model.name == name }
    }

    /// A model inside the program; nil when it is none.
    public func builtIn(_ name: String) -> (any Embedder)? {
        name == Self.defaultName ? best : builtIn.first { $0.model.name == name }
    }

    /// The name behind `default`; any other name is its own.
    public func resolved(_ name: String) -> String { name == Self.defaultName ? best.model.name : name }

    /// Throws `unknown` unless there is a model of this name.
    public func check(_ name: String) throws(ModelError) {
        if isBuiltIn(name) { return }
        for folder in folders where try folder.contains(name) { return }
        throw .unknown(name, known: try names())
    }

    /// An imported model and where it is; nil when there is none of that name.
    public func imported(_ name: String) throws(ModelError) -> (record: ModelRecord, folder: ModelFolder)? {
        for folder in folders {
            if let record = try folder.record(of: name) { return (record, folder) }
        }
        return nil
    }

    // MARK: Models

    /// The model of this name.
    /// - Parameter precision: what a network is to compute with; nil for the registry's or the model's own.
    /// - Throws: `unknown`, `noSuchPrecision`, or what is wrong with the model's files.
    public func embedder(
        named name: String = defaultName, precision: Precision? = nil
    ) throws(ModelError) -> any Embedder {
        if let found = builtIn(name) {
            if let precision, precision != found.precision {
                throw .noSuchPrecision(model: found.model.name, asked: precision)
            }
            return found
        }
        guard let (record, folder) = try imported(name) else { throw .unknown(name, known: try names()) }
        return try loaded.model(record, in: folder, precision ?? self.precision ?? .f32)
    }

    /// The model whose vectors can be compared with those of `name` and `contentHash`, whatever its precision; nil when
    /// it is not here.
    public func embedder(named name: String, contentHash: String) throws(ModelError) -> (any Embedder)? {
        if let found = builtIn.first(where: { $0.model.name == name && $0.model.contentHash == contentHash }) {
            return found
        }
        // What is loaded is what its hash says, whatever has become of its files.
        if let found = loaded.model(named: name, contentHash) { return found }
        for folder in folders {
            guard let record = try folder.record(of: name) else { continue }
            if record.contentHash(.f32, ranges: nil) == contentHash {
                return try loaded.model(record, in: folder, .f32)
            }
            guard let ranges = try folder.ranges(of: record) else { continue }
            if record.contentHash(.int8, ranges: ModelFolder.hash(ranges)) == contentHash {
                return try loaded.model(record, in: folder, .int8)
            }
        }
        return nil
    }

    /// Sees that a store has the model of a collection that is about to be made in it: one of the user's is copied into
    /// the store, so that the store does not depend on what the user keeps or removes, and its backups are whole.
    public func keep(_ model: EmbeddingModel) throws(ModelError) {
        guard let store = folders.first(where: { $0.place == .store }), !isBuiltIn(model.name),
            try !store.contains(model.name)
        else { return }
        for folder in folders where folder.place == .user {
            guard let record = try folder.record(of: model.name) else { continue }
            let network = try folder.network(of: record)
            let ranges = try folder.ranges(of: record)
            do throws(ModelError) {
                try store.put(record, network: network, ranges: ranges)
            } catch {
                // Another thread or process was faster.
                guard case .taken = error, try store.record(of: model.name) == record else { throw error }
            }
            return
        }
    }
}
