import NIOCore
import RESP
import Synchronization

/// Runs requests and writes their replies: inline, or a batch of one connection's requests on the pool.
final class CommandExecutor: Sendable {
    /// Most requests, most bytes of requests, and most bytes of replies of one job of a connection: what comes after
    /// waits its turn behind other connections, and until the client has taken these replies.
    static let batchRequests = 64
    static let batchBytes = 1 << 20
    /// How long a job goes on to a further request: what a client with slow requests costs the others is this and one
    /// request.
    static let batchTime = Duration.milliseconds(5)

    let services: CommandServices
    private let pool: BoundedPool
    private let isStopped = Atomic(false)

    init(services: CommandServices, pool: BoundedPool) {
        self.services = services
        self.pool = pool
    }

    /// Takes no further request; running ones end.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Whether the request takes microseconds and touches no data, faults included.
    func runsInline(_ request: RESPRequest) -> Bool {
        guard let command = try? services.table.resolve(request) else { return true }
        return command.place == .eventLoop
    }

    /// Runs one request and appends its reply.
    func run(_ request: RESPRequest, _ session: inout Session, into replies: inout ByteBuffer) {
        services.statistics.commandsProcessed.wrappingAdd(1, ordering: .relaxed)
        do throws(CommandFailure) {
            let command = try services.table.resolve(request)
            let reply = try command.run(Words(request.words), &session, services)
            replies.writeRESP(reply, session.version)
        } catch {
            services.statistics.commandsFailed.wrappingAdd(1, ordering: .relaxed)
            replies.writeRESP(error.reply, session.version)
        }
    }

    /// What a job on the pool leaves.
    struct Finished: Sendable {
        var replies: ByteBuffer
        var session: Session
        /// Requests that were not run, because those before them took long or their replies grew large.
        var rest: ArraySlice<RESPRequest>
    }

    /// Runs a batch on the pool, in order; false when the pool takes no more.
    func submit(
        _ batch: [RESPRequest], _ session: Session, allocator: ByteBufferAllocator,
        completion: @escaping @Sendable (Finished) -> Void
    ) -> Bool {
        if isStopped.load(ordering: .relaxed) { return false }
        return pool.submit { [self] in
            let end = ContinuousClock.now.advanced(by: Self.batchTime)
            var session = session
            var replies = allocator.buffer(capacity: 256 * batch.count)
            var rest = batch[...]
            // QUIT ends the conversation: what was sent behind it is not answered.
            while let request = rest.popFirst() {
                run(request, &session, into: &replies)
                if session.isEnding || replies.readableBytes >= Self.batchBytes || ContinuousClock.now >= end { break }
                if isStopped.load(ordering: .relaxed) { break }
            }
            completion(Finished(replies: replies, session: session, rest: rest))
        }
    }

    /// The reply to a request that the pool had no room for.
    func refuse(_ session: Session, into replies: inout ByteBuffer) {
        services.statistics.commandsRefusedBusy.wrappingAdd(1, ordering: .relaxed)
        replies.writeRESP(.error("BUSY too many requests are waiting; try again shortly"), session.version)
    }
}
