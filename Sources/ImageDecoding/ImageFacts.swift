/// What a header says about an image.
public struct ImageFacts: Sendable, Equatable {
    /// How it is coded.
    public let format: ImageFormat
    /// Pixels across of the upright picture.
    public let width: Int
    /// Pixels down of the upright picture.
    public let height: Int
    /// The EXIF orientation of what is stored, 1...8; 1 when there is none.
    public let orientation: Int
    /// A JPEG whose scans refine each other.
    public let isProgressive: Bool
    /// A PNG stored in the seven passes of Adam7.
    public let isInterlaced: Bool
    /// Bits a sample as stored.
    public let bitDepth: Int
    /// Samples a pixel as stored; 1 for a palette.
    public let channels: Int
    /// Whether there is transparency, which decoding composites over white.
    public let hasAlpha: Bool

    /// Whether orientation exchanges width and height.
    var isTurned: Bool { orientation >= 5 }
    /// Pixels across as stored.
    var storedWidth: Int { isTurned ? height : width }
    /// Pixels down as stored.
    var storedHeight: Int { isTurned ? width : height }

    init(
        format: ImageFormat, storedWidth: Int, storedHeight: Int, orientation: Int, isProgressive: Bool = false,
        isInterlaced: Bool = false, bitDepth: Int, channels: Int, hasAlpha: Bool = false
    ) {
        let isTurned = orientation >= 5
        self.format = format
        width = isTurned ? storedHeight : storedWidth
        height = isTurned ? storedWidth : storedHeight
        self.orientation = orientation
        self.isProgressive = isProgressive
        self.isInterlaced = isInterlaced
        self.bitDepth = bitDepth
        self.channels = channels
        self.hasAlpha = hasAlpha
    }
}
