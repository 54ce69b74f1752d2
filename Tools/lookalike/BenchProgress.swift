import Presentation
import RecallBenchmark
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Progress of a benchmark on standard error: what is done stays as a line; where it is now redraws itself on a
/// terminal, and is a line every few seconds elsewhere.
final class BenchProgress: Sendable {
    private static let redraw = 0.1
    private static let plain = 5.0

    private struct State {
        var started = ContinuousClock.now
        var last = ContinuousClock.now
        var isDrawn = false
    }

    private let isTerminal = isatty(2) == 1
    private let state = Mutex(State())
    private let notes: [String]

    /// Progress that begins with some lines.
    init(notes: [String]) { self.notes = notes }

    func tell(_ progress: RecallProgress) {
        switch progress {
        case .began(let base, let dimension, let queries):
            for note in notes { line(note) }
            line("\(base) vectors of \(dimension) values, \(queries) queries")
            state.withLock { $0.started = .now }
        case .building(let done, let total): moving("building", done, total)
        case .built(let seconds):
            line("built in \(ProgressLine.elapsed(seconds))")
        case .searched(let ef, let qps): line("ef \(ef): \(Int(qps.rounded())) queries/s")
        case .computingTruth(let done, let total):
            if done == 0 { state.withLock { $0.started = .now } } else { moving("computing the truth", done, total) }
        }
    }

    func tell(_ step: BenchmarkStep) {
        switch step {
        case .note(let text):
            line(text)
            state.withLock { $0.started = .now }
        case .moving(let what, let done, let total): moving(what, done, total)
        }
    }

    /// Takes what is drawn away, for other text.
    func clear() {
        state.withLock { state in
            if state.isDrawn { StandardStream.error.write("\r\u{1B}[K") }
            state.isDrawn = false
        }
    }

    private func line(_ text: String) {
        clear()
        StandardStream.error.line(text)
    }

    private func moving(_ what: String, _ done: Int, _ total: Int) {
        state.withLock { state in
            let now = ContinuousClock.now
            guard Self.seconds(state.last, now) >= (isTerminal ? Self.redraw : Self.plain) else { return }
            state.last = now
            let rate = Double(done) / max(Self.seconds(state.started, now), 1e-9)
            let text = "\(what): \(done)/\(total), \(done * 100 / max(total, 1))%, \(Int(rate.rounded())) a second"
            if isTerminal {
                StandardStream.error.write("\r\u{1B}[K\(text)")
                state.isDrawn = true
            } else {
                StandardStream.error.line(text)
            }
        }
    }

    private static func seconds(_ from: ContinuousClock.Instant, _ to: ContinuousClock.Instant) -> Double {
        Double((to - from) / .microseconds(1)) / 1e6
    }
}
