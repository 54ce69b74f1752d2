import ArgumentParser
import JSONLines
import Presentation
import VectorCollections

/// `lookalike repair --store DIR`
struct RepairCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Save what can be saved of a damaged store.",
        discussion: """
            Every element and every change whose checksums hold is kept, the graph of a damaged collection is built \
            anew, and what was lost is listed. Damaged files are put into the folder `damaged` within the store. \
            Collections that are sound are left as they are. A backup, if there is one, is better.

            Examples:
              lookalike verify --store S || lookalike repair --store S
              lookalike repair --store S --json
            """)

    @Option(help: ArgumentHelp("The store's folder.", valueName: "dir"))
    var store: String

    @Flag(help: "Print JSON lines.")
    var json = false

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
    }

    func run() async throws {
        _ = ProcessLimits.raiseOpenFiles()
        let found = try await Interruptible.run { [store] isStopped in try Store.repair(store, isStopped: isStopped) }
        for repair in found {
            if json { tellJSON(repair) } else { tell(repair) }
        }
        let damaged = found.filter(\.wasDamaged)
        let lost = damaged.reduce(0) { $0 + $1.lost.count + $1.lostWithoutName }
        guard json else {
            return StandardStream.output.line(
                "\(found.count) collections, \(damaged.count) repaired, \(lost) elements lost")
        }
        var line = JSONLine()
        line.add("summary", true)
        line.add("collections", found.count)
        line.add("repaired", damaged.count)
        line.add("lost", lost)
        StandardStream.output.line(line)
    }

    private func tell(_ repair: CollectionRepair) {
        let name = StandardStream.readable(repair.name.bytes)
        guard repair.wasDamaged else {
            return StandardStream.output.line("\(name): sound, \(repair.elements) elements")
        }
        StandardStream.output.line(
            "\(name): repaired, \(repair.elements) elements saved, \(repair.lost.count + repair.lostWithoutName) lost; "
                + "the damaged files are in \(repair.keptIn ?? "")")
        for lost in repair.lost { StandardStream.output.line("  lost: \(StandardStream.readable(lost.bytes))") }
        if repair.lostWithoutName > 0 {
            StandardStream.output.line("  lost without a name: \(repair.lostWithoutName)")
        }
        for note in repair.notes { StandardStream.output.line("  \(StandardStream.readable([UInt8](note.utf8)))") }
    }

    private func tellJSON(_ repair: CollectionRepair) {
        var line = JSONLine()
        line.add("collection", name: repair.name.bytes)
        line.add("damaged", repair.wasDamaged)
        line.add("elements", repair.elements)
        let lost = repair.lost.map { JSONLine.quoted(String(decoding: $0.bytes, as: UTF8.self)) }
        line.add("lost", raw: "[" + lost.joined(separator: ",") + "]")
        line.add("lost_without_name", repair.lostWithoutName)
        line.add("notes", raw: "[" + repair.notes.map(JSONLine.quoted).joined(separator: ",") + "]")
        if let kept = repair.keptIn { line.add("kept_in", kept) }
        StandardStream.output.line(line)
    }
}
