/// What the user calls an element: any bytes, none included. Usually the path of a picture.
public struct ElementName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as it is.
    public let bytes: [UInt8]

    /// A name of those bytes.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The UTF-8 of a text.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The UTF-8 of a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// Byte by byte as memcmp does; of two names where one begins the other, the shorter first.
    public static func < (a: ElementName, b: ElementName) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    /// The name as text, made readable where it is not UTF-8.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// What the user calls a collection: any bytes, none included.
public struct CollectionName: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as it is.
    public let bytes: [UInt8]

    /// A name of those bytes.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// The UTF-8 of a text.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The UTF-8 of a literal.
    public init(stringLiteral text: String) { self.init(text) }

    /// Byte by byte as memcmp does; of two names where one begins the other, the shorter first.
    public static func < (a: CollectionName, b: CollectionName) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }

    /// The name as text, made readable where it is not UTF-8.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
