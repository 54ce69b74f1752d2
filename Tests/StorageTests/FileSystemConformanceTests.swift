import Foundation
import Storage
import TestSupport
import Testing

/// A file system to be tested, and a folder in it that is there and empty.
struct FileSystemUnderTest {
    /// All there are.
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        case posix, memory, faultyOverPOSIX, faultyOverMemory

        var testDescription: String { rawValue }
    }

    let files: any FileSystem
    let root: String
    /// Removed with the value.
    private let folder: TemporaryFolder?

    init(_ kind: Kind) throws {
        switch kind {
        case .posix, .faultyOverPOSIX:
            let folder = TemporaryFolder()
            self.folder = folder
            root = folder.path
            files = kind == .posix ? POSIXFileSystem() : FaultyFileSystem()
        case .memory, .faultyOverMemory:
            folder = nil
            root = "/some/where"
            let memory = MemoryFileSystem()
            try memory.createDirectory(root)
            files = kind == .memory ? memory : FaultyFileSystem(memory)
        }
    }

    /// The path of something in the folder.
    func callAsFunction(_ name: String) -> String { root + "/" + name }

    /// Makes a file.
    @discardableResult
    func make(_ name: String, _ bytes: [UInt8] = []) throws -> any StorageFile {
        let file = try files.open(self(name), .truncate)
        try file.write(bytes, at: 0)
        return file
    }

    /// The bytes of a file.
    func contents(_ name: String) throws -> [UInt8] {
        let file = try files.open(self(name), .read)
        return try file.read(at: 0, count: Int(try file.size()))
    }
}

extension MappedFile {
    /// A copy of its bytes. The memory is there as long as the object, which nobody else may hold.
    var copy: [UInt8] { withExtendedLifetime(self) { [UInt8](bytes) } }
}

/// Expects the system's error of a code, in the system's words.
func refuses(
    _ code: Int32, _ operation: String, _ path: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    let expected = StoreError.io(path: path, operation: operation, reason: String(cString: strerror(code)))
    #expect(throws: expected, sourceLocation: sourceLocation) { try body() }
}

