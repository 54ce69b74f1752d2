import ArgumentParser
import Foundation
import HNSW
import Presentation
import RecallBenchmark

/// `lookalike bench recall --base F --queries F`
struct BenchRecallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall",
        abstract: "Recall against speed of the index, on files of vectors.",
        discussion: """
            Builds an index of the base vectors and searches it for each query at several widths (ef). Prints how many \
            of the true neighbours were found, queries a second (the best of three passes over all queries, one query \
            at a time per thread), latencies, and resident bytes per vector. Results come when all is measured; progress \
            is on standard error.

            Files: .bvecs, .fvecs (http://corpus-texmex.irisa.fr) and .npy. Without --truth the true neighbours are \
            computed, by comparing every query with every vector.

            Examples:
              lookalike bench recall --base base.bvecs --queries queries.bvecs --truth truth.ivecs
              lookalike bench recall --base b.npy --queries q.npy --metric cosine --quantization f32 --ef 32,64,128
              lookalike bench recall --base base.bvecs --queries queries.bvecs --truth truth.ivecs --json > ours.jsonl
              lookalike bench recall --base b.fvecs --queries q.fvecs --plot plot.svg --compare peers.jsonl
            """)

    @Option(help: ArgumentHelp("Vectors to search among.", valueName: "file"))
    var base: String?

    @Option(help: ArgumentHelp("Vectors to search for.", valueName: "file"))
    var queries: String?

    @Option(
        help: ArgumentHelp("True neighbours of each query: rows of the base, nearest first.", valueName: "file.ivecs"))
    var truth: String?

    @Option(help: ArgumentHelp("What near means: l2, cosine or dot.", valueName: "metric"))
    var metric = Metric.l2

    @Option(help: ArgumentHelp("Links of a node on the upper layers; twice as many on the lowest.", valueName: "n"))
    var m = 16

    @Option(help: ArgumentHelp("Candidates that the build keeps.", valueName: "n"))
    var efConstruction = 200

    @Option(help: ArgumentHelp("How the index keeps vectors: int8, f32, or bin (not with l2).", valueName: "form"))
    var quantization = Quantization.int8

    @Option(help: ArgumentHelp("Neighbours asked for and compared with the true ones.", valueName: "n"))
    var count = 10

    @Option(help: ArgumentHelp("Widths of search to measure; one below --count counts as --count.", valueName: "list"))
    var ef = NumberList(numbers: [10, 16, 24, 32, 48, 64, 96, 128, 192, 256])

    @Option(help: ArgumentHelp("Threads that search.", valueName: "n"))
    var threads = 1

    @Option(help: ArgumentHelp("Threads that build (default: one a core).", valueName: "n"))
    var buildThreads: Int?

    @Flag(help: "Print JSON lines: the build, then one a width.")
    var json = false

    @Option(help: ArgumentHelp("Draw recall against queries a second.", valueName: "file.svg"))
    var plot: String?

    @Option(
        help: ArgumentHelp(
            "JSON lines of other programs, or of earlier runs, to draw beside; may be repeated.",
            valueName: "file.jsonl"))
    var compare: [String] = []

    @OptionGroup(visibility: .hidden) var later: LaterOptions

    /// The agreed form that measures a collection.
    struct LaterOptions: ParsableArguments {
        @Option var store: String?
        @Option var collection: String?
        @Option var queriesSample: Int?
        @Option var targetRecall: Double?
        @Flag var apply = false

        /// The first that was used.
        var used: String? {
            [
                ("--store", store != nil), ("--collection", collection != nil),
                ("--queries-sample", queriesSample != nil), ("--target-recall", targetRecall != nil),
                ("--apply", apply),
            ].first(where: \.1)?.0
        }
    }

    func validate() throws {
        // What is not there yet is said as such, not as a wrong use of what is there.
        if later.used != nil { return }
        if (base ?? "").isEmpty || (queries ?? "").isEmpty {
            throw ValidationError("Give the files of vectors: --base FILE --queries FILE.")
        }
        if truth?.isEmpty == true { throw ValidationError("--truth needs a file name.") }
        if plot?.isEmpty == true { throw ValidationError("--plot needs a file name.") }
        if plot == nil, !compare.isEmpty { throw ValidationError("--compare is drawn by --plot FILE.svg.") }
        if !quantization.supports(metric) {
            throw ValidationError(
                "--quantization \(quantization.rawValue) has no \(metric.rawValue): give --metric cosine or dot.")
        }
        try BenchInput.check("--m", m, HNSWParameters.mRange)
        try BenchInput.check("--ef-construction", efConstruction, HNSWParameters.efRange)
        try BenchInput.check("--count", count, RecallSettings.countRange)
        try BenchInput.check("--threads", threads, RecallSettings.threadsRange)
        if let buildThreads { try BenchInput.check("--build-threads", buildThreads, RecallSettings.threadsRange) }
        for number in ef.numbers { try BenchInput.check("--ef", number, HNSWParameters.efRange) }
        if ef.numbers.count > RecallSettings.efsLimit {
            throw ValidationError("--ef takes up to \(RecallSettings.efsLimit) numbers.")
        }
    }

    func run() throws {
        if let option = later.used { throw Failure.notSupportedYet("`lookalike bench recall \(option)`") }
        StandardStream.ignoreBrokenPipes()
        let environment = BenchmarkEnvironment.current
        // All that can be wrong with the arguments is found before the long part.
        let peers = try comparedSeries()
        if let plot { try BenchInput.checkPlot(plot, inputs: [base, queries, truth].compactMap { $0 } + compare) }
        let benchmark = try RecallBenchmark(
            base: BenchInput.open(base ?? ""), queries: BenchInput.open(queries ?? ""),
            truth: truth.map { try BenchInput.open($0) },
            settings: settings(environment))
        // Said when all inputs have been read: until then a failure is the only line.
        let progress = BenchProgress(
            notes: environment.lines
                + (truth == nil ? ["no --truth: it is computed by exact search, after the rest"] : []))
        let report: RecallReport
        do {
            report = try benchmark.run { progress.tell($0) }
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        if json {
            for line in report.lines { StandardStream.output.line(line) }
        } else {
            StandardStream.output.line(report.table)
        }
        if let plot {
            let figure = RecallPlot(
                title: "Recall and speed on \((base ?? "").split(separator: "/").last ?? "")", caption: report.caption,
                count: count, series: [report.series(named: "lookalike")] + peers)
            try TextFile.write(figure.svg, to: plot)
            StandardStream.error.line("wrote \(plot)")
        }
    }

    private func settings(_ environment: BenchmarkEnvironment) -> RecallSettings {
        var settings = RecallSettings()
        settings.metric = metric
        settings.parameters = HNSWParameters(m: m, efConstruction: efConstruction)
        settings.quantization = quantization
        settings.count = count
        settings.efs = ef.numbers
        settings.searchThreads = threads
        settings.buildThreads =
            buildThreads ?? min(max(1, environment.cores), RecallSettings.threadsRange.upperBound)
        return settings
    }

    private func comparedSeries() throws -> [PlotSeries] {
        try compare.flatMap { path in
            let handle = FileHandle(forReadingAtPath: path)
            guard let bytes = try? handle?.read(upToCount: PeerResults.bytesLimit + 1) else {
                throw Failure("\(path) cannot be read: give a file of JSON lines, as `bench recall --json` prints them")
            }
            guard bytes.count <= PeerResults.bytesLimit else {
                throw Failure("\(path) has more than \(PeerResults.bytesLimit >> 20) MiB: give a file of JSON lines")
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            let reading = PeerResults.read([UInt8](bytes), name: name)
            for note in reading.missing { StandardStream.error.line("\(path): not measured: \(note)") }
            guard !reading.series.isEmpty else {
                throw Failure("\(path) holds no search results: give JSON lines, as `bench recall --json` prints them")
            }
            return reading.series
        }
    }
}

/// `10,16,24`.
struct NumberList: ExpressibleByArgument, CustomStringConvertible {
    var numbers: [Int]

    init(numbers: [Int]) { self.numbers = numbers }

    init?(argument: String) {
        let parsed = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let numbers = parsed.compactMap { $0 }
        guard numbers.count == parsed.count, !numbers.isEmpty else { return nil }
        self.numbers = numbers
    }

    var description: String { numbers.map(String.init).joined(separator: ",") }
    var defaultValueDescription: String { description }
}

extension Metric: ExpressibleByArgument {}
extension Quantization: ExpressibleByArgument {}
