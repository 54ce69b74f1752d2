import Storage
import TestSupport
import Testing

@Suite struct SnapshotFileTests {
    private let files = POSIXFileSystem()

    private func make(_ path: String, _ sections: [(UInt32, [UInt8])]) throws {
        var writer = try SnapshotWriter(path, collection: 3, generation: 4, in: files)
        for (kind, bytes) in sections {
            try writer.beginSection(kind)
            for piece in stride(from: 0, to: bytes.count, by: 70_001) {
                try writer.put(Array(bytes[piece..<min(bytes.count, piece + 70_001)]))
            }
        }
        try writer.finish()
    }

    private func open(_ path: String) throws -> SnapshotReader {
        try SnapshotReader(path, collection: 3, generation: 4, in: files)
    }

    @Test func sectionsAreReadBackOnPageBoundaries() throws {
        let folder = TemporaryFolder()
        var random = SeededRandom(seed: SeededRandom.seed(of: 51))
        for sizes in [[], [0], [1], [4096], [1 << 20, 0, 5], [3_000_000, 4095, 1, 4097]] {
            let sections = sizes.enumerated().map { index, size in
                (UInt32(index + 1), (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
            try make(folder("snapshot"), sections)
            let reader = try open(folder("snapshot"))
            for (kind, bytes) in sections {
                let section = try reader.section(kind)
                #expect([UInt8](section) == bytes)
                #expect(UInt(bitPattern: section.baseAddress) % 4096 == 0)
            }
            #expect(throws: StoreError.self) { try reader.section(99) }
            withExtendedLifetime(reader.mapping) {}
        }
    }

    @Test func anyFlippedByteIsReported() throws {
        let folder = TemporaryFolder()
        try make(folder("snapshot"), [(1, [UInt8](1...200)), (2, [UInt8](repeating: 8, count: 9000))])
        let whole = try contents(folder("snapshot"))
        for at in 0..<whole.count where at < 140 || at % 61 == 0 || at > whole.count - 8 {
            var damaged = whole
            damaged[at] ^= 0x40
            try write(damaged, to: folder("damaged"))
            let error = #expect(throws: StoreError.self, "byte \(at)") { try open(folder("damaged")) }
            guard case .corrupt(let file, let offset, _) = error else {
                Issue.record("byte \(at): \(String(describing: error))")
                continue
            }
            #expect(file == folder("damaged") && offset <= UInt64(at))
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
        let reader = try open(folder("snapshot"))
        try reader.section(1)[0] = 77
        withExtendedLifetime(reader.mapping) {}
        #expect(try contents(folder("snapshot")) == before)
    }
}
