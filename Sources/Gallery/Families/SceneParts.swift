import Foundation

/// Pieces that several scenes share: skies, clouds, ridges, trees, stars.
extension Canvas {
    /// A ramp from the top edge to the horizon (in pixels), and on below it in the last colour.
    mutating func sky(_ horizon: Float, _ ramp: Ramp) {
        flood(.vertical(0, horizon, ramp))
    }

    /// Clouds above `horizon`, flattening toward it as a ceiling seen from below does. `cover` 0...1.
    mutating func clouds(
        _ noise: Noise, horizon: Float, cover: Float, lit: Color, shade: Color, size: Float = 1, opacity: Float = 0.9
    ) {
        let scale = 3.2 / (w * size)
        let threshold = 0.72 - cover * 0.42
        let depth = horizon * 0.16
        let middle = w / 2
        fill(
            .rectangle(0, 0, w, horizon),
            .softShader { p in
                let far = horizon / (horizon - p.y + depth)
                let x = (p.x - middle) * scale * far
                let y = far * 2.4
                let density = noise.fbm(x, y, octaves: 4)
                let amount = smoothstep(threshold, threshold + 0.24, density)
                if amount <= 0 { return .clear }
                let light = 0.5 + (density - noise.value(x * 1.7 - 0.25, y * 1.7 + 0.35)) * 0.9
                let color = shade.mixed(with: lit, min(max(light, 0), 1))
                return color.faded(amount * opacity * (1 - smoothstep(0.5, 1, p.y / horizon) * 0.5))
            })
    }

    /// Stars above `bottom`, few bright and many dim.
    mutating func stars(_ rng: inout SeededGenerator, count: Int, bottom: Float) {
        for _ in 0..<count {
            let bright = rng.unit()
            let size = 0.45 + bright * bright * bright * 1.3
            let place = Point(rng.between(0, w), rng.between(0, bottom))
            let tint = Color(rng.between(0.85, 1), rng.between(0.88, 1), 1, 0.35 + 0.65 * bright)
            fill(.circle(place, size, steps: 8), tint)
            if bright > 0.96 { glow(place, size * 6, tint.faded(0.4)) }
        }
    }

    /// A conifer with its foot at `foot`: tiers of drooping branches, lighter on the left, with snow if wanted.
    mutating func conifer(
        _ rng: inout SeededGenerator, foot: Point, height: Float, color: Color, snow: Float = 0
    ) {
        let half = height * rng.between(0.17, 0.24)
        let tiers = 6
        fill(
            .rectangle(foot.x - height * 0.018, foot.y - height * 0.1, height * 0.036, height * 0.1), color.darker(0.5))
        for tier in 0..<tiers {
            let low = Float(tier) / Float(tiers)
            let bottom = foot.y - height * (0.06 + low * 0.80)
            let top = bottom - height * (0.34 - low * 0.12)
            let spread = half * (1 - low * 0.86)
            var points = [Point(foot.x, top)]
            let teeth = 6
            for tooth in 0...teeth {
                let across = 1 - 2 * Float(tooth) / Float(teeth)
                let droop = (tooth % 2 == 0 ? 0.02 : -0.012) * height
                points.append(Point(foot.x + spread * across, bottom + droop + rng.between(-0.01, 0.01) * height))
            }
            let shaded = Ramp(color.lighter(0.14), color, color.darker(0.35))
            fill(.polygon(points), .horizontal(foot.x - spread, foot.x + spread, shaded))
            if snow > 0 {
                let cap = points.map { Point(foot.x + ($0.x - foot.x) * 0.82, top + ($0.y - top) * 0.72) }
                fill(.polygon(cap), Color(0.93, 0.95, 1, snow))
            }
        }
    }

    /// A crown of leaves: blots from dark to light, the light ones up and to the left.
    mutating func foliage(
        _ rng: inout SeededGenerator, center: Point, radii: Point, color: Color, blots: Int, grain: Float
    ) {
        for i in 0..<blots {
            let along = Float(i) / Float(blots)
            let place = polar(rng.between(0, 2 * .pi), rng.unit().squareRoot() * (1 - along * 0.25))
            let shift = Point(-0.22, -0.26) * along
            let at = center + (place + shift) * radii
            let size = grain * rng.between(0.6, 1.3) * (1.25 - along * 0.6)
            let light = -0.5 + along * 0.75 + rng.between(-0.12, 0.12)
            fill(
                .ellipse(at, Point(size, size * rng.between(0.6, 1)), angle: rng.between(0, 3), steps: 9),
                color.lit(light * 0.8))
        }
    }
}

/// The height of a range of hills over x (in pixels): smooth for 1 or 2 octaves, rugged for 5.
struct Ridge: Sendable {
    let noise: Noise
    let base: Float
    let amplitude: Float
    let wavelength: Float
    let octaves: Int

    /// y of the crest at x.
    @inline(__always)
    func crest(_ x: Float) -> Float {
        base - (noise.fbm(x / wavelength, 0.37, octaves: octaves) * 2 - 0.6) * amplitude
    }

    /// Everything below the crest.
    func path(width: Float, bottom: Float) -> Path {
        var points: [Point] = []
        var x: Float = -4
        while x <= width + 4 {
            points.append(Point(x, crest(x)))
            x += 2
        }
        points.append(Point(width + 4, bottom))
        points.append(Point(-4, bottom))
        return .polygon(points)
    }
}
