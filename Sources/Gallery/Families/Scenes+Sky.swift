import Foundation

/// Scenes that are mostly sky.
extension GalleryFamily {
    static let skyScenes = [
        GalleryFamily("aurora", .wide, drawAurora),
        GalleryFamily("clouds", .any, drawClouds),
        GalleryFamily("moonlit-night", .any, drawMoon),
        GalleryFamily("hot-air-balloons", .any, drawBalloons),
    ]

    private static func drawAurora(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        canvas.sky(h, Ramp(Color(hex: 0x050a1e), Color(hex: 0x0b1c3a), Color(hex: 0x123a4a)))
        canvas.stars(&rng, count: 220, bottom: h * 0.8)
        let curtains = rng.int(2, 3)
        for i in 0..<curtains {
            let bend = rng.noise()
            let rays = rng.noise()
            let base = h * (0.42 + 0.13 * Float(i) + rng.between(-0.05, 0.05))
            let tall = h * rng.between(0.28, 0.45)
            let green = Color(hue: rng.between(135, 165), saturation: 0.75, value: 0.95)
            let violet = Color(hue: rng.between(265, 310), saturation: 0.6, value: 0.75)
            let frequency = rng.between(1.6, 2.8)
            let strength = rng.between(0.55, 0.9)
            canvas.flood(
                .softShader { p in
                    let u = p.x / w
                    let foot = base + (bend.fbm(u * frequency, p.y / h * 0.3, octaves: 3) - 0.5) * h * 0.5
                    let above = (foot - p.y) / tall
                    if above < -0.15 || above > 1.3 { return .clear }
                    let ray = 0.45 + 0.75 * rays.fbm(u * 34 + above * 0.8, above * 0.5, octaves: 2)
                    let veil = 0.4 + 0.9 * bend.value(u * 3.5 + 9, 2)
                    let rise = smoothstep(-0.12, 0.06, above)
                    let fall = exp(-max(above, 0) * 2.6)
                    let color = green.mixed(with: violet, smoothstep(0.12, 0.75, above))
                    return color.faded(rise * fall * ray * veil * strength)
                }, blend: .add)
        }
        let land = Ridge(
            noise: rng.noise(), base: h * rng.between(0.80, 0.88), amplitude: h * 0.10, wavelength: w * 0.45, octaves: 3
        )
        canvas.fill(
            land.path(width: w, bottom: h),
            .vertical(h * 0.75, h, Ramp(Color(hex: 0x1c3b46), Color(hex: 0x0a1720), Color(hex: 0x050b12))))
        for _ in 0..<rng.int(10, 30) {
            let x = rng.between(0, w)
            let foot = Point(x, land.crest(x) + h * rng.between(0.01, 0.06))
            canvas.conifer(&rng, foot: foot, height: h * rng.between(0.07, 0.2), color: Color(hex: 0x07131a))
        }
        canvas.develop(&rng, grain: 0.035)
    }

    private static func drawClouds(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let h = canvas.h
        let tones = Palette(0x1f64b4, 0x4f97d8, 0xa8d2f0).varied(&rng)
        canvas.flood(.vertical(0, h, Ramp(tones[0], tones[1], tones[2])))
        let scale = rng.between(2.4, 4) / canvas.side
        let noise = rng.noise()
        let fine = rng.noise()
        let threshold = rng.between(0.40, 0.50)
        canvas.flood(
            .softShader { p in
                let x = p.x * scale
                let y = p.y * scale * 1.35
                let warp = fine.value(x * 1.3, y * 1.3) - 0.5
                let density = noise.fbm(x + warp, y + warp * 0.6, octaves: 5)
                let amount = smoothstep(threshold, threshold + 0.13, density)
                if amount <= 0 { return .clear }
                let toward = noise.fbm(x + warp - 0.16, y + warp * 0.6 - 0.26, octaves: 3)
                let thick = smoothstep(threshold, 0.85, toward)
                let color = Color.white.mixed(with: Color(0.52, 0.59, 0.70), thick)
                return color.faded(amount * 0.97)
            })
        canvas.develop(&rng)
    }

