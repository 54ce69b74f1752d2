import Catalogue
import Embedding
import RESP

/// `EMBED IMAGE bytes [BOX x y w h] [MODEL name] [RAW]`: the vector of a picture; nothing is stored.
enum EMBED {
    static func run(_ words: Words, _ services: CommandServices) throws(CommandFailure) -> RESPReply {
        guard words.matches(1, "IMAGE") else { throw .err("syntax error in EMBED command") }
        let bytes = words.bytes(2)
        var box: Box?
        var model: String?
        var isRaw = false
        var index = 3
        while index < words.count {
            if words.matches(index, "BOX") {
                box = try VectorInput.box(words, index)
                index += 5
            } else if words.matches(index, "MODEL"), index + 1 < words.count {
                model = words.text(index + 1)
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
            vector = try embed(bytes, box, model, services.catalogue)
        } catch {
            throw CommandFailure(error)
        }
        if isRaw {
            return .bulk(vector.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { [UInt8]($0) } })
        }
        return .array(vector.map { .double(Double($0)) })
    }

    private static func embed(
        _ bytes: [UInt8], _ box: Box?, _ model: String?, _ catalogue: Catalogue
    ) throws(CatalogueError) -> [Float] {
        let path = try catalogue.imageEmbedder(model: model)
        do {
            return try path.embed(bytes, box: box).vector
        } catch {
            throw .image(error)
        }
    }
}
