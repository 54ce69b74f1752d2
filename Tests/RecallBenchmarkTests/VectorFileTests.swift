import RecallBenchmark
import TestSupport
import Testing

@Suite("Files of vectors")
struct VectorFileTests {
    private let folder = TemporaryFolder("vector-files", inMemory: true)

    private func open(_ name: String, _ bytes: [UInt8]) throws -> VectorFile {
        try VectorFile(try folder.write(name, bytes))
    }

    /// Why a file with these bytes cannot be opened.
    private func fault(_ name: String, _ bytes: [UInt8]) throws -> VectorFileError? {
        #expect(throws: VectorFileError.self) { try open(name, bytes) }.map { error in
            let text = "\(error)"
            #expect(text.hasPrefix(folder.path(name)) && !text.contains("\n") && text.contains(":"), "\(text)")
            return error
        }
    }

    // MARK: TEXMEX

    @Test func rowsOfBytesFloatsAndIntegersAreRead() throws {
        let bytes = try open("a.bvecs", TEXMEX.bytes([[0, 1, 255], [7, 8, 9]]))
        #expect(bytes.count == 2 && bytes.dimension == 3)
        #expect(try bytes.row(0) == [0, 1, 255])
        #expect(try bytes.row(1) == [7, 8, 9])
        let floats = try open("a.fvecs", TEXMEX.floats([[-1.5, 3e-38], [0, .greatestFiniteMagnitude]]))
        #expect(try floats.row(0) == [-1.5, 3e-38])
        #expect(try floats.row(1) == [0, .greatestFiniteMagnitude])
        let integers = try open("A.IVECS", TEXMEX.integers([[5, -1, 1 << 20]]))
        #expect(try integers.row(0) == [5, -1, 1_048_576])
        #expect(try integers.integers(0, count: 2) == [5, -1])
        #expect(throws: VectorFileError.notIDs(path: bytes.path)) { try bytes.integers(0, count: 1) }
    }

    @Test func pagesThatWereDroppedComeBack() throws {
        let file = try open("a.bvecs", TEXMEX.bytes([[1, 2], [3, 4]]))
        _ = try file.row(0)
        file.dropPages()
        #expect(try file.row(1) == [3, 4])
    }

    /// Opening asks every row, and so touches every page. Other tests of this process take and give memory meanwhile,
    /// hence the attempts.
    @Test func droppedPagesAreNotResident() throws {
        let size = 32 << 20
        let row = TEXMEX.header(1020) + [UInt8](repeating: 1, count: 1020)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size)
        while bytes.count < size { bytes += row }
        let path = try folder.write("a.bvecs", bytes)
        let isDropped = try (0..<5).contains { _ in
            let file = try VectorFile(path)
            let before = try #require(ResidentMemory.bytes)
            file.dropPages()
            let after = try #require(ResidentMemory.bytes)
            return before - after > size * 3 / 4
        }
        #expect(isDropped)
    }

    @Test(arguments: [1, 65_536]) func dimensionsAtTheLimitsAreRead(_ dimension: Int) throws {
        let file = try open("a.bvecs", TEXMEX.bytes([[UInt8](repeating: 3, count: dimension)]))
        #expect(file.dimension == dimension && file.count == 1)
    }

    @Test(arguments: [0, -1, 65_537, Int(Int32.max), Int(Int32.min)])
    func dimensionsBeyondTheLimitsAreRefused(_ dimension: Int) throws {
        let bytes = TEXMEX.header(dimension) + [UInt8](repeating: 0, count: 70_000)
        for name in ["a.bvecs", "a.fvecs", "a.ivecs"] {
            #expect(
                try fault(name, bytes)
                    == .badDimension(path: folder.path(name), row: 0, offset: 0, dimension: dimension))
        }
        // In a later row too.
        #expect(
            try fault("b.bvecs", TEXMEX.bytes([[1, 2, 3, 4]]) + TEXMEX.header(dimension) + [1, 2, 3, 4])
                == .badDimension(path: folder.path("b.bvecs"), row: 1, offset: 8, dimension: dimension))
    }

    @Test func anotherDimensionIsFoundInAnyRow() throws {
        var bytes = TEXMEX.bytes([[UInt8]](repeating: [1, 2, 3, 4], count: 50))
        bytes[8 * 37] = 5
        let path = folder.path("a.bvecs")
        #expect(
            try fault("a.bvecs", bytes)
                == .differingDimension(path: path, row: 37, offset: 296, dimension: 5, first: 4))
        // The last row, longer than the first: not called torn.
        #expect(
            try fault("a.bvecs", TEXMEX.bytes([[1, 2], [1, 2, 3]]))
                == .differingDimension(path: path, row: 1, offset: 6, dimension: 3, first: 2))
    }

    @Test func everyCutIsNoticed() throws {
        let whole = TEXMEX.floats([[1, 2, 3], [4, 5, 6]])
        let path = folder.path("a.fvecs")
        for length in 1..<whole.count where length != 16 {
            let row = length < 16 ? 0 : 1
            let header = length < 4 ? 4 - length : 16 * (row + 1) - length
            #expect(
                try fault("a.fvecs", Array(whole[..<length]))
                    == .tornRow(path: path, row: row, offset: 16 * row, missing: header), "cut at \(length)")
        }
        #expect(try open("a.fvecs", Array(whole[..<16])).count == 1)
    }

    @Test func valuesThatAreNoNumbersAreNamed() throws {
        let file = try open("a.fvecs", TEXMEX.floats([[1, 2], [3, .infinity]]))
        #expect(try file.row(0) == [1, 2])
        let error = #expect(throws: VectorFileError.self) { try file.row(1) }
        #expect(error == .notFinite(path: file.path, row: 1, column: 1, value: .infinity))
        let nan = try open("b.fvecs", TEXMEX.floats([[.nan, 2]]))
        let text = "\(try #require(#expect(throws: VectorFileError.self) { try nan.row(0) }))"
        #expect(text.contains("value 0 of row 0 is nan"))
    }

    // MARK: Files that are none

    @Test func whatIsNoFileOfVectorsIsSaidToBeSo() throws {
        let missing = folder.path("none.fvecs")
        #expect(throws: VectorFileError.unreadable(path: missing, reason: "No such file or directory")) {
            try VectorFile(missing)
        }
        #expect(try fault("a.jpg", [1, 2, 3]) == .unknownKind(path: folder.path("a.jpg")))
        #expect(try fault("bvecs", [1, 2, 3]) == .unknownKind(path: folder.path("bvecs")))
        for name in ["a.bvecs", "a.fvecs", "a.ivecs", "a.npy"] {
            #expect(try fault(name, []) == .empty(path: folder.path(name)))
        }
        try folder.write("folder.npy/x", [])
        #expect(throws: VectorFileError.notAFile(path: folder.path("folder.npy"))) {
            try VectorFile(folder.path("folder.npy"))
        }
        #expect(throws: VectorFileError.self) { try VectorFile("") }
    }

    // MARK: Hostile bytes

    /// Whatever the bytes are: an error, or a file of which every row can be asked for.
    @Test func randomBytesDoNotCrash() throws {
        let seed = SeededRandom.seed(of: 31)
        var random = SeededRandom(seed: seed)
        var opened = 0
        for _ in 0..<4000 {
            let name = ["a.bvecs", "a.fvecs", "a.ivecs", "a.npy"].randomElement(using: &random) ?? ""
            if try survives(name, Hostile.bytes(for: name, &random)) { opened += 1 }
        }
        #expect(opened > 0, "some are good enough to be read, seed \(seed)")
    }

    private func survives(_ name: String, _ bytes: [UInt8]) throws -> Bool {
        let path = try folder.write(name, bytes)
        do throws(VectorFileError) {
            let file = try VectorFile(path)
            for row in Set([0, file.count / 2, file.count - 1]) { _ = try file.row(row) }
            return true
        } catch {
            #expect(!"\(error)".contains("\n"))
            return false
        }
    }
}

