#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Finds every file below the paths given, in the same order each time.
///
/// Links are followed, but a folder is entered only once: a link to a folder that is met elsewhere, or that contains
/// the link itself, is skipped. Real folders come first, so that a file has the name of its real place. Names are
/// bytes: a file system promises no more.
struct FolderWalk {
    /// One PATH as given: the folder that names are relative to, and what was found in it.
    struct Root {
        /// Absolute path of the folder.
        var folder: [UInt8]
        var files: [FoundFile] = []
        var passedOver: [ReportLine] = []
    }

    private struct Inode: Hashable {
        var device: UInt64
        var number: UInt64
    }

    /// A folder still to be entered.
    private struct Place {
        var path: [UInt8]
        var name: [UInt8]
    }

    private var root: Root
    private var entered: Set<Inode> = []
    private var pending: [Place] = []
    private var links: [Place] = []
    private let ignored: Set<Inode>

    /// Walks one PATH.
    /// - Parameter ignoring: folders left out, such as the store being written.
    static func walk(_ given: [UInt8], ignoring: [[UInt8]] = []) throws(WalkError) -> Root {
        let path = String(decoding: given, as: UTF8.self)
        guard let absolute = resolved(given) else {
            throw WalkError(
                description:
                    "cannot read '\(path)' (\(String(cString: strerror(errno)))): give an existing folder or file")
        }
        let ignored = Set(ignoring.compactMap { status(of: $0).map(inode) })
        guard let facts = status(of: absolute) else {
            throw WalkError(
                description: "cannot read '\(path)' (\(String(cString: strerror(errno)))): check its rights")
        }
        if facts.st_mode & S_IFMT == S_IFDIR {
            var walk = FolderWalk(root: Root(folder: absolute), ignored: ignored)
            try walk.start(path)
            return walk.root
        }
        // A PATH that is a file: its folder is the root, and it is all there is. A link keeps the name it has there.
        let slash = given.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { Array(given[($0 + 1)...]) } ?? given
        let above = slash.map { $0 == 0 ? [UInt8(ascii: "/")] : Array(given[..<$0]) } ?? [UInt8(ascii: ".")]
        guard let folder = resolved(above) else {
            throw WalkError(
                description: "cannot read '\(path)' (\(String(cString: strerror(errno)))): check its rights")
        }
        var walk = FolderWalk(root: Root(folder: folder), ignored: ignored)
        walk.meet(name, at: (folder == [UInt8(ascii: "/")] ? [] : folder) + [UInt8(ascii: "/")] + name)
        return walk.root
    }

    /// The absolute path without links; nil, with errno, when there is none.
    private static func resolved(_ path: [UInt8]) -> [UInt8]? {
        guard let text = withPath(path, { realpath($0, nil) }) else { return nil }
        defer { free(text) }
        return [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    private init(root: Root, ignored: Set<Inode>) {
        self.root = root
        self.ignored = ignored
    }

    private mutating func start(_ path: String) throws(WalkError) {
        guard enter(Place(path: root.folder, name: [])) else {
            throw WalkError(
                description: "cannot list '\(path)' (\(String(cString: strerror(errno)))): check its rights")
        }
        while true {
            if let next = pending.popLast() {
                if !enter(next) {
                    root.passedOver.append(
                        ReportLine(
                            name: next.name, outcome: .rejected,
                            reason: "unreadable: \(String(cString: strerror(errno)))"))
                }
            } else if let link = links.popLast() {
                // Only now, when all real folders are known.
                guard let facts = Self.status(of: link.path), !entered.contains(Self.inode(facts)) else {
                    skip(link.name, "loop: the link leads to a folder that is met elsewhere")
                    continue
                }
                pending.append(link)
            } else {
                break
            }
        }
        root.files.sort { $0.name.lexicographicallyPrecedes($1.name) }
        root.passedOver.sort { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// Meets everything in a folder; false, with errno, when it cannot be listed.
    private mutating func enter(_ place: Place) -> Bool {
        guard let facts = Self.status(of: place.path) else { return false }
        let identity = Self.inode(facts)
        if ignored.contains(identity) {
            skip(place.name, "the store itself")
            return true
        }
        guard entered.insert(identity).inserted else {
            skip(place.name, "loop: the folder is met elsewhere")
            return true
        }
        guard let folder = Self.withPath(place.path, { opendir($0) }) else { return false }
        defer { closedir(folder) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { [UInt8]($0.prefix { $0 != 0 }) }
            if name != [0x2E], name != [0x2E, 0x2E] { names.append(name) }
        }
        // What could be listed is met; that there is more is told.
        let listingFailed = errno
        defer { errno = listingFailed }
        names.sort { $0.lexicographicallyPrecedes($1) }
        for name in names {
            let child = place.name.isEmpty ? name : place.name + [UInt8(ascii: "/")] + name
            meet(child, at: place.path + [UInt8(ascii: "/")] + name)
        }
        return listingFailed == 0
    }

    /// Sorts out one directory entry.
    private mutating func meet(_ name: [UInt8], at path: [UInt8]) {
        var facts = stat()
        guard Self.withPath(path, { lstat($0, &facts) }) == 0 else {
            root.passedOver.append(
                ReportLine(
                    name: name, outcome: .rejected, reason: "unreadable: \(String(cString: strerror(errno)))"))
            return
        }
        let isLink = facts.st_mode & S_IFMT == S_IFLNK
        if isLink {
            guard Self.withPath(path, { stat($0, &facts) }) == 0 else {
                skip(name, errno == ELOOP ? "loop: the link leads to itself" : "dangling link")
                return
            }
        }
        switch facts.st_mode & S_IFMT {
        case S_IFREG:
            let time = facts.st_mtim
            root.files.append(
                FoundFile(
                    name: name, path: path, bytes: Int(facts.st_size),
                    modified: Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1000))
        case S_IFDIR:
            if isLink {
                links.append(Place(path: path, name: name))
            } else {
                pending.append(Place(path: path, name: name))
            }
        case S_IFIFO: skip(name, "fifo")
        case S_IFSOCK: skip(name, "socket")
        case S_IFCHR, S_IFBLK: skip(name, "device")
        default: skip(name, "not a regular file")
        }
    }

    private mutating func skip(_ name: [UInt8], _ reason: String) {
        root.passedOver.append(ReportLine(name: name, outcome: .skipped, reason: reason))
    }

    private static func status(of path: [UInt8]) -> stat? {
        var facts = stat()
        return withPath(path, { stat($0, &facts) }) == 0 ? facts : nil
    }

    private static func inode(_ facts: stat) -> Inode {
        Inode(device: UInt64(truncatingIfNeeded: facts.st_dev), number: UInt64(truncatingIfNeeded: facts.st_ino))
    }

    /// Calls `body` with the bytes as a C string.
    static func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (path + [0]).withUnsafeBytes { body($0.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped) }
    }
}
