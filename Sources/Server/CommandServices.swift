import Catalogue
import Logging
import NIOCore
import Storage
import Synchronization
import VectorCollections

/// What commands work with. One for a server; used from many threads at once.
final class CommandServices: Sendable {
    let catalogue: Catalogue
    let table = CommandTable()
    let logger: Logger
    let started: ContinuousClock.Instant
    let statistics = Statistics()
    /// The TCP port in use, once it is known.
    let port = Atomic<Int>(0)
    let facts: ServerFacts

    var store: Store { catalogue.store }

    init(catalogue: Catalogue, facts: ServerFacts, logger: Logger) {
        self.catalogue = catalogue
        self.facts = facts
        self.logger = logger
        started = .now
    }

    /// Counts a connection, until it closes.
    func connectionOpened(until closed: EventLoopFuture<Void>) {
        statistics.connectionsReceived.wrappingAdd(1, ordering: .relaxed)
        statistics.connectedClients.wrappingAdd(1, ordering: .relaxed)
        closed.whenComplete { _ in self.statistics.connectedClients.wrappingSubtract(1, ordering: .relaxed) }
    }

    /// Counters since the start.
    struct Statistics: Sendable, ~Copyable {
        let connectionsReceived = Atomic<Int>(0)
        let connectedClients = Atomic<Int>(0)
        let commandsProcessed = Atomic<Int>(0)
        let commandsFailed = Atomic<Int>(0)
        let commandsRefusedBusy = Atomic<Int>(0)

        /// The counters' values, each read once.
        var snapshot: (connectionsReceived: Int, commandsProcessed: Int, commandsFailed: Int, commandsRefusedBusy: Int)
        {
            (
                connectionsReceived.load(ordering: .relaxed), commandsProcessed.load(ordering: .relaxed),
                commandsFailed.load(ordering: .relaxed), commandsRefusedBusy.load(ordering: .relaxed)
            )
        }
    }
}

/// What INFO and HELLO say of the server.
struct ServerFacts: Sendable {
    let version: String
    let storePath: String
    let workers: Int
}
