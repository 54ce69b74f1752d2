import Storage
import VectorCollections

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The text of INFO: sections of `field:value` lines.
struct ServerInformation {
    private let services: CommandServices

    init(_ services: CommandServices) { self.services = services }

    /// The named sections, or all when none is named.
    func text(sections asked: [String]) -> String {
        let all: [(String, [(String, String)])] = [
            ("Server", server), ("Clients", clients), ("Memory", memory), ("Persistence", persistence),
            ("Stats", stats), ("Keyspace", keyspace),
        ]
        let everything = asked.isEmpty || asked.contains { ["all", "default", "everything"].contains($0) }
        return all.filter { everything || asked.contains($0.0.lowercased()) }
            .map { name, fields in
                "# \(name)\r\n" + fields.map { "\($0.0):\($0.1)\r\n" }.joined()
            }
            .joined(separator: "\r\n")
    }

    private var uptime: Int { Int((ContinuousClock.now - services.started).components.seconds) }

    private var server: [(String, String)] {
        [
            ("lookalike_version", services.facts.version),
            // The protocol level that client libraries look for before they use vector sets.
            ("redis_version", "8.0.0"), ("redis_mode", "standalone"), ("process_id", String(getpid())),
            ("tcp_port", String(services.port.load(ordering: .relaxed))), ("uptime_in_seconds", String(uptime)),
            ("worker_threads", String(services.facts.workers)),
        ]
    }

    private var clients: [(String, String)] {
        [("connected_clients", String(services.statistics.connectedClients.load(ordering: .relaxed)))]
    }

    private var memory: [(String, String)] {
        [("used_memory_rss", String(Self.residentBytes()))]
    }

    private var persistence: [(String, String)] {
        let failures = services.store.checkpointFailures.sorted { $0.key < $1.key }
        return [
            ("store", services.facts.storePath), ("durability", services.store.durability.rawValue),
            ("log_bytes", String(services.store.logBytes)),
            ("rdb_bgsave_in_progress", services.store.isCheckpointing ? "1" : "0"),
            ("rdb_last_save_time", String(Int(services.store.lastCheckpoint.timeIntervalSince1970))),
            ("rdb_last_bgsave_status", services.store.lastCheckpointError == nil ? "ok" : "err"),
            (
                "checkpoint_failures",
                failures.isEmpty ? "none" : failures.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
            ),
        ]
    }

    private var stats: [(String, String)] {
        let statistics = services.statistics.snapshot
        return [
            ("total_connections_received", String(statistics.connectionsReceived)),
            ("total_commands_processed", String(statistics.commandsProcessed)),
            ("total_error_replies", String(statistics.commandsFailed)),
            ("total_busy_replies", String(statistics.commandsRefusedBusy)),
        ]
    }

    private var keyspace: [(String, String)] {
        let names = services.store.collectionNames
        return names.isEmpty ? [] : [("db0", "keys=\(names.count),expires=0,avg_ttl=0")]
    }

    /// Resident memory of the process in bytes; 0 where the system does not say.
    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            .split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }
}
