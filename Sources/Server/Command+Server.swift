import Foundation
import RESP
import Storage
import VectorCollections

extension Command {
    /// Commands about the server.
    static let server: [Command] = [
        Command("COMMAND", arity: -1, flags: [.loading, .stale], place: .eventLoop) {
            words, _, services throws(CommandFailure) in
            try command(words, services.table)
        },
        Command("INFO", arity: -1, flags: [.loading, .stale]) { words, _, services in
            let asked = (1..<max(1, words.count)).map { words.text($0).lowercased() }
            return .text(ServerInformation(services).text(sections: asked))
        },
        Command("SAVE", arity: 1, flags: []) { _, _, services throws(CommandFailure) in
            try stored { () throws(StoreError) in try services.store.checkpoint() }
            return .ok
        },
        Command("BGSAVE", arity: -1, flags: []) { words, _, services throws(CommandFailure) in
            guard words.count == 1 || (words.count == 2 && words.matches(1, "SCHEDULE")) else {
                throw .err("syntax error")
            }
            let isNew = try stored { () throws(StoreError) in try services.store.beginCheckpoint() }
            guard isNew else { throw .err("Background save already in progress") }
            return .simple("Background saving started")
        },
        Command("LASTSAVE", arity: 1, flags: [.fast, .loading, .stale]) { _, _, services in
            .integer(Int(services.store.lastCheckpoint.timeIntervalSince1970))
        },
    ]

    /// COMMAND, COMMAND COUNT, COMMAND INFO [name ...], COMMAND DOCS.
    private static func command(_ words: Words, _ table: CommandTable) throws(CommandFailure) -> RESPReply {
        guard words.count > 1 else { return .array(table.all.map(\.description)) }
        if words.matches(1, "LIST"), words.count == 2 { return .array(table.all.map { .text($0.name.lowercased()) }) }
        if words.matches(1, "COUNT"), words.count == 2 { return .integer(table.all.count) }
        if words.matches(1, "INFO") {
            guard words.count > 2 else { return .array(table.all.map(\.description)) }
            return .array(
                (2..<words.count).map { table.command(named: words.buffer($0))?.description ?? .nullArray })
        }
        // No documentation is a valid answer; clients fall back to the names.
        if words.matches(1, "DOCS") { return .map([]) }
        throw .err("unknown subcommand '\(words.text(1))'. Try COMMAND HELP.")
    }

    /// One row of COMMAND's reply: name, arity, flags, keys, categories, and three lists this server has nothing for.
    private var description: RESPReply {
        .array([
            .text(name.lowercased()), .integer(arity), .array(flags.map { .simple($0.rawValue) }),
            .integer(firstKey), .integer(lastKey), .integer(firstKey == 0 ? 0 : 1), .array([]), .array([]), .array([]),
            .array([]),
        ])
    }
}

extension Command {
    /// Commands about whole collections.
    static let keys: [Command] = [
        Command("EXISTS", arity: -2, flags: [.readonly, .fast], firstKey: 1, lastKey: -1) { words, _, services in
            .integer((1..<words.count).count { services.store.collection(words.collection($0)) != nil })
        },
        Command("DEL", arity: -2, flags: [.write], firstKey: 1, lastKey: -1) {
            words, _, services throws(CommandFailure) in
            var dropped = 0
            for index in 1..<words.count {
                let isDropped = try stored { () throws(StoreError) in
                    try services.store.dropCollection(words.collection(index))
                }
                if isDropped { dropped += 1 }
            }
            return .integer(dropped)
        },
        Command("RENAME", arity: 3, flags: [.write], firstKey: 1, lastKey: 2) {
            words, _, services throws(CommandFailure) in
            let isRenamed = try stored { () throws(StoreError) in
                try services.store.renameCollection(words.collection(1), to: words.collection(2))
            }
            guard isRenamed else { throw .err("no such key") }
            return .ok
        },
    ]
}
