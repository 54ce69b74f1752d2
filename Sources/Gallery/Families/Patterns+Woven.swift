import Foundation

/// Cloth, yarn and parquet.
extension GalleryFamily {
    static let wovenPatterns = [
        GalleryFamily("tartan", .any, drawTartan),
        GalleryFamily("knitted-fabric", .any, drawKnit),
        GalleryFamily("herringbone-parquet", .any, drawHerringbone),
        GalleryFamily("denim", .any, drawDenim),
    ]

    private static func drawTartan(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let schemes = [
            Palette(0x7d1620, 0x123524, 0x0e1a3c, 0xe8c34a, 0xf2efe6),
            Palette(0x14402b, 0x101c40, 0x0b0f14, 0xd8b23c, 0xf0ede2),
            Palette(0x8a1822, 0x14213d, 0x1f4d35, 0xf4f1e8, 0xe5b93f),
        ]
        let colors = rng.pick(schemes).varied(&rng, 0.6)
        // A sett: the order and the breadth of the threads, mirrored about both ends, the same in warp and weft.
        var threads: [Int] = []
        let order = rng.pick([[0, 1, 2, 1, 3], [0, 2, 1, 4, 0], [0, 1, 0, 2, 4]])
        for color in order {
            let breadth = color > 2 ? rng.int(2, 3) : rng.int(8, 18)
            threads += Array(repeating: color, count: breadth)
        }
        let sett = threads + threads.reversed()
        let period = Int32(sett.count)
        let view = PatternView(canvas, &rng, across: Float(sett.count) * rng.between(1.7, 2.6), turn: 0.5, tilt: 0.15)
        func thread(_ index: Int32) -> Color {
            let wrapped = index % period
            return colors[sett[Int(wrapped < 0 ? wrapped + period : wrapped)]]
        }
        canvas.flood(
            .shader { p in
                let q = view(p)
                let column = floorToInt(q.x)
                let row = floorToInt(q.y)
                // Twill, two over and two under, one thread on in each row.
                let over = (column &+ row) & 3 < 2
                let across = fraction(over ? q.x : q.y) - 0.5
                let color = over ? thread(column) : thread(row)
                return color.lit(0.10 - across * across * 1.1)
            })
        canvas.folds(&rng, amount: 0.3)
        canvas.develop(&rng)
    }

    private static func drawKnit(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let base = Palette(0xb8452f, 0xa63d40, 0xc25a35, 0x9c3b2e).varied(&rng).pick(&rng)
        let other = Palette(0xf3eadb, 0xf0e2c8).pick(&rng)
        let view = PatternView(canvas, &rng, across: rng.between(15, 22), turn: 0.25, tilt: 0.15)
        let motif = rng.int(0, 3)
        let fuzz = rng.noise()
        let every = Int32(rng.int(9, 13))
        canvas.flood(
            .shader { p in
                let q = view(p)
                let column = floorToInt(q.x)
                let u = fraction(q.x) - 0.5
                let leg = abs(u)
                let y = q.y * 1.25 + leg * 1.25
                let row = floorToInt(y)
                let v = fraction(y) - 0.5
                let r = ((row % every) + every) % every
                let c = ((column % 8) + 8) % 8
                let figure: Bool
                switch motif {
                case 0: figure = r == 0 || (r == 3 && c & 1 == 0) || r == 6
                case 1: figure = abs(c - 4) == abs(r - 4) && r < 9
                case 2: figure = r < 5 && abs(c - 4) + abs(r - 2) < 3
                default: figure = r == (c < 4 ? c : 8 - c)
                }
                let yarn = figure ? other : base
                // Each leg of a stitch is a strand: round across, thin at the seam between the legs and at the side.
                let round = 1 - v * v * 3.6
                let seam = smoothstep(0, 0.12, leg) * smoothstep(0.52, 0.40, leg)
                let twist = fuzz.value(q.x * 9 + v * 14, y * 6) - 0.5
                let slant: Float = u > 0 ? -0.07 : 0.05
                return yarn.scaled(0.35 + 0.72 * round * (0.45 + 0.55 * seam)).lit(twist * 0.3 + slant)
            })
        canvas.folds(&rng, amount: 0.25)
        canvas.develop(&rng)
    }

