import HNSW
import VectorCollections

/// What the storage is measured with. All phases work on a collection named `bench` of made-up vectors, each under a
/// name and with attributes like those of a picture.
public struct StorageSettings: Sendable {
    /// Elements.
    public var count = 1_000_000
    /// Values per vector.
    public var dimension = 128
    /// Threads that add.
    public var threads = 2
    /// Width of searches.
    public var ef = 64
    /// How long each measurement of a rate takes, in seconds.
    public var seconds = 5
    /// Rounds of replacing everything.
    public var rounds = 10

    /// The defaults.
    public init() {}

    static let collection: CollectionName = "bench"

    var configuration: CollectionConfiguration { CollectionConfiguration(dimension: dimension) }

    /// Where the vectors of a version come from: clusters, as those of pictures are, so that a graph of them is no
    /// better and no worse than one of a user's.
    func vector(_ index: Int, version: Int = 0) -> [Float] {
        var centre = Noise(UInt64(index % 1000) &* 0x9e37_79b9_7f4a_7c15 &+ 1)
        var own = Noise(UInt64(index) &* 0xd1b5_4a32_d192_ed03 &+ UInt64(version) &* 0x2545_f491_4f6c_dd1d &+ 7)
        return (0..<dimension).map { _ in centre.next() + 0.7 * own.next() }
    }

    static func name(_ index: Int) -> ElementName {
        let number = String(index)
        let padded = String(repeating: "0", count: max(0, 7 - number.count)) + number
        return ElementName("album-\(index % 311)/\(padded).jpg")
    }

    static func attributes(_ index: Int) -> [UInt8] {
        Array(#"{"album":\#(index % 311),"rating":\#(index % 6),"width":4032,"height":3024,"format":"jpeg"}"#.utf8)
    }

    func change(_ index: Int, version: Int = 0) -> ElementChange {
        ElementChange(vector: vector(index, version: version), attributes: .set(Self.attributes(index)))
    }

    /// Numbers from -1 to 1 (SplitMix64; Steele, Lea, Flood 2014).
    private struct Noise {
        private var state: UInt64

        init(_ seed: UInt64) { state = seed }

        mutating func next() -> Float {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return Float(Int64(bitPattern: z ^ (z >> 31)) >> 40) / 8_388_608
        }
    }
}
