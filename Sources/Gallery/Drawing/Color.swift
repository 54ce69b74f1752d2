/// A colour: red, green, blue as sRGB-encoded values in 0...1 (not linear light) and straight alpha.
///
/// Working on encoded values is a choice: gradients between two colours look even to the eye, the final conversion to
/// bytes is a multiplication, and nothing here measures light. The price is edges that are a shade darker than a
/// linear-light compositor would make them.
package struct Color: Sendable, Equatable {
    package var rgba: SIMD4<Float>

    @inline(__always)
    package init(rgba: SIMD4<Float>) {
        self.rgba = rgba
    }

    @inline(__always)
    package init(_ red: Float, _ green: Float, _ blue: Float, _ alpha: Float = 1) {
        rgba = SIMD4(red, green, blue, alpha)
    }

    /// `0xRRGGBB`.
    package init(hex: UInt32) {
        let red = Float((hex >> 16) & 255)
        let green = Float((hex >> 8) & 255)
        let blue = Float(hex & 255)
        rgba = SIMD4(red / 255, green / 255, blue / 255, 1)
    }

    @inline(__always)
    package init(gray: Float, alpha: Float = 1) {
        rgba = SIMD4(gray, gray, gray, alpha)
    }

    /// Hue in degrees (any real number, taken modulo 360), saturation and value in 0...1.
    package init(hue: Float, saturation: Float, value: Float) {
        func channel(_ shift: Float) -> Float {
            var k = (shift + hue / 60).truncatingRemainder(dividingBy: 6)
            if k < 0 { k += 6 }
            return value - value * saturation * max(0, min(k, 4 - k, 1))
        }
        rgba = SIMD4(channel(5), channel(3), channel(1), 1)
    }

    package static let white = Color(1, 1, 1)
    package static let black = Color(0, 0, 0)
    package static let clear = Color(0, 0, 0, 0)

    /// The point at `amount` (0...1) on the way to `other`.
    @inline(__always)
    package func mixed(with other: Color, _ amount: Float) -> Color {
        Color(rgba: rgba + (other.rgba - rgba) * amount)
    }

    /// Toward white.
    @inline(__always)
    package func lighter(_ amount: Float) -> Color {
        var result = mixed(with: .white, amount)
        result.rgba.w = rgba.w
        return result
    }

    /// Toward black.
    @inline(__always)
    package func darker(_ amount: Float) -> Color {
        scaled(1 - amount)
    }

    /// Red, green and blue multiplied: exposure.
    @inline(__always)
    package func scaled(_ factor: Float) -> Color {
        Color(rgba: rgba * SIMD4(factor, factor, factor, 1))
    }

    /// The same colour with alpha multiplied.
    @inline(__always)
    package func faded(_ factor: Float) -> Color {
        Color(rgba: rgba * SIMD4(1, 1, 1, factor))
    }

    /// Brighter where `amount` is positive, darker where negative: the move a light makes on a surface.
    @inline(__always)
    package func lit(_ amount: Float) -> Color {
        amount > 0 ? lighter(min(amount, 1)) : darker(min(-amount, 1))
    }
}

/// Straight-line interpolation through colour stops.
package struct Ramp: Sendable {
    private let positions: [Float]
    private let colors: [Color]

    /// Stops in ascending order of position; before the first and after the last the colour stays.
    package init(_ stops: [(Float, Color)]) {
        precondition(!stops.isEmpty, "a ramp needs at least one stop")
        positions = stops.map { $0.0 }
        colors = stops.map { $0.1 }
    }

    /// Stops at equal distances from 0 to 1.
    package init(_ colors: Color...) {
        precondition(!colors.isEmpty, "a ramp needs at least one colour")
        let last = Float(max(colors.count - 1, 1))
        positions = colors.indices.map { Float($0) / last }
        self.colors = colors
    }

    @inline(__always)
    package func color(at position: Float) -> Color {
        if position <= positions[0] { return colors[0] }
        for i in 1..<max(positions.count, 1) where position < positions[i] {
            let along = (position - positions[i - 1]) / (positions[i] - positions[i - 1])
            return colors[i - 1].mixed(with: colors[i], along)
        }
        return colors[colors.count - 1]
    }

    /// How a round, upright body takes light from the upper left: a dark rim, the lit band, a falling shadow side and
    /// a thin reflected light. Used across the width (0...1) of mugs, bottles, legs, trunks.
    package static func cylinder(_ color: Color, gloss: Float = 0.35) -> Ramp {
        Ramp([
            (0.00, color.darker(0.38)), (0.10, color.darker(0.12)), (0.24, color.lighter(gloss)),
            (0.34, color.lighter(gloss * 0.35)), (0.55, color), (0.85, color.darker(0.42)),
            (0.94, color.darker(0.48)), (1.00, color.darker(0.30)),
        ])
    }
}

/// A handful of colours that go together.
package struct Palette: Sendable {
    package var colors: [Color]

    package init(_ hexes: UInt32...) {
        colors = hexes.map(Color.init(hex:))
    }

    package init(colors: [Color]) {
        precondition(!colors.isEmpty, "a palette needs at least one colour")
        self.colors = colors
    }

    /// Cyclic: any index gives a colour.
    package subscript(index: Int) -> Color {
        let wrapped = index % colors.count
        return colors[wrapped < 0 ? wrapped + colors.count : wrapped]
    }

    /// Every colour moved by the same small random amount in hue-like rotation and exposure, so that two pictures of
    /// a family share their mood but not their exact tones. `amount` 1 moves channels by up to about 0.06.
    package func varied(_ generator: inout SeededGenerator, _ amount: Float = 1) -> Palette {
        let exposure = 1 + generator.between(-0.08, 0.08) * amount
        let tint = SIMD4<Float>(generator.between(-1, 1), generator.between(-1, 1), generator.between(-1, 1), 0)
        let shift = tint * (0.045 * amount)
        return Palette(
            colors: colors.map { color in
                var moved = color.scaled(exposure).rgba + shift
                moved.clamp(lowerBound: SIMD4(repeating: 0), upperBound: SIMD4(repeating: 1))
                return Color(rgba: moved)
            })
    }

    package func pick(_ generator: inout SeededGenerator) -> Color {
        generator.pick(colors)
    }
}
