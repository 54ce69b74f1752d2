import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Threads that begin a piece of work together.
package enum WorkerThreads {
    /// Most threads of one piece of work: each has a stack of megabytes, of an address space that is limited.
    package static let limit = 256

    /// Runs `body` on `count` threads, with their numbers, and returns the seconds from the common start to the end of
    /// the last. Making the threads is not part of it. One thread is the calling one.
    ///
    /// Not `DispatchQueue.concurrentPerform`, which runs no more at once than there are cores, whatever was asked for.
    package static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Double {
        precondition((1...limit).contains(count))
        if count == 1 {
            let start = Clock.nanoseconds
            body(0)
            return Double(Clock.nanoseconds - start) / 1e9
        }
        let gate = Gate()
        let ends = SharedArray<UInt64>(repeating: 0, count: count)
        let finished = DispatchGroup()
        for number in 0..<count {
            finished.enter()
            let thread = Thread {
                gate.waiting.add(1, ordering: .releasing)
                while !gate.isOpen.load(ordering: .acquiring) { sched_yield() }
                body(number)
                ends[number] = Clock.nanoseconds
                finished.leave()
            }
            thread.stackSize = 2 << 20
            thread.start()
        }
        while gate.waiting.load(ordering: .acquiring) < count { sched_yield() }
        let start = Clock.nanoseconds
        gate.isOpen.store(true, ordering: .releasing)
        finished.wait()
        return (0..<count).map { Double(ends[$0] - start) / 1e9 }.max() ?? 0
    }

    private final class Gate: Sendable {
        let waiting = Atomic(0)
        let isOpen = Atomic(false)
    }
}

/// Numbers from 0 to below a limit, each given out once, to whichever thread asks next.
package final class WorkCounter: Sendable {
    private let given = Atomic(0)
    private let limit: Int

    /// Gives out 0..<limit.
    package init(limit: Int) { self.limit = limit }

    /// The next number; nil when there are no more.
    package func next() -> Int? {
        let number = given.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < limit ? number : nil
    }

    /// How many numbers have been given out.
    package var done: Int { min(limit, given.load(ordering: .relaxed)) }
}

/// A number that several threads add to.
package final class SharedCount: Sendable {
    private let value: Atomic<Int>

    /// Begins at `value`.
    package init(_ value: Int = 0) { self.value = Atomic(value) }

    /// What it is now.
    package var now: Int { value.load(ordering: .relaxed) }

    /// Adds a number, which may be negative.
    package func add(_ change: Int) { value.wrappingAdd(change, ordering: .relaxed) }
}

/// The clock that latencies are read from: one call a query, and as cheap as the system has it.
package enum Clock {
    /// Nanoseconds since some moment.
    package static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
