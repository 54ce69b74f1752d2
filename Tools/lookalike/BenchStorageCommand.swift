import ArgumentParser
import Presentation
import StorageBenchmark

/// `lookalike bench storage PHASE --store DIR`
struct BenchStorageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "What keeping a collection costs: opening it, writing it, and searching it beside a writer.",
        discussion: """
            Phases, each a run of its own; each prints JSON lines:
              fill        adds --n made-up elements to a new store, with names and attributes
              open        opens the store and asks for one answer: time, memory, page faults; --cold lets the system forget
                          the files before
              search      searches for elements by their own vectors for --seconds
              beside      the same beside a writer and checkpoints, and while the store rests
              durability  adds with each durability, from one thread and from eight
              replace     replaces all of --n elements --rounds times, and compares with a store filled at once

            Examples:
              lookalike bench storage fill --store /tmp/million --n 1000000
              lookalike bench storage open --store /tmp/million --n 1000000
              lookalike bench storage beside --store /tmp/million --n 1000000
              lookalike bench storage durability --store /tmp/scratch
            """)

    enum Phase: String, ExpressibleByArgument, CaseIterable {
        case fill, open, search, beside, durability, replace
    }

    @Argument(help: "What to measure.")
    var phase: Phase

    @Option(
        help: ArgumentHelp(
            "The store's folder; for durability and replace a folder to make stores in.", valueName: "dir"))
    var store: String

    @Option(help: ArgumentHelp("Elements.", valueName: "n"))
    var n = 1_000_000

    @Option(help: ArgumentHelp("Values per vector.", valueName: "n"))
    var dim = 128

    @Option(help: ArgumentHelp("Threads that add.", valueName: "n"))
    var threads = 2

    @Option(help: ArgumentHelp("Width of searches.", valueName: "n"))
    var ef = 64

    @Option(help: ArgumentHelp("How long a rate is measured.", valueName: "s"))
    var seconds = 5

    @Option(help: ArgumentHelp("How often everything is replaced.", valueName: "n"))
    var rounds = 10

    @Option(help: ArgumentHelp("How many writes a second go on beside searches.", valueName: "n"))
    var writes = 500

    @Flag(help: "Have the system forget the files before they are opened.")
    var cold = false

    func validate() throws {
        try BenchInput.check("--n", n, 1...100_000_000)
        try BenchInput.check("--dim", dim, 1...65_536)
        try BenchInput.check("--threads", threads, 1...256)
        try BenchInput.check("--ef", ef, 1...1_000_000)
        try BenchInput.check("--seconds", seconds, 1...3600)
        try BenchInput.check("--rounds", rounds, 1...1000)
        try BenchInput.check("--writes", writes, 1...1_000_000)
        if store.isEmpty { throw ValidationError("--store needs a folder.") }
    }

    func run() throws {
        StandardStream.ignoreBrokenPipes()
        var settings = StorageSettings()
        settings.count = n
        settings.dimension = dim
        settings.threads = threads
        settings.ef = ef
        settings.seconds = seconds
        settings.rounds = rounds
        let benchmark = StorageBenchmark(settings, store: store)
        switch phase {
        case .fill: StandardStream.output.line(try benchmark.fill())
        case .open: StandardStream.output.line(try benchmark.openAndAnswer(cold: cold))
        case .search: StandardStream.output.line(try benchmark.search(cold: cold))
        case .beside: StandardStream.output.line(try benchmark.beside(writesPerSecond: writes))
        case .durability: try benchmark.durability { StandardStream.output.line($0) }
        case .replace: StandardStream.output.line(try benchmark.replace())
        }
    }
}
