import ArgumentParser
import Embedding
import JSONLines
import NeuralNetwork
import Presentation
import VectorCollections

/// `lookalike model list|show|import|remove`: the networks that pictures can be embedded with.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "List, import, show and remove the models that turn pictures into vectors.",
        discussion: """
            Models are imported into a store, or for the user when no --store is given. The user's are found with any \
            store; one that a collection is made with is copied into its store. LOOKALIKE_MODELS names the folder of \
            the user's models, if it is not to be ~/.local/share/lookalike/models.

            Examples:
              lookalike model list
              lookalike model import mobilenet.onnx --name mobilenet --store ~/pictures.store
              lookalike index ~/Pictures --store ~/pictures.store --collection m --model mobilenet --precision int8
              lookalike model show mobilenet --store ~/pictures.store
            """,
        subcommands: [List.self, Show.self, ModelImportCommand.self, Remove.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the models there are.",
            discussion: """
                Examples:
                  lookalike model list
                  lookalike model list --store ~/pictures.store --json
                """)

        @OptionGroup var place: ModelPlaceOptions

        @Flag(help: "Print a JSON line a model.")
        var json = false

        func run() throws {
            let models = ModelRegistry(store: place.store)
            var rows: [[String]] = [["name", "values", "pixels", "precision", "where", "licence"]]
            for name in try models.names() {
                let facts: ModelFacts
                do throws(ModelError) {
                    facts = try ModelFacts(name, models)
                } catch {
                    // The others are listed all the same.
                    StandardStream.error.line("\(error)")
                    continue
                }
                if json { StandardStream.output.line(facts.json) } else { rows.append(facts.cells) }
            }
            if json { return }
            let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
            for row in rows {
                let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                StandardStream.output.line(
                    String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()))
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a model is, and how its network is computed.",
            discussion: """
                For a network its plan too: layers, shapes, multiply-accumulates, weights, and which kernel runs them.

                Examples:
                  lookalike model show baseline-v1
                  lookalike model show mobilenet --store ~/pictures.store --precision int8
                """)

        @Argument(help: ArgumentHelp("The model.", valueName: "name"))
        var name: String

        @OptionGroup var place: ModelPlaceOptions

        @Option(help: ArgumentHelp("What the network computes with: f32 or int8.", valueName: "p"))
        var precision: Precision?

        @Flag(help: "Print a JSON line.")
        var json = false

        func run() throws {
            let models = ModelRegistry(store: place.store)
            let embedder = try models.embedder(named: name, precision: precision)
            let facts = try ModelFacts(name, models)
            let plan = (embedder as? NetworkEmbedder)?.network.summary
            guard json else {
                for (key, value) in facts.lines + [("hash", embedder.model.contentHash)] {
                    StandardStream.output.line(key + ":" + String(repeating: " ", count: 14 - key.count) + value)
                }
                if let plan {
                    StandardStream.output.line("\nplan in \(embedder.precision.rawValue):\n\(plan)")
                }
                return
            }
            var line = facts.json
            line.add("hash", embedder.model.contentHash)
            line.add("plan_precision", embedder.precision.rawValue)
            if let plan { line.add("plan", raw: try ModelFacts.json(of: plan)) }
            StandardStream.output.line(line)
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an imported model.",
            discussion: """
                One that a collection of the store was made with stays: drop the collection first.

                Examples:
                  lookalike model remove mobilenet
                  lookalike model remove mobilenet --store ~/pictures.store
                """)

        @Argument(help: ArgumentHelp("The model.", valueName: "name"))
        var name: String

        @OptionGroup var place: ModelPlaceOptions

        func run() throws {
            if ModelRegistry(user: nil).isBuiltIn(name) { throw ModelError.builtIn(name) }
            let folder = try place.folder()
            try folder.remove(name) {
                guard let store = place.store else { return [] }
                return try Store.inspect(store).filter { $0.configuration.model?.name == name }
                    .map { StandardStream.readable($0.name.bytes) }
            }
            StandardStream.output.line("removed \(name)")
        }
    }
}

/// Where a model is kept.
struct ModelPlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The models of this store, instead of the user's.", valueName: "dir"))
    var store: String?

    func validate() throws {
        if store?.isEmpty == true { throw ValidationError("--store needs a folder.") }
    }

    /// The folder in which models are imported and removed.
    func folder() throws -> ModelFolder {
        if let store { return .store(store) }
        guard let user = ModelFolder.user else {
            throw Failure("there is no place for the user's models: set LOOKALIKE_MODELS to a folder, or give --store")
        }
        return user
    }
}
