import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread that does something when it is told to, and every so often by itself, at a low priority: what it does can
/// wait when there is not enough processor for all.
///
/// Thread-safety: all state is under the pthread lock, which is why the unchecked conformance holds.
final class BackgroundWorker: @unchecked Sendable {
    /// How much nicer than the others the thread is, where the system has that for threads.
    private static let niceness: Int32 = 10

    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isSignalled = false
    private var isStopping = false
    private var thread: pthread_t?

    init() {
        lock = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        precondition(pthread_mutex_init(lock, nil) == 0, "the system gives no more locks")
        precondition(pthread_cond_init(condition, nil) == 0, "the system gives no more conditions")
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        condition.deallocate()
        lock.deallocate()
    }

    private final class Task {
        let worker: BackgroundWorker
        let interval: Int
        let body: @Sendable () -> Void

        init(_ worker: BackgroundWorker, _ interval: Int, _ body: @escaping @Sendable () -> Void) {
            self.worker = worker
            self.interval = interval
            self.body = body
        }
    }

    /// Begins: `body` runs after each signal, and when there was none for that long. Does nothing if the system gives
    /// no thread.
    func start(everySeconds interval: Int, _ body: @escaping @Sendable () -> Void) {
        let task = Unmanaged.passRetained(Task(self, interval, body))
        var made = pthread_t(bitPattern: 0)
        #if canImport(Darwin)
            let entry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { argument in
                BackgroundWorker.run(argument)
            }
        #else
            let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
                BackgroundWorker.run(argument!)
            }
        #endif
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard pthread_create(&made, nil, entry, task.toOpaque()) == 0 else { return task.release() }
        thread = made
    }

    private static func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let task = Unmanaged<Task>.fromOpaque(argument).takeRetainedValue()
        #if os(Linux)
            // On Linux this is the priority of the calling thread alone.
            setpriority(__priority_which_t(0), 0, niceness)
        #endif
        while task.worker.wait(seconds: task.interval) { task.body() }
        return nil
    }

    /// Has `body` run soon.
    func signal() {
        pthread_mutex_lock(lock)
        isSignalled = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(lock)
    }

    /// Ends: waits for a run that is under way, unless it is that run which asks.
    func stop() {
        pthread_mutex_lock(lock)
        isStopping = true
        pthread_cond_signal(condition)
        let ending = thread
        thread = nil
        pthread_mutex_unlock(lock)
        guard let ending else { return }
        if pthread_equal(ending, pthread_self()) != 0 {
            pthread_detach(ending)
        } else {
            pthread_join(ending, nil)
        }
    }

    /// Waits for a signal or that long. False when it is to end.
    private func wait(seconds: Int) -> Bool {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_sec += seconds
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while !isSignalled && !isStopping {
            if pthread_cond_timedwait(condition, lock, &until) != 0 { break }
        }
        isSignalled = false
        return !isStopping
    }
}
