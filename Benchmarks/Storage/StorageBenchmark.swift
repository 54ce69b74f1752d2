import Foundation
import JSONLines
import RecallBenchmark
import Storage
import Synchronization
import VectorCollections

/// Measures what storage costs: filling, opening, durability, searching beside a writer and a checkpoint, replacing
/// everything. Each phase is for a process of its own, so that one does not warm up another; each ends with one line.
public struct StorageBenchmark: Sendable {
    let settings: StorageSettings
    let folder: String

    /// A benchmark of the store in a folder.
    public init(_ settings: StorageSettings, store folder: String) {
        self.settings = settings
        self.folder = folder
    }

    func open(
        _ path: String, _ durability: Durability = .none, readOnly: Bool = false, create: Bool = false
    ) throws -> Store {
        var options = StoreOptions(durability: durability, create: create, readOnly: readOnly)
        options.program = "lookalike bench"
        return try Store.open(path, options: options)
    }

    func collection(_ store: Store) throws -> Collection {
        guard let found = store.collection(StorageSettings.collection) else {
            throw StoreError.missing(path: "\(store.path) (collection \(StorageSettings.collection)); fill it first")
        }
        return found
    }

    /// Adds elements from several threads; returns the seconds.
    func add(_ indices: Range<Int>, to store: Store, threads: Int, version: Int = 0) throws -> Double {
        let counter = WorkCounter(limit: indices.count)
        let failure = Mutex<StoreError?>(nil)
        let (settings, configuration) = (settings, settings.configuration)
        let seconds = WorkerThreads.run(threads) { _ in
            while let offset = counter.next() {
                let index = indices.lowerBound + offset
                do throws(StoreError) {
                    _ = try store.upsert(
                        StorageSettings.name(index), settings.change(index, version: version),
                        in: StorageSettings.collection, configuration: configuration)
                } catch {
                    return failure.withLock { $0 = error }
                }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return seconds
    }

    // MARK: Phases

    /// Fills the store, which must be new.
    public func fill() throws -> JSONLine {
        let store = try open(folder, create: true)
        guard store.collection(StorageSettings.collection) == nil else {
            throw StoreError.notAStore(path: folder, reason: "it has been filled before")
        }
        let seconds = try add(0..<settings.count, to: store, threads: settings.threads)
        let start = Clock.nanoseconds
        try store.close()
        let closing = Double(Clock.nanoseconds - start) / 1e9
        let bytes = StoreFiles.bytes(folder)
        var line = JSONLine()
        line.add("phase", "fill")
        line.add("n", settings.count)
        line.add("dim", settings.dimension)
        line.add("threads", settings.threads)
        line.add("seconds", seconds)
        line.add("per_s", Double(settings.count) / seconds)
        line.add("close_seconds", closing)
        line.add("bytes", bytes)
        line.add("bytes_per_vector", Double(bytes) / Double(settings.count))
        line.add("beside_full_vectors", Double(bytes) / Double(settings.count) - Double(4 * settings.dimension))
        return line
    }

    /// Opens the store and asks for one answer.
    ///
    /// - Parameter cold: whether the system is to forget the files first.
    public func openAndAnswer(cold: Bool) throws -> JSONLine {
        // What the first store of a process takes, whatever is in it, is no part of this.
        let empty = FileManager.default.temporaryDirectory.appendingPathComponent("lookalike-bench-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: empty) }
        let small = try open(empty, create: true)
        _ = try small.upsert(
            "1", ElementChange(vector: [1, 2, 3, 4]), in: StorageSettings.collection,
            configuration: CollectionConfiguration(dimension: 4))
        _ = try collection(small).search([1, 2, 3, 4], count: 1, ef: 10)
        try small.close()
        if cold { StoreFiles.forget(folder) }
        let query = settings.vector(settings.count / 2)
        let before = ProcessMemory.now
        let start = Clock.nanoseconds
        let store = try open(folder, readOnly: true)
        let opened = Clock.nanoseconds
        let hits = try collection(store).search(query, count: 10, ef: settings.ef)
        _ = try hits.first.flatMap { try collection(store).attributes(of: $0.name) }
        let answered = Clock.nanoseconds
        let after = ProcessMemory.now
        var line = JSONLine()
        line.add("phase", cold ? "open-cold" : "open")
        line.add("n", try collection(store).count)
        line.add("open_ms", Double(opened - start) / 1e6)
        line.add("first_answer_ms", Double(answered - opened) / 1e6)
        line.add("total_ms", Double(answered - start) / 1e6)
        line.add("anonymous_bytes", after.anonymous - before.anonymous)
        line.add("file_bytes", after.file - before.file)
        line.add("minor_faults", after.minorFaults - before.minorFaults)
        line.add("major_faults", after.majorFaults - before.majorFaults)
        line.add("found", hits.first.map { "\($0.name)" } ?? "")
        return line
    }

    /// Searches for elements by their own vectors for some seconds: how many of them find themselves.
    ///
    /// - Parameter cold: whether the system is to forget the files first.
    public func search(cold: Bool) throws -> JSONLine {
        if cold { StoreFiles.forget(folder) }
        let store = try open(folder, readOnly: true)
        let collection = try collection(store)
        let before = ProcessMemory.now
        let (searches, found) = try searchFor(Double(settings.seconds), collection)
        let after = ProcessMemory.now
        var line = JSONLine()
        line.add("phase", "search")
        line.add("n", collection.count)
        line.add("ef", settings.ef)
        line.add("qps", Double(searches) / Double(settings.seconds))
        line.add("found_themselves", Double(found) / Double(max(1, searches)))
        line.add("resident_bytes", after.anonymous + after.file)
        line.add("minor_faults_per_search", Double(after.minorFaults - before.minorFaults) / Double(max(1, searches)))
        line.add("major_faults_per_search", Double(after.majorFaults - before.majorFaults) / Double(max(1, searches)))
        return line
    }

    /// Searches on this thread for so many seconds.
    func searchFor(_ seconds: Double, _ collection: Collection) throws -> (searches: Int, found: Int) {
        // Queries are made before the clock runs.
        let size = min(settings.count, collection.count)
        let queries = (0..<1000).map { $0 &* 7919 % size }.map { ($0, settings.vector($0)) }
        let end = Clock.nanoseconds + UInt64(seconds * 1e9)
        var (searches, found) = (0, 0)
        while Clock.nanoseconds < end {
            let (index, vector) = queries[searches % queries.count]
            let hits = try collection.search(vector, count: 10, ef: settings.ef)
            if hits.first?.name == StorageSettings.name(index) { found += 1 }
            searches += 1
        }
        return (searches, found)
    }
}
