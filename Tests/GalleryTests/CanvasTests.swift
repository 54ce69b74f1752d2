import Foundation
import Gallery
import Testing

/// The rasteriser and the compositor against numbers that can be worked out by hand.
struct CanvasTests {
    private func coverage(_ path: Path, _ size: Int = 64) -> Float {
        Mask(path, canvasWidth: size, canvasHeight: size)?.coverage.reduce(0, +) ?? 0
    }

    private func isClose(_ a: Float, _ b: Float, _ tolerance: Float = 1e-4) -> Bool {
        abs(a - b) <= tolerance
    }

    @Test(arguments: [0.6, 3, 12.3, 27] as [Float])
    func discHasItsArea(radius: Float) {
        let expected = Float.pi * radius * radius
        let area = coverage(.circle(Point(31.7, 32.2), radius))
        #expect(abs(area - expected) < expected * 0.01)
    }

    @Test func rectangleOffTheGridIsExact() {
        let mask = Mask(.rectangle(2.25, 3.5, 2.5, 1.25), canvasWidth: 16, canvasHeight: 16)
        guard let mask else {
            Issue.record("a rectangle inside the canvas has no mask")
            return
        }
        func at(_ x: Int, _ y: Int) -> Float { mask.coverage[(y - mask.y) * mask.width + x - mask.x] }
        #expect(isClose(at(2, 3), 0.75 * 0.5))
        #expect(isClose(at(3, 3), 0.5))
        #expect(isClose(at(4, 4), 0.75 * 0.75))
        #expect(isClose(mask.coverage.reduce(0, +), 2.5 * 1.25))
    }

    @Test func slantedEdgesCoverHalfASquare() {
        #expect(isClose(coverage(.polygon(10, 10, 50, 10, 10, 50)), 800, 0.05))
        #expect(isClose(coverage(.polygon(10, 20, 50, 10, 55, 43)), 685, 0.05))
    }

    @Test func outlinesAreClippedAtEverySide() {
        #expect(isClose(coverage(.rectangle(-100, -100, 300, 300)), 64 * 64, 0.1))
        #expect(isClose(coverage(.rectangle(-5, 10, 10, 4)), 20))
        #expect(isClose(coverage(.rectangle(60, 60, 10, 10)), 16))
        #expect(Mask(.rectangle(70, 0, 5, 5), canvasWidth: 64, canvasHeight: 64) == nil)
        #expect(Mask(Path(), canvasWidth: 64, canvasHeight: 64) == nil)
    }

    @Test func overlapsUniteAndHolesCut() {
        let left = Path.rectangle(10, 10, 20, 20)
        #expect(isClose(coverage(left.union(.rectangle(20, 10, 20, 20))), 600, 0.01))
        #expect(isClose(coverage(left.hole(.rectangle(15, 15, 10, 10))), 300, 0.01))
        // A ring drawn the other way round must not cancel its neighbour.
        let reversed = Path(rings: [[Point(20, 10), Point(20, 30), Point(40, 30), Point(40, 10)]])
        #expect(isClose(coverage(left.union(reversed)), 600, 0.01))
    }

    @Test func strokeHasItsWidth() {
        let line = Path.stroke([Point(10, 32), Point(50, 32)], width: 6)
        let caps = Float.pi * 9
        #expect(abs(coverage(line) - (40 * 6 + caps)) < 3)
    }

    @Test func pathDataDrawsWhatItSays() {
        #expect(isClose(coverage(Path("M 8 8 H 24 V 24 H 8 Z")), 256, 0.01))
        #expect(isClose(coverage(Path("M 8 8 L 24 8 L 24 24 Z M 40 40 L 48 40 L 48 48 L 40 48 Z")), 192, 0.01))
        // A parabola's segment: two thirds of base times height, the height being half the control point's.
        #expect(abs(coverage(Path("M 10 40 Q 30 0 50 40 Z")) - 2.0 / 3 * 40 * 20) < 4)
    }

