import Foundation

/// Towns and villages.
extension GalleryFamily {
    static let townScenes = [
        GalleryFamily("city-night", .wide, drawCityNight),
        GalleryFamily("city-day", .any, drawCityDay),
        GalleryFamily("snowy-village", .any, drawVillage),
    ]

    private static func drawCityNight(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let quay = (h * rng.between(0.66, 0.76)).rounded()
        let tones = Palette(0x070b1f, 0x1a1f4a, 0x4a2d62, 0xb5605a).varied(&rng, 0.6)
        canvas.sky(quay, Ramp(tones[0], tones[1], tones[2], tones[3]))
        canvas.stars(&rng, count: 60, bottom: quay * 0.5)
        for layer in 0..<3 {
            let near = Float(layer) / 2
            var x: Float = -w * 0.02
            while x < w {
                let wide = w * rng.between(0.05, 0.10) * (0.75 + near * 0.4)
                let hump = 1 - abs(x / w - 0.5) * 0.7
                let tall = h * rng.between(0.16, 0.5) * (1.1 - near * 0.4) * hump
                let body = Color(hex: 0x2a2550).mixed(with: Color(hex: 0x090b1c), near)
                drawNightTower(
                    &canvas, &rng, x: x, foot: quay, wide: wide, tall: tall, body: body, lit: 0.25 + 0.3 * near)
                x += wide * rng.between(0.85, 1.15)
            }
        }
        canvas.shadow(.rectangle(0, quay - 6, w, 4), blur: 10, Color(1, 0.75, 0.35, 0.5), blend: .add)
        canvas.reflect(
            below: Int(quay), noise: rng.noise(), ripple: canvas.side * 0.06, tint: Color(hex: 0x060a1c).faded(0.4))
        for i in 0..<18 {
            let x = (Float(i) + rng.between(0.3, 0.7)) * w / 18
            canvas.glow(Point(x, quay - 3), h * 0.035, Color(1, 0.8, 0.45, 0.9))
            let trail = Path.rectangle(x - 2, quay, 4, h * rng.between(0.06, 0.2))
            canvas.shadow(trail, blur: 6, Color(1, 0.7, 0.35, 0.35), blend: .add)
        }
        canvas.develop(&rng, grain: 0.04)
    }

    private static func drawNightTower(
        _ canvas: inout Canvas, _ rng: inout SeededGenerator, x: Float, foot: Float, wide: Float, tall: Float,
        body: Color, lit: Float
    ) {
        let top = foot - tall
        canvas.fill(
            .rectangle(x, top, wide, tall), .horizontal(x, x + wide, Ramp(body.lighter(0.08), body.darker(0.25))))
        if rng.chance(0.3) {
            canvas.stroke([Point(x + wide / 2, top), Point(x + wide / 2, top - wide * 0.6)], width: 1.6, body)
            canvas.glow(Point(x + wide / 2, top - wide * 0.6), 7, Color(1, 0.2, 0.15, 0.9))
        } else if rng.chance(0.4) {
            canvas.fill(.rectangle(x + wide * 0.25, top - wide * 0.25, wide * 0.5, wide * 0.26), body)
        }
        let cell = max(wide / Float(rng.int(5, 8)), 4)
        let warm = rng.chance(0.75)
        let seed = rng.noise()
        canvas.fill(
            .rectangle(x + cell * 0.4, top + cell * 0.6, wide - cell * 0.8, max(tall - cell, 1)),
            .shader { p in
                let column = floorToInt((p.x - x) / cell)
                let row = floorToInt((p.y - top) / (cell * 1.35))
                let u = fraction((p.x - x) / cell)
                let v = fraction((p.y - top) / (cell * 1.35))
                let chance = seed.lattice(column, row)
                guard chance < lit, u > 0.2, u < 0.8, v > 0.22, v < 0.8 else { return .clear }
                let bright = 0.5 + 0.5 * seed.lattice(column &+ 99, row)
                let color = warm ? Color(1, 0.83, 0.48) : Color(0.78, 0.90, 1)
                return color.faded(bright)
            })
    }

