import Foundation
import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// Backups and what is restored from them.
@Suite struct BackupTests {
    private let configuration = CollectionConfiguration(
        dimension: 6, parameters: HNSWParameters(m: 4, efConstruction: 20))
    private let folder = TemporaryFolder(inMemory: true)

    private func open(_ path: String) throws -> Store {
        try Store.open(path, options: StoreOptions(durability: .none))
    }

    private func restored(_ backup: String, _ name: String = "restored") throws -> StoreModel {
        let report = try Store.restore(from: backup, to: folder(name))
        let store = try Store.open(folder(name), options: StoreOptions(create: false, readOnly: true))
        #expect(store.collectionNames.count == report.collections)
        let model = try StoreModel(store)
        #expect(model.elements.count == report.elements)
        return model
    }

    private func refuses(_ text: String, _ body: () throws -> Void) {
        let error = #expect(throws: StoreError.self) { try body() }
        #expect(error?.description.contains(text) == true, "\(String(describing: error))")
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: [UInt64(91), 92, 93]) func anyStoreComesBack(seed: UInt64) throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: seed))
        let store = try open(folder("store"))
        for round in 0..<12 {
            for _ in 0..<25 {
                try StoreModel.run(.random(&random, dimension: 6), on: store, configuration)
            }
            // While the store is open, and has changes that no checkpoint has seen.
            let before = folder.files
            let report = try Store.backup(folder("store"), to: folder("backup"), replacing: true)
            #expect(report.bytes == UInt64(try contents(folder("backup")).count))
            #expect(Set(folder.files) == Set(before).union(["backup"]), "nothing else was left")
            let copy = try restored(folder("backup"), "restored-\(round)")
            #expect(copy.agrees(with: try StoreModel(store)), "seed \(seed), round \(round)")
            // And it goes on as a store does.
            let again = try open(folder("restored-\(round)"))
            _ = try again.upsert(
                "x", ElementChange(vector: [1, 2, 3, 4, 5, 6]), in: "c0", configuration: configuration)
            try again.close()
            try FileManager.default.removeItem(atPath: folder("restored-\(round)"))
        }
    }

    @Test func anEmptyStoreComesBack() throws {
        try open(folder("store")).close()
        let report = try Store.backup(folder("store"), to: folder("backup"))
        #expect(report.collections == 0 && report.files == 1)
        #expect(try restored(folder("backup")).elements.isEmpty)
        let files = FolderContents.files(below: folder("restored"))
        #expect(files == ["LOCK", "MANIFEST"])
    }

    /// Large enough for several blocks of log, snapshot and thumbnails.
    @Test func severalBlocks() throws {
        let store = try open(folder("store"))
        func put(_ range: Range<Int>) throws {
            for index in range {
                var random = SeededRandom(seed: UInt64(index))
                let change = ElementChange(
                    vector: random.vector(6), attributes: .set([UInt8](repeating: UInt8(index % 251), count: 20_000)),
                    thumbnail: [UInt8](repeating: UInt8(index % 239), count: 30_000))
                _ = try store.upsert(ElementName("e\(index)"), change, in: "c", configuration: configuration)
            }
        }
        try put(0..<100)
        try store.checkpoint()
        try put(80..<180)
        _ = try Store.backup(folder("store"), to: folder("backup"))
        #expect(try restored(folder("backup")).agrees(with: try StoreModel(store)))
    }

    /// Models lie beside the collections, and go along: those that are whole, and nothing else that lies there.
    @Test func modelsGoAlong() throws {
        // They may be the first thing in a store.
        try folder.write("store/models/net-1.0/model.json", [1, 2])
        try folder.write("store/models/net-1.0/model.onnx", [UInt8](repeating: 7, count: 2_500_000))
        try folder.write("store/models/net-1.0/other", [3])
        try folder.write("store/models/.draft-1/model.onnx", [4])
        try folder.write("store/models/.lock", [])
        try folder.write("store/models/b/model.onnx", [])
        let store = try open(folder("store"))
        _ = try store.upsert("a", ElementChange(vector: [1, 2, 3, 4, 5, 6]), in: "c", configuration: configuration)
        _ = try Store.backup(folder("store"), to: folder("backup"))
        #expect(try restored(folder("backup")).elements.count == 1)
        let files = FolderContents.files(below: folder("restored")).filter { $0.hasPrefix("models") }
        #expect(files == ["models/b/model.onnx", "models/net-1.0/model.json", "models/net-1.0/model.onnx"])
        for file in files { #expect(try contents(folder("restored/" + file)) == contents(folder("store/" + file))) }
        #expect(!FileManager.default.fileExists(atPath: folder("restored/restoring")))
        // A restore that was killed between its steps is cleared away by the next.
        let left = ["restoring/models/x/model.json", "models/y/model.onnx", "restoring/collections/1/log-1"]
        for file in left { try folder.write("again/" + file, [1]) }
        #expect(try restored(folder("backup"), "again").elements.count == 1)
        #expect(FolderContents.files(below: folder("again")).filter { $0.hasPrefix("models") } == files)
        // What lies there of somebody else's stays, and stops it.
        try folder.write("theirs/restoring/MANIFEST", [])
        try folder.write("theirs/models/y/photo.jpg", [1])
        #expect(throws: StoreError.self) { _ = try Store.restore(from: folder("backup"), to: folder("theirs")) }
        #expect(try contents(folder("theirs/models/y/photo.jpg")) == [1])
    }

    @Test func aSecondLogIsTakenWhole() throws {
        // What a store looks like while a checkpoint is under way: the next log has been begun.
        let store = try open(folder("store"))
        for index in 0..<5 {
            var random = SeededRandom(seed: UInt64(index))
            _ = try store.upsert(
                ElementName("e\(index)"), ElementChange(vector: random.vector(6)), in: "c", configuration: configuration
            )
        }
        let place = folder("store/collections/1/")
        let first = try contents(place + "log-1")
        let files = POSIXFileSystem()
        let second = try WriteAheadLog.create(place + "log-2", collection: 1, generation: 2, first: [4], in: files)
        func logs() throws -> [String: UInt64] {
            _ = try Store.backup(folder("store"), to: folder("backup"), replacing: true)
            var backup = try BackupReader(folder("backup"), in: files)
            var lengths: [String: UInt64] = [:]
            while let entry = try backup.next() {
                if entry.path.contains("log") { lengths[String(entry.path.suffix(5))] = entry.length }
                try backup.copy(entry, to: files.open(folder("scratch"), .truncate)) {}
            }
            return lengths
        }
        #expect(try logs() == ["log-1": UInt64(first.count)], "one without changes is left out")
        var removal = ByteWriter()
        removal.put(UInt8(2))
        removal.put("e0")
        try second.append(removal.bytes)
        _ = try WriteAheadLog.create(place + "log-4", collection: 1, generation: 4, first: [4], in: files)
        #expect(try logs() == ["log-1": UInt64(first.count), "log-2": second.length])
        // The one that is added to is cut after its last record; of the one before, all is there.
        try write(try contents(place + "log-2") + [1, 2, 3], to: place + "log-2")
        try write(first + [7], to: place + "log-1")
        #expect(try logs() == ["log-1": UInt64(first.count) + 1, "log-2": second.length])
        try FileManager.default.removeItem(atPath: place + "log-2")
        #expect(try logs() == ["log-1": UInt64(first.count)])
    }

    @Test func placesThatABackupRefuses() throws {
        refuses("there is no store at") { _ = try Store.backup(folder("none"), to: folder("backup")) }
        let store = try open(folder("store"))
        try folder.write("taken", [1])
        refuses("exists; give another name or --force") { _ = try Store.backup(folder("store"), to: folder("taken")) }
        #expect(try contents(folder("taken")) == [1])
        for inside in ["store/b", "store/collections/b", "link/b"] {
            try? FileManager.default.createSymbolicLink(
                atPath: folder("link"), withDestinationPath: folder("store/collections"))
            refuses("lies in the store's own folder") {
                _ = try Store.backup(folder("store") + "/", to: folder(inside))
            }
        }
        refuses("is not a file") { _ = try Store.backup(folder("store"), to: folder("store/collections")) }
        refuses("cannot find") { _ = try Store.backup(folder("store"), to: folder("no/such/b")) }
        try folder.write("b.partial/x", [])
        refuses("is in the way") { _ = try Store.backup(folder("store"), to: folder("b")) }
        // One that another backup has in its hands, and one that was left behind.
        let held = try POSIXFileSystem().open(folder("c.partial"), .openOrCreate)
        #expect(try held.tryLock(exclusive: true))
        refuses("another backup") { _ = try Store.backup(folder("store"), to: folder("c")) }
        held.unlock()
        try write([UInt8](repeating: 7, count: 100_000), to: folder("c.partial"))
        _ = try Store.backup(folder("store"), to: folder("c"))
        #expect(try restored(folder("c")).elements.isEmpty)
        #expect(folder.files.filter { $0.hasSuffix("partial") }.isEmpty)
        try store.close()
    }

    @Test func aDamagedStoreIsNotBackedUpInSilence() throws {
        let store = try open(folder("store"))
        for index in 0..<4 {
            _ = try store.upsert(
                ElementName("e\(index)"), ElementChange(vector: [1, 2, 3, 4, 5, Float(index)]), in: "c",
                configuration: configuration)
            try store.sync()
        }
        let log = folder("store/collections/1/log-1")
        var bytes = try contents(log)
        bytes[60] ^= 1
        try write(bytes, to: log)
        refuses("log-1 is corrupt at byte 40") { _ = try Store.backup(folder("store"), to: folder("backup")) }
        try FileManager.default.removeItem(atPath: log)
        refuses("log-1 is corrupt at byte 0: it is not there") {
            _ = try Store.backup(folder("store"), to: folder("backup"))
        }
        #expect(!folder.files.contains { $0.hasPrefix("backup") })
    }

    @Test func foldersThatARestoreRefuses() throws {
        let store = try open(folder("store"))
        _ = try store.upsert("a", ElementChange(vector: [1, 2, 3, 4, 5, 6]), in: "c", configuration: configuration)
        _ = try Store.backup(folder("store"), to: folder("backup"))
        let before = folder.files
        func refused(_ text: String, _ path: String) {
            refuses(text) { _ = try Store.restore(from: folder("backup"), to: path) }
        }
        refused("(pid \(ProcessInfo.processInfo.processIdentifier))", folder("store"))
        try store.close()
        refused("holds a store already", folder("store"))
        try folder.write("theirs/data.db", [1])
        refused("is not empty, it holds data.db", folder("theirs"))
        try folder.write("locked/LOCK", Array("of another".utf8))
        refused("a LOCK of another program", folder("locked"))
        try folder.write("odd/collections/1/log-1", [])
        refused("it holds collections", folder("odd"))
        refused("is not a folder", folder("backup"))
        refuses("is not a file") { _ = try Store.restore(from: folder("store"), to: folder("new")) }
        refuses("cannot open") { _ = try Store.restore(from: folder("none"), to: folder("new")) }
        let now = folder.files.filter { !before.contains($0) && !$0.hasPrefix("store/") }
        #expect(now == ["locked/LOCK", "odd/collections/1/log-1", "theirs/data.db"])
        // One that is empty, or has been let go of.
        try FileManager.default.createDirectory(atPath: folder("empty"), withIntermediateDirectories: true)
        #expect(try restored(folder("backup"), "empty").elements.count == 1)
        try folder.write("left/LOCK", Array("lookalike lock\npid 1\n".utf8))
        #expect(try restored(folder("backup"), "left").elements.count == 1)
    }

    @Test func stoppingLeavesNothing() throws {
        let store = try open(folder("store"))
        _ = try store.upsert(
            "a", ElementChange(vector: [1, 2, 3, 4, 5, 6], thumbnail: [UInt8](repeating: 1, count: 3_000_000)), in: "c",
            configuration: configuration)
        _ = try Store.backup(folder("store"), to: folder("backup"))
        let before = folder.files
        for calls in 0..<6 {
            var asked = 0
            let stop = {
                asked += 1
                return asked > calls
            }
            if calls < 5 {
                #expect(throws: StoreError.interrupted(path: folder("other"))) {
                    _ = try Store.backup(folder("store"), to: folder("other"), isStopped: stop)
                }
                asked = 0
            }
            #expect(throws: StoreError.interrupted(path: folder("new"))) {
                _ = try Store.restore(from: folder("backup"), to: folder("new"), isStopped: stop)
            }
            #expect(folder.files == before)
            #expect(!FileManager.default.fileExists(atPath: folder("new")))
        }
        try store.close()
    }

    /// Sound as a container, and still not to be believed.
    @Test(arguments: [
        "../x", "/etc/x", "collections/1/../../x", "collections/01/log-1", "collections/1/log-+1", "LOCK",
        "collections/1/log-1/", "collections//log-1", "collections/1/other-1", "MANIFEST", "collections/1/log-1",
        "collections/1/log-99999999999999999999", "MANIFEST.tmp", "", "collections/1/log-1\0",
        "models/../model.json", "models/a/other", "models/a/model.json/", "models/.a/model.json", "models/model.json",
        "models/a/b/model.json", "models/a/../model.json", "models//model.json",
    ])
    func pathsThatAreNotOurs(_ path: String) throws {
        let files = POSIXFileSystem()
        try open(folder("store")).close()
        var writer = try BackupWriter(try files.open(folder("backup"), .truncate))
        let manifest = try files.open(folder("store/MANIFEST"), .read)
        try writer.add("MANIFEST", manifest, length: try manifest.size()) {}
        try writer.add("collections/1/log-1", manifest, length: 3) {}
        try writer.add(path, manifest, length: 3) {}
        _ = try writer.finish()
        refuses("does not belong there") { _ = try Store.restore(from: folder("backup"), to: folder("new")) }
        #expect(!FileManager.default.fileExists(atPath: folder("new")))
    }

    @Test func aStoreThatWasDamagedWhenItWasBackedUp() throws {
        let store = try open(folder("store"))
        _ = try store.upsert(
            "a", ElementChange(vector: [1, 2, 3, 4, 5, 6], thumbnail: [1, 2, 3, 4]), in: "c",
            configuration: configuration)
        try store.close()
        let whole = try contents(folder("store/collections/1/snapshot-2"))
        var bytes = whole
        bytes[4100] ^= 1
        try write(bytes, to: folder("store/collections/1/snapshot-2"))
        _ = try Store.backup(folder("store"), to: folder("backup"))
        refuses("was damaged when it was backed up (collection c: collections/1/snapshot-2 is corrupt at byte 4096") {
            _ = try Store.restore(from: folder("backup"), to: folder("new"))
        }
        try write(whole, to: folder("store/collections/1/snapshot-2"))
        var thumbnails = try contents(folder("store/collections/1/thumbnails-1"))
        thumbnails[thumbnails.count - 1] ^= 1
        try write(thumbnails, to: folder("store/collections/1/thumbnails-1"))
        _ = try Store.backup(folder("store"), to: folder("backup"), replacing: true)
        refuses("collection c: a: ") { _ = try Store.restore(from: folder("backup"), to: folder("new")) }
        #expect(!FileManager.default.fileExists(atPath: folder("new")))
        // Better than nothing, if there is nothing better.
        refuses("was restored, damaged as it was") {
            _ = try Store.restore(from: folder("backup"), to: folder("new"), keepDamaged: true)
        }
        #expect(try open(folder("new")).collection("c")?.names() == ["a"])
    }
}
