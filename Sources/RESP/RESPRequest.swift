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

    /// About the memory the request takes while it waits: many short words take more than their bytes.
    public var heldBytes: Int { wireBytes + 128 + 64 * words.count }

    /// A request of these words.
    public init(words: [ByteBuffer], wireBytes: Int = 0) {
        precondition(!words.isEmpty, "a request has at least a command name")
        self.words = words
        self.wireBytes = wireBytes
    }
}

/// How much a client may ask a server to hold before a command is complete.
public struct RESPLimits: Sendable, Equatable {
    /// Longest single argument, in bytes: room for the largest picture file the decoder takes.
    public var bulkBytes = 256 << 20
    /// Most words in one command.
    public var arguments = 1 << 20
    /// Longest inline command, and longest count line, in bytes.
    public var inlineBytes = 64 << 10
    /// Most bytes one command may take in all.
    public var requestBytes = 512 << 20

    /// The defaults.
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
