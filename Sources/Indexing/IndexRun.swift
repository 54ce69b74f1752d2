import ImageDecoding
import NIOPosix
import Synchronization

/// How many files came to which end.
public struct IndexSummary: Sendable, Equatable {
    /// Files by outcome.
    public private(set) var counts: [Outcome: Int] = [:]
    /// Bytes of the files read.
    public internal(set) var bytesRead = 0

    /// Nothing yet.
    public init() {}

    /// Files of one outcome.
    public subscript(outcome: Outcome) -> Int { counts[outcome, default: 0] }

    /// All files met.
    public var total: Int { counts.values.reduce(0, +) }

    mutating func count(_ outcome: Outcome) { counts[outcome, default: 0] += 1 }
}

/// One run of bulk indexing: every file found ends as indexed, unchanged, rejected or skipped, and is told to the
/// observer once.
///
/// Each worker takes the next file, reads, decodes, embeds and adds it before it takes another, so memory holds as many
/// pictures as there are workers. A failure that is the target's and not a file's (a full disk, a lost server) ends the
/// run; what was added before stays.
public final class IndexRun: Sendable {
    private let gathering: Gathering
    private let target: any IndexTarget
    private let fileBytesLimit: Int
    private let observer: @Sendable (ReportLine, IndexSummary) -> Void
    private let state: Mutex<State>
    /// A slow disk holds up these threads and nothing else.
    private let readers: NIOThreadPool
    /// Held while the observer is told, so that it hears of one file at a time; never while `state` is held.
    private let telling = Mutex(())

    private struct State {
        var next = 0
        var isStopped = false
        var summary = IndexSummary()
    }

    /// A run over what was gathered.
    /// - Parameter observer: called for each file, from one thread at a time, in no particular order. It may call `stop`.
    public init(
        _ gathering: Gathering, into target: any IndexTarget, limits: DecodingLimits = .standard,
        observer: @escaping @Sendable (ReportLine, IndexSummary) -> Void
    ) {
        self.gathering = gathering
        self.target = target
        fileBytesLimit = limits.fileBytes
        readers = NIOThreadPool(numberOfThreads: max(1, target.width))
        self.observer = observer
        state = Mutex(State())
    }

    /// Takes no further file; those under way are finished.
    public func stop() { state.withLock { $0.isStopped = true } }

    /// Whether `stop` was called before all files were done.
    public var wasStopped: Bool { state.withLock { $0.isStopped && $0.next < gathering.files.count } }

    /// Indexes everything; returns when all is done or the run was stopped.
    public func run() async throws -> IndexSummary {
        readers.start()
        do {
            let summary = try await runAll()
            try await readers.shutdownGracefully()
            return summary
        } catch {
            try? await readers.shutdownGracefully()
            throw error
        }
    }

    private func runAll() async throws -> IndexSummary {
        for line in gathering.passedOver { report(line) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, min(target.width, gathering.files.count)) {
                group.addTask {
                    do {
                        while let file = self.take() { self.report(try await self.index(file)) }
                    } catch {
                        // The others finish what they have and take no more.
                        self.stop()
                        throw error
                    }
                }
            }
            try await group.waitForAll()
        }
        return state.withLock { $0.summary }
    }

    private func take() -> FoundFile? {
        state.withLock { state in
            guard !state.isStopped, state.next < gathering.files.count else { return nil }
            defer { state.next += 1 }
            return gathering.files[state.next]
        }
    }

    private func report(_ line: ReportLine) {
        telling.withLock { _ in
            let summary = state.withLock { state in
                state.summary.count(line.outcome)
                return state.summary
            }
            observer(line, summary)
        }
    }

    private func index(_ file: FoundFile) async throws -> ReportLine {
        let former = try await target.attributes(of: file.name)
        if ImageAttributes.describe(former, file) { return ReportLine(name: file.name, outcome: .unchanged) }
        guard file.bytes <= fileBytesLimit else {
            return ReportLine(
                name: file.name, outcome: .rejected,
                reason: "tooLarge: \(file.bytes) bytes, the limit is \(fileBytesLimit)")
        }
        let contents: [UInt8]
        let limit = fileBytesLimit
        switch try await readers.runIfActive({ FileContents.read(file.path, atMost: limit) }) {
        case .success(let bytes): contents = bytes
        case .failure(let fault):
            return ReportLine(name: file.name, outcome: .rejected, reason: fault.description)
        }
        state.withLock { $0.summary.bytesRead += contents.count }
        switch try await target.add(file, contents: contents, former: former) {
        case .indexed(let note): return ReportLine(name: file.name, outcome: .indexed, reason: note)
        case .rejected(let reason): return ReportLine(name: file.name, outcome: .rejected, reason: reason)
        }
    }
}
