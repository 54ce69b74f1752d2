import Foundation

/// Stone, wood, brick and boards.
extension GalleryFamily {
    static let materialPatterns = [
        GalleryFamily("marble", .any, drawMarble),
        GalleryFamily("wood-grain", .any, drawWood),
        GalleryFamily("brick-wall", .any, drawBricks),
        GalleryFamily("cobblestones", .any, drawCobbles),
        GalleryFamily("circuit-board", .any, drawCircuit),
    ]

    private static func drawMarble(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let tones = Palette(0xf2f1ef, 0xd5d6da, 0x7f858f, 0xb9a27c).varied(&rng, 0.5)
        let view = PatternView(canvas, &rng, across: rng.between(2.4, 4), turn: 3.2, tilt: 0)
        let warp = rng.noise()
        let veins = rng.noise()
        let gold = rng.between(0, 0.7)
        canvas.flood(
            .softShader { p in
                let q = view(p)
                let bendX = warp.fbm(q.x * 0.7 + 11, q.y * 0.7, octaves: 3) - 0.5
                let bendY = warp.value(q.x * 0.8 - 7, q.y * 0.8 + 31) - 0.5
                let x = q.x + bendX * 2.2
                let y = q.y * 0.7 + bendY * 1.6
                let broad = veins.ridged(x * 0.6, y * 0.9, octaves: 4)
                let fine = veins.ridged(x * 1.7 + 40, y * 2.1, octaves: 3)
                let deep = smoothstep(0.88, 1.0, broad)
                let thin = smoothstep(0.93, 1.0, fine) * smoothstep(0.6, 0.9, broad)
                let cloud = smoothstep(0.5, 0.95, broad) * 0.6
                let stone = tones[0].mixed(with: tones[1], cloud)
                return stone.mixed(with: tones[2], deep * 0.75).mixed(with: tones[3], thin * gold)
            })
        canvas.sidelight(&rng, amount: 0.15)
        canvas.develop(&rng, grain: 0.012)
    }

    private static func drawWood(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let woods = [
            Palette(0xb98550, 0x6e4424), Palette(0x9c6a3e, 0x553218), Palette(0xc2905c, 0x84532b),
            Palette(0x8a5a36, 0x472913),
        ]
        let wood = rng.pick(woods).varied(&rng)
        let view = PatternView(canvas, &rng, across: rng.between(3.2, 5.5), turn: 0.05, tilt: 0.12)
        let upright = rng.chance(0.5)
        let grain = rng.noise()
        let tone = rng.noise()
        let soft = view.pixel
        let knots = (0..<5).map { _ in Point(rng.between(-4, 4), rng.between(-3, 3)) }
        canvas.flood(
            .shader { p in
                let q = view(p)
                let along = upright ? q.y : q.x
                let across = upright ? q.x : q.y
                let plank = floorToInt(across)
                let v = fraction(across)
                let id = tone.lattice(plank, 3)
                var bend: Float = 0
                var core: Float = 0
                for knot in knots where floorToInt(knot.y) == plank {
                    let dx = (along - knot.x) * 1.1
                    let dy = (across - knot.y) * 3.2
                    let near = 1 / (0.25 + dx * dx + dy * dy)
                    bend += near * 0.12 * (across > knot.y ? 1 : -1)
                    core = max(core, smoothstep(0.32, 0.12, (dx * dx + dy * dy).squareRoot()))
                }
                var color = woodTone(grain, along * 1.1 + id * 70, v + bend + id * 13, light: wood[0], dark: wood[1])
                color = color.mixed(with: wood[1].darker(0.5), core * 0.85).lit((id - 0.5) * 0.3)
                let edge = min(v, 1 - v)
                return color.darker(smoothstep(0.022 + soft, 0.012, edge) * 0.75)
            })
        canvas.sidelight(&rng)
        canvas.develop(&rng)
    }

