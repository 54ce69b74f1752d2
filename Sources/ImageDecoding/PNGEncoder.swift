import CImageCodecs

/// Pictures to PNG.
public struct PNGEncoder: Sendable {
    /// zlib's level, 0...9; what lies outside is brought to the nearer end.
    public var compression: Int

    /// An encoder.
    public init(compression: Int = 6) {
        self.compression = compression
    }

    /// Encodes as 8-bit RGB. Throws when a side is longer than libpng's bound of 1,000,000 pixels.
    public func encode(_ picture: Picture) throws(EncodingError) -> [UInt8] {
        try encode(
            samples: picture.pixels, width: picture.width, height: picture.height,
            layout: Layout(colourType: .rgb, bitDepth: 8))
    }

    /// Encodes rows packed as PNG stores them: 16-bit samples big-endian, small ones from the high bit, each row from a
    /// whole byte on.
    package func encode(samples: [UInt8], width: Int, height: Int, layout: Layout) throws(EncodingError) -> [UInt8] {
        let rowBytes = layout.rowBytes(width: width)
        precondition(samples.count == rowBytes * height, "the samples are those of the size")
        var parameters = codec_png_parameters()
        parameters.width = UInt32(width)
        parameters.height = UInt32(height)
        parameters.bit_depth = Int32(layout.bitDepth)
        parameters.colour_type = layout.colourType.rawValue
        parameters.interlaced = layout.isInterlaced
        parameters.compression = Int32(min(max(compression, 0), 9))
        parameters.row_bytes = rowBytes
        parameters.palette_count = Int32(layout.palette.count / 3)
        parameters.palette_alpha_count = Int32(layout.paletteAlpha.count)
        if let key = layout.transparentKey {
            parameters.has_transparent_key = true
            parameters.transparent = (key.0, key.1, key.2)
        }
        var output: UnsafeMutablePointer<UInt8>?
        var count = 0
        var report = codec_report()
        let isDone = samples.withUnsafeBufferPointer { samples in
            layout.palette.withUnsafeBufferPointer { palette in
                layout.paletteAlpha.withUnsafeBufferPointer { alpha in
                    parameters.palette = palette.baseAddress
                    parameters.palette_alpha = alpha.baseAddress
                    return codec_png_encode(samples.baseAddress, &parameters, &output, &count, &report)
                }
            }
        }
        guard isDone, let output else { throw EncodingError(description: "the PNG was not written: \(report.text)") }
        defer { codec_png_release(output) }
        return Array(UnsafeBufferPointer(start: output, count: count))
    }
}

extension PNGEncoder {
    /// PNG's colour types.
    package enum ColourType: Int32, Sendable, CaseIterable {
        case grey = 0
        case rgb = 2
        case palette = 3
        case greyAlpha = 4
        case rgba = 6

        /// Samples a pixel.
        package var channels: Int {
            switch self {
            case .grey, .palette: 1
            case .greyAlpha: 2
            case .rgb: 3
            case .rgba: 4
            }
        }

        /// The depths that exist.
        package var depths: [Int] {
            switch self {
            case .grey: [1, 2, 4, 8, 16]
            case .palette: [1, 2, 4, 8]
            case .rgb, .greyAlpha, .rgba: [8, 16]
            }
        }
    }

    /// How the samples lie in a PNG.
    package struct Layout: Sendable {
        package var colourType: ColourType
        package var bitDepth: Int
        package var isInterlaced = false
        /// 3 bytes an entry.
        package var palette: [UInt8] = []
        /// Alpha of the first entries.
        package var paletteAlpha: [UInt8] = []
        /// Grey (the first) or RGB that counts as transparent.
        package var transparentKey: (UInt16, UInt16, UInt16)?

        package init(colourType: ColourType, bitDepth: Int) {
            self.colourType = colourType
            self.bitDepth = bitDepth
        }

        /// Bytes a row.
        package func rowBytes(width: Int) -> Int { (width * colourType.channels * bitDepth + 7) / 8 }
    }
}
