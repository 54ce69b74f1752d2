import Embedding
import Gallery
import ImageDecoding
import Testing

@Suite("From an image file to its vector")
struct ImageEmbedderTests {
    private let path = ImageEmbedder(embedder: BaselineEmbedder())

    private func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    private func drawn(_ family: Int = 0) -> Picture {
        Gallery(seed: 5).picture(family: Gallery.familyNames[family], index: 0).picture
    }

    @Test func decodingSmallerHardlyChangesTheVector() throws {
        let picture = drawn().resized(width: 1024, height: 768)
        let bytes = try JPEGEncoder(quality: 92).encode(picture)
        let scaled = try path.embed(bytes)
        let full = path.embedder.embed(try ImageDecoder().decode(bytes).picture)
        #expect(scaled.facts.width == 1024)
        #expect(scaled.facts.height == 768)
        #expect(cosine(scaled.vector, full) > 0.99)
    }

    @Test func theBoxIsCutOut() throws {
        // Four quarters, each a picture of its own.
        let quarter = (width: 160, height: 120)
        let parts = (0..<4).map { drawn($0 * 3).resized(width: quarter.width, height: quarter.height) }
        var whole = Picture(width: 320, height: 240, red: 0, green: 0, blue: 0)
        for (index, part) in parts.enumerated() {
            for y in 0..<quarter.height {
                let row = (y + index / 2 * quarter.height) * 320 + index % 2 * quarter.width
                for x in 0..<quarter.width * 3 { whole.pixels[row * 3 + x] = part.pixels[y * quarter.width * 3 + x] }
            }
        }
        let bytes = try PNGEncoder().encode(whole)
        for (index, part) in parts.enumerated() {
            let box = try #require(
                Box(x: Double(index % 2) / 2, y: Double(index / 2) / 2, width: 0.5, height: 0.5))
            let boxed = try path.embed(bytes, box: box, thumbnail: true)
            #expect(cosine(boxed.vector, path.embedder.embed(part)) > 0.9999)
            let thumbnail = try #require(boxed.thumbnail)
            #expect(thumbnail.width == quarter.width && thumbnail.height == quarter.height)
            // The facts stay those of the whole image.
            #expect(boxed.facts.width == 320)
        }
    }

    @Test func thumbnailsAreSmallAndKeepTheShape() throws {
        let bytes = try PNGEncoder().encode(drawn().resized(width: 1000, height: 250))
        let thumbnail = try #require(try path.embed(bytes, thumbnail: true).thumbnail)
        #expect(thumbnail.width == 256)
        #expect(thumbnail.height == 64)
        #expect(try path.embed(bytes).thumbnail == nil)
        let jpeg = try ImageEmbedder.thumbnail(of: thumbnail)
        #expect(try ImageDecoder().facts(of: jpeg).format == .jpeg)
    }

    @Test func whatIsNoImageIsRefused() {
        #expect(throws: DecodingError.self) { try path.embed([UInt8]("not a picture".utf8)) }
        #expect(throws: DecodingError.self) { try path.embed([]) }
    }

    @Test func modelsByName() throws {
        let models = ModelRegistry(user: nil)
        #expect(try models.names() == ["default", "baseline-v1"])
        #expect(try models.embedder(named: "default").model.name == "baseline-v1")
        #expect(try models.embedder(named: "default", precision: .f32).model.name == "baseline-v1")
        #expect(throws: ModelError.self) { try models.embedder(named: "default", precision: .int8) }
        #expect(throws: ModelError.self) { try models.embedder(named: "no-such") }
        let baseline = BaselineEmbedder().model
        #expect(try models.embedder(named: baseline.name, contentHash: baseline.contentHash) != nil)
        #expect(try models.embedder(named: baseline.name, contentHash: "other") == nil)
    }
}
