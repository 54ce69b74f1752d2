import ArgumentParser
import JSONLines
import Presentation
import VectorCollections

/// `lookalike backup --store DIR --to FILE`
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a store, also one in use, into one file.",
        discussion: """
            The copy is consistent, and nobody who uses the store meanwhile is disturbed: each collection is as it was \
            at one moment, with all that had been acknowledged when the backup began. FILE appears when it is whole; \
            until then it is FILE.partial.

            Examples:
              lookalike backup --store ~/pictures.store --to /mnt/disk/pictures.lookbak
              lookalike backup --store S --to nightly.lookbak --force --json
              lookalike restore --from nightly.lookbak --store S2
            """)

    @Option(help: ArgumentHelp("The store's folder.", valueName: "dir"))
    var store: String

    @Option(help: ArgumentHelp("The file to write; not in the store's folder.", valueName: "file"))
    var to: String

    @Flag(help: "Replace FILE if it exists, when the new backup is whole.")
    var force = false

    @Flag(help: "Print a JSON line.")
    var json = false

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
        if to.isEmpty || to.hasSuffix("/") { throw ValidationError("--to needs the name of a file.") }
    }

    func run() async throws {
        _ = ProcessLimits.raiseOpenFiles()
        let started = ContinuousClock.now
        let report = try await Interruptible.run { [store, to, force] isStopped in
            try Store.backup(store, to: to, replacing: force, isStopped: isStopped)
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        guard json else {
            StandardStream.output.line(
                "backed up \(report.collections) collections, \(report.files) files, \(report.bytes) bytes to "
                    + "\(StandardStream.readable([UInt8](to.utf8))) in \(ProgressLine.elapsed(seconds))")
            return
        }
        var line = JSONLine()
        line.add("path", to)
        line.add("collections", report.collections)
        line.add("files", report.files)
        line.add("bytes", Int(report.bytes))
        line.add("seconds", seconds)
        StandardStream.output.line(line)
    }
}
