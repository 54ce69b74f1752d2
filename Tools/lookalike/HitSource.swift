import Catalogue
import Client
import Embedding
import Filters
import Foundation
import Indexing
import NeuralNetwork
import RESP
import Storage
import VectorCollections

/// A result, whichever way it came.
struct FoundHit {
    var element: [UInt8]
    var score: Double
    var attributes: [UInt8]?

    /// `640 x 480 jpeg`, as far as the attributes say so.
    var sizeNote: String {
        struct Facts: Decodable { var width: Int?, height: Int?, format: String? }
        guard let attributes, let facts = try? JSONDecoder().decode(Facts.self, from: Data(attributes)),
            let width = facts.width, let height = facts.height
        else { return "" }
        return "\(width) × \(height) \(facts.format ?? "")"
    }
}

/// Where `lookalike query` gets its answers from.
protocol HitSource {
    func search(
        _ image: [UInt8], _ name: String, _ box: Box?, count: Int, filter: FilterExpression?
    ) async throws -> [FoundHit]
    func thumbnail(of element: [UInt8]) async throws -> [UInt8]?
    func close() async
}

/// A store opened by this process.
struct StoreHits: HitSource {
    let store: Store
    let collection: CollectionName
    /// What the collection's model must compute with; nil for whatever it does.
    var precision: Precision?

    func search(
        _ image: [UInt8], _ name: String, _ box: Box?, count: Int, filter: FilterExpression?
    ) throws -> [FoundHit] {
        guard let found = store.collection(collection) else {
            throw Failure.noCollection(
                "\(collection)", in: store.path, having: store.collectionNames.map { "\($0)" })
        }
        let vector: [Float]
        do throws(CatalogueError) {
            let catalogue = Catalogue(store: store)
            if precision != nil { _ = try catalogue.imageEmbedder(for: collection, precision: precision) }
            vector = try catalogue.queryVector(image: image, box: box, for: found)
        } catch {
            if case .image(let fault) = error { throw Failure("\(name): \(fault)") }
            throw error
        }
        let ef = found.efSearch(asked: nil, count: count)
        return try found.search(vector, SearchOptions(count: count, ef: ef, filter: filter)).map {
            FoundHit(element: $0.name.bytes, score: $0.score, attributes: try found.attributes(of: $0.name))
        }
    }

    func thumbnail(of element: [UInt8]) throws -> [UInt8]? {
        try store.collection(collection)?.thumbnail(of: ElementName(bytes: element))
    }

    func close() { try? store.close() }
}

/// A server.
struct ServerHits: HitSource {
    private let connection: ServerConnection
    private let collection: CollectionName

    /// Connects, and sees that the collection's model computes with `precision`, where that is given.
    init(_ address: ServerAddress, collection: CollectionName, precision: Precision?) async throws {
        connection = try await ServerConnection.connect(to: address)
        self.collection = collection
        try await ServerModels.check(nil, precision, connection, collection.bytes)
    }

    func search(
        _ image: [UInt8], _ name: String, _ box: Box?, count: Int, filter: FilterExpression?
    ) async throws -> [FoundHit] {
        guard case .integer(1) = try await connection.command("EXISTS", [collection.bytes]) else {
            throw Failure.noCollection("\(collection)", in: "\(connection.address)", having: [])
        }
        var words: [[UInt8]] = [collection.bytes, [UInt8]("IMAGE".utf8), image]
        if let box {
            words += (["BOX"] + [box.x, box.y, box.width, box.height].map { "\($0)" }).map { [UInt8]($0.utf8) }
        }
        if let filter { words += [[UInt8]("FILTER".utf8), filter.text] }
        words += ["COUNT", "\(count)", "WITHSCORES", "WITHATTRIBS"].map { [UInt8]($0.utf8) }
        let reply = try await connection.send([[UInt8]("VSIM".utf8)] + words)
        if case .error(let text) = reply {
            if text.hasPrefix("IMAGE ") {
                throw Failure("\(name): \(text.dropFirst(6)); give an intact JPEG or PNG file")
            }
            throw ClientError.refused(text)
        }
        guard case .array(let items) = reply, items.count % 3 == 0 else {
            throw ClientError.unexpectedReply(command: "VSIM")
        }
        return try stride(from: 0, to: items.count, by: 3).map { at in
            guard case .bulk(let element) = items[at], case .bulk(let score) = items[at + 1],
                let score = Double(String(decoding: score, as: UTF8.self))
            else { throw ClientError.unexpectedReply(command: "VSIM") }
            var attributes: [UInt8]?
            if case .bulk(let bytes) = items[at + 2] { attributes = bytes }
            return FoundHit(element: element, score: score, attributes: attributes)
        }
    }

    func thumbnail(of element: [UInt8]) async throws -> [UInt8]? {
        guard case .bulk(let bytes) = try await connection.command("VTHUMB", [collection.bytes, element]) else {
            return nil
        }
        return bytes
    }

    func close() async { await connection.close() }
}

extension Failure {
    static func noCollection(_ name: String, in place: String, having others: [String]) -> Failure {
        let known = others.isEmpty ? "" : "; it has \(others.joined(separator: ", "))"
        return Failure(
            "there is no collection '\(name)' in \(place)\(known): fill one with `lookalike index`, or give --collection"
        )
    }
}
