import Embedding
import HNSW
import ImageDecoding
import NeuralNetwork
import Storage
import VectorCollections

/// Pictures in a store: the seam between what decodes and embeds and what keeps vectors, which know nothing of each
/// other. The server, the bulk tool and `lookalike query` all add and search through here, so a collection never mixes
/// the vectors of two models.
///
/// Thread-safety: no state of its own; everything it holds may be used from any thread.
public struct Catalogue: Sendable {
    /// Where the vectors are.
    public let store: Store
    /// The models that pictures can be embedded with.
    public let models: ModelRegistry
    /// Decodes, within its limits.
    public let decoder: ImageDecoder

    /// The pictures of `store`, with the models that are in it and the user's unless others are given.
    public init(store: Store, models: ModelRegistry? = nil, decoder: ImageDecoder = ImageDecoder()) {
        self.store = store
        self.models = models ?? ModelRegistry(store: store.path)
        self.decoder = decoder
    }

    // MARK: Models

    /// The path from image bytes to vectors of `collection`: the model it was made with; where there is no collection
    /// yet, the one asked for, or the default.
    /// - Parameter precision: likewise what the model is to compute with.
    public func imageEmbedder(
        for collection: CollectionName, model requested: String? = nil, precision: Precision? = nil
    ) throws(CatalogueError) -> ImageEmbedder {
        guard let existing = store.collection(collection) else {
            return try imageEmbedder(model: requested, precision: precision)
        }
        let path = try imageEmbedder(of: existing)
        let its = path.embedder
        if let requested {
            // Also where the answer does not depend on it: a name that nothing has is a typing mistake.
            try model { () throws(ModelError) in try models.check(requested) }
            if models.resolved(requested) != its.model.name {
                throw .otherModel(collection, its: its.model.name, asked: requested)
            }
        }
        if let precision, precision != its.precision {
            throw .otherModel(
                collection, its: "\(its.model.name) in \(its.precision.rawValue)", asked: "in \(precision.rawValue)")
        }
        return path
    }

    /// The path from image bytes to vectors of a collection that is there.
    public func imageEmbedder(of collection: Collection) throws(CatalogueError) -> ImageEmbedder {
        guard let identity = collection.configuration.model else { throw .notMadeFromImages(collection.name) }
        let embedder = try model { () throws(ModelError) in
            try models.embedder(named: identity.name, contentHash: identity.contentHash)
        }
        guard let embedder else { throw .missingModel(collection.name, identity) }
        return ImageEmbedder(embedder: embedder, decoder: decoder)
    }

    /// The path from image bytes to vectors of a model, independent of any collection; of the default without a name.
    public func imageEmbedder(
        model requested: String?, precision: Precision? = nil
    ) throws(CatalogueError) -> ImageEmbedder {
        let embedder = try model { () throws(ModelError) in
            try models.embedder(named: requested ?? ModelRegistry.defaultName, precision: precision)
        }
        return ImageEmbedder(embedder: embedder, decoder: decoder)
    }

    private func model<Result>(_ body: () throws(ModelError) -> Result) throws(CatalogueError) -> Result {
        do throws(ModelError) { return try body() } catch { throw .model(error) }
    }

    // MARK: Adding

    /// How a collection is made if there is none yet.
    public struct Creation: Sendable {
        /// What the wire calls Q8, NOQUANT or BIN; nil for the collection's own, or int8.
        public var quantization: Quantization?
        /// The graph's M and efConstruction; nil for the collection's own, or the defaults.
        public var parameters: HNSWParameters?
        /// The model's name; nil for the collection's own or the default.
        public var model: String?
        /// What the model computes with; nil for the collection's own, or the model's.
        public var precision: Precision?

        /// What the collection has, or the defaults.
        public init(
            quantization: Quantization? = nil, parameters: HNSWParameters? = nil, model: String? = nil,
            precision: Precision? = nil
        ) {
            self.quantization = quantization
            self.parameters = parameters
            self.model = model
            self.precision = precision
        }
    }

    /// Embeds an image and adds it, or replaces the element of that name; its thumbnail is kept beside it.
    /// - Parameter attributes: what the element's attributes become, given what was read of the image.
    /// - Returns: whether the element is new, and what was read.
    @discardableResult
    public func add(
        image bytes: [UInt8], box: Box? = nil, as name: ElementName, to collection: CollectionName,
        creation: Creation = Creation(), efConstruction: Int? = nil,
        attributes: (ImageEmbedder.Embedded) -> AttributesChange
    ) throws(CatalogueError) -> (isNew: Bool, image: ImageEmbedder.Embedded) {
        let path = try imageEmbedder(for: collection, model: creation.model, precision: creation.precision)
        let image = try embed(bytes, box: box, along: path, thumbnail: true)
        let existing = store.collection(collection)?.configuration
        if existing == nil {
            try model { () throws(ModelError) in try models.keep(path.embedder.model) }
        }
        let configuration = CollectionConfiguration(
            dimension: path.embedder.model.dimension,
            quantization: creation.quantization ?? existing?.quantization ?? .int8,
            parameters: creation.parameters ?? existing?.parameters ?? HNSWParameters(),
            model: ModelIdentity(path.embedder.model))
        var thumbnail: [UInt8]?
        do {
            thumbnail = try image.thumbnail.map { picture throws(EncodingError) in
                try ImageEmbedder.thumbnail(of: picture)
            }
        } catch {
            throw .thumbnail(error)
        }
        let change = ElementChange(
            vector: image.vector, attributes: attributes(image), thumbnail: thumbnail, efConstruction: efConstruction)
        do {
            return (try store.upsert(name, change, in: collection, configuration: configuration), image)
        } catch {
            throw .store(error)
        }
    }

    // MARK: Searching

    /// The vector of an image, in the space of `collection`.
    public func queryVector(
        image bytes: [UInt8], box: Box? = nil, for collection: Collection
    ) throws(CatalogueError) -> [Float] {
        try embed(bytes, box: box, along: imageEmbedder(of: collection), thumbnail: false).vector
    }

    private func embed(
        _ bytes: [UInt8], box: Box?, along path: ImageEmbedder, thumbnail: Bool
    ) throws(CatalogueError) -> ImageEmbedder.Embedded {
        do {
            return try path.embed(bytes, box: box, thumbnail: thumbnail)
        } catch {
            throw .image(error)
        }
    }
}

extension ModelIdentity {
    /// The identity under which a collection remembers `model`.
    public init(_ model: EmbeddingModel) { self.init(name: model.name, contentHash: model.contentHash) }
}