    private static func drawHerringbone(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let woods = [
            Palette(0xc79558, 0x8e5c2e), Palette(0xb9824a, 0x7a4a24), Palette(0xd3a66c, 0x9c6b3a),
        ]
        let wood = rng.pick(woods).varied(&rng)
        let length = Int32(rng.int(4, 5))
        let view = PatternView(canvas, &rng, across: rng.between(9, 14), turn: 0.1, tilt: 0.35)
        let grain = rng.noise()
        let tone = rng.noise()
        let soft = view.pixel
        let half = Float(0.5).squareRoot()
        canvas.flood(
            .shader { p in
                let q = view(p)
                // The zigzag runs across the picture when the grid is turned by 45 degrees.
                let x = (q.x - q.y) * half
                let y = (q.x + q.y) * half
                let i = floorToInt(x)
                let j = floorToInt(y)
                // Along a row, `length` cells belong to a lying plank and the next `length` to standing ones.
                let turn = ((i - j) % (2 * length) + 2 * length) % (2 * length)
                let lying = turn < length
                let first = lying ? i - turn : j - (2 * length - 1 - turn)
                let u = (lying ? x : y) - Float(first)
                let v = lying ? y - Float(j) : x - Float(i)
                let plank = tone.lattice(first, (lying ? j : i) &+ (lying ? 0 : 5000))
                var color = woodTone(grain, u + plank * 90, v * 0.8 + plank * 37, light: wood[0], dark: wood[1])
                color = color.lit((plank - 0.5) * 0.45 + (lying ? 0.05 : -0.07))
                let edge = min(min(u, Float(length) - u), min(v, 1 - v))
                return color.darker(smoothstep(0.035 + soft, 0.02, edge) * 0.6)
            })
        canvas.glow(
            Point(canvas.w * rng.unit(), canvas.h * rng.between(0, 0.4)), canvas.side * 0.7, Color(1, 0.96, 0.85, 0.22))
        canvas.sidelight(&rng)
        canvas.develop(&rng)
    }

    private static func drawDenim(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let indigo = Palette(0x2f4a75, 0x3c5d8f, 0x24395c, 0x4a6c9c).varied(&rng, 0.7).pick(&rng)
        let view = PatternView(canvas, &rng, across: rng.between(70, 95), turn: 0.35, tilt: 0.1)
        let slub = rng.noise()
        let worn = rng.noise()
        let seamAt = rng.between(-14, 14)
        let gold = Color(hex: 0xd9953f)
        let gap: Float = 5
        let pocket = rng.chance(0.5)
        let pocketTop = rng.between(-8, 4)
        canvas.flood(
            .shader { p in
                let q = view(p)
                let twill = fraction((q.x + q.y) * 0.5) - 0.5
                let yarn = slub.value(q.x * 0.9, q.y * 0.08) - 0.5
                let speck = slub.value(q.x * 1.1 + q.y * 1.1, q.y * 0.7) - 0.5
                let fade = worn.fbm(q.x * 0.03 + 4, q.y * 0.02, octaves: 3) - 0.42
                var color = indigo.lit(0.16 - abs(twill) * 0.55 + yarn * 0.25 + speck * 0.3 + fade * 0.9)
                func seam(_ across: Float, _ along: Float) {
                    // A fold of cloth: a lit ridge, a dark valley beside it, and two rows of stitches.
                    color = color.lit(
                        smoothstep(8, 0, abs(across)) * 0.10 - smoothstep(2.2, 0, abs(across + 6.5)) * 0.5)
                    for row in [-gap / 2, gap / 2] {
                        let dash = smoothstep(0.12, 0.2, abs(fraction(along / 5) - 0.5))
                        let on = smoothstep(0.9, 0.5, abs(across - row)) * dash
                        color = color.mixed(with: gold.lit(0.2 - abs(across - row) * 0.5), on)
                    }
                }
                seam(q.x - seamAt, q.y)
                if pocket, q.x > seamAt + 7 { seam(q.y - pocketTop - (q.x - seamAt) * 0.12, q.x) }
                return color
            })
        canvas.folds(&rng, amount: 0.3)
        canvas.develop(&rng)
    }
}
