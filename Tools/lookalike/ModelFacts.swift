import Embedding
import Foundation
import JSONLines
import NeuralNetwork
import Presentation

/// What is said of a model, in lists and by itself.
struct ModelFacts {
    private let name: String
    /// The name behind `default`.
    private let meaning: String?
    private let embedder: (any Embedder)?
    private let imported: (record: ModelRecord, folder: ModelFolder)?
    private let precisions: [Precision]

    /// The facts of a model, as far as they are known without reading weights.
    init(_ name: String, _ models: ModelRegistry) throws(ModelError) {
        self.name = name
        let resolved = models.resolved(name)
        meaning = resolved == name ? nil : resolved
        embedder = models.builtIn(name)
        guard embedder == nil else {
            imported = nil
            precisions = embedder.map { [$0.precision] } ?? []
            return
        }
        guard let found = try models.imported(name) else { throw .unknown(name, known: try models.names()) }
        imported = found
        precisions = try found.folder.hasRanges(found.record) ? [.f32, .int8] : [.f32]
    }

    private var dimension: Int { imported?.record.dimension ?? embedder?.model.dimension ?? 0 }
    private var size: Int { imported?.record.preparation.size ?? embedder?.inputSize ?? 0 }
    private var place: String { imported?.folder.place.rawValue ?? "program" }
    private var licence: String? { imported == nil ? "that of the program" : imported?.record.licence }
    private var precisionText: String { precisions.map(\.rawValue).joined(separator: ",") }

    /// The columns of a list.
    var cells: [String] {
        [
            name + (meaning.map { " (\($0))" } ?? ""), "\(dimension)", "\(size)", precisionText, place,
            licence.map { StandardStream.readable([UInt8]($0.utf8)) } ?? "unknown",
        ]
    }

    /// What stands above a plan.
    var lines: [(String, String)] {
        var lines = [("name", cells[0]), ("values", cells[1]), ("input size", "\(size)")]
        if let record = imported?.record {
            func list(_ values: [Float]) -> String { values.map(\.description).joined(separator: ",") }
            lines += [
                ("mean", list(record.preparation.mean)), ("scale", list(record.preparation.scale)),
                ("colour order", record.preparation.colourOrder.rawValue),
                ("resize", record.preparation.resizing.rawValue), ("output", record.output ?? "the network's first"),
                ("source", StandardStream.readable([UInt8](record.source.utf8))),
                ("file sha256", record.network.sha256),
                ("bytes", "\(record.network.bytes)"),
            ]
        }
        return lines + [("precision", precisionText), ("where", path ?? place), ("licence", cells[5])]
    }

    private var path: String? {
        imported.map { StandardStream.readable([UInt8]("\($0.folder.path)/\($0.record.name)".utf8)) }
    }

    /// The same for programs.
    var json: JSONLine {
        var line = JSONLine()
        line.add("name", name)
        if let meaning { line.add("stands_for", meaning) }
        line.add("dimension", dimension)
        line.add("input_size", size)
        line.add("precision", raw: "[" + precisions.map { JSONLine.quoted($0.rawValue) }.joined(separator: ",") + "]")
        line.add("where", place)
        if let imported {
            let preparation = imported.record.preparation
            func list(_ values: [Float]) -> String { "[" + values.map(\.description).joined(separator: ",") + "]" }
            line.add("path", "\(imported.folder.path)/\(imported.record.name)")
            line.add("mean", raw: list(preparation.mean))
            line.add("scale", raw: list(preparation.scale))
            line.add("colour_order", preparation.colourOrder.rawValue)
            line.add("resize", preparation.resizing.rawValue)
            if let output = imported.record.output { line.add("output", output) }
            line.add("source", imported.record.source)
            line.add("sha256", imported.record.network.sha256)
            line.add("bytes", imported.record.network.bytes)
        }
        if let licence { line.add("licence", licence) } else { line.add("licence", raw: "null") }
        return line
    }

    /// A plan as JSON.
    static func json(of plan: PlanSummary) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(plan), as: UTF8.self)
    }
}
