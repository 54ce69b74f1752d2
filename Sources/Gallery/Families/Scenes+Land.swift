import Foundation

/// Woods, dunes and fields.
extension GalleryFamily {
    static let landScenes = [
        GalleryFamily("forest", .tall, drawForest),
        GalleryFamily("desert-dunes", .wide, drawDunes),
        GalleryFamily("flower-field", .any, drawFlowerField),
        GalleryFamily("autumn-avenue", .any, drawAvenue),
    ]

    private static func drawForest(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let tones = Palette(0xdfeebb, 0x8fb86a, 0x3f6b34, 0x1c3318, 0x4a3622).varied(&rng)
        let floorLine = h * rng.between(0.70, 0.78)
        canvas.sky(h, Ramp(tones[1], tones[0], tones[1]))
        let sun = Point(w * rng.between(0.2, 0.8), h * rng.between(0.12, 0.3))
        canvas.glow(sun, h * 0.55, Color(1, 0.98, 0.7, 0.5))
        for layer in 0..<4 {
            let near = Float(layer) / 3
            let count = 11 - layer * 2
            let foot = floorLine + (h - floorLine) * near * 0.62
            for i in 0..<count {
                let x = w * (Float(i) + rng.between(0.1, 0.9)) / Float(count)
                let thick = w * (0.012 + 0.036 * near * near) * rng.between(0.75, 1.3)
                let bark = tones[4].mixed(with: tones[1], 0.75 * (1 - near))
                let lean = rng.between(-0.03, 0.03) * w
                let trunk = Path.polygon([
                    Point(x - thick * 0.5 + lean, -5), Point(x + thick * 0.5 + lean, -5), Point(x + thick * 0.66, foot),
                    Point(x + thick * 1.1, foot + thick * 0.5), Point(x - thick * 1.1, foot + thick * 0.5),
                    Point(x - thick * 0.66, foot),
                ])
                canvas.fill(trunk, .horizontal(x - thick * 0.7, x + thick * 0.7, .cylinder(bark, gloss: 0.22)))
                if near > 0.3 {
                    canvas.texture(
                        trunk, rng.noise(), size: Point(thick * 0.16, thick * 0.9), amount: 0.5 * near, octaves: 2)
                }
            }
            let leaf = tones[2].mixed(with: tones[0], 0.7 * (1 - near)).mixed(with: tones[1], 0.2)
            let bunches = 9
            for i in 0..<bunches {
                let x = w * (Float(i) + rng.between(0, 1)) / Float(bunches)
                let y = h * (rng.between(-0.04, 0.13) + 0.1 * (1 - near))
                canvas.foliage(
                    &rng, center: Point(x, y), radii: Point(w * 0.11, h * 0.10), color: leaf, blots: 26,
                    grain: h * (0.012 + 0.012 * near))
            }
            let ground = Ridge(
                noise: rng.noise(), base: foot + h * 0.012, amplitude: h * 0.02, wavelength: w * 0.3, octaves: 3)
            let moss = tones[2].mixed(with: tones[1], 0.75 * (1 - near))
            let floor = ground.path(width: w, bottom: h)
            canvas.fill(floor, .vertical(foot, h, Ramp(moss.lighter(0.1), moss.darker(0.45))))
            canvas.texture(floor, rng.noise(), size: Point(w * 0.035, h * 0.014), amount: 0.5 * near, octaves: 2)
        }
        for _ in 0..<rng.int(3, 5) {
            let spread = rng.between(-0.7, 0.7)
            let foot = Point(sun.x + spread * w * 1.2, h)
            let wide = w * rng.between(0.03, 0.09)
            let beam = Path.polygon([
                sun + Point(-3, 0), sun + Point(3, 0), foot + Point(wide, 0), foot - Point(wide, 0),
            ])
            canvas.shadow(beam, blur: w * 0.03, Color(1, 0.97, 0.7, 0.16), blend: .add)
        }
        for _ in 0..<14 {
            let foot = Point(rng.between(0, w), h * rng.between(0.9, 1.03))
            for blade in 0..<7 {
                let tip = foot + polar(-.pi / 2 + (Float(blade) - 3) * 0.26, h * rng.between(0.04, 0.09))
                canvas.fill(
                    .taperedStroke([foot, (foot + tip) / 2 + Point(0, -4), tip], from: 4, to: 0.6),
                    tones[2].lit(rng.between(-0.4, 0.25)))
            }
        }
        canvas.develop(&rng, vignette: 0.3)
    }

