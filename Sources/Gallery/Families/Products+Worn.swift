import Foundation

/// Clothes and what is worn with them.
extension GalleryFamily {
    static let wornProducts = [
        GalleryFamily("t-shirt", .any, drawShirt),
        GalleryFamily("sneaker", .wide, drawSneaker),
        GalleryFamily("wristwatch", .tall, drawWatch),
        GalleryFamily("handbag", .any, drawHandbag),
        GalleryFamily("headphones", .any, drawHeadphones),
    ]

    private static func drawShirt(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let ground = Palette(0xf1f1f0, 0xeceef0, 0xf3f0ec).varied(&rng, 0.3).pick(&rng)
        canvas.studio(&rng, wall: ground, floor: ground, horizon: canvas.h * 0.5)
        let cloth =
            rng.chance(0.2)
            ? Color(gray: rng.pick([0.16, 0.9]))
            : Color(hue: rng.between(0, 360), saturation: rng.between(0.45, 0.85), value: rng.between(0.4, 0.9))
        let ink = cloth.rgba.x + cloth.rgba.y + cloth.rgba.z > 1.7 ? Color(hex: 0x20242c) : Color(0.97, 0.96, 0.93)
        let second = Color(hue: rng.between(0, 360), saturation: 0.7, value: 0.9)
        let motif = rng.int(0, 5)
        let creases = rng.noise()
        let size = canvas.side * rng.between(0.40, 0.45)
        canvas.place(at: canvas.center + Point(0, canvas.h * 0.01), scale: size, angle: rng.between(-0.12, 0.12)) { c in
            let outline = Path(
                """
                M -0.32 -0.88 Q 0 -0.62 0.32 -0.88 L 0.62 -0.76 Q 0.82 -0.68 0.92 -0.46 L 1.12 -0.02
                L 0.78 0.16 L 0.61 -0.14 Q 0.59 0.4 0.65 0.98 Q 0 1.04 -0.65 0.98 Q -0.59 0.4 -0.61 -0.14
                L -0.78 0.16 L -1.12 -0.02 L -0.92 -0.46 Q -0.82 -0.68 -0.62 -0.76 Z
                """
            )
            c.shadow(outline, offset: Point(0.03, 0.05), blur: 0.14, Color(0, 0, 0, 0.4))
            c.fill(
                Path("M -0.32 -0.88 Q 0 -1.0 0.32 -0.88 Q 0.1 -0.6 0 -0.66 Q -0.1 -0.6 -0.32 -0.88 Z"),
                cloth.darker(0.5))
            c.fill(outline, cloth)
            c.clipped(to: outline) { c in
                switch motif {
                case 0:
                    for i in 0..<6 { c.fill(.rectangle(-1.3, -0.4 + 0.24 * Float(i), 2.6, 0.11), ink.faded(0.9)) }
                case 1:
                    c.fill(.circle(Point(0, -0.02), 0.32), second)
                    c.fill(
                        Path(
                            """
                            M -0.34 0.12 L -0.1 -0.16 L 0.04 0.0 L 0.14 -0.1 L 0.34 0.14 Q 0.2 0.32 0 0.32
                            Q -0.2 0.32 -0.34 0.12 Z
                            """
                        ), ink)
                case 2:
                    c.fill(.star(Point(0, -0.05), spikes: rng.int(5, 8), outer: 0.34, inner: 0.17), ink)
                case 3:
                    c.fill(.roundedRectangle(-0.4, -0.24, 0.8, 0.13, 0.02), ink)
                    c.fill(.roundedRectangle(-0.3, -0.06, 0.6, 0.09, 0.02), second)
                case 4:
                    c.fill(.rectangle(-1.3, -0.2, 2.6, 0.34), second)
                    c.fill(.rectangle(-1.3, 0.14, 2.6, 0.06), ink)
                default:
                    c.fill(.roundedRectangle(0.14, -0.4, 0.3, 0.34, 0.03), cloth.darker(0.15))
                    c.fill(.rectangle(0.14, -0.36, 0.3, 0.02), cloth.darker(0.4))
                }
                c.fill(
                    .rectangle(-1.2, -1, 2.4, 2.2),
                    .softShader { p in
                        let fall = creases.fbm(p.x * 2.4 + 9 + p.y * 0.5, p.y * 0.8 + 9, octaves: 3) - 0.5
                        let drag = creases.ridged(p.x * 1.6 - p.y * 1.1 + 30, p.y * 1.3 + p.x * 0.6, octaves: 2) - 0.72
                        let light = fall * 0.7 + max(drag, 0) * 0.7
                        return light > 0 ? Color(1, 1, 1, light * 0.55) : Color(0, 0, 0.03, -light * 0.9)
                    })
                for side in [-1, 1] as [Float] {
                    c.shadow(
                        .stroke("M \(0.61 * side) -0.14 Q \(0.55 * side) -0.45 \(0.66 * side) -0.74", width: 0.02),
                        blur: 0.05, Color(0, 0, 0, 0.5))
                    c.stroke([Point(1.06 * side, -0.06), Point(0.75 * side, 0.1)], width: 0.012, Color(0, 0, 0, 0.3))
                }
                c.fill(.stroke("M -0.66 0.92 Q 0 0.98 0.66 0.92", width: 0.012), Color(0, 0, 0, 0.3))
            }
            c.relief(outline, radius: 0.12, amount: 0.35)
            let collar = Path.stroke("M -0.32 -0.88 Q 0 -0.6 0.32 -0.88", width: 0.07)
            c.fill(collar, cloth.darker(0.1))
            c.relief(collar, radius: 0.05, amount: 0.4)
        }
        canvas.develop(&rng, grain: 0.015, vignette: 0.06)
    }

