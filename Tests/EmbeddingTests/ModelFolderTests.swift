import Embedding
import Foundation
import Gallery
import ImageDecoding
import NeuralNetwork
import Storage
import TestSupport
import Testing

/// Imported models: put in place, found, checked, removed.
@Suite("Imported models")
struct ModelFolderTests {
    private let scratch = TemporaryFolder()
    private let few = DrawnPictures(count: 3)

    private var folder: ModelFolder { .store(scratch("store")) }
    private var registry: ModelRegistry { ModelRegistry(store: scratch("store"), user: nil) }

    private func write(_ network: TinyNetwork = TinyNetwork(), description: String? = #"{"mean":0,"scale":255}"#) throws
        -> String
    {
        if let description { try scratch.write("in/tiny.json", [UInt8](description.utf8)) }
        return try scratch.write("in/tiny.onnx", network.bytes)
    }

    @discardableResult
    private func bring(
        _ name: String, _ network: TinyNetwork = TinyNetwork(),
        _ change: (inout ModelImport.Overrides) -> Void = { _ in }
    ) throws -> ModelImport.Outcome {
        var overrides = ModelImport.Overrides()
        change(&overrides)
        return try ModelImport(try write(network), as: name, overrides: overrides, calibration: few)
            .run(into: folder, registry: registry)
    }

    private func fails(
        _ text: String, _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ModelError.self, sourceLocation: sourceLocation) { try body() }
        let found = error?.description ?? ""
        #expect(found.contains(text), "\(found)", sourceLocation: sourceLocation)
        #expect(!found.contains("\n"), sourceLocation: sourceLocation)
    }

    private func picture(_ index: Int = 0) -> Picture {
        Gallery(seed: 4).picture(family: index, index: 0).picture
    }

    // MARK: Importing

