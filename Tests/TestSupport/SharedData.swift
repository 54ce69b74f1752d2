import Foundation

/// Large corpora that do not ship with the project: photographs, decoder test files, real vectors.
///
/// Found through `LOOKALIKE_DATA`, by default `../shared/data` beside the package. What needs them is skipped, with
/// `reason`, where they are absent.
public enum SharedData {
    /// The folder, nil when it is not there.
    public static let folder: String? = {
        let path =
            ProcessInfo.processInfo.environment["LOOKALIKE_DATA"] ?? packageRoot + "/../shared/data"
        return FileManager.default.fileExists(atPath: path + "/README.md") ? path : nil
    }()

    /// Whether the corpora are here.
    public static var isPresent: Bool { folder != nil }

    /// What a skipped test says.
    public static let reason = "no shared data: set LOOKALIKE_DATA to the folder of the corpora"

    /// The folder that holds Package.swift.
    public static let packageRoot: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// A path below the folder; empty when there is none, which no enabled test sees.
    public static func path(_ name: String) -> String { folder.map { $0 + "/" + name } ?? "" }

    /// The first vectors of a `.bvecs` file: for each a little-endian Int32 dimension, then as many bytes.
    public static func byteVectors(_ file: String, limit: Int) throws -> [[Float]] {
        let data = try contents(path(file))
        var vectors: [[Float]] = []
        var at = 0
        while at + 4 <= data.count && vectors.count < limit {
            let dimension = (0..<4).reduce(0) { $0 | Int(data[at + $1]) << (8 * $1) }
            vectors.append(data[(at + 4)..<(at + 4 + dimension)].map(Float.init))
            at += 4 + dimension
        }
        return vectors
    }
}
