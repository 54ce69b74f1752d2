/// The facts of a JPEG, from its marker segments up to the first scan (ITU-T T.81, annex B).
///
/// libjpeg reads them again when it decodes. This walk comes first so that kinds that are not decoded are named, limits
/// are checked before a library allocates anything, and the facts cost no decoder.
enum JPEGHeader {
    /// Reads the header, or says why it is no JPEG that can be decoded.
    static func read(_ bytes: UnsafeRawBufferPointer) throws(DecodingError) -> ImageFacts {
        var at = 2
        var frame: Frame?
        var orientation: Int?
        while true {
            let marker = try nextMarker(bytes, &at)
            switch marker {
            case 0xD8, 0xD0...0xD7, 0x01:
                continue  // no segment follows; a second start of image is for libjpeg to judge
            case 0xD9:
                if frame == nil { throw .corrupt("the image ends before its frame header") }
                throw .corrupt("the image ends before its first scan")
            default:
                break
            }
            guard at + 2 <= bytes.count else { throw .truncated("the data end inside the header") }
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            guard length >= 2 else { throw .corrupt("a marker segment of length \(length)") }
            let isComplete = at + length <= bytes.count
            if marker == 0xDA {
                guard let frame else { throw .corrupt("a scan before the frame header") }
                return try frame.facts(orientation: orientation ?? 1)
            }
            guard isComplete else { throw .truncated("the data end inside the header") }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[at + 2..<at + length])
            if marker == 0xE1, orientation == nil {
                orientation = EXIFOrientation.find(inAPP1: payload)
            } else if Frame.markers.contains(marker), frame == nil {
                frame = try Frame(marker: marker, payload)
            }
            at += length
        }
    }

    /// The next marker's code; garbage before it is skipped, as decoders do.
    private static func nextMarker(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) throws(DecodingError) -> UInt8 {
        while at + 1 < bytes.count {
            if bytes[at] == 0xFF, bytes[at + 1] != 0, bytes[at + 1] != 0xFF {
                at += 2
                return bytes[at - 1]
            }
            at += 1
        }
        throw .truncated("the data end inside the header")
    }

    /// A frame header (SOF).
    private struct Frame {
        /// SOF0...SOF15 without DHT, JPG and DAC, which lie between; and that of JPEG-LS.
        static let markers: Set<UInt8> = [
            0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF, 0xF7,
        ]

        let isProgressive: Bool
        let precision: Int
        let width: Int
        let height: Int
        let components: Int

        init(marker: UInt8, _ payload: UnsafeRawBufferPointer) throws(DecodingError) {
            switch marker {
            case 0xC3, 0xCB: throw .unsupported("lossless JPEG")
            case 0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF: throw .unsupported("hierarchical JPEG")
            case 0xF7: throw .unsupported("JPEG-LS")
            default: break
            }
            guard payload.count >= 6 else { throw .corrupt("a frame header of \(payload.count) bytes") }
            isProgressive = marker == 0xC2 || marker == 0xCA
            precision = Int(payload[0])
            height = Int(payload[1]) << 8 | Int(payload[2])
            width = Int(payload[3]) << 8 | Int(payload[4])
            components = Int(payload[5])
        }

        func facts(orientation: Int) throws(DecodingError) -> ImageFacts {
            guard precision == 8 else {
                if precision == 12 { throw .unsupported("12-bit JPEG") }
                throw .corrupt("\(precision) bits a sample")
            }
            guard width > 0 else { throw .corrupt("a width of zero") }
            // Zero means that a DNL marker behind the first scan tells it, which nobody but fax machines did.
            guard height > 0 else { throw .corrupt("a height of zero") }
            return ImageFacts(
                format: .jpeg, storedWidth: width, storedHeight: height, orientation: orientation,
                isProgressive: isProgressive, bitDepth: precision, channels: components)
        }
    }
}