    private static func drawDunes(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let tones = Palette(0x5fa0d2, 0xf2e2c4, 0xf0b566, 0xc97b3a, 0x7c3f20).varied(&rng)
        let horizon = h * rng.between(0.32, 0.42)
        canvas.sky(horizon * 1.15, Ramp(tones[0], tones[0].lighter(0.35), tones[1]))
        let sun = Point(w * rng.between(0.1, 0.35), horizon * rng.between(0.2, 0.6))
        canvas.glow(sun, canvas.side * 0.3, Color(1, 0.95, 0.75, 0.6), power: 3)
        let layers = rng.int(4, 5)
        for layer in 0..<layers {
            let near = Float(layer) / Float(layers - 1)
            let ridge = Ridge(
                noise: rng.noise(), base: horizon + (h - horizon) * near * 0.72 + h * 0.05,
                amplitude: h * (0.05 + 0.12 * near), wavelength: w * (0.35 + 0.35 * near), octaves: 2)
            let ripples = rng.noise()
            let sand = tones[2].mixed(with: tones[1], 0.5 * (1 - near))
            let dark = tones[3].mixed(with: tones[4], 0.15 + 0.35 * near).mixed(with: tones[1], 0.35 * (1 - near))
            let wave = 2 * Float.pi / (h * (0.008 + 0.016 * near))
            let skew = rng.between(0.5, 1.1)
            canvas.fill(
                ridge.path(width: w, bottom: h),
                .softShader { p in
                    let below = p.y - ridge.crest(p.x)
                    // The lee side: where the crest falls away to the right, a sharp shadow hangs below it.
                    let crestX = p.x - below * skew
                    let slope = ridge.crest(crestX + 4) - ridge.crest(crestX - 4)
                    let lee = smoothstep(-0.4, 1.6, slope) * smoothstep(h * 0.24, 0, below)
                    let drift = ripples.fbm(p.x / w * 5, p.y / h * 7, octaves: 2)
                    let ripple = sin(below * wave + drift * 16 + p.x * wave * 0.12)
                    let light = (drift - 0.5) * 0.28 + ripple * 0.035 * (1 - lee) * (0.4 + near)
                    let rim = smoothstep(3, 0, below) * 0.25
                    return sand.mixed(with: tones[3], smoothstep(0, h * 0.5, below) * 0.5).mixed(with: dark, lee)
                        .lit(light + rim)
                })
        }
        if rng.chance(0.5) {
            let start = Point(w * rng.between(0.2, 0.6), h * rng.between(0.62, 0.72))
            for i in 0..<rng.int(3, 5) {
                canvas.place(at: start + Point(Float(i) * canvas.side * 0.062, 0), scale: canvas.side * 0.02) { c in
                    let dark = Color(hex: 0x3a1d10)
                    c.fill(.ellipse(Point(0, 0), Point(1, 0.5)), dark)
                    c.fill(.circle(Point(0, -0.5), 0.45), dark)
                    c.fill(.stroke("M 0.8 0 Q 1.3 0 1.35 -0.9 L 1.7 -0.85", width: 0.28), dark)
                    c.fill(
                        .stroke(
                            "M -0.7 0.3 L -0.8 1.7 M -0.4 0.3 L -0.35 1.7 M 0.4 0.3 L 0.45 1.7 M 0.75 0.3 L 0.7 1.7",
                            width: 0.18), dark)
                    c.shadow(.ellipse(Point(0.7, 1.7), Point(1.4, 0.14)), blur: 0.2)
                }
            }
        }
        canvas.develop(&rng)
    }

    private static func drawFlowerField(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let horizon = h * rng.between(0.28, 0.4)
        canvas.sky(horizon, Ramp(Color(hex: 0x4d9be0), Color(hex: 0xd6ecf8)))
        canvas.clouds(rng.noise(), horizon: horizon, cover: rng.between(0.2, 0.5), lit: .white, shade: Color(gray: 0.8))
        let hills = Ridge(noise: rng.noise(), base: horizon, amplitude: h * 0.06, wavelength: w * 0.4, octaves: 3)
        canvas.fill(
            hills.path(width: w, bottom: h),
            .vertical(horizon * 0.8, h, Ramp(Color(hex: 0x7fa58c), Color(hex: 0x3f7a3a))))
        canvas.fill(
            .rectangle(0, horizon, w, h - horizon),
            .vertical(horizon, h, Ramp(Color(hex: 0x7eab4a), Color(hex: 0x3c7426), Color(hex: 0x1f4615))))
        let palettes = [
            Palette(0xe5332f, 0xf2584c, 0xc81f2d), Palette(0xf6c72e, 0xffdf5a, 0xf0a51f),
            Palette(0xe25a9b, 0xf59cc3, 0xc83f86), Palette(0x8a5cc8, 0xb28ae0, 0x6b40ab),
        ]
        let bloom = rng.pick(palettes).varied(&rng)
        let second = rng.chance(0.4) ? rng.pick(palettes) : bloom
        let rows = 30
        for row in 0..<rows {
            let near = Float(row) / Float(rows - 1)
            let depth = near * near
            let y = horizon + (h * 1.02 - horizon) * (0.02 + 0.98 * depth)
            let size = canvas.side * (0.004 + 0.036 * depth)
            let count = Int(w / (size * 2.0))
            for i in 0..<min(count, 130) {
                let x = (Float(i) + rng.between(-0.2, 1.2)) * w / Float(min(count, 130))
                let band = Int((x - w / 2) / (w * (0.06 + 0.3 * depth)) + 100)
                let color = (band % 2 == 0 ? bloom : second).pick(&rng)
                let at = Point(x, y + rng.between(-0.7, 0.7) * size)
                drawFlower(&canvas, &rng, at: at, size: size * rng.between(0.75, 1.2), color: color)
            }
        }
        canvas.develop(&rng)
    }

