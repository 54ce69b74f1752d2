import CImageCodecs

/// Pictures to JPEG.
public struct JPEGEncoder: Sendable {
    /// libjpeg's scale, 1...100; what lies outside is brought to the nearer end.
    public var quality: Int
    /// How the file is laid out.
    package var options = Options()

    /// An encoder. 85 shows no loss at a glance; thumbnails do with less.
    public init(quality: Int = 85) {
        self.quality = quality
    }

    /// Encodes as YCbCr with halved chroma. Throws when a side is longer than JPEG's 65,500 pixels (libjpeg's bound).
    public func encode(_ picture: Picture) throws(EncodingError) -> [UInt8] {
        var samples = picture.pixels
        switch options.colour {
        case .yCbCr, .rgb: break
        case .grey: samples = Self.luma(samples)
        case .cmyk, .ycck: samples = Self.cmyk(samples, isInverted: options.hasAdobeMarker)
        }
        return try encode(samples: samples, width: picture.width, height: picture.height)
    }

    /// Encodes samples that are already in the colour space of the options: 1, 3 or 4 a pixel.
    package func encode(samples: [UInt8], width: Int, height: Int) throws(EncodingError) -> [UInt8] {
        precondition(samples.count == width * height * options.colour.samples, "the samples are those of the size")
        var parameters = codec_jpeg_parameters()
        parameters.width = UInt32(width)
        parameters.height = UInt32(height)
        parameters.colour = options.colour.code
        parameters.quality = Int32(min(max(quality, 1), 100))
        parameters.horizontal_sampling = Int32(options.subsampling.horizontal)
        parameters.vertical_sampling = Int32(options.subsampling.vertical)
        parameters.progressive = options.isProgressive || !options.scans.isEmpty
        parameters.arithmetic = options.isArithmetic
        parameters.adobe_marker = options.hasAdobeMarker
        parameters.restart_interval = UInt32(options.restartInterval)
        let script = options.scans.map { scan in
            codec_jpeg_scan(
                components: scan.components, spectral_start: scan.spectral.lowerBound,
                spectral_end: scan.spectral.upperBound, approximation_high: scan.approximationHigh,
                approximation_low: scan.approximationLow)
        }
        var output: UnsafeMutablePointer<UInt8>?
        var count = 0
        var report = codec_report()
        let isDone = samples.withUnsafeBufferPointer { samples in
            options.app1.withUnsafeBufferPointer { app1 in
                script.withUnsafeBufferPointer { script in
                    parameters.app1 = app1.isEmpty ? nil : app1.baseAddress
                    parameters.app1_count = app1.count
                    parameters.scan_script = script.isEmpty ? nil : script.baseAddress
                    parameters.scan_count = Int32(script.count)
                    return codec_jpeg_encode(samples.baseAddress, &parameters, &output, &count, &report)
                }
            }
        }
        guard isDone, let output else { throw EncodingError(description: "the JPEG was not written: \(report.text)") }
        defer { codec_jpeg_release(output) }
        return Array(UnsafeBufferPointer(start: output, count: count))
    }

    /// RGB as JFIF's luma.
    private static func luma(_ rgb: [UInt8]) -> [UInt8] {
        stride(from: 0, to: rgb.count, by: 3).map { index in
            let red = 299 * Int(rgb[index])
            let green = 587 * Int(rgb[index + 1])
            let blue = 114 * Int(rgb[index + 2])
            return UInt8((red + green + blue + 500) / 1000)
        }
    }

    /// RGB as ink with the black taken out as far as it goes; what decodes back to the same RGB.
    private static func cmyk(_ rgb: [UInt8], isInverted: Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(rgb.count / 3 * 4)
        for index in stride(from: 0, to: rgb.count, by: 3) {
            let paper = rgb[index..<index + 3]
            let light = Int(paper.max() ?? 0)
            // Light that a colour lets through, of what the black lets through.
            for value in paper {
                let through = light == 0 ? 255 : (Int(value) * 255 + light / 2) / light
                result.append(UInt8(isInverted ? through : 255 - through))
            }
            result.append(UInt8(isInverted ? light : 255 - light))
        }
        return result
    }
}

extension JPEGEncoder {
    /// What a JPEG can be besides the usual; the decoder's tests make them all.
    package struct Options: Sendable {
        /// The colour space stored.
        package var colour = Colour.yCbCr
        /// Sampling of the first component against the others; 1 x 1 for one component.
        package var subsampling = Subsampling.s420
        /// libjpeg's default progressive script.
        package var isProgressive = false
        /// A progressive script of one's own.
        package var scans: [Scan] = []
        /// Arithmetic instead of Huffman coding.
        package var isArithmetic = false
        /// CMYK and YCCK: Adobe's marker, and with it inverted ink.
        package var hasAdobeMarker = true
        /// MCUs between restart markers, 0 for none.
        package var restartInterval = 0
        /// The payload of an APP1 segment, such as EXIF.
        package var app1: [UInt8] = []

        package init() {}
    }

    package enum Colour: Sendable, CaseIterable {
        case grey, yCbCr, rgb, cmyk, ycck

        package var samples: Int {
            switch self {
            case .grey: 1
            case .yCbCr, .rgb: 3
            case .cmyk, .ycck: 4
            }
        }

        var code: codec_jpeg_colour {
            switch self {
            case .grey: CODEC_JPEG_GREY
            case .yCbCr: CODEC_JPEG_YCC
            case .rgb: CODEC_JPEG_RGB
            case .cmyk: CODEC_JPEG_CMYK
            case .ycck: CODEC_JPEG_YCCK
            }
        }
    }

    package struct Subsampling: Sendable, Equatable {
        package var horizontal: Int
        package var vertical: Int
        package static let s444 = Subsampling(horizontal: 1, vertical: 1)
        package static let s422 = Subsampling(horizontal: 2, vertical: 1)
        package static let s440 = Subsampling(horizontal: 1, vertical: 2)
        package static let s420 = Subsampling(horizontal: 2, vertical: 2)
        package static let s411 = Subsampling(horizontal: 4, vertical: 1)
        package static let all = [s444, s422, s440, s420, s411]
    }

    /// One scan of a progressive script.
    package struct Scan: Sendable {
        /// Bit 0 is the first component.
        package var components: UInt8
        package var spectral: ClosedRange<UInt8>
        package var approximationHigh: UInt8
        package var approximationLow: UInt8

        package init(components: UInt8, spectral: ClosedRange<UInt8>, high: UInt8 = 0, low: UInt8 = 0) {
            self.components = components
            self.spectral = spectral
            approximationHigh = high
            approximationLow = low
        }
    }
}
