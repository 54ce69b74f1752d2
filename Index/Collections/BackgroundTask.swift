import Dispatch
import Synchronization

/// Something done again and again on a thread of its own until it is stopped.
///
/// Thread-safety: the timer is touched under the mutex only. It is not declared `Sendable` on every platform, hence the
/// box; that the mutex guards it is why the box's unchecked conformance holds.
final class BackgroundTask: Sendable {
    private struct Timer: @unchecked Sendable {
        var source: (any DispatchSourceTimer)?
    }

    private let timer = Mutex(Timer())

    /// Begins; `body` runs for the first time after one interval.
    func start(everySeconds interval: Int, _ body: @escaping @Sendable () -> Void) {
        let source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "lookalike.background"))
        source.schedule(
            deadline: .now() + .seconds(interval), repeating: .seconds(interval), leeway: .milliseconds(50))
        source.setEventHandler(handler: body)
        source.resume()
        let started = Timer(source: source)
        timer.withLock { $0 = started }
    }

    /// Ends; a run that is under way goes on to its end.
    func stop() {
        timer.withLock { timer in
            timer.source?.cancel()
            timer.source = nil
        }
    }
}
