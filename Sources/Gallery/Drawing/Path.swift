import Foundation

/// An outline: closed rings of straight segments. Curves are flattened when they are added, finely enough (see
/// `curveSteps`) that corners do not show at the sizes drawn here.
///
/// Filling is by the nonzero rule. Every builder gives its rings one orientation, so overlapping rings unite;
/// `hole` turns a path the other way round to cut it out.
package struct Path: Sendable {
    /// The segments that one Bezier or spline piece becomes.
    package static let curveSteps = 14

    package var rings: [[Point]] = []

    package init() {}

    package init(rings: [[Point]]) {
        self.rings = rings.map(Path.oriented)
    }

    /// Path data in the manner of SVG, absolute commands only: `M x y`, `L x y`, `H x`, `V y`, `Q cx cy x y`,
    /// `C ax ay bx by x y`, `Z`; a command's letter must be repeated for each segment. Subpaths close by themselves.
    /// Data is written by programmers: a mistake in it traps.
    package init(_ data: String) {
        let flattened = Path.flatten(data)
        rings = flattened.map(Path.oriented)
    }

    /// The open polylines of path data, for strokes.
    package static func flatten(_ data: String) -> [[Point]] {
        var result: [[Point]] = []
        var current: [Point] = []
        var words = data.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "\n" })[...]
        func number() -> Float {
            guard let word = words.popFirst(), let value = Float(word) else {
                preconditionFailure("path data lacks a number: \(data)")
            }
            return value
        }
        while let command = words.popFirst() {
            switch command {
            case "M":
                if !current.isEmpty { result.append(current) }
                current = [Point(number(), number())]
            case "L": current.append(Point(number(), number()))
            case "H": current.append(Point(number(), current[current.count - 1].y))
            case "V": current.append(Point(current[current.count - 1].x, number()))
            case "Q":
                let control = Point(number(), number())
                appendQuadratic(&current, control, Point(number(), number()))
            case "C":
                let first = Point(number(), number())
                let second = Point(number(), number())
                appendCubic(&current, first, second, Point(number(), number()))
            case "Z": current.append(current[0])
            default: preconditionFailure("path data has an unknown command \(command): \(data)")
            }
        }
        if !current.isEmpty { result.append(current) }
        return result
    }

    private static func appendQuadratic(_ points: inout [Point], _ control: Point, _ end: Point) {
        let start = points[points.count - 1]
        for step in 1...curveSteps {
            let t = Float(step) / Float(curveSteps)
            let u = 1 - t
            points.append(start * (u * u) + control * (2 * u * t) + end * (t * t))
        }
    }

    private static func appendCubic(_ points: inout [Point], _ first: Point, _ second: Point, _ end: Point) {
        let start = points[points.count - 1]
        for step in 1...curveSteps {
            let t = Float(step) / Float(curveSteps)
            let u = 1 - t
            let near = start * (u * u * u) + first * (3 * u * u * t)
            points.append(near + second * (3 * u * t * t) + end * (t * t * t))
        }
    }

    /// The ring turned, if need be, so that its signed area is positive.
    private static func oriented(_ ring: [Point]) -> [Point] {
        signedArea(ring) < 0 ? ring.reversed() : ring
    }

    package static func signedArea(_ ring: [Point]) -> Float {
        var sum: Float = 0
        guard var previous = ring.last else { return 0 }
        for point in ring {
            sum += previous.x * point.y - point.x * previous.y
            previous = point
        }
        return sum / 2
    }

    /// This outline and another, united.
    package func union(_ other: Path) -> Path {
        var result = self
        result.rings += other.rings
        return result
    }

    /// This outline less `other`, which must lie inside it.
    package func hole(_ other: Path) -> Path {
        var result = self
        result.rings += other.rings.map { $0.reversed() }
        return result
    }

    package func transformed(_ transform: Transform) -> Path {
        var result = Path()
        result.rings = rings.map { ring in ring.map(transform.apply) }
        return result
    }

    /// Moved by `offset` after being scaled about the origin.
    package func moved(_ offset: Point, scale: Float = 1, angle: Float = 0) -> Path {
        transformed(Transform(origin: offset, scale: Point(scale, scale), angle: angle))
    }

    /// Smallest and largest coordinates; nil for an empty path.
    package var bounds: (low: Point, high: Point)? {
        var low = Point(repeating: .infinity)
        var high = Point(repeating: -.infinity)
        for ring in rings {
            for point in ring {
                low = pointwiseMin(low, point)
                high = pointwiseMax(high, point)
            }
        }
        return low.x <= high.x && low.y <= high.y ? (low, high) : nil
    }
}
