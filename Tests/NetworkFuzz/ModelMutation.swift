import TestSupport

/// A sound model, altered: where it means something, and where it does not.
struct ModelMutation: CustomStringConvertible {
    private(set) var bytes: [UInt8]
    private(set) var what: [String] = []

    var description: String { "model of \(bytes.count) bytes: \(what.joined(separator: ", "))" }

    /// Operators that models ask for, built ones and others.
    private static let operators = Array(
        Set(SeedModels.own.flatMap { $0.nodes.map(\.type) } + ["LSTM", "If", "Loop", "Mean", "Where", "NonZero", ""])
    ).sorted()

    init(_ random: inout SeededRandom) {
        let seed = Int.random(in: 0..<SeedModels.all.count, using: &random)
        bytes = SeedModels.all[seed]
        what = ["seed \(seed)"]
        let style = Int.random(in: 0..<10, using: &random)
        if style < 9, var tree = WireTree(bytes) {
            for _ in 0..<[1, 1, 1, 2, 4].randomElement(using: &random)! { alter(&tree, &random) }
            bytes = tree.bytes
        }
        if style >= 7 { for _ in 0..<[1, 1, 2, 4].randomElement(using: &random)! { alterBytes(&random) } }
    }

    // MARK: Fields

    private mutating func alter(_ tree: inout WireTree, _ random: inout SeededRandom) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            what.append("another operator")
            replace(&tree, .node, 4, by: Array(Self.operators.randomElement(using: &random)!.utf8), &random)
        case 1, 2:
            what.append("another input")
            let names =
                tree.texts(.node, 2) + tree.texts(.node, 1) + tree.texts(.tensor, 8) + [[], Array("nothing".utf8)]
            replace(&tree, .node, 1, by: names.randomElement(using: &random)!, &random)
        case 3:
            what.append("another output")
            let names = tree.texts(.node, 2) + [[], Array("nothing".utf8)]
            replace(&tree, .node, 2, by: names.randomElement(using: &random)!, &random)
        case 4, 5, 6:
            what.append("another attribute")
            anyField(&tree, .attribute, &random)
        case 7, 8:
            what.append("another tensor")
            anyField(&tree, .tensor, &random)
        case 9:
            what.append("another size of input")
            anyField(&tree, .dimension, &random)
        case 10:
            what.append("another opset")
            anyField(&tree, .entry, &random)
        default:
            let kind = WireTree.Kind.allCases.randomElement(using: &random)!
            what.append("fields of \(kind)")
            rearrange(&tree, kind, &random)
        }
    }

    private func replace(
        _ tree: inout WireTree, _ kind: WireTree.Kind, _ number: Int, by text: [UInt8], _ random: inout SeededRandom
    ) {
        guard let path = tree.paths(to: kind).randomElement(using: &random) else { return }
        var message = tree[path[...]]
        let places = message.fields.indices.filter { message.fields[$0].number == number }
        guard let place = places.randomElement(using: &random) else { return }
        message.fields[place].content = .bytes(text)
        tree[path[...]] = message
    }

    private func anyField(_ tree: inout WireTree, _ kind: WireTree.Kind, _ random: inout SeededRandom) {
        guard let path = tree.paths(to: kind).randomElement(using: &random) else { return }
        var message = tree[path[...]]
        // Values more often than what kind of value they are and what they are called.
        let values = message.fields.indices.filter {
            kind != .attribute || ![1, 20].contains(message.fields[$0].number)
        }
        let places = Int.random(in: 0..<5, using: &random) == 0 ? Array(message.fields.indices) : values
        guard let place = places.randomElement(using: &random) else { return }
        let number = message.fields[place].number
        switch message.fields[place].content {
        case .varint(let value): message.fields[place].content = .varint(Self.number(value, &random))
        case .fixed(let value):
            message.fields[place].content = .fixed(value.map { _ in UInt8.random(in: 0...255, using: &random) })
        case .bytes(let value):
            // Sizes and lists of whole numbers are packed.
            if kind == .tensor, [1, 5, 7, 11].contains(number), !value.isEmpty {
                var values = WireTree.unpack(value)
                if let index = values.indices.randomElement(using: &random) {
                    values[index] = Int(
                        truncatingIfNeeded: Self.number(UInt64(bitPattern: Int64(values[index])), &random))
                }
                message.fields[place].content = .bytes(WireTree.pack(values))
            } else {
                message.fields[place].content = .bytes(Self.damaged(value, &random))
            }
        case .message(let inner): message.fields[place].content = .bytes(Self.damaged(inner.bytes, &random))
        }
        tree[path[...]] = message
    }

    private func rearrange(_ tree: inout WireTree, _ kind: WireTree.Kind, _ random: inout SeededRandom) {
        guard let path = tree.paths(to: kind).randomElement(using: &random) else { return }
        var message = tree[path[...]]
        guard let place = message.fields.indices.randomElement(using: &random) else { return }
        let other = message.fields.indices.randomElement(using: &random)!
        switch Int.random(in: 0..<5, using: &random) {
        case 0: message.fields.remove(at: place)
        case 1: message.fields.insert(message.fields[place], at: other)
        case 2: message.fields.swapAt(place, other)
        case 3: message.fields[place].number = Int.random(in: 1...26, using: &random)
        default:
            // Many of one: lists of sizes, inputs of a node.
            let many = [3, 10, 300].randomElement(using: &random)!
            message.fields.insert(contentsOf: Array(repeating: message.fields[place], count: many), at: other)
        }
        tree[path[...]] = message
    }

    private static func number(_ value: UInt64, _ random: inout SeededRandom) -> UInt64 {
        if value < 16, Bool.random(using: &random) { return UInt64.random(in: 0..<10, using: &random) }
        let edges: [Int] = [
            0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 16, 18, 21, 22, 63, 64, 255, 65535, 65536, 1 << 28, 1 << 31,
            1 << 32,
            1 << 40, Int.max, Int.max / 2, Int.min, -1, -2, -3, -8, -9,
        ]
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: value &+ 1
        case 1: value &- 1
        default: UInt64(bitPattern: Int64(edges.randomElement(using: &random)!))
        }
    }

    private static func damaged(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where !bytes.isEmpty:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        case 1 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 2:
            bytes += (0..<Int.random(in: 1...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        default: bytes = []
        }
        return bytes
    }

    // MARK: Bytes

    private mutating func alterBytes(_ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        // Most of a model is weights: what is before them is hit as often as all of it.
        let end = Bool.random(using: &random) ? min(bytes.count, 600) : bytes.count
        let place = Int.random(in: 0..<end, using: &random)
        let span = place..<min(bytes.count, place + [1, 4, 30, 400].randomElement(using: &random)!)
        switch Int.random(in: 0..<7, using: &random) {
        case 0:
            what.append("a bit at \(place)")
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1:
            what.append("a byte at \(place)")
            bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(
                using: &random)!
        case 2:
            what.append("\(span) removed")
            bytes.removeSubrange(span)
        case 3:
            what.append("\(span) twice")
            bytes.insert(contentsOf: Array(bytes[span]), at: place)
        case 4:
            what.append("bytes put in at \(place)")
            bytes.insert(contentsOf: span.map { _ in UInt8.random(in: 0...255, using: &random) }, at: place)
        case 5:
            let target = Int.random(in: 0..<bytes.count, using: &random)
            what.append("\(span) moved to \(target)")
            let moved = Array(bytes[span])
            for (index, byte) in zip(target..<bytes.count, moved) { bytes[index] = byte }
        default:
            what.append("cut at \(place)")
            bytes.removeLast(bytes.count - place)
        }
    }
}
