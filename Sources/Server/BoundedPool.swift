import NIOPosix
import Synchronization

/// Threads for work that takes time: decoding, embedding, search, writing. As many as asked for, and no queue without
/// end: past `queueLimit` waiting jobs a further one is refused, and the client is told that the server is busy while
/// it still answers at once.
final class BoundedPool: Sendable {
    private let pool: NIOThreadPool
    private let waiting = Atomic<Int>(0)
    private let queueLimit: Int

    init(threads: Int, queueLimit: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        self.queueLimit = queueLimit
    }

    func start() { pool.start() }

    /// Lets running jobs end; those waiting are dropped.
    func stop() async throws { try await pool.shutdownGracefully() }

    /// Runs `job` on some thread soon; false, without running it, when too many wait already.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= queueLimit else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        pool.submit { [self] state in
            waiting.wrappingSubtract(1, ordering: .relaxed)
            if case .active = state { job() }
        }
        return true
    }
}
