import Storage
import Synchronization
import VectorCollections

/// What a damaged store should answer.
enum Expectation {
    /// These answers, or an error that names the damage.
    case answers([Question: Question.Answer])
    /// An error.
    case error

    /// Answers of stores whose last logs are cut after so many changes, made once.
    private static let cache = Mutex<[Key: [Question: Question.Answer]]>([:])

    private struct Key: Hashable {
        var store: Int
        var path: String
        var changes: Int
    }

    /// What a store answers when one of its logs holds its first so many changes only.
    static func answers(_ store: FuzzStore, log path: String, changes: Int) throws -> [Question: Question.Answer] {
        let key = Key(store: store.configuration.dimension, path: path, changes: changes)
        if let known = cache.withLock({ $0[key] }) { return known }
        let whole = store.files[path] ?? []
        let end = LogOracle(whole).records[changes].range.upperBound
        let made = try answers(store, try store.disk(replacing: [path: Array(whole[..<end])]))
        cache.withLock { $0[key] = made }
        return made
    }

    /// What the store answers as it is.
    static func answers(_ store: FuzzStore) throws -> [Question: Question.Answer] {
        let log = lastLogs(store)[0]
        return try answers(store, log: log, changes: LogOracle(store.files[log] ?? []).changes)
    }

    private static func answers(_ store: FuzzStore, _ disk: MemoryFileSystem) throws -> [Question: Question.Answer] {
        var options = StoreOptions()
        options.readOnly = true
        let opened = try Store.open(FuzzStore.path, options: options, fileSystem: disk)
        var answers: [Question: Question.Answer] = [:]
        for question in Question.all(of: store) { answers[question] = try question.ask(opened, store) }
        return answers
    }

    /// The last log of each collection.
    static func lastLogs(_ store: FuzzStore) -> [String] {
        let logs = store.files.keys.filter { $0.contains("/log-") }.sorted()
        return logs.filter { path in !logs.contains { $0 > path && folder($0) == folder(path) } }
    }

    private static func folder(_ path: String) -> Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }

    /// What a store should answer after one of its files was damaged.
    static func after(_ damage: Damage, _ store: FuzzStore) throws -> Expectation {
        guard damage.path.contains("/log-") else { return .answers(try answers(store)) }
        let isLast = lastLogs(store).contains(damage.path)
        guard let after = damage.after else {
            // That the last one of several is missing shows nowhere: it would not be there if there had been no
            // checkpoint.
            let isOnly = store.files.keys.count { $0.contains("/log-") && folder($0) == folder(damage.path) } == 1
            return isLast && !isOnly ? .answers(try answers(store, log: damage.path, changes: 0)) : .error
        }
        let oracle = LogOracle(damage.before)
        switch oracle.outcome(damage.before, after, isFollowed: !isLast) {
        case .damaged: return .error
        case .changes(let count):
            return .answers(isLast ? try answers(store, log: damage.path, changes: count) : try answers(store))
        }
    }
}
