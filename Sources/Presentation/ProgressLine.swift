#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Progress on standard error: a bar that redraws itself on a terminal, a plain line every few seconds elsewhere.
public struct ProgressLine: ~Copyable {
    /// Seconds between two redraws of the bar.
    private static let redraw = 0.1
    /// Seconds between two plain lines.
    private static let plain = 5.0

    private let total: Int
    private let isTerminal: Bool
    private let started = ContinuousClock.now
    private var last: ContinuousClock.Instant?
    private var isDrawn = false

    /// Progress towards `total` files.
    public init(total: Int) {
        self.total = total
        isTerminal = isatty(2) == 1
    }

    /// Shows where the run is, unless it was shown a moment ago.
    /// - Parameters:
    ///   - done: files finished.
    ///   - rejected: of these, rejected ones.
    ///   - bytes: bytes of files read so far.
    public mutating func update(done: Int, rejected: Int, bytes: Int) {
        let now = ContinuousClock.now
        let pause = Double((now - (last ?? started)) / .milliseconds(1)) / 1000
        guard pause >= (isTerminal ? Self.redraw : Self.plain) || (isTerminal && last == nil) else { return }
        last = now
        let seconds = Double((now - started) / .milliseconds(1)) / 1000
        let text = Self.text(done: done, total: total, rejected: rejected, bytes: bytes, seconds: seconds)
        if isTerminal {
            let bar = Self.bar(done: done, total: total, width: 24)
            Self.write("\r\u{1B}[K\(bar) \(text)")
            isDrawn = true
        } else {
            Self.write(text + "\n")
        }
    }

    /// Takes the bar away, for other text.
    public mutating func clear() {
        if isDrawn { Self.write("\r\u{1B}[K") }
        isDrawn = false
    }

    /// `1200/2094 files, 57%, 231 files/s, 5.4 MB/s, 3 rejected, 4 s left`.
    package static func text(done: Int, total: Int, rejected: Int, bytes: Int, seconds: Double) -> String {
        var parts = ["\(done)/\(total) files"]
        if total > 0 { parts.append("\(min(100, done * 100 / total))%") }
        if seconds > 0 {
            let rate = Double(done) / seconds
            parts.append("\(Int(rate.rounded())) files/s")
            parts.append("\(oneDecimal(Double(bytes) / seconds / 1e6)) MB/s")
            if rejected > 0 { parts.append("\(rejected) rejected") }
            if rate > 0, done < total { parts.append("\(duration(Double(total - done) / rate)) left") }
        }
        return parts.joined(separator: ", ")
    }

    /// `[######------]`.
    package static func bar(done: Int, total: Int, width: Int) -> String {
        let filled = total > 0 ? min(width, done * width / total) : width
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
    }

    /// `45 s`, `3 min 5 s`, `2 h 10 min`.
    package static func duration(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// `0.4 s`, `12 s`, `3 min 5 s`: time that has passed.
    public static func elapsed(_ seconds: Double) -> String {
        seconds < 10 ? "\(oneDecimal(seconds)) s" : duration(seconds)
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func write(_ text: String) { StandardStream.error.write(text) }
}
