import Foundation

/// Smooth random fields over the plane: lattice values from an integer hash, joined by a cubic (value noise), and sums
/// of octaves of it (fractal Brownian motion, as in Ebert et al., "Texturing and Modeling", chapter 2).
///
/// A gradient (Perlin) lattice would have less axis-aligned structure for the same octaves, but takes a product more at
/// each corner, and the turn given to each octave below hides most of the axes.
package struct Noise: Sendable {
    package let seed: UInt32

    package init(seed: UInt32) {
        self.seed = seed
    }

    private static let stepAcross: UInt32 = 0x8da6_b343
    private static let stepDown: UInt32 = 0xd816_3841

    /// A random value in 0..<1 for a lattice point.
    @inline(__always)
    package func lattice(_ x: Int32, _ y: Int32) -> Float {
        Noise.mix(UInt32(bitPattern: x) &* Noise.stepAcross, UInt32(bitPattern: y) &* Noise.stepDown ^ seed)
    }

    /// Two multiplications are a weak hash, but only its upper bits are used and only eyes judge it; a stronger
    /// finalizer is time spent on what nobody sees.
    @inline(__always)
    private static func mix(_ across: UInt32, _ down: UInt32) -> Float {
        var h = across ^ down
        h = (h ^ (h >> 15)) &* 0x2c1b_3c6d
        h ^= h >> 13
        return Float(Int32(bitPattern: (h &* 0x297a_2d39) >> 8)) * 0x1p-24
    }

    /// A random value in -1..<1 for a lattice point, small ones likelier: the sum of two halves of one hash.
    @inline(__always)
    package func speck(_ x: Int32, _ y: Int32) -> Float {
        let across = UInt32(bitPattern: x) &* Noise.stepAcross
        var h = across ^ UInt32(bitPattern: y) &* Noise.stepDown ^ seed
        h = (h ^ (h >> 15)) &* 0x2c1b_3c6d
        h = (h ^ (h >> 13)) &* 0x297a_2d39
        h ^= h >> 16
        return Float(Int32((h & 0xffff) + (h >> 16))) * 0x1p-16 - 1
    }

    /// Smooth, in 0..<1, features about 1 unit in size.
    @inline(__always)
    package func value(_ x: Float, _ y: Float) -> Float {
        let ix = floorToInt(x)
        let iy = floorToInt(y)
        let tx = x - Float(ix)
        let ty = y - Float(iy)
        let sx = tx * tx * (3 - 2 * tx)
        let sy = ty * ty * (3 - 2 * ty)
        let left = UInt32(bitPattern: ix) &* Noise.stepAcross
        let right = left &+ Noise.stepAcross
        let rowBase = UInt32(bitPattern: iy) &* Noise.stepDown
        let upper = rowBase ^ seed
        let lower = (rowBase &+ Noise.stepDown) ^ seed
        let a = Noise.mix(left, upper)
        let b = Noise.mix(right, upper)
        let c = Noise.mix(left, lower)
        let d = Noise.mix(right, lower)
        let top = a + (b - a) * sx
        let bottom = c + (d - c) * sx
        return top + (bottom - top) * sy
    }

    /// Octaves of halving size and weight, in 0..<1, mean about 0.5.
    @inline(__always)
    package func fbm(_ x: Float, _ y: Float, octaves: Int = 4) -> Float {
        var px = x
        var py = y
        var weight: Float = 0.5
        var sum: Float = 0
        var total: Float = 0
        for _ in 0..<octaves {
            sum += value(px, py) * weight
            total += weight
            weight *= 0.5
            // Twice the frequency, turned by about 37 degrees.
            let qx = 1.6 * px - 1.2 * py + 13.7
            py = 1.2 * px + 1.6 * py + 5.3
            px = qx
        }
        return sum / total
    }

    /// Ridges: bright thin lines where the field crosses its middle; 0...1.
    @inline(__always)
    package func ridged(_ x: Float, _ y: Float, octaves: Int = 4) -> Float {
        1 - abs(fbm(x, y, octaves: octaves) * 2 - 1)
    }
}

/// Scattered cell points, one to a square of the lattice: which is nearest, and how far the border is (Worley noise).
package struct Cells: Sendable {
    private let across: Noise
    private let down: Noise
    private let identity: Noise
    /// How far points leave the centres of their squares: 0 a grid, 1 fully random.
    private let jitter: Float

    package init(_ generator: inout SeededGenerator, jitter: Float = 0.9) {
        across = generator.noise()
        down = generator.noise()
        identity = generator.noise()
        self.jitter = jitter
    }

    package struct Hit {
        /// Random in 0..<1, the same all over a cell.
        package var id: Float = 0
        /// From the cell's point to the place asked about.
        package var offset: Point = Point(0, 0)
        /// Distance to the nearest border with another cell.
        package var border: Float = 0
    }

    package func nearest(_ x: Float, _ y: Float) -> Hit {
        let cx = floorToInt(x)
        let cy = floorToInt(y)
        let place = Point(x, y)
        var best: Float = .infinity
        var second: Float = .infinity
        var bestPoint = Point(0, 0)
        var secondPoint = Point(0, 0)
        var bestCell: (Int32, Int32) = (0, 0)
        for dy in Int32(-1)...1 {
            for dx in Int32(-1)...1 {
                let ix = cx + dx
                let iy = cy + dy
                let px = Float(ix) + 0.5 + (across.lattice(ix, iy) - 0.5) * jitter
                let py = Float(iy) + 0.5 + (down.lattice(ix, iy) - 0.5) * jitter
                let ex = px - x
                let ey = py - y
                let distance = ex * ex + ey * ey
                if distance < best {
                    second = best
                    secondPoint = bestPoint
                    best = distance
                    bestPoint = Point(px, py)
                    bestCell = (ix, iy)
                } else if distance < second {
                    second = distance
                    secondPoint = Point(px, py)
                }
            }
        }
        let between = secondPoint - bestPoint
        let middle = (secondPoint + bestPoint) * 0.5 - place
        let border = (middle.x * between.x + middle.y * between.y) / max(length(between), 1e-6)
        return Hit(id: identity.lattice(bestCell.0, bestCell.1), offset: place - bestPoint, border: border)
    }
}
