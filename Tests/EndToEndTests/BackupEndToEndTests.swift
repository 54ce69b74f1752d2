import Foundation
import TestSupport
import Testing

/// `lookalike backup` and `lookalike restore` as users run them.
@Suite
struct BackupEndToEndTests {
    private let folder = TemporaryFolder()

    private func query(_ image: String, _ store: String) throws -> String {
        let run = try Program.run([
            "query", folder.path("pictures/" + image), "--store", store, "--json", "--count", "20",
        ])
        #expect(run.status == 0, "\(run.error)")
        return run.output
    }

    /// Runs and expects exit 1 with one line on standard error that holds every word.
    private func fails(_ arguments: [String], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let run = try Program.run(arguments)
        #expect(run.status == 1, sourceLocation: sourceLocation)
        #expect(run.error.split(separator: "\n").count == 1, "\(run.error)", sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        for word in words {
            #expect(run.error.contains(word), "\(word) in: \(run.error)", sourceLocation: sourceLocation)
        }
    }

    @Test func besideARunningServer() throws {
        let names = try SmallGallery.write(into: folder)
        let (store, file, copy) = (folder.path("store"), folder.path("b.lookbak"), folder.path("copy"))
        let server = try RunningServer(store: store)
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        let before = try query(names[3], store)
        let backup = try Program.run(["backup", "--store", store, "--to", file, "--json"])
        #expect(backup.status == 0, "\(backup.error)")
        #expect(backup.error.isEmpty)
        let made = try #require(try backup.objects().first)
        #expect(made["collections"] as? Int == 1)
        #expect(made["bytes"] as? Int == (try contents(file)).count)
        #expect(made["seconds"] is Double)
        // Into the store that the server holds: no.
        try fails(
            ["restore", "--from", file, "--store", store], "in use by lookalike serve", "pid \(server.pid)")
        #expect(try query(names[3], store) == before, "the server goes on")

        let restore = try Program.run(["restore", "--from", file, "--store", copy, "--json"])
        #expect(restore.status == 0, "\(restore.error)")
        let restored = try #require(try restore.objects().first)
        #expect(restored["collections"] as? Int == 1)
        #expect(restored["elements"] as? Int == names.count)
        #expect(restored["verified"] as? Bool == true)
        for name in names { #expect(try query(name, copy) == (try query(name, store))) }
        // The copy serves too, beside the first.
        let second = try RunningServer(store: copy)
        #expect(try query(names[3], copy) == before)
        #expect(second.stop() == 0)
        #expect(server.stop() == 0)

        // Without a server it works the same.
        try fails(["backup", "--store", store, "--to", file], "exists; give another name or --force")
        let text = try Program.run(["backup", "--store", store, "--to", file, "--force"])
        #expect(text.status == 0, "\(text.error)")
        #expect(text.output.hasPrefix("backed up 1 collections, "))
        let again = try Program.run(["restore", "--from", file, "--store", folder.path("third")])
        #expect(again.output.hasPrefix("restored 1 collections, \(names.count) elements, "), "\(again.error)")
        #expect(try query(names[3], folder.path("third")) == before)
        try fails(["restore", "--from", file, "--store", store], "holds a store already")
    }

    @Test func whatCannotBeDone() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        let (store, file) = (folder.path("store"), folder.path("b"))
        try fails(["backup", "--store", store, "--to", file], "there is no store at")
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        try fails(["backup", "--store", store, "--to", store + "/b"], "lies in the store's own folder")
        try fails(
            ["backup", "--store", store, "--to", folder.path("no/b")], "cannot find", "No such file or directory")
        try fails(["backup", "--store", store, "--to", "/dev/null"], "is not a file")
        try fails(["restore", "--from", file, "--store", folder.path("new")], "cannot open", "No such file")
        #expect(try Program.run(["backup", "--store", store, "--to", file]).status == 0)
        var bytes = try contents(file)
        bytes[bytes.count / 2] ^= 1
        try write(bytes, to: file)
        try fails(["restore", "--from", file, "--store", folder.path("new")], "b is no sound backup: at byte")
        try write(Array(bytes.dropLast(10)), to: file)
        try fails(["restore", "--from", file, "--store", folder.path("new")], "it is not complete")
        try fails(["restore", "--from", folder.path("pictures"), "--store", folder.path("new")], "is not a file")
        #expect(!FileManager.default.fileExists(atPath: folder.path("new")))
        try fails(["restore", "--from", file, "--store", folder.path("pictures")])
    }

    /// Neither leaves anything behind when it is stopped: with a store of many files, so that there is time for it.
    @Test func controlCRemovesWhatWasBegun() throws {
        try SmallGallery.write(into: folder, families: 1, perFamily: 2)
        let (store, file) = (folder.path("store"), folder.path("b"))
        #expect(try Program.run(["index", folder.path("pictures"), "--store", store]).status == 0)
        // Garbage at the end of the thumbnails is part of a store; this much takes a while to copy.
        let thumbnails = try #require(FolderContents.files(below: store).first { $0.contains("thumbnails") })
        let handle = try #require(FileHandle(forWritingAtPath: store + "/" + thumbnails))
        try handle.truncate(atOffset: 400 << 20)
        try handle.close()
        func stop(_ arguments: [String], when isUnderWay: () -> Bool) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = arguments
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            while process.isRunning, !isUnderWay() { usleep(300) }
            kill(process.processIdentifier, SIGINT)
            process.waitUntilExit()
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
        func size(_ path: String) -> Int {
            (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        }
        #expect(try stop(["backup", "--store", store, "--to", file]) { size(file + ".partial") > 1 << 20 } == 1)
        #expect(!FileManager.default.fileExists(atPath: file + ".partial"))
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(try Program.run(["backup", "--store", store, "--to", file]).status == 0)
        let copy = folder.path("copy")
        #expect(
            try stop(["restore", "--from", file, "--store", copy]) { size(copy + "/restoring/" + thumbnails) > 1 << 20 }
                == 1)
        #expect(!FileManager.default.fileExists(atPath: copy))
        #expect(try Program.run(["restore", "--from", file, "--store", copy]).status == 0)
    }
}
