import ImageDecoding
import NeuralNetwork

/// How a picture becomes a network's input: `size` × `size` pixels of three floats, interleaved, `(x - mean) / scale`
/// with x from 0 to 255.
public struct PicturePreparation: Sendable, Equatable, Codable {
    /// Side of the input, in pixels.
    public var size: Int
    /// Taken off each channel's values, in the order of `colourOrder`.
    public var mean: [Float]
    /// What is left is divided by it, likewise.
    public var scale: [Float]
    /// The channels' order.
    public var colourOrder: ModelDescription.ColourOrder
    /// How the picture is brought to size.
    public var resizing: ModelDescription.Resize

    /// Sides that a network may ask for.
    public static let sizeRange = 8...ModelDescription.largestInput

    /// A preparation. Traps unless there are three means and three scales, none of them zero.
    public init(
        size: Int, mean: [Float], scale: [Float], colourOrder: ModelDescription.ColourOrder = .rgb,
        resizing: ModelDescription.Resize = .stretch
    ) {
        precondition(Self.sizeRange.contains(size) && mean.count == 3 && scale.count == 3 && !scale.contains(0))
        self.size = size
        self.mean = mean
        self.scale = scale
        self.colourOrder = colourOrder
        self.resizing = resizing
    }

    private enum CodingKeys: String, CodingKey {
        case size = "input_size"
        case mean, scale
        case colourOrder = "colour_order"
        case resizing = "resize"
    }

    /// The share of the shorter side that a crop keeps.
    private static let croppedShare = 0.875

    /// The pixels that are needed of the shorter side of a picture, or of both sides when it is stretched.
    public var wantedSide: Int {
        switch resizing {
        case .stretch: size
        case .crop: Int((Double(size) / Self.croppedShare).rounded())
        }
    }

    /// The picture at `size` × `size`.
    package func resized(_ picture: Picture) -> Picture {
        guard resizing == .crop else { return picture.resized(width: size, height: size) }
        // What lies farther out than this is not seen, and in a picture of extreme proportions would be most of it.
        let shorter = min(picture.width, picture.height)
        let (width, height) = (min(picture.width, 2 * shorter), min(picture.height, 2 * shorter))
        var middle = picture
        if (width, height) != (picture.width, picture.height) {
            middle = picture.cropped(
                x: (picture.width - width) / 2, y: (picture.height - height) / 2, width: width, height: height)
        }
        let side = wantedSide
        func scaled(_ length: Int) -> Int { (length * side + shorter / 2) / shorter }
        let whole = middle.resized(width: scaled(width), height: scaled(height))
        return whole.cropped(x: (whole.width - size) / 2, y: (whole.height - size) / 2, width: size, height: size)
    }
}

/// A preparation made ready: a table of the 256 values of each channel, so that a pixel costs three look-ups.
package struct PreparationTables: Sendable {
    package let preparation: PicturePreparation
    /// For each channel of the network's order, what each byte becomes.
    private let values: [Float]

    package init(_ preparation: PicturePreparation) {
        self.preparation = preparation
        values = (0..<3).flatMap { channel in
            (0..<256).map { (Float($0) - preparation.mean[channel]) / preparation.scale[channel] }
        }
    }

    /// Floats of an input.
    var count: Int { preparation.size * preparation.size * 3 }

    /// Writes the input for `picture` into `input`, which has room for `count` floats.
    func prepare(_ picture: Picture, into input: UnsafeMutableBufferPointer<Float>) {
        precondition(input.count == count)
        let pixels = preparation.resized(picture).pixels
        let (first, last) = preparation.colourOrder == .rgb ? (0, 2) : (2, 0)
        pixels.withUnsafeBufferPointer { pixels in
            values.withUnsafeBufferPointer { values in
                var at = 0
                while at < pixels.count {
                    input[at] = values[Int(pixels[at + first])]
                    input[at + 1] = values[256 + Int(pixels[at + 1])]
                    input[at + 2] = values[512 + Int(pixels[at + last])]
                    at += 3
                }
            }
        }
    }

    /// The same as an array of its own.
    package func prepared(_ picture: Picture) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            prepare(picture, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }
}
