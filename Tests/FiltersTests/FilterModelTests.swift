import Filters
import TestSupport
import Testing

/// Random filters on random rows, answered by the model, row by row, and for all rows at once.
@Suite struct FilterModelTests {
    /// More than a block of rows and not a multiple of a word.
    private static let rowCount = 1500

    @Test(arguments: 1...4) func allThreeAgree(number: UInt64) throws {
        let seed = SeededRandom.seed(of: 4100 + number)
        print("FilterModelTests seed \(seed)")
        var model = Model(random: SeededRandom(seed: seed))
        var rows = (0..<Self.rowCount).map { _ in model.row() }
        let columns = AttributeColumns(columnLimit: Int(number) + 1)
        var trueCount = 0
        for round in 0..<150 {
            let tree = model.expression(depth: round % 5)
            let text = model.text(tree)
            let filter = try FilterExpression(text)
            columns.ensure(fields: filter.fields, rows: rows.count) { rows[Int($0)].1 }
            let matcher = try #require(columns.matcher(for: filter))
            var bitmap: [UInt64] = []
            let count = matcher.matchAll(into: &bitmap)
            try #require(bitmap.count == (rows.count + 63) / 64)
            try #require(count == bitmap.reduce(0) { $0 + $1.nonzeroBitCount })
            for (id, row) in rows.enumerated() {
                let expected = tree.matches(row.0)
                let found = matcher.matches(UInt32(id))
                let bit = bitmap[id >> 6] >> UInt64(id & 63) & 1 == 1
                let attributes = row.1.map { String(decoding: $0, as: UTF8.self) } ?? "nothing"
                try #require(
                    found == expected && bit == expected,
                    "\(text) on \(attributes): \(expected) but \(found) and \(bit); seed \(seed), round \(round)")
            }
            #expect(!matcher.matches(UInt32(rows.count)) && !matcher.matches(.max))
            trueCount += count
            for _ in 0..<round % 40 {
                let id = Int.random(in: 0...rows.count, using: &model.random)
                let row = model.row()
                if id == rows.count { rows.append(row) } else { rows[id] = row }
                columns.set(UInt32(id), attributes: row.1)
            }
        }
        // A model that hardly ever says yes would prove little.
        #expect(trueCount > 150 * Self.rowCount / 20)
    }
}

/// Bytes of any kind: nothing may trap, and what holds for all texts must hold.
@Suite struct FilterFuzzTests {
    private static func random(_ number: UInt64) -> SeededRandom {
        let seed = SeededRandom.seed(of: number)
        print("FilterFuzzTests seed \(seed)")
        return SeededRandom(seed: seed)
    }

    /// A text with some bytes replaced, taken out, doubled or put in.
    private func damaged(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
            let at = Int.random(in: 0..<text.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: text[at] = UInt8.random(in: 0...255, using: &random)
            case 1: text.remove(at: at)
            case 2: text.insert(text.randomElement(using: &random)!, at: at)
            default: text.removeSubrange(at...)
            }
        }
        return text
    }

    @Test func expressions() throws {
        var random = Self.random(4201)
        let pieces = [
            ".a", ".b-1", "5", "-2.5", "1e9", "'x'", "\"y\\\"", "[1,'a']", "[", "]", "(", ")", "!", "not", "in", "and",
            "or", "==",
            "!=", "<", ">=", "+", "-", "*", "**", "/", "%", "null", " ", ",", "&&", "|", "\\", "\"", "\u{E9}", "e", ".",
        ].map { Array($0.utf8) }
        let row = Array("{\"a\":5,\"b-1\":\"x\"}".utf8)
        var compiled = 0
        for _ in 0..<60_000 {
            let length = Int.random(in: 0..<12, using: &random)
            var text = (0..<length).flatMap { _ in pieces.randomElement(using: &random)! }
            if Bool.random(using: &random) { text = damaged(text, &random) }
            do {
                let filter = try FilterExpression(text)
                compiled += 1
                let columns = AttributeColumns()
                columns.ensure(fields: filter.fields, rows: 1) { _ in row }
                let matcher = try #require(columns.matcher(for: filter))
                var bitmap: [UInt64] = []
                matcher.matchAll(into: &bitmap)
                #expect(bitmap == [matcher.matches(0) ? 1 : 0], "\(String(decoding: text, as: UTF8.self))")
            } catch let error as FilterError {
                guard case .syntax(let near) = error else { throw error }
                let seen = Array(text.prefix { $0 != 0 })
                #expect(near.elementsEqual(seen.suffix(near.count)), "\(String(decoding: text, as: UTF8.self))")
            }
        }
        #expect(compiled > 1000)
    }

    @Test func attributes() {
        var random = Self.random(4202)
        var model = Model(random: Self.random(4203))
        let fields = Model.fields.map { Array($0.utf8) }
        let reader = AttributeReader(fields: fields)
        let readers = fields.map { AttributeReader(fields: [$0]) }
        var found = 0
        for _ in 0..<60_000 {
            let text = damaged(model.row().1 ?? Array("[{\"a\":[1,[2]]}]".utf8), &random)
            let values = reader.values(in: text)
            found += values.count { $0 != nil }
            // What is found does not depend on what else is looked for. (NaN cannot come out of JSON.)
            #expect(values == readers.map { $0.values(in: text)[0] }, "\(String(decoding: text, as: UTF8.self))")
        }
        #expect(found > 60_000)
    }
}
