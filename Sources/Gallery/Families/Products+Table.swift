import Foundation

/// Things that stand on a table or a shelf.
extension GalleryFamily {
    static let tableProducts = [
        GalleryFamily("mug", .any, drawMug),
        GalleryFamily("wine-bottle", .tall, drawBottle),
        GalleryFamily("bookshelf", .any, drawBooks),
        GalleryFamily("potted-plant", .tall, drawPlant),
    ]

    private static func drawMug(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let h = canvas.h
        canvas.table(
            &rng, edge: h * rng.between(0.46, 0.56), light: Color(hex: 0xc79a66), dark: Color(hex: 0x7d5230),
            wall: Palette(0x8b8175, 0x7f857f, 0x94857a).varied(&rng).pick(&rng))
        let glaze = Color(hue: rng.between(0, 360), saturation: rng.between(0.35, 0.8), value: rng.between(0.6, 0.92))
        let style = rng.int(0, 3)
        let accent = rng.chance(0.5) ? Color(0.97, 0.95, 0.91) : glaze.darker(0.5)
        let flip: Float = rng.chance(0.5) ? 1 : -1
        let size = canvas.side * rng.between(0.29, 0.36)
        let at = Point(canvas.w * rng.between(0.42, 0.58), h * rng.between(0.52, 0.6))
        let steam = rng.noise()
        let tall = rng.between(0.9, 1.15)
        canvas.place(at: at, scale: size, stretch: Point(flip, tall)) { c in
            c.footing(Point(0, 0.78), Point(0.66, 0.10))
            let handle = Path.stroke("M 0.54 -0.44 C 1.12 -0.56 1.16 0.46 0.5 0.36", width: 0.16)
            c.fill(handle, glaze.darker(0.15))
            c.relief(handle, radius: 0.1, amount: 0.8)
            let body = Path("M -0.64 -0.7 L -0.58 0.58 Q -0.55 0.84 0 0.86 Q 0.55 0.84 0.58 0.58 L 0.64 -0.7 Z")
            c.fill(body, .horizontal(-0.64, 0.64, .cylinder(glaze, gloss: 0.45)))
            c.clipped(to: body) { c in
                switch style {
                case 0:
                    for y in [-0.25, 0.0, 0.25] as [Float] {
                        c.fill(
                            .stroke("M -0.7 \(y) Q 0 \(y + 0.28) 0.7 \(y)", width: 0.10),
                            .horizontal(-0.64, 0.64, .cylinder(accent)))
                    }
                case 1:
                    c.fill(
                        Path("M -0.7 0.2 Q 0 0.48 0.7 0.2 L 0.7 1 L -0.7 1 Z"),
                        .horizontal(-0.64, 0.64, .cylinder(accent)))
                case 2:
                    for i in 0..<24 {
                        let place = Point(-0.55 + 0.22 * Float(i % 6), -0.45 + 0.3 * Float(i / 6) + 0.08 * Float(i % 2))
                        c.fill(.circle(place, 0.055, steps: 20), accent.faded(0.9))
                    }
                default:
                    c.fill(
                        Path("M 0 0.42 C -0.5 0.05 -0.3 -0.3 0 -0.08 C 0.3 -0.3 0.5 0.05 0 0.42 Z"), accent.faded(0.92))
                }
                c.fill(
                    .rectangle(0.12, -1, 0.6, 2), .horizontal(0.12, 0.7, Ramp(Color(0, 0, 0, 0), Color(0, 0, 0, 0.28))))
                c.shadow(Path("M -0.42 -0.5 L -0.34 -0.46 L -0.3 0.5 L -0.38 0.5 Z"), blur: 0.08, Color(1, 1, 1, 0.6))
            }
            let mouth = Point(0, -0.7)
            c.fill(.ellipse(mouth, Point(0.64, 0.155)), glaze.lighter(0.35))
            let inside = Path.ellipse(mouth + Point(0, 0.012), Point(0.585, 0.128))
            c.fill(inside, .horizontal(-0.6, 0.6, Ramp(glaze.darker(0.45), glaze.lighter(0.1))))
            c.clipped(to: inside) { c in
                let coffee = Point(0, -0.64)
                c.fill(
                    .ellipse(coffee, Point(0.56, 0.12)),
                    .horizontal(-0.5, 0.5, Ramp(Color(hex: 0x2a1409), Color(hex: 0x5a331b))))
                c.fill(.ring(coffee, outer: 0.2, inner: 0.17), Color(0.6, 0.42, 0.25, 0.3))
            }
            c.fill(
                .rectangle(-0.55, -1.9, 1.1, 1.25),
                .softShader { p in
                    let rise = (-0.65 - p.y) / 1.25
                    let drift = (steam.value(p.y * 2.2, 4) - 0.5) * 0.7 * rise
                    let wisp = steam.fbm((p.x + drift) * 4, p.y * 1.3 + 9, octaves: 3)
                    let spread = max(0, 1 - abs(p.x + drift) / (0.3 + 0.25 * rise))
                    let veil = smoothstep(0.48, 0.8, wisp) * spread * (1 - rise) * smoothstep(0, 0.12, rise)
                    return Color(1, 1, 1, 0.5 * veil)
                })
        }
        canvas.develop(&rng, vignette: 0.25)
    }

