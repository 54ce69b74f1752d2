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
    /// There is no model of that name.
    case unknownModel(String, known: [String])
    /// The collection was made with another model than the one asked for.
    case otherModel(CollectionName, its: String, asked: String)
    /// The collection was made with a model that is not here.
    case missingModel(CollectionName, String)
    /// The collection holds vectors made elsewhere; no model here matches them.
    case notMadeFromImages(CollectionName)

    /// One line.
    public var description: String {
        switch self {
        case .image(let error): error.reason
        case .thumbnail(let error): error.description
        case .store(let error): error.description
        case .unknownModel(let name, let known):
            "there is no model '\(name)': choose one of \(known.joined(separator: ", "))"
        case .otherModel(let collection, let its, let asked):
            "collection '\(collection)' was made with model \(its), not \(asked): leave the model out, or name another "
                + "collection"
        case .missingModel(let collection, let name):
            "collection '\(collection)' was made with model \(name), which this version does not have: use the version "
                + "that made it, or index into a new collection"
        case .notMadeFromImages(let collection):
            "collection '\(collection)' holds vectors that were not made from images here: query it by vector or element"
        }
    }
}
