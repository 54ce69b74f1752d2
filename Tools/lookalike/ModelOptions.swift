import ArgumentParser
import Catalogue
import Client
import Embedding
import ImageDecoding
import NeuralNetwork
import RESP
import VectorCollections

/// `--model`, `--store` and `--precision` of commands that embed and store nothing.
struct ModelOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model: `lookalike model list` has them.", valueName: "name"))
    var model: String?

    @Option(
        help: ArgumentHelp("Look for models in this store too; its collection's is used by default.", valueName: "dir"))
    var store: String?

    @Option(help: ArgumentHelp("What a network computes with: f32 or int8.", valueName: "p"))
    var precision: Precision?

    func validate() throws {
        if store?.isEmpty == true { throw ValidationError("--store needs a folder.") }
        if model?.isEmpty == true { throw ValidationError("--model needs a name.") }
    }

    /// The path to vectors of the model asked for; without one, of that of the store's collection, or of the default.
    func imageEmbedder(collection: String = "images") async throws -> ImageEmbedder {
        let models = ModelRegistry(store: store)
        if model == nil, let store, let identity = try await Self.model(of: CollectionName(collection), in: store) {
            let its = try models.embedder(named: identity.name, contentHash: identity.contentHash)
            guard let its else { throw CatalogueError.missingModel(CollectionName(collection), identity) }
            guard let precision, precision != its.precision else { return ImageEmbedder(embedder: its) }
            return ImageEmbedder(embedder: try models.embedder(named: identity.name, precision: precision))
        }
        return ImageEmbedder(
            embedder: try models.embedder(named: model ?? ModelRegistry.defaultName, precision: precision))
    }

    /// What a collection was made with; nil when there is no such collection, or its vectors come from elsewhere.
    private static func model(of collection: CollectionName, in store: String) async throws -> ModelIdentity? {
        switch try await StoreAccess.open(store, .reading) {
        case .store(let store):
            defer { try? store.close() }
            return store.collection(collection)?.configuration.model
        case .server(let address):
            let connection = try await ServerConnection.connect(to: address)
            let reply = try await connection.command("VMODEL", [collection.bytes])
            await connection.close()
            guard case .array(let items) = reply, items.count == 2, case .bulk(let name) = items[0],
                case .bulk(let hash) = items[1]
            else { return nil }
            return ModelIdentity(
                name: String(decoding: name, as: UTF8.self), contentHash: String(decoding: hash, as: UTF8.self))
        }
    }
}

extension Precision: ExpressibleByArgument {}
