import Foundation

/// Flat geometry: tiles, stripes, dots, rings, mosaic.
extension GalleryFamily {
    static let geometricPatterns = [
        GalleryFamily("checkerboard", .any, drawCheckerboard),
        GalleryFamily("stripes", .any, drawStripes),
        GalleryFamily("polka-dots", .any, drawDots),
        GalleryFamily("concentric-rings", .any, drawRings),
        GalleryFamily("mosaic", .any, drawMosaic),
    ]

    private static func drawCheckerboard(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let view = PatternView(canvas, &rng, across: rng.between(6, 9), turn: .pi / 4, tilt: 0.45)
        let dark = Palette(0x17181c, 0x2a1d18, 0x1a2333).pick(&rng)
        let light = Palette(0xf1ede4, 0xe8dcc6, 0xf4f4f2).pick(&rng)
        let veins = rng.noise()
        let soft = view.pixel * 0.8
        canvas.flood(
            .shader { p in
                let q = view(p)
                let u = fraction(q.x)
                let v = fraction(q.y)
                let odd = (floorToInt(q.x) &+ floorToInt(q.y)) & 1 == 0
                let vein = smoothstep(0.90, 1, veins.ridged(q.x * 0.9, q.y * 0.9, octaves: 3))
                let cloud = veins.value(q.x * 1.3, q.y * 1.3) - 0.5
                let stone = odd ? dark.lighter(vein * 0.18) : light.darker(vein * 0.22)
                let edge = min(min(u, 1 - u), min(v, 1 - v))
                let joint = smoothstep(0.018 + soft, 0.018, edge)
                return stone.lit(cloud * 0.12).mixed(with: Color(hex: 0x6f6a62), joint)
            })
        let shine = Point(canvas.w * rng.between(0.2, 0.8), canvas.h * rng.between(0, 0.5))
        canvas.glow(shine, canvas.side * 0.6, Color(1, 1, 1, 0.2))
        canvas.sidelight(&rng)
        canvas.develop(&rng)
    }

    private static func drawStripes(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let schemes = [
            Palette(0xf6f1e6, 0xc8352f, 0xf6f1e6, 0xc8352f), Palette(0xf6f1e6, 0xd9582b, 0xf6f1e6, 0xb3282d),
            Palette(0xf9ead0, 0xd2382e, 0xf0a33b, 0xd2382e), Palette(0xf6f1e6, 0xb01f3a, 0xf6f1e6, 0xe88a7a),
        ]
        let colors = rng.pick(schemes).varied(&rng, 0.7)
        let widths = rng.pick([[1, 1, 1, 1], [1.4, 0.6, 1.4, 0.6], [1, 1.3, 0.5, 1.3]] as [[Float]])
        let period = widths.reduce(0, +)
        let view = PatternView(canvas, &rng, across: rng.between(9, 15), turn: 0.5, tilt: 0.15)
        let thread = rng.noise()
        let soft = view.pixel * 0.7
        canvas.flood(
            .shader { p in
                let q = view(p)
                let at = fraction(q.x / period) * period
                var color = colors[0]
                var start: Float = 0
                for i in 0..<4 {
                    color = color.mixed(with: colors[i], smoothstep(start - soft, start + soft, at))
                    start += widths[i]
                }
                color = color.mixed(with: colors[0], smoothstep(period - soft, period + soft, at))
                let weave = thread.value(q.x * 22, q.y * 3) + thread.value(q.x * 3, q.y * 22) - 1
                return color.lit(weave * 0.13)
            })
        canvas.folds(&rng, amount: 0.4)
        canvas.develop(&rng)
    }

