import Foundation
import Storage
import TestSupport
import Testing

@Suite struct ManifestTests {
    private let files = POSIXFileSystem()

    private var sample: Manifest {
        var manifest = Manifest()
        manifest.nextNumber = 9
        for (number, name) in [(UInt64(3), Array("photos".utf8)), (7, []), (8, [0, 255, 10])] {
            manifest.entries.append(
                Manifest.Entry(
                    number: number, generation: number + 1, hasSnapshot: number != 7, blobFile: 2, name: name,
                    dimension: 512, metric: "cosine", quantization: "int8", m: 16, efConstruction: 200,
                    modelName: number == 3 ? "default" : nil, modelHash: number == 3 ? "abc" : nil,
                    efSearch: number == 8 ? 77 : 0))
        }
        return manifest
    }

    @Test func whatIsPublishedIsRead() throws {
        let folder = TemporaryFolder()
        try sample.publish(folder.path, in: files)
        #expect(try Manifest.read(folder.path, in: files) == sample)
        try Manifest().publish(folder.path, in: files)
        #expect(try Manifest.read(folder.path, in: files) == Manifest())
        #expect(folder.files == ["MANIFEST"])
    }

    /// A manifest as written before there was `efSearch`, and the same as written now, both put together by another
    /// program from what `FORMAT.md` says.
    private static let versions: [UInt32: String] = [
        1: """
        4c4f4f4b5354520a0100000098000000610f359b09000000000000000200000003000000000000000400000000000000
        0200000000000000010600000070686f746f730002000006000000636f73696e6504000000696e743810000000c80000
        00010700000064656661756c740300000061626307000000000000000100000000000000010000000000000000010000
        007606000000020000006c3203000000663332040000001400000000
        """,
        2: """
        4c4f4f4b5354520a02000000a00000003ec5a7a709000000000000000200000003000000000000000400000000000000
        0200000000000000010600000070686f746f730002000006000000636f73696e6504000000696e743810000000c80000
        00010700000064656661756c74030000006162634d000000070000000000000001000000000000000100000000000000
        00010000007606000000020000006c320300000066333204000000140000000000000000
        """,
    ]

