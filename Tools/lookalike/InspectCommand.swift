import ArgumentParser
import Embedding
import JSONLines
import Presentation
import VectorCollections

/// `lookalike inspect --store DIR`
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a store holds, and where the bytes are.",
        discussion: """
            For each collection its configuration, its elements as of the last snapshot, and its files with their \
            sections; then the imported models. Reads the beginnings of files only, so it takes no time, also beside a server.

            Examples:
              lookalike inspect --store ~/pictures.store
              lookalike inspect --store S --json
            """)

    @Option(help: ArgumentHelp("The store's folder.", valueName: "dir"))
    var store: String

    @Flag(help: "Print JSON lines.")
    var json = false

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
    }

    func run() throws {
        let found = try Store.inspect(store)
        for collection in found {
            if json { tellJSON(collection) } else { tell(collection) }
        }
        let models = try tellModels()
        let bytes = found.reduce(0) { $0 + Int($1.bytes) } + models.bytes
        guard json else {
            return StandardStream.output.line(
                "\(found.count) collections, " + (models.count > 0 ? "\(models.count) models, " : "") + "\(bytes) bytes"
            )
        }
        var line = JSONLine()
        line.add("summary", true)
        line.add("collections", found.count)
        line.add("elements", found.reduce(0) { $0 + $1.elements })
        line.add("models", models.count)
        line.add("bytes", bytes)
        StandardStream.output.line(line)
    }

    /// Tells of the imported models: how many there are, and the bytes of their files.
    private func tellModels() throws -> (count: Int, bytes: Int) {
        let folder = ModelFolder.store(store)
        let names = try folder.names()
        var sum = 0
        for name in names {
            let bytes = try folder.bytes(of: name)
            sum += bytes
            if json {
                var line = JSONLine()
                line.add("model", name)
                line.add("path", "models/\(name)")
                line.add("bytes", bytes)
                StandardStream.output.line(line)
            } else {
                StandardStream.output.line("model \(name): \(bytes) bytes")
            }
        }
        return (names.count, sum)
    }

    private func perElement(_ bytes: UInt64, _ collection: CollectionInspection) -> String {
        guard collection.elements > 0 else { return "" }
        return ", \((Double(bytes) / Double(collection.elements) * 10).rounded() / 10) an element"
    }

    private func tell(_ collection: CollectionInspection) {
        let configuration = collection.configuration
        StandardStream.output.line(
            "\(StandardStream.readable(collection.name.bytes)): \(collection.elements) elements in snapshot "
                + "\(collection.generation), \(collection.withAttributes) with attributes; \(collection.bytes) bytes"
                + perElement(collection.bytes, collection))
        StandardStream.output.line(
            "  \(configuration.dimension) values, \(configuration.metric.rawValue), "
                + "\(configuration.quantization.rawValue), m \(configuration.parameters.m), efConstruction "
                + "\(configuration.parameters.efConstruction)"
                + (collection.efSearch.map { ", efSearch \($0)" } ?? "")
                + (configuration.model.map { ", model \($0.name) \($0.contentHash.prefix(12))" } ?? ""))
        for file in collection.files {
            StandardStream.output.line("  \(file.path): \(file.bytes) bytes")
            for section in file.sections where section.bytes > 0 {
                StandardStream.output.line(
                    "    \(section.name): \(section.bytes)\(perElement(section.bytes, collection))")
            }
        }
        if collection.thumbnailBytes > 0 {
            StandardStream.output.line("  thumbnails in use: \(collection.thumbnailBytes) bytes")
        }
    }

    private func tellJSON(_ collection: CollectionInspection) {
        let configuration = collection.configuration
        var line = JSONLine()
        line.add("collection", name: collection.name.bytes)
        line.add("elements", collection.elements)
        line.add("with_attributes", collection.withAttributes)
        line.add("dim", configuration.dimension)
        line.add("metric", configuration.metric.rawValue)
        line.add("quantization", configuration.quantization.rawValue)
        line.add("m", configuration.parameters.m)
        line.add("ef_construction", configuration.parameters.efConstruction)
        if let ef = collection.efSearch { line.add("ef_search", ef) }
        if let model = configuration.model {
            line.add("model", model.name)
            line.add("model_hash", model.contentHash)
        }
        line.add("generation", Int(collection.generation))
        line.add("bytes", Int(collection.bytes))
        line.add("log_bytes", Int(collection.logBytes))
        line.add("thumbnail_bytes", Int(collection.thumbnailBytes))
        let files = collection.files.map { file in
            var object = JSONLine()
            object.add("path", file.path)
            object.add("bytes", Int(file.bytes))
            if !file.sections.isEmpty {
                var sections = JSONLine()
                for section in file.sections { sections.add(section.name, Int(section.bytes)) }
                object.add("sections", raw: sections.description)
            }
            return object.description
        }
        line.add("files", raw: "[" + files.joined(separator: ",") + "]")
        StandardStream.output.line(line)
    }
}
