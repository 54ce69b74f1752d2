import ArgumentParser
import Catalogue
import Embedding
import Logging
import NeuralNetwork
import Presentation
import Server
import ServiceLifecycle
import Storage
import VectorCollections

/// `lookalike serve --store DIR`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer queries over the line protocol.",
        discussion: """
            Speaks RESP2 and RESP3, so redis-cli and every Redis client library work; pictures go in with the word \
            IMAGE. When ready it prints one line: ready resp=HOST:PORT http=HOST:PORT. SIGTERM and Ctrl-C finish what \
            was received, save and end.

            Examples:
              lookalike serve --store ~/pictures.store
              lookalike serve --store S --port 0 --durability always
              redis-cli -p 6390 -X pic VSIM images IMAGE pic COUNT 5 < cat.jpg
            """)

    @Option(help: ArgumentHelp("The store's folder; made if there is none.", valueName: "dir"))
    var store: String

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "host"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("TCP port; 0 picks a free one.", valueName: "port"))
    var port = 6390

    @Option(
        help: ArgumentHelp("What is on disk before a change is answered: always, second or none.", valueName: "when"))
    var durability = Durability.second

    @Option(
        help: ArgumentHelp("What networks compute with where a request does not say: f32 or int8.", valueName: "p"))
    var precision: Precision?

    @OptionGroup(visibility: .hidden) var later: LaterOptions

    /// Agreed options of later versions.
    struct LaterOptions: ParsableArguments {
        @Option var httpPort: Int?
        @Option var imageRoot: String?
        @Option var users: String?
        @Option var tlsCert: String?
        @Option var tlsKey: String?
        @Flag var serveOriginals = false
        @Flag var printConfig = false

        func check() throws {
            let used = [
                ("--image-root", imageRoot != nil), ("--users", users != nil), ("--tls-cert", tlsCert != nil),
                ("--tls-key", tlsKey != nil), ("--serve-originals", serveOriginals), ("--print-config", printConfig),
            ]
            if let option = used.first(where: \.1) { throw Failure.notSupportedYet(option.0) }
        }
    }

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
        if !(0...65_535).contains(port) { throw ValidationError("--port is a number from 0 to 65535.") }
    }

    func run() async throws {
        try later.check()
        // Whoever can connect can read, change and delete everything: there are no passwords yet.
        guard ["127.0.0.1", "localhost", "::1"].contains(host) || host.hasPrefix("127.") else {
            throw Failure(
                "refusing to listen on \(host): access by password is not supported yet, so only loopback addresses are "
                    + "allowed; use --host 127.0.0.1 and a tunnel")
        }
        var logger = Logger(label: "lookalike", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .notice
        StandardStream.ignoreBrokenPipes()
        var options = StoreOptions(program: "lookalike serve")
        options.durability = durability
        let store = try Store.open(self.store, options: options)

        var configuration = ServerConfiguration()
        configuration.host = host
        configuration.port = port
        configuration.socketPath = StoreSocket.path(inStore: self.store)
        // Files of the store need descriptors too, and must not have to compete with clients for them.
        configuration.maximumConnections = max(
            1, min(configuration.maximumConnections, ProcessLimits.raiseOpenFiles() - ProcessLimits.reservedFiles))
        configuration.version = Lookalike.version
        let server = LookalikeServer(
            catalogue: Catalogue(store: store, models: ModelRegistry(store: store.path, precision: precision)),
            configuration: configuration, logger: logger
        ) { host, port in
            let address = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
            StandardStream.output.line("ready resp=\(address) http=-")
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
    }
}

extension Durability: ExpressibleByArgument {}
