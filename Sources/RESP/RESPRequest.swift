import NIOCore

/// One command as a client sent it: the command's name, then its arguments, all of them byte strings.
///
/// The arguments are slices of the connection's receive buffer, so that a picture of several megabytes is not copied
/// on its way to the decoder.
public struct RESPRequest: Sendable, Equatable {
    /// The words; never empty. `words[0]` is the command's name as the client spelt it.
    public var words: [ByteBuffer]

    /// The bytes the request took on the wire, for accounting of memory held.
    public var wireBytes: Int

    /// A request of these words.
    public init(words: [ByteBuffer], wireBytes: Int = 0) {
        precondition(!words.isEmpty, "a request has at least a command name")
        self.words = words
        self.wireBytes = wireBytes
    }
}

/// How much a client may ask a server to hold before a command is complete.
public struct RESPLimits: Sendable, Equatable {
    /// Longest single argument, in bytes. Room for the largest picture file the decoder takes, and the rest.
    public var bulkBytes = 512 << 20
    /// Most words in one command.
    public var arguments = 1 << 20
    /// Longest inline command, and longest count line, in bytes.
    public var inlineBytes = 64 << 10
    /// Most bytes one command may take in all.
    public var requestBytes = 1 << 30

    /// The limits of the protocol's reference server.
    public init() {}
}

/// Bytes that are no command. The text is what the client is told before the connection is closed.
public struct RESPProtocolError: Error, Equatable, CustomStringConvertible {
    /// For example `invalid bulk length`.
    public let reason: String

    /// An error with this reason.
    public init(_ reason: String) { self.reason = reason }

    /// The reply's text after `-ERR `.
    public var description: String { "Protocol error: \(reason)" }
}