/// Bytes that are nearly a file of vectors.
enum Hostile {
    static func bytes(for name: String, _ random: inout SeededRandom) -> [UInt8] {
        var bytes: [UInt8]
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        case 1 where name.hasSuffix(".npy"):
            let shape = [Int.random(in: 0...4, using: &random), Int.random(in: 0...9, using: &random)]
            let descr = ["<f4", "<f8", "<f2", "|u1", "|i1", ">f4"].randomElement(using: &random) ?? ""
            bytes = NPY.file(
                descr, "(\(shape[0]), \(shape[1]))", [UInt8](repeating: 1, count: shape[0] * shape[1] * 4))
        default:
            let row = [UInt8](repeating: 9, count: Int.random(in: 1...8, using: &random))
            bytes =
                name.hasSuffix(".npy")
                ? NPY.file("|u1", "(2, \(row.count))", row + row) : TEXMEX.bytes([row, row, row, row])
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes[at] = .random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(at...)
            default: bytes.insert(.random(in: 0...255, using: &random), at: at)
            }
        }
        return bytes
    }
}

/// Writes the TEXMEX formats.
enum TEXMEX {
    static func header(_ dimension: Int) -> [UInt8] { little(UInt32(bitPattern: Int32(dimension))) }

    static func bytes(_ rows: [[UInt8]]) -> [UInt8] { rows.flatMap { header($0.count) + $0 } }

    static func floats(_ rows: [[Float]]) -> [UInt8] {
        rows.flatMap { header($0.count) + $0.flatMap { little($0.bitPattern) } }
    }

    static func integers(_ rows: [[Int32]]) -> [UInt8] {
        rows.flatMap { header($0.count) + $0.flatMap { little(UInt32(bitPattern: $0)) } }
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
