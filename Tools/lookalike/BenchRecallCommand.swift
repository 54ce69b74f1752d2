import ArgumentParser
import Foundation
import HNSW
import JSONLines
import Presentation
import RecallBenchmark

/// `lookalike bench recall --base F --queries F`, and `--store DIR`, of which more in `BenchStoreOptions`.
struct BenchRecallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall",
        abstract: "Recall against speed of the index, on files of vectors or on a collection of yours.",
        discussion: """
            With --base, builds an index of the base vectors and searches it for each query at several widths (ef). Prints how many \
            of the true neighbours were found, queries a second (the best of three passes over all queries, one query \
            at a time per thread), latencies, and resident bytes per vector. Results come when all is measured; progress \
            is on standard error.

            Files: .bvecs, .fvecs (http://corpus-texmex.irisa.fr) and .npy. Without --truth the true neighbours are \
            computed, by comparing every query with every vector.

            With --store, searches a collection for elements of its own, drawn at random, each as if it were not there, \
            and compares with exact search. --target-recall looks for the smallest width of search that finds \
            so much for half of these queries, and measures what it finds for the other half; --apply makes it the width \
            of all searches of that collection that do not say one (`lookalike query`, VSIM without EF). A store that a \
            server holds cannot be measured: stop the server first.

            Examples:
              lookalike bench recall --base base.bvecs --queries queries.bvecs --truth truth.ivecs
              lookalike bench recall --base b.npy --queries q.npy --metric cosine --quantization f32 --ef 32,64,128
              lookalike bench recall --base base.bvecs --queries queries.bvecs --truth truth.ivecs --json > ours.jsonl
              lookalike bench recall --base b.fvecs --queries q.fvecs --plot plot.svg --compare peers.jsonl
              lookalike bench recall --store ~/pictures.store
              lookalike bench recall --store ~/pictures.store --target-recall 0.98 --apply
            """)

    @Option(help: ArgumentHelp("Vectors to search among.", valueName: "file"))
    var base: String?

    @Option(help: ArgumentHelp("Vectors to search for.", valueName: "file"))
    var queries: String?

    @Option(
        help: ArgumentHelp("True neighbours of each query: rows of the base, nearest first.", valueName: "file.ivecs"))
    var truth: String?

    // Without values of their own, so that it is seen when they are given where a collection has its own.
    @Option(help: ArgumentHelp("What near means: l2, cosine or dot. (default: l2)", valueName: "metric"))
    var metric: Metric?

    @Option(
        help: ArgumentHelp(
            "Links of a node on the upper layers; twice as many on the lowest. (default: 16)", valueName: "n"))
    var m: Int?

    @Option(help: ArgumentHelp("Candidates that the build keeps. (default: 200)", valueName: "n"))
    var efConstruction: Int?

    @Option(
        help: ArgumentHelp(
            "How the index keeps vectors: int8, f32, or bin (not with l2). (default: int8)", valueName: "form"))
    var quantization: Quantization?

    @Option(help: ArgumentHelp("Neighbours asked for and compared with the true ones.", valueName: "n"))
    var count = 10

    @Option(help: ArgumentHelp("Widths of search to measure; one below --count counts as --count.", valueName: "list"))
    var ef = NumberList(numbers: [10, 16, 24, 32, 48, 64, 96, 128, 192, 256])

    @Option(help: ArgumentHelp("Threads that search.", valueName: "n"))
    var threads = 1

    @Option(
        help: ArgumentHelp(
            "Threads that build; with --store, that compute the truth (default: one a core).", valueName: "n"))
    var buildThreads: Int?

    @Flag(help: "Print JSON lines: the build or the opening, then one a width.")
    var json = false

    @Option(help: ArgumentHelp("Draw recall against queries a second.", valueName: "file.svg"))
    var plot: String?

    @Option(
        help: ArgumentHelp(
            "JSON lines of other programs, or of earlier runs, to draw beside; may be repeated.",
            valueName: "file.jsonl"))
    var compare: [String] = []

    @OptionGroup(title: "On a collection") var place: BenchStoreOptions

    func validate() throws {
        if place.store != nil {
            let others: [(String, Bool)] = [
                ("--base", base != nil), ("--queries", queries != nil), ("--truth", truth != nil),
                ("--metric", metric != nil), ("--m", m != nil), ("--ef-construction", efConstruction != nil),
                ("--quantization", quantization != nil),
            ]
            if let other = others.first(where: \.1)?.0 {
                throw ValidationError("\(other) is for files of vectors: a collection (--store) has its own.")
            }
        } else if (base ?? "").isEmpty || (queries ?? "").isEmpty {
            throw ValidationError("Give the files of vectors, --base FILE --queries FILE, or --store DIR.")
        }
        if truth?.isEmpty == true { throw ValidationError("--truth needs a file name.") }
        if plot?.isEmpty == true { throw ValidationError("--plot needs a file name.") }
        if plot == nil, !compare.isEmpty { throw ValidationError("--compare is drawn by --plot FILE.svg.") }
        let shape = index
        if !shape.quantization.supports(shape.metric) {
            throw ValidationError(
                "--quantization \(shape.quantization.rawValue) has no \(shape.metric.rawValue): give --metric cosine or "
                    + "dot.")
        }
        if let m { try BenchInput.check("--m", m, HNSWParameters.mRange) }
        if let efConstruction { try BenchInput.check("--ef-construction", efConstruction, HNSWParameters.efRange) }
        try BenchInput.check("--count", count, RecallSettings.countRange)
        try BenchInput.check("--threads", threads, RecallSettings.threadsRange)
        if let buildThreads { try BenchInput.check("--build-threads", buildThreads, RecallSettings.threadsRange) }
        for number in ef.numbers { try BenchInput.check("--ef", number, HNSWParameters.efRange) }
        if ef.numbers.count > RecallSettings.efsLimit {
            throw ValidationError("--ef takes up to \(RecallSettings.efsLimit) numbers.")
        }
    }

    func run() throws {
        StandardStream.ignoreBrokenPipes()
        // All that can be wrong with the arguments is found before the long part.
        let peers = try comparedSeries()
        if let plot {
            try BenchInput.checkPlot(plot, inputs: [base, queries, truth].compactMap { $0 } + place.inputs + compare)
        }
        if let store = place.store { try runOnStore(store, peers) } else { try runOnFiles(peers) }
    }

    private func runOnFiles(_ peers: [PlotSeries]) throws {
        let environment = BenchmarkEnvironment.current
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
        printResults(report.lines, report.table)
        let name = (base ?? "").split(separator: "/").last ?? ""
        try draw("\(name)", report.caption, count: count, report.series(named: "lookalike"), peers)
    }

    /// The results, in the form that was asked for.
    func printResults(_ lines: [JSONLine], _ table: String) {
        if json {
            for line in lines { StandardStream.output.line(line) }
        } else {
            StandardStream.output.line(table)
        }
    }

    /// The figure, if one was asked for.
    func draw(_ what: String, _ caption: String, count: Int, _ ours: PlotSeries, _ peers: [PlotSeries]) throws {
        guard let plot else { return }
        let figure = RecallPlot(
            title: "Recall and speed on \(what)", caption: caption, count: count, series: [ours] + peers)
        try TextFile.write(figure.svg, to: plot)
        StandardStream.error.line("wrote \(plot)")
    }

    /// Threads for what is not timed.
    func workThreads(_ environment: BenchmarkEnvironment) -> Int {
        buildThreads ?? min(max(1, environment.cores), RecallSettings.threadsRange.upperBound)
    }

    /// What the index is to be: as given, else the benchmark's own.
    private var index: RecallSettings {
        var settings = RecallSettings()
        settings.metric = metric ?? settings.metric
        settings.quantization = quantization ?? settings.quantization
        return settings
    }

    private func settings(_ environment: BenchmarkEnvironment) -> RecallSettings {
        var settings = index
        settings.parameters.m = m ?? settings.parameters.m
        settings.parameters.efConstruction = efConstruction ?? settings.parameters.efConstruction
        settings.count = count
        settings.efs = ef.numbers
        settings.searchThreads = threads
        settings.buildThreads = workThreads(environment)
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
