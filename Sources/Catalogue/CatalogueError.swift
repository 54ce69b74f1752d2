import Embedding
import ImageDecoding
import Storage
import VectorCollections

/// Why a picture was not added or found. Each text is one line: what is wrong, and what to do.
public enum CatalogueError: Error, Sendable, CustomStringConvertible {
    /// The bytes are no picture that can be read.
    case image(DecodingError)
    /// The picture's thumbnail could not be written.
    case thumbnail(EncodingError)
    /// The store refused or failed.
    case store(StoreError)
    /// There is no model of that name, or it cannot be used.
    case model(ModelError)
    /// The collection was made with another model than the one asked for.
    case otherModel(CollectionName, its: String, asked: String)
    /// The collection was made with a model that is not here.
    case missingModel(CollectionName, ModelIdentity)
    /// The collection holds vectors made elsewhere; no model here matches them.
    case notMadeFromImages(CollectionName)

    /// One line.
    public var description: String {
        switch self {
        case .image(let error): error.reason
        case .thumbnail(let error): error.description
        case .store(let error): error.description
        case .model(let error): error.description
        case .otherModel(let collection, let its, let asked):
            "collection '\(collection)' was made with model \(its), not \(asked): leave the model out, or name another "
                + "collection"
        case .missingModel(let collection, let model):
            "collection '\(collection)' was made with model \(model.name) (\(model.contentHash.prefix(12))), which is not "
                + "here: import the same file with the same settings, or use the version of the program that made it, or "
                + "index into a new collection"
        case .notMadeFromImages(let collection):
            "collection '\(collection)' holds vectors that were not made from images here: query it by vector or element"
        }
    }
}
