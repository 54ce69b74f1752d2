import ArgumentParser
import Gallery
import ImageDecoding
import Presentation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `lookalike gallery make|copy`: pictures to try things on.
struct GalleryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gallery",
        abstract: "Draw pictures to try things on.",
        discussion: """
            Examples:
              lookalike gallery make pictures --per-family 10
              lookalike gallery copy pictures/beach/beach-02.jpg copy.jpg --scale 0.5 --quality 40
            """,
        subcommands: [Make.self, Copy.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draw a gallery: a folder a family, JPEG and PNG.",
            discussion: "Example:\n  lookalike gallery make pictures --per-family 12 --seed 7")

        @Argument(help: ArgumentHelp("The folder to write into; made if there is none.", valueName: "dir"))
        var folder: String

        @Option(help: ArgumentHelp("Pictures in each family.", valueName: "n"))
        var perFamily = 10

        @Option(help: ArgumentHelp("Another seed draws other pictures.", valueName: "n"))
        var seed: UInt64 = 1

        func validate() throws {
            if !(1...10_000).contains(perFamily) { throw ValidationError("--per-family is a number from 1 to 10000.") }
        }

        func run() throws {
            try Folder.make(folder)
            var count = 0
            for drawn in Gallery(seed: seed).pictures(perFamily: perFamily) {
                if let slash = drawn.fileName.lastIndex(of: "/") {
                    try Folder.make("\(folder)/\(drawn.fileName[..<slash])")
                }
                let bytes =
                    switch drawn.format {
                    case .jpeg: try JPEGEncoder(quality: 90).encode(drawn.picture)
                    case .png: try PNGEncoder().encode(drawn.picture)
                    }
                try TextFile.write(bytes, to: "\(folder)/\(drawn.fileName)")
                count += 1
            }
            StandardStream.output.line("\(count) pictures in \(Gallery.familyNames.count) families in \(folder)")
        }
    }

    struct Copy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Save a smaller, coarser copy of a picture, as copies on the web are.",
            discussion: "Example:\n  lookalike gallery copy photo.png copy.jpg --scale 0.5 --quality 40")

        @Argument(help: ArgumentHelp("A JPEG or PNG file.", valueName: "image"))
        var image: String

        @Argument(help: ArgumentHelp("The JPEG to write.", valueName: "file"))
        var file: String

        @Option(help: ArgumentHelp("Width and height are multiplied by this.", valueName: "factor"))
        var scale = 0.5

        @Option(help: ArgumentHelp("JPEG quality, 1 to 100.", valueName: "n"))
        var quality = 40

        func validate() throws {
            if !(scale > 0 && scale <= 4) { throw ValidationError("--scale is above 0 and at most 4.") }
            if !(1...100).contains(quality) { throw ValidationError("--quality is a number from 1 to 100.") }
        }

        func run() throws {
            let picture: Picture
            do {
                picture = try ImageDecoder().decode(try ImageInput.read(image)).picture
            } catch let error as DecodingError {
                throw Failure("\(image): \(error)")
            }
            func side(_ side: Int) -> Int { max(1, Int((Double(side) * scale).rounded())) }
            let limit = DecodingLimits.standard.megapixels
            guard side(picture.width) * side(picture.height) <= limit * 1_000_000 else {
                throw Failure("the copy would have more than \(limit) megapixels: give a smaller --scale")
            }
            let smaller = picture.resized(width: side(picture.width), height: side(picture.height))
            try TextFile.write(try JPEGEncoder(quality: quality).encode(smaller), to: file)
        }
    }
}

/// Folders made on the way.
enum Folder {
    /// Makes the folder and those above it, unless they are there.
    static func make(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            if mkdir(made, 0o755) != 0, errno != EEXIST {
                throw Failure("cannot make the folder \(made) (\(String(cString: strerror(errno)))): check its rights")
            }
        }
    }
}