    private static func drawBricks(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let colors = Palette(0xa5482f, 0x8f3b29, 0xb65a3a, 0x7c3427, 0xa85640).varied(&rng)
        let mortar = Palette(0xc9c0b2, 0xb3aa9e, 0xd8d0c2).varied(&rng).pick(&rng)
        let view = PatternView(canvas, &rng, across: rng.between(7, 11), turn: 0.06, tilt: 0.45)
        let rough = rng.noise()
        let tone = rng.noise()
        let soft = view.pixel
        canvas.flood(
            .shader { p in
                let q = view(p)
                let row = floorToInt(q.y)
                let wobble = (rough.value(q.x * 5, q.y * 5) - 0.5) * 0.05
                let x = q.x / 2.3 + (row & 1 == 0 ? 0 : 0.5)
                let column = floorToInt(x)
                let u = fraction(x) * 2.3
                let v = fraction(q.y)
                let id = tone.lattice(column, row)
                let edge = min(min(u, 2.3 - u), min(v, 1 - v)) + wobble
                let pit = rough.fbm(q.x * 6, q.y * 6, octaves: 3) - 0.5
                let brick = colors[Int(id * 5)].lit((tone.lattice(column &+ 70, row) - 0.5) * 0.3 + pit * 0.55)
                // The upper left arris catches the light, the lower right one is dark.
                let lit = smoothstep(0.17, 0.07, min(v, u)) * 0.22 - smoothstep(0.2, 0.07, min(1 - v, 2.3 - u)) * 0.35
                let joint = mortar.lit(pit * 0.5 - 0.12 - smoothstep(0.12, 0, v) * 0.4)
                return brick.lit(lit).mixed(with: joint, smoothstep(0.075 + soft, 0.06 - soft, edge))
            })
        canvas.sidelight(&rng, amount: 0.45)
        canvas.develop(&rng)
    }

    private static func drawCobbles(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let colors = Palette(0x8c8f92, 0xb5b1a8, 0x6d7074, 0xa39a8c, 0xcfcac0, 0x7b7f86, 0x93806c).varied(&rng)
        let cells = Cells(&rng, jitter: 0.75)
        let view = PatternView(canvas, &rng, across: rng.between(6, 10), turn: 3, tilt: 0.35)
        let speck = rng.noise()
        canvas.flood(
            .shader { p in
                let q = view(p)
                let hit = cells.nearest(q.x, q.y)
                let base = colors[Int(hit.id * 7)]
                let dome = smoothstep(0.02, 0.42, hit.border)
                let toward = -(hit.offset.x * 0.55 + hit.offset.y * 0.8)
                let light = 0.02 + toward * 0.85 * (1.15 - dome) + dome * 0.12
                let grit = speck.fbm(q.x * 9 + hit.id * 50, q.y * 9, octaves: 2) - 0.5
                let layer = smoothstep(0.42, 0.5, speck.value(q.x * 1.2 + hit.id * 90, q.y * 3 + hit.id * 60))
                let stone = base.lit(light + grit * 0.35 + (hit.id > 0.6 ? layer * 0.12 : 0))
                return stone.darker(smoothstep(0.11, 0.0, hit.border) * 0.9)
            })
        canvas.sidelight(&rng)
        canvas.develop(&rng)
    }

