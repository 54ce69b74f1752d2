#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Standard output and standard error, unbuffered: a line is out when the call returns, also into a pipe.
public enum StandardStream: Int32, Sendable {
    /// Results.
    case output = 1
    /// Progress, logs, complaints.
    case error = 2

    /// Writes text. A reader that went away is no failure of ours: what it does not want is dropped.
    public func write(_ text: String) {
        var text = text
        text.withUTF8 { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while !rest.isEmpty {
                let count = platformWrite(rawValue, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Writes text and a line end.
    public func line(_ text: some CustomStringConvertible) { write("\(text)\n") }
}

private func platformWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, base, count)
    #else
        Darwin.write(descriptor, base, count)
    #endif
}
