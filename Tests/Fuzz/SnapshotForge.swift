import Storage
import TestSupport

/// A snapshot file whose contents can be altered and which is signed again after: every checksum in it is right,
/// whatever it says. What a checksum cannot find must be found otherwise, or do no harm.
struct SnapshotForge {
    private static let page = 4096

    struct Section {
        var kind: UInt32
        var range: Range<Int>
        var blockBytes: Int
        var checksums: Int
    }

    private(set) var bytes: [UInt8]
    let sections: [Section]
    private let checksums: Range<Int>

    /// Reads a file that is whole.
    init(_ file: [UInt8]) {
        func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(file[at + $1]) << UInt32(8 * $1) } }
        func long(_ at: Int) -> Int { Int(word(at)) | Int(word(at + 4)) << 32 }
        bytes = file
        checksums = long(56)..<long(64)
        sections = (0..<Int(word(44))).map { index in
            let at = 80 + 48 * index
            return Section(
                kind: word(at), range: long(at + 8)..<long(at + 8) + long(at + 16), blockBytes: Int(word(at + 24)),
                checksums: long(at + 32))
        }
    }

    subscript(at: Int) -> UInt32 {
        get { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) } }
        set { for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: newValue >> UInt32(8 * i)) } }
    }

    /// The section of a kind.
    func section(_ kind: UInt32) -> Section { sections.first { $0.kind == kind }! }

    /// Makes all checksums right: of blocks, of pages of those, of these, of the header.
    mutating func sign() {
        for section in sections {
            for (block, start) in stride(
                from: section.range.lowerBound, to: section.range.upperBound, by: section.blockBytes
            )
            .enumerated() {
                let end = min(start + section.blockBytes, section.range.upperBound)
                self[section.checksums + 4 * block] = Checksum.crc32c(Array(bytes[start..<end]))
            }
        }
        for (index, start) in stride(from: checksums.lowerBound, to: checksums.upperBound, by: Self.page).enumerated() {
            self[checksums.upperBound + 4 * index] = Checksum.crc32c(Array(bytes[start..<start + Self.page]))
        }
        self[72] = Checksum.crc32c(Array(bytes[checksums.upperBound..<bytes.count - Self.page]))
        signHeader()
    }

    /// Makes those of the header page right only, so that what it says of the rest may be altered.
    mutating func signHeader() {
        self[36] = Checksum.crc32c(Array(bytes[..<36]))
        self[Self.page - 4] = Checksum.crc32c(Array(bytes[..<(Self.page - 4)]))
        // The header is there twice.
        bytes.replaceSubrange(bytes.count - Self.page..<bytes.count, with: bytes[..<Self.page])
    }

    /// Alters a word of a section, or of the header page when there is none, to what is likely to matter.
    mutating func alter(_ section: Section?, _ random: inout SeededRandom) {
        let range = section?.range ?? 40..<80 + 48 * sections.count
        guard range.count >= 4 else { return }
        // Words are where numbers are, but in the state, where strings are between.
        let step = section?.kind == 1 ? 1 : 4
        let at = range.lowerBound + Int.random(in: 0...(range.count - 4) / step, using: &random) * step
        let value = self[at]
        self[at] =
            [
                0, 1, 2, 70, 0xffff_ffff, 0xffff_fffe, 0x7fff_ffff, 0x8000_0000, value &+ 1, value &- 1, value ^ 0x100,
                UInt32(truncatingIfNeeded: random.next()), UInt32.random(in: 0..<100, using: &random),
            ].randomElement(using: &random)!
    }

    /// Exchanges two words of a section.
    mutating func exchange(_ section: Section, _ random: inout SeededRandom) {
        guard section.range.count >= 8 else { return }
        func draw() -> Int {
            section.range.lowerBound + Int.random(in: 0..<section.range.count / 4, using: &random) * 4
        }
        let (a, b) = (draw(), draw())
        (self[a], self[b]) = (self[b], self[a])
    }
}

/// Logs and manifests signed again after their contents were altered.
enum Forge {
    /// Alters bytes of a record's payload.
    static func log(_ log: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = log
        let record = LogOracle(log).records.randomElement(using: &random)!
        let payload = record.range.lowerBound + 24..<record.range.upperBound
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            // Numbers and marks are at the beginning.
            let near = payload.prefix(30)
            let at = (Bool.random(using: &random) ? near : payload[...]).randomElement(using: &random)!
            bytes[at] = [0, 1, 2, 3, 255, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)!
        }
        var bound = ByteWriter()
        bound.putRaw(log[12..<16])
        bound.put(UInt64(record.range.lowerBound))
        let start = record.range.lowerBound
        let header = Checksum.crc32c(Array(bytes[start..<start + 16]), continuing: Checksum.crc32c(bound.bytes))
        put(header, at: start + 16, &bytes)
        put(Checksum.crc32c(Array(bytes[payload]), continuing: header), at: start + 20, &bytes)
        return bytes
    }

    /// Alters bytes of a manifest's payload.
    static func manifest(_ manifest: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = manifest
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            bytes[Int.random(in: 20..<bytes.count, using: &random)] =
                [0, 1, 2, 3, 4, 255, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random)!
        }
        put(Checksum.crc32c(Array(bytes[20...]), continuing: Checksum.crc32c(Array(bytes[..<16]))), at: 16, &bytes)
        return bytes
    }

    private static func put(_ value: UInt32, at: Int, _ bytes: inout [UInt8]) {
        for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i)) }
    }
}
