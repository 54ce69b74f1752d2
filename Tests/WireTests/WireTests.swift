import Foundation
import TestSupport
import Testing

/// The clients that are here.
private enum Tool {
    static let python = SharedData.packageRoot + "/.build/wire-tests/bin/python"
    static let hasRedisPy = FileManager.default.isExecutableFile(atPath: python)
    static let redisCLI = Program.find("redis-cli")
    /// The one of OpenBSD, which can close its half of a connection (-N).
    static let nc = Program.find("nc").flatMap { nc in
        ((try? Program.run(nc, ["-h"])).map { $0.output + $0.error } ?? "").contains("-N") ? nc : nil
    }
}

/// The protocol as real clients speak it, against the built executable.
@Suite(.serialized)
struct WireTests {
    private let folder = TemporaryFolder()

    private func pictures() throws -> (String, String) {
        (
            try folder.write("one.jpg", try SmallGallery.jpeg(family: 1)),
            try folder.write("two.jpg", try SmallGallery.jpeg(family: 9, side: 300))
        )
    }

    @Test(.enabled(if: Tool.hasRedisPy, "redis-py is not installed; `make test` installs it where it can"))
    func redisPy() throws {
        let server = try RunningServer(store: folder.path("store"))
        let (one, two) = try pictures()
        let script = SharedData.packageRoot + "/Tests/WireTests/redis_py.py"
        let run = try Program.run(Tool.python, [script, "\(server.port)", one, two])
        #expect(run.status == 0, "\(run.error)")
        #expect(run.output.hasSuffix("checks\n"))
        #expect(server.stop() == 0)
    }

    @Test(.enabled(if: Tool.redisCLI != nil, "redis-cli is not installed; `make test` installs it where it can"))
    func redisCLI() throws {
        let server = try RunningServer(store: folder.path("store"))
        let (one, two) = try pictures()
        let cli = try #require(Tool.redisCLI)
        func run(_ words: String..., from file: String? = nil) throws -> String {
            let result = try Program.run(
                cli, ["-p", "\(server.port)"] + words,
                input: try file.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))) } ?? [])
            return result.output
        }
        #expect(try run("PING") == "PONG\n")
        #expect(try run("-X", "pic", "VADD", "photos", "IMAGE", "pic", "cat.jpg", from: one) == "1\n")
        #expect(try run("-X", "pic", "VADD", "photos", "IMAGE", "pic", "dog.jpg", from: two) == "1\n")
        #expect(try run("-x", "VSIM", "photos", "IMAGE", from: two) == "dog.jpg\ncat.jpg\n")
        #expect(try run("-3", "VADD", "v", "VALUES", "2", "1", "0", "a") == "(true)\n")
        #expect(try run("VSIM", "v", "VALUES", "2", "1", "0", "WITHSCORES") == "a\n1\n")
        #expect(try run("COMMAND", "COUNT").contains("\n"))
        #expect(try run("-x", "VADD", "v", "IMAGE", from: one).contains("wrong number of arguments for 'VADD' command"))
    }

    @Test(.enabled(if: Tool.nc != nil, "there is no nc with -N; `make test` installs it where it can"))
    func inlineThroughNC() throws {
        let server = try RunningServer(store: folder.path("store"))
        let nc = try #require(Tool.nc)
        func talk(_ text: String) throws -> String {
            try Program.run(nc, ["-w", "5", "-N", "127.0.0.1", "\(server.port)"], input: [UInt8](text.utf8)).output
        }
        #expect(try talk("PING\r\n") == "+PONG\r\n")
        // Replies in order, also those of commands that leave the event loop.
        #expect(
            try talk("VADD k VALUES 2 1 1 \"a b\"\nPING\nVSIM k ELE 'a b'\nPING x\n")
                == ":1\r\n+PONG\r\n*1\r\n$3\r\na b\r\n$1\r\nx\r\n")
        #expect(try talk("PING\r\nQUIT\r\nPING\r\n") == "+PONG\r\n+OK\r\n")
        #expect(try talk("PING\r\n*1\r\n:3\r\n") == "+PONG\r\n-ERR Protocol error: expected '$', got ':'\r\n")
        #expect(try talk("HELLO 3\r\nVADD k VALUES 2 1 1 b\r\n").hasSuffix("#t\r\n"))
        // What a browser sends on behalf of a page it shows is neither run nor answered.
        #expect(try talk("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nDEL k\r\n") == "")
        #expect(try talk("EXISTS k\r\n") == ":1\r\n")
        #expect(try talk("HELLO 4\r\n") == "-NOPROTO unsupported protocol version\r\n")
    }
}
