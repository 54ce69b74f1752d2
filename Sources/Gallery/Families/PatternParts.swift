import Foundation

/// From pixels to the units of a pattern: turned, scaled, and tilted away a little, as a camera rarely looks straight.
struct PatternView: Sendable {
    private let center: Point
    private let scale: Float
    private let cosine: Float
    private let sine: Float
    private let tilt: Point
    /// Pattern units to a pixel in the middle: the width over which edges are smoothed.
    let pixel: Float

    /// `across`: pattern units to the shorter side; `turn`: radians either way; `tilt` 0 none, 0.4 strong.
    init(_ canvas: Canvas, _ rng: inout SeededGenerator, across: Float, turn: Float = 0.15, tilt: Float = 0.2) {
        center = canvas.center
        scale = 2 / canvas.side
        let angle = rng.between(-turn, turn)
        cosine = cos(angle) * across / 2
        sine = sin(angle) * across / 2
        self.tilt = Point(rng.between(-tilt, tilt), rng.between(-tilt, tilt))
        pixel = across / canvas.side
    }

    /// Pattern coordinates of a pixel; (0, 0) lies in the middle of the canvas.
    @inline(__always)
    func callAsFunction(_ p: Point) -> Point {
        let n = (p - center) * scale
        let flat = n / (1 + 0.5 * (n.x * tilt.x + n.y * tilt.y))
        return Point(flat.x * cosine - flat.y * sine, flat.x * sine + flat.y * cosine)
    }
}

/// 1 inside a band of `width` around `center` (all in pattern units), 0 outside, smoothed over about a pixel.
@inline(__always)
func band(_ value: Float, _ center: Float, _ width: Float, _ soft: Float) -> Float {
    smoothstep(width / 2 + soft, width / 2 - soft, abs(value - center))
}

extension Canvas {
    /// Uneven light over a flat thing: brighter on one side, by up to `amount`.
    mutating func sidelight(_ rng: inout SeededGenerator, amount: Float = 0.3) {
        let direction = polar(rng.between(0, 2 * .pi), length(center))
        let strength = amount * rng.between(0.5, 1)
        flood(
            .linear(center - direction, center + direction, Ramp(Color(1, 1, 0.96, strength * 0.6), Color(1, 1, 1, 0))))
        flood(.linear(center + direction, center - direction, Ramp(Color(0, 0, 0.05, strength), Color(0, 0, 0, 0))))
    }

    /// Cloth that hangs or lies in soft folds: broad bands of light and shadow.
    mutating func folds(_ rng: inout SeededGenerator, amount: Float = 0.35) {
        let noise = rng.noise()
        let angle = rng.between(0, .pi)
        let along = polar(angle, 2.4 / side)
        let across = Point(-along.y, along.x) * 0.35
        flood(
            .softShader { p in
                let u = p.x * along.x + p.y * along.y
                let v = p.x * across.x + p.y * across.y
                let light = (noise.fbm(u + 20, v + 20, octaves: 2) - 0.5) * 2 * amount
                return light > 0 ? Color(1, 1, 1, light * 0.6) : Color(0, 0, 0.04, -light * 1.2)
            })
    }
}

/// Sawn wood, planks along x, one plank high in y from 0 to 1: growth rings cut lengthwise, and fine fibres.
@inline(__always)
func woodTone(_ noise: Noise, _ x: Float, _ y: Float, light: Color, dark: Color) -> Color {
    let warp = noise.fbm(x * 0.35, y * 1.6, octaves: 2)
    let rings = fraction(y * 2.2 + warp * 5 + x * 0.04)
    let late = smoothstep(0.35, 0.95, rings) * smoothstep(1.0, 0.96, rings)
    let fibre = noise.value(x * 2.2, y * 46) - 0.5
    return light.mixed(with: dark, 0.15 + 0.6 * late).lit(fibre * 0.28)
}
