import RESP

extension Command {
    /// Commands about the connection itself.
    static let connection: [Command] = [
        Command("PING", arity: -1, flags: [.fast], place: .eventLoop) { words, _, _ throws(CommandFailure) in
            switch words.count {
            case 1: .simple("PONG")
            case 2: .bulk(words.bytes(1))
            default: throw .err("wrong number of arguments for 'ping' command")
            }
        },
        Command("ECHO", arity: 2, flags: [.fast], place: .eventLoop) { words, _, _ in .bulk(words.bytes(1)) },
        Command("HELLO", arity: -1, flags: [.noauth, .loading, .stale, .fast], place: .eventLoop) {
            words, session, services throws(CommandFailure) in
            try hello(words, &session, services)
        },
        Command("QUIT", arity: -1, flags: [.noauth, .loading, .stale, .fast], place: .eventLoop) { _, session, _ in
            session.isEnding = true
            return .ok
        },
        Command("SELECT", arity: 2, flags: [.loading, .stale, .fast], place: .eventLoop) {
            words, _, _ throws(CommandFailure) in
            guard let index = words.integer(1) else { throw .err("value is not an integer or out of range") }
            guard index == 0 else { throw .err("DB index is out of range") }
            return .ok
        },
    ]

    private static func hello(
        _ words: Words, _ session: inout Session, _ services: CommandServices
    ) throws(CommandFailure) -> RESPReply {
        var version = session.version
        if words.count > 1 {
            guard let number = words.integer(1) else {
                throw .err("Protocol version is not an integer or out of range")
            }
            guard let asked = RESPVersion(rawValue: number) else {
                throw CommandFailure(code: "NOPROTO", text: "unsupported protocol version")
            }
            version = asked
        }
        var next = 2
        while next < words.count {
            if words.matches(next, "SETNAME"), next + 1 < words.count {
                next += 2
            } else if words.matches(next, "AUTH"), next + 2 < words.count {
                throw .notSupportedYet("AUTH")
            } else {
                throw .err("Syntax error in HELLO option '\(words.text(next))'")
            }
        }
        session.version = version
        return .map([
            .init(.text("server"), .text("lookalike")),
            .init(.text("version"), .text(services.facts.version)),
            .init(.text("proto"), .integer(version.rawValue)),
            .init(.text("id"), .integer(session.id)),
            .init(.text("mode"), .text("standalone")),
            .init(.text("role"), .text("master")),
            .init(.text("modules"), .array([])),
        ])
    }
}
