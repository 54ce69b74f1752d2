import Storage
import TestSupport
import Testing

@Suite struct SnapshotFileTests {
    private let files = POSIXFileSystem()

    private func make(_ path: String, _ sections: [(UInt32, [UInt8])], blockBytes: Int = 4096) throws {
        var writer = try SnapshotWriter(path, collection: 3, generation: 4, in: files)
        for (kind, bytes) in sections {
            try writer.beginSection(kind, blockBytes: blockBytes)
            for piece in stride(from: 0, to: bytes.count, by: 70_001) {
                try writer.put(Array(bytes[piece..<min(bytes.count, piece + 70_001)]))
            }
        }
        let size = try writer.finish()
        #expect(try contents(path).count == size)
    }

    private func open(_ path: String, _ faults: FaultLog = FaultLog()) throws -> SnapshotReader {
        try SnapshotReader(path, collection: 3, generation: 4, faults: faults, in: files)
    }

    @Test func sectionsAreReadBackOnPageBoundaries() throws {
        let folder = TemporaryFolder()
        var random = SeededRandom(seed: SeededRandom.seed(of: 51))
        for sizes in [[], [0], [1], [4096], [1 << 20, 0, 5], [5_000_000, 4095, 1, 4097]] {
            for blockBytes in [4096, 3072, 1, 100_000] where blockBytes > 1 || sizes.reduce(0, +) < 10_000 {
                let sections = sizes.enumerated().map { index, size in
                    (UInt32(index + 1), (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
                }
                try make(folder("snapshot"), sections, blockBytes: blockBytes)
                let faults = FaultLog()
                let reader = try open(folder("snapshot"), faults)
                for (kind, bytes) in sections {
                    let section = try reader.section(kind)
                    #expect(section.blockCount == (bytes.count + blockBytes - 1) / blockBytes)
                    #expect(section.checkedBytes(0..<bytes.count).map { [UInt8]($0) } == bytes)
                    #expect(section.checkedBytes(0..<bytes.count + 1) == nil)
                    #expect(section.bytes.count == 0 || UInt(bitPattern: section.bytes.baseAddress) % 4096 == 0)
                }
                #expect(faults.first == nil)
                #expect(throws: StoreError.self) { try reader.section(99) }
            }
        }
    }

    /// Opening reads what is at both ends; everything else is looked at when it is touched, and nothing but that.
    @Test func anyFlippedByteIsReportedByWhoeverTouchesIt() throws {
        let folder = TemporaryFolder()
        let sections: [(UInt32, [UInt8])] = [(1, [UInt8](1...200)), (2, [UInt8](repeating: 8, count: 9000))]
        try make(folder("snapshot"), sections)
        let whole = try contents(folder("snapshot"))
        for at in 0..<whole.count where at < 200 || at % 61 == 0 || at > whole.count - 16 {
            var damaged = whole
            damaged[at] ^= 0x40
            try write(damaged, to: folder("damaged"))
            var found: StoreError?
            do {
                let faults = FaultLog()
                let reader = try open(folder("damaged"), faults)
                for (kind, bytes) in sections {
                    let section = try reader.section(kind)
                    let read = section.checkedBytes(0..<bytes.count).map { [UInt8]($0) }
                    #expect(read == bytes || faults.first != nil, "byte \(at)")
                }
                found = faults.first
                // Between the sections there is nothing that anybody reads; the header's copy is for repairs.
                let isPadding = at >= 4096 && damaged[at] == 0x40 || at >= whole.count - 4096
                #expect(found != nil || isPadding, "byte \(at)")
            } catch let error as StoreError {
                found = error
            }
            guard let found else { continue }
            guard case .corrupt(let file, let offset, _) = found else {
                Issue.record("byte \(at): \(found)")
                continue
            }
            #expect(file == folder("damaged") && offset <= UInt64(at))
        }
    }

    /// Damage to one block is no damage to the next.
    @Test func onlyTouchedBlocksAreChecked() throws {
        let folder = TemporaryFolder()
        try make(folder("snapshot"), [(1, [UInt8](repeating: 8, count: 9000))])
        var bytes = try contents(folder("snapshot"))
        bytes[4096 + 5000] ^= 1
        try write(bytes, to: folder("snapshot"))
        let faults = FaultLog()
        let section = try open(folder("snapshot"), faults).section(1)
        #expect(section.checkedBytes(0..<4096).map { [UInt8]($0) } == [UInt8](repeating: 8, count: 4096))
        #expect(section.checkedBytes(8192..<9000).map { [UInt8]($0) } == [UInt8](repeating: 8, count: 808))
        #expect(faults.first == nil)
        #expect(section.checkedBytes(8191..<8192).map { [UInt8]($0) } == [0], "what is damaged is not given out")
        guard case .corrupt(_, 8192, _) = faults.first else {
            Issue.record("\(String(describing: faults.first))")
            return
        }
    }

    @Test func aBlockThatIsNotAdmittedIsDamage() throws {
        let folder = TemporaryFolder()
        try make(folder("snapshot"), [(1, [UInt8](repeating: 8, count: 9000))])
        let faults = FaultLog()
        let section = try open(folder("snapshot"), faults).section(1)
        section.admit { block, bytes in block == 2 && bytes.count == 808 ? "it is the last" : nil }
        #expect(section.checkedBytes(0..<8192) != nil && faults.first == nil)
        #expect(section.checkedBytes(8192..<8193)?.first == 0)
        guard case .corrupt(_, 12288, let what) = faults.first else {
            Issue.record("\(String(describing: faults.first))")
            return
        }
        #expect(what.contains("it is the last"))
    }

    @Test func sectionsThatAreNotKnownArePassedOverOnlyIfTheyMayBe() throws {
        let folder = TemporaryFolder()
        for isOptional in [true, false] {
            var writer = try SnapshotWriter(folder("snapshot"), collection: 3, generation: 4, in: files)
            try writer.beginSection(1)
            try writer.beginSection(77, isOptional: isOptional)
            _ = try writer.finish()
            let reader = try open(folder("snapshot"))
            if isOptional {
                try reader.requireKnown([1])
            } else {
                #expect(throws: StoreError.self) { try reader.requireKnown([1]) }
            }
        }
    }

    @Test func aFileCutAtAnyPageIsReported() throws {
        let folder = TemporaryFolder()
        try make(folder("snapshot"), [(1, [UInt8](repeating: 8, count: 9000))])
        let whole = try contents(folder("snapshot"))
        for end in [0, 1, 39, 40, 4095, 4096, 4097, 8192, whole.count - 1] {
            try write(Array(whole[..<end]), to: folder("cut"))
            #expect(throws: StoreError.self, "cut at \(end)") { try open(folder("cut")) }
        }
        try write(whole + [0], to: folder("cut"))
        #expect(throws: StoreError.self) { try open(folder("cut")) }
    }

    @Test func writingToTheMappingLeavesTheFile() throws {
        let folder = TemporaryFolder()
        try make(folder("snapshot"), [(1, [1, 2, 3])])
        let before = try contents(folder("snapshot"))
        let section = try open(folder("snapshot")).section(1)
        section.check(block: 0)
        section.bytes[0] = 77
        withExtendedLifetime(section) {}
        #expect(try contents(folder("snapshot")) == before)
    }
}
