import Foundation
import Presentation
import Synchronization
import UnixSignals

/// Work that takes a while and cleans up after itself when it is stopped.
enum Interruptible {
    /// Runs work on a thread of its own: on those that run tasks, Ctrl-C would not come to its turn. The work asks now
    /// and then whether it is to stop, which it is after the first Ctrl-C or SIGTERM; the second ends the process.
    static func run<Result: Sendable>(
        _ work: @escaping @Sendable (_ isStopped: @escaping @Sendable () -> Bool) throws -> Result
    ) async throws -> Result {
        let stop = StopRequest()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let watcher = Task {
            for await _ in signals {
                if stop.request() { _exit(1) }
                StandardStream.error.line("stopping: what was begun is removed; again to stop at once")
            }
        }
        defer { watcher.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Swift.Result { try work { stop.isRequested } })
            }
        }
    }

    private final class StopRequest: Sendable {
        private let requested = Atomic<Bool>(false)

        var isRequested: Bool { requested.load(ordering: .relaxed) }

        /// Returns whether it had been asked for before.
        func request() -> Bool { requested.exchange(true, ordering: .relaxed) }
    }
}
