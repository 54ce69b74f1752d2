import NIOCore

/// Reads replies, for clients: every type of RESP2, and of RESP3 those this server sends.
///
/// A reply is parsed from its first byte again when more bytes arrive: replies are small, and the parser stays a plain
/// recursive function. Nesting is limited, for a peer is not to be trusted with the stack.
public struct RESPReplyDecoder: NIOSingleStepByteToMessageDecoder {
    /// What a decoded message is.
    public typealias InboundOut = RESPReply

    /// Deepest nesting of arrays and maps that is read.
    public static let maximumDepth = 8
    /// Most entries of one array or map, and longest string in bytes, that are read.
    public static let maximumLength = 512 << 20

    /// A decoder of a fresh stream.
    public init() {}

    /// The next reply of `buffer`, or nil when more bytes are needed.
    /// - Throws: `RESPProtocolError` when the bytes are no reply.
    public mutating func decode(buffer: inout ByteBuffer) throws -> RESPReply? {
        var attempt = buffer
        guard let reply = try Self.read(&attempt, depth: 0) else { return nil }
        buffer = attempt
        return reply
    }

    /// An unfinished reply at the end of the stream is dropped.
    public mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> RESPReply? {
        try decode(buffer: &buffer)
    }

    private static func read(_ buffer: inout ByteBuffer, depth: Int) throws -> RESPReply? {
        guard depth <= maximumDepth else { throw RESPProtocolError("reply nested too deep") }
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
        let length = end - buffer.readerIndex
        guard buffer.readableBytes >= length + 2, let line = buffer.readBytes(length: length), let type = line.first
        else { return nil }
        buffer.moveReaderIndex(forwardBy: 2)
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
        switch type {
        case UInt8(ascii: "+"): return .simple(text)
        case UInt8(ascii: "-"): return .error(text)
        case UInt8(ascii: ":"): return .integer(try integer(line))
        case UInt8(ascii: "_"): return .null
        case UInt8(ascii: "#"): return .boolean(text == "t")
        case UInt8(ascii: ","):
            guard let value = Double(text) else { throw RESPProtocolError("invalid double in reply") }
            return .double(value)
        case UInt8(ascii: "$"):
            let length = try integer(line)
            if length < 0 { return .null }
            guard buffer.readableBytes >= length + 2, let bytes = buffer.readBytes(length: length) else { return nil }
            buffer.moveReaderIndex(forwardBy: 2)
            return .bulk(bytes)
        case UInt8(ascii: "*"):
            let count = try integer(line)
            if count < 0 { return .nullArray }
            return try items(&buffer, count, depth).map { .array($0) }
        case UInt8(ascii: "%"):
            guard let items = try items(&buffer, try integer(line) * 2, depth) else { return nil }
            return .map(stride(from: 0, to: items.count, by: 2).map { .init(items[$0], items[$0 + 1]) })
        default: throw RESPProtocolError("unknown reply type")
        }
    }

    private static func items(_ buffer: inout ByteBuffer, _ count: Int, _ depth: Int) throws -> [RESPReply]? {
        var items: [RESPReply] = []
        for _ in 0..<max(0, count) {
            guard let item = try read(&buffer, depth: depth + 1) else { return nil }
            items.append(item)
        }
        return items
    }

    private static func integer(_ line: [UInt8]) throws -> Int {
        guard let value = RESPRequestDecoder.integer(line.dropFirst()), value <= maximumLength || line[0] == 0x3A else {
            throw RESPProtocolError("invalid length in reply")
        }
        return value
    }
}
