import Foundation

/// A folder of its own for a test, removed when the value goes.
public final class TemporaryFolder: Sendable {
    /// Its absolute path, links resolved.
    public let path: String

    /// Makes the folder; with `inMemory` under `/dev/shm` where there is one, for tests that write little and sync ten
    /// thousand times.
    public init(_ label: String = "lookalike-test", inMemory: Bool = false) {
        let isThere = FileManager.default.isWritableFile(atPath: "/dev/shm")
        let base = inMemory && isThere ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        var template = Array("\(base)/\(label)-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { fatalError("no temporary folder could be made in \(base)") }
        path = URL(fileURLWithPath: String(cString: made)).resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in the folder.
    public func path(_ name: String) -> String { path + "/" + name }

    /// Writes a file, and the folders above it.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let target = path(name)
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: target))
        return target
    }

    /// The path of something in it.
    public func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// The paths of all files below it, relative to it, in order.
    public var files: [String] { FolderContents.files(below: path) }
}

/// What is in a folder.
public enum FolderContents {
    /// The paths of all files below `folder`, relative to it, in order.
    public static func files(below folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
            .filter { name in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
            .sorted()
    }
}

/// The bytes of a file.
public func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

/// Writes a file.
public func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
