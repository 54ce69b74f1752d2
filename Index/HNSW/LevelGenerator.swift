import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Draws the level of each new node: floor(-ln(u) / ln(m)) with u uniform in (0, 1], as in the paper (section 4.1 with
/// its mL = 1/ln(m)), so that one node in m reaches the next layer; at most `HNSWParameters.levelLimit`.
///
/// The n-th draw is a pure function of the seed and n (SplitMix64; Steele, Lea, Flood 2014), so the whole state to be
/// saved is the count of draws: an index read back from a snapshot draws what it would have drawn without the pause.
///
/// Thread-safety: any number of threads may draw.
final class LevelGenerator: Sendable {
    let seed: UInt64
    private let drawn: Atomic<UInt64>
    private let scale: Double

    /// How many levels have been drawn.
    var draws: UInt64 { drawn.load(ordering: .relaxed) }

    init(seed: UInt64, draws: UInt64 = 0, m: Int) {
        self.seed = seed
        drawn = Atomic(draws)
        scale = 1 / log(Double(m))
    }

    func next() -> Int {
        let draw = drawn.wrappingAdd(1, ordering: .relaxed).newValue
        var z = seed &+ draw &* 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        z ^= z >> 31
        // The upper 53 bits plus one: never zero, so the logarithm is finite.
        let uniform = Double((z >> 11) + 1) / 9_007_199_254_740_992
        return min(Int(-log(uniform) * scale), HNSWParameters.levelLimit)
    }
}