    @Test func anImportedModelIsFoundAndUsed() throws {
        let outcome = try bring("tiny")
        #expect(outcome.int8Fault == nil && outcome.notes.isEmpty)
        #expect(outcome.record.dimension == 24 && outcome.record.preparation.size == 32)
        #expect(try folder.names() == ["tiny"])
        #expect(
            scratch.files.filter { $0.hasPrefix("store") }.sorted() == [
                "store/models/.lock", "store/models/tiny/model.json", "store/models/tiny/model.onnx",
                "store/models/tiny/ranges.json",
            ])
        #expect(try registry.names() == ["default", "baseline-v1", "tiny"])
        let embedder = try registry.embedder(named: "tiny")
        #expect(embedder.precision == .f32 && embedder.model.dimension == 24 && embedder.inputSize == 32)
        let vector = embedder.embed(picture())
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        #expect(embedder.embed(picture(1)) != vector)
        // The other precision is another model, near to the first.
        let coarse = try registry.embedder(named: "tiny", precision: .int8)
        #expect(coarse.precision == .int8 && coarse.model.contentHash != embedder.model.contentHash)
        let cosine = zip(coarse.embed(picture()), vector).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(cosine > 0.99)
        // Each is found by what it is, in a registry that has loaded neither.
        for model in [embedder.model, coarse.model] {
            let found = try #require(try registry.embedder(named: "tiny", contentHash: model.contentHash))
            #expect(found.model == model)
            #expect(try registry.embedder(named: "other", contentHash: model.contentHash) == nil)
        }
        #expect(try registry.embedder(named: "tiny", contentHash: "x") == nil)
        // Where a precision is preferred, it is that of whoever names none.
        let preferring = ModelRegistry(store: scratch("store"), user: nil, precision: .int8)
        #expect(try preferring.embedder(named: "tiny").precision == .int8)
        #expect(try preferring.embedder(named: "default").precision == .f32)
    }

    @Test func theIdentityIsWhatDecidesTheVector() throws {
        try bring("a")
        try bring("b")
        try bring("c") { $0.colourOrder = .bgr }
        try bring("d") { $0.mean = [1, 1, 1] }
        try bring("e") { $0.resizing = .crop }
        try bring("f") { $0.output = "pooled" }
        var other = TinyNetwork()
        other.seed = 2
        try bring("g", other)
        let hashes = try folder.names().map { try registry.embedder(named: $0).model.contentHash }
        #expect(hashes[0] == hashes[1] && Set(hashes).count == 6)
    }

    @Test func optionsGoBeforeTheDescription() throws {
        var open = TinyNetwork()
        open.side = nil
        let file = try write(
            open,
            description:
                #"{"input_size":40,"mean":[1,2,3],"scale":4,"colour_order":"BGR","resize":"crop","output":"relu","licence":"L"}"#
        )
        var overrides = ModelImport.Overrides()
        overrides.size = 24
        overrides.output = "pooled"
        let record = try ModelImport(file, as: "m", overrides: overrides, calibration: few)
            .run(into: folder, registry: registry).record
        #expect(record.preparation.size == 24 && record.output == "pooled" && record.dimension == 24)
        #expect(record.preparation.mean == [1, 2, 3] && record.preparation.scale == [4, 4, 4])
        #expect(record.preparation.colourOrder == .bgr && record.preparation.resizing == .crop)
        #expect(record.licence == "L" && record.source == "tiny.onnx")
    }

    @Test func withoutADescriptionImageNetIsTakenAndThatIsSaid() throws {
        let file = try write(description: nil)
        let outcome = try ModelImport(file, as: "m", calibration: few).run(into: folder, registry: registry)
        #expect(outcome.notes.count == 1 && outcome.notes[0].contains("--mean"))
        #expect(outcome.record.preparation.mean == ModelDescription.imageNetMean)
    }

    @Test func whatIsRefused() throws {
        try bring("tiny")
        fails("there is a model 'tiny' already") { try bring("tiny") }
        for name in ["default", "baseline-v1"] { fails("part of the program") { try bring(name) } }
        for name in ["", ".x", "a/b", "..", "a b", "ä", String(repeating: "n", count: 65)] {
            fails("cannot be the name of a model") { try bring(name) }
        }
        fails("no such file") { _ = try ModelImport(scratch("no.onnx"), as: "m").run(into: folder) }
        var silent = TinyNetwork()
        silent.gain = 0
        fails("is zero for a picture") { try bring("m", silent) }
        var grey = TinyNetwork()
        grey.channels = 1
        fails("channels") { try bring("m", grey) }
        fails("nothing") { try bring("m") { $0.output = "nothing" } }
        var bytes = TinyNetwork().bytes
        bytes[bytes.count / 2] ^= 0xFF
        let file = try write()
        try scratch.write("in/tiny.onnx", Array(bytes.prefix(bytes.count / 3)))
        fails("tiny.onnx: ") { _ = try ModelImport(file, as: "m", calibration: few).run(into: folder) }
        try scratch.write("in/tiny.json", [UInt8]("{".utf8))
        fails("tiny.json: ") { _ = try ModelImport(try write(description: "{"), as: "m").run(into: folder) }
        #expect(try folder.names() == ["tiny"], "nothing else is there")
    }

    // MARK: Using

    @Test func damageIsNamed() throws {
        try bring("tiny")
        let place = scratch("store/models/tiny/")
        let network = try contents(place + "model.onnx")
        #expect(folder.fault(of: "tiny") == nil)
        var bytes = network
        bytes[bytes.count / 2] ^= 1
        try TestSupport.write(bytes, to: place + "model.onnx")
        fails("models/tiny/model.onnx of model 'tiny' is not what was imported: restore it, or remove") {
            _ = try registry.embedder(named: "tiny")
        }
        #expect(folder.fault(of: "tiny") != nil)
        try TestSupport.write(Array(network.dropLast()), to: place + "model.onnx")
        fails("is not what was imported") { _ = try registry.embedder(named: "tiny") }
        try FileManager.default.removeItem(atPath: place + "model.onnx")
        fails("model.onnx of model 'tiny' is missing") { _ = try registry.embedder(named: "tiny") }
        try TestSupport.write(network, to: place + "model.onnx")
        let ranges = try contents(place + "ranges.json")
        try TestSupport.write([UInt8]("{}".utf8), to: place + "ranges.json")
        #expect(try registry.embedder(named: "tiny").precision == .f32)
        fails("ranges.json of model 'tiny' is not what was imported") {
            _ = try registry.embedder(named: "tiny", precision: .int8)
        }
        try TestSupport.write(ranges, to: place + "ranges.json")
        for damaged in ["", "{}", "[1]", #"{"format":9}"#] {
            try TestSupport.write([UInt8](damaged.utf8), to: place + "model.json")
            fails("model.json of model 'tiny' ") { _ = try registry.embedder(named: "tiny") }
            // It is there all the same, for whoever lists or removes.
            #expect(try registry.names().contains("tiny"))
        }
        try folder.remove("tiny")
        #expect(try folder.names().isEmpty)
    }

    /// A model without ranges is calibrated when int8 is first asked for, with the same result wherever that is.
    @Test func rangesAreAddedWhenTheyAreAskedFor() throws {
        let outcome = try bring("tiny")
        var record = outcome.record
        record.ranges = nil
        let place = scratch("store/models/tiny/")
        let encoder = JSONEncoder()
        try TestSupport.write([UInt8](try encoder.encode(record)), to: place + "model.json")
        try FileManager.default.removeItem(atPath: place + "ranges.json")
        #expect(try !folder.hasRanges(record))
        let first = try registry.embedder(named: "tiny", precision: .int8)
        #expect(try folder.hasRanges(record))
        #expect(try registry.embedder(named: "tiny", contentHash: first.model.contentHash) != nil)
        #expect(try registry.embedder(named: "tiny", precision: .int8).model == first.model)
    }

    @Test func itIsLoadedOnceAndStays() throws {
        try bring("tiny")
        let models = registry
        let first = try models.embedder(named: "tiny")
        #expect(try models.embedder(named: "tiny") as? NetworkEmbedder === first as? NetworkEmbedder)
        try folder.remove("tiny")
        // What is in use goes on; by name it is gone, and another one of the name is that one.
        #expect(try models.embedder(named: "tiny", contentHash: first.model.contentHash) != nil)
        fails("there is no model 'tiny'") { _ = try models.embedder(named: "tiny") }
        var other = TinyNetwork()
        other.seed = 5
        try bring("tiny", other)
        #expect(try models.embedder(named: "tiny").model != first.model)
    }

    @Test func threadsShareAModel() async throws {
        try bring("tiny")
        let models = registry
        let pictures = (0..<6).map(picture)
        let expected = try pictures.map(registry.embedder(named: "tiny").embed)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for task in 0..<24 {
                group.addTask {
                    let embedder = try models.embedder(named: "tiny")
                    return embedder.embed(pictures[task % 6]) == expected[task % 6]
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test func aStoreKeepsWhatItsCollectionsUse() throws {
        let user = ModelFolder(place: .user, path: scratch("user"))
        _ = try ModelImport(try write(), as: "mine", calibration: few).run(into: user)
        let models = ModelRegistry(store: scratch("store"), user: user)
        #expect(try models.names().contains("mine") && folder.names().isEmpty)
        let embedder = try models.embedder(named: "mine", precision: .int8)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            do { try models.keep(embedder.model) } catch { Issue.record(error) }
        }
        #expect(try folder.names() == ["mine"])
        try user.remove("mine")
        #expect(try registry.embedder(named: "mine", contentHash: embedder.model.contentHash) != nil)
    }

    // MARK: Removing

    @Test func oneInUseStays() throws {
        try bring("tiny")
        fails("model 'tiny' is used by collections a, b: drop them first") {
            try folder.remove("tiny") { ["a", "b"] }
        }
        // Also when the use begins while it is being removed.
        var asked = 0
        fails("used by collection late") {
            try folder.remove("tiny") {
                asked += 1
                return asked == 1 ? [] : ["late"]
            }
        }
        #expect(try registry.embedder(named: "tiny").model.dimension == 24)
        fails("there is no model 'other'") { try folder.remove("other") }
        try folder.remove("tiny")
        #expect(scratch.files.filter { $0.hasPrefix("store") } == ["store/models/.lock"])
    }

    /// What a killed import has left is cleared away by the next change, and is never taken for a model.
    @Test func leftovers() throws {
        try scratch.write("store/models/.draft-7/model.onnx", [1])
        try scratch.write("store/models/file", [1])
        #expect(try folder.names().isEmpty)
        try bring("tiny")
        #expect(!scratch.files.contains { $0.contains("draft") })
        let lock = try POSIXFileSystem().open(scratch("store/models/.lock"), .openOrCreate)
        #expect(try lock.tryLock(exclusive: true))
        let impatient = ModelFolder(place: .store, path: folder.path, patience: .milliseconds(20))
        fails("another program is changing the models") { try impatient.remove("tiny") }
        lock.unlock()
    }

    @Test func unitVectors() {
        func unit(_ values: [Float]) -> [Float] { values.withUnsafeBufferPointer { NetworkEmbedder.unit($0) } }
        #expect(unit([3, 4]) == [0.6, 0.8])
        #expect(unit([0, 0, 0, 0]) == [0.5, 0.5, 0.5, 0.5])
        #expect(unit([.nan, 2, .infinity]) == [0, 1, 0])
        #expect(unit([1e30, 0]) == [1, 0] && unit([1e-30, 0]) == [1, 0])
    }
}
