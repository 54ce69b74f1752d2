import Catalogue
import Client
import Logging
import RESP
import Server
import ServiceLifecycle
import Storage
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// A number that many tasks raise.
private final class Counter: Sendable {
    let value = Atomic(0)
}

/// Tasks started in one place and awaited in another.
private final class TaskList: Sendable {
    private let tasks = Mutex<[Task<Void, Never>]>([])
    var all: [Task<Void, Never>] { tasks.withLock { $0 } }
    func add(_ task: Task<Void, Never>) { tasks.withLock { $0.append(task) } }
}

/// The server in this process, where its limits can be set low.
@Suite
struct ServerTests {
    private let folder = TemporaryFolder()

    /// Runs `body` against a server with this configuration, then shuts the server down.
    private func withServer(
        _ change: (inout ServerConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (ServerAddress, Store) async throws -> Void
    ) async throws {
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.socketPath = folder.path("store/server.sock")
        change(&configuration)
        let (ready, announce) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let server = LookalikeServer(
            catalogue: Catalogue(store: store), configuration: configuration, logger: logger
        ) { _, port in announce.yield(port) }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var ports = ready.makeAsyncIterator()
            let port = try #require(await ports.next())
            try await body(.tcp(host: "127.0.0.1", port: port), store)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try store.close()
    }

    private func words(_ text: String) -> [[UInt8]] { text.split(separator: " ").map { [UInt8]($0.utf8) } }

    @Test func aFullPoolAnswersBusyAndLightCommandsGoOn() async throws {
        try await withServer({ $0.queueLimit = 0 }) { address, store in
            let connection = try await ServerConnection.connect(to: address)
            let busy = RESPReply.error("BUSY too many requests are waiting; try again shortly")
            #expect(try await connection.send(words("VADD k VALUES 1 1 e")) == busy)
            #expect(try await connection.send(words("PING")) == .simple("PONG"))
            #expect(try await connection.send(words("VCARD k")) == busy)
            #expect(store.collection(CollectionName("k")) == nil)
            // Faults are told without a thread.
            #expect(
                try await connection.send(words("VCARD")) == .error("ERR wrong number of arguments for 'VCARD' command")
            )
            await connection.close()
        }
    }

