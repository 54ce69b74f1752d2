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
    /// Work of a JPEG over all its scans, counted in coefficients of a refinement: a scan of a few bytes can look at
    /// every coefficient of every block. A block costs 16 and each coefficient of the scan's band 1, or 16 when it is
    /// coded arithmetically. Default 1.5 billion, under two seconds of work. The usual ten scans at 4:2:0 come to 6 a
    /// pixel (1.2 billion for 200 megapixels), a baseline file to 2; coded arithmetically to 66 and 24, so that those
    /// are read up to some 22 and 61 megapixels.
    public var scanCoefficients = 1_500_000_000
    /// Bytes of a PNG after inflation, as its rows are stored: few bytes of file can inflate to a thousand times as
    /// many. Default 1 GiB, which 200 megapixels of 8-bit RGBA fit.
    public var inflatedBytes = 1 << 30
    /// Bytes of working memory of one decode, the resulting picture included. Default 768 MiB. What all decodes at the
    /// same time may take together is a `DecodingBudget`.
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

    /// Checks what the rows of a PNG inflate to; `count` may not fit an `Int`.
    func check(inflatedBytes count: UInt128) throws(DecodingError) {
        if count > UInt128(max(0, inflatedBytes)) { throw .tooLarge(count, "inflated bytes", limit: inflatedBytes) }
    }

    /// Checks the working memory, the output included.
    func check(memory: UInt64) throws(DecodingError) {
        if memory > UInt64(max(0, memoryBytes)) {
            throw .tooLarge(memory, "bytes of working memory", limit: memoryBytes)
        }
    }
}
