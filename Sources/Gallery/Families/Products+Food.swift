import Foundation

/// Food.
extension GalleryFamily {
    static let foodProducts = [
        GalleryFamily("fruit-bowl", .wide, drawFruit),
        GalleryFamily("cupcake", .any, drawCupcake),
        GalleryFamily("pizza", .any, drawPizza),
    ]

    private static func drawFruit(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let cloth = Palette(0xdfe6ec, 0xe9e4da, 0xd8e3e0).varied(&rng, 0.7).pick(&rng)
        let wall = Palette(0x5f8a8b, 0x6d8f86, 0x56808f).varied(&rng).pick(&rng)
        canvas.studio(&rng, wall: wall, floor: cloth, horizon: h * rng.between(0.5, 0.58))
        canvas.texture(.rectangle(0, h * 0.55, w, h * 0.45), rng.noise(), size: Point(3, 3), amount: 0.08)
        let china = Palette(0xf4f1ea, 0x2f4f7a, 0xc56f43, 0x7fa38f).varied(&rng).pick(&rng)
        let size = canvas.side * rng.between(0.42, 0.5)
        let fruits: [(Color, Float)] = [
            (Color(hex: 0xc8232c), 0.25), (Color(hex: 0xf08a1d), 0.25), (Color(hex: 0x8fb83a), 0.24),
            (Color(hex: 0xf2cf3b), 0.21), (Color(hex: 0xd9482b), 0.24), (Color(hex: 0x7a1f3d), 0.19),
        ]
        canvas.place(at: Point(w * rng.between(0.44, 0.56), h * rng.between(0.58, 0.64)), scale: size) { c in
            c.footing(Point(0, 0.56), Point(0.52, 0.07))
            let rows: [(Int, Float)] = [(3, -0.46), (4, -0.27), (5, -0.10)]
            if rng.chance(0.7) {
                let flip: Float = rng.chance(0.5) ? 1 : -1
                for i in 0..<3 {
                    c.place(
                        at: Point(0.15 * flip, -0.34 - 0.07 * Float(i)), scale: 1, stretch: Point(flip, 1),
                        angle: flip * (0.1 - 0.16 * Float(i))
                    ) { c in
                        let banana = Path(
                            """
                            M -0.05 -0.36 C 0.35 -0.4 0.72 -0.2 0.85 0.12 L 0.8 0.16 C 0.6 -0.06 0.3 -0.16 -0.02 -0.2
                            Z
                            """
                        )
                        c.fill(banana, .vertical(-0.4, 0.1, Ramp(Color(hex: 0xf7dc57), Color(hex: 0xd9a520))))
                        c.relief(banana, radius: 0.07, amount: 0.6)
                        c.fill(.circle(Point(0.83, 0.14), 0.035), Color(hex: 0x4a3618))
                    }
                }
            }
            for (count, y) in rows {
                for i in 0..<count {
                    let x = (Float(i) - Float(count - 1) / 2) * 0.36 + rng.between(-0.04, 0.04)
                    let (color, radius) = rng.pick(fruits)
                    let at = Point(x, y + rng.between(-0.03, 0.03))
                    let r = radius * rng.between(0.9, 1.06)
                    c.shadow(.circle(at, r), offset: Point(0.03, 0.05), blur: 0.1, Color(0, 0, 0, 0.5))
                    c.ball(at, r, color.lit(rng.between(-0.1, 0.08)), gloss: 0.6)
                    c.texture(.circle(at, r * 0.97), rng.noise(), size: Point(0.04, 0.07), amount: 0.16)
                    if rng.chance(0.5) {
                        c.fill(
                            .stroke(
                                """
                                M \(at.x) \(at.y - r * 0.75)
                                Q \(at.x + 0.02) \(at.y - r * 1.05) \(at.x + 0.06) \(at.y - r * 1.15)
                                """,
                                width: 0.025), Color(hex: 0x4a331c))
                        c.leaf(
                            at + Point(0.03, -r * 0.98), angle: -0.3, size: 0.17, breadth: 0.4,
                            color: Color(hex: 0x5a9a3a))
                    }
                }
            }
            let bowl = Path("M -1 -0.06 C -0.95 0.4 -0.6 0.58 0 0.6 C 0.6 0.58 0.95 0.4 1 -0.06 Q 0 0.2 -1 -0.06 Z")
            c.fill(bowl, .horizontal(-1, 1, .cylinder(china, gloss: 0.4)))
            c.fill(bowl, .vertical(0, 0.6, Ramp(Color(0, 0, 0, 0), Color(0, 0, 0, 0.45))))
            c.fill(
                .stroke("M -1 -0.06 Q 0 0.2 1 -0.06", width: 0.045), .horizontal(-1, 1, .cylinder(china.lighter(0.3))))
            c.clipped(to: bowl) { c in
                c.fill(.stroke("M -1 0.08 Q 0 0.36 1 0.08", width: 0.03), china.darker(0.45).faded(0.7))
            }
        }
        canvas.develop(&rng)
    }

