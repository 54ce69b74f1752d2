/// Reads comma-separated values: RFC 4180, with lines that end in LF or CRLF, and a byte order mark passed over.
///
/// A field in quotes may hold commas, line breaks and, doubled, quotes. Fields are bytes: a path need not be UTF-8.
package struct CSVReader {
    /// One line of fields, and the number of the line of the file on which it begins, from 1.
    package struct Row: Equatable {
        package var line: Int
        package var fields: [[UInt8]]
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: Self.mark) { position = Self.mark.count }
    }

    /// All rows; lines without anything on them are passed over.
    package static func rows(of bytes: [UInt8]) throws(LabelError) -> [Row] {
        var reader = CSVReader(bytes)
        var rows: [Row] = []
        while let row = try reader.next() {
            if row.fields != [[]] { rows.append(row) }
        }
        return rows
    }

    private mutating func next() throws(LabelError) -> Row? {
        guard position < bytes.count else { return nil }
        var row = Row(line: line, fields: [])
        while true {
            row.fields.append(try field())
            guard position < bytes.count, bytes[position] == Self.comma else { break }
            position += 1
        }
        if position < bytes.count, bytes[position] == Self.carriageReturn { position += 1 }
        if position < bytes.count, bytes[position] == Self.lineFeed { position += 1 }
        line += 1
        return row
    }

    /// The field that begins here; ends before the comma or the line's end.
    private mutating func field() throws(LabelError) -> [UInt8] {
        guard position < bytes.count, bytes[position] == Self.quote else { return plainField() }
        let start = line
        var value: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == Self.lineFeed { line += 1 }
            guard byte == Self.quote else {
                value.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == Self.quote {
                value.append(Self.quote)
                position += 1
                continue
            }
            guard position == bytes.count || isEnd(position) else {
                throw LabelError("line \(line): text follows a closing quote: double the quotes within a field")
            }
            return value
        }
        throw LabelError("line \(start): a quoted field does not end: close its quotes")
    }

    private mutating func plainField() -> [UInt8] {
        let start = position
        while position < bytes.count, !isEnd(position) { position += 1 }
        return Array(bytes[start..<position])
    }

    private func isEnd(_ index: Int) -> Bool {
        switch bytes[index] {
        case Self.comma, Self.lineFeed: true
        case Self.carriageReturn: index + 1 == bytes.count || bytes[index + 1] == Self.lineFeed
        default: false
        }
    }
}

/// Why labels could not be read. One line: what is wrong and what to do.
public struct LabelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line.
    public let description: String

    init(_ description: String) { self.description = description }
}
