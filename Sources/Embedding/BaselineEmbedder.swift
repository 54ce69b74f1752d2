import Crypto
import ImageDecoding

/// `baseline-v1`: a classical descriptor, no network. The floor that every learned model has to beat.
///
/// Three views of a 128 × 128 picture, each scaled to a fixed share of the vector's length and joined:
///
/// - **Oriented gradients**, 4 × 4 cells of 8 unsigned orientations (128 numbers). After Dalal and Triggs, "Histograms
///   of Oriented Gradients for Human Detection", CVPR 2005: each pixel votes with its gradient's length, shared between
///   the two nearest orientations and the four nearest cells. We normalise the whole grid instead of overlapping
///   blocks: at this size blocks would repeat every number four times.
/// - **Colour layout**, 4 × 4 cells of mean Y, Cb, Cr (48 numbers). After MPEG-7's Colour Layout Descriptor, without
///   its cosine transform: under a cosine distance an orthonormal transform changes nothing.
/// - **Colour histogram**, 4 × 4 × 4 bins of R, G, B with shared votes (64 numbers), which does not care where a colour
///   is.
///
/// Histograms are square-rooted (Hellinger's distance becomes the Euclidean one), so that one dominant bin does not
/// drown the rest, and the value of an even histogram is taken off, so that unrelated pictures are near a right angle
/// instead of all close together.
public struct BaselineEmbedder: Embedder {
    private static let side = 128
    private static let cells = 4
    private static let orientations = 8
    private static let bins = 4

    private static let gradientCount = cells * cells * orientations
    private static let layoutCount = cells * cells * 3
    private static let histogramCount = bins * bins * bins
    private static let dimension = gradientCount + layoutCount + histogramCount

    /// Shares of the squared length. Measured on labelled photographs: gradients tell classes apart, colour tells
    /// single objects apart; see Benchmarks/RESULTS.md.
    private static let gradientShare: Float = 0.4
    private static let layoutShare: Float = 0.1
    private static let histogramShare: Float = 0.5

    /// Everything that decides a vector. Any change to the arithmetic below gets a new revision here.
    private static let recipe = """
        baseline-v1 revision 1; sRGB stretched to \(side)x\(side), triangle filter; \
        gradients \(cells)x\(cells)x\(orientations) \(gradientShare); layout \(cells)x\(cells) YCbCr \(layoutShare); \
        histogram \(bins)^3 RGB \(histogramShare)
        """

    /// Name, content hash of the recipe, 240 dimensions.
    public let model: EmbeddingModel

    /// 128 pixels.
    public var inputSize: Int { Self.side }

    /// The model; there is nothing to load.
    public init() {
        let hash = SHA256.hash(data: [UInt8](Self.recipe.utf8))
        model = EmbeddingModel(
            name: "baseline-v1",
            contentHash: hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
            dimension: Self.dimension)
    }

    /// The 240 numbers of `picture`, unit length.
    public func embed(_ picture: Picture) -> [Float] {
        let input = picture.resized(width: Self.side, height: Self.side)
        var vector: [Float] = []
        vector.reserveCapacity(Self.dimension)
        vector += Self.scaled(Self.rooted(Self.gradients(input)), to: Self.gradientShare)
        vector += Self.scaled(Self.layout(input), to: Self.layoutShare)
        vector += Self.scaled(Self.rooted(Self.histogram(input)), to: Self.histogramShare)
        // A plain grey picture has neither gradients nor colour, but its histogram is never empty, so this is no
        // division by zero.
        return Self.scaled(vector, to: 1)
    }

    // MARK: Views

    /// How a position among `count` cells or bins of unit width is shared between the two nearest centres.
    private struct Share {
        var low: Int
        var high: Int
        var weightOfHigh: Float

        /// The share of `position` (in cells, 0 at the left edge), held at the outermost centres.
        init(_ position: Float, of count: Int) {
            let centred = min(max(position - 0.5, 0), Float(count - 1))
            low = min(Int(centred), max(0, count - 2))
            high = min(low + 1, count - 1)
            weightOfHigh = centred - Float(low)
        }

        /// The lower (0) or higher (1) centre and its weight.
        func part(_ side: Int) -> (index: Int, weight: Float) {
            side == 0 ? (low, 1 - weightOfHigh) : (high, weightOfHigh)
        }

        /// The centre that gets the larger part.
        var nearest: Int { weightOfHigh < 0.5 ? low : high }
    }

    private static let cellShares: [Share] = (0..<side).map {
        Share((Float($0) + 0.5) * Float(cells) / Float(side), of: cells)
    }
    private static let binShares: [Share] = (0..<256).map { Share((Float($0) + 0.5) * Float(bins) / 256, of: bins) }

