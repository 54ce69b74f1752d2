import Foundation

/// A walk over the bytes of a model before they are parsed: a file of a few megabytes can ask for gigabytes of empty
/// messages, so what parsing would take is counted first, and nodes with it. On the way it notes where the raw data of
/// weights lies, which is then read from where it is.
///
/// Source: the protocol buffers encoding: a key of field number and wire type, then a varint (0), eight bytes (1), a
/// length and as many bytes (2), or four bytes (5). Groups (3, 4) are no part of ONNX.
struct ONNXScan {
    /// Nodes of the graph.
    private(set) var nodes = 0
    /// About the bytes that the parsed messages take, more rather than less.
    private(set) var cost = 0
    /// Where the raw data of each initializer lies, in their order; empty where there is none.
    private(set) var rawData: [Range<Int>] = []

    private let limits: NetworkLimits

    /// What parsing may take: tensors are held as they are in the file, the rest is a small part of any real model.
    private var affordable: Int { limits.fileBytes + limits.fileBytes / 2 }

    /// Bytes of a parsed message, its place in an array that has doubled included.
    private static let messageCost = 512
    /// Bytes of a string or an array apart from its content.
    private static let textCost = 64

    /// Walks over a whole file, or over one tensor.
    ///
    /// - Throws: `malformed` when the bytes are no protocol buffer, `tooLarge` when a limit is passed.
    init(_ bytes: Data, of message: Message = .model, limits: NetworkLimits) throws(NetworkError) {
        self.limits = limits
        do {
            try bytes.withUnsafeBytes { try walk($0, 0..<$0.count, message) }
        } catch let error as NetworkError {
            throw error
        } catch {
            throw .malformed("\(error)")
        }
    }

    /// The messages of onnx.proto. None contains itself, so the walk is no deeper than there are names here.
    enum Message {
        case model, operatorSet, function, graph, node, attribute, initializer, tensor, entry, valueInfo, valueType,
            tensorType
        case shape, dimension

        /// What a field is; nil for one that is skipped.
        fileprivate func field(_ number: UInt64) -> Field? {
            switch (self, number) {
            case (.model, 7): .message(.graph)
            case (.model, 8): .message(.operatorSet)
            case (.model, 25): .message(.function)
            case (.operatorSet, 1), (.function, 1), (.function, 10): .text
            case (.graph, 1): .message(.node)
            case (.graph, 5): .message(.initializer)
            case (.graph, 11), (.graph, 12): .message(.valueInfo)
            case (.graph, 15): .text
            case (.node, 5): .message(.attribute)
            case (.node, 1), (.node, 2), (.node, 3), (.node, 4), (.node, 7): .text
            case (.attribute, 5): .message(.tensor)
            case (.attribute, 1), (.attribute, 4), (.attribute, 21): .text
            case (.attribute, 7): .fixed
            case (.attribute, 8): .varints
            case (.initializer, 9): .rawData
            case (.tensor, 9): .text
            case (.tensor, 1), (.tensor, 5), (.tensor, 7), (.tensor, 11): .varints
            case (.tensor, 4), (.tensor, 10): .fixed
            case (.tensor, 3), (.tensor, 8): .text
            case (.tensor, 13): .message(.entry)
            case (.initializer, _): Message.tensor.field(number)
            case (.entry, 1), (.entry, 2), (.valueInfo, 1): .text
            case (.valueInfo, 2): .message(.valueType)
            case (.valueType, 1): .message(.tensorType)
            case (.tensorType, 2): .message(.shape)
            case (.shape, 1): .message(.dimension)
            default: nil
            }
        }
    }

    fileprivate enum Field {
        case message(Message), text, varints, fixed, rawData
    }

    private mutating func walk(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ message: Message
    ) throws(NetworkError) {
        try spend(Self.messageCost)
        if case .node = message {
            nodes += 1
            guard nodes <= limits.nodes else { throw .tooLarge("more than \(limits.nodes) nodes") }
        }
        if case .initializer = message { rawData.append(0..<0) }
        var at = range.lowerBound
        while at < range.upperBound {
            let start = at
            let key = try Self.varint(bytes, &at, range.upperBound)
            guard key >= 8, key <= UInt64(UInt32.max) else {
                throw .malformed("the number at byte \(start) is no key of a protocol buffer's field")
            }
            let field = message.field(key >> 3)
            switch key & 7 {
            case 0:
                _ = try Self.varint(bytes, &at, range.upperBound)
                if case .varints = field { try spend(16) }
            case 1, 5:
                let size = key & 7 == 1 ? 8 : 4
                guard size <= range.upperBound - at else { throw Self.cutShort(start) }
                at += size
                if case .fixed = field { try spend(16) }
            case 2:
                let length = try Self.varint(bytes, &at, range.upperBound)
                guard length <= UInt64(range.upperBound - at) else { throw Self.cutShort(start) }
                let content = at..<(at + Int(length))
                at = content.upperBound
                switch field {
                case .message(let inner): try walk(bytes, content, inner)
                case .text: try spend(Self.textCost + content.count)
                case .rawData: rawData[rawData.count - 1] = content
                case .fixed: try spend(Self.textCost + 2 * content.count)
                case .varints:
                    // A value ends with the byte whose high bit is clear.
                    var count = 0
                    for byte in bytes[content] where byte < 0x80 { count += 1 }
                    try spend(Self.textCost + 16 * count)
                case nil: break
                }
            default: throw .malformed("the number at byte \(start) is no key of a protocol buffer's field")
            }
        }
    }

    private mutating func spend(_ bytes: Int) throws(NetworkError) {
        cost += bytes
        guard cost <= affordable else {
            throw .tooLarge("reading it would take more than \(affordable) bytes of memory")
        }
    }

    private static func varint(
        _ bytes: UnsafeRawBufferPointer, _ at: inout Int, _ end: Int
    ) throws(NetworkError) -> UInt64 {
        var value: UInt64 = 0
        let start = at
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard at < end else { throw cutShort(start) }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .malformed("the number at byte \(start) has no end")
    }

    private static func cutShort(_ at: Int) -> NetworkError {
        .malformed("the field at byte \(at) reaches beyond its end; the file may be cut short")
    }
}
