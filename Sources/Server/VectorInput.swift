import Embedding
import VectorCollections

/// A vector as a command spells it: `FP32 blob`, `VALUES n v1 ... vn`, or `IMAGE bytes [BOX x y w h]`.
enum VectorInput: Sendable {
    case vector([Float])
    case image([UInt8], Box?)

    /// Most components of a vector.
    static let maximumDimension = 65_536

    private static let invalid = CommandFailure.err("invalid vector specification")

    /// Reads the vector that starts at word `index` and moves `index` behind it.
    /// - Parameter wordsBehind: words that must follow the vector; decides whether `BOX` is an option or a name.
    static func parse(
        _ words: Words, _ index: inout Int, wordsBehind: Int, allowsReduce: Bool = true
    ) throws(CommandFailure) -> VectorInput {
        guard index < words.count else { throw invalid }
        if words.matches(index, "FP32") { return .vector(try blob(words, &index)) }
        if words.matches(index, "VALUES") { return .vector(try values(words, &index)) }
        if words.matches(index, "IMAGE") { return try image(words, &index, wordsBehind: wordsBehind) }
        if words.matches(index, "PATH") { throw .notSupportedYet("PATH") }
        if allowsReduce, words.matches(index, "REDUCE") { throw .notSupportedYet("REDUCE") }
        throw invalid
    }

    private static func blob(_ words: Words, _ index: inout Int) throws(CommandFailure) -> [Float] {
        guard index + 1 < words.count else { throw invalid }
        let bytes = words.view(index + 1)
        guard bytes.count >= 4, bytes.count % 4 == 0, bytes.count / 4 <= maximumDimension else { throw invalid }
        index += 2
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / 4).map {
                Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
            }
        }
    }

    private static func values(_ words: Words, _ index: inout Int) throws(CommandFailure) -> [Float] {
        guard index + 1 < words.count, let count = words.integer(index + 1), (1...maximumDimension).contains(count),
            index + 2 + count <= words.count
        else { throw invalid }
        var vector: [Float] = []
        vector.reserveCapacity(count)
        for word in index + 2..<index + 2 + count {
            guard let value = words.double(word) else { throw invalid }
            vector.append(Float(value))
        }
        index += 2 + count
        return vector
    }

    private static func image(
        _ words: Words, _ index: inout Int, wordsBehind: Int
    ) throws(CommandFailure) -> VectorInput {
        guard index + 1 < words.count else { throw invalid }
        let bytes = words.bytes(index + 1)
        index += 2
        // An element may be called BOX: it is the option only when four numbers, and what must follow, are there.
        guard index < words.count, words.matches(index, "BOX"), index + 4 + wordsBehind < words.count,
            (index + 1...index + 4).allSatisfy({ words.double($0) != nil })
        else { return .image(bytes, nil) }
        let box = try Self.box(words, index)
        index += 5
        return .image(bytes, box)
    }

    /// The box whose keyword is at `index`.
    static func box(_ words: Words, _ index: Int) throws(CommandFailure) -> Box {
        guard index + 4 < words.count, let x = words.double(index + 1), let y = words.double(index + 2),
            let width = words.double(index + 3), let height = words.double(index + 4),
            let box = Box(x: x, y: y, width: width, height: height)
        else {
            throw .err("invalid BOX: give x y width height as fractions of the picture, inside 0..1")
        }
        return box
    }
}
