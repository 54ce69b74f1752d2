import Foundation

/// Seas, lakes and shores.
extension GalleryFamily {
    static let waterScenes = [
        GalleryFamily("sunset-sea", .wide, drawSunset),
        GalleryFamily("mountain-lake", .wide, drawMountainLake),
        GalleryFamily("beach-parasol", .wide, drawBeach),
        GalleryFamily("sailing-boat", .any, drawSailingBoat),
    ]

    private static func drawSunset(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let horizon = (h * rng.between(0.5, 0.66)).rounded()
        let palettes = [
            Palette(0x2b2250, 0x8a3a6b, 0xe8664f, 0xffb55a, 0xffe39a),
            Palette(0x37306b, 0xa6486b, 0xf07a45, 0xffc25e, 0xffeeb0),
            Palette(0x45264f, 0xb8434a, 0xf5853c, 0xffc766, 0xfff0b8),
        ]
        let tones = rng.pick(palettes).varied(&rng)
        let ramp = Ramp([(0, tones[0]), (0.4, tones[1]), (0.72, tones[2]), (0.92, tones[3]), (1, tones[4])])
        canvas.sky(horizon, ramp)
        let sun = Point(w * rng.between(0.25, 0.75), horizon - h * rng.between(-0.01, 0.14))
        let radius = canvas.side * rng.between(0.05, 0.085)
        canvas.glow(sun, radius * 7, Color(1, 0.62, 0.25, 0.55))
        canvas.clouds(
            rng.noise(), horizon: horizon, cover: rng.between(0.25, 0.6), lit: tones[3], shade: tones[1].darker(0.25),
            size: rng.between(0.9, 1.5), opacity: 0.75)
        canvas.glow(sun, radius * 2.4, Color(1, 0.8, 0.45, 0.8))
        canvas.fill(.circle(sun, radius), .radial(sun, radius, Ramp(Color(1, 1, 0.9), Color(1, 0.93, 0.62))))

        let waves = rng.noise()
        let seaTop = tones[2].mixed(with: tones[1], 0.35)
        let seaBottom = tones[0].darker(0.45)
        let sunColor = Color(1, 0.86, 0.55)
        canvas.fill(
            .rectangle(0, horizon, w, h - horizon),
            .shader { p in
                let depth = (p.y - horizon) / (h - horizon)
                let row = 60 / (1 + 3.2 * depth) * depth * 3
                let chop = waves.fbm(p.x / w * (26 - 15 * depth), row * 2.4, octaves: 3)
                var color = seaTop.mixed(with: seaBottom, depth.squareRoot()).lit((chop - 0.5) * 0.6)
                let lane = radius * (0.7 + depth * 2.6)
                let off = abs(p.x - sun.x) / lane
                let glitter = smoothstep(0.36 + 0.22 * off, 0.66 + 0.2 * off, chop + 0.12 * (1 - off))
                color = color.mixed(with: sunColor, glitter * max(0, 1 - off * 0.42))
                return color
            })
        if rng.chance(0.65) {
            let headland = Ridge(
                noise: rng.noise(), base: horizon, amplitude: h * 0.10, wavelength: w * 0.3, octaves: 4)
            let left = rng.chance(0.5)
            let reach = w * rng.between(0.2, 0.42)
            var points = [Point(left ? 0 : w, horizon + 1)]
            for i in 0...40 {
                let along = Float(i) / 40
                let x = left ? along * reach : w - along * reach
                let fall = (1 - along * along)
                points.append(Point(x, horizon - max(0, horizon - headland.crest(x) + h * 0.05) * fall))
            }
            points.append(Point(left ? reach : w - reach, horizon + 1))
            canvas.fill(.polygon(points), tones[0].darker(0.5))
        }
        if rng.chance(0.5) {
            let boat = Point(w * rng.between(0.15, 0.85), horizon + h * rng.between(0.03, 0.12))
            canvas.place(at: boat, scale: h * rng.between(0.08, 0.15)) { c in
                let dark = tones[0].darker(0.65)
                c.fill(Path("M -0.6 -0.1 L 0.62 -0.1 Q 0.4 0.16 0.1 0.16 L -0.3 0.16 Q -0.5 0.12 -0.6 -0.1 Z"), dark)
                c.fill(Path("M 0 -0.15 L 0 -1.5 Q 0.55 -0.7 0.5 -0.15 Z"), dark.lighter(0.06))
                c.fill(Path("M -0.08 -0.15 L -0.08 -1.3 Q -0.4 -0.6 -0.48 -0.15 Z"), dark.lighter(0.1))
            }
        }
        for _ in 0..<rng.int(0, 6) {
            let at = Point(w * rng.unit(), horizon * rng.between(0.15, 0.7))
            canvas.place(at: at, scale: canvas.side * rng.between(0.012, 0.025)) { c in
                c.fill(.stroke("M -1 -0.35 Q -0.5 -0.6 0 0 Q 0.5 -0.6 1 -0.35", width: 0.18), tones[0].darker(0.6))
            }
        }
        canvas.develop(&rng)
    }

