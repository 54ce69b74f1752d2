import Foundation

/// Backdrops and fittings that several product shots share.
extension Canvas {
    /// A photographer's sweep: wall and floor of one material, joined softly at `horizon` (pixels), a pool of light.
    mutating func studio(_ rng: inout SeededGenerator, wall: Color, floor: Color, horizon: Float) {
        let blend = h * 0.10
        flood(
            .vertical(
                0, h,
                Ramp([
                    (0, wall.darker(0.14)), ((horizon - blend) / h, wall), ((horizon + blend) / h, floor),
                    (1, floor.darker(0.10)),
                ])))
        let pool = Point(w * rng.between(0.25, 0.6), h * rng.between(0.15, 0.4))
        glow(pool, length(Point(w, h)) * 0.55, Color(1, 0.98, 0.94, rng.between(0.14, 0.24)))
    }

    /// A table of planks from `edge` (pixels) down, seen at a slant, under a wall that is out of focus.
    mutating func table(
        _ rng: inout SeededGenerator, edge: Float, light: Color, dark: Color, wall: Color, lamps: Int = 8
    ) {
        flood(.vertical(0, edge, Ramp(wall.darker(0.25), wall, wall.darker(0.1))))
        for _ in 0..<lamps {
            let spot = Point(rng.between(0, w), rng.between(0, edge))
            let radius = side * rng.between(0.03, 0.09)
            let tone = wall.lighter(rng.between(0.15, 0.5))
            shadow(.circle(spot, radius, steps: 32), blur: radius * 0.2, tone.faded(0.35))
        }
        let grain = rng.noise()
        let tone = rng.noise()
        let middle = w / 2
        let slant = rng.between(-0.4, 0.4)
        let reach = h - edge
        fill(
            .rectangle(0, edge, w, reach),
            .shader { p in
                let depth = (p.y - edge) / reach
                let near = 0.35 + 0.65 * depth
                let across = ((p.x - middle) / near / reach + slant * depth) * 1.1 + 20
                let along = 4 / near
                let plank = floorToInt(across)
                let id = tone.lattice(plank, 1)
                let v = fraction(across)
                let color = woodTone(grain, along + id * 50, v, light: light, dark: dark).lit((id - 0.5) * 0.2)
                let joint = smoothstep(0.03, 0.008, min(v, 1 - v)) * 0.5
                return color.darker(joint).lit(0.10 - 0.16 * (1 - depth))
            })
        shadow(.rectangle(0, edge - 2, w, 3), blur: 5, Color(0, 0, 0, 0.35))
    }

    /// A pointed leaf from `base` along `angle`, with a midrib and one half in shade.
    mutating func leaf(_ base: Point, angle: Float, size: Float, breadth: Float, color: Color) {
        place(at: base, scale: size, angle: angle) { c in
            let upper = Path.flatten("M 0 0 C 0.25 -1 0.7 -0.9 1 0")[0].map { $0 * Point(1, breadth) }
            let lower = Path.flatten("M 1 0 C 0.7 0.9 0.25 1 0 0")[0].map { $0 * Point(1, breadth) }
            c.fill(.polygon(upper + lower), .horizontal(0, 1, Ramp(color.darker(0.3), color, color.lighter(0.12))))
            c.fill(.polygon(lower), color.darker(0.35).faded(0.45))
            c.fill(.taperedStroke([Point(0, 0), Point(0.9, 0)], from: 0.03, to: 0.008), color.lighter(0.35))
        }
    }

    /// Contact shadow under a thing that stands at `foot`, half-widths `radii`, in current coordinates.
    mutating func footing(_ foot: Point, _ radii: Point, strength: Float = 0.5) {
        shadow(
            .ellipse(foot + Point(radii.x * 0.25, 0), Point(radii.x * 1.25, radii.y * 1.6)), blur: radii.y * 2.6,
            Color(0, 0, 0, strength * 0.65))
        shadow(.ellipse(foot, radii), blur: radii.y * 0.8, Color(0, 0, 0, strength))
    }
}
