#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The number that a text says. The reference asks `strtod`, and so do we for all that is not a plain decimal: in
/// strings that reads `0x10`, `inf`, `nan` and leading spaces too. The program never calls `setlocale`, so the decimal
/// point is a point.
enum NumberText {
    /// Powers of ten that a binary64 holds exactly.
    private static let exactPowers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]

    /// The number, or nil if the whole text is not one or is longer than `FilterLimits.numberLength`.
    static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
        guard !text.isEmpty, text.count <= FilterLimits.numberLength else { return nil }
        return plainDecimal(text) ?? standard(text)
    }

    /// See `parse(_:)` above.
    static func parse(_ text: Span<UInt8>) -> Double? {
        text.withUnsafeBufferPointer { parse(UnsafeRawBufferPointer($0)) }
    }

    /// At most 15 digits with at most one point among them and a minus before them: the digits as an integer and the
    /// power of ten are exact then, so one division rounds as `strtod` does (W. D. Clinger, "How to read floating
    /// point numbers accurately", 1990).
    private static func plainDecimal(_ text: UnsafeRawBufferPointer) -> Double? {
        let isNegative = text[0] == .minus
        var digits: Int64 = 0
        var digitCount = 0
        var pointAt: Int?
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            if byte.isDigit {
                digits = digits &* 10 &+ Int64(byte &- 0x30)
                digitCount += 1
                if digitCount > 15 { return nil }
            } else if byte == .dot, pointAt == nil {
                pointAt = digitCount
            } else {
                return nil
            }
        }
        guard digitCount > 0 else { return nil }
        let magnitude = Double(digits) / exactPowers[digitCount - (pointAt ?? digitCount)]
        return isNegative ? -magnitude : magnitude
    }

    private static func standard(_ text: UnsafeRawBufferPointer) -> Double? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: FilterLimits.numberLength + 1) { buffer in
            for (i, byte) in text.enumerated() { buffer[i] = CChar(bitPattern: byte) }
            buffer[text.count] = 0
            var end: UnsafeMutablePointer<CChar>?
            let number = strtod(buffer.baseAddress!, &end)
            // A NUL within the text ends it for strtod, but not for us.
            return end == buffer.baseAddress! + text.count ? number : nil
        }
    }
}
