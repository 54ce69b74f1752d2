/// The files of a `FaultyFileSystem` by name, and what happened to names since their folders were last synced, in
/// order: what a loss of power may undo.
struct NameJournal: Sendable {
    /// A file without a name, which is kept for the case that it gets its name back.
    struct NamelessFile: Sendable {
        var contents: UnsyncedContents
        /// Open in the file system below.
        var file: any StorageFile
    }

    private enum Change: Sendable {
        case madeFile(String)
        case madeFolder(String)
        /// `replaced`: the file that had the new name.
        case renamed(from: String, to: String, replaced: NamelessFile?)
        case removedFile(String, NamelessFile)
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
    private var files: [String: UnsyncedContents] = [:]

    /// The one way to write a path: without empty and idle parts.
    static func normalized(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return path.hasPrefix("/") ? "/" + parts : parts.isEmpty ? "." : parts
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    // MARK: What happens

    /// The file that an opening of `path` has led to. One that is met for the first time and not new is durable.
    mutating func opened(_ path: String, _ file: any StorageFile, isNew: Bool) throws(StoreError) -> UnsyncedContents {
        let path = Self.normalized(path)
        if isNew {
            changes.append(.madeFile(path))
        } else if let known = files[path] {
            return known
        }
        let contents = UnsyncedContents(durableSize: isNew ? 0 : try file.size())
        files[path] = contents
        return contents
    }

    /// A folder was made.
    mutating func madeFolder(_ path: String) { changes.append(.madeFolder(Self.normalized(path))) }

    /// The file at a path, open, before it loses its name; nil if there is none.
    func nameless(_ path: String, in base: any FileSystem) throws(StoreError) -> NamelessFile? {
        guard try base.kind(of: path) == .file else { return nil }
        let file = try base.open(path, .read)
        if let known = files[Self.normalized(path)] { return NamelessFile(contents: known, file: file) }
        return NamelessFile(contents: UnsyncedContents(durableSize: try file.size()), file: file)
    }

    /// A file got another name.
    mutating func renamed(_ from: String, to: String, replaced: NamelessFile?) {
        let (from, to) = (Self.normalized(from), Self.normalized(to))
        guard from != to else { return }
        changes.append(.renamed(from: from, to: to, replaced: replaced))
        files[to] = files.removeValue(forKey: from)
    }

    /// A file was removed.
    mutating func removed(_ path: String, _ file: NamelessFile) {
        let path = Self.normalized(path)
        changes.append(.removedFile(path, file))
        files[path] = nil
    }

    /// A folder was removed.
    mutating func removedFolder(_ path: String) { changes.append(.removedFolder(Self.normalized(path))) }

    /// The names in a folder are durable now.
    mutating func synced(_ folder: String) {
        let folder = Self.normalized(folder)
        settle(Set(changes.indices.filter { changes[$0].folder == folder }))
    }

    /// Takes out changes that are not to be undone any more. Where one of them removed a folder, there is nothing left
    /// in which the earlier changes below it could be undone, even if a new folder has its name.
    private mutating func settle(_ settled: Set<Int>) {
        var gone = settled
        for index in settled {
            guard case .removedFolder(let path) = changes[index] else { continue }
            for earlier in 0..<index where (changes[earlier].folder + "/").hasPrefix(path + "/") {
                gone.insert(earlier)
            }
        }
        changes = changes.indices.filter { !gone.contains($0) }.map { changes[$0] }
    }

    // MARK: The loss

    /// Takes names and contents from the files of `base` as a loss of power does. What is left is durable.
    mutating func lose(_ draw: inout PowerLossDraw, in base: any FileSystem) throws(StoreError) {
        // In order of names, since the order of a set is another one each time.
        for folder in Set(changes.map(\.folder)).sorted() {
            let own = changes.indices.filter { changes[$0].folder == folder }
            settle(Set(own.prefix(draw.namesKept(of: own.count))))
        }
        for change in changes.reversed() { try undo(change, in: base) }
        for (path, contents) in files.sorted(by: { $0.key < $1.key }) where contents.isChanged {
            guard try base.kind(of: path) == .file else { continue }
            try contents.lose(&draw, from: try base.open(path, .readWrite))
        }
        self = NameJournal()
    }

    private mutating func undo(_ change: Change, in base: any FileSystem) throws(StoreError) {
        // The folder itself may be gone for good.
        guard try base.kind(of: change.folder) == .directory else { return }
        switch change {
        case .madeFile(let path):
            if try base.kind(of: path) == .file { try base.remove(path) }
            files[path] = nil
        case .madeFolder(let path):
            try Self.removeAll(path, in: base)
            files = files.filter { !$0.key.hasPrefix(path + "/") }
        case .renamed(let from, let to, let replaced):
            if try base.kind(of: to) == .file {
                try base.rename(to, to: from)
                files[from] = files.removeValue(forKey: to)
            }
            if let replaced { try giveBack(to, replaced, in: base) }
        case .removedFile(let path, let file): try giveBack(path, file, in: base)
        case .removedFolder(let path): try base.createDirectory(path)
        }
    }

    /// Gives a file its name back. It is another file to the system below, with the same contents.
    private mutating func giveBack(_ path: String, _ nameless: NamelessFile, in base: any FileSystem)
        throws(StoreError)
    {
        let all = try nameless.file.read(at: 0, count: Int(try nameless.file.size()))
        try base.open(path, .truncate).write(all, at: 0)
        files[path] = nameless.contents
    }

    private static func removeAll(_ path: String, in base: any FileSystem) throws(StoreError) {
        switch try base.kind(of: path) {
        case .absent: return
        case .file, .other: try base.remove(path)
        case .directory:
            for name in try base.list(path) { try removeAll(path + "/" + name, in: base) }
            try base.removeDirectory(path)
        }
    }
}
