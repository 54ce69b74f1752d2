import HNSW
import Storage
import TestSupport
import VectorCollections

/// A store in memory as a process leaves it that is killed: a collection of each state that files can be in, and what
/// its files hold.
///
/// `main` has a snapshot with free records in it, two logs, of which the second was begun for a checkpoint that did not
/// come about, and thumbnails that either refer to. `side` has a log only.
struct FuzzStore: Sendable {
    static let path = "/s"
    static let main = CollectionName("main")
    static let side = CollectionName("side")

    let configuration: CollectionConfiguration
    let files: [String: [UInt8]]
    /// All names that there ever were, by collection.
    let names: [CollectionName: [ElementName]]

    /// The stores that cases are drawn from, and how often: of each quantization a small one, and one that is so large
    /// that parts of it stay in the mapped file.
    static let all: [FuzzStore] = {
        let small = HNSWParameters(m: 5, efConstruction: 30)
        return [
            FuzzStore(.init(dimension: 8, quantization: .int8, parameters: small), elements: 60, durability: .always),
            FuzzStore(
                .init(dimension: 9, metric: .l2, quantization: .f32, parameters: small), elements: 70,
                durability: .none),
            FuzzStore(.init(dimension: 70, quantization: .bin, parameters: small), elements: 50, durability: .none),
            FuzzStore(
                .init(
                    dimension: 128, quantization: .f32, parameters: HNSWParameters(m: 64, efConstruction: 70)),
                elements: 560, durability: .always),
        ]
    }()

    /// One of them, rarely the large one.
    static func random(_ random: inout SeededRandom) -> FuzzStore {
        all[[0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3].randomElement(using: &random)!]
    }

    init(_ configuration: CollectionConfiguration, elements: Int, durability: Durability) {
        self.configuration = configuration
        let disk = MemoryFileSystem()
        do {
            names = try Self.write(to: disk, configuration, elements, durability)
            files = try Self.files(below: Self.path, disk)
        } catch {
            fatalError("the store to be damaged could not be made: \(error)")
        }
    }

    /// A disk with the files, and others put in their place.
    func disk(replacing changed: [String: [UInt8]?] = [:]) throws -> MemoryFileSystem {
        let disk = MemoryFileSystem()
        for (path, bytes) in files.merging(changed.compactMapValues { $0 }, uniquingKeysWith: { $1 }) {
            if case .some(.none) = changed[path] { continue }
            try disk.createDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
            try disk.open(path, .truncate).write(bytes, at: 0)
        }
        return disk
    }

    private static func files(below folder: String, _ disk: MemoryFileSystem) throws -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        for name in try disk.list(folder) {
            let path = folder + "/" + name
            if try disk.kind(of: path) == .directory {
                found.merge(try files(below: path, disk)) { $1 }
            } else {
                let file = try disk.open(path, .read)
                found[path] = try file.read(at: 0, count: Int(try file.size()))
            }
        }
        return found
    }

    private static func write(
        to disk: MemoryFileSystem, _ configuration: CollectionConfiguration, _ elements: Int, _ durability: Durability
    ) throws -> [CollectionName: [ElementName]] {
        let faulty = FaultyFileSystem(disk)
        let store = try Store.open(path, options: StoreOptions(durability: durability), fileSystem: faulty)
        var random = SeededRandom(seed: 5)
        func put(_ i: Int, _ collection: CollectionName = main) throws {
            let change = ElementChange(
                vector: random.vector(configuration.dimension),
                attributes: i % 4 == 3
                    ? .remove : .set(Array("{\"year\":\(1990 + i % 30),\"kind\":\"k\(i % 3)\"}".utf8)),
                thumbnail: i % 3 == 0 ? (0..<40 + i % 50).map { UInt8(truncatingIfNeeded: $0 * i) } : nil)
            _ = try store.upsert(ElementName("e\(i)"), change, in: collection, configuration: configuration)
        }
        for i in 0..<elements { try put(i) }
        try store.checkpoint()
        // Free records, of which some are used again.
        for i in 0..<12 { _ = try store.remove(ElementName("e\(i * 3)"), from: main) }
        for i in elements..<elements + 4 { try put(i) }
        try store.checkpoint()
        for i in 10..<15 { try put(i) }
        _ = try store.remove("e20", from: main)
        faulty.set(.failPaths(containing: "snapshot-"))
        try? store.checkpoint()
        faulty.set(.none)
        for i in [16, 17, elements + 5] { try put(i) }
        _ = try store.collection(main)?.setAttributes(Array("{\"year\":2024}".utf8), of: "e17")
        try store.sync()
        try put(elements + 6)
        _ = try store.remove("e22", from: main)
        for i in [elements + 9, 1] { try put(i) }
        for i in 0..<8 { try put(i, side) }
        try store.sync()
        for i in 6..<12 { try put(i, side) }
        return [
            main: (0..<elements + 10).map { ElementName("e\($0)") }, side: (0..<12).map { ElementName("e\($0)") },
        ]
    }
}
