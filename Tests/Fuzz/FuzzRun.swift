import Foundation
import Storage
import Synchronization
import TestSupport
import VectorCollections

/// Runs cases drawn at random, and says which one it was when one of them ends the process or does not end itself.
///
/// LOOKALIKE_FUZZ says how many cases there are (1000 unless it does), LOOKALIKE_SEED which; LOOKALIKE_FUZZ_CASE runs
/// the one whose number a failure has told. A case is the same in every run but for the salts of files and the keys of
/// hashes, which a store draws itself.
enum FuzzRun {
    private static let environment = ProcessInfo.processInfo.environment
    static let cases = environment["LOOKALIKE_FUZZ"].flatMap(Int.init) ?? 1000
    private static let only = environment["LOOKALIKE_FUZZ_CASE"].flatMap(UInt64.init)
    /// How long a case may take.
    private static let patience: TimeInterval = 60

    /// Calls `body` for each case with its number, which is the seed of all that it draws.
    static func forEachCase(_ test: UInt64, count: Int = cases, _ body: (UInt64, inout SeededRandom) throws -> Void)
        rethrows
    {
        CaseOnRecord.handleSignals()
        let first = SeededRandom.seed(of: test) &* 1_000_000
        for number in only.map({ [$0] }) ?? (0..<UInt64(count)).map({ first &+ $0 }) {
            var random = SeededRandom(seed: number)
            CaseOnRecord.begin(number)
            let watch = Watch(patience)
            try body(number, &random)
            watch.end()
        }
        CaseOnRecord.end()
    }

    /// Ends the process when a case takes too long.
    private final class Watch: Sendable {
        private let isOver = DispatchSemaphore(value: 0)

        init(_ seconds: TimeInterval) {
            let isOver = isOver
            DispatchQueue.global().async {
                if isOver.wait(timeout: .now() + seconds) == .timedOut { fatalError("a case takes too long") }
            }
        }

        func end() { isOver.signal() }
    }
}

/// What a signal handler, which may not do much, finds to write.
private enum CaseOnRecord {
    // Unsafe: written between cases by the one suite that runs cases, one at a time, and read by a process that dies.
    nonisolated(unsafe) private static let text = UnsafeMutablePointer<UInt8>.allocate(capacity: 128)
    nonisolated(unsafe) private static var length = 0

    static func begin(_ number: UInt64) {
        let line = Array("\nLOOKALIKE_FUZZ_CASE=\(number) ends the process\n".utf8)
        text.update(from: line, count: line.count)
        length = line.count
    }

    static func end() { length = 0 }

    static func handleSignals() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            signal(number) { number in
                _ = write(2, CaseOnRecord.text, CaseOnRecord.length)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
