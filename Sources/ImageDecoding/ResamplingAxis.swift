/// The weights with which one direction is resampled, in integers throughout.
///
/// Output i lies at (i + ½) · source / target in the source's coordinates; source pixel j at j + ½. The triangle filter
/// gives j the weight max(0, support − distance), support being source / target when shrinking (so that every source
/// pixel counts) and 1 when enlarging. Multiplied by 2 · target, position, distance and support are whole numbers, and
/// so are the weights: no floating point enters, no compiler can fuse or reorder it, every machine gets the same.
///
/// Normalisation. Weights become fixed point with `shift` fraction bits so that those of one output sum to exactly
/// 1 << shift (a flat picture stays flat). They are rounded cumulatively: each is the difference of two rounded partial
/// sums, which spreads the error instead of piling it upon one tap. The peak is about target / source (8/7 of that at
/// the border, where the triangle is cut), so `shift` grows with the ratio as far as 16-bit weights and 32-bit sums
/// allow: 14 + log2(ratio), at most 22.
///
/// We depart from Pillow in the precision (22 bits in 32-bit weights there) and in the order (vertical comes first
/// here); results differ by one level at most, rarely.
struct ResamplingAxis {
    /// First source pixel of each output pixel.
    let starts: [Int32]
    /// Number of source pixels of each output pixel.
    let counts: [Int32]
    /// `stride` weights for each output pixel, zero behind its count.
    let weights: [Int16]
    /// A multiple of 8, for the vector kernels.
    let stride: Int
    /// Fraction bits of the weights.
    let shift: Int

    /// Weights for turning `source` pixels into `target`.
    init(source: Int, target: Int) {
        precondition(source > 0 && target > 0 && source < 1 << 30 && target < 1 << 30)
        let support = 2 * max(source, target)
        let unit = 2 * target
        var octaves = 0
        while octaves < 8 && source >> (octaves + 1) >= target { octaves += 1 }
        shift = 14 + octaves
        stride = (2 * support / unit + 2 + 7) / 8 * 8

        var starts: [Int32] = []
        var counts: [Int32] = []
        starts.reserveCapacity(target)
        counts.reserveCapacity(target)
        var weights = [Int16](repeating: 0, count: target * stride)
        for output in 0..<target {
            let centre = (2 * output + 1) * source
            // The first and the last j with |(2j + 1) · target − centre| < support.
            let first = max(0, Self.ceilingOfHalf(centre - support + 1, over: target))
            let last = min(source - 1, Self.floorOfHalf(centre + support - 1, over: target))
            var total = 0
            for pixel in first...last { total += support - abs((2 * pixel + 1) * target - centre) }
            // 2^22 times a sum of at most 2^30 weights could pass 64 bits; halving both keeps the quotient's sense.
            var reduction = 0
            while total >> reduction >= 1 << 40 { reduction += 1 }
            let divisor = total >> reduction
            var partial = 0
            var before = 0
            for pixel in first...last {
                partial += support - abs((2 * pixel + 1) * target - centre)
                let rounded =
                    pixel == last
                    ? 1 << shift : min(1 << shift, (((partial >> reduction) << shift) + divisor / 2) / divisor)
                weights[output * stride + pixel - first] = Int16(rounded - before)
                before = rounded
            }
            starts.append(Int32(first))
            counts.append(Int32(last - first + 1))
        }
        self.starts = starts
        self.counts = counts
        self.weights = weights
    }

    /// The smallest j with (2j + 1) · step >= bound.
    private static func ceilingOfHalf(_ bound: Int, over step: Int) -> Int {
        bound <= step ? 0 : (bound - step + 2 * step - 1) / (2 * step)
    }

    /// The largest j with (2j + 1) · step <= bound.
    private static func floorOfHalf(_ bound: Int, over step: Int) -> Int {
        bound < step ? 0 : (bound - step) / (2 * step)
    }
}