    private static func drawCircuit(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let board = Palette(0x0f5a3a, 0x12633f, 0x0c4f38).varied(&rng, 0.6).pick(&rng)
        canvas.flood(.solid(board))
        canvas.texture(.rectangle(0, 0, canvas.w, canvas.h), rng.noise(), size: Point(40, 40), amount: 0.2)
        let pitch = canvas.side / rng.between(26, 34)
        let track = board.lighter(0.16)
        let columns = Int(canvas.w / pitch)
        let rows = Int(canvas.h / pitch)
        let steps = [
            Point(1, 0), Point(1, 1), Point(0, 1), Point(-1, 1), Point(-1, 0), Point(-1, -1), Point(0, -1),
            Point(1, -1),
        ]
        for _ in 0..<130 {
            var at = Point(Float(rng.int(0, columns)), Float(rng.int(0, rows))) * pitch
            var heading = rng.int(0, 3) * 2
            var points = [at]
            for _ in 0..<rng.int(2, 5) {
                at += steps[heading] * (pitch * Float(rng.int(2, 7)))
                points.append(at)
                heading = (heading + rng.pick([1, 7])) % 8
            }
            canvas.stroke(points, width: pitch * 0.26, track)
            for end in [points[0], at] {
                canvas.fill(.circle(end, pitch * 0.34, steps: 20), Color(hex: 0xd7b45a))
                canvas.fill(.circle(end, pitch * 0.15, steps: 12), board.darker(0.6))
            }
        }
        for _ in 0..<rng.int(4, 7) {
            let size = Point(Float(rng.int(4, 9)), Float(rng.int(3, 6))) * pitch
            let at = Point(rng.between(0, canvas.w - size.x), rng.between(0, canvas.h - size.y))
            drawChip(&canvas, at: at, size: size, pitch: pitch)
        }
        for _ in 0..<rng.int(12, 22) {
            let at = Point(rng.between(0, canvas.w), rng.between(0, canvas.h))
            let tone = rng.pick([Color(hex: 0x24201e), Color(hex: 0xb79b73), Color(hex: 0x8a8d92)])
            canvas.place(at: at, scale: pitch, angle: rng.chance(0.5) ? 0 : .pi / 2) { c in
                let body = Path.roundedRectangle(-0.9, -0.45, 1.8, 0.9, 0.08)
                c.shadow(body, offset: Point(0.15, 0.2), blur: 0.3)
                c.fill(body, .vertical(-0.45, 0.45, Ramp(Color(gray: 0.93), Color(gray: 0.65))))
                c.fill(
                    .rectangle(-0.55, -0.45, 1.1, 0.9),
                    .vertical(-0.45, 0.45, Ramp(tone.lighter(0.2), tone.darker(0.2))))
            }
        }
        for _ in 0..<rng.int(2, 4) {
            let at = Point(rng.between(0, canvas.w), rng.between(0, canvas.h))
            let radius = pitch * rng.between(1.1, 1.8)
            canvas.shadow(.circle(at, radius), offset: Point(radius * 0.4, radius * 0.5), blur: radius * 0.6)
            canvas.fill(.circle(at, radius), .horizontal(at.x - radius, at.x + radius, .cylinder(Color(hex: 0x1d2c55))))
            canvas.fill(
                .circle(at, radius * 0.82), .horizontal(at.x - radius, at.x + radius, .cylinder(Color(hex: 0xc9ccd1))))
            canvas.stroke([at - Point(radius * 0.5, 0), at + Point(radius * 0.5, 0)], width: 1.4, Color(gray: 0.5))
        }
        canvas.sidelight(&rng, amount: 0.35)
        canvas.develop(&rng)
    }

    private static func drawChip(_ canvas: inout Canvas, at: Point, size: Point, pitch: Float) {
        let pins = Int(size.x / pitch)
        for pin in 0..<pins {
            let x = at.x + (Float(pin) + 0.5) * size.x / Float(pins) - pitch * 0.18
            let metal = Ramp(Color(gray: 0.9), Color(gray: 0.55))
            canvas.fill(
                .rectangle(x, at.y - pitch * 0.6, pitch * 0.36, size.y + pitch * 1.2),
                .horizontal(x, x + pitch * 0.36, metal))
        }
        let body = Path.roundedRectangle(at.x, at.y, size.x, size.y, pitch * 0.15)
        canvas.shadow(body, offset: Point(pitch * 0.25, pitch * 0.35), blur: pitch * 0.6)
        canvas.fill(body, .linear(at, at + size, Ramp(Color(gray: 0.27), Color(gray: 0.14), Color(gray: 0.10))))
        canvas.fill(.circle(at + Point(pitch * 0.6, pitch * 0.6), pitch * 0.22, steps: 16), Color(gray: 0.06))
        for line in 0..<2 {
            let y = at.y + size.y * (0.45 + 0.2 * Float(line))
            canvas.fill(
                .rectangle(at.x + size.x * 0.2, y, size.x * (0.55 - 0.15 * Float(line)), pitch * 0.16),
                Color(gray: 0.6, alpha: 0.7))
        }
    }
}
