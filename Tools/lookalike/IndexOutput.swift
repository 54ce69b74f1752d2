import Indexing
import JSONLines
import Presentation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What `lookalike index` shows: progress and rejects on standard error, results on standard output, and the report.
final class IndexOutput: Sendable {
    /// Rejected files that are listed one by one when the run ends; the report has them all.
    private static let listedRejects = 20

    private let json: Bool
    private let state: Mutex<State>

    private struct State: ~Copyable {
        var progress: ProgressLine
        var report: ReportFile?
        var rejects: [ReportLine] = []
        var summary = IndexSummary()
        var started = ContinuousClock.now
        var seconds = 0.0
        var wasStopped = false
    }

    init(total: Int, json: Bool) {
        self.json = json
        state = Mutex(State(progress: ProgressLine(total: total)))
    }

    /// Opens the report, which from now on gets a line for every file.
    /// - Throws: when it cannot be written.
    func openReport(_ path: String) throws {
        try state.withLock { $0.report = try ReportFile(path) }
    }

    func begin() { state.withLock { $0.started = .now } }

    /// One file is done.
    func tell(_ line: ReportLine, _ summary: IndexSummary) {
        state.withLock { state in
            let text = Self.json(line).description
            if json { StandardStream.output.line(text) }
            state.report?.write(text)
            if line.outcome == .rejected, state.rejects.count < Self.listedRejects { state.rejects.append(line) }
            state.summary = summary
            let done = summary.total - summary[.skipped]
            state.progress.update(done: done, rejected: summary[.rejected], bytes: summary.bytesRead)
        }
    }

    func end(_ summary: IndexSummary, stopped: Bool) {
        state.withLock { state in
            state.progress.clear()
            state.summary = summary
            state.seconds = Double((ContinuousClock.now - state.started) / .milliseconds(1)) / 1000
            state.wasStopped = stopped
        }
    }

    /// The run failed: with `--json` the summary of what was done is the last line all the same.
    func abandon() {
        state.withLock { state in
            state.progress.clear()
            guard json else { return }
            let seconds = Double((ContinuousClock.now - state.started) / .milliseconds(1)) / 1000
            StandardStream.output.line(Self.json(state.summary, seconds: seconds))
        }
    }

    /// Prints the rejects and the summary. Call when the target is closed and everything is safe.
    func finish(paths: [String]) throws {
        try state.withLock { state in
            let summary = state.summary
            for line in state.rejects {
                StandardStream.error.line(
                    "rejected \(StandardStream.readable(line.name)): \(line.reason ?? "")")
            }
            if summary[.rejected] > state.rejects.count {
                StandardStream.error.line(
                    "... and \(summary[.rejected] - state.rejects.count) more; --report FILE lists them all")
            }
            if summary[.indexed] + summary[.unchanged] == 0 {
                StandardStream.error.line(
                    "no picture found among \(summary.total) files in \(paths.joined(separator: ", ")): "
                        + "lookalike reads JPEG and PNG")
            }
            if json {
                StandardStream.output.line(Self.json(summary, seconds: state.seconds))
            } else {
                StandardStream.output.line(Self.text(summary, seconds: state.seconds))
            }
            if let fault = state.report?.fault {
                throw Failure(
                    "the report could not be written (\(fault)): all else is done; make room and run it again")
            }
            if state.wasStopped {
                throw Failure("stopped before all files were done: run the same command again to go on")
            }
        }
    }

    private static func json(_ line: ReportLine) -> JSONLine {
        var json = JSONLine()
        json.add("path", name: line.name)
        json.add("outcome", line.outcome.rawValue)
        if let reason = line.reason { json.add("reason", reason) }
        return json
    }

    private static let outcomes: [Outcome] = [.indexed, .unchanged, .rejected, .skipped, .removed]

    private static func json(_ summary: IndexSummary, seconds: Double) -> JSONLine {
        var json = JSONLine()
        json.add("summary", true)
        for outcome in outcomes { json.add(outcome.rawValue, summary[outcome]) }
        json.add("total", summary.total)
        json.add("seconds", seconds)
        return json
    }

    private static func text(_ summary: IndexSummary, seconds: Double) -> String {
        let counts = outcomes.filter { $0 == .indexed || summary[$0] > 0 }.map { "\(summary[$0]) \($0.rawValue)" }
        let rate = seconds > 0 ? Int((Double(summary.total) / seconds).rounded()) : 0
        return
            "\(counts.joined(separator: ", ")) of \(summary.total) files in \(ProgressLine.elapsed(seconds)) (\(rate) files/s)"
    }
}

/// The file of `--report`. A failed write is remembered and told at the end; it does not stop the indexing.
private struct ReportFile: ~Copyable {
    private let descriptor: Int32
    private(set) var fault: String?

    init(_ path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Failure(
                "cannot write the report \(path) (\(String(cString: strerror(errno)))): give a path in a writable folder"
            )
        }
    }

    deinit { close(descriptor) }

    mutating func write(_ line: String) {
        guard fault == nil else { return }
        var text = line + "\n"
        let size = text.utf8.count
        let written = text.withUTF8 { Glibc.write(descriptor, $0.baseAddress, size) }
        if written != size { fault = written < 0 ? String(cString: strerror(errno)) : "the disk is full" }
    }
}
