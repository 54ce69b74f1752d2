import Storage

/// The names of a collection's files.
enum CollectionFiles {
    /// What a file is for, and what its name begins with.
    enum Kind: String, CaseIterable {
        case snapshot = "snapshot-"
        case log = "log-"
        case blobs = "thumbnails-"
    }

    static func snapshot(_ folder: String, _ generation: UInt64) -> String { "\(folder)/snapshot-\(generation)" }
    static func log(_ folder: String, _ generation: UInt64) -> String { "\(folder)/log-\(generation)" }
    static func blobs(_ folder: String, _ number: UInt64) -> String { "\(folder)/thumbnails-\(number)" }

    /// The kind and the number in a name that we give to files, or nil.
    static func parse(_ name: String) -> (kind: Kind, number: UInt64)? {
        for kind in Kind.allCases where name.hasPrefix(kind.rawValue) {
            return UInt64(name.dropFirst(kind.rawValue.count)).map { (kind, $0) }
        }
        return nil
    }

    /// Whether a name is one that we give to files, so that a leftover of that name may be removed.
    static func isOurs(_ name: String) -> Bool {
        let suffix = FileHeader.temporarySuffix
        return parse(name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name) != nil
    }

    /// The numbers of the files of a kind in a folder.
    static func numbers(of kind: Kind, in folder: String, _ fileSystem: any FileSystem) throws(StoreError) -> [UInt64] {
        try fileSystem.list(folder).compactMap { name in parse(name).flatMap { $0.kind == kind ? $0.number : nil } }
    }

    /// Those of a folder's files that a collection has: its snapshot, its logs without a gap, its thumbnails.
    static func inUse(_ names: [String], by entry: Manifest.Entry) -> Set<String> {
        var last = entry.generation
        while names.contains("\(Kind.log.rawValue)\(last + 1)") { last += 1 }
        return Set(
            names.filter { name in
                guard let (kind, number) = parse(name) else { return false }
                switch kind {
                case .snapshot: return entry.hasSnapshot && number == entry.generation
                case .log: return (entry.generation...last).contains(number)
                case .blobs: return number >= entry.blobFile
                }
            })
    }
}
