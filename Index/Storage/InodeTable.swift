#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files and folders of a `MemoryFileSystem`, as Unix keeps them: a name in a folder leads to a number, and the
/// number to the file. A file stays as long as it has a name or somebody has it open, so that removing it or putting
/// another one under its name takes nothing away from who reads it.
///
/// Names are compared byte by byte: two ways to write the same letter are two names.
struct InodeTable: Sendable {
    /// The number of a file or folder; never used twice.
    typealias Number = UInt64
    /// The number of an opening of a file, which is what a lock belongs to.
    typealias Opening = UInt64
    /// A name in a folder.
    typealias Name = [UInt8]

    /// One of the system's error codes.
    struct Failure: Error {
        let code: Int32

        init(_ code: Int32) { self.code = code }
    }

    /// A file.
    struct File {
        var bytes = SparseBytes()
        var isNamed = true
        /// Who has it open.
        var openings: Set<Opening> = []
        /// Who has locked it, and whether exclusively.
        var locks: [Opening: Bool] = [:]
    }

    /// Where a path leads.
    private struct Place {
        /// The folder of its last part.
        var folder: Number
        /// Its last part; nil if that is no name, as in `/` and `..`.
        var name: Name?
        /// What is there.
        var node: Number?
        /// The folders above, from the root on, and `folder`.
        var path: [Number]
    }

    private static let root: Number = 0
    private var folders: [Number: [Name: Number]] = [root: [:]]
    private var files: [Number: File] = [:]
    private var lastNumber: Number = root
    private var lastOpening: Opening = 0
    /// The bytes of all files, those without a name too.
    private(set) var bytes: UInt64 = 0

    private mutating func nextNumber() -> Number {
        lastNumber += 1
        return lastNumber
    }

    // MARK: Names

