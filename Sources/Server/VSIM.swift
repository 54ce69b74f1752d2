import Catalogue
import Filters
import HNSW
import RESP
import Storage
import VectorCollections

/// `VSIM key (ELE element | FP32 blob | VALUES n v.. | IMAGE bytes [BOX x y w h]) [WITHSCORES] [WITHATTRIBS] [COUNT n]
/// [EPSILON x] [EF n] [FILTER expr] [FILTER-EF n] [TRUTH] [NOTHREAD]`
enum VSIM {
    /// Results when COUNT is not given.
    static let defaultCount = 10

    private struct Options {
        var withScores = false
        var withAttributes = false
        var count = defaultCount
        var ef: Int?
        var epsilon: Double?
        var exact = false
        var filter: FilterExpression?
        var filterEF: Int?

        /// What a collection is asked; without EF, as wide a search as it is set to.
        func search(in collection: Collection) -> SearchOptions {
            SearchOptions(
                count: count, ef: collection.efSearch(asked: ef, count: count), exact: exact, filter: filter,
                filterEF: filterEF)
        }
    }

    /// What is searched for.
    private enum Query {
        case element(ElementName)
        case input(VectorInput)
    }

    static func run(
        _ words: Words, _ version: RESPVersion, _ services: CommandServices
    ) throws(CommandFailure) -> RESPReply {
        // As the reference: a missing set is an empty array whatever else the command says.
        guard let collection = services.store.collection(words.collection(1)) else { return .array([]) }
        var index = 2
        let query: Query
        if words.matches(2, "ELE") {
            query = .element(words.element(3))
            index = 4
            let exists = try stored { () throws(StoreError) in try collection.contains(words.element(3)) }
            guard exists else { throw .err("element not found in set") }
        } else {
            let input = try VectorInput.parse(words, &index, wordsBehind: 0, allowsReduce: false)
            if case .vector(let vector) = input, vector.count != collection.configuration.dimension {
                throw .dimensionMismatch(asked: vector.count, existing: collection.configuration.dimension)
            }
            query = .input(input)
        }
        let options = try Self.options(words, from: index)
        let hits = try search(collection, query, options, services)
        return try stored { () throws(StoreError) in try reply(hits, collection, options, version) }
    }

    private static func options(_ words: Words, from start: Int) throws(CommandFailure) -> Options {
        var options = Options()
        var index = start
        while index < words.count {
            let hasValue = index + 1 < words.count
            if words.matches(index, "WITHSCORES") {
                options.withScores = true
            } else if words.matches(index, "WITHATTRIBS") {
                options.withAttributes = true
            } else if words.matches(index, "TRUTH") {
                options.exact = true
            } else if words.matches(index, "NOTHREAD") {
                // Says where the reference runs the search; nothing to do with what comes out.
            } else if hasValue, words.matches(index, "COUNT") {
                index += 1
                guard let count = words.integer(index), count >= 1 else { throw .err("invalid COUNT") }
                options.count = count
            } else if hasValue, words.matches(index, "EF") {
                index += 1
                guard let ef = words.integer(index), HNSWParameters.efRange.contains(ef) else {
                    throw .err("invalid EF")
                }
                options.ef = ef
            } else if hasValue, words.matches(index, "EPSILON") {
                index += 1
                guard let epsilon = words.double(index), epsilon > 0 else { throw .err("invalid EPSILON") }
                options.epsilon = epsilon
            } else if hasValue, words.matches(index, "FILTER-EF") {
                index += 1
                guard let limit = words.integer(index), limit >= 1 else { throw .err("invalid FILTER-EF") }
                options.filterEF = limit
            } else if hasValue, words.matches(index, "FILTER") {
                index += 1
                options.filter = try filter(words.bytes(index))
            } else {
                throw .err("syntax error in VSIM command")
            }
            index += 1
        }
        return options
    }

    private static func filter(_ text: [UInt8]) throws(CommandFailure) -> FilterExpression {
        do {
            return try FilterExpression(text)
        } catch {
            throw .err(error.description)
        }
    }

    private static func search(
        _ collection: Collection, _ query: Query, _ options: Options, _ services: CommandServices
    ) throws(CommandFailure) -> [Hit] {
        var hits: [Hit]
        let search = options.search(in: collection)
        func nearest(_ vector: [Float]) throws(CommandFailure) -> [Hit] {
            try stored { () throws(StoreError) in try collection.search(vector, search) }
        }
        switch query {
        case .element(let name):
            // Removed by another client since it was looked up: the same answer as if it had been before.
            let found = try stored { () throws(StoreError) in try collection.search(like: name, search) }
            guard let found else { throw .err("element not found in set") }
            hits = found
        case .input(.vector(let vector)):
            hits = try nearest(vector)
        case .input(.image(let bytes, let box)):
            let vector: [Float]
            do {
                vector = try services.catalogue.queryVector(image: bytes, box: box, for: collection)
            } catch {
                throw CommandFailure(error)
            }
            hits = try nearest(vector)
        }
        if let epsilon = options.epsilon {
            hits = hits.filter { Double($0.distance) / 2 <= epsilon }
        }
        return hits
    }

    private static func reply(
        _ hits: [Hit], _ collection: Collection, _ options: Options, _ version: RESPVersion
    ) throws(StoreError) -> RESPReply {
        var found: [ElementName: RESPReply] = [:]
        if options.withAttributes {
            for hit in hits { found[hit.name] = try collection.attributes(of: hit.name).map { .bulk($0) } ?? .null }
        }
        func attributes(_ hit: Hit) -> RESPReply { found[hit.name] ?? .null }
        func name(_ hit: Hit) -> RESPReply { .bulk(hit.name.bytes) }
        switch (options.withScores, options.withAttributes) {
        case (false, false): return .array(hits.map(name))
        case (true, false): return .map(hits.map { .init(name($0), .double($0.score)) })
        case (false, true): return .map(hits.map { .init(name($0), attributes($0)) })
        case (true, true):
            // A pair for each name in RESP3; three items in turn in RESP2.
            if version == .resp3 {
                return .map(hits.map { .init(name($0), .array([.double($0.score), attributes($0)])) })
            }
            return .array(hits.flatMap { [name($0), .double($0.score), attributes($0)] })
        }
    }
}