    @Test func compositesAlphaAsPorterAndDuffSay() {
        var canvas = Canvas(width: 4, height: 4, background: Color(0.2, 0.4, 0.6))
        canvas.fill(.rectangle(0, 0, 2, 4), Color(1, 0.5, 0, 0.25))
        let mixed = canvas.color(0, 0).rgba
        #expect(isClose(mixed.x, 0.4) && isClose(mixed.y, 0.425) && isClose(mixed.z, 0.45) && isClose(mixed.w, 1))
        #expect(isClose(canvas.color(3, 0).rgba.x, 0.2))

        canvas.fill(.rectangle(0, 0, 4, 4), .solid(Color(0.5, 0.5, 0.5)), opacity: 0.5, blend: .add)
        #expect(isClose(canvas.color(3, 0).rgba.x, 0.45) && isClose(canvas.color(3, 0).rgba.w, 1))
        canvas.fill(.rectangle(0, 0, 4, 4), .solid(Color(0, 1, 1, 0.5)), blend: .multiply)
        #expect(isClose(canvas.color(3, 0).rgba.x, 0.225) && isClose(canvas.color(3, 0).rgba.y, 0.65))

        var layer = Canvas(width: 2, height: 2, background: .clear)
        layer.fill(.rectangle(0, 0, 2, 2), Color(1, 0, 0, 0.5))
        layer.fill(.rectangle(0, 0, 2, 2), Color(0, 0, 1, 0.5))
        let over = layer.color(0, 0).rgba
        #expect(isClose(over.w, 0.75) && isClose(over.x, 0.25 / 0.75) && isClose(over.z, 0.5 / 0.75))
    }

    @Test func gradientsStartAndEndWithTheirColors() {
        let red = Color(1, 0, 0)
        let blue = Color(0, 0, 1)
        var canvas = Canvas(width: 101, height: 3)
        canvas.flood(.horizontal(0.5, 100.5, Ramp(red, blue)))
        #expect(canvas.color(0, 1) == red)
        #expect(canvas.color(100, 1) == blue)
        #expect(isClose(canvas.color(50, 1).rgba.x, 0.5) && isClose(canvas.color(25, 1).rgba.z, 0.25))

        var round = Canvas(width: 41, height: 41)
        round.flood(.radial(Point(20.5, 20.5), 20, Ramp([(0, red), (0.5, .white), (1, blue)])))
        #expect(round.color(20, 20) == red)
        #expect(round.color(30, 20) == .white)
        #expect(round.color(40, 20) == blue && round.color(0, 0) == blue)
    }

    @Test func softShaderInterpolatesALinearFieldExactly() {
        let field: (Point) -> Color = { p in Color(p.x / 64, p.y / 48, 0.5) }
        var exact = Canvas(width: 61, height: 47)
        var soft = exact
        exact.flood(.shader(field))
        soft.flood(.softShader(field))
        for (a, b) in zip(exact.pixels, soft.pixels) {
            #expect(isClose(a.x, b.x) && isClose(a.y, b.y) && isClose(a.w, b.w))
        }
    }

    @Test func transformMovesPaintAndOutlineTogether() {
        var canvas = Canvas(width: 40, height: 40)
        canvas.place(at: Point(20, 20), scale: 10, angle: .pi / 2) { c in
            c.fill(.rectangle(0, -0.5, 1, 1), .horizontal(0, 1, Ramp(.black, .white)))
        }
        // Turned by a quarter, x runs downward from the middle.
        #expect(isClose(canvas.color(20, 20).rgba.x, 0.05) && isClose(canvas.color(20, 29).rgba.x, 0.95))
        #expect(canvas.color(20, 10).rgba.x == 0)
        let transform = Transform(origin: Point(3, -4), scale: Point(2, 0.5), angle: 0.7, shear: 0.3)
        let back = transform.inverse.apply(transform.apply(Point(1.5, -2.5)))
        #expect(isClose(back.x, 1.5) && isClose(back.y, -2.5))
    }

    @Test func clipsIntersect() {
        var canvas = Canvas(width: 30, height: 30)
        canvas.clipped(to: .rectangle(0, 0, 20, 30)) { c in
            c.clipped(to: .rectangle(10, 0, 20, 30)) { c in c.flood(.solid(.white)) }
        }
        #expect(canvas.color(5, 5).rgba.x == 0 && canvas.color(15, 5).rgba.x == 1 && canvas.color(25, 5).rgba.x == 0)
        #expect(canvas.clip == nil)
    }