    /// Follows a path; all of it but its last part must exist.
    private func find(_ path: String) throws(Failure) -> Place {
        guard !path.isEmpty else { throw Failure(ENOENT) }
        var place = Place(folder: Self.root, name: nil, node: Self.root, path: [Self.root])
        for part in path.utf8.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            guard let node = place.node else { throw Failure(ENOENT) }
            guard let names = folders[node] else { throw Failure(ENOTDIR) }
            if node != place.folder { place.path.append(node) }
            if part.elementsEqual("..".utf8) {
                if place.path.count > 1 { place.path.removeLast() }
                let above = place.path.last ?? Self.root
                place = Place(folder: above, name: nil, node: above, path: place.path)
            } else {
                let name = Name(part)
                place = Place(folder: node, name: name, node: names[name], path: place.path)
            }
        }
        return place
    }

    /// What is at a path.
    func kind(of path: String) -> FileKind {
        guard let place = try? find(path), let node = place.node else { return .absent }
        return folders[node] == nil ? .file : .directory
    }

    /// The names in a folder, in no order.
    func list(_ path: String) throws(Failure) -> [String] {
        guard let node = try find(path).node else { throw Failure(ENOENT) }
        guard let names = folders[node] else { throw Failure(ENOTDIR) }
        return names.keys.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Makes a folder and those above it, as far as there is anything to make.
    mutating func createDirectory(_ path: String, mayChange: Bool) throws(Failure) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
        for count in 0...parts.count {
            let above = parts.prefix(count).map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
            let place = try find("/" + above)
            if let node = place.node {
                guard folders[node] != nil else { throw Failure(count == parts.count ? EEXIST : ENOTDIR) }
            } else if let name = place.name {
                guard mayChange else { throw Failure(EROFS) }
                let number = nextNumber()
                folders[number] = [:]
                folders[place.folder]?[name] = number
            }
        }
    }

    /// Gives a file or folder another name.
    mutating func rename(_ from: String, to: String) throws(Failure) {
        let (old, new) = (try find(from), try find(to))
        guard let oldName = old.name, let newName = new.name else { throw Failure(EBUSY) }
        guard let node = old.node else { throw Failure(ENOENT) }
        if node == new.node { return }
        let isFolder = folders[node] != nil
        if isFolder, new.path.contains(node) { throw Failure(EINVAL) }
        if let replaced = new.node {
            if let names = folders[replaced] {
                guard isFolder else { throw Failure(EISDIR) }
                guard names.isEmpty else { throw Failure(ENOTEMPTY) }
                folders[replaced] = nil
            } else {
                guard !isFolder else { throw Failure(ENOTDIR) }
                loseName(replaced)
            }
        }
        folders[old.folder]?[oldName] = nil
        folders[new.folder]?[newName] = node
    }

    /// Removes a file's name.
    mutating func remove(_ path: String) throws(Failure) {
        let place = try find(path)
        guard let node = place.node else { throw Failure(ENOENT) }
        guard let name = place.name, folders[node] == nil else { throw Failure(EISDIR) }
        folders[place.folder]?[name] = nil
        loseName(node)
    }

    /// Removes an empty folder.
    mutating func removeDirectory(_ path: String) throws(Failure) {
        let place = try find(path)
        guard let node = place.node else { throw Failure(ENOENT) }
        guard let names = folders[node] else { throw Failure(ENOTDIR) }
        guard let name = place.name else { throw Failure(EBUSY) }
        guard names.isEmpty else { throw Failure(ENOTEMPTY) }
        folders[place.folder]?[name] = nil
        folders[node] = nil
    }

    // MARK: Open files

    /// Opens a file, with what `access` makes of it; says which one it is and what the opening's number is.
    mutating func open(_ path: String, _ access: FileAccess, mayChange: Bool) throws(Failure) -> (Number, Opening) {
        let place = try find(path)
        let number: Number
        if let node = place.node {
            guard folders[node] == nil else { throw Failure(EISDIR) }
            guard mayChange || access == .read else { throw Failure(EROFS) }
            number = node
            if access == .truncate { truncate(number, to: 0) }
        } else {
            guard let name = place.name, access == .openOrCreate || access == .truncate else { throw Failure(ENOENT) }
            guard mayChange else { throw Failure(EROFS) }
            number = nextNumber()
            files[number] = File()
            folders[place.folder]?[name] = number
        }
        lastOpening += 1
        files[number]?.openings.insert(lastOpening)
        return (number, lastOpening)
    }

    /// Ends an opening, and its lock.
    mutating func close(_ number: Number, _ opening: Opening) {
        files[number]?.locks[opening] = nil
        files[number]?.openings.remove(opening)
        forgetIfUnused(number)
    }

    /// The contents of an open file.
    func contents(_ number: Number) -> SparseBytes { files[number]?.bytes ?? SparseBytes() }

    /// By how much a file would grow that had to have this size.
    func growth(_ number: Number, to size: UInt64) -> UInt64 {
        let now = files[number]?.bytes.size ?? 0
        return size > now ? size - now : 0
    }

    /// Writes to an open file.
    mutating func write(_ number: Number, _ new: UnsafeRawBufferPointer, at offset: UInt64) {
        bytes += new.isEmpty ? 0 : growth(number, to: offset + UInt64(new.count))
        files[number]?.bytes.write(new, at: offset)
    }

    /// Cuts or extends an open file.
    mutating func truncate(_ number: Number, to size: UInt64) {
        bytes = bytes - (files[number]?.bytes.size ?? 0) + size
        files[number]?.bytes.truncate(to: size)
    }

    /// Locks a file as flock(2) does: for the opening, not for the process; a lock that is asked for in the other kind
    /// is let go of first, and lost if it cannot be had.
    mutating func lock(_ number: Number, _ opening: Opening, exclusive: Bool) -> Bool {
        guard var locks = files[number]?.locks else { return false }
        if locks[opening] == exclusive { return true }
        locks[opening] = nil
        let isFree = exclusive ? locks.isEmpty : !locks.values.contains(true)
        if isFree { locks[opening] = exclusive }
        files[number]?.locks = locks
        return isFree
    }

    /// Lets go of an opening's lock.
    mutating func unlock(_ number: Number, _ opening: Opening) { files[number]?.locks[opening] = nil }

    private mutating func loseName(_ number: Number) {
        files[number]?.isNamed = false
        forgetIfUnused(number)
    }

    private mutating func forgetIfUnused(_ number: Number) {
        guard let file = files[number], !file.isNamed, file.openings.isEmpty else { return }
        bytes -= file.bytes.size
        files[number] = nil
    }
}
