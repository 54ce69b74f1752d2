/// Where pictures are put: a store opened here, or a running server.
public protocol IndexTarget: Sendable {
    /// The attributes of an element as stored; nil when there is none.
    func attributes(of name: [UInt8]) async throws -> [UInt8]?

    /// Embeds and stores one picture; what was stored is durable as the target promises when this returns.
    /// - Parameter former: the attributes the element had.
    func add(_ file: FoundFile, contents: [UInt8], former: [UInt8]?) async throws -> AddResult

    /// Lets go of threads and connections. Call once, when the run has ended.
    func finish() async throws

    /// Files that may usefully be under way at once.
    var width: Int { get }
}

/// What became of one picture.
public enum AddResult: Sendable, Equatable {
    /// Stored; the note says what was odd about it.
    case indexed(note: String?)
    /// Not a picture that can be read, with the reason.
    case rejected(String)
}

/// The reason given for a picture of which the end is missing.
let truncatedNote = "truncated: the file ends early; indexed as far as it goes"
