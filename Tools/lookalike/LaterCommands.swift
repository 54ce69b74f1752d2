import ArgumentParser

/// Commands that are agreed on and not there yet: they say so, instead of being taken for a typing mistake.
enum LaterCommands {
    static let all: [any ParsableCommand.Type] = [
        Import.self, Duplicates.self,
    ]

    struct Import: LaterCommand { @Argument(parsing: .allUnrecognized) var words: [String] = [] }
    struct Duplicates: LaterCommand { @Argument(parsing: .allUnrecognized) var words: [String] = [] }
}

/// Takes any words and answers that it is not there yet.
protocol LaterCommand: ParsableCommand {
    var words: [String] { get }
}

extension LaterCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(abstract: "Not supported yet.", shouldDisplay: false)
    }

    func run() throws { throw Failure.notSupportedYet("`lookalike \(Self._commandName)`") }
}
