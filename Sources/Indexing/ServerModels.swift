import Catalogue
import Client
import NeuralNetwork
import RESP
import VectorCollections

/// What a running server says of its models, which are not those of the program that asks.
public enum ServerModels {
    /// Sees, before anything is sent, that a collection has the model and the precision asked for, or can be made with
    /// them.
    /// - Throws: `ClientError.refused` with the server's words, or `CatalogueError.otherModel`.
    public static func check(
        _ model: String?, _ precision: Precision?, _ connection: ServerConnection, _ collection: [UInt8]
    ) async throws {
        guard model != nil || precision != nil else { return }
        let its = try identity(await connection.command("VMODEL", [collection]), "VMODEL")
        var words = [[UInt8]((model ?? its?.name ?? "default").utf8)]
        if let precision { words += ["PRECISION", precision.rawValue].map { [UInt8]($0.utf8) } }
        let asked = try identity(await connection.command("MODELS", words), "MODELS")
        guard let its, let asked else { return }
        // Without a precision, the collection's own is meant.
        let agrees = precision == nil ? its.name == asked.name : its == asked
        guard agrees else {
            throw CatalogueError.otherModel(
                CollectionName(bytes: collection), its: its.name == asked.name ? "\(its.name) otherwise" : its.name,
                asked: asked.name + (precision.map { " in \($0.rawValue)" } ?? ""))
        }
    }

    private static func identity(_ reply: RESPReply, _ command: String) throws(ClientError) -> ModelIdentity? {
        guard case .array(let items) = reply else {
            if reply == .null || reply == .nullArray { return nil }
            throw .unexpectedReply(command: command)
        }
        guard items.count >= 2, case .bulk(let name) = items[0], case .bulk(let hash) = items[1] else {
            throw .unexpectedReply(command: command)
        }
        return ModelIdentity(
            name: String(decoding: name, as: UTF8.self), contentHash: String(decoding: hash, as: UTF8.self))
    }
}