    private func bytes(ofVersion version: UInt32) throws -> [UInt8] {
        let digits = Array(try #require(Self.versions[version]).filter(\.isHexDigit))
        return try stride(from: 0, to: digits.count, by: 2).map {
            try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16))
        }
    }

    @Test(arguments: [UInt32(1), 2]) func everyVersionIsReadAndTheNewestWritten(_ version: UInt32) throws {
        let folder = TemporaryFolder()
        try write(try bytes(ofVersion: version), to: folder("MANIFEST"))
        var manifest = try Manifest.read(folder.path, in: files)
        var expected = Manifest()
        expected.nextNumber = 9
        expected.entries = [
            Manifest.Entry(
                number: 3, generation: 4, hasSnapshot: true, blobFile: 2, name: Array("photos".utf8), dimension: 512,
                metric: "cosine", quantization: "int8", m: 16, efConstruction: 200, modelName: "default",
                modelHash: "abc", efSearch: version == 1 ? 0 : 77),
            Manifest.Entry(
                number: 7, generation: 1, hasSnapshot: false, blobFile: 1, name: Array("v".utf8), dimension: 6,
                metric: "l2", quantization: "f32", m: 4, efConstruction: 20, modelName: nil, modelHash: nil),
        ]
        #expect(manifest == expected)
        manifest.entries[0].efSearch = 77
        try manifest.publish(folder.path, in: files)
        #expect(try contents(folder("MANIFEST")) == bytes(ofVersion: 2))
    }

    @Test func anyFlippedByteIsReported() throws {
        let folder = TemporaryFolder()
        try sample.publish(folder.path, in: files)
        let whole = try contents(folder("MANIFEST"))
        for at in 0..<whole.count {
            var damaged = whole
            damaged[at] ^= 4
            try write(damaged, to: folder("MANIFEST"))
            let error = #expect(throws: StoreError.self, "byte \(at)") {
                try Manifest.read(folder.path, in: files)
            }
            guard case .corrupt(let file, _, _) = error else {
                Issue.record("byte \(at): \(String(describing: error))")
                continue
            }
            #expect(file == folder("MANIFEST"))
        }
        for end in 0..<whole.count {
            try write(Array(whole[..<end]), to: folder("MANIFEST"))
            #expect(throws: StoreError.self, "cut at \(end)") { try Manifest.read(folder.path, in: files) }
        }
    }

    /// The size is looked at before memory is taken for it. The file is mostly a hole.
    @Test func aManifestOverTheLimitIsNotRead() throws {
        let folder = TemporaryFolder()
        try sample.publish(folder.path, in: files)
        let file = try files.open(folder("MANIFEST"), .readWrite)
        try file.truncate(to: UInt64(Manifest.sizeLimit) + 1)
        #expect(
            throws: StoreError.limitExceeded(
                what: "the size of \(folder("MANIFEST"))", value: UInt64(Manifest.sizeLimit) + 1,
                limit: UInt64(Manifest.sizeLimit))
        ) { try Manifest.read(folder.path, in: files) }
        // At the limit it is read, and then it is not what was written.
        try file.truncate(to: UInt64(Manifest.sizeLimit))
        let error = #expect(throws: StoreError.self) { try Manifest.read(folder.path, in: files) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func whateverFailsTheOldOneOrTheNewOneIsThere() throws {
        let folder = TemporaryFolder()
        let counting = FaultyFileSystem()
        try sample.publish(folder.path, in: counting)
        for operation in 1...counting.operations {
            for fault in [FaultyFileSystem.Fault.fail(operation: operation), .shortWrite(operation: operation)] {
                try Manifest().publish(folder.path, in: files)
                do throws(Manifest.PublishError) {
                    try sample.publish(folder.path, in: FaultyFileSystem(fault: fault))
                    Issue.record("operation \(operation) did not fail")
                } catch {
                    let found = try Manifest.read(folder.path, in: files)
                    switch error {
                    case .unchanged: #expect(found == Manifest())
                    case .uncertain: #expect(found == sample)
                    }
                }
            }
        }
    }
}

@Suite struct BlobFileTests {
    private let files = POSIXFileSystem()

    @Test func blobsAreReadBackAndChecked() throws {
        let folder = TemporaryFolder()
        let blobs = try BlobFile.create(folder("blobs"), collection: 1, number: 2, in: files)
        let first = try blobs.append([1, 2, 3])
        let empty = try blobs.append([])
        let large = try blobs.append([UInt8](repeating: 5, count: 100_000))
        let again = try BlobFile.open(folder("blobs"), collection: 1, number: 2, readOnly: true, in: files)
        for file in [blobs, again] {
            #expect(try file.read(first) == [1, 2, 3])
            #expect(try file.read(empty) == [])
            #expect(try file.read(large).count == 100_000)
        }
        var damaged = try contents(folder("blobs"))
        damaged[Int(large.offset) + 777] ^= 1
        try write(damaged, to: folder("blobs"))
        let opened = try BlobFile.open(folder("blobs"), collection: 1, number: 2, readOnly: true, in: files)
        #expect(try opened.read(first) == [1, 2, 3])
        let error = #expect(throws: StoreError.self) { try opened.read(large) }
        guard case .corrupt(let file, let offset, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(file == folder("blobs") && offset == large.offset)
        // The same bytes at another place are another blob.
        var moved = first
        moved.offset = large.offset
        #expect(throws: StoreError.self) { try opened.read(moved) }
        #expect(throws: StoreError.self) {
            try BlobFile.open(folder("blobs"), collection: 9, number: 2, readOnly: true, in: files)
        }
    }
}

