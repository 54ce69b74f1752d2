#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

// The system calls under names that do not collide with the methods that use them.

/// Runs a call again as long as a signal interrupts it.
func uninterrupted<T: FixedWidthInteger & SignedInteger>(_ call: () -> T) -> T {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

func systemOpen(_ path: String, _ flags: Int32) -> Int32 { uninterrupted { open(path, flags | O_CLOEXEC, 0o644) } }

func systemClose(_ descriptor: Int32) { _ = close(descriptor) }

func systemRename(_ from: String, _ to: String) -> Int32 { rename(from, to) }

func systemTruncate(_ descriptor: Int32, _ size: UInt64) -> Int32 {
    uninterrupted { ftruncate(descriptor, off_t(size)) }
}

func systemLock(_ descriptor: Int32, exclusive: Bool) -> Int32 {
    uninterrupted { flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) }
}

func systemUnlock(_ descriptor: Int32) { _ = uninterrupted { flock(descriptor, LOCK_UN) } }

/// Data and size, which is all that a reader needs; times can wait.
func systemSync(_ descriptor: Int32) -> Int32 {
    #if canImport(Darwin)
        return uninterrupted { fcntl(descriptor, F_FULLFSYNC) }
    #else
        return uninterrupted { fdatasync(descriptor) }
    #endif
}

func systemSyncDirectory(_ descriptor: Int32) -> Int32 { uninterrupted { fsync(descriptor) } }

/// The error of a system call on a path, by default the last one.
func systemError(_ operation: String, _ path: String, code: Int32 = errno) -> StoreError {
    switch code {
    case ENOSPC, EDQUOT: .noSpace(path: path)
    case EROFS: .readOnly(path: path)
    default: .io(path: path, operation: operation, reason: String(cString: strerror(code)))
    }
}
