import Filters
import Storage
import TestSupport
import VectorCollections

/// What can be asked of a store.
enum Question: Hashable {
    case collections
    case names(CollectionName)
    case contains(CollectionName, ElementName)
    case vector(CollectionName, ElementName)
    case attributes(CollectionName, ElementName)
    case thumbnail(CollectionName, ElementName)
    case links(CollectionName, ElementName)
    case search(CollectionName, query: Int, exact: Bool)
    case filtered(CollectionName, query: Int)
    case like(CollectionName, ElementName)

    enum Answer: Equatable {
        /// There is no such collection.
        case nothing
        case collections([CollectionName])
        case names([ElementName])
        case truth(Bool)
        case vector([Float]?, norm: Float?)
        case bytes([UInt8]?)
        case links([[Hit]]?)
        case hits([Hit]?)
    }

    static let queries = 10

    /// Everything there is to ask of a store.
    static func all(of store: FuzzStore) -> [Question] {
        var questions: [Question] = [.collections]
        for (collection, names) in store.names.sorted(by: { $0.key < $1.key }) {
            questions.append(.names(collection))
            for query in 0..<queries {
                questions += [false, true].map { .search(collection, query: query, exact: $0) }
            }
            questions += (0..<3).map { .filtered(collection, query: $0) }
            for (index, name) in names.enumerated() {
                questions += [.vector(collection, name), .attributes(collection, name), .thumbnail(collection, name)]
                questions += [.contains(collection, name), .links(collection, name)]
                if index % 8 == 0 { questions.append(.like(collection, name)) }
            }
        }
        return questions
    }

    /// Whether the answer says what is stored, and not how it is linked.
    var isOfContents: Bool {
        switch self {
        case .collections, .names, .contains, .vector, .attributes, .thumbnail: true
        case .search(_, _, let exact): exact
        case .links, .filtered, .like: false
        }
    }

    func ask(_ store: Store, _ fuzzed: FuzzStore) throws(StoreError) -> Answer {
        func query(_ number: Int) -> [Float] {
            var random = SeededRandom(seed: UInt64(1000 + number))
            return random.vector(fuzzed.configuration.dimension)
        }
        switch self {
        case .collections: return .collections(store.collectionNames)
        case .names(let name):
            guard let collection = store.collection(name) else { return .nothing }
            return .names(try collection.names())
        case .contains(let name, let element):
            guard let collection = store.collection(name) else { return .nothing }
            return .truth(try collection.contains(element))
        case .vector(let name, let element):
            guard let collection = store.collection(name) else { return .nothing }
            let found = try collection.vector(of: element)
            return .vector(found?.unit, norm: found?.norm)
        case .attributes(let name, let element):
            guard let collection = store.collection(name) else { return .nothing }
            return .bytes(try collection.attributes(of: element))
        case .thumbnail(let name, let element):
            guard let collection = store.collection(name) else { return .nothing }
            return .bytes(try collection.thumbnail(of: element))
        case .links(let name, let element):
            guard let collection = store.collection(name) else { return .nothing }
            return .links(try collection.links(of: element))
        case .search(let name, let number, let exact):
            guard let collection = store.collection(name) else { return .nothing }
            return .hits(try collection.search(query(number), count: 8, ef: 40, exact: exact))
        case .filtered(let name, let number):
            guard let collection = store.collection(name) else { return .nothing }
            return .hits(
                try collection.search(query(number), SearchOptions(count: 5, ef: 20, filter: Self.filters[number])))
        case .like(let name, let element):
            guard let collection = store.collection(name) else { return .nothing }
            return .hits(try collection.search(like: element, count: 4, ef: 30))
        }
    }

    private static let filters: [FilterExpression] = [".year > 2000", ".kind == \"k1\"", ".year < 1992"].map {
        do { return try FilterExpression($0) } catch { fatalError("\(error)") }
    }
}
