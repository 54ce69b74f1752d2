import ImageDecoding

/// What fills an outline. Coordinates are those of the canvas' current transform.
package enum Paint {
    case solid(Color)
    /// Along the line from the first point (position 0) to the second (position 1).
    case linear(Point, Point, Ramp)
    /// By distance from a centre: 0 there, 1 at the radius.
    case radial(Point, Float, Ramp)
    /// Any colour for any place.
    case shader((Point) -> Color)
    /// Any colour, asked for at every second pixel each way and interpolated between: for soft, costly fields such as
    /// clouds, at a quarter of the price. The outline's edge stays exact.
    case softShader((Point) -> Color)

    /// Top to bottom between two y.
    package static func vertical(_ top: Float, _ bottom: Float, _ ramp: Ramp) -> Paint {
        .linear(Point(0, top), Point(0, bottom), ramp)
    }

    /// Left to right between two x.
    package static func horizontal(_ left: Float, _ right: Float, _ ramp: Ramp) -> Paint {
        .linear(Point(left, 0), Point(right, 0), ramp)
    }
}

/// How paint meets what is there.
package enum Blend {
    /// Over (Porter and Duff, 1984).
    case normal
    /// Light added to light: glows.
    case add
    /// Light taken away: shadows, stains, ink.
    case multiply
}

