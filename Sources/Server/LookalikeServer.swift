import Catalogue
import Logging
import NIOCore
import NIOPosix
import RESP
import ServiceLifecycle
import Storage
import Synchronization
import VectorCollections

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a server is started with.
public struct ServerConfiguration: Sendable {
    /// Address to listen on.
    public var host = "127.0.0.1"
    /// TCP port; 0 picks a free one.
    public var port = 6390
    /// Path of the Unix-domain socket through which other programs reach the store; nil for none.
    public var socketPath: String?
    /// Threads that decode, embed and search.
    public var workers = System.coreCount
    /// Jobs that may wait for a thread before clients are told that the server is busy.
    public var queueLimit = 1024
    /// Connections that may be open at once; further ones are told so and closed.
    public var maximumConnections = 10_000
    /// Bytes of requests that all connections together may hold.
    public var receiveLimit = 1 << 30
    /// How long a shutdown waits for clients whose requests are still running.
    public var drainLimit = Duration.seconds(10)
    /// What one request may take.
    public var requestLimits = RESPLimits()
    /// The program's version, as INFO and HELLO tell it.
    public var version = "0"

    /// Loopback, port 6390, a thread a core.
    public init() {}
}

/// The server could not start.
public struct ServerStartError: Error, CustomStringConvertible {
    /// One line: what is wrong and what to do.
    public let description: String
}

/// Answers the line protocol on a TCP port and on a socket in the store's folder, until told to stop.
public struct LookalikeServer: Service {
    private let catalogue: Catalogue
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let onReady: @Sendable (_ host: String, _ port: Int) -> Void

    /// A server over `catalogue`.
    /// - Parameter onReady: called once clients can connect, with the address in use.
    public init(
        catalogue: Catalogue, configuration: ServerConfiguration, logger: Logger,
        onReady: @escaping @Sendable (_ host: String, _ port: Int) -> Void
    ) {
        self.catalogue = catalogue
        self.configuration = configuration
        self.logger = logger
        self.onReady = onReady
    }

    /// Listens until the service group shuts down, then finishes the requests received. The store stays open.
    public func run() async throws {
        let services = CommandServices(
            catalogue: catalogue,
            facts: ServerFacts(
                version: configuration.version, storePath: catalogue.store.path,
                workers: configuration.workers),
            logger: logger)
        let pool = BoundedPool(threads: configuration.workers, queueLimit: configuration.queueLimit)
        pool.start()
        let connections = ConnectionRegistry()
        let executor = CommandExecutor(services: services, pool: pool)
        let bootstrap = bootstrap(executor, connections, ReceiveBudget(limit: configuration.receiveLimit))
        let listeners: [any Channel]
        do {
            listeners = try await listen(bootstrap)
        } catch {
            try? await pool.stop()
            throw error
        }
        let port = listeners[0].localAddress?.port ?? configuration.port
        services.port.store(port, ordering: .relaxed)
        logger.info(
            "listening",
            metadata: ["host": "\(configuration.host)", "port": "\(port)", "store": "\(catalogue.store.path)"])
        onReady(configuration.host, port)

        // Returns when shutdown is asked for; a cancelled task is one way of asking.
        try? await gracefulShutdown()

        logger.info("draining", metadata: ["connections": "\(connections.count)"])
        for channel in listeners { try? await channel.close().get() }
        await connections.drain(within: configuration.drainLimit) { executor.stop() }
        try await pool.stop()
    }

    private func bootstrap(
        _ executor: CommandExecutor, _ connections: ConnectionRegistry, _ budget: ReceiveBudget
    ) -> ServerBootstrap {
        let limits = configuration.requestLimits
        let maximumConnections = configuration.maximumConnections
        return ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // A client that has sent all its requests may close its half and still gets its replies.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if channel.remoteAddress?.protocol != .unix {
                        channel.setOption(.tcpOption(.tcp_nodelay), value: 1).whenFailure { _ in }
                    }
                    let id = connections.add(channel)
                    executor.services.connectionOpened(until: channel.closeFuture)
                    if connections.count > maximumConnections {
                        return try channel.pipeline.syncOperations.addHandler(FullHouseHandler())
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionHandler(id: id, executor: executor, limits: limits, budget: budget))
                }
            }
    }

    /// The TCP listener, and the store's socket behind it.
    private func listen(_ bootstrap: ServerBootstrap) async throws(ServerStartError) -> [any Channel] {
        let tcp: any Channel
        do {
            tcp = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw ServerStartError(
                description: "cannot listen on \(configuration.host):\(configuration.port) (\(Self.reason(error))): "
                    + "choose another --port, or stop the program that has it")
        }
        guard let path = configuration.socketPath else { return [tcp] }
        do {
            // Whoever left a socket behind is gone: the store's lock is ours.
            let socket = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
            // The store's folder decides who may come near; the socket itself is for its owner.
            chmod(path, 0o600)
            return [tcp, socket]
        } catch {
            try? await tcp.close().get()
            throw ServerStartError(
                description: "cannot make the socket \(path) (\(Self.reason(error))): check that the store's folder "
                    + "is writable")
        }
    }

    private static func reason(_ error: any Error) -> String {
        if error is UnixDomainSocketPathWrongType { return "something else has that name" }
        guard let error = error as? IOError else { return "\(error)" }
        return String(cString: strerror(error.errnoCode))
    }
}
