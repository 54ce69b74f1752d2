/// An upright picture: 8-bit sRGB, rows top to bottom, 3 bytes a pixel (red, green, blue), no row padding.
public struct Picture: Sendable, Equatable {
    /// Pixels across, at least 1.
    public let width: Int
    /// Pixels down, at least 1.
    public let height: Int
    /// The samples; always `width * height * 3` of them.
    public var pixels: [UInt8] {
        didSet { precondition(pixels.count == width * height * 3, "a picture keeps its number of samples") }
    }

    /// A picture of these samples. Traps when their number is not `width * height * 3`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        precondition(pixels.count == width * height * 3, "a picture has width * height * 3 samples")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture of one colour.
    public init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) {
        precondition(width > 0 && height > 0, "a picture has at least one pixel")
        let count = width * height * 3
        let samples = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in stride(from: 0, to: count, by: 3) {
                buffer[index] = red
                buffer[index + 1] = green
                buffer[index + 2] = blue
            }
            initialized = count
        }
        self.init(width: width, height: height, pixels: samples)
    }

    /// The part whose upper left corner is (x, y). Traps when it is empty or reaches outside.
    public func cropped(x: Int, y: Int, width: Int, height: Int) -> Picture {
        precondition(x >= 0 && y >= 0 && width > 0 && height > 0, "a crop is not empty and starts inside")
        precondition(x <= self.width - width && y <= self.height - height, "a crop lies inside the picture")
        var part: [UInt8] = []
        part.reserveCapacity(width * height * 3)
        for row in y..<y + height {
            let start = (row * self.width + x) * 3
            part.append(contentsOf: pixels[start..<start + width * 3])
        }
        return Picture(width: width, height: height, pixels: part)
    }
}
