import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ModelFolder {
    /// Begins the names of folders that are being made or removed.
    private static let draftPrefix = ".draft-"
    /// Microseconds between two tries to get the lock.
    private static let pause: UInt32 = 5000

    /// Puts a model in place: everything of it or, after an error, nothing. Throws `taken` when there is one of that
    /// name.
    func put(_ record: ModelRecord, network: [UInt8], ranges: [UInt8]?) throws(ModelError) {
        if !ModelFiles.isValid(name: record.name) { throw .badName(record.name) }
        guard let text = try? record.encoded() else { preconditionFailure("a record is plain data") }
        try withLock { () throws(ModelError) in
            if try kind(path(of: record.name)) != .absent { throw .taken(record.name, path: path) }
            let draft = try makeDraft()
            do throws(ModelError) {
                try write(text, to: "\(draft)/\(ModelFiles.record)")
                try write(network, to: "\(draft)/\(ModelFiles.network)")
                if let ranges { try write(ranges, to: "\(draft)/\(ModelFiles.ranges)") }
                try files { () throws(StoreError) in
                    try fileSystem.syncDirectory(draft)
                    try fileSystem.rename(draft, to: path(of: record.name))
                    try fileSystem.syncDirectory(path)
                }
            } catch {
                clear(draft)
                throw error
            }
        }
    }

    /// Adds the ranges of a model that has none. Returns those that are there then: another process may have been
    /// faster, and what is there stays.
    func addRanges(_ ranges: [UInt8], to record: ModelRecord) throws(ModelError) -> [UInt8] {
        try withLock { () throws(ModelError) in
            guard try self.record(of: record.name) == record else {
                throw .damaged(model: record.name, file: path(of: record.name), what: "was replaced meanwhile")
            }
            if let there = try self.ranges(of: record) { return there }
            let draft = try makeDraft()
            defer { clear(draft) }
            try write(ranges, to: "\(draft)/\(ModelFiles.ranges)")
            try files { () throws(StoreError) in
                try fileSystem.rename(
                    "\(draft)/\(ModelFiles.ranges)", to: "\(path(of: record.name))/\(ModelFiles.ranges)")
                try fileSystem.syncDirectory(path(of: record.name))
            }
            return ranges
        }
    }

    /// Removes a model.
    /// - Parameter users: the collections that were made with it; asked when its name is out of sight already, so that
    ///   no new one can come in between. If there are any, the model is put back, and `inUse` is thrown.
    public func remove(_ name: String, users: () throws -> [String] = { [] }) throws {
        guard try contains(name) else { throw ModelError.unknown(name, known: try names()) }
        // Asked twice: a removal that is killed while the name is away would lose the model.
        let before = try users()
        guard before.isEmpty else { throw ModelError.inUse(name, collections: before) }
        try withLock { () throws in
            let draft = try makeDraft()
            try files { () throws(StoreError) in
                try fileSystem.removeDirectory(draft)
                try fileSystem.rename(path(of: name), to: draft)
            }
            do {
                let collections = try users()
                guard collections.isEmpty else { throw ModelError.inUse(name, collections: collections) }
                try files { () throws(StoreError) in try fileSystem.syncDirectory(path) }
            } catch {
                try files { () throws(StoreError) in try fileSystem.rename(draft, to: path(of: name)) }
                throw error
            }
            clear(draft)
        }
    }

    // MARK: Steps

    /// Runs `body` while nobody else changes anything here, after clearing away what a killed process has left.
    private func withLock<Result>(_ body: () throws(ModelError) -> Result) throws(ModelError) -> Result {
        do { return try withLock { () throws in try body() } } catch let error as ModelError {
            throw error
        } catch {
            preconditionFailure("nothing else is thrown")
        }
    }

    private func withLock<Result>(_ body: () throws -> Result) throws -> Result {
        let lock = try files { () throws(StoreError) in
            try fileSystem.createDirectory(path)
            return try fileSystem.open("\(path)/\(Self.lockName)", .openOrCreate)
        }
        let end = ContinuousClock.now + patience
        while try !files({ () throws(StoreError) in try lock.tryLock(exclusive: true) }) {
            guard ContinuousClock.now < end else { throw ModelError.busy(path: path) }
            usleep(Self.pause)
        }
        defer { lock.unlock() }
        for name in try files({ () throws(StoreError) in try fileSystem.list(path) })
        where name.hasPrefix(Self.draftPrefix) {
            clear("\(path)/\(name)")
        }
        return try body()
    }

    /// An empty folder of a name of its own.
    private func makeDraft() throws(ModelError) -> String {
        let draft = "\(path)/\(Self.draftPrefix)\(UInt32.random(in: 0...UInt32.max))"
        try files { () throws(StoreError) in try fileSystem.createDirectory(draft) }
        return draft
    }

    /// Removes a draft, as far as possible. Only files of names that we give are removed.
    private func clear(_ draft: String) {
        for file in ModelFiles.all {
            if (try? fileSystem.kind(of: "\(draft)/\(file)")) == .file { try? fileSystem.remove("\(draft)/\(file)") }
        }
        try? fileSystem.removeDirectory(draft)
    }

    private func write(_ bytes: [UInt8], to path: String) throws(ModelError) {
        try files { () throws(StoreError) in
            let file = try fileSystem.open(path, .truncate)
            try file.write(bytes, at: 0)
            try file.sync()
        }
    }
}