@Suite struct FileSystemTests {
    @Test func systemErrorsAreTold() throws {
        let files = POSIXFileSystem()
        let folder = TemporaryFolder()
        #expect(try files.kind(of: folder("none")) == .absent)
        #expect(try files.kind(of: folder.path) == .directory)
        #expect(try files.kind(of: "/dev/null") == .other)
        #expect(throws: StoreError.self) { try files.open(folder("none"), .read) }
        #expect(throws: StoreError.self) { try files.list(folder("none")) }
        #expect(throws: StoreError.self) { try files.remove(folder("none")) }
        try files.createDirectory(folder("a/b/c"))
        try files.createDirectory(folder("a/b/c"))
        #expect(try files.list(folder("a")) == ["b"])
        try write([1], to: folder("file"))
        #expect(try files.kind(of: folder("file")) == .file)
        #expect(throws: StoreError.self) { try files.createDirectory(folder("file")) }
        #expect(throws: StoreError.self) { try files.createDirectory(folder("file/below")) }
        let file = try files.open(folder("file"), .read)
        #expect(try file.read(at: 0, count: 10) == [1])
        #expect(try file.read(at: 5, count: 10) == [])
        let full = try files.open("/dev/full", .readWrite)
        #expect(throws: StoreError.noSpace(path: "/dev/full")) { try full.write([1, 2, 3], at: 0) }
    }

    #if os(Linux)
        /// The proc file system cannot sync folders, as some network file systems cannot.
        @Test func foldersThatCannotBeSyncedArePassedOver() throws {
            try POSIXFileSystem().syncDirectory("/proc")
            #expect(throws: StoreError.self) { try POSIXFileSystem().syncDirectory("/proc/none") }
        }
    #endif

    @Test(.enabled(if: geteuid() != 0, "the superuser may read every folder"))
    func foldersThatCannotBeReadArePassedOver() throws {
        let folder = TemporaryFolder()
        let files = POSIXFileSystem()
        try files.createDirectory(folder("above"))
        try #require(chmod(folder("above"), 0o300) == 0)
        defer { _ = chmod(folder("above"), 0o700) }
        try files.syncDirectory(folder("above"))
        try files.createDirectory(folder("above/new/newer"))
        #expect(try files.list(folder("above/new")) == ["newer"])
    }

    /// Who has a store is only for others to read: a full device does not keep it from being held.
    @Test func aLockIsTakenOnAFullDevice() throws {
        let folder = TemporaryFolder()
        let full = FaultyFileSystem(fault: .noSpace(afterBytes: 4))
        let lock = try StoreLock.acquire(folder.path, program: "one", in: full)
        #expect(throws: StoreError.inUse(path: folder.path, pid: nil, program: nil)) {
            try StoreLock.acquire(folder.path, program: "other", in: POSIXFileSystem())
        }
        #expect(StoreLock.isOurs(try contents(folder("LOCK"))))
        withExtendedLifetime(lock) {}
    }

    /// A folder whose lock file is another program's is left alone; one of ours is known by what a crash leaves, too.
    @Test func ourLockFileIsToldFromOthers() {
        let ours = Array("lookalike lock\npid 1\n".utf8)
        for end in 0...ours.count { #expect(StoreLock.isOurs(Array(ours[..<end])), "cut at \(end)") }
        #expect(StoreLock.isOurs([UInt8](repeating: 0, count: 64)), "its sector was never written")
        #expect(StoreLock.isOurs(Array("lookalike".utf8) + [0, 0]))
        for other in ["1234\n", "lookalike look\n", "x", "\0lookalike lock\n", "lookalike\0lock\n"] {
            #expect(!StoreLock.isOurs(Array(other.utf8)), "\(other)")
        }
    }

    @Test func aLockIsHeldByOne() throws {
        let files = POSIXFileSystem()
        let folder = TemporaryFolder()
        var lock: StoreLock? = try StoreLock.acquire(folder.path, program: "one\ntwo", in: files)
        let error = #expect(throws: StoreError.self) {
            try StoreLock.acquire(folder.path, program: "other", in: files)
        }
        #expect(
            error == .inUse(path: folder.path, pid: ProcessInfo.processInfo.processIdentifier, program: "one two"))
        withExtendedLifetime(lock) {}
        lock = nil
        #expect(throws: Never.self) { try StoreLock.acquire(folder.path, program: "other", in: files) }
    }
}
