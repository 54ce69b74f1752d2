/// A region of a picture, in fractions of the upright picture's width and height: `x`, `y` is the upper left corner.
public struct Box: Sendable, Equatable {
    /// Left edge, 0 up to 1.
    public let x: Double
    /// Upper edge, 0 up to 1.
    public let y: Double
    /// Width, above 0 up to 1.
    public let width: Double
    /// Height, above 0 up to 1.
    public let height: Double

    /// The part of the box that may hang over the edge, for coordinates that were rounded on the way.
    private static let tolerance = 1e-6

    /// Nil unless the box is finite, not empty and inside the picture.
    public init?(x: Double, y: Double, width: Double, height: Double) {
        guard x >= 0, y >= 0, width > 0, height > 0, x < 1, y < 1 else { return nil }
        guard x + width <= 1 + Self.tolerance, y + height <= 1 + Self.tolerance else { return nil }
        self.x = x
        self.y = y
        self.width = min(width, 1 - x)
        self.height = min(height, 1 - y)
    }

    /// The pixels the box covers of a picture of this size: outer bounds, at least one pixel each way.
    func pixels(width pictureWidth: Int, height pictureHeight: Int) -> (x: Int, y: Int, width: Int, height: Int) {
        func span(_ start: Double, _ length: Double, _ side: Int) -> (Int, Int) {
            let first = min(side - 1, Int((start * Double(side)).rounded(.down)))
            let last = max(first + 1, min(side, Int(((start + length) * Double(side)).rounded(.up))))
            return (first, last - first)
        }
        let (left, columns) = span(x, width, pictureWidth)
        let (top, rows) = span(y, height, pictureHeight)
        return (left, top, columns, rows)
    }
}
