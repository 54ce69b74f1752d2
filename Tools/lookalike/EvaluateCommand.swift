import ArgumentParser
import Evaluation
import Presentation

/// `lookalike evaluate DIR_OR_CSV`
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure how well a model finds pictures of the same kind.",
        discussion: """
            Every labelled picture is a query for the others of its set, by exact search. In a folder the label of a \
            picture is the folder that it lies in. A CSV file has the columns file,set,label,group: paths are relative \
            to it, and what matches is what has the same group where there is one, else the same label.

            All figures are from 0 to 1. A picture that nothing else matches is no query; it is counted as `no match`. \
            The last line is the mean of the sets.

            Examples:
              lookalike evaluate photos/clothing
              lookalike evaluate labels.csv --model mobilenet --precision int8 --json
            """)

    @Argument(help: ArgumentHelp("A folder of LABEL/FILE.jpg, or a CSV file.", valueName: "dir-or-csv"))
    var source: String

    @OptionGroup var options: ModelOptions

    @Flag(help: "Print a JSON line a set.")
    var json = false

    /// Files that could not be read and are listed one by one.
    private static let listedRejects = 20

    func run() async throws {
        StandardStream.ignoreBrokenPipes()
        let images = try LabelledImages(RawArguments.bytes(source))
        if images.withoutLabel > 0 {
            StandardStream.error.line(
                "\(images.withoutLabel) files lie in no folder within \(source), have no label, and are left out")
        }
        let path = try await options.imageEmbedder()
        let progress = BenchProgress(notes: [])
        defer { progress.clear() }
        let started = ContinuousClock.now
        let report = try await Interruptible.run { isStopped in
            EvaluationRun(images, with: path).run(
                progress: { progress.tell(.moving("embedding", done: $0, total: $1)) }, isStopped: isStopped)
        }
        progress.clear()
        guard let report else { throw Failure("stopped before all pictures were compared: run it again") }
        for reject in report.rejects.prefix(Self.listedRejects) {
            StandardStream.error.line("rejected \(StandardStream.readable(reject.path)): \(reject.reason)")
        }
        if report.rejects.count > Self.listedRejects {
            StandardStream.error.line("... and \(report.rejects.count - Self.listedRejects) more")
        }
        guard report.sets.contains(where: { $0.count > 0 }) else {
            throw Failure("none of \(report.rejects.count) files could be read: lookalike reads JPEG and PNG")
        }
        guard report.mean != nil else {
            throw Failure("no picture has another one of its label in its set: give at least two of a label")
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        guard json else {
            return StandardStream.output.line(report.table(readable: StandardStream.readable))
        }
        let lines = report.jsonLines { line in
            line.add("model", path.embedder.model.name)
            line.add("precision", path.embedder.precision.rawValue)
            line.add("seconds", seconds)
        }
        for line in lines { StandardStream.output.line(line) }
    }
}
