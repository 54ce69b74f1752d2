import Foundation

/// Furniture and instruments.
extension GalleryFamily {
    static let roomProducts = [
        GalleryFamily("table-lamp", .tall, drawLamp),
        GalleryFamily("armchair", .any, drawArmchair),
        GalleryFamily("guitar", .tall, drawGuitar),
        GalleryFamily("wall-clock", .any, drawClock),
    ]

    private static func drawLamp(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0x8a5a32, 0x94602f, 0x7d5138, 0x8f6540).varied(&rng).pick(&rng)
        let edge = h * rng.between(0.78, 0.84)
        canvas.table(
            &rng, edge: edge, light: Color(hex: 0x7a4f2c), dark: Color(hex: 0x452813), wall: wall.darker(0.25), lamps: 0
        )
        let size = canvas.side * rng.between(0.30, 0.36)
        let at = Point(w * rng.between(0.42, 0.58), edge - size * 0.85)
        let shade = Palette(0xf6e3b8, 0xf2d9a6, 0xf3c98a, 0xe9d7c0).varied(&rng).pick(&rng)
        let base = Palette(0x2f6f73, 0xb8bcc0, 0x8c3b2a, 0xe4ddd0, 0x28384f, 0xc08a35).varied(&rng).pick(&rng)
        let form = rng.int(0, 2)
        let top = rng.between(0.34, 0.52)
        let drop = rng.between(0.62, 0.78)
        canvas.place(at: at, scale: size) { c in
            c.glow(Point(0, -0.55), 3.4, Color(1, 0.72, 0.36, 0.42))
            c.glow(Point(0, -0.55), 1.7, Color(1, 0.80, 0.48, 0.42))
            let upward = Path.polygon(-top, -1.0, top, -1.0, top * 2.6, -2.6, -top * 2.6, -2.6)
            c.shadow(upward, blur: 0.35, Color(1, 0.82, 0.5, 0.34), blend: .add)
            let downward = Path.polygon(-drop, -0.15, drop, -0.15, drop * 1.6, 1.0, -drop * 1.6, 1.0)
            c.shadow(downward, blur: 0.3, Color(1, 0.78, 0.42, 0.30), blend: .add)
            c.footing(Point(0, 1.05), Point(0.42, 0.06), strength: 0.6)
            let body: Path
            switch form {
            case 0:
                body = .smooth(
                    """
                    0.07 -0.2 0.09 0.1 0.36 0.45 0.34 0.8 0.2 1.04 0 1.07 -0.2 1.04 -0.34 0.8 -0.36 0.45
                    -0.09 0.1 -0.07 -0.2
                    """
                )
            case 1:
                body = .smooth(
                    """
                    0.06 -0.2 0.06 0.3 0.10 0.7 0.3 0.96 0.34 1.05 0 1.09 -0.34 1.05 -0.3 0.96 -0.10 0.7
                    -0.06 0.3 -0.06 -0.2
                    """
                )
            default:
                body = Path(
                    "M -0.06 -0.2 L 0.06 -0.2 L 0.1 0.2 L 0.3 0.3 L 0.3 1.02 Q 0 1.1 -0.3 1.02 L -0.3 0.3 L -0.1 0.2 Z")
            }
            c.fill(body, .horizontal(-0.36, 0.36, .cylinder(base, gloss: 0.45)))
            c.fill(
                body,
                .vertical(-0.2, 1.05, Ramp(Color(1, 0.8, 0.45, 0.5), Color(1, 0.8, 0.5, 0.05), Color(0, 0, 0, 0.35))))
            let cover = Path("M \(-top) -1.05 Q 0 -1.12 \(top) -1.05 L \(drop) -0.12 Q 0 0.02 \(-drop) -0.12 Z")
            c.fill(
                cover,
                .horizontal(-drop, drop, Ramp(shade.darker(0.35), shade, shade.lighter(0.55), shade, shade.darker(0.4)))
            )
            c.fill(
                cover,
                .radial(
                    Point(0, -0.5), 0.75,
                    Ramp(Color(1, 1, 0.9, 0.85), Color(1, 0.86, 0.55, 0.35), Color(0.9, 0.5, 0.2, 0.0))))
            c.clipped(to: cover) { c in
                for i in 0..<17 {
                    let along = Float(i) / 8 - 1
                    c.stroke(
                        [Point(along * top, -1.1), Point(along * drop, 0)], width: 0.008, Color(0.55, 0.33, 0.15, 0.25))
                }
                c.fill(.stroke("M \(-drop) -0.13 Q 0 0.0 \(drop) -0.13", width: 0.05), shade.darker(0.3).faded(0.7))
                c.fill(.stroke("M \(-top) -1.04 Q 0 -1.1 \(top) -1.04", width: 0.05), shade.darker(0.3).faded(0.7))
            }
        }
        canvas.develop(&rng, grain: 0.03, vignette: 0.4)
    }

    private static func drawArmchair(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0xb9cfc6, 0xc3d1c4, 0xafc8c8).varied(&rng).pick(&rng)
        let edge = h * rng.between(0.66, 0.74)
        canvas.table(
            &rng, edge: edge, light: Color(hex: 0xd3b38a), dark: Color(hex: 0x9a7346), wall: wall.lighter(0.15),
            lamps: 0)
        canvas.fill(
            .rectangle(0, edge - h * 0.035, w, h * 0.035),
            .vertical(edge - h * 0.035, edge, Ramp(Color(gray: 0.96), Color(gray: 0.82))))
        let frame = Point(w * rng.pick([0.2, 0.78] as [Float]), h * rng.between(0.16, 0.24))
        canvas.place(at: frame, scale: canvas.side * rng.between(0.10, 0.14)) { c in
            c.shadow(.rectangle(-1, -1.2, 2, 2.4), offset: Point(0.1, 0.12), blur: 0.2, Color(0, 0, 0, 0.4))
            c.fill(.rectangle(-1, -1.2, 2, 2.4), Color(hex: 0x5c4330))
            c.fill(.rectangle(-0.9, -1.1, 1.8, 2.2), Color(0.96, 0.95, 0.92))
            c.fill(
                .rectangle(-0.6, -0.8, 1.2, 1.6),
                .vertical(
                    -0.8, 0.8,
                    Ramp(
                        Color(hue: rng.between(0, 360), saturation: 0.4, value: 0.85),
                        Color(hue: rng.between(0, 360), saturation: 0.5, value: 0.5))))
        }
        let fabric = Palette(0xd9a02f, 0xc8553d, 0x2f6f6b, 0x4a5d8f, 0xb9647e, 0x8a8f94).varied(&rng).pick(&rng)
        let wood = Color(hex: 0x7a4a26)
        let size = canvas.side * rng.between(0.31, 0.37)
        let shear = rng.between(-0.05, 0.05)
        let back = rng.between(-1.15, -0.9)
        let buttons = rng.chance(0.5)
        let pillow = rng.chance(0.5)
        let pillowColor = Color(hue: rng.between(0, 360), saturation: 0.45, value: 0.9)
        let weave = rng.noise()
        canvas.place(at: Point(w * rng.between(0.46, 0.56), edge - size * 0.28), scale: size, shear: shear) { c in
            c.footing(Point(0, 1.0), Point(0.95, 0.09), strength: 0.5)
            for (x, lean) in [(-0.68, -0.1), (0.68, 0.1), (-0.5, -0.03), (0.5, 0.03)] as [(Float, Float)] {
                let short: Float = abs(x) < 0.6 ? 0.9 : 1.0
                c.fill(
                    .taperedStroke([Point(x, 0.55), Point(x + lean, short)], from: 0.11, to: 0.06),
                    .horizontal(x - 0.1, x + 0.1, .cylinder(abs(x) < 0.6 ? wood.darker(0.4) : wood)))
            }
            func upholstered(_ path: Path, _ color: Color, _ radius: Float) {
                c.shadow(path, offset: Point(0.02, 0.04), blur: 0.1, Color(0, 0, 0, 0.4))
                c.fill(path, .vertical(-1, 0.6, Ramp(color.lighter(0.12), color.darker(0.18))))
                c.relief(path, radius: radius, amount: 0.5)
                c.texture(path, weave, size: Point(0.025, 0.025), amount: 0.16)
            }
            upholstered(
                Path(
                    """
                    M -0.72 0.35 L -0.78 \(back + 0.3) Q -0.76 \(back) -0.4 \(back - 0.03)
                    Q 0 \(back - 0.08) 0.4 \(back - 0.03) Q 0.76 \(back) 0.78 \(back + 0.3) L 0.72 0.35 Z
                    """
                ), fabric, 0.24)
            if buttons {
                for row in 0..<2 {
                    for column in 0..<3 {
                        let at = Point((Float(column) - 1) * 0.38, back + 0.32 + 0.34 * Float(row))
                        c.shadow(.circle(at, 0.05), blur: 0.10, Color(0, 0, 0, 0.6))
                        c.ball(at, 0.035, fabric.darker(0.1), gloss: 0.2)
                    }
                }
            } else {
                c.shadow(.rectangle(-0.012, back, 0.024, 1.2), blur: 0.05, Color(0, 0, 0, 0.45))
            }
            upholstered(.roundedRectangle(-0.72, 0.32, 1.44, 0.32, 0.08), fabric.darker(0.15), 0.12)
            upholstered(.roundedRectangle(-0.64, 0.02, 1.28, 0.36, 0.14), fabric.lighter(0.06), 0.18)
            if pillow {
                c.place(at: Point(0.1, -0.18), scale: 0.36, angle: 0.25) { c in
                    let cushion = Path.smooth("-0.95 -0.9 0 -0.8 0.95 -0.9 0.8 0 0.95 0.9 0 0.8 -0.95 0.9 -0.8 0")
                    c.shadow(cushion, offset: Point(0.08, 0.1), blur: 0.25)
                    c.fill(cushion, pillowColor)
                    c.relief(cushion, radius: 0.6, amount: 0.6)
                }
            }
            for side in [-1, 1] as [Float] {
                let arm = Path.roundedRectangle(side > 0 ? 0.62 : -0.92, -0.28, 0.3, 0.92, 0.14)
                upholstered(arm, fabric, 0.16)
            }
        }
        canvas.sidelight(&rng, amount: 0.22)
        canvas.develop(&rng)
    }

    private static func drawGuitar(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0x5a1a20, 0x6b2323, 0x4e1826).varied(&rng, 0.8).pick(&rng)
        canvas.studio(&rng, wall: wall, floor: wall.darker(0.5), horizon: h * 0.85)
        canvas.glow(Point(w * rng.between(0.4, 0.6), h * 0.4), h * 0.5, Color(1, 0.5, 0.35, 0.3))
        let wood = Palette(0xd9a05a, 0xe2b271, 0xb9702f, 0xc98840).varied(&rng).pick(&rng)
        let rim = wood.darker(0.6)
        let size = canvas.side * rng.between(0.40, 0.45)
        let grain = rng.noise()
        let burst = rng.chance(0.5)
        canvas.place(at: Point(w * 0.5, h * 0.58), scale: size, angle: rng.between(-0.3, 0.3)) { c in
            let body = Path.smooth(
                """
                0 -0.16 0.3 -0.2 0.45 -0.02 0.38 0.26 0.5 0.52 0.6 0.82 0.42 1.1 0 1.18 -0.42 1.1
                -0.6 0.82 -0.5 0.52 -0.38 0.26 -0.45 -0.02 -0.3 -0.2
                """
            )
            c.shadow(body, offset: Point(0.10, 0.12), blur: 0.25, Color(0, 0, 0, 0.6))
            c.fill(body, rim)
            let top = body.moved(Point(0, 0.02), scale: 0.955)
            c.fill(
                top,
                .shader { p in
                    let ring = fraction(abs(p.x) * 16 + grain.value(p.x * 2, p.y * 0.7) * 1.6)
                    let tone = wood.lit((ring - 0.5) * 0.13 + (grain.value(p.x * 60, p.y * 3) - 0.5) * 0.12)
                    let out = length((p - Point(0, 0.55)) * Point(1.5, 1))
                    return burst ? tone.mixed(with: Color(hex: 0x3a1409), smoothstep(0.45, 0.95, out) * 0.85) : tone
                })
            c.relief(body, radius: 0.08, amount: 0.4)
            let hole = Point(0, 0.32)
            c.fill(.ring(hole, outer: 0.215, inner: 0.17), Color(hex: 0x2b1a10))
            c.fill(.ring(hole, outer: 0.20, inner: 0.185), Color(hex: 0xe9d9b0))
            c.fill(
                .circle(hole, 0.165),
                .linear(
                    hole - Point(0.1, 0.15), hole + Point(0.1, 0.16), Ramp(Color(hex: 0x0c0705), Color(hex: 0x3a2314))))
            let guardPlate = Path.smooth("0.17 0.38 0.32 0.42 0.34 0.62 0.2 0.68 0.12 0.52")
            c.fill(guardPlate, Color(hex: 0x2a1208).faded(0.85))
            c.shadow(.rectangle(-0.085, -1.5, 0.17, 1.7), offset: Point(0.04, 0.03), blur: 0.06, Color(0, 0, 0, 0.5))
            c.fill(
                .polygon(-0.07, -1.5, 0.07, -1.5, 0.085, 0.18, -0.085, 0.18),
                .horizontal(-0.085, 0.085, .cylinder(Color(hex: 0x3a2417), gloss: 0.15)))
            for fret in 0..<15 {
                let y = 0.62 - 2.12 * Float(pow(0.9438743, Double(fret) * 1.0)) * 1.0
                if y < 0.16 { c.fill(.rectangle(-0.08, y, 0.16, 0.011), Color(gray: 0.82)) }
                if [3, 5, 7, 9].contains(fret) {
                    c.fill(.circle(Point(0, y - 0.05), 0.016, steps: 16), Color(0.95, 0.93, 0.88))
                }
            }
            let head = Path("M -0.07 -1.5 L -0.13 -1.58 L -0.12 -1.92 Q 0 -1.98 0.12 -1.92 L 0.13 -1.58 L 0.07 -1.5 Z")
            c.shadow(head, offset: Point(0.04, 0.04), blur: 0.08)
            for side in [-1, 1] as [Float] {
                for peg in 0..<3 {
                    c.ball(Point(side * 0.165, -1.64 - 0.1 * Float(peg)), 0.032, Color(gray: 0.85))
                    c.fill(.circle(Point(side * 0.07, -1.64 - 0.1 * Float(peg)), 0.018, steps: 16), Color(gray: 0.8))
                }
            }
            c.fill(head, .vertical(-1.95, -1.5, Ramp(wood.darker(0.35), wood.darker(0.55))))
            let bridge = Path.roundedRectangle(-0.24, 0.77, 0.48, 0.085, 0.03)
            c.shadow(bridge, offset: Point(0.01, 0.02), blur: 0.04)
            c.fill(bridge, Color(hex: 0x2e1a10))
            c.fill(.rectangle(-0.16, 0.785, 0.32, 0.014), Color(0.95, 0.93, 0.88))
            for string in 0..<6 {
                let x = (Float(string) - 2.5) * 0.023
                c.stroke(
                    [Point(x * 0.85, -1.5), Point(x * 1.7, 0.79)], width: 0.0075 - 0.0007 * Float(string),
                    Color(0.92, 0.88, 0.8, 0.85))
            }
            c.clipped(to: top) { c in
                c.shadow(Path("M -0.5 -0.1 L -0.2 -0.2 L -0.5 0.9 L -0.62 0.9 Z"), blur: 0.2, Color(1, 1, 1, 0.28))
            }
        }
        canvas.develop(&rng, grain: 0.03, vignette: 0.35)
    }

    private static func drawClock(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0x7f9a6b, 0x869f74, 0x75925f).varied(&rng, 0.8).pick(&rng)
        canvas.flood(.solid(wall))
        canvas.texture(.rectangle(0, 0, w, h), rng.noise(), size: Point(5, 5), amount: 0.10)
        canvas.sidelight(&rng, amount: 0.4)
        let rim = Palette(0x22252a, 0xb98a3c, 0x6b3f22, 0xd9dbde, 0xa8322d).varied(&rng, 0.6).pick(&rng)
        let face = Palette(0xf7f5ee, 0xf1ead6, 0xfdfdfb).pick(&rng)
        let ink = Color(hex: 0x1d1f24)
        let size = canvas.side * rng.between(0.34, 0.41)
        let minute = rng.between(0, 60)
        let hour = Float(rng.int(0, 11)) + minute / 60
        let dots = rng.chance(0.4)
        let center = Point(w * rng.between(0.44, 0.56), h * rng.between(0.44, 0.54))
        canvas.place(at: center, scale: size, stretch: Point(rng.between(0.9, 1), 1), angle: rng.between(-0.05, 0.05)) {
            c in
            let origin = Point(0, 0)
            c.shadow(.circle(origin, 1), offset: Point(0.10, 0.16), blur: 0.24, Color(0, 0, 0, 0.55))
            c.fill(
                .circle(origin, 1),
                .linear(Point(-0.7, -0.7), Point(0.7, 0.7), Ramp(rim.lighter(0.5), rim, rim.darker(0.5))))
            c.relief(.ring(origin, outer: 1, inner: 0.87), radius: 0.1, amount: 0.6)
            c.fill(
                .circle(origin, 0.87), .linear(Point(-0.6, -0.6), Point(0.6, 0.6), Ramp(face.darker(0.14), face, face)))
            c.clipped(to: .circle(origin, 0.87)) { c in
                c.shadow(.ring(Point(0.05, 0.08), outer: 1.2, inner: 0.87), blur: 0.1, Color(0, 0, 0, 0.4))
            }
            for mark in 0..<60 {
                let direction = polar(Float(mark) * .pi / 30)
                if mark % 5 != 0 {
                    c.stroke([direction * 0.78, direction * 0.81], width: 0.012, ink)
                } else if dots {
                    c.fill(.circle(direction * 0.75, mark % 15 == 0 ? 0.05 : 0.034, steps: 24), ink)
                } else {
                    c.stroke([direction * 0.66, direction * 0.80], width: mark % 15 == 0 ? 0.05 : 0.03, ink)
                }
            }
            func hand(_ turn: Float, _ reach: Float, _ width: Float, _ color: Color) {
                let direction = polar(turn * 2 * .pi - .pi / 2)
                let path = Path.taperedStroke([direction * -0.14, direction * reach], from: width, to: width * 0.55)
                c.shadow(path, offset: Point(0.03, 0.05), blur: 0.05, Color(0, 0, 0, 0.4))
                c.fill(path, color)
            }
            hand(hour / 12, 0.46, 0.065, ink)
            hand(minute / 60, 0.70, 0.045, ink)
            hand(rng.unit(), 0.74, 0.016, Color(hex: 0xc8322b))
            c.ball(origin, 0.05, Color(hex: 0xc8322b))
            c.clipped(to: .circle(origin, 0.87)) { c in
                c.shadow(Path("M -0.9 -0.5 L -0.2 -0.95 L 0.3 -0.95 L -0.9 0.2 Z"), blur: 0.12, Color(1, 1, 1, 0.22))
            }
        }
        canvas.develop(&rng)
    }
}
