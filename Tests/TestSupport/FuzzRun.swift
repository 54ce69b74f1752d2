import Foundation
import Synchronization

/// Runs cases drawn at random, and says which one it was when one of them ends the process or does not end itself.
///
/// LOOKALIKE_FUZZ says how many cases there are (1000 unless it does), LOOKALIKE_SEED which; LOOKALIKE_FUZZ_CASE runs
/// the one whose number a failure has told. A case is the same in every run but for the salts of files and the keys of
/// hashes, which a store draws itself.
public enum FuzzRun {
    private static let environment = ProcessInfo.processInfo.environment
    /// How many.
    public static let cases = environment["LOOKALIKE_FUZZ"].flatMap(Int.init) ?? 1000
    private static let only = environment["LOOKALIKE_FUZZ_CASE"].flatMap(UInt64.init)
    /// How long a case may take.
    private static let patience: TimeInterval = 60

    /// Calls `body` for each case with its number, which is the seed of all that it draws.
    public static func forEachCase(
        _ test: UInt64, count: Int = cases, _ body: (UInt64, inout SeededRandom) throws -> Void
    ) rethrows {
        let record = CaseOnRecord()
        let first = SeededRandom.seed(of: test) &* 1_000_000
        for number in only.map({ [$0] }) ?? (0..<UInt64(count)).map({ first &+ $0 }) {
            var random = SeededRandom(seed: number)
            record.begin(number)
            let watch = Watch(patience)
            try body(number, &random)
            watch.end()
        }
        record.end()
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

/// What a signal handler, which may not do much, finds to write: for each test that runs cases at the moment, a line.
private struct CaseOnRecord {
    // Unsafe: each test writes lines of its own, between cases, and they are read by a process that dies.
    nonisolated(unsafe) private static let text = UnsafeMutablePointer<UInt8>.allocate(capacity: places * width)
    nonisolated(unsafe) private static let lengths = {
        let lengths = UnsafeMutablePointer<Int>.allocate(capacity: places)
        lengths.initialize(repeating: 0, count: places)
        return lengths
    }()
    private static let places = 16
    private static let width = 128
    private static let taken = Atomic<Int>(0)

    private let place: Int

    init() {
        place = Self.taken.wrappingAdd(1, ordering: .relaxed).oldValue % Self.places
        Self.handleSignals()
    }

    func begin(_ number: UInt64) {
        let line = Array("\nLOOKALIKE_FUZZ_CASE=\(number) may have ended the process\n".utf8)
        (Self.text + place * Self.width).update(from: line, count: line.count)
        Self.lengths[place] = line.count
    }

    func end() { Self.lengths[place] = 0 }

    private static func handleSignals() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            signal(number) { number in
                for place in 0..<CaseOnRecord.places {
                    _ = write(2, CaseOnRecord.text + place * CaseOnRecord.width, CaseOnRecord.lengths[place])
                }
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }
}
