import Catalogue
import Foundation
import HNSW
import ImageDecoding
import Indexing
import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

@Suite("A run of indexing into a store")
struct IndexRunTests {
    private let folder = TemporaryFolder()
    private let images = CollectionName("images")

    /// Opens the store, indexes `pictures`, closes it; the report by name, and the summary.
    private func index(limits: DecodingLimits = .standard) async throws -> ([String: ReportLine], IndexSummary) {
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        let target = try StoreTarget(Catalogue(store: store), collection: images, model: nil, jobs: 2)
        let lines = Mutex<[String: ReportLine]>([:])
        let run = IndexRun(try Gathering([folder.path("pictures")]), into: target, limits: limits) { line, _ in
            lines.withLock { lines in
                #expect(lines.updateValue(line, forKey: String(decoding: line.name, as: UTF8.self)) == nil)
            }
        }
        let summary = try await run.run()
        try await target.finish()
        try store.close()
        return (lines.withLock { $0 }, summary)
    }

    private func withStore<R>(_ body: (Collection) throws -> R) throws -> R {
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        defer { try? store.close() }
        return try body(try #require(store.collection(images)))
    }

    @Test func everyFileEndsAsOneThing() async throws {
        let names = try SmallGallery.write(into: folder)
        try folder.write("pictures/notes.txt", [UInt8]("no picture".utf8))
        try folder.write("pictures/empty.jpg", [])
        try folder.write("pictures/photo.heic", [0, 0, 0, 24] + [UInt8]("ftypheic".utf8) + [0, 0, 0, 0])
        let whole = try SmallGallery.jpeg()
        try folder.write("pictures/half.jpg", Array(whole.prefix(whole.count / 2)))
        let (lines, summary) = try await index()
        #expect(summary.total == names.count + 4)
        #expect(summary[.indexed] == names.count + 1)
        #expect(summary[.rejected] == 3)
        #expect(names.allSatisfy { lines[$0]?.outcome == .indexed })
        #expect(lines["notes.txt"]?.reason == "notAnImage")
        #expect(lines["empty.jpg"]?.reason == "notAnImage")
        #expect(lines["photo.heic"]?.reason == "unsupported: HEIC")
        #expect(lines["half.jpg"]?.outcome == .indexed)
        #expect(lines["half.jpg"]?.reason?.hasPrefix("truncated") == true)

        try withStore { collection in
            #expect(collection.count == names.count + 1)
            #expect(collection.configuration.model?.name == "baseline-v1")
            let name = ElementName(names[0])
            let attributes = try #require(try collection.attributes(of: name))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(attributes)) as? [String: Any])
            #expect(Set(object.keys) == ["path", "bytes", "modified", "width", "height", "format"])
            #expect(object["path"] as? String == folder.path("pictures/" + names[0]))
            let thumbnail = try #require(try collection.thumbnail(of: name))
            let facts = try ImageDecoder().facts(of: thumbnail)
            #expect(facts.format == .jpeg)
            #expect(max(facts.width, facts.height) <= 256)
            #expect(object["width"] as? Int == facts.width, "a picture below 256 pixels keeps its size")
        }
    }

    @Test func theSecondRunTouchesOnlyWhatChanged() async throws {
        let names = try SmallGallery.write(into: folder)
        _ = try await index()
        let (_, second) = try await index()
        #expect(second[.unchanged] == names.count)
        #expect(second.bytesRead == 0)

        // Users' own attributes survive a picture's change.
        try withStore { collection in
            let name = ElementName(names[1])
            var text = String(decoding: try #require(try collection.attributes(of: name)), as: UTF8.self)
            text = text.dropLast() + ",\"album\":\"2024\"}"
            #expect(try collection.setAttributes([UInt8](text.utf8), of: name))
        }
        try folder.write("pictures/" + names[1], try SmallGallery.jpeg(family: 4, index: 9))
        try folder.write("pictures/new.jpg", try SmallGallery.jpeg(family: 5, index: 9))
        let (lines, third) = try await index()
        #expect(third[.unchanged] == names.count - 1)
        #expect(third[.indexed] == 2)
        #expect(lines[names[1]]?.outcome == .indexed)
        try withStore { collection in
            let attributes = try #require(try collection.attributes(of: ElementName(names[1])))
            let object = try #require(try JSONSerialization.jsonObject(with: Data(attributes)) as? [String: Any])
            #expect(object["album"] as? String == "2024")
        }
    }

    /// Copying tools keep sizes and times: another picture in the same place of another folder is still another one.
    @Test func aDifferentFolderIsADifferentFile() async throws {
        let first = try SmallGallery.jpeg(family: 1)
        var second = try SmallGallery.jpeg(family: 2)
        second += [UInt8](repeating: 0, count: max(0, first.count - second.count))
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        try folder.write("a/1.jpg", first + [UInt8](repeating: 0, count: second.count - first.count))
        try folder.write("b/1.jpg", second)
        for name in ["a/1.jpg", "b/1.jpg"] {
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: folder.path(name))
        }
        try FileManager.default.moveItem(atPath: folder.path("a"), toPath: folder.path("pictures"))
        #expect(try await index().1[.indexed] == 1)
        try FileManager.default.moveItem(atPath: folder.path("pictures"), toPath: folder.path("a"))
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        let target = try StoreTarget(Catalogue(store: store), collection: images, model: nil, jobs: 1)
        let run = IndexRun(try Gathering([folder.path("b")]), into: target) { _, _ in }
        #expect(try await run.run()[.indexed] == 1)
        try await target.finish()
        try store.close()
    }

    @Test func oddAttributesAreKept() async throws {
        let names = try SmallGallery.write(into: folder, families: 1, perFamily: 3)
        _ = try await index()
        try withStore { collection in
            let isNoted = try collection.setAttributes([UInt8]("my own note".utf8), of: ElementName(names[0]))
            #expect(isNoted)
            let enormous = "{\"path\":\"\(folder.path("pictures/" + names[1]))\",\"bytes\":1,\"modified\":1e300}"
            let isChanged = try collection.setAttributes([UInt8](enormous.utf8), of: ElementName(names[1]))
            #expect(isChanged)
        }
        let (_, summary) = try await index()
        #expect(summary[.indexed] == 2)
        #expect(summary[.unchanged] == 1)
        try withStore { collection in
            let text = String(
                decoding: try #require(try collection.attributes(of: ElementName(names[0]))), as: UTF8.self)
            #expect(text.contains("\"text\":\"my own note\""))
        }
    }

    @Test func aCollectionKeepsItsQuantization() async throws {
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        try Catalogue(store: store).add(
            image: try SmallGallery.jpeg(), as: ElementName("first"), to: images,
            creation: .init(quantization: .f32, parameters: HNSWParameters(m: 8)), attributes: { _ in .keep })
        try store.close()
        try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        #expect(try await index().1[.indexed] == 2)
        try withStore { collection in
            #expect(collection.count == 3)
            #expect(collection.configuration.quantization == .f32)
        }
    }

    @Test func filesPastTheLimitAreRejected() async throws {
        let picture = try SmallGallery.jpeg()
        try folder.write("pictures/at.jpg", picture)
        try folder.write("pictures/past.jpg", picture + [0])
        var limits = DecodingLimits.standard
        limits.fileBytes = picture.count
        let (lines, _) = try await index(limits: limits)
        #expect(lines["at.jpg"]?.outcome == .indexed)
        #expect(lines["past.jpg"]?.reason?.hasPrefix("tooLarge") == true)
    }

    @Test func stoppingKeepsWhatIsDone() async throws {
        let names = try SmallGallery.write(into: folder)
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        let target = try StoreTarget(Catalogue(store: store), collection: images, model: nil, jobs: 1)
        let holder = Mutex<IndexRun?>(nil)
        let run = IndexRun(try Gathering([folder.path("pictures")]), into: target) { _, summary in
            if summary[.indexed] == 3 { holder.withLock { $0?.stop() } }
        }
        holder.withLock { $0 = run }
        let summary = try await run.run()
        #expect(run.wasStopped)
        #expect(summary[.indexed] == 3)
        try await target.finish()
        try store.close()
        let (_, second) = try await index()
        #expect(second[.unchanged] == 3)
        #expect(second[.indexed] == names.count - 3)
    }

    @Test func anotherModelIsRefused() async throws {
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        _ = try store.upsert(
            ElementName("a"), ElementChange(vector: [1, 2, 3]), in: images,
            configuration: CollectionConfiguration(dimension: 3))
        #expect(throws: CatalogueError.self) {
            try StoreTarget(Catalogue(store: store), collection: images, model: nil, jobs: 1)
        }
        #expect(throws: CatalogueError.self) {
            try StoreTarget(Catalogue(store: store), collection: CollectionName("new"), model: "no-such", jobs: 1)
        }
        try store.close()
    }
}
