import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Memory in pages as large as the system gives: 2 MiB where transparent huge pages are there to be asked for.
///
/// A network's weights pass through the processor once a picture. In pages of 4 KiB the address translations for them do
/// not fit its tables, and hardware prefetching stops at each page's end; large pages made MobileNetV2 4 % faster.
enum LargePages {
    static let pageBytes = 2 << 20

    /// Zeroed memory; released with `deallocate()`. Small requests get ordinary pages.
    static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let isLarge = bytes >= pageBytes / 4
        let size = isLarge ? (bytes + pageBytes - 1) / pageBytes * pageBytes : bytes
        let base = UnsafeMutableRawPointer.allocate(
            byteCount: size, alignment: isLarge ? pageBytes : ArenaPlan.alignment)
        #if os(Linux)
            // A wish: where it is not granted, the memory is as good.
            if isLarge { _ = madvise(base, size, MADV_HUGEPAGE) }
        #endif
        base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        return base
    }
}

/// A stretch of memory that constants are cut from, one behind the other, so that they share large pages. It is released
/// when none of them is left.
final class Slab: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// Guarded by `current`.
    private var used = 0

    /// The slab that has room left. Weak: constants alone keep slabs.
    private struct Current {
        weak var slab: Slab?
    }

    private static let current = Mutex(Current())

    private init(capacity: Int) {
        self.capacity = capacity
        base = LargePages.allocate(capacity)
    }

    deinit { base.deallocate() }

    /// `bytes` of zeroed memory, a multiple of the alignment, and the slab to hold on to.
    static func take(_ bytes: Int) -> (UnsafeMutableRawPointer, Slab) {
        current.withLock { current in
            let slab: Slab
            if let open = current.slab, open.capacity - open.used >= bytes {
                slab = open
            } else {
                slab = Slab(capacity: max(bytes, LargePages.pageBytes))
                // What has more room left stays open.
                if slab.capacity - bytes >= (current.slab.map { $0.capacity - $0.used } ?? 0) { current.slab = slab }
            }
            let place = slab.base + slab.used
            slab.used += bytes
            return (place, slab)
        }
    }
}
