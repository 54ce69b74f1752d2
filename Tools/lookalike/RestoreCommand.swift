import ArgumentParser
import JSONLines
import Presentation
import VectorCollections

/// `lookalike restore --from FILE --store DIR`
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a store of a backup, and check all of it.",
        discussion: """
            DIR must be absent or empty. It becomes a store when everything in it has been checked: each checksum of \
            the backup and of the store's files, the graphs, and the thumbnails. If anything is wrong, nothing is left \
            there.

            Examples:
              lookalike restore --from nightly.lookbak --store ~/restored.store
              lookalike restore --from nightly.lookbak --store S --json
            """)

    @Option(help: ArgumentHelp("A file that `lookalike backup` has written.", valueName: "file"))
    var from: String

    @Option(help: ArgumentHelp("The folder to restore into; made if there is none.", valueName: "dir"))
    var store: String

    @Flag(help: "Put it in place even if the store was damaged when it was backed up; exits 1 all the same.")
    var keepDamaged = false

    @Flag(help: "Print a JSON line.")
    var json = false

    func validate() throws {
        if from.isEmpty { throw ValidationError("--from needs a file.") }
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
    }

    func run() async throws {
        _ = ProcessLimits.raiseOpenFiles()
        let started = ContinuousClock.now
        let report = try await Interruptible.run { [store, from, keepDamaged] isStopped in
            try Store.restore(from: from, to: store, keepDamaged: keepDamaged, isStopped: isStopped)
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        guard json else {
            StandardStream.output.line(
                "restored \(report.collections) collections, \(report.elements) elements, \(report.bytes) bytes to "
                    + "\(StandardStream.readable([UInt8](store.utf8))) in \(ProgressLine.elapsed(seconds)); all verified"
            )
            return
        }
        var line = JSONLine()
        line.add("path", store)
        line.add("collections", report.collections)
        line.add("elements", report.elements)
        line.add("bytes", Int(report.bytes))
        line.add("seconds", seconds)
        line.add("verified", true)
        StandardStream.output.line(line)
    }
}
