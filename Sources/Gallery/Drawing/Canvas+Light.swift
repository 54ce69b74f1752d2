import Foundation

/// Shadows, glows and the modelling of round bodies: what makes a flat outline a thing in a room.
extension Canvas {
    /// A blurred, moved copy of `path` in `color`, normally drawn before the thing that casts it. Offset and blur are
    /// in the current coordinates.
    package mutating func shadow(
        _ path: Path, offset: Point = Point(0, 0), blur: Float, _ color: Color = Color(0, 0, 0, 0.45),
        blend: Blend = .normal
    ) {
        let radius = blur * transform.meanScale
        let margin = Int(radius * 1.6) + 2
        let outline = path.moved(offset).transformed(transform)
        guard let mask = Mask(outline, canvasWidth: width, canvasHeight: height, margin: margin) else { return }
        fill(mask.blurred(radius), .solid(color), blend: blend)
    }

    /// Light around a place, falling off to nothing at `radius`.
    package mutating func glow(_ center: Point, _ radius: Float, _ color: Color, power: Float = 2) {
        fill(
            .circle(center, radius),
            .shader { p in
                let near = max(0, 1 - length(p - center) / radius)
                return color.faded(pow(near, power))
            }, blend: .add)
    }

    /// Models `path` as a cushion lit from direction `light`: the outline, blurred by `radius`, is taken for a height,
    /// and slopes toward the light get lighter, slopes away darker. `amount` about 0.2 is a soft fabric, 0.6 enamel.
    package mutating func relief(
        _ path: Path, radius: Float, amount: Float, light: Point = Point(-0.6, -0.8)
    ) {
        let blur = radius * transform.meanScale
        let outline = path.transformed(transform)
        guard let mask = Mask(outline, canvasWidth: width, canvasHeight: height, margin: Int(blur * 1.6) + 2) else {
            return
        }
        let height = mask.blurred(blur).coverage
        var lit = mask
        var shaded = mask
        let steepness = blur * 0.9 * amount
        for row in 0..<mask.height {
            for column in 0..<mask.width {
                let at = row * mask.width + column
                let covered = mask.coverage[at]
                if covered == 0 { continue }
                guard row > 0, row + 1 < mask.height, column > 0, column + 1 < mask.width else {
                    lit.coverage[at] = 0
                    shaded.coverage[at] = 0
                    continue
                }
                let dx = height[at + 1] - height[at - 1]
                let dy = height[at + mask.width] - height[at - mask.width]
                // The height rises inward, so a slope that faces the light falls toward it.
                let facing = -(dx * light.x + dy * light.y) * steepness
                lit.coverage[at] = covered * min(max(facing, 0), 1)
                shaded.coverage[at] = covered * min(max(-facing, 0), 1)
            }
        }
        fill(lit, .solid(.white), opacity: 0.75)
        fill(shaded, .solid(Color(0.02, 0.01, 0.05)), opacity: 0.85)
    }

    /// A ball lit from the upper left, with a rim of reflected light and a soft highlight.
    package mutating func ball(
        _ center: Point, _ radius: Float, _ color: Color, gloss: Float = 0.7, light: Point = Point(-0.45, -0.55)
    ) {
        let depth = max(1 - light.x * light.x - light.y * light.y, 0.05).squareRoot()
        let highlight = Color.white
        fill(
            .circle(center, radius),
            .shader { p in
                let n = (p - center) / radius
                let nz = max(1 - n.x * n.x - n.y * n.y, 0).squareRoot()
                let lambert = n.x * light.x + n.y * light.y + nz * depth
                let diffuse = 0.34 + 0.76 * max(lambert, 0) + 0.10 * (1 - nz) * (1 - nz)
                let shine = max(lambert, 0)
                let shine8 = shine * shine * shine * shine
                let spot = shine8 * shine8 * shine8 * shine8 * gloss
                return color.scaled(diffuse).mixed(with: highlight, spot)
            })
    }

    /// A multiplicative texture over `path`: brightness varies by ±`amount` with noise of the given feature size.
    package mutating func texture(
        _ path: Path, _ noise: Noise, size: Point, amount: Float, octaves: Int = 3
    ) {
        let scale = Point(1, 1) / size
        let shade: (Point) -> Color = { p in
            let n = noise.fbm(p.x * scale.x, p.y * scale.y, octaves: octaves) - 0.5
            let strength = min(abs(n) * 2 * amount, 1)
            return n > 0 ? Color(1, 1, 1, strength) : Color(0, 0, 0, strength)
        }
        // The finest octave must span two pixels to survive being asked for at every second one.
        let finest = size.min() * transform.meanScale / Float(1 << (octaves - 1))
        fill(path, finest >= 2 ? .softShader(shade) : .shader(shade))
    }
}
