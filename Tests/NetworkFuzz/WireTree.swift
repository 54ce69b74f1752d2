import TestSupport

/// The fields of a model as a tree, to be altered where they mean something. Knows which fields of ONNX are messages.
struct WireTree {
    enum Kind: CaseIterable {
        case model, graph, node, attribute, tensor, entry, value, type, tensorType, shape, dimension

        func inner(_ field: Int) -> Kind? {
            switch (self, field) {
            case (.model, 7): .graph
            case (.model, 8): .entry
            case (.model, 25): .entry
            case (.graph, 1): .node
            case (.graph, 5): .tensor
            case (.graph, 11), (.graph, 12), (.graph, 13): .value
            case (.node, 5): .attribute
            case (.attribute, 5): .tensor
            case (.tensor, 13): .entry
            case (.value, 2): .type
            case (.type, 1): .tensorType
            case (.tensorType, 2): .shape
            case (.shape, 1): .dimension
            default: nil
            }
        }
    }

    struct Field {
        var number: Int
        var content: Content
    }

    enum Content {
        case varint(UInt64)
        case fixed([UInt8])
        case bytes([UInt8])
        case message(WireTree)
    }

    var kind: Kind
    var fields: [Field] = []

    /// The tree of sound bytes; nil for others.
    init?(_ bytes: [UInt8], _ kind: Kind = .model) {
        self.kind = kind
        var at = 0
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard at < bytes.count else { return nil }
                let byte = bytes[at]
                at += 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
            }
            return nil
        }
        func take(_ count: Int) -> [UInt8]? {
            guard count >= 0, count <= bytes.count - at else { return nil }
            at += count
            return Array(bytes[(at - count)..<at])
        }
        while at < bytes.count {
            guard let key = varint() else { return nil }
            let number = Int(key >> 3)
            switch key & 7 {
            case 0:
                guard let value = varint() else { return nil }
                fields.append(Field(number: number, content: .varint(value)))
            case 1, 5:
                guard let value = take(key & 7 == 1 ? 8 : 4) else { return nil }
                fields.append(Field(number: number, content: .fixed(value)))
            case 2:
                guard let length = varint(), let content = take(Int(length)) else { return nil }
                if let inner = kind.inner(number) {
                    guard let tree = WireTree(content, inner) else { return nil }
                    fields.append(Field(number: number, content: .message(tree)))
                } else {
                    fields.append(Field(number: number, content: .bytes(content)))
                }
            default: return nil
            }
        }
    }

    var bytes: [UInt8] {
        var writer = ProtobufWriter()
        for field in fields {
            switch field.content {
            case .varint(let value): writer.int(field.number, Int(truncatingIfNeeded: value))
            case .fixed(let value):
                writer.key(field.number, wire: value.count == 8 ? 1 : 5)
                writer.raw(value)
            case .bytes(let value): writer.bytes(field.number, value)
            case .message(let tree): writer.bytes(field.number, tree.bytes)
            }
        }
        return writer.bytes
    }

    /// The whole numbers of a packed list.
    static func unpack(_ bytes: [UInt8]) -> [Int] {
        var values: [Int] = []
        var (value, shift) = (UInt64(0), UInt64(0))
        for byte in bytes {
            if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
            shift += 7
            if byte < 0x80 {
                values.append(Int(truncatingIfNeeded: value))
                (value, shift) = (0, 0)
            }
        }
        return values
    }

    static func pack(_ values: [Int]) -> [UInt8] {
        var writer = ProtobufWriter()
        for value in values { writer.varint(UInt64(bitPattern: Int64(value))) }
        return writer.bytes
    }

    // MARK: Places

    /// Where each message of a kind is: the indices of fields that lead to it.
    func paths(to wanted: Kind) -> [[Int]] {
        var found: [[Int]] = kind == wanted ? [[]] : []
        for (index, field) in fields.enumerated() {
            if case .message(let inner) = field.content { found += inner.paths(to: wanted).map { [index] + $0 } }
        }
        return found
    }

    /// The message that a path leads to.
    subscript(path: ArraySlice<Int>) -> WireTree {
        get {
            guard let first = path.first, case .message(let inner) = fields[first].content else { return self }
            return inner[path.dropFirst()]
        }
        set {
            guard let first = path.first, case .message(var inner) = fields[first].content else {
                self = newValue
                return
            }
            inner[path.dropFirst()] = newValue
            fields[first].content = .message(inner)
        }
    }

    /// Contents of all fields of this number in messages of this kind.
    func texts(_ wanted: Kind, _ number: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for field in fields {
            switch field.content {
            case .bytes(let bytes) where kind == wanted && field.number == number: found.append(bytes)
            case .message(let inner): found += inner.texts(wanted, number)
            default: break
            }
        }
        return found
    }

    // MARK: Small weights

    /// Makes sizes of weights above `most` to `most`, and groups too. Only float weights, of raw data or packed.
    mutating func shrinkWeights(to most: Int) {
        if kind == .tensor {
            var sizes: [Int] = []
            for field in fields where field.number == 1 {
                switch field.content {
                case .varint(let value): sizes.append(Int(value))
                case .bytes(let bytes): sizes += Self.unpack(bytes)
                default: break
                }
            }
            let type =
                fields.first { $0.number == 2 }.map { if case .varint(1) = $0.content { true } else { false } } ?? false
            guard type, sizes.count > 0 else { return }
            let small = sizes.map { min($0, most) }
            let count = small.reduce(1, *)
            fields = fields.compactMap { field in
                switch (field.number, field.content) {
                case (1, _): nil
                case (4, .bytes(let data)), (9, .bytes(let data)):
                    Field(number: field.number, content: .bytes(Array(data.prefix(4 * count))))
                default: field
                }
            }
            fields.insert(Field(number: 1, content: .bytes(Self.pack(small))), at: 0)
            return
        }
        if kind == .attribute, case .bytes(let name)? = fields.first(where: { $0.number == 1 })?.content,
            name == Array("group".utf8)
        {
            for index in fields.indices where fields[index].number == 3 {
                if case .varint(let value) = fields[index].content {
                    fields[index].content = .varint(min(value, UInt64(most)))
                }
            }
        }
        for index in fields.indices {
            guard case .message(var inner) = fields[index].content else { continue }
            inner.shrinkWeights(to: most)
            fields[index].content = .message(inner)
        }
    }
}
