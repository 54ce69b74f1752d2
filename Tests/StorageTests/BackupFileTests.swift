import Foundation
import Storage
import TestSupport
import Testing

@Suite struct BackupFileTests {
    private let files = POSIXFileSystem()

    private struct Found: Equatable {
        var path: String
        var contents: [UInt8]
    }

    private let sample = [
        Found(path: "MANIFEST", contents: [1, 2, 3]), Found(path: "collections/1/log-1", contents: []),
        Found(path: "collections/1/snapshot-1", contents: (0..<300).map { UInt8(truncatingIfNeeded: $0) }),
    ]

    private func make(_ path: String, of sources: [Found], in folder: TemporaryFolder) throws {
        var writer = try BackupWriter(try files.open(path, .truncate))
        for source in sources {
            // There is more of the file than is asked for, as of a log that somebody adds to.
            let open = try files.open(try folder.write("source", source.contents + [9, 9]), .read)
            try writer.add(source.path, open, length: UInt64(source.contents.count)) {}
        }
        let size = try writer.finish()
        #expect(try contents(path).count == Int(size))
    }

    private func read(_ path: String, scratch: String) throws -> [Found] {
        var reader = try BackupReader(path, in: files)
        var found: [Found] = []
        while let entry = try reader.next() {
            let target = try files.open(scratch, .truncate)
            try reader.copy(entry, to: target) {}
            #expect(try target.size() == entry.length)
            found.append(Found(path: entry.path, contents: try contents(scratch)))
        }
        return found
    }

    @Test func whatIsWrittenIsRead() throws {
        let folder = TemporaryFolder()
        // Blocks that are full, one byte over and one short; and a whole number of them.
        let large = [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20].map { size in
            Found(
                path: "collections/2/log-\(size)", contents: (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 9) })
        }
        try make(folder("backup"), of: sample + large, in: folder)
        #expect(try read(folder("backup"), scratch: folder("out")) == sample + large)
        let reader = try BackupReader(folder("backup"), in: files)
        #expect(reader.count == 7)
        #expect(reader.total == UInt64((sample + large).reduce(0) { $0 + $1.contents.count }))
    }

    @Test func anyFlippedBitIsReportedWithItsFileAndPlace() throws {
        let folder = TemporaryFolder(inMemory: true)
        try make(folder("backup"), of: sample, in: folder)
        let whole = try contents(folder("backup"))
        for at in 0..<whole.count {
            for bit in 0..<8 {
                var damaged = whole
                damaged[at] ^= 1 << UInt8(bit)
                try write(damaged, to: folder("damaged"))
                let error = #expect(throws: StoreError.self, "byte \(at) bit \(bit)") {
                    try read(folder("damaged"), scratch: folder("out"))
                }
                guard case .badBackup(folder("damaged"), let offset, _) = error, offset <= UInt64(at) else {
                    Issue.record("byte \(at): \(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test func everyShorterAndAnyLongerFileIsRefused() throws {
        let folder = TemporaryFolder(inMemory: true)
        try make(folder("backup"), of: sample, in: folder)
        let whole = try contents(folder("backup"))
        for end in 0..<whole.count {
            try write(Array(whole[..<end]), to: folder("damaged"))
            #expect(throws: StoreError.self, "cut at \(end)") {
                // Refused by its end, before anything is looked at.
                _ = try BackupReader(folder("damaged"), in: files)
            }
        }
        for extra in [[0], [UInt8](repeating: 0, count: 4096), whole] {
            try write(whole + extra, to: folder("damaged"))
            #expect(throws: StoreError.self) { try read(folder("damaged"), scratch: folder("out")) }
        }
    }

    /// Parts of other backups, and of other places in the same one, have sound checksums, but not for where they are.
    @Test func partsOfOtherBackupsAreRefused() throws {
        let folder = TemporaryFolder(inMemory: true)
        let twins = [
            Found(path: "MANIFEST", contents: [UInt8](repeating: 5, count: 64)),
            Found(path: "collections/1/log-1", contents: [UInt8](repeating: 6, count: 64)),
            Found(path: "collections/1/log-2", contents: [UInt8](repeating: 7, count: 64)),
        ]
        try make(folder("one"), of: twins, in: folder)
        try make(folder("other"), of: twins, in: folder)
        let (one, other) = (try contents(folder("one")), try contents(folder("other")))
        #expect(one.count == other.count)
        // The header is 28 bytes; a file of 64 bytes takes 20, its path, 4, 64 and 4.
        let first = 28 + 92 + 8
        let second = first + 92 + 19
        let third = second + 92 + 19
        for range in [0..<28, 28..<first, first..<second, second..<third, third..<one.count] {
            var mixed = one
            mixed.replaceSubrange(range, with: other[range])
            try write(mixed, to: folder("mixed"))
            #expect(throws: StoreError.self) { try read(folder("mixed"), scratch: folder("out")) }
        }
        let swapped = one[..<first] + one[second..<third] + one[first..<second] + one[third...]
        try write(Array(swapped), to: folder("mixed"))
        #expect(throws: StoreError.self) { try read(folder("mixed"), scratch: folder("out")) }
    }

    @Test func aLaterVersionIsNamed() throws {
        let folder = TemporaryFolder(inMemory: true)
        try make(folder("backup"), of: sample, in: folder)
        var bytes = try contents(folder("backup"))
        bytes[8] = 2
        let checksum = Checksum.crc32c(Array(bytes[..<24]))
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(24..<28, with: $0) }
        try write(bytes, to: folder("backup"))
        #expect(throws: StoreError.unsupportedVersion(file: folder("backup"), found: 2, supported: 1)) {
            _ = try BackupReader(folder("backup"), in: files)
        }
        #expect(throws: StoreError.self) { _ = try BackupReader(folder.write("text", Array("hello".utf8)), in: files) }
        #expect(throws: StoreError.self) { _ = try BackupReader(folder("absent"), in: files) }
    }

    @Test func aSourceThatBecomesShorterIsAnError() throws {
        let folder = TemporaryFolder(inMemory: true)
        var writer = try BackupWriter(try files.open(folder("backup"), .truncate))
        let source = try files.open(try folder.write("source", [1, 2, 3]), .read)
        var failure: StoreError?
        do throws(StoreError) { try writer.add("MANIFEST", source, length: 4) {} } catch { failure = error }
        #expect(failure?.description.contains("became shorter") == true)
        _ = try writer.finish()
    }
}
