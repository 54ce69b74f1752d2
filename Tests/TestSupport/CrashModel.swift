/// What the store of the crash writer should hold, as a dictionary, and what is being tried at the moment.
public struct CrashModel: Sendable {
    /// An element's name in its collection.
    public struct Key: Hashable, Sendable {
        /// The collection.
        public var collection: String
        /// The element.
        public var name: Int
    }

    /// Of which versions an element is.
    public struct Element: Equatable, Sendable {
        /// Of its vector and its thumbnail.
        public var version: Int
        /// Of its attributes; nil if it has none.
        public var attributes: Int?
    }

    /// What has been acknowledged.
    public private(set) var elements: [Key: Element] = [:]
    /// By thread: what was said to be tried, and not that it was done.
    public private(set) var tried: [Int: CrashChange] = [:]
    /// How many changes have been acknowledged.
    public private(set) var acknowledged = 0

    /// Nothing.
    public init() {}

    /// Takes note of a line of the writer: `THREAD try CHANGE`, or `THREAD ok`. False if it is neither.
    public mutating func hear(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard words.count >= 2, let thread = Int(words[0]) else { return false }
        if words[1] == "try" {
            guard tried[thread] == nil, let change = CrashChange(words.dropFirst(2)) else { return false }
            tried[thread] = change
            return true
        }
        guard words[1] == "ok", let done = tried.removeValue(forKey: thread) else { return false }
        if done != .nothing { acknowledged += 1 }
        apply(done)
        return true
    }

    /// Settles what was being tried when the writer died: each change has been made as a whole, or not at all.
    /// `matches` says whether a key has that element now, or none. What was not made as a whole is left out, for a
    /// comparison with all elements to find.
    public mutating func settle(_ matches: (Key, Element?) throws -> Bool) rethrows {
        for (_, change) in tried.sorted(by: { $0.key < $1.key }) {
            var after = self
            after.apply(change)
            let keys = Set(elements.keys).union(after.elements.keys).filter { elements[$0] != after.elements[$0] }
            if try keys.allSatisfy({ try matches($0, after.elements[$0]) }) { elements = after.elements }
        }
        tried = [:]
    }

    private mutating func apply(_ change: CrashChange) {
        switch change {
        case .put(let collection, let name, let version):
            let key = Key(collection: collection, name: name)
            var attributes = elements[key]?.attributes
            switch CrashScript.attributesChange(version) {
            case .keep: break
            case .set: attributes = version
            case .remove: attributes = nil
            }
            elements[key] = Element(version: version, attributes: attributes)
        case .remove(let collection, let name): elements[Key(collection: collection, name: name)] = nil
        case .attributes(let collection, let name, let version):
            elements[Key(collection: collection, name: name)]?.attributes = version == 0 ? nil : version
        case .drop(let collection): elements = elements.filter { $0.key.collection != collection }
        case .rename(let collection, let new):
            let moved = elements.filter { $0.key.collection == collection }
            guard !moved.isEmpty else { return }
            elements = elements.filter { $0.key.collection != collection && $0.key.collection != new }
            for (key, element) in moved { elements[Key(collection: new, name: key.name)] = element }
        case .nothing: break
        }
    }
}
