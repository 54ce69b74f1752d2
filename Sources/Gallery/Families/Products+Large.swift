import Foundation

/// Vehicles.
extension GalleryFamily {
    static let largeProducts = [
        GalleryFamily("car", .wide, drawCar),
        GalleryFamily("bicycle", .wide, drawBicycle),
    ]

    private static func drawCar(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let road = h * rng.between(0.60, 0.68)
        canvas.sky(road, Ramp(Color(hex: 0x9fc3dd), Color(hex: 0xd9e6ec)))
        for layer in 0..<2 {
            let ridge = Ridge(
                noise: rng.noise(), base: road - h * (0.16 - 0.1 * Float(layer)), amplitude: h * 0.14,
                wavelength: w * 0.3,
                octaves: 3)
            let green = Color(hex: 0x7f9a72).mixed(with: Color(hex: 0x4f7048), Float(layer))
            let hills = ridge.path(width: w, bottom: road)
            canvas.fill(hills, .vertical(road - h * 0.3, road, Ramp(green.lighter(0.15), green)))
            canvas.texture(hills, rng.noise(), size: Point(22, 16), amount: 0.35)
        }
        canvas.blur(canvas.side * 0.02)
        canvas.fill(
            .rectangle(0, road, w, h - road), .vertical(road, h, Ramp(Color(hex: 0x7d7f82), Color(hex: 0x4c4e52))))
        canvas.texture(.rectangle(0, road, w, h - road), rng.noise(), size: Point(14, 2), amount: 0.22)
        canvas.fill(.rectangle(0, road, w, h * 0.012), Color(hex: 0xb8b4a8))
        canvas.fill(.rectangle(0, h * 0.93, w, h * 0.02), Color(0.92, 0.9, 0.82, 0.85))
        let paint =
            rng.chance(0.25)
            ? Color(gray: rng.pick([0.12, 0.62, 0.93]))
            : Color(
                hue: rng.pick([0, 8, 28, 48, 150, 205, 220, 340]), saturation: rng.between(0.65, 0.9),
                value: rng.between(0.55, 0.92))
        let kind = rng.int(0, 2)
        let flip: Float = rng.chance(0.5) ? 1 : -1
        let size = w * rng.between(0.30, 0.35)
        canvas.place(
            at: Point(w * rng.between(0.46, 0.54), road + h * rng.between(0.03, 0.08)), scale: size,
            stretch: Point(flip, 1)
        ) { c in
            c.footing(Point(0, 0.55), Point(1.3, 0.06), strength: 0.75)
            let roof: String
            let windows: [Path]
            switch kind {
            case 0:  // saloon
                roof = "C -0.8 -0.2 -0.66 -0.5 -0.3 -0.53 C 0.12 -0.55 0.28 -0.46 0.55 -0.17"
                windows = [
                    Path("M -0.74 -0.17 C -0.66 -0.34 -0.5 -0.44 -0.3 -0.45 L -0.12 -0.46 L -0.12 -0.16 Z"),
                    Path("M -0.06 -0.46 C 0.14 -0.45 0.26 -0.38 0.42 -0.16 L -0.06 -0.16 Z"),
                ]
            case 1:  // hatchback
                roof = "L -1.08 -0.2 C -1.0 -0.5 -0.85 -0.6 -0.5 -0.62 C 0 -0.64 0.2 -0.56 0.52 -0.17"
                windows = [
                    Path("M -0.96 -0.2 C -0.92 -0.42 -0.82 -0.52 -0.56 -0.53 L -0.42 -0.53 L -0.42 -0.18 Z"),
                    Path("M -0.36 -0.53 C 0.06 -0.55 0.2 -0.44 0.38 -0.17 L -0.36 -0.18 Z"),
                ]
            default:  // small round car
                roof = "C -0.96 -0.3 -0.7 -0.72 -0.2 -0.74 C 0.2 -0.75 0.38 -0.55 0.56 -0.18"
                windows = [
                    Path("M -0.78 -0.2 C -0.72 -0.44 -0.5 -0.62 -0.24 -0.64 L -0.2 -0.64 L -0.2 -0.19 Z"),
                    Path("M -0.12 -0.64 C 0.14 -0.63 0.28 -0.46 0.4 -0.19 L -0.12 -0.19 Z"),
                ]
            }
            let body = Path(
                """
                M -1.26 0.36 C -1.36 0.2 -1.34 -0.08 -1.2 -0.14 L -0.95 -0.17 \(roof)
                C 0.9 -0.14 1.2 -0.08 1.28 0.06 C 1.34 0.18 1.32 0.32 1.26 0.36 Z
                """
            )
            c.fill(
                body,
                .vertical(
                    -0.6, 0.36,
                    Ramp([
                        (0, paint.lighter(0.35)), (0.42, paint.lighter(0.05)), (0.5, paint.lighter(0.32)), (0.6, paint),
                        (1, paint.darker(0.55)),
                    ])))
            c.relief(body, radius: 0.1, amount: 0.5)
            for window in windows {
                c.fill(
                    window,
                    .linear(
                        Point(-0.2, -0.6), Point(0.1, -0.1),
                        Ramp(Color(hex: 0xb9d3e2), Color(hex: 0x4a6374), Color(hex: 0x222c35))))
                c.relief(window, radius: 0.02, amount: -0.5)
            }
            c.clipped(to: windows[0].union(windows[1])) { c in
                c.fill(.polygon(-0.3, -0.8, -0.1, -0.8, -0.4, 0, -0.6, 0), Color(1, 1, 1, 0.22))
                c.fill(.circle(Point(0.12, -0.16), 0.12), Color(0, 0, 0, 0.55))
            }
            let line = Color(0, 0, 0, 0.4)
            c.fill(
                .stroke(
                    "M -0.09 -0.15 L -0.09 0.28 M 0.46 -0.12 C 0.5 0.05 0.46 0.2 0.4 0.28 L -0.5 0.28", width: 0.014),
                line)
            c.fill(.stroke("M -1.26 0.02 C -0.5 -0.06 0.6 -0.06 1.26 0.04", width: 0.016), Color(1, 1, 1, 0.35))
            for x in [-0.28, 0.28] as [Float] {
                c.fill(.roundedRectangle(x - 0.07, -0.05, 0.14, 0.035, 0.015), Color(gray: 0.85))
            }
            let lamp = Path.ellipse(Point(1.2, 0.06), Point(0.09, 0.07), angle: 0.5)
            c.fill(lamp, .linear(Point(1.12, 0), Point(1.28, 0.1), Ramp(Color(1, 1, 0.94), Color(0.75, 0.78, 0.8))))
            c.relief(lamp, radius: 0.03, amount: 0.6)
            c.fill(.roundedRectangle(-1.33, -0.06, 0.09, 0.13, 0.03), Color(hex: 0xc0201f))
            c.fill(
                .roundedRectangle(-1.32, 0.27, 2.64, 0.10, 0.05),
                .vertical(0.27, 0.37, Ramp(Color(gray: 0.36), Color(gray: 0.12))))
            for x in [-0.74, 0.78] as [Float] {
                let hub = Point(x, 0.30)
                c.fill(.circle(hub, 0.29), Color(gray: 0.05))
                c.fill(
                    .circle(hub, 0.25),
                    .radial(
                        hub, 0.25,
                        Ramp([
                            (0, Color(gray: 0.2)), (0.8, Color(gray: 0.13)), (0.93, Color(gray: 0.26)),
                            (1, Color(gray: 0.08)),
                        ])))
                c.fill(
                    .circle(hub, 0.165),
                    .linear(hub - Point(0.1, 0.13), hub + Point(0.1, 0.13), Ramp(Color(gray: 0.95), Color(gray: 0.55))))
                for spoke in 0..<5 {
                    let turn = Float(spoke) / 5 * 2 * .pi + 0.3
                    c.fill(
                        .taperedStroke([hub + polar(turn, 0.06), hub + polar(turn, 0.14)], from: 0.03, to: 0.075),
                        Color(gray: 0.2))
                }
                c.ball(hub, 0.04, Color(gray: 0.8))
            }
        }
        canvas.develop(&rng)
    }

