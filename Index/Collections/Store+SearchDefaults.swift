import HNSW
import Storage
import Synchronization

/// How wide a search is that does not say: the one place where that is decided.
///
/// Which width is enough depends on the vectors and on how many there are, so a collection may have one of its own,
/// measured on it (`lookalike bench recall --store --apply`). It says nothing about what is stored, and therefore
/// stands beside the configuration, not in it: it may change at any time, and two collections that differ in it alone
/// are of the same kind.
extension Collection {
    /// Width of a search where neither it nor its collection says one.
    public static let defaultEFSearch = 100

    /// This collection's width of searches that do not say one, or nil when none was set. Lost with the collection.
    public var efSearch: Int? {
        let stored = storedEFSearch.load(ordering: .relaxed)
        return stored == 0 ? nil : Int(stored)
    }

    /// How wide to search for `count` elements: as wide as asked for, else as the collection says, else as all do;
    /// never less than `count`.
    public func efSearch(asked: Int?, count: Int) -> Int { max(asked ?? efSearch ?? Self.defaultEFSearch, count) }

    /// Takes over what the manifest says, when the collection is opened.
    func takeSearchDefaults(of entry: Manifest.Entry) throws(StoreError) {
        guard entry.efSearch == 0 || HNSWParameters.efRange.contains(Int(entry.efSearch)) else {
            throw .corrupt(
                file: context.folder + "/" + Manifest.fileName, offset: 0,
                what: "collection \(entry.number) has an efSearch of \(entry.efSearch)")
        }
        storedEFSearch.store(entry.efSearch, ordering: .relaxed)
    }
}

extension Store {
    /// Sets the width of a collection's searches that do not say one; nil goes back to what all have. Durable when it
    /// returns. Traps when the width is out of `HNSWParameters.efRange`: callers check what users send.
    ///
    /// - Returns: whether there is a collection of that name.
    public func setSearchEF(_ ef: Int?, of name: CollectionName) throws(StoreError) -> Bool {
        precondition(ef.map(HNSWParameters.efRange.contains) ?? true, "ef must be in \(HNSWParameters.efRange)")
        guard let collection = collection(name) else { return false }
        let value = UInt32(ef ?? 0)
        return try context.manifestLock.withLock { () throws(StoreError) -> Bool in
            try context.checkWritable()
            // Dropped between being found and now.
            guard context.manifest.entries.contains(where: { $0.number == collection.uid }) else { return false }
            if collection.storedEFSearch.load(ordering: .relaxed) == value { return true }
            try context.publish { manifest in
                for i in manifest.entries.indices where manifest.entries[i].number == collection.uid {
                    manifest.entries[i].efSearch = value
                }
            }
            collection.storedEFSearch.store(value, ordering: .relaxed)
            return true
        }
    }
}