    private static func drawCupcake(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let wall = Palette(0xbfe3d6, 0xc3e6dc, 0xb6dfd8).varied(&rng, 0.6).pick(&rng)
        canvas.studio(&rng, wall: wall, floor: wall.lighter(0.35), horizon: h * rng.between(0.66, 0.74))
        let cream = Palette(0xf7b7cf, 0xfff1dc, 0x6a3f28, 0xf6d77e, 0xc8b3e6).varied(&rng, 0.6).pick(&rng)
        let paper = Palette(0xe8577e, 0xf2efe8, 0x7a4a32, 0x56b3b4, 0xf0a33b).varied(&rng).pick(&rng)
        let sprinkles = Palette(0xe8403a, 0x3a9ad9, 0xf6d238, 0x6cc04a, 0xffffff, 0xb04ac0)
        let size = canvas.side * rng.between(0.34, 0.4)
        let topping = rng.int(0, 2)
        let tiers = rng.int(4, 5)
        let pleats = Float(rng.int(11, 16))
        canvas.place(at: Point(w * rng.between(0.43, 0.57), h * rng.between(0.54, 0.6)), scale: size) { c in
            c.footing(Point(0, 0.93), Point(0.5, 0.07), strength: 0.4)
            let liner = Path("M -0.72 0.06 L -0.5 0.9 Q -0.48 0.96 0 0.97 Q 0.48 0.96 0.5 0.9 L 0.72 0.06 Z")
            c.fill(
                liner,
                .shader { p in
                    let half = 0.74 - 0.25 * p.y
                    let across = min(max(p.x / half, -1), 1)
                    let wrap = asin(across) * pleats / .pi
                    let pleat = abs(fraction(wrap) - 0.5) * 2
                    return paper.lit((pleat - 0.5) * 0.36 + 0.1 - 0.5 * smoothstep(-0.4, 1, across))
                })
            c.fill(
                .ellipse(Point(0, 0.06), Point(0.76, 0.17)), .horizontal(-0.75, 0.75, .cylinder(Color(hex: 0xb77a3f))))
            for tier in 0..<tiers {
                let up = Float(tier) / Float(tiers)
                let half = 0.78 * (1 - up * 0.78)
                let y = 0.0 - up * 0.98
                let thick = 0.19 * (1 - up * 0.25)
                let tilt: Float = -0.10
                let ring = Path.ellipse(Point(0, y), Point(half, thick), angle: tilt)
                c.shadow(ring, offset: Point(0.02, 0.07), blur: 0.1, cream.darker(0.6).faded(0.5))
                c.fill(
                    ring,
                    .horizontal(-half, half, Ramp(cream.darker(0.04), cream.lighter(0.3), cream, cream.darker(0.28))))
                c.relief(ring, radius: 0.16, amount: 0.55)
                for groove in 0..<7 {
                    let x = (-0.85 + 0.28 * Float(groove)) * half
                    let drop = thick * (1 - (x / half) * (x / half)).squareRoot()
                    c.fill(
                        .stroke(
                            "M \(x) \(y - drop * 0.4) Q \(x + 0.1) \(y) \(x + 0.04) \(y + drop * 0.9)", width: 0.022),
                        cream.darker(0.35).faded(0.35))
                }
            }
            let tip = Path("M -0.16 -0.9 C -0.1 -1.1 -0.05 -1.15 0.04 -1.24 C 0.06 -1.1 0.18 -1.05 0.17 -0.88 Z")
            c.fill(tip, cream)
            c.relief(tip, radius: 0.1, amount: 0.5)
            if topping != 1 {
                for _ in 0..<46 {
                    let up = rng.unit()
                    let half = 0.7 * (1 - up * 0.78)
                    let at = Point(rng.between(-1, 1) * half, 0.06 - up)
                    let turn = polar(rng.between(0, .pi), 0.035)
                    c.fill(
                        .stroke([at - turn + Point(0.008, 0.012), at + turn + Point(0.008, 0.012)], width: 0.026),
                        Color(0, 0, 0, 0.2))
                    c.stroke([at - turn, at + turn], width: 0.026, sprinkles.pick(&rng))
                }
            }
            if topping != 2 {
                c.fill(.stroke("M 0.02 -1.25 Q 0.05 -1.5 0.22 -1.6", width: 0.025), Color(hex: 0x4f7a2c))
                c.shadow(.circle(Point(0.02, -1.16), 0.15), offset: Point(0.02, 0.05), blur: 0.06)
                c.ball(Point(0.02, -1.18), 0.16, Color(hex: 0xc3142d), gloss: 1)
            }
        }
        canvas.develop(&rng, vignette: 0.08)
    }

