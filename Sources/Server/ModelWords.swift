import Catalogue
import Embedding
import NeuralNetwork
import RESP

/// What commands say of models: `MODELS [name [PRECISION p]]`, and the words PRECISION and MODEL of other commands.
enum ModelWords {
    /// The precision at a word.
    static func precision(_ words: Words, _ index: Int) throws(CommandFailure) -> Precision {
        guard let precision = Precision(rawValue: words.text(index).lowercased()) else {
            throw .err("invalid PRECISION: give \(Precision.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return precision
    }

    /// The names of all models; of one, what stands behind the name: its own name, content hash, the length of its
    /// vectors, and its precision.
    static func run(_ words: Words, _ services: CommandServices) throws(CommandFailure) -> RESPReply {
        guard words.count > 1 else {
            do throws(ModelError) {
                return .array(try services.catalogue.models.names().map { .text($0) })
            } catch {
                throw .err(error.description)
            }
        }
        var asked: Precision?
        if words.count == 4, words.matches(2, "PRECISION") {
            asked = try precision(words, 3)
        } else if words.count != 2 {
            throw .err("syntax error in MODELS command")
        }
        do throws(CatalogueError) {
            let embedder = try services.catalogue.imageEmbedder(model: words.text(1), precision: asked).embedder
            return .array([
                .text(embedder.model.name), .text(embedder.model.contentHash), .integer(embedder.model.dimension),
                .text(embedder.precision.rawValue),
            ])
        } catch {
            throw CommandFailure(error)
        }
    }
}
