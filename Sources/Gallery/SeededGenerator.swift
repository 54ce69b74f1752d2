/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): one 64-bit word of
/// state, every seed gives a full-period sequence, and two neighbouring seeds are unrelated after the first output.
///
/// The helpers below turn words into numbers by themselves. `Float.random(in:using:)` and its kin would do the same
/// work, but the standard library does not promise to keep its mapping, and a gallery must stay the same gallery when
/// the toolchain is updated.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// A generator for one picture: depends on the gallery's seed, the family's name and the index only, so that a
    /// picture is the same in whatever order pictures are drawn and whatever families are added beside its own.
    package init(seed: UInt64, family: String, index: Int) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a over the name's bytes
        for byte in family.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        var mixer = SeededGenerator(seed: seed)
        var folded = mixer.next() ^ hash
        mixer = SeededGenerator(seed: folded)
        folded = mixer.next() ^ UInt64(truncatingIfNeeded: index)
        mixer = SeededGenerator(seed: folded)
        state = mixer.next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// Uniform in [0, 1): 24 bits, all that a `Float` holds.
    package mutating func unit() -> Float {
        Float(next() >> 40) * 0x1p-24
    }

    /// Uniform in [low, high).
    package mutating func between(_ low: Float, _ high: Float) -> Float {
        low + (high - low) * unit()
    }

    /// Uniform in low...high. The modulo's bias (below 2^-50 for the small ranges here) does not show in a picture.
    package mutating func int(_ low: Int, _ high: Int) -> Int {
        precondition(low <= high, "empty range \(low)...\(high)")
        return low + Int(next() % UInt64(high - low + 1))
    }

    /// True with the given probability.
    package mutating func chance(_ probability: Float) -> Bool {
        unit() < probability
    }

    /// One element, all equally likely.
    package mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[int(0, choices.count - 1)]
    }

    /// Approximately normal, mean 0 and deviation 1, within ±3: the sum of twelve uniforms would reach ±6, and the
    /// tails are not wanted in a drawing, so three are summed and scaled.
    package mutating func normal() -> Float {
        (unit() + unit() + unit() - 1.5) * 2
    }

    /// A fresh noise field.
    package mutating func noise() -> Noise {
        Noise(seed: UInt32(truncatingIfNeeded: next() >> 32))
    }
}
