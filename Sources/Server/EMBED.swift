import Catalogue
import Embedding
import NeuralNetwork
import RESP

/// `EMBED IMAGE bytes [BOX x y w h] [MODEL name] [PRECISION f32|int8] [RAW]`: the vector of a picture; nothing is stored.
enum EMBED {
    static func run(_ words: Words, _ services: CommandServices) throws(CommandFailure) -> RESPReply {
        guard words.matches(1, "IMAGE") else { throw .err("syntax error in EMBED command") }
        let bytes = words.bytes(2)
        var box: Box?
        var model: String?
        var precision: Precision?
        var isRaw = false
        var index = 3
        while index < words.count {
            if words.matches(index, "BOX") {
                box = try VectorInput.box(words, index)
                index += 5
            } else if words.matches(index, "MODEL"), index + 1 < words.count {
                model = words.text(index + 1)
                index += 2
            } else if words.matches(index, "PRECISION"), index + 1 < words.count {
                precision = try ModelWords.precision(words, index + 1)
                index += 2
            } else if words.matches(index, "RAW") {
                isRaw = true
                index += 1
            } else {
                throw .err("syntax error in EMBED command")
            }
        }
        let vector: [Float]
        do {
            vector = try embed(bytes, box, model, precision, services.catalogue)
        } catch {
            throw CommandFailure(error)
        }
        if isRaw {
            return .bulk(vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } })
        }
        return .array(vector.map { .double(Double($0)) })
    }

    private static func embed(
        _ bytes: [UInt8], _ box: Box?, _ model: String?, _ precision: Precision?, _ catalogue: Catalogue
    ) throws(CatalogueError) -> [Float] {
        let path = try catalogue.imageEmbedder(model: model, precision: precision)
        do {
            return try path.embed(bytes, box: box).vector
        } catch {
            throw .image(error)
        }
    }
}
