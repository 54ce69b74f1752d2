/// All files of a run, each with the name its element will have.
public struct Gathering: Sendable {
    /// The files, in order of name within each PATH.
    public private(set) var files: [FoundFile] = []
    /// What is no file, and why.
    public private(set) var passedOver: [ReportLine] = []
    /// Absolute paths of the folders walked.
    public private(set) var folders: [[UInt8]] = []
    /// Said to the user when names had to be told apart.
    public private(set) var notice: String?

    /// Walks every PATH. When two of them hold a file of the same relative name, the folders' own names are put in
    /// front: as many trailing parts of each folder's path as it takes to tell the folders apart.
    /// - Parameters:
    ///   - paths: folders and files, in the file system's own bytes.
    ///   - ignoring: folders left out, such as the store being written.
    public init(_ paths: [[UInt8]], ignoring: [[UInt8]] = []) throws(WalkError) {
        var roots: [FolderWalk.Root] = []
        for path in paths {
            let root = try FolderWalk.walk(path, ignoring: ignoring)
            // Files of one folder, or a folder given twice, belong to one root.
            if let known = roots.firstIndex(where: { $0.folder == root.folder }) {
                roots[known].merge(root)
            } else {
                roots.append(root)
            }
        }
        folders = roots.map(\.folder)
        let prefixes = Self.prefixes(for: roots)
        for (root, prefix) in zip(roots, prefixes) {
            files += root.files.map { file in
                var file = file
                file.name = prefix + file.name
                return file
            }
            passedOver += root.passedOver.map { line in
                var line = line
                line.name = prefix + line.name
                return line
            }
        }
        let told = prefixes.filter { !$0.isEmpty }.map { String(decoding: $0.dropLast(), as: UTF8.self) }
        if !told.isEmpty {
            notice =
                "some folders hold files of the same name; elements are named \(told.map { $0 + "/..." }.joined(separator: ", "))"
        }
    }

    /// What is put in front of each root's names: nothing, unless its names collide with another's.
    private static func prefixes(for roots: [FolderWalk.Root]) -> [[UInt8]] {
        let slash = UInt8(ascii: "/")
        let parts = roots.map { $0.folder.split(separator: slash) }
        let deepest = parts.map(\.count).max() ?? 1
        var prefixed: Set<Int> = []
        var prefixes: [[UInt8]] = roots.map { _ in [] }
        while true {
            let colliding = collisions(roots, prefixes)
            // A prefix may make a new name that somebody else has: then that one gets its prefix too.
            if colliding.isSubset(of: prefixed) { return prefixes }
            prefixed.formUnion(colliding)
            for depth in 1...max(1, deepest) {
                let tails = parts.map { Array($0.suffix(depth).joined(separator: [slash])) }
                guard Set(prefixed.map { tails[$0] }).count == prefixed.count || depth == deepest else { continue }
                for root in prefixed { prefixes[root] = tails[root] + [slash] }
                break
            }
        }
    }

    /// The roots that share a name with another one.
    private static func collisions(_ roots: [FolderWalk.Root], _ prefixes: [[UInt8]]) -> Set<Int> {
        guard roots.count > 1 else { return [] }
        var owners: [[UInt8]: Int] = [:]
        var colliding: Set<Int> = []
        for (index, root) in roots.enumerated() {
            for file in root.files {
                if let other = owners.updateValue(index, forKey: prefixes[index] + file.name), other != index {
                    colliding.insert(other)
                    colliding.insert(index)
                }
            }
        }
        return colliding
    }
}

extension FolderWalk.Root {
    /// Adds what another PATH found in the same folder; what both found counts once.
    fileprivate mutating func merge(_ other: FolderWalk.Root) {
        let known = Set(files.map(\.name))
        files += other.files.filter { !known.contains($0.name) }
        let said = Set(passedOver.map(\.name))
        passedOver += other.passedOver.filter { !said.contains($0.name) }
        files.sort { $0.name.lexicographicallyPrecedes($1.name) }
    }
}

extension Gathering {
    /// The same for paths that are text.
    public init(_ paths: [String], ignoring: [String] = []) throws(WalkError) {
        try self.init(paths.map { [UInt8]($0.utf8) }, ignoring: ignoring.map { [UInt8]($0.utf8) })
    }
}