    private static func drawMountainLake(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let shore = (h * rng.between(0.54, 0.64)).rounded()
        let tones = Palette(0x2f6fb5, 0xa9d0ec, 0xe9f1f4, 0x5d6b80, 0x27452f).varied(&rng)
        canvas.sky(shore, Ramp(tones[0], tones[1], tones[2]))
        canvas.clouds(
            rng.noise(), horizon: shore, cover: rng.between(0.1, 0.5), lit: .white, shade: Color(0.72, 0.78, 0.86))
        for layer in 0..<2 {
            let near = Float(layer)
            let ridge = Ridge(
                noise: rng.noise(), base: shore - h * (0.17 - near * 0.07), amplitude: h * (0.36 - near * 0.10),
                wavelength: w * rng.between(0.32, 0.48), octaves: 5)
            let rough = rng.noise()
            let rock = tones[3].mixed(with: tones[1], 0.45 - near * 0.4)
            let shadow = rock.darker(0.42)
            let snowLine = h * rng.between(0.10, 0.2) * (1 - near * 0.5)
            let scale = 11 / w
            canvas.fill(
                ridge.path(width: w, bottom: shore),
                .softShader { p in
                    let below = p.y - ridge.crest(p.x)
                    let bend = (rough.fbm(p.x * scale * 0.8, p.y * scale * 0.5) - 0.5) * h * 0.1
                    let slope = ridge.crest(p.x + bend + below * 0.35 + 3) - ridge.crest(p.x + bend + below * 0.35 - 3)
                    let grit = rough.fbm(p.x * scale * 3, p.y * scale * 2.4, octaves: 3) - 0.5
                    let light = smoothstep(-3.5, 3.5, -slope + grit * 7)
                    let stone = shadow.mixed(with: rock.lighter(0.12), light)
                    let white = Color(0.62, 0.70, 0.84).mixed(with: Color(0.98, 0.98, 1), light)
                    let snow = smoothstep(snowLine * 1.2, snowLine * 0.5, below + grit * h * 0.16)
                    let haze = smoothstep(0, h * 0.5, below) * 0.3
                    return stone.mixed(with: white, snow).mixed(with: tones[1], haze)
                })
        }
        let forest = Ridge(
            noise: rng.noise(), base: shore - h * 0.015, amplitude: h * 0.05, wavelength: w * 0.5, octaves: 3)
        canvas.fill(forest.path(width: w, bottom: shore), tones[4].lighter(0.08))
        for i in 0..<Int(w / 6) {
            let x = Float(i) * 6 + rng.between(-4, 4)
            let foot = Point(x, min(forest.crest(x) + h * 0.035, shore))
            let tint = tones[4].lit(rng.between(-0.25, 0.12))
            canvas.conifer(&rng, foot: foot, height: h * rng.between(0.05, 0.11), color: tint)
        }
        canvas.reflect(
            below: Int(shore), noise: rng.noise(), ripple: canvas.side * rng.between(0.02, 0.05),
            tint: Color(hex: 0x1d4a63).faded(rng.between(0.25, 0.45)))
        canvas.shadow(.rectangle(0, shore - 1, w, 2.5), blur: 3, Color(0, 0.05, 0.05, 0.7))
        if rng.chance(0.6) {
            let left = rng.chance(0.5)
            for i in 0..<3 {
                let x = w * (left ? 0.02 + 0.06 * Float(i) : 0.98 - 0.06 * Float(i))
                let tall = h * rng.between(0.42, 0.75)
                canvas.conifer(&rng, foot: Point(x, h * 1.02), height: tall, color: tones[4].darker(0.35))
            }
        }
        canvas.develop(&rng)
    }