    private static func drawSneaker(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0xb9b3d6, 0xc2b8dc, 0xaeb0d8).varied(&rng, 0.7).pick(&rng)
        canvas.studio(&rng, wall: wall, floor: wall.lighter(0.35), horizon: h * rng.between(0.58, 0.68))
        let main =
            rng.chance(0.3)
            ? Color(gray: rng.pick([0.14, 0.95]))
            : Color(hue: rng.between(0, 360), saturation: rng.between(0.55, 0.85), value: rng.between(0.5, 0.92))
        let accent = Color(hue: rng.between(0, 360), saturation: 0.75, value: 0.85)
        let pale = Color(0.97, 0.96, 0.94)
        let stripes = rng.int(0, 2)
        let flip: Float = rng.chance(0.5) ? 1 : -1
        let size = canvas.side * rng.between(0.42, 0.5)
        let mesh = rng.noise()
        let gum = rng.chance(0.3) ? Color(hex: 0xb98a55) : pale
        canvas.place(
            at: Point(w * 0.5, h * rng.between(0.52, 0.58)), scale: size, stretch: Point(flip, 1),
            angle: rng.between(-0.12, 0.05) * flip
        ) { c in
            c.footing(Point(0.02, 0.53), Point(1.1, 0.07))
            let tongue = Path(
                "M -0.44 -0.4 C -0.42 -0.66 -0.36 -0.8 -0.24 -0.84 C -0.14 -0.86 -0.08 -0.78 -0.04 -0.6 L 0.1 -0.3 Z")
            c.fill(tongue, accent.darker(0.1))
            c.relief(tongue, radius: 0.1, amount: 0.5)
            let upper = Path(
                """
                M -1.04 0.38 C -1.12 0.05 -1.1 -0.28 -1.05 -0.54 C -0.98 -0.62 -0.9 -0.6 -0.84 -0.52
                C -0.74 -0.38 -0.56 -0.34 -0.4 -0.44 L -0.22 -0.62 L -0.06 -0.58
                C 0.1 -0.3 0.35 -0.1 0.62 -0.03 C 0.95 0.03 1.14 0.14 1.13 0.38 Z
                """
            )
            c.fill(upper, .vertical(-0.6, 0.4, Ramp(main.lighter(0.15), main, main.darker(0.22))))
            c.texture(upper, mesh, size: Point(0.02, 0.012), amount: 0.1, octaves: 2)
            c.clipped(to: upper) { c in
                let toe = Path("M 0.62 0.5 C 0.6 0.25 0.7 0.02 0.86 -0.1 L 1.3 0 L 1.3 0.5 Z")
                c.fill(toe, main.darker(0.25))
                c.relief(toe, radius: 0.06, amount: 0.5)
                let heel = Path("M -1.2 -0.1 C -0.95 -0.15 -0.75 0.0 -0.68 0.5 L -1.2 0.5 Z")
                c.fill(heel, accent)
                c.relief(heel, radius: 0.08, amount: 0.5)
                let facing = Path("M -0.3 -0.66 C -0.12 -0.3 0.2 0.0 0.66 0.06 L 0.6 -0.1 L 0 -0.7 Z")
                c.fill(facing, main.darker(0.32))
                switch stripes {
                case 0:
                    for i in 0..<2 {
                        let x = -0.34 + 0.24 * Float(i)
                        c.fill(.polygon(x, 0.5, x + 0.11, 0.5, x + 0.3, -0.36, x + 0.2, -0.36), accent)
                    }
                case 1:
                    c.fill(.stroke("M -0.66 0.0 L -0.34 0.26 L -0.1 -0.04 L 0.16 0.22 L 0.42 0.04", width: 0.06), pale)
                default:
                    c.fill(
                        .stroke(
                            "M -0.66 0.2 C -0.3 0.25 0.1 0.2 0.4 -0.02 M -0.64 0.3 C -0.2 0.36 0.3 0.26 0.55 0.05",
                            width: 0.05), pale)
                }
                c.shadow(
                    Path("M -0.85 -0.54 C -0.74 -0.38 -0.56 -0.34 -0.4 -0.44 L -0.4 -0.52 L -0.85 -0.6 Z"), blur: 0.06,
                    Color(0, 0, 0, 0.7))
            }
            c.relief(upper, radius: 0.2, amount: 0.55)
            for i in 0..<6 {
                let along = Float(i) / 5
                let from = Point(-0.24 + 0.6 * along, -0.46 + 0.36 * along + 0.07 * along * (1 - along))
                let to = from + Point(0.15, -0.13 + 0.03 * along)
                let lace = Path.stroke([from, (from + to) / 2 + Point(0.01, -0.02), to], width: 0.052)
                c.shadow(lace, offset: Point(0.01, 0.02), blur: 0.03)
                c.fill(lace, pale)
                c.relief(lace, radius: 0.03, amount: 0.4)
            }
            let sole = Path(
                """
                M -1.1 0.28 C -0.5 0.36 0.5 0.36 1.15 0.24 C 1.22 0.36 1.18 0.52 1.04 0.54 L -0.95 0.55
                C -1.12 0.55 -1.16 0.42 -1.1 0.28 Z
                """
            )
            c.shadow(sole, offset: Point(0, -0.02), blur: 0.05, Color(0, 0, 0, 0.4))
            c.fill(sole, .vertical(0.28, 0.55, Ramp(pale, pale.darker(0.12))))
            c.clipped(to: sole) { c in
                c.fill(.rectangle(-1.3, 0.475, 2.6, 0.1), gum.darker(0.15))
                c.fill(.stroke("M -1.2 0.36 C -0.5 0.44 0.5 0.44 1.2 0.33", width: 0.02), accent)
                for i in 0..<32 { c.fill(.rectangle(-1.15 + 0.075 * Float(i), 0.49, 0.02, 0.1), Color(0, 0, 0, 0.3)) }
            }
            c.relief(sole, radius: 0.06, amount: 0.4)
        }
        canvas.develop(&rng, vignette: 0.1)
    }

    private static func drawWatch(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let ground = Palette(0x16324a, 0x1b3a52, 0x122a44).varied(&rng, 0.7).pick(&rng)
        canvas.studio(&rng, wall: ground.lighter(0.12), floor: ground, horizon: h * 0.5)
        canvas.texture(.rectangle(0, 0, w, h), rng.noise(), size: Point(4, 40), amount: 0.15)
        let strap = Palette(0x6b3f22, 0x22242a, 0x8a5a34, 0xb9bcc2, 0x54362a).varied(&rng, 0.7).pick(&rng)
        let metal = rng.pick([Color(hex: 0xd9dce0), Color(hex: 0xe2b866), Color(hex: 0xd9a48a), Color(hex: 0x5a5e66)])
        let dial = Palette(0xf4f3ee, 0x1c1f26, 0x1e3f66, 0x2f5a46, 0xe9dfc9).pick(&rng)
        let ink = dial.rgba.x > 0.5 ? Color(hex: 0x22252b) : Color(0.95, 0.95, 0.92)
        let links = strap.rgba.z > 0.6
        let subdials = rng.chance(0.5)
        let turn = rng.between(0, 1)
        let size = canvas.side * rng.between(0.25, 0.31)
        canvas.place(at: canvas.center, scale: size, angle: rng.between(-0.45, 0.45)) { c in
            let origin = Point(0, 0)
            let band = Path(
                "M -0.62 -0.7 L -0.5 -3.6 L 0.5 -3.6 L 0.62 -0.7 L 0.62 0.7 L 0.5 3.6 L -0.5 3.6 L -0.62 0.7 Z")
            c.shadow(band, offset: Point(0.12, 0.14), blur: 0.25, Color(0, 0, 0, 0.6))
            c.fill(band, .horizontal(-0.62, 0.62, .cylinder(strap, gloss: links ? 0.5 : 0.2)))
            c.clipped(to: band) { c in
                if links {
                    for i in 0..<26 {
                        let y = -3.5 + 0.28 * Float(i)
                        c.fill(.rectangle(-0.7, y, 1.4, 0.035), Color(0, 0, 0, 0.45))
                        c.fill(.rectangle(-0.7, y + 0.04, 1.4, 0.04), Color(1, 1, 1, 0.35))
                    }
                    for x in [-0.24, 0.24] as [Float] {
                        c.fill(.rectangle(x - 0.015, -4, 0.03, 8), Color(0, 0, 0, 0.4))
                    }
                } else {
                    c.texture(band, rng.noise(), size: Point(0.05, 0.06), amount: 0.3)
                    for side in [-1, 1] as [Float] {
                        for i in 0..<44 {
                            let y = -3.5 + 0.16 * Float(i)
                            let x = side * (0.54 - 0.04 * abs(y) / 1.2)
                            c.stroke([Point(x, y), Point(x, y + 0.09)], width: 0.028, strap.lighter(0.55))
                        }
                    }
                }
            }
            c.relief(band, radius: 0.12, amount: 0.4)
            let crown = Path.roundedRectangle(0.95, -0.11, 0.2, 0.22, 0.05)
            c.fill(crown, .vertical(-0.11, 0.11, Ramp(metal.lighter(0.4), metal, metal.darker(0.5))))
            c.shadow(.circle(origin, 1), offset: Point(0.08, 0.1), blur: 0.16, Color(0, 0, 0, 0.6))
            c.fill(
                .circle(origin, 1),
                .linear(
                    Point(-0.7, -0.7), Point(0.7, 0.7),
                    Ramp(metal.lighter(0.7), metal.darker(0.1), metal.lighter(0.2), metal.darker(0.55))))
            c.fill(
                .circle(origin, 0.88),
                .linear(Point(-0.7, -0.7), Point(0.7, 0.7), Ramp(metal.darker(0.6), metal, metal.lighter(0.5))))
            c.fill(
                .circle(origin, 0.82),
                .radial(Point(-0.2, -0.25), 1.2, Ramp(dial.lighter(0.14), dial, dial.darker(0.3))))
            for mark in 0..<60 {
                let direction = polar(Float(mark) * .pi / 30)
                if mark % 5 == 0 {
                    c.stroke([direction * 0.62, direction * 0.75], width: 0.05, ink)
                } else {
                    c.stroke([direction * 0.74, direction * 0.77], width: 0.012, ink.faded(0.8))
                }
            }
            if subdials {
                for spot in [Point(-0.32, 0.05), Point(0.32, 0.05), Point(0, 0.36)] {
                    c.fill(.circle(spot, 0.17), dial.mixed(with: ink, 0.14))
                    c.fill(.ring(spot, outer: 0.17, inner: 0.155), ink.faded(0.5))
                    c.stroke([spot, spot + polar(rng.between(0, 6), 0.12)], width: 0.02, ink)
                }
            } else {
                c.fill(.rectangle(0.4, -0.07, 0.17, 0.14), Color(gray: 0.95))
                c.fill(.rectangle(0.45, -0.04, 0.03, 0.08), Color(gray: 0.1))
            }
            func hand(_ around: Float, _ reach: Float, _ width: Float, _ color: Color) {
                let direction = polar(around * 2 * .pi - .pi / 2)
                let path = Path.taperedStroke([direction * -0.1, direction * reach], from: width, to: width * 0.4)
                c.shadow(path, offset: Point(0.02, 0.035), blur: 0.04)
                c.fill(path, color)
            }
            hand(turn, 0.42, 0.07, ink)
            hand(fraction(turn * 12), 0.64, 0.05, ink)
            hand(rng.unit(), 0.68, 0.018, Color(hex: 0xd2402f))
            c.ball(origin, 0.045, metal)
            c.clipped(to: .circle(origin, 0.82)) { c in
                c.shadow(Path("M -0.9 -0.3 L 0 -0.9 L 0.4 -0.9 L -0.9 0.5 Z"), blur: 0.1, Color(1, 1, 1, 0.16))
            }
        }
        canvas.develop(&rng, vignette: 0.25)
    }

    private static func drawHandbag(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0xf0c9a8, 0xf2d0b4, 0xecc2a6).varied(&rng, 0.7).pick(&rng)
        canvas.studio(&rng, wall: wall, floor: wall.lighter(0.25), horizon: h * rng.between(0.64, 0.72))
        let leather = Palette(0x8a3b2a, 0x2a2d34, 0x9c6a3a, 0x7a1f33, 0x2f5a57, 0xd9b48a, 0x3d4f7a).varied(&rng).pick(
            &rng)
        let brass = Color(hex: 0xd9b25a)
        let size = canvas.side * rng.between(0.36, 0.42)
        let flap = rng.between(0.05, 0.35)
        let wide = rng.between(0.85, 1.02)
        let two = rng.chance(0.5)
        let skin = rng.noise()
        canvas.place(
            at: Point(w * rng.between(0.45, 0.55), h * rng.between(0.58, 0.63)), scale: size, stretch: Point(wide, 1),
            shear: rng.between(-0.04, 0.04)
        ) { c in
            c.footing(Point(0, 0.84), Point(0.86, 0.07))
            let rise: Float = two ? -1.25 : -1.05
            for (offset, tone) in [(Float(-0.06), leather.darker(0.45)), (Float(0), leather.darker(0.08))] {
                let handle = Path.stroke(
                    "M -0.48 -0.3 C -0.5 \(rise + offset) 0.5 \(rise + offset) 0.48 -0.3", width: 0.09)
                c.fill(handle, tone)
                c.relief(handle, radius: 0.06, amount: 0.6)
            }
            let body = Path(
                """
                M -0.74 -0.4 Q -0.78 -0.5 -0.66 -0.5 L 0.66 -0.5 Q 0.78 -0.5 0.74 -0.4 L 0.94 0.7
                Q 0.96 0.86 0.78 0.86 L -0.78 0.86 Q -0.96 0.86 -0.94 0.7 Z
                """
            )
            c.fill(
                body,
                .linear(Point(-0.7, -0.5), Point(0.7, 0.9), Ramp(leather.lighter(0.2), leather, leather.darker(0.35))))
            c.texture(body, skin, size: Point(0.035, 0.028), amount: 0.12)
            c.relief(body, radius: 0.18, amount: 0.55)
            let cover = Path(
                """
                M -0.75 -0.5 L 0.75 -0.5 L 0.82 \(flap - 0.15) Q 0.8 \(flap) 0.5 \(flap + 0.04)
                Q 0 \(flap + 0.16) -0.5 \(flap + 0.04) Q -0.8 \(flap) -0.82 \(flap - 0.15) Z
                """
            )
            c.shadow(cover, offset: Point(0.02, 0.06), blur: 0.09, Color(0, 0, 0, 0.55))
            c.fill(
                cover,
                .linear(Point(-0.6, -0.5), Point(0.5, 0.4), Ramp(leather.lighter(0.26), leather, leather.darker(0.12))))
            c.texture(cover, skin, size: Point(0.035, 0.028), amount: 0.12)
            c.relief(cover, radius: 0.1, amount: 0.5)
            let thread = leather.lighter(0.5)
            for i in 0..<24 {
                let along = (Float(i) - 11.5) / 12
                let y = flap + 0.07 - 0.13 * along * along
                c.stroke([Point(along * 0.72, y - 0.02), Point(along * 0.72 + 0.03, y - 0.02)], width: 0.014, thread)
            }
            for side in [-1, 1] as [Float] {
                let ring = Path.ring(Point(0.48 * side, -0.36), outer: 0.085, inner: 0.052)
                c.shadow(ring, offset: Point(0.01, 0.02), blur: 0.04)
                c.fill(ring, .vertical(-0.44, -0.28, Ramp(brass.lighter(0.5), brass, brass.darker(0.4))))
            }
            let clasp = Path.roundedRectangle(-0.11, flap - 0.05, 0.22, 0.26, 0.05)
            c.shadow(clasp, offset: Point(0.02, 0.03), blur: 0.06)
            c.fill(
                clasp,
                .linear(Point(-0.1, flap), Point(0.1, flap + 0.2), Ramp(brass.lighter(0.6), brass, brass.darker(0.45))))
            c.relief(clasp, radius: 0.04, amount: 0.5)
            c.fill(.circle(Point(0, flap + 0.08), 0.03), brass.darker(0.55))
        }
        canvas.develop(&rng, vignette: 0.1)
    }

    private static func drawHeadphones(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let ground = Palette(0xf2c230, 0xf4cb3f, 0xefb92c).varied(&rng, 0.6).pick(&rng)
        canvas.studio(&rng, wall: ground, floor: ground.lighter(0.12), horizon: h * 0.7)
        let shell = Palette(0x24262b, 0xf2f1ee, 0xb8322f, 0x24506b, 0x6f7b86, 0x2f6b57).varied(&rng, 0.6).pick(&rng)
        let pad = rng.chance(0.5) ? Color(hex: 0x2b2c30) : Color(hex: 0x8a5a38)
        let metal = Color(hex: 0xd3d6da)
        let size = canvas.side * rng.between(0.42, 0.48)
        let spread = rng.between(0.62, 0.72)
        canvas.place(at: Point(w * 0.5, h * rng.between(0.52, 0.57)), scale: size, angle: rng.between(-0.25, 0.25)) {
            c in
            let arc = "M \(-spread) 0.12 C \(-spread - 0.14) -1.15 \(spread + 0.14) -1.15 \(spread) 0.12"
            let bow = Path.stroke(arc, width: 0.13)
            c.shadow(bow, offset: Point(0.10, 0.14), blur: 0.18, Color(0.25, 0.12, 0, 0.5))
            c.fill(.stroke(arc, width: 0.075), .vertical(-0.9, 0.2, Ramp(metal.lighter(0.4), metal, metal.darker(0.3))))
            let padded = Path.stroke(
                "M \(-spread + 0.06) -0.48 C \(-spread + 0.2) -0.98 \(spread - 0.2) -0.98 \(spread - 0.06) -0.48",
                width: 0.17)
            c.fill(padded, shell)
            c.relief(padded, radius: 0.12, amount: 0.7)
            for side in [-1, 1] as [Float] {
                c.place(at: Point(side * spread, 0.32), scale: 1, stretch: Point(side, 1), angle: side * -0.1) { c in
                    c.fill(.roundedRectangle(-0.05, -0.5, 0.1, 0.5, 0.04), .horizontal(-0.05, 0.05, .cylinder(metal)))
                    let cushion = Path.roundedRectangle(-0.25, -0.36, 0.24, 0.74, 0.12)
                    c.shadow(cushion, offset: Point(0.1 * side, 0.14), blur: 0.16, Color(0.25, 0.12, 0, 0.5))
                    c.fill(cushion, pad)
                    c.relief(cushion, radius: 0.12, amount: 0.7)
                    let cup = Path.roundedRectangle(-0.06, -0.40, 0.28, 0.82, 0.17)
                    c.shadow(cup, offset: Point(0.08 * side, 0.10), blur: 0.14, Color(0.25, 0.12, 0, 0.5))
                    c.fill(cup, .horizontal(-0.06, 0.22, .cylinder(shell, gloss: 0.4)))
                    c.relief(cup, radius: 0.14, amount: 0.7)
                    c.fill(.roundedRectangle(0.05, -0.2, 0.04, 0.4, 0.02), metal.faded(0.85))
                }
            }
        }
        canvas.develop(&rng, vignette: 0.12)
    }
}