/// What `FileSystem` and `StorageFile` promise, of every file system there is.
@Suite struct FileSystemConformanceTests {
    // MARK: Contents

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func readingEndsWithTheFile(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file", [1, 2, 3])
        #expect(try file.size() == 3)
        #expect(try file.read(at: 0, count: 3) == [1, 2, 3])
        #expect(try file.read(at: 1, count: 1) == [2])
        #expect(try file.read(at: 1, count: 100) == [2, 3])
        #expect(try file.read(at: 3, count: 1).isEmpty)
        #expect(try file.read(at: 1 << 40, count: 1).isEmpty)
        #expect(try file.read(at: 0, count: 0).isEmpty)
        #expect(file.path == place("file"))
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func beyondTheEndThereAreZerosUpToWhatIsWritten(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file", [1])
        try file.write([2], at: 200_000)
        #expect(try file.size() == 200_001)
        #expect(try place.contents("file") == [1] + [UInt8](repeating: 0, count: 199_999) + [2])
        try file.write([], at: 300_000)
        #expect(try file.size() == 200_001, "nothing written is nothing added")
        try file.write([3, 4], at: 0)
        #expect(try file.read(at: 0, count: 3) == [3, 4, 0])
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func whatIsCutOffIsGone(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file", [UInt8](repeating: 7, count: 140_000))
        for size in [131_073, 131_072, 131_071, 3, 0] {
            try file.truncate(to: UInt64(size))
            #expect(try place.contents("file") == [UInt8](repeating: 7, count: size))
        }
        try file.write([1, 2, 3], at: 0)
        try file.truncate(to: 1)
        try file.truncate(to: 140_000)
        #expect(try place.contents("file") == [1] + [UInt8](repeating: 0, count: 139_999))
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func anyChangesAgreeWithAnArray(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let seed = SeededRandom.seed(of: 91)
        var random = SeededRandom(seed: seed)
        let file = try place.make("file")
        var model: [UInt8] = []
        for round in 0..<300 {
            let offset = Int.random(in: 0..<200_000, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                try file.truncate(to: UInt64(offset))
                model = Array(model.prefix(offset)) + [UInt8](repeating: 0, count: max(0, offset - model.count))
            case 1: try file.sync()
            default:
                let count = Int.random(in: 1..<(round % 7 == 0 ? 150_000 : 2000), using: &random)
                let bytes = [UInt8](repeating: UInt8.random(in: 1...255, using: &random), count: count)
                try file.write(bytes, at: UInt64(offset))
                if model.count < offset + count {
                    model += [UInt8](repeating: 0, count: offset + count - model.count)
                }
                model.replaceSubrange(offset..<offset + count, with: bytes)
            }
            let from = Int.random(in: 0..<200_000, using: &random)
            #expect(
                try file.read(at: UInt64(from), count: 70_000) == Array(model.dropFirst(from).prefix(70_000)),
                "seed \(seed), round \(round)")
        }
        #expect(try place.contents("file") == model, "seed \(seed)")
        #expect(try file.map().copy == model, "seed \(seed)")
    }

    /// Mostly holes, which take no room.
    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func filesMayBeLargerThanFourGigabytes(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file", [1])
        let far: UInt64 = 5 << 30
        try file.write([2, 3], at: far - 1)
        #expect(try file.size() == far + 1)
        #expect(try file.read(at: far - 2, count: 9) == [0, 2, 3])
        let mapped = try file.map()
        withExtendedLifetime(mapped) {
            #expect(mapped.bytes.count == Int(far) + 1)
            #expect(mapped.bytes[Int(far) - 1] == 2 && mapped.bytes[Int(far)] == 3 && mapped.bytes[1 << 32] == 0)
        }
        try file.truncate(to: far)
        #expect(try file.size() == far)
        #expect(try file.read(at: far - 1, count: 9) == [2])
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func allOpeningsOfAFileShowTheSame(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let first = try place.make("file", [1])
        let second = try place.files.open(place("file"), .readWrite)
        let reader = try place.files.open(place("file"), .read)
        try second.write([5, 6], at: 1)
        #expect(try first.read(at: 0, count: 9) == [1, 5, 6])
        try first.truncate(to: 2)
        #expect(try reader.read(at: 0, count: 9) == [1, 5])
        _ = try place.files.open(place("file"), .truncate)
        #expect(try reader.size() == 0)
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func threadsDoNotDisturbEachOther(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file")
        let (threads, rounds, count) = (8, 40, 3001)
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            do {
                for round in 0..<rounds {
                    let offset = UInt64((round * threads + thread) * count)
                    let bytes = [UInt8](repeating: UInt8(thread * 16 + round % 16), count: count)
                    try file.write(bytes, at: offset)
                    if round % 10 == 0 { try file.sync() }
                    #expect(try file.read(at: offset, count: count) == bytes)
                    let name = place("\(thread)-\(round % 3)")
                    try place.files.open(name, .truncate).write(bytes, at: 0)
                    try place.files.rename(name, to: place("\(thread)"))
                }
            } catch {
                Issue.record("\(error)")
            }
        }
        let all = try place.contents("file")
        #expect(all.count == threads * rounds * count)
        for part in 0..<threads * rounds {
            let value = UInt8(part % threads * 16 + part / threads % 16)
            #expect(all[part * count..<(part + 1) * count].allSatisfy { $0 == value })
        }
        #expect(try place.files.list(place.root) == (0..<threads).map { "\($0)" } + ["file"])
    }

    // MARK: Opening

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func accessSaysWhatOpeningDoes(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        for access in [FileAccess.read, .readWrite] {
            refuses(ENOENT, "open", place("none")) { _ = try place.files.open(place("none"), access) }
        }
        #expect(try place.files.list(place.root).isEmpty)
        for (name, access) in [("made", FileAccess.openOrCreate), ("also made", .truncate)] {
            let file = try place.files.open(place(name), access)
            #expect(try file.size() == 0)
            try file.write([1, 2], at: 0)
        }
        for access in [FileAccess.read, .readWrite, .openOrCreate] {
            #expect(try place.files.open(place("made"), access).read(at: 0, count: 9) == [1, 2])
        }
        for access in [FileAccess.readWrite, .openOrCreate, .truncate] {
            let file = try place.files.open(place("made"), access)
            try file.write([9], at: 1)
            #expect(try file.read(at: 0, count: 9) == (access == .truncate ? [0, 9] : [1, 9]))
        }
        let reader = try place.files.open(place("made"), .read)
        refuses(EBADF, "write", place("made")) { try reader.write([1], at: 0) }
        refuses(EINVAL, "truncate", place("made")) { try reader.truncate(to: 0) }
        #expect(try reader.tryLock(exclusive: true))
        try reader.sync()
        #expect(try place.contents("made") == [0, 9])
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func whatIsNotThereIsReported(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let files = place.files
        try place.make("file", [1])
        for access in [FileAccess.read, .readWrite, .openOrCreate, .truncate] {
            refuses(ENOENT, "open", place("none/file")) { _ = try files.open(place("none/file"), access) }
            refuses(ENOTDIR, "open", place("file/below")) { _ = try files.open(place("file/below"), access) }
            if access != .read { refuses(EISDIR, "open", place.root) { _ = try files.open(place.root, access) } }
        }
        refuses(ENOENT, "list", place("none")) { _ = try files.list(place("none")) }
        refuses(ENOTDIR, "list", place("file")) { _ = try files.list(place("file")) }
        refuses(ENOENT, "remove", place("none")) { try files.remove(place("none")) }
        refuses(ENOENT, "remove", place("none")) { try files.removeDirectory(place("none")) }
        refuses(ENOTDIR, "remove", place("file")) { try files.removeDirectory(place("file")) }
        refuses(ENOENT, "rename", place("none")) { try files.rename(place("none"), to: place("other")) }
        refuses(ENOENT, "rename", place("file")) { try files.rename(place("file"), to: place("none/file")) }
        refuses(ENOENT, "open", place("none")) { try files.syncDirectory(place("none")) }
        refuses(EEXIST, "create", place("file")) { try files.createDirectory(place("file")) }
        refuses(ENOTDIR, "create", place("file/below")) { try files.createDirectory(place("file/below")) }
        #expect(try files.kind(of: place("none/below")) == .absent)
        #expect(try files.kind(of: place("file/below")) == .absent)
        #expect(try files.list(place.root) == ["file"] && place.contents("file") == [1])
    }

    // MARK: Names

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func foldersAreMadeWithThoseAboveAndRemovedWhenEmpty(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let files = place.files
        try files.createDirectory(place("a/b/c"))
        try files.createDirectory(place("a/b/c"))
        try files.createDirectory(place("a/b"))
        #expect(try files.kind(of: place("a/b")) == .directory)
        #expect(try files.list(place("a")) == ["b"] && files.list(place("a/b/c")).isEmpty)
        try place.make("a/b/file")
        #expect(try files.kind(of: place("a/b/file")) == .file)
        refuses(ENOTEMPTY, "remove", place("a/b")) { try files.removeDirectory(place("a/b")) }
        #expect(throws: StoreError.self, "a folder is no file") { try files.remove(place("a/b/c")) }
        try files.removeDirectory(place("a/b/c"))
        try files.remove(place("a/b/file"))
        try files.removeDirectory(place("a/b"))
        #expect(try files.kind(of: place("a/b")) == .absent && files.list(place("a")).isEmpty)
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func namesAreKeptAsGivenAndListedInOrder(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let names = [
            "b", "a", "with space", " ", "...", "Ünïcode ✓", "日本語", "a\nb", "-rf", "10", "9", "~", "\"quoted\"",
            String(repeating: "n", count: 255),
        ]
        for name in names { try place.make(name, Array(name.utf8)) }
        #expect(try place.files.list(place.root) == names.sorted())
        for name in names { #expect(try place.contents(name) == Array(name.utf8)) }
        // More ways to the same file.
        #expect(try place.files.kind(of: place("./a")) == .file)
        #expect(try place.files.kind(of: place("/a")) == .file)
        #expect(try place.files.kind(of: place("../" + (place.root as NSString).lastPathComponent + "/a")) == .file)
    }

    #if os(Linux)
        /// A system that stores names as bytes does not know that two of them look the same.
        @Test(arguments: FileSystemUnderTest.Kind.allCases)
        func namesAreBytes(_ kind: FileSystemUnderTest.Kind) throws {
            let place = try FileSystemUnderTest(kind)
            try place.make("\u{E9}", [1])
            try place.make("e\u{301}", [2])
            #expect(try place.files.list(place.root).count == 2)
            #expect(try place.contents("\u{E9}") == [1] && place.contents("e\u{301}") == [2])
        }
    #endif

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func renamingReplacesWhatIsThere(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let files = place.files
        let old = try place.make("file", [1])
        let new = try place.make("file.tmp", [2])
        try files.rename(place("file.tmp"), to: place("file"))
        #expect(try files.list(place.root) == ["file"] && place.contents("file") == [2])
        // Both are still open, and are two files.
        #expect(try old.read(at: 0, count: 9) == [1])
        try old.write([5, 5, 5], at: 1)
        try new.write([6], at: 1)
        #expect(try old.size() == 4 && place.contents("file") == [2, 6])
        try files.rename(place("file"), to: place("file"))
        #expect(try place.contents("file") == [2, 6])
        try files.createDirectory(place("folder"))
        refuses(EISDIR, "rename", place("file")) { try files.rename(place("file"), to: place("folder")) }
        try files.rename(place("file"), to: place("folder/file"))
        #expect(try place.contents("folder/file") == [2, 6] && files.list(place.root) == ["folder"])
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func aRemovedFileStaysForWhoHasItOpen(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file", [1, 2])
        let mapped = try file.map()
        try place.files.remove(place("file"))
        #expect(try place.files.kind(of: place("file")) == .absent)
        #expect(try file.read(at: 0, count: 9) == [1, 2])
        try file.write([3], at: 2)
        try place.make("file", [9])
        #expect(try file.read(at: 0, count: 9) == [1, 2, 3] && place.contents("file") == [9])
        #expect(mapped.copy == [1, 2])
    }

    // MARK: Memory, locks, durability

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func whatIsWrittenToAMappingStaysThere(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let whole = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
        let file = try place.make("file", whole)
        let (first, second) = (try file.map(), try place.files.open(place("file"), .read).map())
        #expect(first.copy == whole)
        #expect(UInt(bitPattern: first.bytes.baseAddress) % 4096 == 0)
        for index in stride(from: 0, to: whole.count, by: 1000) { first.bytes[index] = 255 }
        #expect(try place.contents("file") == whole && second.copy == whole)
        #expect(first.copy[1000] == 255)
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func anEmptyFileIsMappedAsNothing(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        #expect(try place.make("file").map().copy.isEmpty)
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func aLockIsHeldByOneOpeningOrSharedBySome(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        try place.make("file")
        func open() throws -> any StorageFile { try place.files.open(place("file"), .read) }
        let (first, second) = (try open(), try open())
        var third: (any StorageFile)? = try open()
        #expect(try first.tryLock(exclusive: true) && first.tryLock(exclusive: true))
        #expect(try !second.tryLock(exclusive: true) && !second.tryLock(exclusive: false))
        first.unlock()
        first.unlock()
        #expect(try second.tryLock(exclusive: false) && third?.tryLock(exclusive: false) == true)
        #expect(try !first.tryLock(exclusive: true))
        second.unlock()
        #expect(try !first.tryLock(exclusive: true), "one still shares it")
        third = nil
        #expect(try first.tryLock(exclusive: true), "closing lets go")
        // From one kind to the other.
        #expect(try first.tryLock(exclusive: false) && second.tryLock(exclusive: false))
        first.unlock()
        #expect(try second.tryLock(exclusive: true) && !first.tryLock(exclusive: false))
        // The lock is the file's and not the name's.
        try place.files.rename(place("file"), to: place("other"))
        try place.make("file")
        #expect(try open().tryLock(exclusive: true))
        #expect(try !place.files.open(place("other"), .read).tryLock(exclusive: true))
        withExtendedLifetime((first, second)) {}
    }

    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func syncingChangesNothingThatIsSeen(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let file = try place.make("file", [1, 2])
        try file.sync()
        try place.files.syncDirectory(place.root)
        try place.files.syncDirectory(place.root + "/")
        try file.write([3], at: 2)
        try file.sync()
        try place.files.remove(place("file"))
        try file.sync()
        try place.files.syncDirectory(place.root)
        #expect(try file.read(at: 0, count: 9) == [1, 2, 3])
    }

    /// The files of a store hold what they hold on a disk.
    @Test(arguments: FileSystemUnderTest.Kind.allCases)
    func aStoresFilesAreReadBack(_ kind: FileSystemUnderTest.Kind) throws {
        let place = try FileSystemUnderTest(kind)
        let log = try WriteAheadLog.create(
            place("log"), collection: 1, generation: 2, first: [7], in: place.files)
        for value in 0..<100 { try log.append([UInt8](repeating: UInt8(value), count: value)) }
        try log.sync()
        var payloads: [[UInt8]] = []
        _ = try LogReader(place("log"), collection: 1, generation: 2, readOnly: false, in: place.files)
            .replay(isFollowed: false) { payload, _ in payloads.append([UInt8](payload)) }
        #expect(payloads == [[7]] + (0..<100).map { [UInt8](repeating: UInt8($0), count: $0) })
        let manifest = Manifest()
        try manifest.publish(place.root, in: place.files)
        #expect(try Manifest.read(place.root, in: place.files) == manifest)
        let lock = try StoreLock.acquire(place.root, program: "one", in: place.files)
        #expect(throws: StoreError.self) {
            try StoreLock.acquire(place.root, program: "two", in: place.files)
        }
        withExtendedLifetime(lock) {}
    }
}
