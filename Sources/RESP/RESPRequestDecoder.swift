import NIOCore

/// Frames the requests of a connection: RESP arrays of bulk strings, or inline commands (a line of words).
///
/// Source: the RESP specification, "Sending commands to a server" and "Inline commands". The decoder keeps what it has
/// read of an unfinished array, so that a large argument arriving in many pieces is looked at once and not once a
/// piece. Sizes are checked when they are announced, before the bytes behind them are waited for.
///
/// Invariant: `expected` is the number of words still missing of the array being read, `nil` between requests.
public struct RESPRequestDecoder: NIOSingleStepByteToMessageDecoder {
    /// What a decoded message is.
    public typealias InboundOut = RESPRequest

    private let limits: RESPLimits
    private var expected: Int?
    private var bulkLength: Int?
    private var words: [ByteBuffer] = []
    private var wireBytes = 0

    /// A decoder that refuses what is past `limits`.
    public init(limits: RESPLimits = RESPLimits()) { self.limits = limits }

    /// The next request of `buffer`, or nil when more bytes are needed.
    /// - Throws: `RESPProtocolError`; the stream cannot be read on after one.
    public mutating func decode(buffer: inout ByteBuffer) throws -> RESPRequest? {
        while true {
            if expected != nil {
                guard try readWords(from: &buffer) else { return nil }
                defer { reset() }
                return RESPRequest(words: words, wireBytes: wireBytes)
            }
            guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
            if first == UInt8(ascii: "*") {
                guard let line = try readLine(from: &buffer, tooLong: "too big mbulk count string") else { return nil }
                guard let count = Self.integer(line.dropFirst()), count <= limits.arguments else {
                    throw RESPProtocolError("invalid multibulk length")
                }
                // An empty or null array is no command, and is passed over without a reply.
                if count > 0 {
                    expected = count
                    wireBytes = line.count + 2
                }
            } else {
                guard let line = try readLine(from: &buffer, tooLong: "too big inline request") else { return nil }
                let words = try Self.split(line)
                if words.isEmpty { continue }
                return RESPRequest(words: words.map { ByteBuffer(bytes: $0) }, wireBytes: line.count + 2)
            }
        }
    }

    /// What is left when the peer closes is an unfinished command, which nobody waits for.
    public mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> RESPRequest? {
        try decode(buffer: &buffer)
    }

    private mutating func reset() {
        expected = nil
        bulkLength = nil
        words = []
        wireBytes = 0
    }

    /// Reads as many words as have arrived; true when the array is whole.
    private mutating func readWords(from buffer: inout ByteBuffer) throws -> Bool {
        while let missing = expected, missing > 0 {
            if bulkLength == nil {
                guard let line = try readLine(from: &buffer, tooLong: "too big bulk count string") else { return false }
                guard line.first == UInt8(ascii: "$") else {
                    let got = line.first.map { String(decoding: [$0], as: UTF8.self) } ?? "\\r"
                    throw RESPProtocolError("expected '$', got '\(got)'")
                }
                guard let length = Self.integer(line.dropFirst()), length >= 0, length <= limits.bulkBytes else {
                    throw RESPProtocolError("invalid bulk length")
                }
                wireBytes += line.count + 2 + length + 2
                guard wireBytes <= limits.requestBytes else { throw RESPProtocolError("request too large") }
                bulkLength = length
            }
            guard let length = bulkLength, buffer.readableBytes >= length + 2 else { return false }
            guard let word = buffer.readSlice(length: length) else { return false }
            buffer.moveReaderIndex(forwardBy: 2)
            words.append(word)
            bulkLength = nil
            expected = missing - 1
        }
        return true
    }

    /// The next line without its end (`\r\n`, or a bare `\n` as typed by hand), or nil when it is not whole yet.
    private func readLine(from buffer: inout ByteBuffer, tooLong reason: String) throws -> [UInt8]? {
        let view = buffer.readableBytesView
        guard let end = view.prefix(limits.inlineBytes + 1).firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count <= limits.inlineBytes else { throw RESPProtocolError(reason) }
            return nil
        }
        var line = view[view.startIndex..<end]
        buffer.moveReaderIndex(forwardBy: line.count + 1)
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return [UInt8](line)
    }

    /// A decimal integer of at most 18 digits; nil for anything else.
    package static func integer(_ digits: some Collection<UInt8>) -> Int? {
        var digits = digits[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits = digits.dropFirst() }
        guard (1...18).contains(digits.count) else { return nil }
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return negative ? -value : value
    }
}

extension RESPRequestDecoder {
    /// Splits an inline command into words: white space separates, `"..."` with escapes and `'...'` group.
    package static func split(_ line: [UInt8]) throws -> [[UInt8]] {
        var words: [[UInt8]] = []
        var rest = line[...]
        while true {
            rest = rest.drop(while: isSpace)
            guard let first = rest.first else { return words }
            var word: [UInt8] = []
            if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
                rest = rest.dropFirst()
                word = try quoted(&rest, by: first)
                // As the reference: a closing quote is followed by white space or the end.
                guard rest.first.map(isSpace) ?? true else { throw RESPProtocolError("unbalanced quotes in request") }
            } else {
                while let byte = rest.first, !isSpace(byte) {
                    rest = rest.dropFirst()
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                        word += try quoted(&rest, by: byte)
                        guard rest.first.map(isSpace) ?? true else {
                            throw RESPProtocolError("unbalanced quotes in request")
                        }
                    } else {
                        word.append(byte)
                    }
                }
            }
            words.append(word)
        }
    }

    private static func quoted(_ rest: inout ArraySlice<UInt8>, by quote: UInt8) throws -> [UInt8] {
        var word: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == quote { return word }
            guard byte == UInt8(ascii: "\\"), let escaped = rest.first else {
                word.append(byte)
                continue
            }
            if quote == UInt8(ascii: "'") {
                // Only the quote itself can be escaped between single quotes.
                if escaped == quote {
                    word.append(escaped)
                    rest = rest.dropFirst()
                } else {
                    word.append(byte)
                }
                continue
            }
            rest = rest.dropFirst()
            switch escaped {
            case UInt8(ascii: "n"): word.append(0x0A)
            case UInt8(ascii: "r"): word.append(0x0D)
            case UInt8(ascii: "t"): word.append(0x09)
            case UInt8(ascii: "b"): word.append(0x08)
            case UInt8(ascii: "a"): word.append(0x07)
            case UInt8(ascii: "x"):
                if rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                    word.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    word.append(escaped)
                }
            default: word.append(escaped)
            }
        }
        throw RESPProtocolError("unbalanced quotes in request")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) || byte == 0 }
}
