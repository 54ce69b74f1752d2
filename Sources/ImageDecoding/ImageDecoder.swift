/// Bytes to upright pixels.
///
/// What a file is, its first bytes say. JPEG (baseline, extended, progressive, arithmetic; grey, YCbCr, RGB, CMYK,
/// YCCK) and PNG (all of it; of an animated one the picture that other decoders show) become 8-bit RGB, turned by the
/// EXIF orientation, transparency composited over white. Colour profiles and gamma are ignored: the samples are taken
/// as sRGB. Other kinds are refused by name.
///
/// A value of this type may be used from any number of tasks at once. They share nothing but the budget of memory: a
/// decode that does not fit beside those running blocks its thread until they are done.
public struct ImageDecoder: Sendable {
    /// What one decode may cost.
    public var limits: DecodingLimits
    /// What this decode and all others with the same budget may take together.
    public var budget: DecodingBudget

    /// A decoder with these limits. The budget is one for the whole process unless another is given.
    public init(limits: DecodingLimits = .standard, budget: DecodingBudget = .shared) {
        self.limits = limits
        self.budget = budget
    }

    /// What the header says, without decoding. Throws for what `decode` would refuse by the header.
    public func facts(of bytes: [UInt8]) throws(DecodingError) -> ImageFacts {
        try withRaw(bytes) { (raw: UnsafeRawBufferPointer) throws(DecodingError) in try facts(of: raw) }
    }

    /// The same for bytes in memory of any kind.
    public func facts(of bytes: UnsafeRawBufferPointer) throws(DecodingError) -> ImageFacts {
        try limits.check(fileBytes: bytes.count)
        let facts: ImageFacts
        switch Signature(bytes) {
        case .jpeg: facts = try JPEGHeader.read(bytes)
        case .png: facts = try PNGHeader.read(bytes)
        case .unsupported(let name): throw .unsupported(name)
        case .notAnImage: throw .notAnImage
        }
        try limits.check(width: facts.storedWidth, height: facts.storedHeight)
        if facts.format == .png { try limits.check(inflatedBytes: PNGHeader.inflatedBytes(facts)) }
        return facts
    }

    /// Decodes, at full size or at the cheapest size that covers what is wanted.
    public func decode(_ bytes: [UInt8], wanted: WantedSize = .full) throws(DecodingError) -> DecodedImage {
        try withRaw(bytes) { (raw: UnsafeRawBufferPointer) throws(DecodingError) in try decode(raw, wanted: wanted) }
    }

    /// The same for bytes in memory of any kind.
    public func decode(
        _ bytes: UnsafeRawBufferPointer, wanted: WantedSize = .full
    ) throws(DecodingError) -> DecodedImage {
        let facts = try facts(of: bytes)
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { throw .notAnImage }
        let buffer = UnsafeBufferPointer(start: start, count: bytes.count)
        switch facts.format {
        case .jpeg: return try JPEGDecoding.decode(buffer, facts: facts, wanted: wanted, by: self)
        case .png: return try PNGDecoding.decode(buffer, facts: facts, wanted: wanted, by: self)
        }
    }

    private func withRaw<Result>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(DecodingError) -> Result
    ) throws(DecodingError) -> Result {
        try bytes.withUnsafeBufferPointer { (buffer) throws(DecodingError) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}

/// The size in which a picture is wanted.
public enum WantedSize: Sendable, Equatable {
    /// As it is.
    case full
    /// At least this many pixels in both directions of the upright picture, if it has them, and as few more as the
    /// codec gives cheaply: JPEG in steps of an eighth, PNG by whole factors.
    case covering(width: Int, height: Int)

    /// The wanted size as stored.
    func stored(_ facts: ImageFacts) -> (width: Int, height: Int) {
        switch self {
        case .full: (facts.storedWidth, facts.storedHeight)
        case .covering(let width, let height):
            facts.isTurned ? (max(1, height), max(1, width)) : (max(1, width), max(1, height))
        }
    }
}

/// A picture and what is known of where it came from.
public struct DecodedImage: Sendable {
    /// The upright picture, at the size that was decoded.
    public let picture: Picture
    /// What the header says; its size is that of the whole picture, whatever size was wanted.
    public let facts: ImageFacts
    /// The file ended early: what was missing is grey (JPEG) or white (PNG).
    public let isTruncated: Bool
    /// The codec's first complaint about something it could read past, or nil.
    public let warning: String?
    /// Scans of a JPEG that were read.
    package let scansRead: Int
}
