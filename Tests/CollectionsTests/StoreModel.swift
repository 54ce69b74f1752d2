import Storage
import TestSupport
import VectorCollections

/// What a store should hold, as a dictionary.
struct StoreModel {
    struct Element: Equatable {
        var vector: [Float]
        var attributes: [UInt8]?
        var thumbnail: [UInt8]?
    }

    struct Key: Hashable {
        var collection: CollectionName
        var name: ElementName
    }

    var elements: [Key: Element] = [:]

    /// One change that a test asks for.
    enum Step {
        case upsert(Key, ElementChange)
        case remove(Key)
        case setAttributes(Key, [UInt8]?)
        case drop(CollectionName)
        case checkpoint
        case sync

        static func random(_ random: inout SeededRandom, dimension: Int) -> Step {
            let key = Key(
                collection: CollectionName("c\(Int.random(in: 0..<3, using: &random))"),
                name: ElementName("e\(Int.random(in: 0..<12, using: &random))"))
            func bytes(_ limit: Int) -> [UInt8] {
                (0..<Int.random(in: 0..<limit, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<11:
                let attributes: [AttributesChange] = [.keep, .set(bytes(40)), .remove]
                return .upsert(
                    key,
                    ElementChange(
                        vector: random.vector(dimension), attributes: attributes.randomElement(using: &random)!,
                        thumbnail: Bool.random(using: &random) ? bytes(3000) : nil))
            case 11..<15: return .remove(key)
            case 15..<17: return .setAttributes(key, Bool.random(using: &random) ? bytes(40) : nil)
            case 17: return Int.random(in: 0..<4, using: &random) == 0 ? .drop(key.collection) : .sync
            default: return .checkpoint
            }
        }
    }

    /// Asks the store for a step.
    static func run(_ step: Step, on store: Store, _ configuration: CollectionConfiguration) throws(StoreError) {
        switch step {
        case .upsert(let key, let change):
            _ = try store.upsert(key.name, change, in: key.collection, configuration: configuration)
        case .remove(let key): _ = try store.remove(key.name, from: key.collection)
        case .setAttributes(let key, let bytes):
            _ = try store.collection(key.collection)?.setAttributes(bytes, of: key.name)
        case .drop(let name): _ = try store.dropCollection(name)
        case .checkpoint: try store.checkpoint()
        case .sync: try store.sync()
        }
    }

    /// Does what the store should do.
    mutating func apply(_ step: Step) {
        switch step {
        case .upsert(let key, let change):
            var attributes = elements[key]?.attributes
            switch change.attributes {
            case .keep: break
            case .set(let bytes): attributes = bytes
            case .remove: attributes = nil
            }
            elements[key] = Element(vector: change.vector, attributes: attributes, thumbnail: change.thumbnail)
        case .remove(let key): elements[key] = nil
        case .setAttributes(let key, let bytes): elements[key]?.attributes = bytes
        case .drop(let name): elements = elements.filter { $0.key.collection != name }
        case .checkpoint, .sync: break
        }
    }

    /// What a store holds. Vectors are scaled back by their norms.
    init(_ store: Store) throws {
        for name in store.collectionNames {
            guard let collection = store.collection(name) else { continue }
            for element in try collection.names() {
                guard let (unit, norm) = try collection.vector(of: element) else { continue }
                elements[Key(collection: name, name: element)] = Element(
                    vector: unit.map { $0 * norm }, attributes: try collection.attributes(of: element),
                    thumbnail: try collection.thumbnail(of: element))
            }
        }
    }

    init() {}

    /// Whether both hold the same, vectors up to the rounding of scaling.
    func agrees(with other: StoreModel) -> Bool {
        elements.count == other.elements.count
            && elements.allSatisfy { key, element in
                guard let found = other.elements[key] else { return false }
                return found.attributes == element.attributes && found.thumbnail == element.thumbnail
                    && found.vector.count == element.vector.count
                    && zip(found.vector, element.vector).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
            }
    }
}
