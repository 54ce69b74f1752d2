/// What happened to names since their folders were last synced, in order: what a loss of power may undo. For
/// `FaultyFileSystem`, hence for files small enough to be kept in memory.
struct NameJournal: Sendable {
    enum Change: Sendable {
        case madeFile(String)
        case madeFolder(String)
        /// `replaced`: what of the file of the new name was durable, if there was one.
        case renamed(from: String, to: String, replaced: [UInt8]?)
        /// `contents`: what of it was durable.
        case removedFile(String, contents: [UInt8])
        case removedFolder(String)

        /// The folder whose sync makes the change durable. Files are renamed within a folder.
        var folder: String {
            switch self {
            case .madeFile(let path), .madeFolder(let path), .removedFile(let path, _), .removedFolder(let path):
                NameJournal.folder(of: path)
            case .renamed(_, let to, _): NameJournal.folder(of: to)
            }
        }
    }

    private var changes: [Change] = []

    mutating func note(_ change: Change) { changes.append(change) }

    /// The names in a folder are durable now.
    mutating func synced(_ folder: String) {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        changes.removeAll { $0.folder == folder }
    }

    /// Undoes all changes, the last one first.
    mutating func undo(in files: any FileSystem) throws(StoreError) {
        for change in changes.reversed() { try Self.undo(change, in: files) }
        changes = []
    }

    private static func undo(_ change: Change, in files: any FileSystem) throws(StoreError) {
        // The folder itself may be gone for good.
        guard try files.kind(of: change.folder) == .directory else { return }
        switch change {
        case .madeFile(let path): if try files.kind(of: path) == .file { try files.remove(path) }
        case .madeFolder(let path): try removeAll(path, in: files)
        case .renamed(let from, let to, let replaced):
            if try files.kind(of: to) == .file { try files.rename(to, to: from) }
            if let replaced { try files.open(to, .truncate).write(replaced, at: 0) }
        case .removedFile(let path, let contents): try files.open(path, .truncate).write(contents, at: 0)
        case .removedFolder(let path): try files.createDirectory(path)
        }
    }

    private static func removeAll(_ path: String, in files: any FileSystem) throws(StoreError) {
        switch try files.kind(of: path) {
        case .absent: return
        case .file, .other: try files.remove(path)
        case .directory:
            for name in try files.list(path) { try removeAll(path + "/" + name, in: files) }
            try files.removeDirectory(path)
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
