#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock that one thread holds at a time. Not recursive.
///
/// `Synchronization.Mutex` owns what it guards; this one guards what its class says it does, which suits state that is
/// partly under another lock too.
///
/// Thread-safety: the pthread lock is made for sharing and does not move, which is why the unchecked conformance holds.
package final class ExclusiveLock: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>

    package init() {
        lock = .allocate(capacity: 1)
        let result = pthread_mutex_init(lock, nil)
        precondition(result == 0, "the system gives no more locks")
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    package func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body()
    }
}
