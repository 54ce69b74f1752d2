import ArgumentParser
import Embedding
import JSONLines
import Presentation
import VectorCollections

/// `lookalike verify --store DIR`
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read all of a store and check it.",
        discussion: """
            Checks every checksum of every file, every invariant of the graphs (that each vector can be reached among \
            them: unreachable is how many cannot), that names, vectors and attributes belong together, every \
            thumbnail, and the files of imported models. Nothing is changed, and nobody who uses the store is disturbed. Ends with exit code 1 if \
            anything is wrong.

            Examples:
              lookalike verify --store ~/pictures.store
              lookalike verify --store S --json
              lookalike repair --store S
            """)

    @Option(help: ArgumentHelp("The store's folder.", valueName: "dir"))
    var store: String

    @Flag(help: "Print JSON lines.")
    var json = false

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let found = try await Interruptible.run { [store] isStopped in try Store.verify(store, isStopped: isStopped) }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        for collection in found { tell(collection) }
        let elements = found.reduce(0) { $0 + $1.elements }
        let unreachable = found.reduce(0) { $0 + $1.unreachable }
        let models = try modelFaults()
        let faults = found.reduce(0) { $0 + $1.faults.count } + models
        if json {
            var line = JSONLine()
            line.add("summary", true)
            line.add("collections", found.count)
            line.add("elements", elements)
            line.add("unreachable", unreachable)
            line.add("faults", faults)
            line.add("seconds", seconds)
            StandardStream.output.line(line)
        } else {
            StandardStream.output.line(
                "\(found.count) collections, \(elements) elements, unreachable \(unreachable), faults \(faults), "
                    + "in \(ProgressLine.elapsed(seconds))")
        }
        if faults > 0 {
            throw Failure(
                "the store is damaged (\(faults) faults): restore it from a backup, or run `lookalike repair`")
        }
    }

    /// Checks the imported models; how many are damaged.
    private func modelFaults() throws -> Int {
        let folder = ModelFolder.store(store)
        var faults = 0
        for name in try folder.names() {
            let fault = folder.fault(of: name)
            if fault != nil { faults += 1 }
            if json {
                var line = JSONLine()
                line.add("model", name)
                line.add("faults", raw: fault.map { "[" + JSONLine.quoted($0.description) + "]" } ?? "[]")
                StandardStream.output.line(line)
            } else {
                StandardStream.output.line(
                    "model \(name): \(fault.map { StandardStream.readable([UInt8]($0.description.utf8)) } ?? "sound")")
            }
        }
        return faults
    }

    private func tell(_ collection: CollectionVerification) {
        guard json else {
            StandardStream.output.line(
                "\(StandardStream.readable(collection.name.bytes)): \(collection.elements) elements, "
                    + "unreachable \(collection.unreachable)")
            for fault in collection.faults {
                StandardStream.output.line("  \(StandardStream.readable([UInt8](fault.utf8)))")
            }
            return
        }
        var line = JSONLine()
        line.add("collection", name: collection.name.bytes)
        line.add("elements", collection.elements)
        line.add("unreachable", collection.unreachable)
        line.add("faults", raw: "[" + collection.faults.map(JSONLine.quoted).joined(separator: ",") + "]")
        StandardStream.output.line(line)
    }
}