    private static func drawBicycle(_ canvas: inout Canvas, _ rng: inout SeededGenerator) {
        let w = canvas.w
        let h = canvas.h
        let plaster = Palette(0xd9a24a, 0xe0ad58, 0xd39644).varied(&rng, 0.8).pick(&rng)
        let pavement = h * rng.between(0.74, 0.8)
        canvas.flood(.vertical(0, pavement, Ramp(plaster.lighter(0.1), plaster, plaster.darker(0.15))))
        let wall = Path.rectangle(0, 0, w, pavement)
        canvas.texture(wall, rng.noise(), size: Point(60, 45), amount: 0.3, octaves: 5)
        canvas.fill(
            .rectangle(0, pavement, w, h - pavement),
            .vertical(pavement, h, Ramp(Color(hex: 0x9a958d), Color(hex: 0x6f6b66))))
        canvas.texture(.rectangle(0, pavement, w, h - pavement), rng.noise(), size: Point(16, 4), amount: 0.3)
        canvas.fill(.rectangle(0, pavement - h * 0.05, w, h * 0.05), plaster.darker(0.4).faded(0.6))
        if rng.chance(0.6) {
            let x = w * rng.pick([0.05, 0.62] as [Float])
            let window = Path.rectangle(x, h * 0.06, w * 0.26, h * 0.3)
            canvas.shadow(window, offset: Point(4, 6), blur: 8)
            canvas.fill(window, Color(hex: 0xf0e9da))
            canvas.fill(
                .rectangle(x + w * 0.015, h * 0.08, w * 0.108, h * 0.26),
                .vertical(h * 0.08, h * 0.34, Ramp(Color(hex: 0x6d8796), Color(hex: 0x2d3b45))))
            canvas.fill(
                .rectangle(x + w * 0.137, h * 0.08, w * 0.108, h * 0.26),
                .vertical(h * 0.08, h * 0.34, Ramp(Color(hex: 0x7d97a6), Color(hex: 0x35444f))))
        }
        let frame = Palette(0xb0282b, 0x1f5a7a, 0x2f6b45, 0x22252b, 0xe9e4d8, 0x57a6a8).varied(&rng).pick(&rng)
        let saddle = Color(hex: 0x6b4023)
        let size = min(w * 0.36, h * 0.46) * rng.between(0.92, 1.05)
        let flip: Float = rng.chance(0.5) ? 1 : -1
        let basket = rng.chance(0.5)
        let drop = rng.chance(0.35)
        let low = rng.chance(0.35)
        canvas.place(
            at: Point(w * rng.between(0.47, 0.53), pavement + h * 0.05 - size * 0.86), scale: size,
            stretch: Point(flip, 1)
        ) { c in
            let rear = Point(-0.74, 0.34)
            let front = Point(0.76, 0.34)
            let crank = Point(-0.12, 0.38)
            let seat = Point(-0.30, -0.30)
            let headTop = Point(0.46, -0.38)
            let headLow = Point(0.52, -0.20)
            for hub in [rear, front] {
                c.shadow(
                    .ring(hub, outer: 0.53, inner: 0.48), offset: Point(0.10 * flip, 0.05), blur: 0.05,
                    Color(0.2, 0.1, 0, 0.35))
                c.shadow(.ellipse(Point(hub.x, 0.87), Point(0.4, 0.03)), blur: 0.06, Color(0, 0, 0, 0.6))
                var spokes = Path()
                for spoke in 0..<28 {
                    let turn = Float(spoke) / 28 * 2 * .pi
                    spokes = spokes.union(
                        .stroke([hub + polar(turn + 0.5, 0.03), hub + polar(turn, 0.49)], width: 0.006))
                }
                c.fill(spokes, Color(0.9, 0.9, 0.92, 0.8))
                c.fill(.ring(hub, outer: 0.53, inner: 0.478), Color(gray: 0.1))
                c.fill(
                    .ring(hub, outer: 0.482, inner: 0.458),
                    .linear(hub - Point(0.4, 0.4), hub + Point(0.4, 0.4), Ramp(Color(gray: 0.97), Color(gray: 0.55))))
                c.ball(hub, 0.045, Color(gray: 0.75))
                c.fill(
                    .stroke((0...14).map { hub + polar(-.pi * (0.08 + 0.84 * Float($0) / 14), 0.565) }, width: 0.03),
                    frame.lighter(0.2))
            }
            c.stroke([rear, crank], width: 0.012, Color(gray: 0.2))
            c.stroke([rear + Point(0, 0.06), crank + Point(0, 0.12)], width: 0.014, Color(gray: 0.2))
            c.stroke([rear - Point(0, 0.06), crank - Point(0, 0.12)], width: 0.014, Color(gray: 0.2))
            let top =
                low
                ? Path.stroke("M \(headLow.x) \(headLow.y - 0.08) Q 0.1 0.15 \(crank.x - 0.06) 0.12", width: 0.05)
                : Path.stroke([seat + Point(0.02, 0.08), headTop + Point(0.02, 0.06)], width: 0.05)
            let tubes =
                top
                .union(.stroke([headLow, crank], width: 0.058)).union(.stroke([seat, crank], width: 0.052))
                .union(.stroke([rear, crank], width: 0.034)).union(
                    .stroke([rear, seat + Point(0.02, 0.1)], width: 0.03)
                )
                .union(.stroke([headTop, headLow], width: 0.066))
                .union(.stroke("M \(headLow.x) \(headLow.y) Q 0.6 0.1 \(front.x) \(front.y)", width: 0.04))
            c.shadow(tubes, offset: Point(0.08 * flip, 0.07), blur: 0.06, Color(0.2, 0.1, 0, 0.4))
            c.fill(tubes, frame)
            c.relief(tubes, radius: 0.035, amount: 0.8)
            c.fill(.ring(crank, outer: 0.125, inner: 0.095), Color(gray: 0.7))
            c.fill(.circle(crank, 0.05), Color(gray: 0.6))
            c.stroke([crank - Point(0.06, 0.17), crank + Point(0.06, 0.17)], width: 0.034, Color(gray: 0.72))
            for at in [crank - Point(0.06, 0.17), crank + Point(0.06, 0.17)] {
                c.fill(.roundedRectangle(at.x - 0.08, at.y - 0.022, 0.16, 0.044, 0.01), Color(gray: 0.12))
            }
            c.stroke([seat, seat - Point(0.045, 0.14)], width: 0.034, Color(gray: 0.82))
            let pad = Path.smooth("-0.58 -0.52 -0.42 -0.53 -0.18 -0.48 -0.14 -0.44 -0.3 -0.42 -0.44 -0.38 -0.56 -0.42")
            c.fill(pad, saddle)
            c.relief(pad, radius: 0.05, amount: 0.7)
            c.stroke([headTop, headTop - Point(0.03, 0.14)], width: 0.034, Color(gray: 0.85))
            let bar =
                drop
                ? Path.stroke("M 0.43 -0.52 L 0.6 -0.52 C 0.75 -0.5 0.72 -0.32 0.6 -0.34", width: 0.04)
                : Path.stroke("M 0.43 -0.52 C 0.52 -0.62 0.4 -0.68 0.2 -0.6", width: 0.04)
            c.fill(bar, drop ? saddle : Color(gray: 0.85))
            c.relief(bar, radius: 0.03, amount: 0.7)
            if !drop { c.fill(.stroke("M 0.32 -0.645 L 0.18 -0.595", width: 0.058), saddle) }
            if basket {
                let box = Path("M 0.56 -0.52 L 0.98 -0.52 L 0.92 -0.22 L 0.62 -0.22 Z")
                c.fill(box, .horizontal(0.56, 0.98, .cylinder(Color(hex: 0xb98a50), gloss: 0.2)))
                c.clipped(to: box) { c in
                    for i in 0..<9 {
                        let x = 0.56 + 0.055 * Float(i)
                        c.stroke(
                            [Point(x, -0.55), Point(x + 0.02, -0.2)], width: 0.012, Color(hex: 0x6b4520).faded(0.7))
                        c.stroke(
                            [Point(0.5, -0.52 + 0.045 * Float(i)), Point(1, -0.52 + 0.045 * Float(i))], width: 0.012,
                            Color(hex: 0x6b4520).faded(0.6))
                    }
                }
                c.fill(.stroke("M 0.55 -0.52 L 0.99 -0.52", width: 0.035), Color(hex: 0x8a6034))
            }
        }
        canvas.sidelight(&rng, amount: 0.25)
        canvas.develop(&rng)
    }
}
