/// A file that may be a picture, as the walk found it.
public struct FoundFile: Sendable, Equatable {
    /// Path relative to the folder given, `/` between parts, in the file system's own bytes.
    public var name: [UInt8]
    /// Absolute path, in the file system's own bytes.
    public var path: [UInt8]
    /// Size in bytes.
    public var bytes: Int
    /// Time of last change, in microseconds since 1970. Microseconds survive a JSON number; nanoseconds do not.
    public var modified: Int
}

/// What became of a file.
public enum Outcome: String, Sendable, Equatable {
    /// Embedded and stored.
    case indexed
    /// Stored by an earlier run, and the same since.
    case unchanged
    /// Not a picture that can be read.
    case rejected
    /// Not a file: a fifo, a device, a socket, a link that leads nowhere or in a circle.
    case skipped
    /// Gone from the folder, and now from the collection.
    case removed
}

/// One line of a report.
public struct ReportLine: Sendable, Equatable {
    /// The element's name, or the path below the folder of what is none.
    public var name: [UInt8]
    /// What became of it.
    public var outcome: Outcome
    /// Why, for what was not simply indexed.
    public var reason: String?

    /// A line.
    public init(name: [UInt8], outcome: Outcome, reason: String? = nil) {
        self.name = name
        self.outcome = outcome
        self.reason = reason
    }
}

/// A PATH that could not be walked at all.
public struct WalkError: Error, Sendable, CustomStringConvertible {
    /// One line: what is wrong and what to do.
    public let description: String
}
