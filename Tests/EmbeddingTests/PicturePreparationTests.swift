import Embedding
import ImageDecoding
import TestSupport
import Testing

@Suite("What a network sees of a picture")
struct PicturePreparationTests {
    private func noise(_ width: Int, _ height: Int) -> Picture {
        var random = SeededRandom(seed: UInt64(width * 10_000 + height))
        return Picture(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    @Test func everyValueIsNormalisedInItsPlace() {
        let picture = noise(9, 9)
        let (mean, scale): ([Float], [Float]) = ([10, 20, 30], [2, 3, 4])
        for order in [("RGB", [0, 1, 2]), ("BGR", [2, 1, 0])] {
            var preparation = PicturePreparation(size: 9, mean: mean, scale: scale)
            preparation.colourOrder = order.0 == "RGB" ? .rgb : .bgr
            let input = PreparationTables(preparation).prepared(picture)
            #expect(input.count == 9 * 9 * 3)
            for (index, value) in input.enumerated() {
                let channel = index % 3
                let pixel = Float(picture.pixels[index / 3 * 3 + order.1[channel]])
                #expect(value == (pixel - mean[channel]) / scale[channel])
            }
        }
    }

    @Test func stretchingKeepsTheWhole() {
        let picture = noise(40, 20)
        let preparation = PicturePreparation(size: 16, mean: [0, 0, 0], scale: [1, 1, 1])
        #expect(preparation.wantedSide == 16)
        #expect(preparation.resized(picture) == picture.resized(width: 16, height: 16))
    }

    /// The shorter side to size / 0.875, and of that the middle.
    @Test(arguments: [(100, 60), (60, 100), (80, 80), (32, 32), (10, 15)])
    func croppingKeepsTheMiddle(_ width: Int, _ height: Int) {
        let picture = noise(width, height)
        var preparation = PicturePreparation(size: 28, mean: [0, 0, 0], scale: [1, 1, 1])
        preparation.resizing = .crop
        #expect(preparation.wantedSide == 32)
        let shorter = min(width, height)
        let whole = picture.resized(
            width: (width * 32 + shorter / 2) / shorter, height: (height * 32 + shorter / 2) / shorter)
        let expected = whole.cropped(
            x: (whole.width - 28) / 2, y: (whole.height - 28) / 2, width: 28, height: 28)
        #expect(preparation.resized(picture) == expected)
    }

    /// Sizes of 224 have 256, as everywhere; and proportions without limit cost no memory without limit.
    @Test func extremePictures() {
        var preparation = PicturePreparation(size: 224, mean: [0, 0, 0], scale: [1, 1, 1])
        preparation.resizing = .crop
        #expect(preparation.wantedSide == 256)
        for (width, height) in [(1, 30_000), (30_000, 1), (1, 1)] {
            let result = preparation.resized(Picture(width: width, height: height, red: 9, green: 8, blue: 7))
            #expect(result == Picture(width: 224, height: 224, red: 9, green: 8, blue: 7))
        }
    }
}
