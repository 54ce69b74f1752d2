import Foundation

/// Runs the built executable, and other programs, as a user would.
public enum Program {
    /// The `lookalike` that was built with these tests.
    public static let path: String = {
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        return folder.appendingPathComponent("lookalike").path
    }()

    /// What a finished run left.
    public struct Result: Sendable {
        /// Exit code, or minus the signal that ended it.
        public var status: Int32
        /// Standard output.
        public var output: String
        /// Standard error.
        public var error: String

        /// The lines of standard output.
        public var lines: [String] { output.split(separator: "\n").map(String.init) }

        /// The lines of standard output as JSON objects.
        public func objects() throws -> [[String: Any]] {
            try lines.map { line in
                guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
                    throw NotJSON(line: line)
                }
                return object
            }
        }
    }

    /// A line of output that should have been an object.
    public struct NotJSON: Error { let line: String }

    /// Runs `lookalike` with these arguments to its end.
    public static func run(
        _ arguments: [String], input: [UInt8] = [], in folder: String? = nil
    ) throws -> Result {
        try run(path, arguments, input: input, in: folder)
    }

    /// Runs any program to its end. Output goes through files, so that it cannot fill a pipe.
    public static func run(
        _ program: String, _ arguments: [String], input: [UInt8] = [], in folder: String? = nil
    ) throws -> Result {
        let scratch = TemporaryFolder("run")
        try scratch.write("in", input)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        try scratch.write("out", [])
        try scratch.write("err", [])
        process.standardInput = FileHandle(forReadingAtPath: scratch.path("in"))
        process.standardOutput = FileHandle(forWritingAtPath: scratch.path("out"))
        process.standardError = FileHandle(forWritingAtPath: scratch.path("err"))
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: try text(scratch.path("out")), error: try text(scratch.path("err")))
    }

    /// The path of a program on the PATH, nil when there is none.
    public static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