    private static func drawCityDay(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let street = h * rng.between(0.80, 0.88)
        canvas.sky(street, Ramp(Color(hex: 0x5b9edb), Color(hex: 0xa9d2ef), Color(hex: 0xe6f0f4)))
        canvas.clouds(rng.noise(), horizon: street, cover: rng.between(0.2, 0.5), lit: .white, shade: Color(gray: 0.82))
        let facades = Palette(0xb9b1a6, 0x8da6b8, 0xc9a98a, 0xa3a9ad, 0x7d93a6, 0xd3cabd, 0xa8705a).varied(&rng)
        for layer in 0..<3 {
            let near = Float(layer) / 2
            var x: Float = -w * rng.between(0, 0.05)
            while x < w {
                let wide = w * rng.between(0.09, 0.15) * (0.7 + near * 0.5)
                let tall = h * rng.between(0.3, 0.62) * (1.15 - near * 0.45)
                let wall = facades.pick(&rng).mixed(with: Color(hex: 0xc5dbea), 0.6 * (1 - near))
                drawDayTower(&canvas, &rng, x: x, foot: street, wide: wide, tall: tall, wall: wall, near: near)
                x += wide * rng.between(0.95, 1.12)
            }
        }
        canvas.fill(
            .rectangle(0, street, w, h - street), .vertical(street, h, Ramp(Color(hex: 0x8b8d90), Color(hex: 0x57595d)))
        )
        canvas.fill(.rectangle(0, street, w, h * 0.02), Color(hex: 0xc3c0b8))
        let dash = w / 9
        for i in 0..<9 {
            canvas.fill(
                .rectangle(Float(i) * dash + dash * 0.2, h - (h - street) * 0.42, dash * 0.5, h * 0.008),
                Color(gray: 0.93))
        }
        for _ in 0..<rng.int(4, 8) {
            let foot = Point(rng.between(0, w), street + h * 0.012)
            let tall = h * rng.between(0.09, 0.13)
            canvas.stroke([foot, foot - Point(0, tall * 0.6)], width: tall * 0.07, Color(hex: 0x4a3626))
            canvas.foliage(
                &rng, center: foot - Point(0, tall * 0.75), radii: Point(tall * 0.36, tall * 0.4),
                color: Color(hex: 0x4f8a3c), blots: 50, grain: tall * 0.09)
        }
        canvas.develop(&rng)
    }

    private static func drawDayTower(
        _ canvas: inout Canvas, _ rng: inout SeededGenerator, x: Float, foot: Float, wide: Float, tall: Float,
        wall: Color, near: Float
    ) {
        let top = foot - tall
        let flank = wide * rng.between(0.16, 0.3)
        let front = Path.rectangle(x, top, wide - flank, tall)
        let returning = Path.polygon([
            Point(x + wide - flank, top), Point(x + wide, top + flank * 0.45), Point(x + wide, foot),
            Point(x + wide - flank, foot),
        ])
        canvas.fill(front, .vertical(top, foot, Ramp(wall.lighter(0.2), wall, wall.darker(0.08))))
        canvas.fill(returning, .vertical(top, foot, Ramp(wall.darker(0.34), wall.darker(0.45))))
        let columns = Float(rng.int(4, 7))
        let cell = (wide - flank) / columns
        let storey = cell * rng.between(1.0, 1.5)
        let glass = rng.chance(0.4)
        let seed = rng.noise()
        let skyTone = Color(hex: 0x9cc6e6)
        let gap: Float = glass ? 0.06 : 0.2
        canvas.fill(
            .rectangle(x, top + storey * 0.5, wide - flank, max(tall - storey, 1)),
            .shader { p in
                let u = fraction((p.x - x) / cell)
                let v = fraction((p.y - top) / storey)
                guard u > gap, u < 1 - gap, v > 0.2, v < 0.85 else { return .clear }
                let column = floorToInt((p.x - x) / cell)
                let row = floorToInt((p.y - top) / storey)
                let mirror = seed.value(p.x / cell * 0.4 + p.y / cell * 0.2, p.y / cell * 0.3)
                let pane = Color(hex: 0x35485c).mixed(with: skyTone, mirror * 0.9 * (glass ? 1 : 0.6))
                return pane.lit((seed.lattice(column, row) - 0.5) * 0.3).faded(0.9)
            })
        canvas.fill(.rectangle(x - 1, top - 3, wide - flank + 2, 4), wall.lighter(0.3))
        if near > 0.4, rng.chance(0.5) {
            canvas.fill(.rectangle(x + wide * 0.2, top - wide * 0.12, wide * 0.22, wide * 0.12), wall.darker(0.2))
        }
    }

