import Storage
import TestSupport

/// What happens to a file that was whole.
struct Damage: CustomStringConvertible {
    let path: String
    let before: [UInt8]
    /// Nil if the file is gone.
    let after: [UInt8]?
    let kind: String

    var description: String {
        let first = after.flatMap { after in zip(before, after).enumerated().first { $0.1.0 != $0.1.1 }?.offset }
        return "\(path) of \(before.count) bytes: \(kind)\(first.map { ", first at byte \($0)" } ?? "")"
    }

    /// Bytes that a disk writes as a whole.
    private static let sector = 512

    init(_ path: String, of store: FuzzStore, _ random: inout SeededRandom) {
        self.path = path
        before = store.files[path] ?? []
        var bytes = before
        func place(_ count: Int) -> Range<Int> {
            let start = Int.random(in: 0...(max(bytes.count, 1) - 1) / count, using: &random) * count
            return min(start, bytes.count)..<min(start + count, bytes.count)
        }
        // Most of a small snapshot is zeros between sections, and checksums: what is in use is hit as often as all of
        // it.
        let inUse = path.contains("/snapshot-") && Bool.random(using: &random) ? SnapshotForge(before).sections : []
        func byte() -> Int {
            let ranges = inUse.map(\.range).filter { !$0.isEmpty }
            guard let range = ranges.randomElement(using: &random) else {
                return Int.random(in: 0..<bytes.count, using: &random)
            }
            return range.randomElement(using: &random)!
        }
        switch bytes.isEmpty ? 90 : Int.random(in: 0..<100, using: &random) {
        case 0..<40:
            let count = Int.random(in: 1...8, using: &random)
            kind = "\(count) bits flipped"
            for _ in 0..<count { bytes[byte()] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 40..<55:
            let count = Int.random(in: 1...8, using: &random)
            kind = "\(count) bytes exchanged"
            for _ in 0..<count { bytes[byte()] = UInt8.random(in: 0...255, using: &random) }
        case 55..<70:
            let end = Int.random(in: 0..<bytes.count, using: &random)
            kind = "cut at \(end)"
            bytes.removeLast(bytes.count - end)
        case 70..<77:
            let range = place(Bool.random(using: &random) ? Self.sector : 8 * Self.sector)
            kind = "zeros in \(range)"
            for i in range { bytes[i] = 0 }
        case 77..<84:
            let range = place(Self.sector)
            kind = "anything in \(range)"
            for i in range { bytes[i] = UInt8.random(in: 0...255, using: &random) }
        case 84..<89:
            let (from, to) = (place(Self.sector), place(Self.sector))
            kind = "\(to) overwritten by \(from)"
            let copied = before[from]
            for (i, byte) in zip(to, copied) { bytes[i] = byte }
        case 89..<97:
            kind = "garbage appended"
            for _ in 0..<Int.random(in: 1...600, using: &random) {
                bytes.append(UInt8.random(in: 0...255, using: &random))
            }
        default:
            kind = "removed"
            after = nil
            return
        }
        after = bytes
    }

    /// Whether bytes are missing at its end.
    var isShorter: Bool { (after?.count ?? 0) < before.count }
}
