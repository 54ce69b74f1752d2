import ArgumentParser

/// `lookalike bench recall`, `embed`, `churn`, `filter` and `storage`; more to come.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure recall, speed and memory on this machine.",
        discussion: """
            Examples:
              lookalike bench recall --base base.bvecs --queries queries.bvecs --truth truth.ivecs
              lookalike bench recall --store ~/pictures.store --target-recall 0.98
              lookalike bench churn --base base.bvecs --queries queries.bvecs
              lookalike bench filter --base base.bvecs --queries queries.bvecs --plot filter.svg
              lookalike bench embed --threads 2
              lookalike bench storage fill --store /tmp/million
              lookalike bench recall --help
            """,
        subcommands: [
            BenchRecallCommand.self, BenchChurnCommand.self, BenchFilterCommand.self, BenchStorageCommand.self,
            BenchEmbedCommand.self, Decode.self, Index.self,
        ])

    struct Decode: LaterCommand {
        @Argument(parsing: .allUnrecognized) var words: [String] = []
        func run() throws { throw Failure.notSupportedYet("`lookalike bench decode`") }
    }

    struct Index: LaterCommand {
        @Argument(parsing: .allUnrecognized) var words: [String] = []
        func run() throws { throw Failure.notSupportedYet("`lookalike bench index`") }
    }
}
