/// What the crash writer and the test that kills it agree on: the contents of a version of an element, and who changes
/// what.
///
/// Each thread of the writer has elements of its own in the collection that all share, and collections of its own, so
/// that what becomes of an element depends on the order of one thread's changes only.
public enum CrashScript {
    /// Values per vector.
    public static let dimension = 24
    /// The collection that all threads write to.
    public static let shared = "shared"
    /// Elements that a thread has in the shared collection, and in each of its own.
    public static let sharedNames = 60
    /// See above.
    public static let ownNames = 8

    /// The two names that a thread's own collection goes by.
    public static func own(_ thread: Int) -> [String] { ["own-\(thread)-a", "own-\(thread)-b"] }

    /// The vector of a version.
    public static func vector(_ version: Int) -> [Float] {
        var random = SeededRandom(seed: UInt64(version))
        return random.vector(dimension)
    }

    /// The attributes of a version.
    public static func attributes(_ version: Int) -> [UInt8] { Array("{\"version\":\(version)}".utf8) }

    /// The thumbnail of a version: some have none.
    public static func thumbnail(_ version: Int) -> [UInt8]? {
        version % 3 == 0 ? nil : [UInt8](repeating: UInt8(truncatingIfNeeded: version), count: 200 + version % 700)
    }

    /// What putting a version does to an element's attributes.
    public enum Attributes: Sendable { case keep, set, remove }

    /// See above.
    public static func attributesChange(_ version: Int) -> Attributes {
        switch version % 5 {
        case 0, 1: .keep
        case 2: .remove
        default: .set
        }
    }
}

/// A change that the writer makes, as a line of text.
public enum CrashChange: Equatable, Sendable, CustomStringConvertible {
    /// An element gets the vector, the thumbnail and perhaps the attributes of a version.
    case put(String, name: Int, version: Int)
    /// An element goes.
    case remove(String, name: Int)
    /// An element gets the attributes of a version, or with 0 loses them.
    case attributes(String, name: Int, version: Int)
    /// A collection goes.
    case drop(String)
    /// A collection gets another name.
    case rename(String, to: String)
    /// Nothing changes: a checkpoint, a sync, a search.
    case nothing

    /// The line.
    public var description: String {
        switch self {
        case .put(let collection, let name, let version): "put \(collection) \(name) \(version)"
        case .remove(let collection, let name): "remove \(collection) \(name)"
        case .attributes(let collection, let name, let version): "attributes \(collection) \(name) \(version)"
        case .drop(let collection): "drop \(collection)"
        case .rename(let collection, let new): "rename \(collection) \(new)"
        case .nothing: "nothing"
        }
    }

    /// Reads the words of a line.
    public init?(_ words: some RandomAccessCollection<Substring>) {
        let words = Array(words.map(String.init))
        func number(_ index: Int) -> Int { Int(words[index]) ?? -1 }
        switch (words.first, words.count) {
        case ("put", 4): self = .put(words[1], name: number(2), version: number(3))
        case ("remove", 3): self = .remove(words[1], name: number(2))
        case ("attributes", 4): self = .attributes(words[1], name: number(2), version: number(3))
        case ("drop", 2): self = .drop(words[1])
        case ("rename", 3): self = .rename(words[1], to: words[2])
        case ("nothing", 1): self = .nothing
        default: return nil
        }
    }
}