    private static func gradients(_ picture: Picture) -> [Float] {
        let luma = luma(of: picture)
        let shares = cellShares
        var grid = [Float](repeating: 0, count: gradientCount)
        for y in 0..<side {
            let above = max(0, y - 1) * side
            let below = min(side - 1, y + 1) * side
            for x in 0..<side {
                let dx = luma[y * side + min(side - 1, x + 1)] - luma[y * side + max(0, x - 1)]
                let dy = luma[below + x] - luma[above + x]
                let length = (dx * dx + dy * dy).squareRoot()
                guard length > 0 else { continue }
                // Unsigned orientation as a position on the circle of 8 bins; a pseudo-angle that is exact at the
                // multiples of 45 degrees and needs no transcendental function, hence the same on every machine.
                let position = pseudoAngle(dx, dy) * Float(orientations)
                let low = Int(position)
                let fraction = position - Float(low)
                let bins = (low % orientations, (low + 1) % orientations)
                for corner in 0..<4 {
                    let (row, rowWeight) = shares[y].part(corner >> 1)
                    let (column, columnWeight) = shares[x].part(corner & 1)
                    let cell = (row * cells + column) * orientations
                    let vote = length * rowWeight * columnWeight
                    grid[cell + bins.0] += vote * (1 - fraction)
                    grid[cell + bins.1] += vote * fraction
                }
            }
        }
        return grid
    }

    /// The direction of ±(x, y) as a number from 0 up to 1, growing with the angle from 0 to 180 degrees.
    private static func pseudoAngle(_ x: Float, _ y: Float) -> Float {
        let (x, y) = y < 0 || (y == 0 && x < 0) ? (-x, -y) : (x, y)
        let quarter = y / (abs(x) + y)
        let half = x >= 0 ? quarter : 2 - quarter
        return min(half / 2, 0.999_999)
    }

    private static func layout(_ picture: Picture) -> [Float] {
        let shares = cellShares
        var grid = [Float](repeating: 0, count: layoutCount)
        picture.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<side {
                for x in 0..<side {
                    let at = (y * side + x) * 3
                    let (red, green, blue) = (Float(pixels[at]), Float(pixels[at + 1]), Float(pixels[at + 2]))
                    // ITU-R BT.601, as JPEG; luma about its middle, so that a mid-grey cell says nothing.
                    let luma = 0.299 * red + 0.587 * green + 0.114 * blue
                    let values = (luma - 127.5, 0.564 * (blue - luma), 0.713 * (red - luma))
                    let cell = (shares[y].nearest * cells + shares[x].nearest) * 3
                    grid[cell] += values.0
                    grid[cell + 1] += values.1 * chromaWeight
                    grid[cell + 2] += values.2 * chromaWeight
                }
            }
        }
        return grid
    }

    /// Chroma varies far less than luma in photographs and would otherwise hardly count.
    private static let chromaWeight: Float = 2

    private static func histogram(_ picture: Picture) -> [Float] {
        let shares = binShares
        var histogram = [Float](repeating: 0, count: histogramCount)
        picture.pixels.withUnsafeBufferPointer { pixels in
            for at in stride(from: 0, to: pixels.count, by: 3) {
                let (red, green, blue) = (
                    shares[Int(pixels[at])], shares[Int(pixels[at + 1])], shares[Int(pixels[at + 2])]
                )
                for corner in 0..<8 {
                    let (r, redWeight) = red.part(corner >> 2)
                    let (g, greenWeight) = green.part(corner >> 1 & 1)
                    let (b, blueWeight) = blue.part(corner & 1)
                    histogram[(r * bins + g) * bins + b] += redWeight * greenWeight * blueWeight
                }
            }
        }
        return histogram
    }

    // MARK: Arithmetic

    private static func luma(of picture: Picture) -> [Float] {
        picture.pixels.withUnsafeBufferPointer { pixels in
            (0..<side * side).map { at in
                0.299 * Float(pixels[at * 3]) + 0.587 * Float(pixels[at * 3 + 1]) + 0.114 * Float(pixels[at * 3 + 2])
            }
        }
    }

    /// The square root of each bin's part of the whole, less that of an even histogram; zeros stay zeros.
    private static func rooted(_ histogram: [Float]) -> [Float] {
        let sum = histogram.reduce(0, +)
        guard sum > 0 else { return histogram }
        let even = (1 / Float(histogram.count)).squareRoot()
        return histogram.map { ($0 / sum).squareRoot() - even }
    }

    /// `values` scaled so that their squares sum to `share`; zeros stay zeros.
    private static func scaled(_ values: [Float], to share: Float) -> [Float] {
        let squared = values.reduce(0) { $0 + $1 * $1 }
        guard squared > 0 else { return values }
        let factor = (share / squared).squareRoot()
        return values.map { $0 * factor }
    }
}
