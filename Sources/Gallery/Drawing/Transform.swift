import Foundation

/// A point or a vector of the plane, y pointing down.
package typealias Point = SIMD2<Float>

/// Distance from the origin.
@inline(__always)
package func length(_ vector: Point) -> Float {
    (vector.x * vector.x + vector.y * vector.y).squareRoot()
}

/// The point at `angle` (radians, clockwise on screen from the x axis) and `radius` from the origin.
@inline(__always)
package func polar(_ angle: Float, _ radius: Float = 1) -> Point {
    Point(cos(angle) * radius, sin(angle) * radius)
}

/// 0 below `low`, 1 above `high`, a smooth cubic between.
@inline(__always)
package func smoothstep(_ low: Float, _ high: Float, _ value: Float) -> Float {
    let t = min(max((value - low) / (high - low), 0), 1)
    return t * t * (3 - 2 * t)
}

/// The greatest integer not above `value`, which must lie within `Int32`. Conversion truncates toward zero, so negative
/// numbers are stepped down: on a processor without SSE4.1's rounding, `rounded(.down)` is a call into the mathematical
/// library, and it was a third of the time of a noise lookup.
@inline(__always)
package func floorToInt(_ value: Float) -> Int32 {
    let truncated = Int32(value)
    return Float(truncated) > value ? truncated - 1 : truncated
}

/// The part after the decimal point, in 0..<1 for negative numbers as well.
@inline(__always)
package func fraction(_ value: Float) -> Float {
    value - Float(floorToInt(value))
}

/// An affine map: x' = a·x + c·y + tx, y' = b·x + d·y + ty.
package struct Transform: Sendable {
    package var a: Float = 1
    package var b: Float = 0
    package var c: Float = 0
    package var d: Float = 1
    package var tx: Float = 0
    package var ty: Float = 0

    package init() {}

    /// Scales (x by `scale.x`, y by `scale.y`), shears x along y, rotates by `angle` radians, then moves to `origin`.
    package init(origin: Point, scale: Point, angle: Float = 0, shear: Float = 0) {
        let cosine = cos(angle)
        let sine = sin(angle)
        a = cosine * scale.x
        b = sine * scale.x
        c = cosine * shear * scale.y - sine * scale.y
        d = sine * shear * scale.y + cosine * scale.y
        tx = origin.x
        ty = origin.y
    }

    @inline(__always)
    package func apply(_ p: Point) -> Point {
        Point(a * p.x + c * p.y + tx, b * p.x + d * p.y + ty)
    }

    /// The map that does `inner` first, then this.
    package func concatenated(with inner: Transform) -> Transform {
        var result = Transform()
        result.a = a * inner.a + c * inner.b
        result.b = b * inner.a + d * inner.b
        result.c = a * inner.c + c * inner.d
        result.d = b * inner.c + d * inner.d
        let moved = apply(Point(inner.tx, inner.ty))
        result.tx = moved.x
        result.ty = moved.y
        return result
    }

    /// The map back. The map must be invertible (no zero scale).
    package var inverse: Transform {
        let determinant = a * d - b * c
        precondition(determinant != 0, "a transform with zero scale has no inverse")
        var result = Transform()
        result.a = d / determinant
        result.b = -b / determinant
        result.c = -c / determinant
        result.d = a / determinant
        result.tx = -(result.a * tx + result.c * ty)
        result.ty = -(result.b * tx + result.d * ty)
        return result
    }

    /// The factor by which lengths grow, averaged over directions.
    package var meanScale: Float {
        abs(a * d - b * c).squareRoot()
    }
}
