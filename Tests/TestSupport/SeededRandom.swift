import Foundation

/// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014): the same numbers
/// for the same seed, on every machine.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The seed of tests that draw at random: fixed, unless LOOKALIKE_SEED says otherwise.
    public static let seed = ProcessInfo.processInfo.environment["LOOKALIKE_SEED"].flatMap(UInt64.init) ?? 20_261_121

    /// The seed of test number `number`: the number itself, unless LOOKALIKE_SEED asks for other draws.
    public static func seed(of number: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment["LOOKALIKE_SEED"] == nil ? number : seed &* 1_000_003 &+ number
    }

    /// A generator of the sequence that belongs to `seed`.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension SeededRandom {
    /// About normally distributed values: sums of four uniform ones.
    public mutating func vector(_ dimension: Int) -> [Float] {
        (0..<dimension).map { _ in
            (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &self) }
        }
    }

    /// Vectors around a few centres, as embeddings of pictures are.
    public mutating func clusteredVectors(_ count: Int, dimension: Int, clusters: Int) -> [[Float]] {
        let centres = (0..<clusters).map { _ in vector(dimension) }
        return (0..<count).map { _ in
            let centre = centres[Int.random(in: 0..<clusters, using: &self)]
            return zip(centre, vector(dimension)).map { $0 + 0.5 * $1 }
        }
    }
}
