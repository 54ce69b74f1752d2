import Foundation

/// The memory that decodes at the same time may take together.
///
/// `DecodingLimits.memoryBytes` bounds one decode; as many of them as there are cores may run beside each other. What a
/// decode will need is known from its header, so it asks for all of that at once, before it takes any, and waits while
/// it does not fit beside those running. That cannot deadlock: who holds memory never asks for more, and one that alone
/// is larger than the budget runs when nothing else does.
///
/// Turns are taken in the order of asking, so that a large picture is not overtaken by small ones for ever; the price is
/// that small ones wait behind a large one they would fit beside. Waiting blocks the thread. Pictures that have been
/// handed out are their owners' and no longer counted.
///
/// `@unchecked Sendable`: all that changes is read and written under `condition` alone.
public final class DecodingBudget: @unchecked Sendable {
    /// Of the whole process, unless a decoder is given another: 2 GiB.
    public static let shared = DecodingBudget()

    /// Bytes that decodes may take together.
    public let bytes: Int

    private let condition = NSCondition()
    private var taken: UInt64 = 0
    private var highest: UInt64 = 0
    private var running = 0
    /// Turns given out, and the one whose time has come.
    private var turns = 0
    private var turn = 0

    /// A budget of its own.
    public init(bytes: Int = 2 << 30) {
        self.bytes = bytes
    }

    /// Waits until `count` bytes fit. Each call is followed by one of `giveBack` with the same number.
    package func take(_ count: UInt64) {
        condition.lock()
        defer { condition.unlock() }
        let mine = turns
        turns += 1
        while mine != turn || !fits(count) { condition.wait() }
        turn += 1
        running += 1
        taken += count
        highest = max(highest, taken)
        condition.broadcast()  // the next may fit as well
    }

    /// Ends what `take` began.
    package func giveBack(_ count: UInt64) {
        condition.lock()
        defer { condition.unlock() }
        precondition(running > 0 && taken >= count, "what is given back was taken")
        running -= 1
        taken -= count
        condition.broadcast()
    }

    /// Bytes taken now, the most that were at any time, and how many wait.
    package var state: (taken: UInt64, highest: UInt64, waiting: Int) {
        condition.lock()
        defer { condition.unlock() }
        return (taken, highest, turns - turn)
    }

    private func fits(_ count: UInt64) -> Bool {
        if running == 0 { return true }
        let (sum, overflow) = taken.addingReportingOverflow(count)
        return !overflow && sum <= UInt64(max(0, bytes))
    }
}