    private static func drawBeach(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let horizon = h * rng.between(0.26, 0.36)
        let beach = h * rng.between(0.5, 0.58)
        let tones = Palette(0x4fb0e6, 0xcfeaf7, 0x0e86b4, 0x5fd3cf, 0xf0d9a8, 0xd9b377).varied(&rng, 0.7)
        canvas.sky(horizon, Ramp(tones[0], tones[1]))
        canvas.clouds(rng.noise(), horizon: horizon, cover: rng.between(0.1, 0.4), lit: .white, shade: tones[1])
        let waves = rng.noise()
        let shore = Ridge(noise: rng.noise(), base: beach, amplitude: h * 0.05, wavelength: w * 0.55, octaves: 2)
        canvas.fill(
            .rectangle(0, horizon, w, h - horizon),
            .shader { p in
                let depth = (p.y - horizon) / (beach - horizon)
                let chop = waves.fbm(p.x / w * (40 - 24 * min(depth, 1)), depth * 22, octaves: 3) - 0.5
                return tones[2].mixed(with: tones[3], smoothstep(0.1, 1.1, depth)).lit(chop * 0.5)
            })
        let grains = rng.noise()
        canvas.fill(
            shore.path(width: w, bottom: h),
            .shader { p in
                let below = p.y - shore.crest(p.x)
                let foamEdge = h * 0.022 * (0.5 + waves.value(p.x / w * 26, 3))
                let wet = smoothstep(h * 0.10, h * 0.02, below)
                let dune = grains.fbm(p.x / w * 9, p.y / h * 26, octaves: 3) - 0.5
                let grit = grains.lattice(Int32(p.x), Int32(p.y)) - 0.5
                let sand = tones[4].mixed(with: tones[5], smoothstep(0, h - beach, below) * 0.6)
                let color = sand.lit(dune * 0.32 + grit * 0.10).mixed(with: tones[5].darker(0.22), wet * 0.8)
                return color.mixed(with: .white, smoothstep(foamEdge, foamEdge * 0.4, below) * 0.9)
            })
        let umbrellas = rng.int(1, 2)
        let first = rng.between(0.25, 0.75)
        for i in 0..<umbrellas {
            let x = i == 0 ? first : fraction(first + 0.45)
            let size = canvas.side * (i == 0 ? rng.between(0.24, 0.30) : rng.between(0.15, 0.2))
            let foot = Point(w * x, i == 0 ? h * rng.between(0.80, 0.88) : h * 0.72)
            let color = Color(hue: rng.pick([0, 8, 40, 205, 330] as [Float]), saturation: 0.82, value: 0.9)
            drawParasol(&canvas, &rng, foot: foot, size: size, color: color)
        }
        if rng.chance(0.6) {
            let at = Point(w * fraction(first + rng.between(0.25, 0.32)), h * rng.between(0.84, 0.92))
            let radius = canvas.side * 0.045
            canvas.shadow(
                .ellipse(at + Point(radius * 0.9, radius * 0.7), Point(radius * 1.5, radius * 0.4)), blur: radius * 0.4)
            canvas.ball(at, radius, Color(hue: rng.between(0, 360), saturation: 0.75, value: 0.95))
        }
        canvas.develop(&rng)
    }

    /// A striped parasol standing in the sand, its shadow to the right, a towel beside it.
    private static func drawParasol(
        _ canvas: inout Canvas, _ rng: inout SeededGenerator, foot: Point, size: Float, color: Color
    ) {
        let towel = Color(hue: rng.between(0, 360), saturation: 0.55, value: 0.92)
        canvas.place(at: foot, scale: size, angle: rng.between(-0.16, 0.12)) { c in
            c.shadow(.ellipse(Point(0.75, 0.06), Point(1.0, 0.16)), blur: 0.12, Color(0.25, 0.15, 0.05, 0.5))
            let cloth = Path.polygon(-1.0, 0.12, 0.05, 0.06, 0.25, 0.28, -1.0, 0.36)
            c.shadow(cloth, offset: Point(0.03, 0.03), blur: 0.05)
            c.fill(cloth, towel)
            for i in 0..<4 {
                let x = -0.9 + Float(i) * 0.3
                c.fill(.polygon(x, 0.11, x + 0.1, 0.105, x + 0.13, 0.345, x + 0.03, 0.35), Color(1, 1, 1, 0.75))
            }
            c.fill(.rectangle(-0.022, -1.5, 0.044, 1.52), .horizontal(-0.022, 0.022, .cylinder(Color(gray: 0.9))))
            let edge: Float = -1.12
            let gores = 8
            for i in 0..<gores {
                let from = -cos(Float(i) / Float(gores) * .pi)
                let to = -cos(Float(i + 1) / Float(gores) * .pi)
                let tone = i % 2 == 0 ? color : Color(0.98, 0.97, 0.94)
                let light = 0.16 - Float(i) * 0.065
                let top = Point(0, -1.72)
                var points: [Point] = []
                for step in 0...10 {
                    let t = Float(step) / 10 * .pi / 2
                    points.append(Point(from * sin(t), edge + (top.y - edge) * cos(t)))
                }
                points.append(Point((from + to) / 2, edge + 0.055))
                for step in 0...10 {
                    let t = Float(10 - step) / 10 * .pi / 2
                    points.append(Point(to * sin(t), edge + (top.y - edge) * cos(t)))
                }
                c.fill(.polygon(points), tone.lit(light))
            }
            c.fill(.circle(Point(0, -1.74), 0.04), color.darker(0.3))
        }
    }

