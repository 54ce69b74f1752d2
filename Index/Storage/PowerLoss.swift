/// What a loss of power takes of what had not been synced; see `FaultyFileSystem.losePower`.
public enum PowerLoss: Sendable, Equatable {
    /// All of it: every file that is left is as it was when it was synced last, and so are the names in every folder.
    case everythingUnsynced
    /// Parts of it, drawn at random; the same ones for the same seed and the same history.
    ///
    /// - Of a file, each sector of `sectorSize` bytes that was written since the last sync is by itself either the new
    ///   one or the durable one: writes are lost, and later ones are kept where earlier ones are not. Where a lost
    ///   sector lies beyond the durable end there are zeros.
    /// - A file's size is anything between the durable one and the latest one. Of what was cut off, the durable bytes
    ///   are all that can be there again.
    /// - Of the changes to names in a folder, the first ones survive, and the rest of them is undone; how many is
    ///   drawn for each folder.
    ///
    /// The extremes, at which all or nothing of a file is kept, are drawn more often than chance would have it.
    case some(seed: UInt64)

    /// Bytes that a device writes in one step: all of them or none.
    public static let sectorSize: UInt64 = 512
}

/// What a loss of power keeps, question by question.
struct PowerLossDraw {
    /// Nil if it keeps nothing.
    private var random: SplitMix64?
    /// How many quarters of the sectors of the current file survive.
    private var quarters = 0

    init(_ loss: PowerLoss) {
        if case .some(let seed) = loss { random = SplitMix64(state: seed) }
    }

    /// How many of the changes to a folder's names survive.
    mutating func namesKept(of count: Int) -> Int { random.map { _ in draw(0, UInt64(count)) }.map(Int.init) ?? 0 }

    /// Begins a file; returns its size.
    mutating func beginFile(durable: UInt64, latest: UInt64) -> UInt64 {
        guard random != nil else { return durable }
        quarters = Int(draw(0, 4))
        switch draw(0, 2) {
        case 0: return durable
        case 1: return latest
        default: return draw(min(durable, latest), max(durable, latest))
        }
    }

    /// Whether the next sector of the file is the new one.
    mutating func keepsSector() -> Bool { random == nil ? false : draw(1, 4) <= UInt64(quarters) }

    private mutating func draw(_ least: UInt64, _ most: UInt64) -> UInt64 {
        guard var generator = random else { return least }
        defer { random = generator }
        return UInt64.random(in: least...most, using: &generator)
    }
}

/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
