import ArgumentParser
import Catalogue
import Client
import Embedding
import ImageDecoding
import JSONLines
import Presentation
import RESP
import Storage
import VectorCollections

/// `lookalike embed IMAGE...`
struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Print the vectors of pictures; nothing is stored.",
        discussion: """
            One JSON line a picture: {"path":...,"model":...,"vector":[...]}. With '-' the paths are read from standard \
            input, one a line.

            Examples:
              lookalike embed cat.jpg
              find photos -name '*.jpg' | lookalike embed - --model baseline-v1 > vectors.jsonl
            """)

    @Argument(help: ArgumentHelp("JPEG or PNG files; '-' reads paths from standard input.", valueName: "image"))
    var images: [String]

    @Option(help: ArgumentHelp("The model.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("Use the model of this store's collection.", valueName: "dir"))
    var store: String?

    @Option(help: ArgumentHelp("The collection whose model is used with --store.", valueName: "name"))
    var collection = "images"

    @Option(help: ArgumentHelp("Look only at this part: left,top,width,height as fractions.", valueName: "x,y,w,h"))
    var box: BoxArgument?

    @Flag(help: "Print JSON lines; there is no other output.")
    var json = false

    @Option(help: .hidden) var precision: String?

    func run() async throws {
        if precision != nil { throw Failure.notSupportedYet("--precision") }
        let path = try await imageEmbedder()
        let paths = try images.flatMap { $0 == "-" ? try ImageInput.lines() : [RawArguments.bytes($0)] }
        var failures = 0
        for image in paths {
            do {
                let embedded = try path.embed(try ImageInput.read(image), box: box?.box)
                var line = JSONLine()
                line.add("path", name: image)
                line.add("model", path.embedder.model.name)
                line.add("vector", embedded.vector)
                StandardStream.output.line(line)
            } catch {
                let failure =
                    (error as? DecodingError).map { Failure("\(StandardStream.readable(image)): \($0)") } ?? error
                // A single one is the command's own failure; among many it is told and passed over.
                if paths.count == 1 { throw failure }
                StandardStream.error.line("\(failure)")
                failures += 1
            }
        }
        if failures > 0, failures == paths.count {
            throw Failure("none of \(failures) files could be read: lookalike reads JPEG and PNG")
        }
    }

    /// The path to vectors of the model asked for, of the store's collection, or of the default one.
    private func imageEmbedder() async throws -> ImageEmbedder {
        let models = ModelRegistry()
        guard let store else { return try Self.imageEmbedder(models, model ?? ModelRegistry.defaultName) }
        switch try await StoreAccess.open(store, .reading) {
        case .store(let store):
            defer { try? store.close() }
            return try Catalogue(store: store, models: models)
                .imageEmbedder(for: CollectionName(collection), model: model)
        case .server(let address):
            let connection = try await ServerConnection.connect(to: address)
            let reply = try await connection.command("VMODEL", [[UInt8](collection.utf8)])
            await connection.close()
            guard case .array(let items) = reply, items.count == 2, case .bulk(let name) = items[0],
                case .bulk(let hash) = items[1]
            else { return try Self.imageEmbedder(models, model ?? ModelRegistry.defaultName) }
            let its = String(decoding: name, as: UTF8.self)
            guard let embedder = models.embedder(named: its, contentHash: String(decoding: hash, as: UTF8.self)) else {
                throw CatalogueError.missingModel(CollectionName(collection), its)
            }
            if let model, models.embedder(named: model)?.model != embedder.model {
                throw CatalogueError.otherModel(CollectionName(collection), its: its, asked: model)
            }
            return ImageEmbedder(embedder: embedder)
        }
    }

    private static func imageEmbedder(_ models: ModelRegistry, _ name: String) throws -> ImageEmbedder {
        guard let embedder = models.embedder(named: name) else {
            throw CatalogueError.unknownModel(name, known: models.names)
        }
        return ImageEmbedder(embedder: embedder)
    }
}
