import Catalogue
import Client
import ImageDecoding
import NeuralNetwork
import RESP
import VectorCollections

/// Indexes through a running server, which decodes and embeds; here only the file's header is read, so a file of which
/// the end is missing is indexed without the mark that it gets in a store opened here.
public final class ServerTarget: IndexTarget {
    private let connections: [ServerConnection]
    private let collection: [UInt8]
    private let options: [[UInt8]]
    private let decoder = ImageDecoder()
    /// Enough to keep every connection busy while files are read.
    public var width: Int { connections.count * 2 }

    /// Tries when the server is busy, and the first pause between them; each further pause is twice as long.
    private static let tries = 10
    private static let firstPause = Duration.milliseconds(20)

    /// Connects `jobs` times.
    /// - Parameters:
    ///   - model: the model asked for, one of the server's; the collection must have it, or is made with it.
    ///   - precision: likewise what it is to compute with.
    public init(
        _ address: ServerAddress, collection: [UInt8], model: String?, precision: Precision? = nil, jobs: Int
    ) async throws {
        var connections: [ServerConnection] = []
        for _ in 0..<max(1, jobs) { connections.append(try await ServerConnection.connect(to: address)) }
        self.connections = connections
        self.collection = collection
        var options = try await Self.options(connections[0], collection)
        try await ServerModels.check(model, precision, connections[0], collection)
        // Words for a collection that is not there yet; the server compares them with one that is.
        if let model { options += [[UInt8]("MODEL".utf8), [UInt8](model.utf8)] }
        if let precision { options += ["PRECISION", precision.rawValue].map { [UInt8]($0.utf8) } }
        self.options = options
    }

    /// The words that VADD repeats for a collection that is not made with the defaults.
    private static func options(_ connection: ServerConnection, _ collection: [UInt8]) async throws -> [[UInt8]] {
        guard case .array(let items) = try await connection.command("VINFO", [collection]) else { return [] }
        var options: [[UInt8]] = []
        for (key, value) in zip(items, items.dropFirst()) {
            if key == .simple("quant-type"), value == .simple("f32") { options.append([UInt8]("NOQUANT".utf8)) }
            if key == .simple("hnsw-m"), case .integer(let m) = value {
                options += ["M", "\(m)"].map { [UInt8]($0.utf8) }
            }
        }
        return options
    }

    private func connection(for name: [UInt8]) -> ServerConnection {
        // Any spread will do; the same element always takes the same way.
        connections[Int(name.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) } % UInt32(connections.count))]
    }

    /// Asks the server.
    public func attributes(of name: [UInt8]) async throws -> [UInt8]? {
        switch try await send([[UInt8]("VGETATTR".utf8), collection, name], for: name) {
        case .bulk(let bytes): return bytes
        case .error(let text): throw ClientError.refused(text)
        default: return nil
        }
    }

    /// Sends the file; waits and tries again while the server is busy.
    public func add(_ file: FoundFile, contents: [UInt8], former: [UInt8]?) async throws -> AddResult {
        let facts: ImageFacts
        do {
            facts = try decoder.facts(of: contents)
        } catch {
            return .rejected(error.reason)
        }
        let attributes = ImageAttributes.json(of: file, facts, isTruncated: false, keeping: former)
        let words =
            [
                [UInt8]("VADD".utf8), collection, [UInt8]("IMAGE".utf8), contents, file.name, [UInt8]("SETATTR".utf8),
                attributes,
            ]
            + options
        switch try await send(words, for: file.name) {
        case .integer, .boolean: return .indexed(note: nil)
        case .error(let text) where text.hasPrefix("IMAGE "): return .rejected(String(text.dropFirst(6)))
        case .error(let text): throw ClientError.refused("\(String(decoding: file.name, as: UTF8.self)): \(text)")
        default: throw ClientError.unexpectedReply(command: "VADD")
        }
    }

    /// The reply to a command; one that the server is too busy for is sent again after a pause.
    private func send(_ words: [[UInt8]], for name: [UInt8]) async throws -> RESPReply {
        var pause = Self.firstPause
        for _ in 1...Self.tries {
            let reply = try await connection(for: name).send(words)
            guard case .error(let text) = reply, text.hasPrefix("BUSY ") else { return reply }
            try await Task.sleep(for: pause)
            pause *= 2
        }
        throw ClientError.refused("it stayed busy; run the command again when it has less to do")
    }

    /// Ends the connections.
    public func finish() async {
        for connection in connections { await connection.close() }
    }
}