    private static func drawFlower(
        _ canvas: inout Canvas, _ rng: inout SeededGenerator, at: Point, size: Float, color: Color
    ) {
        if size < 4 {
            canvas.fill(.ellipse(at, Point(size, size * 0.75), steps: 8), color.lit(rng.between(-0.25, 0.2)))
            return
        }
        let stem = Color(hex: 0x3f7d2b)
        canvas.stroke([at, at + Point(rng.between(-0.4, 0.4) * size, size * 2.6)], width: size * 0.16, stem)
        canvas.fill(
            .ellipse(at + Point(size * 0.6, size * 1.6), Point(size * 0.75, size * 0.2), angle: -0.6, steps: 12),
            stem.lighter(0.1))
        let turn = rng.between(0, 1)
        for petal in 0..<6 {
            let direction = polar(turn + Float(petal) / 6 * 2 * .pi)
            let tone = color.lit(-0.1 - direction.y * 0.14 - direction.x * 0.1 + rng.between(-0.06, 0.06))
            let middle = at + direction * Point(size * 0.55, size * 0.42)
            canvas.fill(
                .ellipse(middle, Point(size * 0.52, size * 0.34), angle: turn + Float(petal) / 6 * 2 * .pi, steps: 14),
                tone)
        }
        canvas.fill(.ellipse(at, Point(size * 0.24, size * 0.2), steps: 10), Color(hex: 0x4a2f12))
        canvas.fill(
            .ellipse(at - Point(size * 0.05, size * 0.06), Point(size * 0.13, size * 0.1), steps: 8),
            Color(hex: 0xd9a63a))
    }

    private static func drawAvenue(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let vanish = Point(w * rng.between(0.4, 0.6), h * rng.between(0.42, 0.5))
        let tones = Palette(0xd8e3e6, 0xf3e2b8, 0xd98a2b, 0xb5501f, 0xe8b63c, 0x8f3a1c).varied(&rng)
        canvas.sky(vanish.y, Ramp(tones[0], tones[1]))
        canvas.fill(
            .rectangle(0, vanish.y, w, h - vanish.y),
            .vertical(vanish.y, h, Ramp(Color(hex: 0xc9a35a), Color(hex: 0xa0662c), Color(hex: 0x6b3d1c))))
        canvas.texture(.rectangle(0, vanish.y, w, h - vanish.y), rng.noise(), size: Point(9, 4), amount: 0.5)
        let lane = Path.polygon([vanish, Point(vanish.x + w * 0.34, h), Point(vanish.x - w * 0.34, h)])
        canvas.fill(lane, .vertical(vanish.y, h, Ramp(Color(hex: 0xcbb798), Color(hex: 0x8d7a66))))
        canvas.texture(lane, rng.noise(), size: Point(14, 5), amount: 0.25)
        canvas.glow(vanish, canvas.side * 0.4, Color(1, 0.9, 0.6, 0.45))
        let trees = 6
        for i in 0..<trees {
            let near = Float(i + 1) / Float(trees)
            let depth = near * near
            for sideSign in [-1, 1] as [Float] {
                let foot = Point(
                    vanish.x + sideSign * w * (0.03 + 0.50 * depth), vanish.y + (h - vanish.y) * (0.03 + 0.72 * depth))
                let tall = h * (0.10 + 0.72 * depth) * rng.between(0.9, 1.1)
                let thick = tall * 0.055
                let bark = Color(hex: 0x40291a).mixed(with: tones[1], 0.5 * (1 - near))
                let top = foot - Point(sideSign * tall * 0.08, tall * 0.75)
                canvas.shadow(
                    .ellipse(foot + Point(0, thick * 0.3), Point(tall * 0.3, tall * 0.03)), blur: tall * 0.06)
                canvas.fill(.taperedStroke([foot, (foot + top) / 2, top], from: thick * 1.3, to: thick * 0.5), bark)
                canvas.fill(
                    .taperedStroke(
                        [(foot + top) / 2, top + Point(-sideSign * tall * 0.2, 0)], from: thick * 0.7, to: 1), bark)
                let leaf = tones[2 + rng.int(0, 3)].mixed(with: tones[1], 0.45 * (1 - near))
                canvas.foliage(
                    &rng, center: top - Point(sideSign * tall * 0.06, tall * 0.02),
                    radii: Point(tall * 0.34, tall * 0.30),
                    color: leaf, blots: 60 + Int(60 * near), grain: max(tall * 0.045, 1.5))
            }
        }
        for _ in 0..<160 {
            let depth = rng.unit()
            let y = vanish.y + (h - vanish.y) * depth
            let x = vanish.x + rng.between(-0.6, 0.6) * w * (0.2 + depth)
            let size = 0.8 + 4 * depth * rng.between(0.5, 1)
            canvas.fill(
                .ellipse(Point(x, y), Point(size, size * 0.5), angle: rng.between(0, 3), steps: 8),
                tones[2 + rng.int(0, 3)].lit(rng.between(-0.2, 0.2)))
        }
        canvas.develop(&rng, vignette: 0.22)
    }
}