    private static func drawPizza(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let slate = Palette(0x3b3d42, 0x34373b, 0x45423f).varied(&rng, 0.6).pick(&rng)
        canvas.flood(.solid(slate))
        canvas.texture(.rectangle(0, 0, canvas.w, canvas.h), rng.noise(), size: Point(60, 18), amount: 0.28, octaves: 4)
        let size = canvas.side * rng.between(0.40, 0.46)
        let bake = rng.noise()
        let edge = rng.noise()
        let at = canvas.center + Point(rng.between(-0.04, 0.04) * canvas.w, rng.between(-0.04, 0.04) * canvas.h)
        let sausage = rng.chance(0.75)
        let olives = rng.chance(0.5)
        let basil = rng.chance(0.7)
        let pepper = rng.chance(0.4)
        canvas.place(at: at, scale: size, angle: rng.between(0, 6)) { c in
            var outline: [Point] = []
            for i in 0..<90 {
                let angle = Float(i) / 90 * 2 * .pi
                let rough = edge.value(cos(angle) * 2.4 + 9, sin(angle) * 2.4 + 9) - 0.5
                outline.append(polar(angle, 1 + rough * 0.08))
            }
            let crust = Path.polygon(outline)
            c.shadow(crust, offset: Point(0.03, 0.05), blur: 0.16, Color(0, 0, 0, 0.7))
            c.fill(
                crust,
                .softShader { p in
                    let n = bake.fbm(p.x * 5 + 20, p.y * 5 + 20, octaves: 3)
                    let char = smoothstep(0.60, 0.80, n)
                    return Color(hex: 0xdba35c).lit((n - 0.5) * 0.5).mixed(with: Color(hex: 0x5a3216), char * 0.8)
                })
            c.relief(crust, radius: 0.12, amount: 0.5)
            let top = Path.polygon(outline.map { $0 * 0.86 })
            c.shadow(top, blur: 0.04, Color(hex: 0x8a2f14).faded(0.8))
            c.fill(
                top,
                .softShader { p in
                    let n = bake.fbm(p.x * 3.4 + 50, p.y * 3.4 + 50, octaves: 4)
                    let cheese = smoothstep(0.36, 0.52, n)
                    let brown = smoothstep(0.62, 0.78, bake.fbm(p.x * 6 + 80, p.y * 6, octaves: 3))
                    let melted = Color(hex: 0xf3cf78).mixed(with: Color(hex: 0xc98134), brown * 0.75)
                    return Color(hex: 0xb8391c).mixed(with: melted, cheese).lit((n - 0.5) * 0.35)
                })
            func scattered(_ count: Int, _ draw: (Point, inout SeededGenerator) -> Void) {
                for i in 0..<count {
                    let radius = ((Float(i) + 0.5) / Float(count)).squareRoot() * 0.76
                    let angle = Float(i) * 2.39996 + rng.between(-0.25, 0.25)
                    draw(polar(angle, radius), &rng)
                }
            }
            if sausage || !olives {
                scattered(rng.int(11, 16)) { spot, rng in
                    let radius = rng.between(0.10, 0.125)
                    let slice = Path.circle(spot, radius, steps: 40)
                    c.shadow(slice, offset: Point(0.01, 0.02), blur: 0.05)
                    c.fill(
                        slice,
                        .radial(spot, radius, Ramp(Color(hex: 0xc9432f), Color(hex: 0xb0301f), Color(hex: 0x7d1d13))))
                    c.texture(slice, rng.noise(), size: Point(0.03, 0.03), amount: 0.4)
                    c.relief(slice, radius: 0.05, amount: 0.35)
                }
            }
            if olives {
                scattered(rng.int(12, 20)) { spot, rng in
                    let at = spot + polar(rng.between(0, 6), 0.06)
                    let olive = Path.ring(at, outer: 0.052, inner: 0.024)
                    c.shadow(olive, offset: Point(0.008, 0.015), blur: 0.03)
                    c.fill(olive, Color(hex: 0x22202a))
                    c.relief(olive, radius: 0.03, amount: 0.6)
                }
            }
            if pepper {
                scattered(9) { spot, rng in
                    let turn = rng.between(0, 6)
                    let strip = Path.stroke((0...6).map { spot + polar(turn + Float($0) * 0.4, 0.11) }, width: 0.035)
                    c.shadow(strip, offset: Point(0.01, 0.02), blur: 0.04)
                    c.fill(strip, Color(hex: 0x4f9a35))
                    c.relief(strip, radius: 0.03, amount: 0.6)
                }
            }
            if basil {
                scattered(6) { spot, rng in
                    let turn = rng.between(0, 6)
                    c.leaf(spot, angle: turn, size: 0.2, breadth: 0.42, color: Color(hex: 0x3f8a34))
                    c.leaf(spot, angle: turn + 2.2, size: 0.15, breadth: 0.45, color: Color(hex: 0x357a2c))
                }
            }
            for cut in 0..<4 {
                let direction = polar(Float(cut) * .pi / 4, 0.98)
                c.stroke([direction * -1, direction], width: 0.012, Color(hex: 0x5a2a12).faded(0.65))
            }
        }
        canvas.sidelight(&rng, amount: 0.25)
        canvas.develop(&rng, vignette: 0.2)
    }
}
