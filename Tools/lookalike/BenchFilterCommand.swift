import ArgumentParser
import Dispatch
import FilterBenchmark
import Foundation
import HNSW
import Presentation
import RecallBenchmark

/// `lookalike bench filter --base F --queries F`
struct BenchFilterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "filter",
        abstract: "Recall and speed of filtered searches, from all elements matching to one in ten thousand.",
        discussion: """
            Puts the base vectors into a collection, in a temporary folder, with attributes that let filters match \
            100 % to 0.01 % of the elements: spread evenly (random), those nearest to where the query is (near), or \
            those farthest from it (far). Prints how many of the true neighbours among the matches were found, queries \
            a second (the best of three passes, and the first one, in which filters are new), latencies, and the \
            smallest number of results beside the number that there should be.

            Ends with exit code 1 when any search returned fewer than it should, or what does not match.

            Examples:
              lookalike bench filter --base base.bvecs --queries queries.bvecs
              lookalike bench filter --base b.npy --queries q.npy --metric cosine --json
              lookalike bench filter --base base.bvecs --queries queries.bvecs --plot filter.svg
            """)

    @OptionGroup var files: BenchFileOptions

    @Option(help: ArgumentHelp("Width of the searches.", valueName: "n"))
    var ef = 100

    @Option(help: ArgumentHelp("Neighbours asked for and compared with the true ones.", valueName: "n"))
    var count = 10

    @Option(
        help: ArgumentHelp("Queries of a pass, taken from the file in groups that are near each other.", valueName: "n")
    )
    var queriesLimit = 200

    @Option(help: ArgumentHelp("Threads that search.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("What attributes and groups are drawn from.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Draw queries a second over selectivity.", valueName: "file.svg"))
    var plot: String?

    func validate() throws {
        if plot?.isEmpty == true { throw ValidationError("--plot needs a file name.") }
        try BenchInput.check("--ef", ef, HNSWParameters.efRange)
        try BenchInput.check("--count", count, RecallSettings.countRange)
        try BenchInput.check("--queries-limit", queriesLimit, FilterSettings.queriesRange)
        try BenchInput.check("--threads", threads, RecallSettings.threadsRange)
    }

    func run() throws {
        StandardStream.ignoreBrokenPipes()
        let environment = BenchmarkEnvironment.current
        if let plot { try BenchInput.checkPlot(plot, inputs: [files.base, files.queries]) }
        var settings = FilterSettings()
        settings.metric = files.metric
        settings.quantization = files.quantization
        settings.ef = ef
        settings.count = count
        settings.queriesLimit = queriesLimit
        settings.searchThreads = threads
        settings.buildThreads = min(max(1, environment.cores), RecallSettings.threadsRange.upperBound)
        settings.seed = seed
        let benchmark = try FilterBenchmark(
            base: BenchInput.open(files.base), queries: BenchInput.open(files.queries), settings: settings)
        let progress = BenchProgress(notes: environment.lines)
        defer { progress.clear() }
        let signals = Self.onSignals { benchmark.cleanUp() }
        defer { for signal in signals { signal.cancel() } }
        let report = try benchmark.run({ progress.tell($0) }) { line in
            progress.clear()
            if files.json { StandardStream.output.line(line) }
        }
        progress.clear()
        if !files.json { StandardStream.output.line(report.table) }
        if let plot {
            let name = files.base.split(separator: "/").last ?? ""
            try TextFile.write(FilterPlot(title: "Filtered search on \(name)", report: report).svg, to: plot)
            StandardStream.error.line("wrote \(plot)")
        }
    }

    /// A run that is broken off leaves nothing behind either.
    private static func onSignals(_ cleanUp: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                cleanUp()
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
