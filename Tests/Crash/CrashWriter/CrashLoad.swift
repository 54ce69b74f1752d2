import HNSW
import Storage
import TestSupport
import VectorCollections

/// What one thread of the crash writer does: changes of elements of its own in the shared collection most of the time,
/// now and then something with a collection of its own, or for the store as a whole.
///
/// Thread-safety: belongs to one thread once it has been made, which is why the unchecked conformance holds.
final class CrashLoad: @unchecked Sendable {
    private let store: Store
    private let thread: Int
    private var random: SeededRandom
    private var version: Int
    private let configuration = CollectionConfiguration(
        dimension: CrashScript.dimension, parameters: HNSWParameters(m: 6, efConstruction: 30))

    init(_ store: Store, thread: Int, seed: UInt64, firstVersion: Int) {
        self.store = store
        self.thread = thread
        random = SeededRandom(seed: seed &* 64 &+ UInt64(thread))
        // No two threads put the same version.
        version = firstVersion + thread * 100_000
    }

    /// What to do next.
    func next() -> CrashChange {
        let own = CrashScript.own(thread)
        let isShared = Int.random(in: 0..<4, using: &random) > 0
        let collection = isShared ? CrashScript.shared : own.randomElement(using: &random)!
        let count = isShared ? CrashScript.sharedNames : CrashScript.ownNames
        let name = thread * 1000 + Int.random(in: 0..<count, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55:
            version += 1
            return .put(collection, name: name, version: version)
        case 55..<75: return .remove(collection, name: name)
        case 75..<90:
            version += 1
            return .attributes(collection, name: name, version: version % 3 == 0 ? 0 : version)
        case 90..<92: return .drop(own.randomElement(using: &random)!)
        case 92..<95: return Bool.random(using: &random) ? .rename(own[0], to: own[1]) : .rename(own[1], to: own[0])
        default: return .nothing
        }
    }

    /// Does it.
    func make(_ change: CrashChange) throws(StoreError) {
        switch change {
        case .put(let collection, let name, let version):
            let attributes: AttributesChange =
                switch CrashScript.attributesChange(version) {
                case .keep: .keep
                case .set: .set(CrashScript.attributes(version))
                case .remove: .remove
                }
            let element = ElementChange(
                vector: CrashScript.vector(version), attributes: attributes, thumbnail: CrashScript.thumbnail(version))
            _ = try store.upsert(
                ElementName("\(name)"), element, in: CollectionName(collection), configuration: configuration)
        case .remove(let collection, let name):
            _ = try store.remove(ElementName("\(name)"), from: CollectionName(collection))
        case .attributes(let collection, let name, let version):
            _ = try store.collection(CollectionName(collection))?.setAttributes(
                version == 0 ? nil : CrashScript.attributes(version), of: ElementName("\(name)"))
        case .drop(let collection): _ = try store.dropCollection(CollectionName(collection))
        case .rename(let collection, let new):
            _ = try store.renameCollection(CollectionName(collection), to: CollectionName(new))
        case .nothing: try makeNoChange()
        }
    }

    private func makeNoChange() throws(StoreError) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: try store.checkpoint()
        case 1: _ = try store.beginCheckpoint()
        case 2: try store.sync()
        default:
            let query = CrashScript.vector(Int.random(in: 0..<1000, using: &random))
            _ = try store.collection(CollectionName(CrashScript.shared))?.search(query, count: 5, ef: 20, exact: false)
        }
    }
}
