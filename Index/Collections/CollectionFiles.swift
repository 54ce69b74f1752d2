/// The names of a collection's files.
enum CollectionFiles {
    static func snapshot(_ folder: String, _ generation: UInt64) -> String { "\(folder)/snapshot-\(generation)" }
    static func log(_ folder: String, _ generation: UInt64) -> String { "\(folder)/log-\(generation)" }
    static func blobs(_ folder: String, _ number: UInt64) -> String { "\(folder)/thumbnails-\(number)" }

    /// Whether a name is one that we give to files, so that a leftover of that name may be removed.
    static func isOurs(_ name: String) -> Bool {
        ["snapshot-", "log-", "thumbnails-"].contains { prefix in
            name.hasPrefix(prefix) && UInt64(name.dropFirst(prefix.count)) != nil
        }
    }
}
