import Client
import ImageDecoding
import RESP

/// Indexes through a running server, which decodes and embeds; here only the file's header is read.
public final class ServerTarget: IndexTarget {
    private let connections: [ServerConnection]
    private let collection: [UInt8]
    private let decoder = ImageDecoder()
    /// Enough to keep every connection busy while files are read.
    public var width: Int { connections.count * 2 }

    /// Tries when the server is busy, and the first pause between them; each further pause is twice as long.
    private static let tries = 10
    private static let firstPause = Duration.milliseconds(20)

    /// Connects `jobs` times.
    /// - Parameter model: the model asked for; the server's collection must have it.
    public init(_ address: ServerAddress, collection: [UInt8], model: String?, jobs: Int) async throws {
        var connections: [ServerConnection] = []
        for _ in 0..<max(1, jobs) { connections.append(try await ServerConnection.connect(to: address)) }
        self.connections = connections
        self.collection = collection
        guard let model, model != "default" else { return }
        if case .array(let items) = try await connections[0].command("VMODEL", [collection]),
            case .bulk(let name)? = items.first, name != [UInt8](model.utf8)
        {
            throw ClientError.refused(
                "the collection was made with model \(String(decoding: name, as: UTF8.self)), not \(model): leave "
                    + "--model out, or name another --collection")
        }
    }

    private func connection(for name: [UInt8]) -> ServerConnection {
        // Any spread will do; the same element always takes the same way.
        connections[Int(name.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) } % UInt32(connections.count))]
    }

    /// Asks the server.
    public func attributes(of name: [UInt8]) async throws -> [UInt8]? {
        if case .bulk(let bytes) = try await connection(for: name).command("VGETATTR", [collection, name]) {
            return bytes
        }
        return nil
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
        let words: [[UInt8]] = [
            [UInt8]("VADD".utf8), collection, [UInt8]("IMAGE".utf8), contents, file.name, [UInt8]("SETATTR".utf8),
            attributes,
        ]
        var pause = Self.firstPause
        for _ in 1...Self.tries {
            switch try await connection(for: file.name).send(words) {
            case .integer, .boolean: return .indexed(note: nil)
            case .error(let text) where text.hasPrefix("IMAGE "): return .rejected(String(text.dropFirst(6)))
            case .error(let text) where text.hasPrefix("BUSY "):
                try await Task.sleep(for: pause)
                pause *= 2
            case .error(let text): throw ClientError.refused(text)
            default: throw ClientError.unexpectedReply(command: "VADD")
            }
        }
        throw ClientError.refused("it stayed busy; run the command again when it has less to do")
    }

    /// Ends the connections.
    public func finish() async {
        for connection in connections { await connection.close() }
    }
}
