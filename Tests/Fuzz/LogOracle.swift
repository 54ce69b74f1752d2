import Storage

/// What a damaged log should come to, by the rules in FORMAT.md and nothing else: from where its records are, and which
/// of them are as they were.
struct LogOracle {
    /// Where a record begins and ends, and how much of the file it says is durable.
    struct Record {
        var range: Range<Int>
        var synced: UInt64
    }

    enum Outcome: Equatable {
        /// It must be refused.
        case damaged
        /// It holds its first so many changes.
        case changes(Int)
    }

    /// The records, the one that says what the log is for included.
    let records: [Record]

    /// Reads a log that is whole.
    init(_ log: [UInt8]) {
        func word(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(log[at + $1]) << (8 * $1) } }
        var found: [Record] = []
        var at = FileHeader.size
        while at < log.count {
            let end = at + 24 + word(at + 4)
            let synced = UInt64(word(at + 8)) | UInt64(word(at + 12)) << 32
            found.append(Record(range: at..<end, synced: synced))
            at = end
        }
        records = found
    }

    /// How many changes there are.
    var changes: Int { records.count - 1 }

    /// What comes of damage to it.
    func outcome(_ before: [UInt8], _ after: [UInt8], isFollowed: Bool) -> Outcome {
        func isWhole(_ range: Range<Int>) -> Bool { range.upperBound <= after.count && after[range] == before[range] }
        guard isWhole(0..<FileHeader.size), isWhole(records[0].range) else { return .damaged }
        guard let bad = records.indices.first(where: { !isWhole(records[$0].range) }) else {
            return isFollowed && after.count > before.count ? .damaged : .changes(changes)
        }
        let offset = records[bad].range.lowerBound
        // One that another log follows was durable, and the other says how long it was.
        if isFollowed { return .damaged }
        let isKnownDurable = records[bad...].contains { isWhole($0.range) && $0.synced > UInt64(offset) }
        return isKnownDurable ? .damaged : .changes(bad - 1)
    }
}
