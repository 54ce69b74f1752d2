import ArgumentParser
import Presentation
import RecallBenchmark
import StoreRecallBenchmark
import VectorCollections

/// `lookalike bench recall --store DIR`: what is said of the collection. The rest of the options are those of
/// `BenchRecallCommand`.
struct BenchStoreOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Measure a collection of this store, instead of files.", valueName: "dir"))
    var store: String?

    @Option(help: ArgumentHelp("The collection in it. (default: images)", valueName: "name"))
    var collection: String?

    @Option(
        help: ArgumentHelp(
            "Elements to search for, drawn at random; all, where there are fewer. (default: 1000)", valueName: "n"))
    var queriesSample: Int?

    @Option(help: ArgumentHelp("What they are drawn from. (default: 1)", valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Look for the smallest width of search that reaches this recall, above 0, at most 1.", valueName: "r"))
    var targetRecall: Double?

    @Flag(help: "Make that width the collection's own, for searches that do not say one.")
    var apply = false

    func validate() throws {
        let used: [(String, Bool)] = [
            ("--collection", collection != nil), ("--queries-sample", queriesSample != nil), ("--seed", seed != nil),
            ("--target-recall", targetRecall != nil), ("--apply", apply),
        ]
        if store == nil, let option = used.first(where: \.1)?.0 {
            throw ValidationError("\(option) goes with --store DIR.")
        }
        if store?.isEmpty == true { throw ValidationError("--store needs a folder.") }
        if collection?.isEmpty == true { throw ValidationError("A collection has a name.") }
        if let queriesSample {
            try BenchInput.check("--queries-sample", queriesSample, StoreRecallSettings.sampleRange)
        }
        if let targetRecall {
            guard StoreRecallSettings.isTarget(targetRecall) else {
                throw ValidationError("--target-recall is a number above 0, and at most 1.")
            }
            if let queriesSample, queriesSample < StoreRecallSettings.tuningSample {
                throw ValidationError(
                    "--target-recall needs a --queries-sample of at least \(StoreRecallSettings.tuningSample): some "
                        + "to tune with, some to measure.")
            }
        } else if apply {
            throw ValidationError("--apply needs --target-recall: what is applied is the width that reaches it.")
        }
    }

    /// What is read, and must not be written over.
    var inputs: [String] { store.map { ["\($0)/MANIFEST", "\($0)/LOCK"] } ?? [] }
}

extension BenchRecallCommand {
    /// Measures, prints all that was measured, and then fails if the target was missed.
    func runOnStore(_ store: String, _ peers: [PlotSeries]) throws {
        var settings = StoreRecallSettings()
        if let name = place.collection { settings.collection = CollectionName(name) }
        settings.sample = place.queriesSample ?? settings.sample
        settings.seed = place.seed ?? settings.seed
        settings.target = place.targetRecall
        settings.isApplying = place.apply
        settings.count = count
        settings.efs = ef.numbers
        settings.searchThreads = threads
        settings.workThreads = workThreads(.current)
        let progress = BenchProgress(notes: [])
        let report: StoreRecallReport
        do {
            report = try StoreRecallBenchmark(store: store, settings: settings).run { progress.tell($0) }
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        printResults(report.lines, report.table)
        try draw(
            "\(settings.collection)", report.caption, count: report.count, report.series(named: "lookalike"), peers)
        if let failure = report.failure { throw failure }
    }
}
