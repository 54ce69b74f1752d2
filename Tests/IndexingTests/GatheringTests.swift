import Foundation
import Indexing
import TestSupport
import Testing

@Suite("Walking folders")
struct GatheringTests {
    private let folder = TemporaryFolder()

    private func names(_ gathering: Gathering) -> [String] {
        gathering.files.map { String(decoding: $0.name, as: UTF8.self) }
    }

    private func passedOver(_ gathering: Gathering) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: gathering.passedOver.map {
                (String(decoding: $0.name, as: UTF8.self), "\($0.outcome.rawValue) \($0.reason ?? "")")
            })
    }

    @Test func namesAreRelativeAndSorted() throws {
        for name in ["b/2.jpg", "b/1.jpg", "a.png", "c/d/e/f.jpg", ".hidden.jpg"] { try folder.write("p/" + name, [1]) }
        let gathering = try Gathering([folder.path("p")])
        #expect(names(gathering) == [".hidden.jpg", "a.png", "b/1.jpg", "b/2.jpg", "c/d/e/f.jpg"])
        #expect(gathering.files.allSatisfy { $0.bytes == 1 && $0.modified > 0 })
        #expect(String(decoding: gathering.files[1].path, as: UTF8.self) == folder.path("p/a.png"))
        #expect(gathering.notice == nil)
        // The same whichever way the folder is written.
        #expect(names(try Gathering([folder.path("p") + "/../p/"])) == names(gathering))
    }

    @Test func aFileIsItsFileName() throws {
        try folder.write("p/x/one.jpg", [1])
        #expect(names(try Gathering([folder.path("p/x/one.jpg")])) == ["one.jpg"])
    }

    @Test func aLinkGivenKeepsItsName() throws {
        try folder.write("p/one.jpg", [1])
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("link.jpg"), withDestinationPath: folder.path("p/one.jpg"))
        #expect(names(try Gathering([folder.path("link.jpg")])) == ["link.jpg"])
    }

    @Test func aPrefixMayCollideToo() throws {
        for name in ["x/one/1.jpg", "y/two/1.jpg", "z/one/1.jpg"] { try folder.write(name, [1]) }
        let gathering = try Gathering([folder.path("x/one"), folder.path("y/two"), folder.path("z")])
        #expect(names(gathering).count == 3)
        #expect(Set(names(gathering)).count == 3, "\(names(gathering))")
    }

    @Test func missingPathsAreNamed() {
        #expect(throws: WalkError.self) { try Gathering([folder.path("absent")]) }
    }

    @Test func whatIsNoFileIsSkippedWithItsReason() throws {
        try folder.write("p/real/a.jpg", [1])
        let path = folder.path("p")
        mkfifo(path + "/pipe", 0o600)
        for (target, link) in [
            ("real", "to-real"), ("nowhere", "dangling"), (".", "to-itself-above"), ("self", "self"),
            ("real/a.jpg", "to-file.jpg"), ("../../..", "real/to-above"), ("/dev/null", "null"),
        ] {
            try FileManager.default.createSymbolicLink(atPath: path + "/" + link, withDestinationPath: target)
        }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Bound under a short name: the socket must lie in the folder.
        let socketPath = path + "/s"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8.prefix(107)) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)

        // `to-above` leads out of the folder, which is followed; it must end.
        try FileManager.default.removeItem(atPath: path + "/real/to-above")
        let gathering = try Gathering([path])
        #expect(names(gathering) == ["real/a.jpg", "to-file.jpg"])
        let over = passedOver(gathering)
        #expect(over["pipe"] == "skipped fifo")
        #expect(over["s"] == "skipped socket")
        #expect(over["null"] == "skipped device")
        #expect(over["dangling"] == "skipped dangling link")
        #expect(over["self"] == "skipped loop: the link leads to itself")
        #expect(over["to-real"]?.hasPrefix("skipped loop") == true)
        #expect(over["to-itself-above"]?.hasPrefix("skipped loop") == true)
        #expect(over.count == 7)
    }

    @Test func linkedFoldersElsewhereAreFollowedOnce() throws {
        try folder.write("p/a.jpg", [1])
        try folder.write("other/b.jpg", [1])
        for link in ["one", "two"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path("p/" + link), withDestinationPath: folder.path("other"))
        }
        let gathering = try Gathering([folder.path("p")])
        #expect(gathering.files.count == 2)
        #expect(gathering.passedOver.count == 1)
    }

    @Test func namesThatAreNotUTF8Stay() throws {
        let name: [UInt8] = [0xFF, 0xFE, 0x2E, 0x6A]
        try folder.write("p/x", [1])
        let raw = Array(folder.path("p/").utf8) + name + [0]
        let descriptor = raw.withUnsafeBytes { bytes in
            open(bytes.assumingMemoryBound(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
        }
        #expect(descriptor >= 0)
        close(descriptor)
        let gathering = try Gathering([folder.path("p")])
        #expect(gathering.files.map(\.name).contains(name))
    }

    @Test func collidingFoldersPutTheirNameInFront() throws {
        for name in ["x/one/1.jpg", "x/one/2.jpg", "y/two/1.jpg", "z/three/3.jpg"] { try folder.write(name, [1]) }
        let gathering = try Gathering([folder.path("x/one"), folder.path("y/two"), folder.path("z/three")])
        #expect(names(gathering) == ["one/1.jpg", "one/2.jpg", "two/1.jpg", "3.jpg"])
        #expect(gathering.notice?.contains("one/...") == true)
        // Folders of one name are told apart by what is above them.
        try folder.write("v/same/1.jpg", [1])
        try folder.write("w/same/1.jpg", [1])
        #expect(
            names(try Gathering([folder.path("v/same"), folder.path("w/same")])) == ["v/same/1.jpg", "w/same/1.jpg"])
        // The same folder twice is one folder.
        #expect(names(try Gathering([folder.path("x/one"), folder.path("x/../x/one")])) == ["1.jpg", "2.jpg"])
        // Files of one folder, and the folder itself.
        #expect(
            names(try Gathering([folder.path("x/one/2.jpg"), folder.path("x/one/1.jpg"), folder.path("x/one/1.jpg")]))
                == ["1.jpg", "2.jpg"])
    }

    @Test func theStoreItselfIsLeftOut() throws {
        try folder.write("p/a.jpg", [1])
        try folder.write("p/store/MANIFEST", [1])
        let gathering = try Gathering([folder.path("p")], ignoring: [folder.path("p/store")])
        #expect(names(gathering) == ["a.jpg"])
        #expect(passedOver(gathering) == ["store": "skipped the store itself"])
    }
}
