/// What one decode may cost. Each is checked before the memory is taken or the work is done.
public struct DecodingLimits: Sendable, Equatable {
    /// Bytes of the file. Default 256 MiB.
    public var fileBytes = 256 << 20
    /// Pixels across, as stored. Default 65,535.
    public var width = 65_535
    /// Pixels down, as stored. Default 65,535.
    public var height = 65_535
    /// Millions of pixels, as stored, even when a reduced size is wanted. Default 200.
    public var megapixels = 200
    /// Scans of a JPEG that are read. Default 100; encoders write about ten.
    public var scans = 100
    /// 8 × 8 blocks of a JPEG visited over all scans: a scan of a few bytes can visit every block. Default 200 million,
    /// a second or two of work.
    public var scanBlocks = 200_000_000
    /// Bytes of working memory, the resulting picture included. Default 768 MiB.
    public var memoryBytes = 768 << 20

    /// The defaults.
    public init() {}

    /// The defaults.
    public static let standard = DecodingLimits()

    /// Checks what can be known before anything is read.
    func check(fileBytes count: Int) throws(DecodingError) {
        if count > fileBytes { throw .tooLarge(count, "bytes of file", limit: fileBytes) }
    }

    /// Checks the size that a header claims; both are below 2^32.
    func check(width: Int, height: Int) throws(DecodingError) {
        if width > self.width { throw .tooLarge(width, "pixels across", limit: self.width) }
        if height > self.height { throw .tooLarge(height, "pixels down", limit: self.height) }
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        let (allowed, isUnlimited) = megapixels.multipliedReportingOverflow(by: 1_000_000)
        if overflow || (!isUnlimited && pixels > allowed) {
            let millions = overflow ? Double(width) * Double(height) / 1e6 : Double(pixels) / 1e6
            let text = millions.rounded() == millions && millions < 1e15 ? "\(Int(millions))" : "\(millions)"
            throw .tooLarge(text, "megapixels", limit: megapixels)
        }
    }

    /// Checks the working memory, the output included.
    func check(memory: UInt64) throws(DecodingError) {
        if memory > UInt64(max(0, memoryBytes)) {
            throw .tooLarge(memory, "bytes of working memory", limit: memoryBytes)
        }
    }
}