    private static func drawVillage(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let tones = Palette(0x5f7397, 0xa7b4cc, 0xe3d9dc, 0xf3f6fb, 0xb9c8e0).varied(&rng, 0.6)
        let ground = h * rng.between(0.5, 0.58)
        canvas.sky(ground, Ramp(tones[0], tones[1], tones[2]))
        for layer in 0..<2 {
            let ridge = Ridge(
                noise: rng.noise(), base: ground - h * (0.06 - Float(layer) * 0.06), amplitude: h * 0.16,
                wavelength: w * 0.5, octaves: 3)
            let far = tones[1].mixed(with: tones[3], 0.35 + 0.3 * Float(layer))
            canvas.fill(ridge.path(width: w, bottom: h), .vertical(ground - h * 0.2, h, Ramp(far.lighter(0.2), far)))
        }
        for _ in 0..<26 {
            let foot = Point(rng.between(0, w), ground + rng.between(-0.01, 0.03) * h)
            canvas.conifer(
                &rng, foot: foot, height: h * rng.between(0.08, 0.17), color: Color(hex: 0x3c5358), snow: 0.5)
        }
        let snow = Ridge(
            noise: rng.noise(), base: ground + h * 0.03, amplitude: h * 0.03, wavelength: w * 0.6, octaves: 2)
        canvas.fill(snow.path(width: w, bottom: h), .vertical(ground, h, Ramp(tones[3], tones[4], tones[3])))
        canvas.texture(
            .rectangle(0, ground + h * 0.05, w, h), rng.noise(), size: Point(w * 0.3, h * 0.08), amount: 0.16)
        let houses = rng.int(4, 6)
        for i in 0..<houses {
            let near = Float(i) / Float(houses - 1)
            let size = canvas.side * (0.10 + 0.13 * near)
            let column = (Float(i * 3 % houses) + rng.between(0.3, 0.7)) / Float(houses)
            let at = Point(w * column, ground + h * (0.07 + 0.25 * near))
            drawHouse(&canvas, &rng, at: at, size: size)
        }
        for _ in 0..<2 {
            let foot = Point(
                rng.chance(0.5) ? w * rng.between(0, 0.12) : w * rng.between(0.88, 1), h * rng.between(0.96, 1.05))
            canvas.conifer(
                &rng, foot: foot, height: h * rng.between(0.35, 0.5), color: Color(hex: 0x2c4448), snow: 0.75)
        }
        for _ in 0..<170 {
            let size = rng.between(0.7, 2.3)
            canvas.fill(
                .circle(Point(rng.between(0, w), rng.between(0, h)), size, steps: 8),
                Color(1, 1, 1, rng.between(0.4, 0.9)))
        }
        canvas.develop(&rng)
    }

    private static func drawHouse(_ canvas: inout Canvas, _ rng: inout SeededGenerator, at: Point, size: Float) {
        let wall = Palette(0x9c5a3c, 0xc9a27a, 0x7a4632, 0xb0463a, 0xd8c3a0).pick(&rng)
        let flip: Float = rng.chance(0.5) ? 1 : -1
        let chimney = rng.chance(0.7)
        canvas.place(at: at, scale: size, stretch: Point(flip, 1)) { c in
            c.shadow(.ellipse(Point(0.1, 0.02), Point(1.1, 0.12)), blur: 0.15, Color(0.2, 0.25, 0.4, 0.5))
            if chimney {
                c.fill(.rectangle(0.42, -1.28, 0.17, 0.45), Color(hex: 0x7c5145))
                c.fill(.roundedRectangle(0.39, -1.34, 0.23, 0.09, 0.04), Color(gray: 0.97))
            }
            // Gable front on the left, long side on the right.
            c.fill(
                .polygon(-0.8, 0, -0.8, -0.55, -0.4, -1.02, 0, -0.55, 0, 0),
                .vertical(-1, 0, Ramp(wall.lighter(0.1), wall)))
            c.fill(.rectangle(0, -0.55, 0.85, 0.55), .vertical(-0.55, 0, Ramp(wall.darker(0.35), wall.darker(0.2))))
            let roof = Path.polygon(-0.42, -1.1, 0.52, -1.1, 0.95, -0.5, 0.02, -0.5)
            c.fill(roof, .vertical(-1.1, -0.5, Ramp(Color(0.97, 0.98, 1), Color(0.78, 0.84, 0.94))))
            c.fill(.stroke("M -0.92 -0.47 L -0.41 -1.09 L 0.03 -0.5", width: 0.1), Color(0.96, 0.97, 1))
            c.fill(.stroke("M 0.03 -0.48 L 0.95 -0.48", width: 0.07), Color(0.9, 0.93, 1))
            for x in [-0.62, -0.3, 0.14, 0.52] as [Float] {
                let pane = Path.rectangle(x, -0.42, 0.18, 0.22)
                c.shadow(pane, blur: 0.12, Color(1, 0.75, 0.3, 0.5), blend: .add)
                c.fill(pane, .vertical(-0.42, -0.2, Ramp(Color(hex: 0xffe39a), Color(hex: 0xf7b045))))
                c.stroke([Point(x + 0.09, -0.42), Point(x + 0.09, -0.2)], width: 0.02, Color(hex: 0x4a3222))
                c.stroke([Point(x, -0.31), Point(x + 0.18, -0.31)], width: 0.02, Color(hex: 0x4a3222))
            }
        }
    }
}
