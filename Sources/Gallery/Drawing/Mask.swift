/// Coverage of a rectangle of pixels, 0...1 each: how much of the pixel's square an outline covers.
///
/// Rasterising is by exact area, with signed accumulation instead of sampling. Take one edge within one row of pixels:
/// it changes the coverage of everything to its right by its height, and of the pixels that it crosses by the part of
/// that height which lies left of them. The change at a column's left side t, averaged over an edge whose x runs evenly
/// from x0 to x1, is the mean of max(0, t - x):
///
///     H(t) = 0 for t <= x0,  (t - x0)² / 2(x1 - x0) between,  t - (x0 + x1)/2 for t >= x1
///
/// and the pixel from c to c+1 gets H(c+1) - H(c). Only differences between neighbouring columns are written down; one
/// running sum per row turns them into coverage. Cost is the edges' length plus the area, whatever the edges' number
/// per pixel, which is why every shape, discs included, goes through polygons. Sums of one sign are clamped to 1,
/// which is the nonzero rule; where two outlines of a path only touch in a pixel, their parts add up.
package struct Mask: Sendable {
    package let x: Int
    package let y: Int
    package let width: Int
    package let height: Int
    package var coverage: [Float]

    package init(x: Int, y: Int, width: Int, height: Int, coverage: [Float]) {
        precondition(coverage.count == width * height, "one value a pixel")
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.coverage = coverage
    }

    /// The part of `path` (in pixels) that lies in the canvas of `canvasWidth` × `canvasHeight`, extended by `margin`
    /// pixels on all sides so that a blur finds room and what lies outside the canvas still casts its shadow into it.
    /// Nil where nothing is covered.
    package init?(_ path: Path, canvasWidth: Int, canvasHeight: Int, margin: Int = 0) {
        guard let (low, high) = path.bounds else { return nil }
        let reach = Float(margin)
        let left = max(Float(-margin), low.x - reach).rounded(.down)
        let top = max(Float(-margin), low.y - reach).rounded(.down)
        let right = min(Float(canvasWidth + margin), high.x + reach).rounded(.up)
        let bottom = min(Float(canvasHeight + margin), high.y + reach).rounded(.up)
        guard left < right, top < bottom else { return nil }
        x = Int(left)
        y = Int(top)
        width = Int(right) - x
        height = Int(bottom) - y
        let stride = width + 2
        var differences = [Float](repeating: 0, count: stride * height)
        let origin = Point(left, top)
        let rows = height
        let columns = width
        differences.withUnsafeMutableBufferPointer { buffer in
            for ring in path.rings where ring.count > 2 {
                var previous = ring[ring.count - 1] - origin
                for point in ring {
                    let current = point - origin
                    Mask.accumulate(buffer, stride: stride, rows: rows, columns: columns, previous, current)
                    previous = current
                }
            }
        }
        coverage = [Float](unsafeUninitializedCapacity: width * height) { result, count in
            differences.withUnsafeBufferPointer { source in
                for row in 0..<rows {
                    var sum: Float = 0
                    for column in 0..<columns {
                        sum += source[row * stride + column]
                        let covered = min(abs(sum), 1)
                        // What rounding leaves of cancelled edges is not coverage.
                        result[row * columns + column] = covered < 1e-4 ? 0 : covered
                    }
                }
            }
            count = rows * columns
        }
    }

    @inline(__always)
    private static func accumulate(
        _ buffer: UnsafeMutableBufferPointer<Float>, stride: Int, rows: Int, columns: Int, _ from: Point, _ to: Point
    ) {
        guard from.y != to.y else { return }
        let sign: Float = from.y < to.y ? 1 : -1
        let upper = sign > 0 ? from : to
        let lower = sign > 0 ? to : from
        guard lower.y > 0, upper.y < Float(rows) else { return }
        let slope = (lower.x - upper.x) / (lower.y - upper.y)
        let firstRow = max(0, Int(upper.y))
        let lastRow = min(rows - 1, Int(lower.y))
        let limit = Float(columns)
        for row in firstRow...max(firstRow, lastRow) {
            let top = max(Float(row), upper.y)
            let bottom = min(Float(row + 1), lower.y)
            guard bottom > top else { continue }
            let height = (bottom - top) * sign
            // Beyond the sides an edge counts as standing on the side: wrong only within the clipped pixel itself.
            let xTop = min(max(upper.x + (top - upper.y) * slope, 0), limit)
            let xBottom = min(max(upper.x + (bottom - upper.y) * slope, 0), limit)
            let x0 = min(xTop, xBottom)
            let x1 = max(xTop, xBottom)
            let line = row * stride
            let first = Int(x0)
            let last = Int(x1)
            if first == last {
                // Within one column: H is linear from the column's right side on.
                let inside = Float(first + 1) - (x0 + x1) / 2
                buffer[line + first] += height * inside
                buffer[line + first + 1] += height * (1 - inside)
                continue
            }
            let half = 0.5 / (x1 - x0)
            var before: Float = 0  // H at the column's left side
            var change: Float = 0  // coverage already handed on by the columns so far
            for column in first...(last + 1) {
                let t = Float(column + 1)
                let after = t >= x1 ? t - (x0 + x1) / 2 : (t - x0) * (t - x0) * half
                let covered = after - before
                buffer[line + column] += height * (covered - change)
                change = covered
                before = after
            }
        }
    }

    /// Blurred by three passes of a running mean, which is within a few percent of a Gaussian of deviation `radius`/2.
    package func blurred(_ radius: Float) -> Mask {
        let reach = max(Int((radius / 2).rounded()), 0)
        guard reach > 0, width > 0, height > 0 else { return self }
        var result = self
        var scratch = [Float](repeating: 0, count: coverage.count)
        let columns = width
        let rows = height
        result.coverage.withUnsafeMutableBufferPointer { a in
            scratch.withUnsafeMutableBufferPointer { b in
                for _ in 0..<3 {
                    Mask.averageRows(a, b, columns: columns, rows: rows, reach: reach)
                    Mask.averageColumns(b, a, columns: columns, rows: rows, reach: reach)
                }
            }
        }
        return result
    }

    private static func averageRows(
        _ source: UnsafeMutableBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<Float>, columns: Int,
        rows: Int, reach: Int
    ) {
        let weight = 1 / Float(2 * reach + 1)
        for row in 0..<rows {
            let line = row * columns
            var sum: Float = 0
            for column in 0..<min(reach, columns) { sum += source[line + column] }
            for column in 0..<columns {
                if column + reach < columns { sum += source[line + column + reach] }
                if column - reach > 0 { sum -= source[line + column - reach - 1] }
                target[line + column] = sum * weight
            }
        }
    }

    private static func averageColumns(
        _ source: UnsafeMutableBufferPointer<Float>, _ target: UnsafeMutableBufferPointer<Float>, columns: Int,
        rows: Int, reach: Int
    ) {
        let weight = 1 / Float(2 * reach + 1)
        var sums = [Float](repeating: 0, count: columns)
        for row in 0..<min(reach, rows) {
            for column in 0..<columns { sums[column] += source[row * columns + column] }
        }
        for row in 0..<rows {
            let entering = row + reach < rows
            let leaving = row - reach > 0
            for column in 0..<columns {
                var sum = sums[column]
                if entering { sum += source[(row + reach) * columns + column] }
                if leaving { sum -= source[(row - reach - 1) * columns + column] }
                sums[column] = sum
                target[row * columns + column] = sum * weight
            }
        }
    }
}
