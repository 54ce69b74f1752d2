import Storage
import TestSupport
import Testing

@Suite struct WriteAheadLogTests {
    private let files = POSIXFileSystem()

    private static let first: [UInt8] = [0xf1]

    private func open(
        _ path: String, collection: UInt64 = 5, readOnly: Bool = false, isFollowed: Bool = false,
        replay: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws -> WriteAheadLog {
        try LogReader(path, collection: collection, generation: 2, readOnly: readOnly, in: files)
            .replay(isFollowed: isFollowed) { payload, _ in replay(payload) }
    }

    /// What was put in behind the first record.
    private func read(_ path: String, readOnly: Bool = false, isFollowed: Bool = false) throws -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        _ = try open(path, readOnly: readOnly, isFollowed: isFollowed) { payloads.append([UInt8]($0)) }
        #expect(payloads.first == Self.first)
        return Array(payloads.dropFirst())
    }

    private func create(_ path: String, in files: any FileSystem) throws -> WriteAheadLog {
        try WriteAheadLog.create(path, collection: 5, generation: 2, first: Self.first, in: files)
    }

    /// Makes a log in which every record was synced before the next was written, or only record number `syncedAfter`.
    private func make(_ path: String, _ payloads: [[UInt8]], syncedAfter only: Int? = nil) throws {
        let log = try create(path, in: files)
        for (index, payload) in payloads.enumerated() {
            try log.append(payload)
            if only == nil || only == index { try log.sync() }
        }
    }

