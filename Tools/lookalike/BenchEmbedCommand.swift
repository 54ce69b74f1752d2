import ArgumentParser
import EmbeddingBenchmark
import Presentation
import RecallBenchmark

/// `lookalike bench embed`
struct BenchEmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "How fast pictures become vectors.",
        discussion: """
            Embeds drawn pictures that are decoded already, one at a time on each thread. `network_ms` is the network \
            alone, without resizing and normalising, on one thread; for a model that is no network, all of it. \
            `load_ms` is the time from the model's file to the first vector it could make.

            Examples:
              lookalike bench embed
              lookalike bench embed --model mobilenet --store S --precision int8 --threads 2 --json
            """)

    @OptionGroup var options: ModelOptions

    @Option(help: ArgumentHelp("Threads that embed.", valueName: "n"))
    var threads = 1

    @Flag(help: "Print a JSON line.")
    var json = false

    func validate() throws {
        try BenchInput.check("--threads", threads, EmbeddingBenchmark.threadsRange)
    }

    func run() async throws {
        StandardStream.ignoreBrokenPipes()
        let start = ContinuousClock.now
        let embedder = try await options.imageEmbedder().embedder
        let loading = (ContinuousClock.now - start) / .milliseconds(1)
        let progress = BenchProgress(notes: BenchmarkEnvironment.current.lines)
        for note in BenchmarkEnvironment.current.lines { StandardStream.error.line(note) }
        let report = EmbeddingBenchmark(embedder, threads: threads).run { progress.tell($0) }
        progress.clear()
        let peak = ResidentMemory.peakBytes
        guard json else {
            StandardStream.output.line(
                "\(embedder.model.name) in \(embedder.precision.rawValue), \(threads) "
                    + "\(threads == 1 ? "thread" : "threads")")
            StandardStream.output.line(report.text)
            StandardStream.output.line(
                "loaded in \((loading * 10).rounded() / 10) ms"
                    + (peak.map { "; at most \($0 >> 20) MiB of memory, pictures and all" } ?? ""))
            return
        }
        StandardStream.output.line(
            report.json { line in
                line.add("model", embedder.model.name)
                line.add("precision", embedder.precision.rawValue)
                line.add("threads", threads)
                line.add("load_ms", loading)
                if let peak { line.add("peak_bytes", peak) }
            })
    }
}
