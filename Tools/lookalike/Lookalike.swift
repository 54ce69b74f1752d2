import ArgumentParser
import Presentation

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
        subcommands: [
            IndexCommand.self, QueryCommand.self, ServeCommand.self, EmbedCommand.self, EvaluateCommand.self,
            ModelCommand.self, BenchCommand.self, GalleryCommand.self, VerifyCommand.self, InspectCommand.self,
            BackupCommand.self, RestoreCommand.self,
            RepairCommand.self,
        ] + LaterCommands.all)

    /// Parses, runs, and ends with the contract's exit codes. Results that could not be written are a failure, however
    /// well all else went.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            if let fault = StandardStream.outputFault {
                throw Failure("the results could not be written (\(fault)): make room, or write them elsewhere")
            }
        } catch {
            // Whatever a failure names (paths, a server's words), it stays one line.
            exit(withError: exitCode(for: error) == .failure ? Failure("\(error)") : error)
        }
    }
}

/// A failure of a command: one line that says what is wrong and what to do. Exit code 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = StandardStream.readable([UInt8](description.utf8)) }

    /// For an option that the contract has and this version has not.
    static func notSupportedYet(_ option: String) -> Failure { Failure("\(option) is not supported yet") }
}
