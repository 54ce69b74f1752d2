import Storage
import TestSupport
import Testing

/// A log seen by a process that does not own it.
@Suite struct WriteAheadLogScanTests {
    private let files = POSIXFileSystem()

    /// Where each record ends, the header first.
    private func make(_ path: String, _ payloads: [[UInt8]], synced: Bool = true) throws -> [UInt64] {
        let log = try WriteAheadLog.create(path, collection: 5, generation: 2, first: [], in: files)
        return try [log.length]
            + payloads.map { payload in
                try log.append(payload)
                if synced { try log.sync() }
                return log.length
            }
    }

    private func validLength(_ path: String, upTo size: UInt64) throws -> UInt64 {
        try WriteAheadLog.validLength(of: try files.open(path, .read), upTo: size, collection: 5, generation: 2)
    }

    @Test func everySizeIsCutAtTheLastCompleteRecord() throws {
        let folder = TemporaryFolder()
        let ends = try make(folder("log"), [[1, 2, 3], [], [UInt8](repeating: 7, count: 700), [9]])
        for size in ends[0]...ends[4] {
            #expect(try validLength(folder("log"), upTo: size) == ends.last { $0 <= size }, "size \(size)")
        }
        #expect(try validLength(folder("log"), upTo: ends[4] + 1000) == ends[4], "the file ends before the size noted")
        #expect(throws: StoreError.self) {
            try WriteAheadLog.validLength(
                of: try files.open(folder("log"), .read), upTo: ends[4], collection: 5, generation: 3)
        }
    }

    /// Records that lie across the pieces in which a log is read, and one larger than a piece.
    @Test func pieces() throws {
        let folder = TemporaryFolder()
        let payloads = [1 << 20, 0, 2_500_000, 1_048_550, 5].map { [UInt8](repeating: 0x52, count: $0) }
        let ends = try make(folder("log"), payloads)
        for (index, end) in ends.enumerated() where index > 0 {
            #expect(try validLength(folder("log"), upTo: end) == end)
            #expect(try validLength(folder("log"), upTo: end - 1) == ends[index - 1])
        }
    }

    @Test func damageIsToldFromATornTail() throws {
        let folder = TemporaryFolder()
        let ends = try make(folder("log"), [[1, 2, 3], [4, 5], [6], [7]])
        let whole = try contents(folder("log"))
        for at in Int(ends[0])..<whole.count {
            var damaged = whole
            damaged[at] ^= 8
            try write(damaged, to: folder("damaged"))
            let record = ends.lastIndex { $0 <= UInt64(at) } ?? 0
            // The last record that was synced when a later one was written is the one before it.
            if record < 3 {
                let error = #expect(throws: StoreError.self, "byte \(at)") {
                    try validLength(folder("damaged"), upTo: UInt64(whole.count))
                }
                guard case .corrupt(folder("damaged"), ends[record], _) = error else {
                    Issue.record("byte \(at): \(String(describing: error))")
                    continue
                }
            } else {
                #expect(try validLength(folder("damaged"), upTo: UInt64(whole.count)) == ends[3], "byte \(at)")
            }
        }
        for at in 0..<Int(ends[0]) {
            var damaged = whole
            damaged[at] ^= 8
            try write(damaged, to: folder("damaged"))
            #expect(throws: StoreError.self, "byte \(at)") {
                try validLength(folder("damaged"), upTo: UInt64(whole.count))
            }
        }
    }

    @Test func whatWasNeverDurableIsATail() throws {
        let folder = TemporaryFolder()
        let ends = try make(folder("log"), [[1, 2, 3], [4, 5], [6]], synced: false)
        var damaged = try contents(folder("log"))
        damaged[Int(ends[1])] ^= 1
        try write(damaged, to: folder("log"))
        #expect(try validLength(folder("log"), upTo: ends[3]) == ends[1])
    }
}
