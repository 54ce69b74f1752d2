import Foundation

extension Path {
    /// The corners of an ellipse's polygon: at a radius of 100 px the sides stay within 0.06 px of the curve. Small
    /// ones that are drawn by the hundred ask for fewer.
    package static let ellipseSteps = 96

    package static func polygon(_ points: [Point]) -> Path {
        Path(rings: [points])
    }

    /// Corners as x, y, x, y, ...
    package static func polygon(_ coordinates: Float...) -> Path {
        precondition(coordinates.count % 2 == 0 && coordinates.count >= 6, "a polygon is three x, y pairs or more")
        return polygon(
            stride(from: 0, to: coordinates.count, by: 2).map { Point(coordinates[$0], coordinates[$0 + 1]) })
    }

    package static func rectangle(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> Path {
        polygon([Point(x, y), Point(x + width, y), Point(x + width, y + height), Point(x, y + height)])
    }

    package static func roundedRectangle(_ x: Float, _ y: Float, _ width: Float, _ height: Float, _ radius: Float)
        -> Path
    {
        let r = min(radius, width / 2, height / 2)
        let centers = [
            Point(x + width - r, y + height - r), Point(x + r, y + height - r), Point(x + r, y + r),
            Point(x + width - r, y + r),
        ]
        var points: [Point] = []
        for (quarter, center) in centers.enumerated() {
            for step in 0...8 {
                let angle = (Float(quarter) + Float(step) / 8) * (.pi / 2)
                points.append(center + polar(angle, r))
            }
        }
        return polygon(points)
    }

    package static func circle(_ center: Point, _ radius: Float, steps: Int = Path.ellipseSteps) -> Path {
        ellipse(center, Point(radius, radius), steps: steps)
    }

    package static func ellipse(
        _ center: Point, _ radii: Point, angle: Float = 0, steps: Int = Path.ellipseSteps
    ) -> Path {
        let cosine = cos(angle)
        let sine = sin(angle)
        var points: [Point] = []
        points.reserveCapacity(steps)
        for step in 0..<steps {
            let p = polar(Float(step) / Float(steps) * 2 * .pi) * radii
            points.append(center + Point(p.x * cosine - p.y * sine, p.x * sine + p.y * cosine))
        }
        return polygon(points)
    }

    /// A closed curve through the given points (Catmull-Rom: tangents parallel to the chord of the neighbours).
    package static func smooth(_ points: [Point]) -> Path {
        polygon(smoothPolyline(points, closed: true))
    }

    /// A closed curve through points written as "x y x y ...".
    package static func smooth(_ coordinates: String) -> Path {
        smooth(points(coordinates))
    }

    package static func points(_ coordinates: String) -> [Point] {
        let numbers = coordinates.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { word in
            guard let value = Float(word) else { preconditionFailure("not a number: \(word)") }
            return value
        }
        return stride(from: 0, to: numbers.count - 1, by: 2).map { Point(numbers[$0], numbers[$0 + 1]) }
    }

    package static func smoothPolyline(_ points: [Point], closed: Bool) -> [Point] {
        let count = points.count
        precondition(count >= 2, "a curve needs two points or more")
        func at(_ i: Int) -> Point {
            closed ? points[(i + count) % count] : points[min(max(i, 0), count - 1)]
        }
        let steps = max(4, curveSteps / 2)
        var result: [Point] = []
        result.reserveCapacity(count * steps + 1)
        for i in 0..<(closed ? count : count - 1) {
            let p0 = at(i - 1)
            let p1 = at(i)
            let p2 = at(i + 1)
            let p3 = at(i + 2)
            for step in 0..<steps {
                let t = Float(step) / Float(steps)
                let linear = (p2 - p0) * t
                let quadratic = (p0 * 2 - p1 * 5 + p2 * 4 - p3) * (t * t)
                let cubic = (p1 * 3 - p0 - p2 * 3 + p3) * (t * t * t)
                result.append(p1 + (linear + quadratic + cubic) * 0.5)
            }
        }
        if !closed { result.append(points[count - 1]) }
        return result
    }

    /// The area within `width`/2 of a polyline: a quadrilateral for each segment and a disc at each joint.
    package static func stroke(_ points: [Point], width: Float) -> Path {
        taperedStroke(points, from: width, to: width)
    }

    /// As `stroke`, the width going evenly from `first` to `last`: stems, branches, tapered limbs.
    package static func taperedStroke(_ points: [Point], from first: Float, to last: Float) -> Path {
        var rings: [[Point]] = []
        let capSteps = 12
        func halfWidth(_ i: Int) -> Float {
            let along = points.count > 1 ? Float(i) / Float(points.count - 1) : 0
            return (first + (last - first) * along) / 2
        }
        for i in points.indices {
            let radius = halfWidth(i)
            rings.append((0..<capSteps).map { points[i] + polar(Float($0) / Float(capSteps) * 2 * .pi, radius) })
            guard i + 1 < points.count else { break }
            let along = points[i + 1] - points[i]
            let distance = length(along)
            guard distance > 0 else { continue }
            let normal = Point(-along.y, along.x) / distance
            let near = normal * radius
            let far = normal * halfWidth(i + 1)
            rings.append([points[i] + near, points[i] - near, points[i + 1] - far, points[i + 1] + far])
        }
        return Path(rings: rings)
    }

    /// The stroke along path data (see `init(_:)`), not closed unless the data says `Z`.
    package static func stroke(_ data: String, width: Float) -> Path {
        var result = Path()
        for line in flatten(data) {
            result = result.union(stroke(line, width: width))
        }
        return result
    }

    /// The band between two radii.
    package static func ring(_ center: Point, outer: Float, inner: Float) -> Path {
        circle(center, outer).hole(circle(center, inner))
    }

    /// A star or a flower-like polygon of `spikes` points, first spike upward.
    package static func star(_ center: Point, spikes: Int, outer: Float, inner: Float) -> Path {
        let points = (0..<(spikes * 2)).map { i in
            center + polar(Float(i) / Float(spikes) * .pi - .pi / 2, i % 2 == 0 ? outer : inner)
        }
        return polygon(points)
    }
}
