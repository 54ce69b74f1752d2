import NIOCore
import RESP

/// What a connection has said about itself, carried from one command to the next.
struct Session: Sendable {
    /// Number of the connection, from 1.
    let id: Int
    /// The dialect of its replies.
    var version = RESPVersion.resp2
    /// Set by QUIT: the reply is the last one.
    var isEnding = false
}

/// A command as the table lists it.
struct Command: Sendable {
    /// Facts that COMMAND shows to clients.
    enum Flag: String, Sendable { case readonly, write, denyoom, fast, module, loading, stale, noauth = "no-auth" }

    /// Whether the command may run on an event loop: it touches neither store nor picture, and takes microseconds.
    enum Place: Sendable { case eventLoop, pool }

    /// The name in upper case.
    let name: String
    /// Exact number of words, or minus the least number; the name counts.
    let arity: Int
    let flags: [Flag]
    /// Position of the first key, 0 when there is none.
    let firstKey: Int
    let lastKey: Int
    let place: Place
    /// The reply to these words, of which the number has been checked.
    let run: @Sendable (Words, inout Session, CommandServices) throws(CommandFailure) -> RESPReply

    init(
        _ name: String, arity: Int, flags: [Flag], firstKey: Int = 0, lastKey: Int? = nil, place: Place = .pool,
        run: @escaping @Sendable (Words, inout Session, CommandServices) throws(CommandFailure) -> RESPReply
    ) {
        self.name = name
        self.arity = arity
        self.flags = flags
        self.firstKey = firstKey
        self.lastKey = lastKey ?? firstKey
        self.place = place
        self.run = run
    }

    /// Vector-set commands name themselves in upper case in their errors, the others in lower case.
    var isVectorSetCommand: Bool { flags.contains(.module) }

    func accepts(wordCount: Int) -> Bool { arity < 0 ? wordCount >= -arity : wordCount == arity }

    /// The error for a wrong number of words.
    var wrongArity: CommandFailure {
        .err("wrong number of arguments for '\(isVectorSetCommand ? name : name.lowercased())' command")
    }
}

/// All commands by name.
struct CommandTable: Sendable {
    /// In the order COMMAND lists them.
    let all: [Command]
    private let byName: [[UInt8]: Command]

    /// Names of the wire's further commands, answered by name until they exist.
    private static let announced: Set<String> = [
        "VADDM", "VDUPS", "VLINKS", "VRANDMEMBER", "VRANGE", "AUTH", "CLIENT", "CONFIG", "DBSIZE", "DEBUG",
        "DISCARD", "EXEC", "FLUSHALL", "FLUSHDB", "KEYS", "MEMORY", "MONITOR", "MULTI", "OBJECT",
        "RESET", "SCAN", "SHUTDOWN", "SLOWLOG", "TYPE", "UNLINK", "UNWATCH", "WATCH",
    ]

    init(_ commands: [Command] = Command.connection + Command.server + Command.keys + Command.vectorSets) {
        all = commands
        byName = Dictionary(uniqueKeysWithValues: commands.map { ([UInt8]($0.name.utf8), $0) })
    }

    /// The command of this name, in any case.
    func command(named name: ByteBuffer) -> Command? {
        byName[name.readableBytesView.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }]
    }

    /// The command of a request, once its number of words is right.
    func resolve(_ request: RESPRequest) throws(CommandFailure) -> Command {
        guard let command = command(named: request.words[0]) else { throw unknown(request) }
        guard command.accepts(wordCount: request.words.count) else { throw command.wrongArity }
        return command
    }

    private func unknown(_ request: RESPRequest) -> CommandFailure {
        // As the reference prints it: cut at 128 bytes, a space behind each argument.
        let name = Self.head(request.words[0], 128)
        if Self.announced.contains(name.uppercased()) { return .notSupportedYet("'\(name)'") }
        let arguments = request.words.dropFirst().prefix(20).reduce(into: "") { text, word in
            if text.utf8.count < 128 { text += "'\(Self.head(word, 128 - text.utf8.count))' " }
        }
        return .err("unknown command '\(name)', with args beginning with: \(arguments)")
    }

    /// The first bytes of a word as text.
    private static func head(_ word: ByteBuffer, _ limit: Int) -> String {
        String(decoding: word.readableBytesView.prefix(limit), as: UTF8.self)
    }
}
