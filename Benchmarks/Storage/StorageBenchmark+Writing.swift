import Foundation
import JSONLines
import RecallBenchmark
import Storage
import Synchronization
import VectorCollections

/// What is measured while something is written.
extension StorageBenchmark {
    /// Adds elements with each durability, from one thread and from several, each into a new store beside the given
    /// folder.
    public func durability(_ tell: (JSONLine) -> Void) throws {
        for durability in [Durability.none, .second, .always] {
            for threads in [1, 8] {
                let path = folder + "/\(durability.rawValue)-\(threads)"
                try? FileManager.default.removeItem(atPath: path)
                let store = try open(path, durability, create: true)
                // In batches, until there has been enough time.
                var (count, seconds) = (0, 0.0)
                while seconds < Double(settings.seconds), count < settings.count {
                    seconds += try add(count..<count + 500, to: store, threads: threads)
                    count += 500
                }
                try store.close()
                try FileManager.default.removeItem(atPath: path)
                var line = JSONLine()
                line.add("phase", "durability")
                line.add("durability", durability.rawValue)
                line.add("threads", threads)
                line.add("n", count)
                line.add("per_s", Double(count) / seconds)
                tell(line)
            }
        }
    }

    /// Searches on one thread while the store rests, and while another thread writes and checkpoints are made one after
    /// the other; in turns, so that noise meets both.
    public func beside(writesPerSecond: Int) throws -> JSONLine {
        let store = try open(folder)
        let collection = try collection(store)
        let size = collection.count
        _ = try searchFor(1, collection)
        var idle: [Double] = []
        var busy: [Double] = []
        let load = WriteLoad()
        for _ in 0..<3 {
            let resting = try searchFor(Double(settings.seconds), collection)
            idle.append(Double(resting.searches) / Double(settings.seconds))
            try load.run(self, store, size: size, perSecond: writesPerSecond) {
                let working = try searchFor(Double(settings.seconds), collection)
                busy.append(Double(working.searches) / Double(settings.seconds))
            }
        }
        let report = load.report
        try store.close()
        var line = JSONLine()
        line.add("phase", "beside")
        line.add("n", size)
        line.add("idle_qps", idle.sorted()[1])
        line.add("busy_qps", busy.sorted()[1])
        line.add("ratio", zip(busy, idle).map { $0 / $1 }.sorted()[1])
        line.add("writes_per_s", Double(report.writes) / report.seconds)
        line.add("longest_write_ms", report.longest * 1000)
        line.add("checkpoints", report.checkpoints.count)
        line.add("checkpoint_seconds", report.checkpoints.sorted().dropFirst(report.checkpoints.count / 2).first ?? 0)
        return line
    }

    /// Replaces every vector so many times, makes a checkpoint, and compares the store with one filled at once.
    public func replace() throws -> JSONLine {
        let (worn, fresh) = (folder + "/worn", folder + "/fresh")
        for path in [worn, fresh] { try? FileManager.default.removeItem(atPath: path) }
        var store = try open(worn, create: true)
        for round in 0...settings.rounds {
            _ = try add(0..<settings.count, to: store, threads: settings.threads, version: round)
        }
        try store.close()
        store = try open(fresh, create: true)
        _ = try add(0..<settings.count, to: store, threads: settings.threads, version: settings.rounds)
        try store.close()
        let (wornBytes, freshBytes) = (StoreFiles.bytes(worn), StoreFiles.bytes(fresh))
        var line = JSONLine()
        line.add("phase", "replace")
        line.add("n", settings.count)
        line.add("rounds", settings.rounds)
        line.add("bytes", wornBytes)
        line.add("fresh_bytes", freshBytes)
        line.add("ratio", Double(wornBytes) / Double(freshBytes))
        return line
    }
}

/// A thread that writes at a rate and one that makes checkpoints, while something else goes on.
private final class WriteLoad: Sendable {
    struct Report {
        var writes = 0
        var seconds = 0.0
        /// The longest that one write took.
        var longest = 0.0
        var checkpoints: [Double] = []
        var failure: StoreError?
    }

    private let state = Mutex(Report())

    var report: Report { state.withLock { $0 } }

    func run(
        _ benchmark: StorageBenchmark, _ store: Store, size: Int, perSecond: Int, _ body: () throws -> Void
    ) throws {
        let isOver = Atomic(false)
        let done = DispatchGroup()
        let start = Clock.nanoseconds
        // Counted on, so that each write is a change.
        let first = report.writes
        func thread(_ body: @escaping @Sendable () throws(StoreError) -> Void) {
            done.enter()
            Thread.detachNewThread { [self] in
                do throws(StoreError) { try body() } catch { state.withLock { $0.failure = error } }
                done.leave()
            }
        }
        thread { [self] () throws(StoreError) in
            var written = 0
            while !isOver.load(ordering: .relaxed) {
                let due = start + UInt64(Double(written) / Double(perSecond) * 1e9)
                while Clock.nanoseconds < due { usleep(200) }
                let index = (first + written) &* 104_729 % size
                let before = Clock.nanoseconds
                _ = try store.upsert(
                    StorageSettings.name(index), benchmark.settings.change(index, version: 1 + first + written),
                    in: StorageSettings.collection, configuration: benchmark.settings.configuration)
                let took = Double(Clock.nanoseconds - before) / 1e9
                written += 1
                state.withLock { state in
                    state.writes += 1
                    state.longest = max(state.longest, took)
                }
            }
        }
        thread { [self] () throws(StoreError) in
            while !isOver.load(ordering: .relaxed) {
                let before = Clock.nanoseconds
                guard try store.beginCheckpoint() else {
                    usleep(1000)
                    continue
                }
                let asked = store.lastCheckpoint
                while store.lastCheckpoint == asked, store.lastCheckpointError == nil { usleep(1000) }
                let took = Double(Clock.nanoseconds - before) / 1e9
                state.withLock { $0.checkpoints.append(took) }
            }
        }
        defer {
            isOver.store(true, ordering: .relaxed)
            done.wait()
            let seconds = Double(Clock.nanoseconds - start) / 1e9
            state.withLock { $0.seconds += seconds }
        }
        try body()
        if let failure = report.failure { throw failure }
    }
}