    private static func drawDots(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let ground = Palette(0xf7c9d4, 0xf9d3cf, 0xf4b9cc, 0xf6d5de).varied(&rng).pick(&rng)
        let schemes = [
            Palette(0xffffff), Palette(0xffffff, 0xe8578a), Palette(0xd93a6a), Palette(0xffffff, 0x6fc3c9, 0xf2c14b),
        ]
        let dots = rng.pick(schemes).varied(&rng, 0.4)
        let view = PatternView(canvas, &rng, across: rng.between(5, 9), turn: 0.7, tilt: 0.2)
        let radius = rng.between(0.24, 0.36)
        let staggered = rng.chance(0.7)
        let pick = rng.noise()
        let thread = rng.noise()
        let soft = view.pixel * 0.8
        canvas.flood(
            .shader { p in
                let q = view(p)
                let row = floorToInt(q.y)
                let x = q.x + (staggered && row & 1 == 1 ? 0.5 : 0)
                let column = floorToInt(x)
                let offset = Point(fraction(x) - 0.5, fraction(q.y) - 0.5)
                let inside = smoothstep(radius + soft, radius - soft, length(offset))
                let which = Int(pick.lattice(column, row) * Float(dots.colors.count))
                let weave = thread.value(q.x * 30, q.y * 5) + thread.value(q.x * 5, q.y * 30) - 1
                return ground.mixed(with: dots[which], inside).lit(weave * 0.09)
            })
        canvas.folds(&rng, amount: 0.26)
        canvas.develop(&rng)
    }

    private static func drawRings(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let schemes = [
            Palette(0x12496b, 0x1f8a8c, 0xf2e6c9, 0xe9a23b), Palette(0x0f3b57, 0x2a9d8f, 0xf4efe1, 0x8ecae6),
            Palette(0x16324f, 0x3c91a8, 0xefe3c2, 0xd98e2b),
        ]
        let colors = rng.pick(schemes).varied(&rng)
        let shift = Point(rng.between(-0.3, 0.3), rng.between(-0.3, 0.3)) * Point(canvas.w, canvas.h) * 0.6
        let center = canvas.center + shift
        let rings = rng.between(7, 12)
        let unit = canvas.side * 1.1 / rings / 1.6
        let wobble = rng.noise()
        let paper = rng.noise()
        let uneven = rng.between(0, 0.25)
        canvas.flood(
            .shader { p in
                let d = p - center
                let r = length(d) / unit
                let wave = (wobble.value(d.x / unit * 0.35 + 9, d.y / unit * 0.35 + 9) - 0.5) * uneven
                let at = r + wave
                let ring = Int(at)
                let u = at - Float(ring)
                let edge = smoothstep(1 - 1.4 / unit, 1, u)
                let color = colors[ring].mixed(
                    with: colors[ring + 1], edge)
                // Each ring lies like a cut sheet a little above the next: a shadow at its inner side.
                let shade = smoothstep(0.28, 0, u) * 0.34
                let fibre = paper.fbm(p.x * 0.12, p.y * 0.12, octaves: 3) - 0.5
                return color.lit(fibre * 0.16).darker(ring == 0 ? 0 : shade)
            })
        canvas.sidelight(&rng)
        canvas.develop(&rng)
    }

    private static func drawMosaic(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let schemes = [
            Palette(0x1b3a8c, 0x2f6fd0, 0x7a2fa0, 0xc22f7d, 0xf2b632, 0x1fa37a),
            Palette(0x22318f, 0x4a3fc0, 0xa02f8f, 0xe0483e, 0xf7c948, 0x2f9fd0),
        ]
        let colors = rng.pick(schemes).varied(&rng)
        let cells = Cells(&rng, jitter: 0.85)
        let view = PatternView(canvas, &rng, across: rng.between(7, 11), turn: 3, tilt: 0.1)
        let glass = rng.noise()
        let soft = view.pixel
        canvas.flood(
            .shader { p in
                let q = view(p)
                let hit = cells.nearest(q.x, q.y)
                let color = colors[Int(hit.id * 6)]
                let streak = glass.fbm(q.x * 3 + hit.id * 40, q.y * 6, octaves: 2) - 0.5
                let bevel = smoothstep(0.16, 0.03, hit.border)
                let facing = -(hit.offset.x * 0.6 + hit.offset.y * 0.8)
                let glow = 0.16 - length(hit.offset) * 0.34
                let lit = color.lit(streak * 0.5 + glow + bevel * facing * 0.9)
                let lead = smoothstep(0.032 + soft, 0.032 - soft * 0.5, hit.border)
                return lit.mixed(with: Color(hex: 0x1a1a1e), lead)
            })
        canvas.glow(canvas.center, canvas.side * 0.8, Color(1, 0.95, 0.8, 0.22))
        canvas.develop(&rng, vignette: 0.3)
    }
}
