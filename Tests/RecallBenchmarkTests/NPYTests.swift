import RecallBenchmark
import TestSupport
import Testing

@Suite(".npy files")
struct NPYTests {
    private let folder = TemporaryFolder("npy-files", inMemory: true)

    private func open(_ bytes: [UInt8]) throws -> VectorFile { try VectorFile(try folder.write("a.npy", bytes)) }

    private func fault(_ bytes: [UInt8]) throws -> NPYFault? {
        let error = #expect(throws: VectorFileError.self) { try open(bytes) }
        guard case .npy(_, let fault)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return nil
        }
        #expect(!"\(fault)".contains("\n"))
        return fault
    }

    private static let two: [UInt8] = [1.5, -2].flatMap { TEXMEX.little(Float($0).bitPattern) }

    @Test(arguments: [1, 2, 3] as [UInt8]) func allVersionsAreRead(_ version: UInt8) throws {
        let file = try open(NPY.file("<f4", "(2, 1)", Self.two, version: version))
        #expect(file.count == 2 && file.dimension == 1)
        #expect(try file.row(0) == [1.5])
        #expect(try file.row(1) == [-2])
    }

    @Test func allTypesAreRead() throws {
        let doubles = [1.5, -2e-3].flatMap { TEXMEX.little($0.bitPattern) }
        #expect(try open(NPY.file("<f8", "(1, 2)", doubles)).row(0) == [1.5, -2e-3])
        #expect(try open(NPY.file("|u1", "(1, 3)", [0, 128, 255])).row(0) == [0, 128, 255])
        #expect(try open(NPY.file("|i1", "(1, 3)", [0, 128, 255])).row(0) == [0, -128, -1])
        // 1, -2, the largest, the smallest normal, the smallest, minus zero.
        let halves: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x8000]
        let read = try open(NPY.file("<f2", "(1, 6)", halves.flatMap { TEXMEX.little($0) })).row(0)
        #expect(read == [1, -2, 65504, 0x1p-14, 0x1p-24, -0.0])
        #expect(read[5].sign == .minus)
    }

    @Test func headersInOtherWordsAreRead() throws {
        for text in [
            "{\"shape\":(2,1),\"descr\":\"<f4\",\"fortran_order\":False}",
            "{'shape': (2L, 1L), 'descr': '<f4', 'fortran_order': False, 'more': [1, ('a', True)], }   \n",
            "{'descr': '<f4', 'fortran_order': True, 'shape': [2, 1]}",
        ] {
            #expect(try open(NPY.file(header: text, Self.two)).row(1) == [-2], "\(text)")
        }
    }

    @Test func valuesBeyondFloat32AreNamed() throws {
        let file = try open(NPY.file("<f8", "(1, 2)", [1, 1e300].flatMap { TEXMEX.little($0.bitPattern) }))
        let error = #expect(throws: VectorFileError.self) { try file.row(0) }
        #expect(error == .notFinite(path: file.path, row: 0, column: 1, value: 1e300))
        let half = try open(NPY.file("<f2", "(1, 1)", TEXMEX.little(0x7C00 as UInt16)))
        #expect(throws: VectorFileError.self) { try half.row(0) }
    }

    @Test func otherContentIsRefusedWithItsReason() throws {
        let numbers = [UInt8](repeating: 0, count: 64)
        #expect(try fault([UInt8]("NUMPY it is not".utf8)) == .magic)
        #expect(try fault([0x93]) == .magic)
        #expect(
            try fault(NPY.file("<f4", "(2, 1)", numbers, version: 4)) == .version(major: 4, minor: 0))
        #expect(try fault(NPY.file(">f4", "(2, 8)", numbers)) == .bigEndian(">f4"))
        #expect(try fault(NPY.file("|O", "(2, 8)", numbers)) == .notNumbers("|O"))
        #expect(try fault(NPY.file("<U8", "(2, 1)", numbers)) == .notNumbers("<U8"))
        #expect(try fault(NPY.file("<i8", "(2, 4)", numbers)) == .unsupportedType("<i8"))
        let record = "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 8), }"
        #expect(try fault(NPY.file(header: record, numbers)) == .notNumbers("a record"))
        let columns = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 8), }"
        #expect(try fault(NPY.file(header: columns, numbers)) == .fortranOrder)
        #expect(try fault(NPY.file("<f4", "(16,)", numbers)) == .shape([16]))
        #expect(try fault(NPY.file("<f4", "()", numbers)) == .shape([]))
        #expect(try fault(NPY.file("<f4", "(2, 2, 4)", numbers)) == .shape([2, 2, 4]))
        #expect(try fault(NPY.file("<f4", "(2, 0)", numbers)) == .dimension(0))
        #expect(try fault(NPY.file("<f4", "(2, 65537)", numbers)) == .dimension(65_537))
        #expect(try fault(NPY.file("<f4", "(2, 7)", numbers)) == .trailing(8))
    }

    @Test func sizesThatOverflowAreRefused() throws {
        #expect(try fault(NPY.file("<f4", "(9223372036854775807, 2)", [1])) == .overflow)
        #expect(try fault(NPY.file("<f4", "(2305843009213693951, 1)", [1])) == .overflow)
        #expect(try fault(NPY.file("<f4", "(99999999999999999999, 2)", [1])) == .overflow)
        let most = try folder.write("b.npy", NPY.file("|u1", "(4294967296, 1)", [1]))
        #expect(throws: VectorFileError.tooManyRows(path: most, rows: 4_294_967_296)) { try VectorFile(most) }
        let none = try folder.write("c.npy", NPY.file("|u1", "(0, 4)", []))
        #expect(throws: VectorFileError.empty(path: none)) { try VectorFile(none) }
    }

    @Test func missingRowsAreCounted() throws {
        let bytes = NPY.file("|u1", "(3, 4)", [UInt8](repeating: 0, count: 6))
        let error = #expect(throws: VectorFileError.self) { try open(bytes) }
        let path = folder.path("a.npy")
        #expect(error == .tornRow(path: path, row: 1, offset: bytes.count - 2, missing: 6))
    }

    @Test func damagedHeadersAreRefused() throws {
        let whole = NPY.file("<f4", "(2, 1)", Self.two)
        // Cut anywhere in the header.
        for length in 10..<whole.count - Self.two.count {
            let found = try fault(Array(whole[..<length]))
            #expect(found.map { if case .headerLength = $0 { true } else { false } } == true, "cut at \(length)")
        }
        for text in [
            "", "{", "{}", "[]", "{'descr'}", "{'descr': }", "{'descr': '<f4'", "{'descr': '<f4}", "{1: 2}",
            "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 1)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': 2}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 1)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': ('2', 1)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1)} x",
            "{'descr': " + String(repeating: "(", count: 60_000),
        ] {
            let found = try fault(NPY.file(header: text, Self.two))
            #expect(found.map { if case .header = $0 { true } else { false } } == true, "\(text.prefix(80))")
        }
        let long = String(repeating: " ", count: 70_000)
        #expect(try fault(NPY.file(header: long, Self.two, version: 2)) == .headerLength(70_000))
    }
}

/// Writes .npy files, good and bad.
enum NPY {
    static func file(_ descr: String, _ shape: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
        var text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }"
        while (text.utf8.count + 11) % 64 != 0 { text += " " }
        return file(header: text + "\n", data, version: version)
    }

    static func file(header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
        let length =
            version == 1 ? TEXMEX.little(UInt16(header.utf8.count)) : TEXMEX.little(UInt32(header.utf8.count))
        return [0x93] + [UInt8]("NUMPY".utf8) + [version, 0] + length + [UInt8](header.utf8) + data
    }
}
