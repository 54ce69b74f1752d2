#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A lock that many readers hold together or one writer alone. Not recursive.
///
/// Where the system lets us choose, a waiting writer goes before readers that come later: under steady searching a
/// writer would else never get in.
///
/// Thread-safety: the pthread lock is made for sharing and does not move, which is why the unchecked conformance holds.
final class ReadersWriterLock: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        #if canImport(Glibc)
            var attributes = pthread_rwlockattr_t()
            pthread_rwlockattr_init(&attributes)
            pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
            let result = pthread_rwlock_init(lock, &attributes)
            pthread_rwlockattr_destroy(&attributes)
        #else
            let result = pthread_rwlock_init(lock, nil)
        #endif
        precondition(result == 0, "the system gives no more locks")
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    func read<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let result = pthread_rwlock_rdlock(lock)
        precondition(result == 0, "a lock is taken twice by one thread")
        defer { pthread_rwlock_unlock(lock) }
        return try body()
    }

    func write<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let result = pthread_rwlock_wrlock(lock)
        precondition(result == 0, "a lock is taken twice by one thread")
        defer { pthread_rwlock_unlock(lock) }
        return try body()
    }
}