    private let payloads: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 7, count: 5000), [9]]

    @Test func whatIsAppendedIsReadBack() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads)
        #expect(try read(folder("log")) == payloads)
        let log = try open(folder("log"))
        try log.append([4, 4])
        #expect(try read(folder("log")) == payloads + [[4, 4]])
    }

    @Test func aTailTornAtAnyByteIsCut() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads)
        let whole = try contents(folder("log"))
        let lastRecord = whole.count - 25
        for end in lastRecord..<whole.count {
            try write(Array(whole[..<end]), to: folder("torn"))
            #expect(try read(folder("torn"), readOnly: true) == Array(payloads.dropLast()))
            #expect(try contents(folder("torn")).count == end, "a reader changes nothing")
            #expect(try read(folder("torn")) == Array(payloads.dropLast()))
            #expect(try contents(folder("torn")).count == lastRecord)
        }
        // Pages that never reached the device, and garbage.
        for tail in [[UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0x52, count: 99)] {
            try write(whole + tail, to: folder("torn"))
            #expect(try read(folder("torn")) == payloads)
            #expect(try contents(folder("torn")).count == whole.count)
        }
    }

    @Test func aFlippedByteBeforeValidRecordsIsReportedWithItsPlace() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads)
        let whole = try contents(folder("log"))
        let starts = [40, 65, 65 + 27, 65 + 27 + 24]
        for at in FileHeader.size..<(whole.count - 25) where at < 100 || at % 97 == 0 {
            var damaged = whole
            damaged[at] ^= 0x10
            try write(damaged, to: folder("damaged"))
            let record = starts.last { $0 <= at }!
            let error = #expect(throws: StoreError.self) { try read(folder("damaged")) }
            guard case .corrupt(let file, let offset, _) = error else {
                Issue.record("byte \(at): \(String(describing: error))")
                continue
            }
            #expect(file == folder("damaged") && offset == UInt64(record))
            #expect(try contents(folder("damaged")) == damaged, "a damaged log is left as it is")
        }
        for at in 0..<FileHeader.size {
            var damaged = whole
            damaged[at] ^= 1
            try write(damaged, to: folder("damaged"))
            #expect(throws: StoreError.self, "header byte \(at)") { try read(folder("damaged")) }
        }
    }

    private func damage(_ path: String, at: Int) throws -> String {
        var bytes = try contents(path)
        bytes[at] ^= 1
        try write(bytes, to: path + "-damaged")
        return path + "-damaged"
    }

    /// A loss of power may keep a later page and lose an earlier one, as long as neither was synced.
    @Test func whatNoRecordKnowsToBeDurableIsCut() throws {
        let folder = TemporaryFolder()
        let starts = [65, 65 + 27, 65 + 27 + 24, 65 + 27 + 24 + 5024]
        try make(folder("never"), payloads, syncedAfter: .max)
        for (index, start) in starts.enumerated() {
            for at in [start, start + 9, start + 17, start + 21] {
                let damaged = try damage(folder("never"), at: at)
                let before = try contents(damaged)
                #expect(try read(damaged, readOnly: true) == Array(payloads[..<index]))
                #expect(try contents(damaged) == before, "a reader changes nothing")
                #expect(try read(damaged) == Array(payloads[..<index]))
                #expect(try contents(damaged).count == start)
            }
        }
        // Synced once: what lies before is durable, and the records behind it say so.
        try make(folder("once"), payloads, syncedAfter: 1)
        for index in 0..<2 {
            let damaged = try damage(folder("once"), at: starts[index] + 20)
            let error = #expect(throws: StoreError.self) { try read(damaged) }
            guard case .corrupt(damaged, UInt64(starts[index]), _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(try read(try damage(folder("once"), at: starts[2] + 20)) == Array(payloads[..<2]))
    }

    /// What is there when a log is opened is made durable, so a record that is added afterwards vouches for it.
    @Test func openingMakesALogDurable() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads, syncedAfter: .max)
        let log = try open(folder("log"))
        try log.append([1])
        let error = #expect(throws: StoreError.self) { try read(try damage(folder("log"), at: 95)) }
        guard case .corrupt(_, 92, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Two million beginnings of records, each of which claims eight megabytes: looked at one by one, not summed up.
    @Test(.timeLimit(.minutes(1))) func beginningsOfRecordsInAPayloadDoNotHoldUpTheSearch() throws {
        let folder = TemporaryFolder()
        let beginning: [UInt8] = [0x52, 0x47, 0x4f, 0x4c, 0, 0, 0x80, 0]
        let crafted = [UInt8]((0..<(2 << 20)).map { _ in beginning }.joined())
        try make(folder("log"), [[1], crafted, [2]])
        let error = #expect(throws: StoreError.self) { try read(try damage(folder("log"), at: 65 + 25 + 24 + 3)) }
        guard case .corrupt(_, 90, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// A user's bytes that look like a record are not taken for one.
    @Test func aRecordInsideAPayloadIsNoRecord() throws {
        let folder = TemporaryFolder()
        try make(folder("one"), [[1, 2, 3]])
        let record = Array(try contents(folder("one"))[FileHeader.size...])
        try make(folder("two"), [record + record])
        let whole = try contents(folder("two"))
        try write(Array(whole.dropLast()), to: folder("two"))
        #expect(try read(folder("two")).isEmpty, "the torn record is cut, not taken for a damaged one")
    }

    @Test func filesOfOthersAndLaterVersionsAreRefused() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads)
        #expect(throws: StoreError.self) {
            _ = try open(folder("log"), collection: 6, readOnly: true)
        }
        var bytes = try contents(folder("log"))
        bytes[8] = 2
        let crc = Checksum.crc32c(Array(bytes[..<36]))
        for i in 0..<4 { bytes[36 + i] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * i)) }
        try write(bytes, to: folder("log"))
        #expect(throws: StoreError.unsupportedVersion(file: folder("log"), found: 2, supported: 1)) {
            try read(folder("log"))
        }
    }

    @Test func aFailedAppendLeavesTheLogAsItWas() throws {
        let folder = TemporaryFolder()
        let faulty = FaultyFileSystem()
        let log = try create(folder("log"), in: faulty)
        try log.append([1])
        let length = log.length
        faulty.set(.shortWrite(operation: faulty.operations + 1))
        #expect(throws: StoreError.self) { try log.append([UInt8](repeating: 2, count: 100)) }
        #expect(log.length == length)
        try log.append([3])
        #expect(try read(folder("log")) == [[1], [3]])
        // When even the cut fails, it takes no more, and what is there is still readable.
        faulty.set(.halt(operation: faulty.operations + 1))
        #expect(throws: StoreError.self) { try log.append([UInt8](repeating: 4, count: 100)) }
        faulty.set(.none)
        let error = #expect(throws: StoreError.self) { try log.append([5]) }
        guard case .failed = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try read(folder("log")) == [[1], [3]])
    }

    @Test func payloadsHaveALimit() throws {
        let folder = TemporaryFolder()
        let log = try create(folder("log"), in: files)
        try log.append([UInt8](repeating: 1, count: WriteAheadLog.payloadLimit))
        #expect(throws: StoreError.self) {
            try log.append([UInt8](repeating: 1, count: WriteAheadLog.payloadLimit + 1))
        }
        #expect(try read(folder("log")).map(\.count) == [WriteAheadLog.payloadLimit])
    }

    /// A log that another one with records follows was durable as a whole.
    @Test func aLogThatIsFollowedHasNoTornTail() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads, syncedAfter: .max)
        #expect(try read(folder("log"), readOnly: true, isFollowed: true) == payloads)
        let whole = try contents(folder("log"))
        for bytes in [Array(whole.dropLast()), whole + [0]] {
            try write(bytes, to: folder("log"))
            #expect(throws: StoreError.self) { try read(folder("log"), isFollowed: true) }
            #expect(try contents(folder("log")) == bytes, "a damaged log is left as it is")
        }
    }

    @Test func aLogThatWasShortenedToItsHeaderIsDamaged() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads)
        let whole = try contents(folder("log"))
        for length in 0..<65 {
            try write(Array(whole[..<length]), to: folder("log"))
            #expect(throws: StoreError.self) { try read(folder("log")) }
        }
    }

    @Test func salvageFindsWhatIsWholeAroundWhatIsNot() throws {
        let folder = TemporaryFolder()
        try make(folder("log"), payloads)
        let damaged = try damage(folder("log"), at: 65 + 27 + 24 + 100)
        var found: [[UInt8]] = []
        let lost = try LogReader(damaged, collection: 5, generation: 2, readOnly: true, in: files)
            .salvage { payload, _ in found.append([UInt8](payload)) }
        #expect(found == [Self.first, payloads[0], payloads[1], payloads[3]])
        #expect(lost == [116..<116 + 5024])
    }

    /// Those who ask at the same time wait for one sync together.
    @Test func oneSyncServesMany() throws {
        let folder = TemporaryFolder()
        let faulty = FaultyFileSystem()
        let log = try create(folder("log"), in: faulty)
        try log.append([1])
        let first = log.length
        try log.append([2])
        let before = faulty.operations
        try log.sync(upTo: first)
        try log.sync(upTo: log.length)
        #expect(faulty.operations == before + 1)
        // A sync that failed is not tried again: nobody knows what it lost.
        try log.append([3])
        faulty.set(.fail(operation: faulty.operations + 1))
        #expect(throws: StoreError.self) { try log.sync() }
        #expect(throws: StoreError.self) { try log.sync() }
    }
}
