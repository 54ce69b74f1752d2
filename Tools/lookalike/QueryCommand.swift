import ArgumentParser
import Catalogue
import Client
import Embedding
import Filters
import Foundation
import ImageDecoding
import Indexing
import JSONLines
import NeuralNetwork
import Presentation
import Storage
import VectorCollections

/// `lookalike query IMAGE --store DIR`
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query",
        abstract: "Find the pictures most like a picture.",
        discussion: """
            Prints the most similar first. Scores run from 0 to 1; 1 is the same direction.

            Examples:
              lookalike query holiday.jpg --store ~/pictures.store
              lookalike query shoe.png --store S --count 24 --html hits.html
              lookalike query shoe.png --store S --filter '.format == "png" and .width >= 800'
              lookalike query crowd.jpg --box 0.2,0.1,0.3,0.5 --server 127.0.0.1:6390 --json
              curl -s localhost/camera.jpg | lookalike query - --store S
            """)

    @Argument(help: ArgumentHelp("A JPEG or PNG file; '-' reads it from standard input.", valueName: "image"))
    var image: String

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("How many to show.", valueName: "n"))
    var count = 10

    @Option(help: ArgumentHelp("Look only at this part: left,top,width,height as fractions.", valueName: "x,y,w,h"))
    var box: BoxArgument?

    @Flag(help: "Print a JSON line a hit.")
    var json = false

    @Option(help: ArgumentHelp("Write a page of thumbnails that needs nothing beside it.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("Only pictures whose attributes match, e.g. '.width > 1000'.", valueName: "expr"))
    var filter: String?

    @Option(help: ArgumentHelp("Insist on what the collection's network computes with.", valueName: "p"))
    var precision: Precision?

    @Flag(help: .hidden) var collapse = false

    /// Most results of one query.
    static let countRange = 1...1_000_000

    func validate() throws {
        if !Self.countRange.contains(count) {
            throw ValidationError("--count is a number from 1 to \(Self.countRange.upperBound).")
        }
    }

    func run() async throws {
        let filter = try compiledFilter()
        if collapse { throw Failure.notSupportedYet("--collapse") }
        if let html, let sheet = realpath(html, nil) {
            defer { free(sheet) }
            if image != "-", let given = realpath(image, nil) {
                defer { free(given) }
                if strcmp(sheet, given) == 0 {
                    throw Failure("--html \(html) is the picture itself: give another name")
                }
            }
        }
        let bytes = try ImageInput.read(image)
        let source: any HitSource
        switch try await place.open(.reading) {
        case .store(let store): source = StoreHits(store: store, collection: place.name, precision: precision)
        case .server(let address): source = try await ServerHits(address, collection: place.name, precision: precision)
        }
        let hits = try await source.search(bytes, image, box?.box, count: count, filter: filter)
        if let html { try await writeSheet(html, bytes, hits, source) }
        await source.close()
        for (rank, hit) in hits.enumerated() { StandardStream.output.line(line(rank + 1, hit)) }
    }

    private func compiledFilter() throws -> FilterExpression? {
        do {
            return try filter.map { text throws(FilterError) in try FilterExpression(text) }
        } catch {
            throw Failure("--filter: \(error); `lookalike query --help` has an example, docs/protocol.md the language")
        }
    }

    private func line(_ rank: Int, _ hit: FoundHit) -> String {
        guard json else {
            return "\(rank)\t\(ContactSheet.fixed(hit.score))\t\(StandardStream.readable(hit.element))"
        }
        var line = JSONLine()
        line.add("rank", rank)
        line.add("element", name: hit.element)
        line.add("score", hit.score)
        line.add("attributes", attributes: hit.attributes)
        return line.description
    }

    private func writeSheet(
        _ path: String, _ bytes: [UInt8], _ hits: [FoundHit], _ source: any HitSource
    ) async throws {
        let side = ImageEmbedder.thumbnailSide
        let picture = try ImageDecoder().decode(bytes, wanted: .covering(width: side, height: side)).picture
        var cells: [ContactSheet.Cell] = []
        for hit in hits {
            var thumbnail: [UInt8]?
            do {
                thumbnail = try await source.thumbnail(of: hit.element)
            } catch let error as StoreError {
                // The hits are worth showing without it.
                StandardStream.error.line("no thumbnail of \(StandardStream.readable(hit.element)): \(error)")
            }
            cells.append(
                ContactSheet.Cell(
                    name: String(decoding: hit.element, as: UTF8.self), score: hit.score,
                    thumbnail: thumbnail, note: hit.sizeNote))
        }
        let sheet = ContactSheet(
            title: "Lookalikes of \(image)",
            query: .init(
                name: image, score: nil, thumbnail: try ImageEmbedder.thumbnail(of: picture),
                note: "\(hits.count) most similar in \(place.collection)"),
            hits: cells, footer: "Made by lookalike \(Lookalike.version)")
        try TextFile.write(sheet.html, to: path)
        StandardStream.error.line("wrote \(path)")
    }
}