/// A software canvas: one `SIMD4<Float>` a pixel, red, green, blue multiplied by alpha, and alpha.
///
/// Outlines are filled by area coverage (see `Mask`), in the coordinates of `transform`; colours are sRGB-encoded
/// (see `Color`). Values may exceed 1 while drawing (added light) and are clamped at the end. All arithmetic is plain
/// `Float` in a fixed order on one thread, so the same calls give the same bytes on one machine; between platforms the
/// mathematical library's last bits of `sin`, `cos`, `exp`, `pow` may differ, and with them single pixel values.
package struct Canvas {
    package let width: Int
    package let height: Int
    package var pixels: [SIMD4<Float>]
    package var transform = Transform()
    /// Coverage that all filling is multiplied by, one value a pixel; nil for none.
    package var clip: [Float]?

    package init(width: Int, height: Int, background: Color = .black) {
        precondition(width > 0 && height > 0, "a canvas has at least one pixel")
        self.width = width
        self.height = height
        let color = background.rgba
        let premultiplied = color * SIMD4(color.w, color.w, color.w, 1)
        pixels = [SIMD4<Float>](repeating: premultiplied, count: width * height)
    }

    /// Width and height as numbers to draw with.
    package var w: Float { Float(width) }
    package var h: Float { Float(height) }
    /// The shorter side.
    package var side: Float { Float(min(width, height)) }
    package var center: Point { Point(w / 2, h / 2) }

    /// The pixel's colour, alpha divided out.
    package func color(_ x: Int, _ y: Int) -> Color {
        let value = pixels[y * width + x]
        guard value.w > 0 else { return .clear }
        return Color(rgba: SIMD4(value.x / value.w, value.y / value.w, value.z / value.w, value.w))
    }

    /// Draws in coordinates that are scaled (the unit is `scale` pixels), turned and moved to `origin`.
    package mutating func place(
        at origin: Point, scale: Float, stretch: Point = Point(1, 1), angle: Float = 0, shear: Float = 0,
        _ draw: (inout Canvas) -> Void
    ) {
        let outer = transform
        let inner = Transform(origin: origin, scale: stretch * scale, angle: angle, shear: shear)
        transform = outer.concatenated(with: inner)
        draw(&self)
        transform = outer
    }

    /// Draws only inside `path`; clips within clips intersect.
    package mutating func clipped(to path: Path, _ draw: (inout Canvas) -> Void) {
        let outer = clip
        var inner = [Float](repeating: 0, count: width * height)
        if let mask = Mask(path.transformed(transform), canvasWidth: width, canvasHeight: height) {
            for row in 0..<mask.height {
                for column in 0..<mask.width {
                    let at = (row + mask.y) * width + column + mask.x
                    inner[at] = mask.coverage[row * mask.width + column] * (outer?[at] ?? 1)
                }
            }
        }
        clip = inner
        draw(&self)
        clip = outer
    }

    package mutating func fill(_ path: Path, _ color: Color, blend: Blend = .normal) {
        fill(path, .solid(color), blend: blend)
    }

    package mutating func fill(_ path: Path, _ paint: Paint, opacity: Float = 1, blend: Blend = .normal) {
        guard let mask = Mask(path.transformed(transform), canvasWidth: width, canvasHeight: height) else { return }
        fill(mask, paint, opacity: opacity, blend: blend)
    }

    package mutating func stroke(_ points: [Point], width: Float, _ color: Color, blend: Blend = .normal) {
        fill(.stroke(points, width: width), .solid(color), blend: blend)
    }

    /// The whole canvas, ignoring the transform but not the clip; the paint's coordinates are pixels.
    package mutating func flood(_ paint: Paint, opacity: Float = 1, blend: Blend = .normal) {
        let outer = transform
        transform = Transform()
        fill(.rectangle(0, 0, w, h), paint, opacity: opacity, blend: blend)
        transform = outer
    }

    package mutating func fill(_ mask: Mask, _ paint: Paint, opacity: Float = 1, blend: Blend = .normal) {
        switch paint {
        case .solid(let color):
            composite(mask, opacity, blend) { _ in color }
        case .linear(let from, let to, let ramp):
            let along = to - from
            let scale = 1 / max(along.x * along.x + along.y * along.y, 1e-12)
            composite(mask, opacity, blend) { p in
                let q = p - from
                return ramp.color(at: (q.x * along.x + q.y * along.y) * scale)
            }
        case .radial(let center, let radius, let ramp):
            let scale = 1 / max(radius, 1e-6)
            composite(mask, opacity, blend) { p in ramp.color(at: length(p - center) * scale) }
        case .shader(let shade):
            composite(mask, opacity, blend, shade)
        case .softShader(let shade):
            compositeSoft(mask, opacity, blend, shade)
        }
    }

    private mutating func compositeSoft(_ mask: Mask, _ opacity: Float, _ blend: Blend, _ shade: (Point) -> Color) {
        let inverse = transform.inverse
        let columns = mask.width / 2 + 2
        let rows = mask.height / 2 + 2
        let grid = [SIMD4<Float>](unsafeUninitializedCapacity: columns * rows) { buffer, count in
            for row in 0..<rows {
                for column in 0..<columns {
                    let x = Float(mask.x + 2 * column) + 0.5
                    let y = Float(mask.y + 2 * row) + 0.5
                    let color = shade(inverse.apply(Point(x, y))).rgba
                    // Alpha first, else colours of clear places would bleed in.
                    buffer[row * columns + column] = color * SIMD4(color.w, color.w, color.w, 1)
                }
            }
            count = columns * rows
        }
        let outer = transform
        transform = Transform()
        let origin = Point(Float(mask.x) + 0.5, Float(mask.y) + 0.5)
        grid.withUnsafeBufferPointer { grid in
            composite(mask, opacity, blend) { p in
                let at = (p - origin) * 0.5
                let column = Int(at.x)
                let row = Int(at.y)
                let u = at.x - Float(column)
                let v = at.y - Float(row)
                let corner = row * columns + column
                let upper = grid[corner] + (grid[corner + 1] - grid[corner]) * u
                let lower = grid[corner + columns] + (grid[corner + columns + 1] - grid[corner + columns]) * u
                let mixed = upper + (lower - upper) * v
                let alpha = mixed.w
                guard alpha > 0 else { return .clear }
                let back = 1 / alpha
                return Color(rgba: mixed * SIMD4(back, back, back, 1))
            }
        }
        transform = outer
    }

    @inline(__always)
    private mutating func composite(_ mask: Mask, _ opacity: Float, _ blend: Blend, _ shade: (Point) -> Color) {
        let left = max(mask.x, 0)
        let right = min(mask.x + mask.width, width)
        let top = max(mask.y, 0)
        let bottom = min(mask.y + mask.height, height)
        guard left < right, top < bottom else { return }
        let inverse = transform.inverse
        let step = Point(inverse.a, inverse.b)
        let canvasWidth = width
        let clip = self.clip
        mask.coverage.withUnsafeBufferPointer { coverage in
            pixels.withUnsafeMutableBufferPointer { pixels in
                for y in top..<bottom {
                    let start = inverse.apply(Point(Float(left) + 0.5, Float(y) + 0.5))
                    let line = (y - mask.y) * mask.width - mask.x
                    for x in left..<right {
                        var amount = coverage[line + x]
                        if amount == 0 { continue }
                        let at = y * canvasWidth + x
                        if let clip {
                            amount *= clip[at]
                            if amount == 0 { continue }
                        }
                        let source = shade(start + step * Float(x - left)).rgba
                        let alpha = source.w * amount * opacity
                        let under = pixels[at]
                        switch blend {
                        case .normal:
                            let over = SIMD4(source.x, source.y, source.z, 1) * alpha
                            pixels[at] = over + under * (1 - alpha)
                        case .add:
                            pixels[at] = under + SIMD4(source.x, source.y, source.z, 0) * alpha
                        case .multiply:
                            let kept = 1 - alpha
                            let factor = SIMD4(source.x, source.y, source.z, 1) * alpha + SIMD4(repeating: kept)
                            pixels[at] = under * factor
                        }
                    }
                }
            }
        }
    }

    /// The drawing as bytes, over black where it is not opaque.
    package func picture() -> Picture {
        let bytes = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
            var at = 0
            for pixel in pixels {
                let scaled = pixel * 255 + SIMD4(repeating: 0.5)
                target[at] = UInt8(min(max(scaled.x, 0), 255))
                target[at + 1] = UInt8(min(max(scaled.y, 0), 255))
                target[at + 2] = UInt8(min(max(scaled.z, 0), 255))
                at += 3
            }
            count = at
        }
        return Picture(width: width, height: height, pixels: bytes)
    }
}
