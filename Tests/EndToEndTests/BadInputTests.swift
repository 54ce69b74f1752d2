import Foundation
import TestSupport
import Testing

/// What goes wrong for users: each gets one line that says what and what to do, and nothing stored is harmed.
@Suite
struct BadInputTests {
    private let folder = TemporaryFolder()

    private var store: String { folder.path("store") }

    /// Whether this machine lets the tests make a small file system.
    private static let canMount: Bool = {
        let scratch = TemporaryFolder()
        let script = "mount -t tmpfs -o size=1m lookalike-test '\(scratch.path)' && umount '\(scratch.path)'"
        return (try? Program.run("/bin/sh", ["-c", script]).status == 0) ?? false
    }()

    /// Runs and expects exit 1 with one line on standard error that holds every word.
    private func fails(_ arguments: [String], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let run = try Program.run(arguments)
        #expect(run.status == 1, sourceLocation: sourceLocation)
        let lines = run.error.split(separator: "\n")
        #expect(lines.count == 1, "\(run.error)", sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        for word in words {
            #expect(run.error.contains(word), "\(word) in: \(run.error)", sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: [
        ["index"], ["index", "x"], ["index", "x", "--store", "a", "--server", "b:1"],
        ["index", "x", "--store", "s", "--jobs", "0"],
        ["index", "x", "--store", "s", "--jobs", "257"], ["query", "x.jpg", "--store", "s", "--count", "1000001"],
        ["index", "x", "--store", ""], ["gallery", "copy", "x.jpg", "y.jpg", "--scale", "4.1"],
        ["query", "x.jpg"], ["query", "x.jpg", "--store", "s", "--count", "0"], ["nonsense"], ["serve"],
        ["query", "x.jpg", "--store", "s", "--box", "0,0,2,1"], ["query", "x.jpg", "--server", "nowhere"],
        ["serve", "--store", "s", "--port", "65536"], ["serve", "--store", "s", "--durability", "sometimes"],
        ["gallery", "make", "d", "--per-family", "0"], ["backup", "--store", "s"], ["restore", "--store", "s"],
        ["backup", "--store", "s", "--to", "d/"], ["restore", "--store", "", "--from", "f"], ["evaluate"],
        ["model", "import", "x.onnx"], ["model", "import", "--name", "x"], ["model", "show"], ["model", "remove"],
        ["model", "import", "x.onnx", "--name", "x", "--mean", "1,2"], ["model", "list", "--store", ""],
        ["model", "import", "x.onnx", "--name", "x", "--scale", "1,0,1"],
        ["model", "import", "x.onnx", "--name", "x", "--colour-order", "GBR"],
        ["model", "import", "x.onnx", "--name", "x", "--resize", "fit"],
        ["model", "import", "x.onnx", "--name", "x", "--input-size", "7"],
        ["bench", "embed", "--precision", "bf16"], ["bench", "embed", "--threads", "0"],
        ["index", "x", "--store", "s", "--precision", "int4"],
    ])
    func wrongArgumentsAreUsage(_ arguments: [String]) throws {
        let run = try Program.run(arguments, in: folder.path)
        #expect(run.status == 64, "\(run.error)")
        #expect(run.output.isEmpty)
        #expect(run.error.contains("Usage:"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty, "nothing was made")
    }

    @Test(arguments: ["index", "query", "serve", "embed", "gallery", "backup", "restore", "evaluate", "model"])
    func everyCommandHasHelpWithExamples(_ command: String) throws {
        let run = try Program.run([command, "--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("Example"))
    }

    @Test func whatIsNotThereYetSaysSo() throws {
        try fails(["duplicates", "--store", "s"], "duplicates", "not supported yet")
        try fails(["bench", "index", "x"], "bench", "not supported yet")
        try fails(["index", folder.path, "--store", store, "--prune"], "--prune is not supported yet")
        try fails(["query", "x.jpg", "--store", store, "--collapse"], "--collapse is not supported yet")
        try fails(["query", "x.jpg", "--store", store, "--filter", ".a >"], "syntax error in FILTER expression")
        try fails(["serve", "--store", store, "--users", "f"], "--users is not supported yet")
    }

    @Test func resultsThatCannotBeWritten() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        let shell = "'\(Program.path)' index '\(folder.path("pictures"))' --store '\(store)'"
        let full = try Program.run("/bin/sh", ["-c", shell + " --json > /dev/full"])
        #expect(full.status == 1)
        #expect(full.error.contains("the results could not be written"))
        // A reader that has enough is no failure, and the run goes on without it.
        for index in 0..<40 { try folder.write("pictures/\(index).txt", [1]) }
        let head = try Program.run("/bin/sh", ["-c", "{ \(shell) --json; echo \"code $?\" >&2; } | head -n 1"])
        #expect(head.lines.count == 1)
        #expect(head.error.contains("code 0"))
    }

    @Test func outputsNeverReplaceInputs() throws {
        let names = try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        let picture = folder.path("pictures/" + names[0])
        let before = try contents(picture)
        try fails(
            ["index", folder.path("pictures"), "--store", store, "--report", picture],
            "is one of the files to be indexed")
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        try fails(["query", picture, "--store", store, "--html", picture], "is the picture itself")
        #expect(try contents(picture) == before)
    }

    @Test func anEmptyFolder() throws {
        try FileManager.default.createDirectory(atPath: folder.path("empty"), withIntermediateDirectories: true)
        try fails(
            ["index", folder.path("empty"), "--store", store], "no files in", "give a folder that holds JPEG or PNG")
        #expect(!FileManager.default.fileExists(atPath: store))
        try fails(["index", folder.path("absent"), "--store", store], "absent", "No such file or directory")
    }

    @Test func aFolderOfText() throws {
        for index in 0..<30 { try folder.write("text/\(index).txt", [UInt8]("hello".utf8)) }
        let run = try Program.run(["index", folder.path("text"), "--store", store])
        #expect(run.status == 0)
        #expect(run.error.contains("no picture found among 30 files"))
        #expect(run.error.contains("rejected 0.txt: notAnImage"))
        #expect(run.error.contains("and 10 more; --report FILE lists them all"))
        #expect(run.output.hasPrefix("0 indexed, 30 rejected of 30 files"))
    }

    @Test func picturesThatCannotBeRead() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        try fails(
            ["query", folder.path("absent.jpg"), "--store", store], "absent.jpg", "No such file", "give a JPEG or PNG")
        try folder.write("bad.jpg", [UInt8]("RIFF\0\0\0\0WEBPVP8 ".utf8))
        try fails(["query", folder.path("bad.jpg"), "--store", store], "bad.jpg", "unsupported: WebP")
        try fails(["query", folder.path, "--store", store], "not a file")
        // One line, also for a name of two.
        try folder.write("a\nb.jpg", [UInt8]("text".utf8))
        try fails(["query", folder.path("a\nb.jpg"), "--store", store], "a\\u{A}b.jpg", "notAnImage")
        try fails(["index", folder.path("no\nne"), "--store", store], "no\\u{A}ne")
        let good = folder.path("good.jpg")
        try folder.write("good.jpg", try SmallGallery.jpeg())
        try fails(["query", good, "--store", folder.path("none")], "there is no store at")
        try fails(["query", good, "--store", store, "--collection", "other"], "no collection 'other'", "it has images")
        try fails(["query", good, "--store", store, "--html", folder.path("no/such/h.html")], "cannot write")
        try fails(["query", good, "--server", "127.0.0.1:1"], "cannot connect", "lookalike serve")
        try fails(
            ["index", folder.path("pictures"), "--store", store, "--model", "none"], "no model 'none'", "baseline-v1")
        try fails(
            ["index", folder.path("pictures"), "--store", store, "--report", folder.path("no/r")],
            "cannot write the report")
    }

    /// For root nothing is forbidden: there the program runs as nobody. What to put before its path, nil when nobody
    /// may run it where it lies.
    private static let unprivileged: [String]? = {
        guard getuid() == 0 else { return [] }
        guard let setpriv = Program.find("setpriv") else { return nil }
        let command = [setpriv, "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        let probe = try? Program.run(command[0], command.dropFirst() + [Program.path, "--version"])
        return probe?.status == 0 ? command : nil
    }()

    @Test(.enabled(if: unprivileged != nil, "the program cannot be run as a user without rights here"))
    func aFileWithoutRights() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        try folder.write("pictures/secret.jpg", try SmallGallery.jpeg())
        try folder.write("pictures/locked/a.jpg", try SmallGallery.jpeg())
        chmod(folder.path, 0o777)
        chmod(folder.path("pictures/secret.jpg"), 0)
        chmod(folder.path("pictures/locked"), 0)
        defer { chmod(folder.path("pictures/locked"), 0o755) }
        let command =
            try #require(Self.unprivileged) + [Program.path]
            + ["index", folder.path("pictures"), "--store", store, "--json"]
        let run = try Program.run(command[0], Array(command.dropFirst()))
        #expect(run.status == 0, "\(run.error)")
        let objects = try run.objects()
        func reason(_ name: String) -> String? {
            objects.first { $0["path"] as? String == name }?["reason"] as? String
        }
        #expect(reason("secret.jpg") == "unreadable: Permission denied")
        #expect(reason("locked") == "unreadable: Permission denied")
        #expect(objects.last?["indexed"] as? Int == 2)
        #expect(objects.last?["rejected"] as? Int == 2)
    }

    @Test func aFolderOfAnotherProgram() throws {
        try folder.write("theirs/data.db", [1, 2, 3])
        try SmallGallery.write(into: folder, families: 1, perFamily: 1)
        try fails(
            ["index", folder.path("pictures"), "--store", folder.path("theirs")], "is not a store",
            "empty or a new folder")
        try fails(["serve", "--store", folder.path("theirs"), "--port", "0"], "is not a store")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("theirs")) == ["data.db"])
        // A file where the folder should be.
        try fails(["index", folder.path("pictures"), "--store", folder.path("theirs/data.db")], "data.db")
    }

    @Test func aSocketWithoutAServer() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 1)
        let dead = try RunningServer(store: store)
        dead.kill()
        #expect(FileManager.default.fileExists(atPath: store + "/server.sock"))
        // Somebody else holds the store now; the socket is still the dead server's.
        let holder = try #require(Program.find("flock"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: holder)
        process.arguments = [store + "/LOCK", "sleep", "60"]
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        usleep(200_000)
        try fails(["index", folder.path("pictures"), "--store", store], "in use by")
    }

    @Test func aStoreInUse() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 1)
        let server = try RunningServer(store: store)
        try fails(["serve", "--store", store, "--port", "0"], "in use by lookalike serve", "pid \(server.pid)")
        // Without its socket the server cannot be asked, and the store stays closed to others.
        try FileManager.default.removeItem(atPath: store + "/server.sock")
        try fails(
            ["index", folder.path("pictures"), "--store", store], "in use by lookalike serve", "pid \(server.pid)")
        #expect(server.stop() == 0)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
    }

    @Test func aPortInUse() throws {
        let server = try RunningServer(store: store)
        try fails(
            ["serve", "--store", folder.path("other"), "--port", "\(server.port)"],
            "cannot listen on 127.0.0.1:\(server.port)",
            "--port")
        try fails(["serve", "--store", folder.path("third"), "--host", "0.0.0.0"], "refusing to listen on 0.0.0.0")
    }

    @Test func aDamagedStoreIsReported() throws {
        try SmallGallery.write(into: folder, families: 2)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        let manifest = store + "/MANIFEST"
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: manifest)))
        bytes[bytes.count / 2] ^= 0x40
        try Data(bytes).write(to: URL(fileURLWithPath: manifest))
        try fails(["index", folder.path("pictures"), "--store", store], "MANIFEST is corrupt at byte")
    }

    /// A file system of one megabyte, where the machine lets us make one.
    @Test(.enabled(if: canMount, "no small file system can be mounted here"))
    func aFullDisk() throws {
        let small = folder.path("small")
        try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
        let mount = try Program.run(
            "/bin/sh", ["-c", "mount -t tmpfs -o size=1m lookalike-test '\(small)' 2>/dev/null"])
        try #require(mount.status == 0)
        defer { _ = try? Program.run("/bin/sh", ["-c", "umount '\(small)'"]) }
        let names = try SmallGallery.write(into: folder, families: 40, perFamily: 4, side: 256)
        let run = try Program.run(["index", folder.path("pictures"), "--store", small + "/store", "--json"])
        #expect(run.status == 1)
        #expect(run.error.contains("no space left"), "\(run.error)")
        let told = try run.objects().filter { $0["outcome"] as? String == "indexed" }.compactMap {
            $0["path"] as? String
        }
        #expect(told.count > 10 && told.count < names.count)
        // What was told is there, and searching works on the full disk.
        let query = try Program.run(
            ["query", folder.path("pictures/" + told[0]), "--store", small + "/store", "--json", "--count", "1"])
        #expect(query.status == 0, "\(query.error)")
        #expect(try query.objects().first?["element"] as? String == told[0])
        // With room again, the same command completes it.
        #expect(try Program.run("/bin/sh", ["-c", "mount -o remount,size=64m '\(small)'"]).status == 0)
        let second = try Program.run(["index", folder.path("pictures"), "--store", small + "/store", "--json"])
        let summary = try #require(try second.objects().last)
        #expect((summary["unchanged"] as? Int ?? 0) >= told.count, "\(second.error)")
        #expect((summary["unchanged"] as? Int ?? 0) + (summary["indexed"] as? Int ?? 0) == names.count)
    }
}
