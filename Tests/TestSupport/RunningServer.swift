import Foundation

/// A `lookalike serve` of the test's own, on a free loopback port.
public final class RunningServer {
    private let process = Process()
    private let scratch = TemporaryFolder("server")
    /// The port it listens on.
    public let port: Int

    /// It ended, or said nothing, before it was ready.
    public struct NotReady: Error, CustomStringConvertible {
        /// What it wrote.
        public let description: String
    }

    /// Starts it on `store` and waits for the ready line.
    public init(store: String, _ options: [String] = []) throws {
        try scratch.write("out", [])
        try scratch.write("err", [])
        process.executableURL = URL(fileURLWithPath: Program.path)
        process.arguments = ["serve", "--store", store, "--port", "0"] + options
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: scratch.path("out"))
        process.standardError = FileHandle(forWritingAtPath: scratch.path("err"))
        try process.run()
        // Long enough for a loaded machine; a server that fails ends at once.
        let deadline = Date().addingTimeInterval(60)
        var line = ""
        while line.isEmpty, process.isRunning, Date() < deadline {
            usleep(5000)
            line = try Program.text(scratch.path("out")).split(separator: "\n").first.map(String.init) ?? ""
        }
        guard
            let port = line.split(separator: " ").first(where: { $0.hasPrefix("resp=") })?.split(separator: ":").last
                .flatMap({ Int($0) })
        else {
            process.terminate()
            process.waitUntilExit()
            throw NotReady(description: line + (try Program.text(scratch.path("err"))))
        }
        self.port = port
    }

    deinit { if process.isRunning { kill() } }

    /// SIGTERM, and the exit code.
    public func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// SIGKILL.
    public func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Its process.
    public var pid: Int32 { process.processIdentifier }

    /// What it wrote to standard output.
    public var output: String { (try? Program.text(scratch.path("out"))) ?? "" }

    /// What it logged.
    public var log: String { (try? Program.text(scratch.path("err"))) ?? "" }
}
