import ArgumentParser

/// The program: one subcommand a file.
@main
struct Lookalike: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "lookalike",
        abstract: "Find pictures that look like a picture, on your own machine.",
        discussion: """
            Examples:
              lookalike index ~/Pictures --store ~/pictures.store
              lookalike query holiday.jpg --store ~/pictures.store
              lookalike serve --store ~/pictures.store
            """,
        version: version,
        subcommands: [IndexCommand.self, QueryCommand.self, ServeCommand.self, EmbedCommand.self, GalleryCommand.self]
            + LaterCommands.all)
}

/// A failure of a command: one line that says what is wrong and what to do. Exit code 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// For an option that the contract has and this version has not.
    static func notSupportedYet(_ option: String) -> Failure { Failure("\(option) is not supported yet") }
}
