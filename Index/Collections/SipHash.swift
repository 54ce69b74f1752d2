/// SipHash-1-3, a keyed hash: without the key nobody can make names that all fall into one place of a table.
///
/// Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012; one round a word, three at the
/// end.
enum SipHash {
    /// The key, two words.
    struct Key: Equatable, Sendable {
        var first: UInt64
        var second: UInt64

        static func random() -> Key { Key(first: .random(in: 0...UInt64.max), second: .random(in: 0...UInt64.max)) }
    }

    /// The hash of some bytes.
    static func hash(_ bytes: [UInt8], key: Key) -> UInt64 {
        var v0 = key.first ^ 0x736f_6d65_7073_6575
        var v1 = key.second ^ 0x646f_7261_6e64_6f6d
        var v2 = key.first ^ 0x6c79_6765_6e65_7261
        var v3 = key.second ^ 0x7465_6462_7974_6573
        func rotated(_ x: UInt64, _ by: UInt64) -> UInt64 { x << by | x >> (64 - by) }
        func round() {
            v0 &+= v1
            v1 = rotated(v1, 13) ^ v0
            v0 = rotated(v0, 32)
            v2 &+= v3
            v3 = rotated(v3, 16) ^ v2
            v0 &+= v3
            v3 = rotated(v3, 21) ^ v0
            v2 &+= v1
            v1 = rotated(v1, 17) ^ v2
            v2 = rotated(v2, 32)
        }
        bytes.withUnsafeBytes { raw in
            let whole = raw.count / 8
            for i in 0..<whole {
                let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self))
                v3 ^= word
                round()
                v0 ^= word
            }
            var last = UInt64(raw.count & 0xff) << 56
            for i in 8 * whole..<raw.count { last |= UInt64(raw[i]) << UInt64(8 * (i & 7)) }
            v3 ^= last
            round()
            v0 ^= last
        }
        v2 ^= 0xff
        for _ in 0..<3 { round() }
        return v0 ^ v1 ^ v2 ^ v3
    }
}