    private static func drawSailingBoat(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let horizon = h * rng.between(0.62, 0.72)
        let tones = Palette(0x3d7fc4, 0xb7daf0, 0x1c5484, 0x0b2c4d).varied(&rng)
        canvas.sky(horizon, Ramp(tones[0], tones[1]))
        canvas.clouds(
            rng.noise(), horizon: horizon, cover: rng.between(0.15, 0.55), lit: .white, shade: Color(0.7, 0.78, 0.88))
        let waves = rng.noise()
        canvas.fill(
            .rectangle(0, horizon, w, h - horizon),
            .shader { p in
                let depth = (p.y - horizon) / (h - horizon)
                let chop = waves.fbm(p.x / w * (30 - 20 * depth), depth * (20 - 9 * depth), octaves: 4) - 0.5
                let crest = smoothstep(0.14, 0.26, chop)
                return tones[2].mixed(with: tones[3], depth).lit(chop * 0.9).mixed(with: .white, crest * 0.5)
            })
        let size = canvas.side * rng.between(0.26, 0.34)
        let lean = rng.between(-0.14, 0.14)
        let flip: Float = rng.chance(0.5) ? 1 : -1
        let hull = Color(hex: rng.pick([0xb3262b, 0x1d3557, 0xf4f1ea, 0x1f6f5c]))
        let sail = Color(0.98, 0.97, 0.93)
        let accent = Color(hue: rng.between(0, 360), saturation: 0.7, value: 0.85)
        let at = Point(w * rng.between(0.4, 0.6), horizon + h * rng.between(0.07, 0.12))
        canvas.place(at: at, scale: size, stretch: Point(flip, 1), angle: lean) { c in
            let main = Path("M 0.02 -1.75 Q 0.62 -0.9 0.82 -0.22 L 0.04 -0.22 Z")
            let jib = Path("M -0.03 -1.6 Q -0.28 -0.7 -0.78 -0.2 L -0.06 -0.24 Z")
            c.shadow(main, offset: Point(0, 1.9), blur: 0.3, Color(0, 0.05, 0.1, 0.35))
            c.fill(.rectangle(-0.02, -1.82, 0.04, 1.7), .horizontal(-0.02, 0.02, .cylinder(Color(hex: 0x8a6b45))))
            let cloth = Ramp(sail, sail.darker(0.05), sail.darker(0.28))
            c.fill(main, .linear(Point(0, -0.6), Point(0.75, -0.4), cloth))
            c.clipped(to: main) { c in
                c.fill(.rectangle(-1, -0.75, 2, 0.14), accent.faded(0.85))
                for i in 0..<4 {
                    let y = -1.4 + Float(i) * 0.3
                    c.stroke([Point(0, y), Point(0.9, y + 0.08)], width: 0.012, Color(0.5, 0.5, 0.5, 0.5))
                }
            }
            c.fill(jib, .linear(Point(-0.7, -0.4), Point(0, -0.6), Ramp(sail.darker(0.2), sail)))
            let body = Path(
                "M -0.92 -0.14 Q 0 -0.02 0.9 -0.18 Q 0.84 0.1 0.7 0.17 L -0.55 0.17 Q -0.8 0.1 -0.92 -0.14 Z")
            c.fill(body, .vertical(-0.15, 0.18, Ramp(hull.lighter(0.25), hull, hull.darker(0.5))))
            c.fill(.stroke("M -0.9 -0.11 Q 0 0.01 0.88 -0.14", width: 0.035), Color(0.97, 0.95, 0.9))
        }
        for i in 0..<26 {
            let spread = rng.between(-1.0, 1.0)
            let spot = at + Point(spread * size, size * (0.17 + rng.between(-0.03, 0.05) + Float(i % 3) * 0.01))
            canvas.fill(
                .ellipse(spot, Point(size * rng.between(0.03, 0.11), size * 0.012), steps: 14), Color(1, 1, 1, 0.5))
        }
        canvas.develop(&rng)
    }
}
