/// The text of a double on the wire: whole numbers without a point, else the shortest text that reads back as the same
/// value, in plain notation while it stays short.
///
/// The digits are Swift's own shortest ones (Errol/SwiftDtoa); only their layout differs. The rules where plain
/// notation ends are those of the Grisu2 printer that the reference server uses: with `digits` significant digits and
/// the last of them standing for 10^k, a number is written in full when k >= 0 and it has fewer than digits + 7 places,
/// or when k < 0 and k > -7 or its magnitude is below 10^4; else as `d.ddde±x`.
public enum RESPDouble {
    /// `1`, `-0`, `0.25`, `1.5e-9`, `nan`, `inf`, `-inf`.
    public static func text(of value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        // Exact integers that a 64-bit integer holds print as integers.
        if value.magnitude < 4_503_599_627_370_496, value == value.rounded() { return String(Int64(value)) }
        let (digits, k) = shortestDigits(of: value.magnitude)
        return (value < 0 ? "-" : "") + layOut(digits, k)
    }

    /// The shortest decimal digits of a positive value, and the power of ten of the last one.
    private static func shortestDigits(of value: Double) -> (digits: [Character], k: Int) {
        var digits: [Character] = []
        var k = 0
        var seenPoint = false
        var text = value.description[...]
        if let mark = text.firstIndex(of: "e") {
            k = Int(text[text.index(after: mark)...]) ?? 0
            text = text[..<mark]
        }
        for character in text {
            if character == "." {
                seenPoint = true
            } else {
                digits.append(character)
                if seenPoint { k -= 1 }
            }
        }
        while digits.count > 1, digits.last == "0" {
            digits.removeLast()
            k += 1
        }
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(min(leading, digits.count - 1))
        return (digits, k)
    }

    private static func layOut(_ digits: [Character], _ k: Int) -> String {
        let exponent = k + digits.count - 1
        if k >= 0, abs(exponent) < digits.count + 7 {
            return String(digits) + String(repeating: "0", count: k)
        }
        if k < 0, k > -7 || abs(exponent) < 4 {
            let whole = digits.count + k
            if whole <= 0 { return "0." + String(repeating: "0", count: -whole) + String(digits) }
            return String(digits[..<whole]) + "." + String(digits[whole...])
        }
        let fraction = digits.count > 1 ? "." + String(digits[1...]) : ""
        return "\(digits[0])\(fraction)e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
    }
}
