import Embedding
import Gallery
import ImageDecoding
import TestSupport
import Testing

@Suite("baseline-v1")
struct BaselineEmbedderTests {
    private let embedder = BaselineEmbedder()

    private func cosine(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    @Test func identity() {
        #expect(embedder.model.name == "baseline-v1")
        #expect(embedder.model.dimension == 240)
        #expect((128...256).contains(embedder.model.dimension))
        #expect(embedder.model.contentHash.count == 64)
        #expect(BaselineEmbedder().model == embedder.model)
    }

    /// Any picture has a finite vector of length one, also the least picture there is.
    @Test(arguments: [(1, 1), (1, 500), (500, 1), (127, 129), (640, 480)])
    func unitLength(_ width: Int, _ height: Int) {
        var random = SeededRandom(seed: UInt64(width * 1000 + height))
        let plain = Picture(width: width, height: height, red: 90, green: 90, blue: 90)
        let noisy = Picture(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &random) })
        for picture in [plain, noisy] {
            let vector = embedder.embed(picture)
            #expect(vector.count == 240)
            #expect(vector.allSatisfy { $0.isFinite })
            #expect(abs(cosine(vector, vector) - 1) < 1e-5)
        }
    }

    @Test func blackWhiteAndGreyDiffer() {
        func plain(_ value: UInt8) -> [Float] {
            embedder.embed(Picture(width: 8, height: 8, red: value, green: value, blue: value))
        }
        #expect(cosine(plain(0), plain(255)) < 0.5)
        #expect(cosine(plain(10), plain(20)) > 0.9)
    }

    /// The gradient part knows directions: stripes are unlike the same stripes turned by a right angle.
    @Test func turnedStripesDiffer() {
        func stripes(_ isVertical: Bool) -> Picture {
            var pixels: [UInt8] = []
            for y in 0..<128 {
                for x in 0..<128 {
                    let value: UInt8 = (isVertical ? x : y) / 8 % 2 == 0 ? 20 : 230
                    pixels += [value, value, value]
                }
            }
            return Picture(width: 128, height: 128, pixels: pixels)
        }
        let vertical = embedder.embed(stripes(true))
        #expect(cosine(vertical, embedder.embed(stripes(false))) < 0.7)
        #expect(cosine(vertical, embedder.embed(stripes(true))) > 0.9999)
    }

    /// A copy at half the size and JPEG quality 40 stays nearer to its original than any other picture of the gallery.
    @Test func copiesStayNearest() throws {
        let pictures = (0..<Gallery.familyNames.count).flatMap { family in
            (0..<2).map { Gallery(seed: 3).picture(family: Gallery.familyNames[family], index: $0).picture }
        }
        let vectors = pictures.map(embedder.embed)
        var right = 0
        for (index, picture) in pictures.enumerated() {
            let smaller = picture.resized(width: picture.width / 2, height: picture.height / 2)
            let copy = try ImageDecoder().decode(try JPEGEncoder(quality: 40).encode(smaller)).picture
            let query = embedder.embed(copy)
            let best = vectors.indices.max { cosine(vectors[$0], query) < cosine(vectors[$1], query) }
            if best == index { right += 1 }
        }
        #expect(Double(right) >= 0.98 * Double(pictures.count), "\(right) of \(pictures.count)")
    }
}