    @Test func manyConnectionsKeepTheirOrder() async throws {
        try await withServer({ $0.workers = 2 }) { address, store in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for client in 0..<8 {
                    tasks.addTask {
                        let connection = try await ServerConnection.connect(to: address)
                        try await withThrowingTaskGroup(of: (Int, RESPReply).self) { replies in
                            for index in 0..<100 {
                                replies.addTask {
                                    (
                                        index,
                                        try await connection.send([[UInt8]("ECHO".utf8), [UInt8("\(index % 10)") ?? 0]])
                                    )
                                }
                                replies.addTask {
                                    (
                                        -1,
                                        try await connection.send(
                                            words("VADD all VALUES 2 \(client) \(index + 1) e\(client)-\(index)"))
                                    )
                                }
                            }
                            for try await (index, reply) in replies {
                                #expect(reply == (index < 0 ? .integer(1) : .bulk([UInt8(index % 10)])))
                            }
                        }
                        await connection.close()
                    }
                }
                try await tasks.waitForAll()
            }
            let all = try #require(store.collection(CollectionName("all")))
            #expect(all.count == 800)
            #expect(all.validate().isSound)
        }
    }

    @Test func tooLargeARequestEndsItsConnectionAlone() async throws {
        try await withServer({ $0.requestLimits.bulkBytes = 100 }) { address, _ in
            let good = try await ServerConnection.connect(to: address)
            let bad = try await ServerConnection.connect(to: address)
            let at = [UInt8](repeating: 1, count: 100)
            #expect(try await bad.send([[UInt8]("ECHO".utf8), at]) == .bulk(at))
            #expect(
                try await bad.send([[UInt8]("ECHO".utf8), at + [1]])
                    == .error("ERR Protocol error: invalid bulk length"))
            await #expect(throws: ClientError.self) { try await bad.send(words("PING")) }
            #expect(try await good.send(words("PING")) == .simple("PONG"))
            await good.close()
        }
    }

    @Test func theSocketInTheStoreAnswersToo() async throws {
        let path = folder.path("store/server.sock")
        try await withServer { _, _ in
            let connection = try await ServerConnection.connect(to: .unix(path: path))
            #expect(try await connection.send(words("VADD k VALUES 1 1 e")) == .integer(1))
            await connection.close()
        }
    }

    @Test func aTakenPortIsTold() async throws {
        let other = TemporaryFolder()
        let store = try Store.open(other.path("store"), options: StoreOptions(program: "test"))
        try await withServer { address, _ in
            guard case .tcp(_, let port) = address else { return }
            var configuration = ServerConfiguration()
            configuration.port = port
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let second = LookalikeServer(
                catalogue: Catalogue(store: store), configuration: configuration, logger: logger
            ) { _, _ in Issue.record("it is not ready") }
            await #expect(throws: ServerStartError.self) { try await second.run() }
        }
        try store.close()
    }

    /// Of what clients have sent when the shutdown comes, each request is either answered and done, or neither.
    @Test func shutdownAnswersWhatItDoes() async throws {
        let answered = Counter()
        let senders = TaskList()
        try await withServer { address, _ in
            let connection = try await ServerConnection.connect(to: address)
            for index in 0..<400 {
                senders.add(
                    Task {
                        let reply = try? await connection.send(words("VADD k VALUES 2 1 \(index + 1) e\(index)"))
                        if reply == .integer(1) { answered.value.wrappingAdd(1, ordering: .relaxed) }
                    })
            }
            let deadline = ContinuousClock.now.advanced(by: .seconds(30))
            while answered.value.load(ordering: .relaxed) < 20, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        for sender in senders.all { await sender.value }
        let store = try Store.open(folder.path("store"), options: StoreOptions(program: "test"))
        let count = store.collection(CollectionName("k"))?.count ?? 0
        #expect(count >= 20)
        #expect(count == answered.value.load(ordering: .relaxed))
        try store.close()
    }

    @Test func connectionsPastTheLimitAreTold() async throws {
        try await withServer({ $0.maximumConnections = 2 }) { address, _ in
            let first = try await ServerConnection.connect(to: address)
            let second = try await ServerConnection.connect(to: address)
            #expect(try await first.send(words("PING")) == .simple("PONG"))
            #expect(try await second.send(words("PING")) == .simple("PONG"))
            let third = try await ServerConnection.connect(to: address)
            // Told, or gone already.
            if let reply = try? await third.send(words("PING")) {
                #expect(reply == .error("ERR max number of clients reached"))
            }
            await first.close()
            await third.close()
            // One may come for one that went.
            var reply: RESPReply?
            for _ in 0..<200 where reply != .simple("PONG") {
                try await Task.sleep(for: .milliseconds(5))
                guard let next = try? await ServerConnection.connect(to: address) else { continue }
                reply = try? await next.send(words("PING"))
                await next.close()
            }
            #expect(reply == .simple("PONG"))
            await second.close()
        }
    }

    @Test func tooMuchAtOnceIsRefused() async throws {
        try await withServer({ $0.receiveLimit = 3 << 20 }) { address, _ in
            let small = try await ServerConnection.connect(to: address)
            let large = try await ServerConnection.connect(to: address)
            let two = [UInt8](repeating: 7, count: 2 << 20)
            #expect(try await large.send([[UInt8]("ECHO".utf8), two]) == .bulk(two))
            let four = [UInt8](repeating: 7, count: 4 << 20)
            let reply = try? await large.send([[UInt8]("ECHO".utf8), four])
            #expect(reply == nil || reply == .error("BUSY the server is receiving too much at once; try again shortly"))
            #expect(try await small.send(words("PING")) == .simple("PONG"))
            await small.close()
        }
    }

    /// A set that goes while a picture is embedded for a search in it.
    @Test func searchingByImageWhileTheSetChanges() async throws {
        let picture = try SmallGallery.jpeg()
        try await withServer { address, _ in
            let maker = try await ServerConnection.connect(to: address)
            let seeker = try await ServerConnection.connect(to: address)
            let making = Task {
                for _ in 0..<150 {
                    _ = try await maker.send(words("VADD k VALUES 3 1 2 3 e"))
                    _ = try await maker.send(words("DEL k"))
                }
            }
            for _ in 0..<150 {
                let reply = try await seeker.send([
                    [UInt8]("VSIM".utf8), [UInt8]("k".utf8), [UInt8]("IMAGE".utf8), picture,
                ])
                if case .error(let text) = reply { #expect(text.contains("not made from images")) }
            }
            try await making.value
            #expect(try await seeker.send(words("PING")) == .simple("PONG"))
            await seeker.close()
            await maker.close()
        }
    }

    /// Without EF a search is as wide as the collection is set to, from the moment on at which it is set.
    @Test func aCollectionsOwnWidthIsUsedWithoutEF() async throws {
        try await withServer { address, store in
            var random = SeededRandom(seed: SeededRandom.seed(of: 231))
            let configuration = CollectionConfiguration(dimension: 24)
            for number in 0..<1500 {
                _ = try store.upsert(
                    ElementName("\(number)"), ElementChange(vector: random.vector(24)), in: "k",
                    configuration: configuration)
            }
            let connection = try await ServerConnection.connect(to: address)
            func answers(_ options: String) async throws -> [RESPReply] {
                var replies: [RESPReply] = []
                for number in 0..<60 {
                    replies.append(
                        try await connection.send(words("VSIM k ELE \(number) COUNT 2 WITHSCORES " + options)))
                }
                return replies
            }
            let (narrow, usual) = (try await answers("EF 2"), try await answers("EF 100"))
            #expect(narrow != usual)
            #expect(try await answers("") == usual)
            let info = try await connection.send(words("VINFO k"))
            _ = try store.setSearchEF(2, of: "k")
            #expect(try await answers("") == narrow)
            #expect(try await answers("EF 100") == usual, "what is asked for comes first")
            #expect(try await connection.send(words("VINFO k")) == info, "as the reference")
            _ = try store.setSearchEF(nil, of: "k")
            #expect(try await answers("") == usual)
            await connection.close()
        }
    }
}
