import Foundation
import ImageDecoding
import TestSupport
import Testing

/// Real photographs, where they are.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.reason)))
struct SharedPhotosTests {
    private let folder = TemporaryFolder()

    /// Photos queried, of those there are.
    private static let sampleSize = 200

    @Test func everyPhotoIsIndexedAndFoundFromAPoorCopy() throws {
        let photos = SharedData.path("photos")
        let store = folder.path("store")
        let run = try Program.run(["index", photos, "--store", store, "--json"])
        #expect(run.status == 0, "\(run.error)")
        let objects = try run.objects()
        var images: [String] = []
        for line in objects.dropLast() {
            let path = try #require(line["path"] as? String)
            if path.hasSuffix(".jpg") || path.hasSuffix(".png") {
                #expect(line["outcome"] as? String == "indexed", "\(line)")
                images.append(path)
            } else {
                #expect(line["reason"] as? String == "notAnImage", "\(line)")
            }
        }
        #expect(images.count == 2094)

        let server = try RunningServer(store: store)
        var random = SeededRandom(seed: SeededRandom.seed)
        let sample = images.sorted().shuffled(using: &random).prefix(Self.sampleSize)
        var missed: [String] = []
        for name in sample {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: photos + "/" + name)))
            let picture = try ImageDecoder().decode(bytes).picture
            let half = picture.resized(width: max(1, picture.width / 2), height: max(1, picture.height / 2))
            let query = try Program.run(
                ["query", "-", "--server", "127.0.0.1:\(server.port)", "--json", "--count", "1"],
                input: try JPEGEncoder(quality: 40).encode(half))
            if try query.objects().first?["element"] as? String != name { missed.append(name) }
        }
        #expect(missed.count <= Self.sampleSize / 50, "seed \(SeededRandom.seed): \(missed)")
        #expect(server.stop() == 0)
    }

    /// Every file of the decoder corpora, through the program: it ends, and every file is told once.
    @Test func everyDecoderFileEndsAsSomething() throws {
        let run = try Program.run(["index", SharedData.path("decoder"), "--store", folder.path("store"), "--json"])
        #expect(run.status == 0, "\(run.error)")
        let objects = try run.objects()
        let summary = try #require(objects.last)
        #expect(objects.count - 1 == summary["total"] as? Int)
        #expect((summary["indexed"] as? Int ?? 0) > 300)
        #expect((summary["rejected"] as? Int ?? 0) > 100)
        #expect(objects.dropLast().allSatisfy { $0["outcome"] as? String == "indexed" || $0["reason"] is String })
    }
}