    @Test func blurKeepsEvenColorAndSpreadsAPoint() {
        var even = Canvas(width: 33, height: 20, background: Color(0.3, 0.6, 0.9))
        even.blur(9)
        for pixel in even.pixels { #expect(isClose(pixel.x, 0.3, 1e-3) && isClose(pixel.w, 1, 1e-3)) }

        let dot = Mask(.rectangle(30, 30, 1, 1), canvasWidth: 61, canvasHeight: 61, margin: 20)
        let spread = dot?.blurred(8)
        #expect(isClose(spread?.coverage.reduce(0, +) ?? 0, 1, 1e-3))
        #expect((spread?.coverage.max() ?? 1) < 0.05)
    }

    @Test func reliefLightsTheSideOfTheLight() {
        var canvas = Canvas(width: 60, height: 60, background: Color(gray: 0.5))
        canvas.relief(.rectangle(10, 10, 40, 40), radius: 10, amount: 0.6, light: Point(-1, 0))
        #expect(canvas.color(12, 30).rgba.x > 0.55)
        #expect(canvas.color(47, 30).rgba.x < 0.45)
        #expect(canvas.color(5, 30).rgba.x == 0.5)
    }

    @Test func bytesAreRoundedAndClamped() {
        var canvas = Canvas(width: 3, height: 1)
        canvas.pixels = [SIMD4(-1, 0.5, 2, 1), SIMD4(1, 1, 1, 1), SIMD4(0, 0.001, 0.003, 1)]
        #expect(canvas.picture().pixels == [0, 128, 255, 255, 255, 255, 0, 0, 1])
    }
}

/// The sources of chance.
struct ChanceTests {
    @Test func generatorIsSplitMix64() {
        // The published sequence for this seed.
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
    }

    @Test func drawsStayInRange() {
        let seed: UInt64 = 7
        var generator = SeededGenerator(seed: seed)
        var seen = Set<Int>()
        var mean: Float = 0
        for _ in 0..<4000 {
            let real = generator.between(-2, 3)
            #expect(real >= -2 && real < 3, "seed \(seed)")
            mean += real / 4000
            seen.insert(generator.int(-1, 4))
            #expect(abs(generator.normal()) <= 3, "seed \(seed)")
        }
        #expect(seen == Set(-1...4))
        #expect(abs(mean - 0.5) < 0.1, "seed \(seed)")
    }

    @Test func noiseIsBoundedSmoothAndVaried() {
        let noise = Noise(seed: 99)
        var values: [Float] = []
        for i in 0..<2000 {
            let x = Float(i) * 0.37 - 300
            let y = Float(i % 57) * 0.61 - 20
            let value = noise.value(x, y)
            #expect(value >= 0 && value < 1)
            #expect(abs(noise.value(x + 0.002, y) - value) < 0.02)
            let fractal = noise.fbm(x, y)
            #expect(fractal >= 0 && fractal < 1)
            values.append(value)
        }
        let mean = values.reduce(0, +) / Float(values.count)
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Float(values.count)
        #expect(abs(mean - 0.5) < 0.05)
        #expect(variance > 0.02)
    }

    @Test func floorsNegativeNumbersDown() {
        #expect(floorToInt(-0.25) == -1 && floorToInt(-3) == -3 && floorToInt(2.75) == 2)
        #expect(fraction(-0.25) == 0.75 && fraction(5) == 0)
    }

    @Test func cellsHaveBordersBetweenTheirPoints() {
        var generator = SeededGenerator(seed: 5)
        let grid = Cells(&generator, jitter: 0)
        let hit = grid.nearest(3.6, 7.5)
        #expect(abs(hit.offset.x - 0.1) < 1e-4 && abs(hit.offset.y) < 1e-4)
        #expect(abs(hit.border - 0.4) < 1e-4)
        #expect(grid.nearest(3.2, 7.9).id == hit.id)
        #expect(grid.nearest(4.2, 7.5).id != hit.id)
    }
}
