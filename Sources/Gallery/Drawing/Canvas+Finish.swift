import Foundation

/// What happens to a whole picture: lens blur, mirror images, and the camera's own marks at the end.
extension Canvas {
    /// Blurs everything drawn so far (three running means each way); `radius` in pixels. Edges repeat outward.
    package mutating func blur(_ radius: Float) {
        let reach = Int((radius / 2).rounded())
        guard reach > 0 else { return }
        var scratch = pixels
        let columns = width
        let rows = height
        pixels.withUnsafeMutableBufferPointer { a in
            scratch.withUnsafeMutableBufferPointer { b in
                for _ in 0..<3 {
                    Canvas.average(a, b, lines: rows, lineStep: columns, count: columns, step: 1, reach: reach)
                    Canvas.average(b, a, lines: columns, lineStep: 1, count: rows, step: columns, reach: reach)
                }
            }
        }
    }

    private static func average(
        _ source: UnsafeMutableBufferPointer<SIMD4<Float>>, _ target: UnsafeMutableBufferPointer<SIMD4<Float>>,
        lines: Int, lineStep: Int, count: Int, step: Int, reach: Int
    ) {
        let weight = 1 / Float(2 * reach + 1)
        for line in 0..<lines {
            let base = line * lineStep
            let last = count - 1
            var sum = source[base] * Float(reach)
            for i in 0..<reach { sum += source[base + min(i, last) * step] }
            for i in 0..<count {
                sum += source[base + min(i + reach, last) * step]
                if i > 0 { sum -= source[base + max(i - reach - 1, 0) * step] }
                target[base + i * step] = sum * weight
            }
        }
    }

    /// Fills the rows below `row` with the mirror image of those above, as water does: moved sideways by ripples that
    /// grow with the distance, and tinted by `tint` (its alpha says how much).
    package mutating func reflect(below row: Int, noise: Noise, ripple: Float, tint: Color) {
        guard row > 0, row < height else { return }
        let rowsBelow = Float(height - row)
        let squeeze = min(Float(row) / rowsBelow, 1.35)
        for y in row..<height {
            let depth = Float(y - row)
            let near = depth / rowsBelow
            // Ripples look longer and higher toward the viewer.
            let waves = 46 / (1 + 2.2 * near)
            let vertical = (noise.value(3.1, near * waves * 3) - 0.5) * ripple * (0.4 + near)
            let mirrored = Float(row) - 1 - depth * squeeze + vertical
            let sourceRow = min(max(Int(mirrored), 0), row - 1)
            for x in 0..<width {
                let swell = noise.value(Float(x) / w * (18 - 11 * near), near * waves * 2.3) - 0.5
                let shifted = Float(x) + swell * ripple * (0.35 + 1.6 * near)
                let bent = sourceRow + Int(swell * ripple * near * 2)
                let sourceX = min(max(Int(shifted), 0), width - 1)
                let sourceY = min(max(bent, 0), row - 1)
                let color = pixels[sourceY * width + sourceX]
                let over = SIMD4(tint.rgba.x, tint.rgba.y, tint.rgba.z, 1)
                let sheen = tint.rgba.w * (1 + swell * 0.5)
                pixels[y * width + x] = color + (over - color) * sheen
            }
        }
    }

    /// The camera: darker corners, a little warmth or coolness, sensor noise that is stronger in the shadows.
    package mutating func develop(_ generator: inout SeededGenerator, grain: Float = 0.022, vignette: Float = 0.16) {
        let noise = generator.noise()
        let warmth = generator.between(-0.02, 0.02)
        let exposure = generator.between(0.95, 1.05)
        let gain = SIMD4<Float>(exposure * (1 + warmth), exposure, exposure * (1 - warmth), 1)
        let middle = center
        let reach = 1 / length(middle)
        for y in 0..<height {
            for x in 0..<width {
                let at = y * width + x
                let from = length(Point(Float(x), Float(y)) - middle) * reach
                let fall = 1 - vignette * from * from * from
                let pixel = pixels[at] * gain
                let shade = (pixel.x + pixel.y + pixel.z) * 0.333
                let speck = noise.speck(Int32(x), Int32(y))
                let amount = speck * grain * (1.25 - min(max(shade, 0), 1))
                pixels[at] = pixel * SIMD4(fall, fall, fall, 1) + SIMD4(amount, amount, amount, 0)
            }
        }
    }
}
