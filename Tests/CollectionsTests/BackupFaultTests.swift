import Foundation
import HNSW
import Storage
import TestSupport
import Testing
import VectorCollections

/// Backups and restores on devices that fail.
@Suite struct BackupFaultTests {
    private let configuration = CollectionConfiguration(
        dimension: 4, parameters: HNSWParameters(m: 4, efConstruction: 10))

    /// A store of two collections with snapshot, log and thumbnails; open, so that nothing is tidied up.
    private func makeStore(_ path: String) throws -> Store {
        let store = try Store.open(path, options: StoreOptions(durability: .none))
        for index in 0..<8 {
            var random = SeededRandom(seed: UInt64(index))
            if index == 5 { try store.checkpoint() }
            let change = ElementChange(
                vector: random.vector(4), attributes: .set([UInt8(index)]), thumbnail: [UInt8](repeating: 3, count: 9))
            _ = try store.upsert(
                ElementName("e\(index)"), change, in: index < 3 ? "a" : "b", configuration: configuration)
        }
        return store
    }

    private func contentsOfAll(below folder: String) throws -> [String: [UInt8]] {
        try FolderContents.files(below: folder).reduce(into: [:]) { $0[$1] = try contents(folder + "/" + $1) }
    }

    @Test func everyOperationOfABackupFailsInTurn() throws {
        let folder = TemporaryFolder(inMemory: true)
        let store = try makeStore(folder("store"))
        let before = try contentsOfAll(below: folder("store"))
        let counting = FaultyFileSystem()
        let report = try Store.backup(folder("store"), to: folder("counted"), fileSystem: counting)
        #expect(counting.operations > 30)
        #expect(
            counting.journal.filter { $0.contains("store/") && !$0.hasPrefix("open") }.allSatisfy {
                $0.hasPrefix("read") || $0.hasPrefix("examine") || $0.hasPrefix("list")
            }, "the source is only read")
        var tolerated: [String] = []
        for operation in 1...counting.operations {
            for fault in [FaultyFileSystem.Fault.fail(operation: operation), .shortWrite(operation: operation)] {
                do {
                    let found = try Store.backup(
                        folder("store"), to: folder("backup"), fileSystem: FaultyFileSystem(fault: fault))
                    tolerated.append(counting.journal[operation - 1])
                    #expect(found == report)
                    try FileManager.default.removeItem(atPath: folder("backup"))
                } catch {
                    #expect(!"\(error)".contains("\n"))
                }
                #expect(!folder.files.contains { $0.hasPrefix("backup") }, "operation \(operation) left something")
            }
        }
        // File systems without locks are no reason not to make a backup.
        #expect(
            Set(tolerated) == ["lock \(folder("backup.partial").replacingOccurrences(of: "backup", with: "counted"))"])
        #expect(try contentsOfAll(below: folder("store")) == before)
        for bytes in stride(from: 0, to: Int(report.bytes), by: 37) {
            #expect(throws: StoreError.noSpace(path: folder("backup.partial"))) {
                try Store.backup(
                    folder("store"), to: folder("backup"),
                    fileSystem: FaultyFileSystem(fault: .noSpace(afterBytes: bytes)))
            }
            #expect(!folder.files.contains { $0.hasPrefix("backup") })
        }
        withExtendedLifetime(store) {}
    }

    @Test(arguments: [false, true]) func everyOperationOfARestoreFailsInTurn(intoEmptyFolder: Bool) throws {
        let folder = TemporaryFolder(inMemory: true)
        let store = try makeStore(folder("store"))
        let expected = try StoreModel(store)
        _ = try Store.backup(folder("store"), to: folder("backup"))
        let before = try contents(folder("backup"))
        func prepare() throws {
            try? FileManager.default.removeItem(atPath: folder("new"))
            if intoEmptyFolder {
                try FileManager.default.createDirectory(atPath: folder("new"), withIntermediateDirectories: true)
            }
        }
        func isAsBefore() -> Bool {
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder("new"))
            return names == (intoEmptyFolder ? [] : nil)
        }
        try prepare()
        let counting = FaultyFileSystem()
        let report = try Store.restore(from: folder("backup"), to: folder("new"), fileSystem: counting)
        #expect(counting.operations > 60)
        var tolerated: Set<String> = []
        for operation in 1...counting.operations {
            for fault in [FaultyFileSystem.Fault.fail(operation: operation), .shortWrite(operation: operation)] {
                try prepare()
                let files = FaultyFileSystem(fault: fault)
                do {
                    #expect(try Store.restore(from: folder("backup"), to: folder("new"), fileSystem: files) == report)
                    tolerated.insert(counting.journal[operation - 1])
                } catch {
                    #expect(!"\(error)".contains("\n"))
                    #expect(isAsBefore(), "operation \(operation): \(counting.journal[operation - 1]): \(error)")
                }
            }
        }
        #expect(tolerated == ["remove \(folder("new/restoring"))"])
        for bytes in stride(from: 0, to: Int(report.bytes), by: 997) {
            try prepare()
            let files = FaultyFileSystem(fault: .noSpace(afterBytes: bytes))
            let error = #expect(throws: StoreError.self) {
                try Store.restore(from: folder("backup"), to: folder("new"), fileSystem: files)
            }
            if case .noSpace = error {} else { Issue.record("\(String(describing: error))") }
            #expect(isAsBefore())
        }
        #expect(try contents(folder("backup")) == before)
        // Killed anywhere: never a store that is not whole, and the next restore clears it away.
        for operation in 1...counting.operations {
            try prepare()
            let files = FaultyFileSystem(fault: .halt(operation: operation))
            _ = try? Store.restore(from: folder("backup"), to: folder("new"), fileSystem: files)
            if FileManager.default.fileExists(atPath: folder("new/MANIFEST")) {
                let found = try Store.open(folder("new"), options: StoreOptions(create: false, readOnly: true))
                #expect(try StoreModel(found).agrees(with: expected))
                continue
            }
            if FileManager.default.fileExists(atPath: folder("new/restoring")) {
                let error = #expect(throws: StoreError.self) { _ = try Store.open(folder("new")) }
                #expect(error?.description.contains("run `lookalike restore` into it again") == true)
            }
            #expect(try Store.restore(from: folder("backup"), to: folder("new")) == report, "operation \(operation)")
            #expect(FolderContents.files(below: folder("new")).allSatisfy { !$0.contains("restoring") })
        }
        withExtendedLifetime(store) {}
    }

    /// Every byte of a backup, and every length: refused with its name, and nothing is left at the target.
    @Test func aDamagedBackupIsRefused() throws {
        let folder = TemporaryFolder(inMemory: true)
        let store = try Store.open(folder("store"), options: StoreOptions(durability: .none))
        for index in 0..<2 {
            _ = try store.upsert(
                ElementName("e\(index)"), ElementChange(vector: [1, 2, 3, Float(index)], thumbnail: [1, 2]), in: "a",
                configuration: configuration)
        }
        _ = try Store.backup(folder("store"), to: folder("backup"))
        let whole = try contents(folder("backup"))
        #expect(whole.count < 1500)
        func isRefused(_ bytes: [UInt8], _ what: String) throws {
            try write(bytes, to: folder("damaged"))
            let error = #expect(throws: StoreError.self, "\(what)") {
                try Store.restore(from: folder("damaged"), to: folder("new"))
            }
            guard case .badBackup(folder("damaged"), _, _) = error else {
                Issue.record("\(what): \(String(describing: error))")
                return
            }
            #expect(!FileManager.default.fileExists(atPath: folder("new")), "\(what)")
        }
        for at in 0..<whole.count {
            var damaged = whole
            damaged[at] ^= UInt8(1 << (at % 8))
            try isRefused(damaged, "byte \(at)")
            try isRefused(Array(whole[..<at]), "cut at \(at)")
        }
    }
}