    private static func drawBottle(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0x3c2630, 0x2f2733, 0x40292a).varied(&rng).pick(&rng)
        let edge = h * rng.between(0.76, 0.84)
        canvas.table(&rng, edge: edge, light: Color(hex: 0x6b452b), dark: Color(hex: 0x35200f), wall: wall, lamps: 3)
        canvas.glow(Point(w * rng.between(0.4, 0.6), h * 0.45), h * 0.55, Color(0.85, 0.55, 0.38, 0.36))
        let glass = Palette(0x1f3a24, 0x2d3d17, 0x3a2415, 0x1c2b2e).varied(&rng).pick(&rng)
        let paper = Palette(0xf2ead6, 0xe9e3d4, 0x20232b, 0xf6f2e8).pick(&rng)
        let foil = Palette(0x7d1a26, 0xb08a3e, 0x1e2126, 0x2b4a6b).pick(&rng)
        let size = h * rng.between(0.36, 0.41)
        let beside = rng.chance(0.55)
        let x = w * (beside ? rng.between(0.36, 0.44) : rng.between(0.45, 0.55))
        let foot = edge + (h - edge) * 0.35
        let shoulder = rng.between(-0.42, -0.25)
        canvas.place(at: Point(x, foot - size), scale: size) { c in
            c.footing(Point(0.02, 1), Point(0.29, 0.03), strength: 0.7)
            let body = Path(
                """
                M -0.085 -0.95 L 0.085 -0.95 L 0.09 -0.6
                C 0.1 \(shoulder) 0.28 \(shoulder + 0.05) 0.28 \(shoulder + 0.3) L 0.28 0.94
                Q 0.27 1.02 0 1.02 Q -0.27 1.02 -0.28 0.94 L -0.28 \(shoulder + 0.3)
                C -0.28 \(shoulder + 0.05) -0.1 \(shoulder) -0.09 -0.6 Z
                """
            )
            c.fill(
                body,
                .horizontal(
                    -0.28, 0.28,
                    Ramp([
                        (0, glass.darker(0.55)), (0.12, glass.lighter(0.10)), (0.22, glass.darker(0.25)),
                        (0.6, glass.darker(0.5)),
                        (0.86, glass.lighter(0.14)), (1, glass.darker(0.6)),
                    ])))
            c.relief(body, radius: 0.12, amount: 0.6)
            c.clipped(to: body) { c in
                c.shadow(
                    Path("M -0.2 \(shoulder + 0.3) L -0.16 \(shoulder + 0.26) L -0.16 0.9 L -0.2 0.9 Z"), blur: 0.025,
                    Color(1, 1, 1, 0.55))
                c.shadow(.rectangle(-0.055, -0.62, 0.02, 0.3), blur: 0.02, Color(1, 1, 1, 0.5))
                let label = Path("M -0.29 0.12 Q 0 0.16 0.29 0.12 L 0.29 0.72 Q 0 0.76 -0.29 0.72 Z")
                c.fill(label, .horizontal(-0.28, 0.28, .cylinder(paper, gloss: 0.1)))
                let ink = paper.rgba.x > 0.5 ? Color(hex: 0x3a2a22) : Color(hex: 0xd9b96a)
                c.fill(.star(Point(0, 0.28), spikes: rng.int(5, 9), outer: 0.075, inner: 0.04), foil)
                for i in 0..<3 {
                    let half = 0.15 - 0.035 * Float(i)
                    c.fill(.rectangle(-half, 0.42 + 0.075 * Float(i), half * 2, i == 0 ? 0.03 : 0.014), ink.faded(0.8))
                }
                c.fill(.rectangle(-0.3, 0.66, 0.6, 0.012), foil)
                c.fill(.rectangle(-0.12, -1, 0.24, 0.38), .horizontal(-0.09, 0.09, .cylinder(foil)))
            }
            c.fill(.roundedRectangle(-0.098, -0.97, 0.196, 0.07, 0.02), .horizontal(-0.1, 0.1, .cylinder(foil)))
        }
        if beside {
            let wine = rng.chance(0.65) ? Color(hex: 0x6b0f22) : Color(hex: 0xe3c766)
            canvas.place(at: Point(x + size * rng.between(0.58, 0.7), foot - size * 0.48), scale: size * 0.5) { c in
                c.footing(Point(0, 1.03), Point(0.42, 0.05), strength: 0.6)
                c.fill(.ellipse(Point(0, 1.0), Point(0.42, 0.07)), Color(0.85, 0.85, 0.9, 0.35))
                c.fill(
                    .taperedStroke([Point(0, 0.28), Point(0, 0.95)], from: 0.09, to: 0.06),
                    .horizontal(-0.04, 0.04, Ramp(Color(1, 1, 1, 0.6), Color(0.4, 0.4, 0.45, 0.3))))
                let bowl = Path("M -0.36 -0.9 C -0.56 -0.2 -0.4 0.3 0 0.32 C 0.4 0.3 0.56 -0.2 0.36 -0.9 Z")
                c.fill(bowl, Color(0.9, 0.92, 1, 0.16))
                c.clipped(to: bowl) { c in
                    c.fill(
                        .rectangle(-1, -0.25, 2, 1),
                        .horizontal(-0.45, 0.45, Ramp(wine.lighter(0.2), wine, wine.darker(0.5))))
                    c.fill(.ellipse(Point(0, -0.25), Point(0.48, 0.07)), wine.lighter(0.25))
                    c.shadow(
                        Path("M -0.36 -0.5 L -0.3 -0.5 L -0.3 0.0 L -0.35 -0.05 Z"), blur: 0.05, Color(1, 1, 1, 0.7))
                }
                c.fill(
                    .ellipse(Point(0, -0.9), Point(0.36, 0.05)).hole(.ellipse(Point(0, -0.9), Point(0.34, 0.035))),
                    Color(1, 1, 1, 0.6))
            }
        }
        canvas.develop(&rng, grain: 0.03, vignette: 0.35)
    }

    private static func drawBooks(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wood = Palette(0x8a5d38, 0x6f4526, 0x9c7046).varied(&rng).pick(&rng)
        canvas.flood(.solid(wood.darker(0.75)))
        let covers = Palette(
            0x7b2d26, 0x1f3b4d, 0x3f5b3a, 0xc9a24b, 0x4a2f5c, 0xd8cbb0, 0x92452b, 0x24506b, 0x8c8f86, 0xb5532f
        ).varied(&rng)
        let shelves = rng.int(2, 3)
        let bay = h / Float(shelves)
        let board = bay * 0.09
        for shelf in 0..<shelves {
            let top = Float(shelf) * bay + rng.between(-0.02, 0.02) * bay
            let foot = top + bay - board
            var x: Float = -bay * rng.between(0, 0.1)
            while x < w {
                let thick = bay * rng.between(0.06, 0.17)
                let tall = (bay - board) * rng.between(0.66, 0.94)
                if rng.chance(0.05) { x += thick }
                let lean = rng.chance(0.06) ? rng.between(0.05, 0.14) : 0
                let cover = covers.pick(&rng).lit(rng.between(-0.15, 0.12))
                drawSpine(
                    &canvas, &rng, foot: Point(x + lean * tall, foot), thick: thick, tall: tall, lean: lean,
                    cover: cover)
                x += thick + lean * tall + bay * 0.004
            }
            canvas.fill(
                .rectangle(0, top, w, bay * 0.3), .vertical(top, top + bay * 0.3, Ramp(Color(0, 0, 0, 0.6), .clear)))
            let plank = Path.rectangle(0, foot, w, board)
            canvas.fill(plank, .vertical(foot, foot + board, Ramp(wood.lighter(0.22), wood, wood.darker(0.3))))
            canvas.texture(plank, rng.noise(), size: Point(60, 2.5), amount: 0.35)
        }
        canvas.sidelight(&rng, amount: 0.4)
        canvas.develop(&rng, vignette: 0.25)
    }

    private static func drawSpine(
        _ canvas: inout Canvas, _ rng: inout SeededGenerator, foot: Point, thick: Float, tall: Float, lean: Float,
        cover: Color
    ) {
        let ink = rng.pick([Color(hex: 0xe3c477), Color(0.95, 0.93, 0.88), cover.darker(0.6)])
        let bands = rng.chance(0.5)
        let label = rng.chance(0.35)
        let title = rng.between(0.25, 0.5)
        canvas.place(at: foot, scale: 1, angle: -lean) { c in
            let spine = Path.roundedRectangle(0, -tall, thick, tall, thick * 0.08)
            c.fill(spine, .horizontal(0, thick, .cylinder(cover, gloss: 0.22)))
            if label {
                c.fill(
                    .rectangle(0, -tall * 0.85, thick, tall * 0.26),
                    .horizontal(0, thick, .cylinder(cover.darker(0.55), gloss: 0.15)))
            }
            if bands {
                for y in [0.06, 0.1, 0.9, 0.94] as [Float] {
                    c.fill(.rectangle(thick * 0.04, -tall * y, thick * 0.92, max(tall * 0.009, 1)), ink.faded(0.8))
                }
            }
            let lines = thick > 24 ? 2 : 1
            for line in 0..<lines {
                let at = thick * (lines == 1 ? 0.38 : 0.25 + 0.3 * Float(line))
                c.fill(.rectangle(at, -tall * 0.8, thick * 0.2, tall * title * (line == 0 ? 1 : 0.7)), ink.faded(0.75))
            }
            c.fill(.rectangle(thick - 1, -tall, 1, tall), Color(0, 0, 0, 0.5))
        }
    }

    private static func drawPlant(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0xe9e6df, 0xdfe6e2, 0xece3da).varied(&rng, 0.7).pick(&rng)
        canvas.studio(&rng, wall: wall, floor: wall.darker(0.12), horizon: h * 0.82)
        // Light through a window, thrown across the wall.
        let slide = rng.between(-0.2, 0.3) * w
        for pane in 0..<4 {
            let x = slide + w * 0.34 * Float(pane % 2) + w * 0.15
            let y = h * 0.06 + h * 0.30 * Float(pane / 2)
            let light = Path.polygon([
                Point(x, y), Point(x + w * 0.3, y + h * 0.07), Point(x + w * 0.3, y + h * 0.33), Point(x, y + h * 0.26),
            ])
            canvas.shadow(light, blur: 9, Color(1, 0.96, 0.85, 0.3))
        }
        let pot = Palette(0xb8623c, 0xc2734a, 0xe8e2d8, 0x4f6d7a, 0xa9532f).varied(&rng).pick(&rng)
        let size = canvas.side * rng.between(0.31, 0.38)
        let kind = rng.int(0, 2)
        let at = Point(w * rng.between(0.44, 0.56), h * rng.between(0.70, 0.75))
        let green = Color(hue: rng.between(100, 150), saturation: rng.between(0.5, 0.7), value: rng.between(0.42, 0.62))
        canvas.place(at: at, scale: size) { c in
            c.footing(Point(0.05, 0.66), Point(0.52, 0.07))
            let stems = kind == 0 ? 15 : (kind == 1 ? 11 : 22)
            for i in 0..<stems {
                let along = Float(i) / Float(stems - 1) * 2 - 1
                let order = Float((i * 7) % stems) / Float(stems)
                let spread = (Float((i * 5) % stems) / Float(stems - 1) * 2 - 1) * 0.95 + along * 0.1
                let tone = green.lit(-0.3 + 0.45 * order + rng.between(-0.08, 0.08))
                let angle = -.pi / 2 + spread * (kind == 1 ? 0.45 : 1.15)
                if kind == 1 {
                    c.leaf(
                        Point(spread * 0.3, -0.45), angle: angle, size: rng.between(1.2, 2.0), breadth: 0.11,
                        color: tone)
                    continue
                }
                let reach = (kind == 0 ? rng.between(0.55, 1.35) : rng.between(0.3, 1.45)) * (1 - abs(spread) * 0.25)
                let tip = Point(0, -0.45) + polar(angle, reach)
                let bend = (Point(spread * 0.15, -0.45) + tip) / 2 + Point(0, -0.15)
                let stem = Path.smoothPolyline([Point(spread * 0.2, -0.4), bend, tip], closed: false)
                c.fill(.taperedStroke(stem, from: 0.05, to: 0.02), green.darker(0.3))
                c.leaf(
                    tip, angle: angle + rng.between(-0.5, 0.5) + spread * 0.5,
                    size: kind == 0 ? rng.between(0.55, 0.8) : rng.between(0.3, 0.48), breadth: kind == 0 ? 0.5 : 0.36,
                    color: tone)
            }
            let body = Path("M -0.52 -0.42 L -0.38 0.6 Q -0.36 0.7 0 0.71 Q 0.36 0.7 0.38 0.6 L 0.52 -0.42 Z")
            c.fill(body, .horizontal(-0.52, 0.52, .cylinder(pot, gloss: 0.3)))
            c.texture(body, rng.noise(), size: Point(0.2, 0.05), amount: 0.10)
            c.clipped(to: body) { c in c.shadow(.rectangle(-0.6, -0.45, 1.2, 0.2), blur: 0.12, Color(0, 0, 0, 0.45)) }
            let rim = Path.roundedRectangle(-0.58, -0.6, 1.16, 0.24, 0.05)
            c.fill(rim, .horizontal(-0.58, 0.58, .cylinder(pot.lighter(0.05), gloss: 0.35)))
        }
        canvas.develop(&rng)
    }
}
