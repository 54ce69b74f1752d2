import Foundation
import Storage
import TestSupport
import Testing

/// What the file system in memory has beyond the others; `FileSystemConformanceTests` has the rest.
@Suite struct MemoryFileSystemTests {
    private func make(_ files: MemoryFileSystem, _ path: String, _ count: Int) throws -> any StorageFile {
        let file = try files.open(path, .truncate)
        try file.write([UInt8](repeating: 1, count: count), at: 0)
        return file
    }

    @Test func whatDoesNotFitIsRefusedAsAWhole() throws {
        let files = MemoryFileSystem(capacity: 100)
        let file = try make(files, "/a", 60)
        #expect(throws: StoreError.noSpace(path: "/a")) { try file.write([UInt8](repeating: 2, count: 90), at: 11) }
        #expect(try file.read(at: 0, count: 999) == [UInt8](repeating: 1, count: 60), "nothing of it is written")
        try file.write([UInt8](repeating: 2, count: 89), at: 11)
        #expect(files.bytesInUse == 100)
        try file.write([UInt8](repeating: 3, count: 100), at: 0)
        let other = try files.open("/b", .openOrCreate)
        #expect(throws: StoreError.noSpace(path: "/b")) { try other.write([1], at: 0) }
        #expect(throws: StoreError.noSpace(path: "/b")) { try other.truncate(to: 1) }
        try other.write([], at: 5)
        try file.truncate(to: 99)
        try other.truncate(to: 1)
        #expect(throws: StoreError.noSpace(path: "/a")) { try file.write([1], at: 99) }
        files.capacity = 10
        #expect(throws: StoreError.noSpace(path: "/a")) { try file.truncate(to: 100) }
        try file.write([4], at: 98)
        files.capacity = nil
        try file.truncate(to: 1 << 50)
        #expect(files.bytesInUse == 1 << 50 + 1)
        #expect(throws: StoreError.noSpace(path: "/b")) { try other.truncate(to: UInt64(Int64.max)) }
    }

    @Test func spaceIsFreeAgainWhenNobodyHasTheFileOpen() throws {
        let files = MemoryFileSystem()
        var file: (any StorageFile)? = try make(files, "/a", 60)
        let other = try make(files, "/b", 5)
        try files.remove("/a")
        #expect(files.bytesInUse == 65)
        #expect(try file?.size() == 60)
        file = nil
        #expect(files.bytesInUse == 5)
        _ = try make(files, "/c", 7)
        try files.rename("/c", to: "/b")
        #expect(files.bytesInUse == 12)
        #expect(try other.size() == 5 && files.list("/") == ["b"])
        _ = try files.open("/b", .truncate)
        #expect(files.bytesInUse == 5)
    }

    @Test func aReadOnlySystemRefusesEveryChange() throws {
        let files = MemoryFileSystem()
        let file = try make(files, "/folder-less", 3)
        try files.createDirectory("/folder/below")
        files.isReadOnly = true
        let changes: [(String, () throws -> Void)] = [
            ("/folder-less", { try file.write([1], at: 0) }),
            ("/folder-less", { try file.truncate(to: 3) }),
            ("/folder-less", { _ = try files.open("/folder-less", .readWrite) }),
            ("/folder-less", { _ = try files.open("/folder-less", .openOrCreate) }),
            ("/folder-less", { _ = try files.open("/folder-less", .truncate) }),
            ("/new", { _ = try files.open("/new", .openOrCreate) }),
            ("/new-folder", { try files.createDirectory("/new-folder") }),
            ("/folder-less", { try files.remove("/folder-less") }),
            ("/folder/below", { try files.removeDirectory("/folder/below") }),
            ("/folder-less", { try files.rename("/folder-less", to: "/new") }),
        ]
        for (path, change) in changes { #expect(throws: StoreError.readOnly(path: path)) { try change() } }
        refuses(ENOENT, "open", "/new") { _ = try files.open("/new", .readWrite) }
        let reader = try files.open("/folder-less", .read)
        #expect(try reader.read(at: 0, count: 9) == [1, 1, 1] && reader.map().copy.count == 3)
        #expect(try reader.tryLock(exclusive: false))
        try file.sync()
        try files.syncDirectory("/")
        try files.createDirectory("/folder")
        #expect(try files.list("/") == ["folder", "folder-less"])
        files.isReadOnly = false
        for (_, change) in changes.dropLast(3) { try change() }
    }

    @Test func aMappingIsOfTheMomentItIsMade() throws {
        let files = MemoryFileSystem()
        let file = try make(files, "/a", 100_000)
        let mapped = try file.map()
        try file.write([9], at: 70_000)
        try file.truncate(to: 70_001)
        #expect(mapped.copy == [UInt8](repeating: 1, count: 100_000))
        #expect(try file.map().copy.last == 9)
    }

    @Test func everyPathBeginsAtTheRoot() throws {
        let files = MemoryFileSystem()
        try files.createDirectory("a/b")
        _ = try make(files, "a/b/file", 2)
        for path in ["/a/b/file", "a//b/./file", "/a/../a/b/file", "/../a/b/file", "/a/b/../b/file"] {
            #expect(try files.open(path, .read).size() == 2, "\(path)")
        }
        #expect(try files.kind(of: "/") == .directory && files.list("/") == ["a"])
        refuses(ENOENT, "open", "/none/../a/b/file") { _ = try files.open("/none/../a/b/file", .read) }
        refuses(ENOENT, "open", "") { _ = try files.open("", .read) }
        refuses(EBUSY, "remove", "/") { try files.removeDirectory("/") }
        refuses(EBUSY, "remove", "/a/b/..") { try files.removeDirectory("/a/b/..") }
    }

    @Test func foldersAreRenamedWithAllThatIsInThem() throws {
        let files = MemoryFileSystem()
        try files.createDirectory("/a/b")
        try files.createDirectory("/empty")
        let file = try make(files, "/a/b/file", 2)
        refuses(EINVAL, "rename", "/a") { try files.rename("/a", to: "/a/b/c") }
        _ = try make(files, "/plain", 1)
        refuses(ENOTDIR, "rename", "/a") { try files.rename("/a", to: "/plain") }
        try files.remove("/plain")
        refuses(ENOTEMPTY, "rename", "/empty") { try files.rename("/empty", to: "/a") }
        try files.rename("/a", to: "/empty")
        #expect(try files.list("/") == ["empty"] && files.list("/empty/b") == ["file"])
        try file.write([5], at: 0)
        #expect(try files.open("/empty/b/file", .read).read(at: 0, count: 9) == [5, 1])
    }
}
