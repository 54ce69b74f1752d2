import Synchronization

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

    /// The name of a file as text for a terminal: control characters, which could end the line or command the terminal,
    /// are shown as `\u{1B}`; bytes that are not UTF-8 as the replacement character.
    public static func readable(_ name: [UInt8]) -> String {
        String(decoding: name, as: UTF8.self).unicodeScalars.reduce(into: "") { out, scalar in
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                out += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }

    /// Lets writes to a reader that went away fail instead of ending the process: a run that indexes goes on when
    /// nobody listens to its report.
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Why results could not be written, if so. A reader that went away is no failure: what it does not want is dropped.
    public static var outputFault: String? {
        let code = fault.load(ordering: .relaxed)
        return code == 0 ? nil : String(cString: strerror(code))
    }

    private static let fault = Atomic<Int32>(0)

    /// Writes text.
    public func write(_ text: String) {
        var text = text
        text.withUTF8 { buffer in
            var rest = UnsafeRawBufferPointer(buffer)
            while !rest.isEmpty {
                let count = platformWrite(rawValue, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else {
                    if self == .output, errno != EPIPE { Self.fault.store(errno, ordering: .relaxed) }
                    return
                }
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
