import ArgumentParser
import ChurnBenchmark
import HNSW
import Presentation
import RecallBenchmark

/// `lookalike bench churn --base F --queries F`
struct BenchChurnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "What removing, adding and updating leave of the index: recall, memory, reachability.",
        discussion: """
            Begins with two thirds of the base vectors in. Each round takes a random half of them out, puts the third \
            that was out in, and changes a tenth of the rest to another vector and back, on several threads at once, \
            while one more searches all the time. After each round the index is checked: `unreachable` is how many \
            vectors no search could find. In the end it is compared with an index built at once of the same vectors: \
            recall against exact search at the same ef, and resident bytes per vector.

            Ends with exit code 1 when the index holds other than what was put in, breaks a rule of its own, or answers \
            a search with what no answer may be.

            Examples:
              lookalike bench churn --base base.bvecs --queries queries.bvecs
              lookalike bench churn --base b.npy --queries q.npy --metric cosine --rounds 20 --threads 8 --json
            """)

    @OptionGroup var files: BenchFileOptions

    @Option(help: ArgumentHelp("Links of a node on the upper layers; twice as many on the lowest.", valueName: "n"))
    var m = 16

    @Option(help: ArgumentHelp("Candidates that the build keeps.", valueName: "n"))
    var efConstruction = 200

    @Option(help: ArgumentHelp("How often half of the vectors are exchanged.", valueName: "n"))
    var rounds = 10

    @Option(help: ArgumentHelp("Threads that change the index; one more searches.", valueName: "n"))
    var threads = 4

    @Option(help: ArgumentHelp("Width of the searches.", valueName: "n"))
    var ef = 64

    @Option(help: ArgumentHelp("Neighbours asked for and compared with the true ones.", valueName: "n"))
    var count = 10

    @Option(help: ArgumentHelp("What the rows of each round are drawn from.", valueName: "n"))
    var seed: UInt64 = 1

    func validate() throws {
        try BenchInput.check("--m", m, HNSWParameters.mRange)
        try BenchInput.check("--ef-construction", efConstruction, HNSWParameters.efRange)
        try BenchInput.check("--rounds", rounds, ChurnSettings.roundsRange)
        try BenchInput.check("--threads", threads, ChurnSettings.threadsRange)
        try BenchInput.check("--ef", ef, HNSWParameters.efRange)
        try BenchInput.check("--count", count, RecallSettings.countRange)
    }

    func run() throws {
        StandardStream.ignoreBrokenPipes()
        var settings = ChurnSettings()
        settings.metric = files.metric
        settings.parameters = HNSWParameters(m: m, efConstruction: efConstruction)
        settings.quantization = files.quantization
        settings.rounds = rounds
        settings.threads = threads
        settings.ef = ef
        settings.count = count
        settings.seed = seed
        let benchmark = try ChurnBenchmark(
            base: BenchInput.open(files.base), queries: BenchInput.open(files.queries), settings: settings)
        let progress = BenchProgress(notes: BenchmarkEnvironment.current.lines)
        defer { progress.clear() }
        let report = try benchmark.run({ progress.tell($0) }) { line in
            progress.clear()
            if files.json { StandardStream.output.line(line) }
        }
        progress.clear()
        if !files.json { StandardStream.output.line(report.table) }
    }
}
