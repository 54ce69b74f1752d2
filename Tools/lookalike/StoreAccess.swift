import ArgumentParser
import Client
import Presentation
import Storage
import VectorCollections

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `--store` or `--server`: where the collection is.
struct PlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The store's folder.", valueName: "dir"))
    var store: String?

    @Option(help: ArgumentHelp("A running server instead of a store.", valueName: "host:port"))
    var server: String?

    @Option(help: ArgumentHelp("The collection in it.", valueName: "name"))
    var collection = "images"

    func validate() throws {
        guard (store == nil) != (server == nil) else {
            throw ValidationError("Give either --store DIR or --server HOST:PORT.")
        }
        if let server, ServerAddress(server) == nil {
            throw ValidationError("'\(server)' is no address: give HOST:PORT, such as 127.0.0.1:6390.")
        }
        if collection.isEmpty { throw ValidationError("A collection has a name.") }
        if store?.isEmpty == true { throw ValidationError("--store needs a folder.") }
    }

    /// The collection's name.
    var name: CollectionName { CollectionName(collection) }

    /// Opens the store, or finds the server that has it.
    func open(_ purpose: StoreAccess.Purpose) async throws -> StoreAccess {
        if let server, let address = ServerAddress(server) { return .server(address) }
        return try await StoreAccess.open(store ?? "", purpose)
    }
}

/// The way to a store: directly, or through the server that holds it.
enum StoreAccess {
    case store(Store)
    case server(ServerAddress)

    enum Purpose {
        case reading
        case writing
    }

    /// Opens the store; when a server holds it, gives the way to that server: for reading too, although a store can be
    /// read beside its writer, because the server has replayed its log and has its pages in memory.
    static func open(_ path: String, _ purpose: Purpose) async throws -> StoreAccess {
        if purpose == .reading, let server = await server(of: path) { return .server(server) }
        var options = StoreOptions(program: "lookalike")
        options.create = purpose == .writing
        options.readOnly = purpose == .reading
        do throws(StoreError) {
            return .store(try Store.open(path, options: options))
        } catch {
            guard case .inUse = error, let server = await server(of: path) else { throw error }
            return .server(server)
        }
    }

    /// The server that holds a store, if one does. A socket that a dead one left behind leads nowhere.
    private static func server(of path: String) async -> ServerAddress? {
        guard let address = StoreSocket.address(inStore: path),
            let connection = try? await ServerConnection.connect(to: address)
        else { return nil }
        await connection.close()
        return address
    }
}

/// The socket a server keeps in the store's folder.
enum StoreSocket {
    static let fileName = "server.sock"

    /// Longest path that the system's socket address holds.
    private static let maximumPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// The address of a socket that is there; nil when there is none.
    static func address(inStore path: String) -> ServerAddress? {
        access("\(path)/\(fileName)", F_OK) == 0 ? .unix(path: self.path(inStore: path)) : nil
    }

    /// A path to the socket that fits into a socket address. Where the store's own path is too long, the folder is
    /// opened and named by its descriptor, which stays open as long as the process.
    static func path(inStore path: String) -> String {
        let plain = "\(path)/\(fileName)"
        guard plain.utf8.count > maximumPath else { return plain }
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return folder < 0 ? plain : "/proc/self/fd/\(folder)/\(fileName)"
    }
}
