import ImageDecoding
import Testing

/// Files of a few kilobytes whose scans would take ten seconds and more.
@Suite struct ScanBombTests {
    static let side = 14_000
    static let blocks = 1750 * 1750

    static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count + 2
        return [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
    }

    static func scan(_ start: UInt8, _ end: UInt8, high: UInt8, low: UInt8) -> [UInt8] {
        segment(0xDA, [1, 1, 0, start, end, high << 4 | low])
    }

    /// A grey picture whose blocks all end their band at once, in runs of 32,767: "0" and 14 bits of ones.
    static var runs: [UInt8] {
        let count = (blocks + 32_766) / 32_767
        var bits = [UInt8](repeating: 0, count: 0)
        for _ in 0..<count { bits += [0] + [UInt8](repeating: 1, count: 14) }
        bits += [UInt8](repeating: 1, count: (8 - bits.count % 8) % 8)
        return stride(from: 0, to: bits.count, by: 8).flatMap { at -> [UInt8] in
            let byte = bits[at..<at + 8].reduce(0) { $0 << 1 | $1 }
            return byte == 0xFF ? [0xFF, 0] : [byte]
        }
    }

    /// SOF2, a first DC scan without data, and scans that refine 1...63 to which every block says "nothing more".
    static func refining(scans: Int) -> [UInt8] {
        let size: [UInt8] = [UInt8(side >> 8), UInt8(side & 0xFF)]
        var file: [UInt8] = [0xFF, 0xD8]
        file += segment(0xDB, [0] + [UInt8](repeating: 1, count: 64))
        file += segment(0xC2, [8] + size + size + [1, 1, 0x11, 0])
        let oneShortCode: [UInt8] = [1] + [UInt8](repeating: 0, count: 15)
        file += segment(0xC4, [0x00] + oneShortCode + [0x00])
        file += segment(0xC4, [0x10] + oneShortCode + [0xE0])
        file += scan(0, 0, high: 0, low: 1)
        for _ in 0..<scans { file += scan(1, 63, high: 2, low: 1) + runs }
        return file + [0xFF, 0xD9]
    }

    @Test func refinementsOfNothingAreRefusedBeforeTheyCostMuch() {
        let bomb = Self.refining(scans: 62)
        #expect(bomb.count < 17_000)
        // The DC scan and five refinements are read, the sixth is refused: what was done is less than the limit.
        let refinement = Self.blocks * (16 + 63)
        let counted = Self.blocks * (16 + 1) + 6 * refinement
        let limit = DecodingLimits.standard.scanCoefficients
        #expect(counted - refinement <= limit)
        let error = refusal(bomb, wanted: .covering(width: 1750, height: 1750))
        #expect(error?.reason == "tooLarge: \(counted) coefficients over all scans, the limit is \(limit)")
    }

    @Test func aFewRefinementsAreRead() {
        let image = try? outcome(Self.refining(scans: 1), wanted: .covering(width: 1, height: 1)).get()
        #expect(image?.scansRead == 2)
        #expect(image?.picture == Picture(width: 1750, height: 1750, red: 128, green: 128, blue: 128))
    }
}
