import ArgumentParser
import ImageDecoding
import JSONLines
import Presentation

/// `lookalike embed IMAGE...`
struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Print the vectors of pictures; nothing is stored.",
        discussion: """
            One JSON line a picture: {"path":...,"model":...,"precision":...,"vector":[...]}. With '-' the paths are read from standard \
            input, one a line.

            Examples:
              lookalike embed cat.jpg
              find photos -name '*.jpg' | lookalike embed - --model baseline-v1 > vectors.jsonl
              lookalike embed cat.jpg --model mobilenet --precision int8 --store ~/pictures.store
            """)

    @Argument(help: ArgumentHelp("JPEG or PNG files; '-' reads paths from standard input.", valueName: "image"))
    var images: [String]

    @OptionGroup var options: ModelOptions

    @Option(help: ArgumentHelp("The collection whose model is used with --store and no --model.", valueName: "name"))
    var collection = "images"

    @Option(help: ArgumentHelp("Look only at this part: left,top,width,height as fractions.", valueName: "x,y,w,h"))
    var box: BoxArgument?

    @Flag(help: "Print JSON lines; there is no other output.")
    var json = false

    func run() async throws {
        let path = try await options.imageEmbedder(collection: collection)
        let paths = try images.flatMap { $0 == "-" ? try ImageInput.lines() : [RawArguments.bytes($0)] }
        var failures = 0
        for image in paths {
            do {
                let embedded = try path.embed(try ImageInput.read(image), box: box?.box)
                var line = JSONLine()
                line.add("path", name: image)
                line.add("model", path.embedder.model.name)
                line.add("precision", path.embedder.precision.rawValue)
                line.add("vector", embedded.vector)
                StandardStream.output.line(line)
            } catch {
                let failure =
                    (error as? DecodingError).map { Failure("\(StandardStream.readable(image)): \($0)") } ?? error
                // A single one is the command's own failure; among many it is told and passed over.
                if paths.count == 1 { throw failure }
                StandardStream.error.line("\(failure)")
                failures += 1
            }
        }
        if failures > 0, failures == paths.count {
            throw Failure("none of \(failures) files could be read: lookalike reads JPEG and PNG")
        }
    }
}