    private static func drawMoon(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        canvas.sky(h, Ramp(Color(hex: 0x060818), Color(hex: 0x141c44), Color(hex: 0x35406e)))
        canvas.stars(&rng, count: 320, bottom: h * 0.85)
        let radius = canvas.side * rng.between(0.12, 0.19)
        let moon = Point(w * rng.between(0.28, 0.72), h * rng.between(0.24, 0.42))
        canvas.glow(moon, radius * 4, Color(0.55, 0.62, 0.9, 0.42))
        let seas = rng.noise()
        let phase = rng.pick([-2, -0.55, 0.5, 2] as [Float])
        canvas.fill(
            .circle(moon, radius),
            .shader { p in
                let n = (p - moon) / radius
                let flat = max(1 - n.x * n.x - n.y * n.y, 0).squareRoot()
                let maria = smoothstep(0.44, 0.62, seas.fbm(n.x * 1.7 + 5, n.y * 1.7, octaves: 4))
                let grit = seas.fbm(n.x * 9, n.y * 9, octaves: 3) - 0.5
                let color = Color(0.97, 0.95, 0.87).mixed(with: Color(0.66, 0.66, 0.66), maria).lit(grit * 0.4)
                let limb = 0.72 + 0.28 * flat
                let day =
                    abs(phase) > 1 ? 1 : smoothstep(-0.12, 0.12, n.x * (phase > 0 ? 1 : -1) + phase.magnitude * flat)
                return color.scaled(limb * (0.12 + 0.88 * day))
            })
        canvas.clouds(
            rng.noise(), horizon: h * 0.95, cover: rng.between(0.15, 0.4), lit: Color(hex: 0x8a93bb),
            shade: Color(hex: 0x20284f), size: 1.4, opacity: 0.6)
        for layer in 0..<3 {
            let near = Float(layer) / 2
            let ridge = Ridge(
                noise: rng.noise(), base: h * (0.82 + near * 0.1), amplitude: h * 0.10, wavelength: w * 0.5, octaves: 3)
            let top = Color(hex: 0x2b3766).mixed(with: Color(hex: 0x05070f), near)
            canvas.fill(ridge.path(width: w, bottom: h), .vertical(ridge.base - h * 0.1, h, Ramp(top, top.darker(0.6))))
        }
        canvas.develop(&rng, grain: 0.035)
    }

    private static func drawBalloons(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let tones = Palette(0x86b6d9, 0xf3d9c0, 0xf9e8c9, 0x8e8f78, 0xb08a62).varied(&rng)
        canvas.sky(h * 0.85, Ramp(tones[0], tones[1], tones[2]))
        for layer in 0..<3 {
            let near = Float(layer) / 2
            let ridge = Ridge(
                noise: rng.noise(), base: h * (0.80 + near * 0.11), amplitude: h * 0.09, wavelength: w * 0.4, octaves: 4
            )
            let color = tones[3].mixed(with: tones[4], near).mixed(with: tones[1], 0.65 - 0.55 * near)
            canvas.fill(
                ridge.path(width: w, bottom: h), .vertical(ridge.base - h * 0.1, h, Ramp(color, color.darker(0.3))))
        }
        let count = rng.int(4, 7)
        for i in 0..<count {
            let near = Float(i) / Float(count - 1)
            let size = canvas.side * (0.035 + 0.13 * near * near + rng.between(0, 0.02))
            let column = (Float(i * 5 % count) + rng.between(0.25, 0.75)) / Float(count)
            let at = Point(w * column, h * rng.between(0.16, 0.5) + (1 - near) * h * 0.1)
            let hue = rng.between(0, 360)
            let other = hue + rng.pick([40, 150, 180, 210] as [Float])
            let haze = 0.4 * (1 - near)
            let palette = Palette(colors: [
                Color(hue: hue, saturation: 0.8, value: 0.9).mixed(with: tones[1], haze),
                Color(hue: other, saturation: 0.7, value: 0.95).mixed(with: tones[1], haze),
            ])
            drawBalloon(&canvas, at: at, size: size, palette: palette, gores: rng.int(5, 8), banded: rng.chance(0.4))
        }
        canvas.develop(&rng)
    }

    private static func drawBalloon(
        _ canvas: inout Canvas, at center: Point, size: Float, palette: Palette, gores: Int, banded: Bool
    ) {
        canvas.place(at: center, scale: size) { c in
            let skin = Path(
                """
                M -0.2 1.3 C -0.5 0.85 -1 0.55 -1 0 C -1 -0.62 -0.5 -1 0 -1 C 0.5 -1 1 -0.62 1 0
                C 1 0.55 0.5 0.85 0.2 1.3 Z
                """
            )
            c.fill(
                skin,
                .shader { p in
                    // Half-width of the envelope at this height, to wrap the gores round it.
                    let girth =
                        p.y < 0
                        ? max(1 - p.y * p.y, 0.01).squareRoot() : max(1 - 0.62 * p.y * p.y * (1.35 - 0.35 * p.y), 0.2)
                    let across = min(max(p.x / girth, -1), 1)
                    let turn = asin(across) / .pi + 0.5
                    let gore = Int(turn * Float(gores))
                    let band = banded ? Int((p.y + 1) * 2.6) : 0
                    let seam = fraction(turn * Float(gores))
                    let bulge = 1 - (seam - 0.5) * (seam - 0.5) * 0.7
                    let light = 0.2 - 0.75 * smoothstep(-0.5, 1.1, across + p.y * 0.3)
                    let shine = max(0, 1 - length(p - Point(-0.4, -0.45)) * 1.6) * 0.4
                    return palette[gore + band].scaled(bulge).lit(light * 0.8).lighter(shine)
                })
            for x in [-0.19, -0.07, 0.07, 0.19] as [Float] {
                c.stroke([Point(x, 1.28), Point(x * 0.8, 1.62)], width: 0.02, Color(hex: 0x4a3b2c))
            }
            c.fill(
                .roundedRectangle(-0.18, 1.6, 0.36, 0.26, 0.05),
                .horizontal(-0.18, 0.18, .cylinder(Color(hex: 0x8a5a2f))))
        }
    }
}
