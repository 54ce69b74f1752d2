import NIOCore

/// The two dialects of the protocol. A connection starts in `resp2` and may change with `HELLO 3`.
public enum RESPVersion: Int, Sendable, Equatable {
    /// Arrays, bulk strings, integers; what every client library speaks.
    case resp2 = 2
    /// Adds maps, doubles, booleans and null.
    case resp3 = 3
}

/// A reply, independent of the dialect it will be written in.
public indirect enum RESPReply: Sendable, Equatable {
    /// A line of text: `+OK`.
    case simple(String)
    /// `-CODE text`.
    case error(String)
    /// `:1`.
    case integer(Int)
    /// A byte string.
    case bulk([UInt8])
    /// `,0.5`; a bulk string of the same text in RESP2.
    case double(Double)
    /// `#t`; `:1` in RESP2.
    case boolean(Bool)
    /// `_`; the null bulk string in RESP2.
    case null
    /// `_`; the null array in RESP2.
    case nullArray
    /// `*n`.
    case array([RESPReply])
    /// `%n`; an array of keys and values in turn in RESP2.
    case map([Pair])

    /// One entry of a map, in the order it is written.
    public struct Pair: Sendable, Equatable {
        /// The entry's key.
        public var key: RESPReply
        /// The entry's value.
        public var value: RESPReply

        /// An entry.
        public init(_ key: RESPReply, _ value: RESPReply) {
            self.key = key
            self.value = value
        }
    }

    /// A byte string holding `text` as UTF-8.
    public static func text(_ text: String) -> RESPReply { .bulk([UInt8](text.utf8)) }

    /// `+OK`.
    public static var ok: RESPReply { .simple("OK") }
}

extension ByteBuffer {
    /// Appends `reply` in the dialect `version`.
    public mutating func writeRESP(_ reply: RESPReply, _ version: RESPVersion) {
        switch reply {
        case .simple(let text): writeLine("+", text)
        // A line break inside would be read as the next reply.
        case .error(let text): writeLine("-", text.replacingLineBreaks())
        case .integer(let value): writeLine(":", String(value))
        case .bulk(let bytes): writeBulk(bytes)
        case .double(let value):
            let text = RESPDouble.text(of: value)
            if version == .resp3 { writeLine(",", text) } else { writeBulk(text.utf8) }
        case .boolean(let value):
            writeString(version == .resp3 ? (value ? "#t\r\n" : "#f\r\n") : (value ? ":1\r\n" : ":0\r\n"))
        case .null: writeString(version == .resp3 ? "_\r\n" : "$-1\r\n")
        case .nullArray: writeString(version == .resp3 ? "_\r\n" : "*-1\r\n")
        case .array(let items):
            writeLine("*", String(items.count))
            for item in items { writeRESP(item, version) }
        case .map(let pairs):
            if version == .resp3 {
                writeLine("%", String(pairs.count))
            } else {
                writeLine("*", String(pairs.count * 2))
            }
            for pair in pairs {
                writeRESP(pair.key, version)
                writeRESP(pair.value, version)
            }
        }
    }

    /// Appends a command as an array of bulk strings, the form every server reads.
    public mutating func writeRESPCommand(_ words: [[UInt8]]) {
        writeLine("*", String(words.count))
        for word in words { writeBulk(word) }
    }

    private mutating func writeLine(_ type: String, _ text: String) {
        writeString(type)
        writeString(text)
        writeString("\r\n")
    }

    private mutating func writeBulk(_ bytes: some Collection<UInt8>) {
        writeLine("$", String(bytes.count))
        writeBytes(bytes)
        writeString("\r\n")
    }
}

extension String {
    fileprivate func replacingLineBreaks() -> String {
        guard utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return self }
        return String(decoding: utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }
}
