import Filters
import TestSupport
import Testing

/// Columns over time: made when asked for, kept up to date, dropped when there are too many.
@Suite struct AttributeColumnsTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func matches(_ filter: String, _ columns: AttributeColumns) throws -> [Int]? {
        guard let matcher = columns.matcher(for: try FilterExpression(filter)) else { return nil }
        var bitmap: [UInt64] = []
        matcher.matchAll(into: &bitmap)
        let all = (0..<columns.rowCount).filter { bitmap[$0 >> 6] >> UInt64($0 & 63) & 1 == 1 }
        #expect(all == (0..<columns.rowCount).filter { matcher.matches(UInt32($0)) })
        return all
    }

    @Test func nothingIsKeptBeforeTheFirstFilter() throws {
        let columns = AttributeColumns()
        for id in 0..<1000 { columns.set(UInt32(id), attributes: bytes("{\"n\":\(id)}")) }
        #expect(columns.byteCount == 0 && columns.rowCount == 0)
        #expect(try matches("1", columns) == nil)
        columns.ensure(fields: [], rows: 3) { $0 == 1 ? [] : nil }
        #expect(try matches("1", columns) == [1])
        #expect(try matches(".n", columns) == nil)
    }

    @Test func columnsFollowChanges() throws {
        let columns = AttributeColumns()
        let rows = ["{\"n\":1,\"s\":\"x\"}", "{\"n\":2}", "", "{\"n\":4,\"s\":\"a longer string\"}"]
        columns.ensure(fields: [bytes("n")], rows: 4) { rows[Int($0)].isEmpty ? nil : bytes(rows[Int($0)]) }
        #expect(try matches(".n > 1", columns) == [1, 3])
        #expect(try matches("1", columns) == [0, 1, 3])
        // Rows without attributes are not asked for again, and only new columns are filled.
        var asked: [UInt32] = []
        columns.ensure(fields: [bytes("s"), bytes("n")], rows: 4) { id in
            asked.append(id)
            return bytes(rows[Int(id)])
        }
        #expect(asked == [0, 1, 3])
        columns.ensure(fields: [bytes("s"), bytes("n")], rows: 4) { _ in
            Issue.record("there is nothing to build")
            return nil
        }
        #expect(try matches(".s == 'a longer string'", columns) == [3])
        columns.set(3, attributes: bytes("{\"n\":0,\"s\":\"another string\"}"))
        columns.set(2, attributes: bytes("{\"s\":\"a longer string\",\"n\":9}"))
        columns.set(0, attributes: nil)
        columns.set(70, attributes: bytes("{\"n\":7}"))
        #expect(try matches(".s == 'a longer string'", columns) == [2])
        #expect(try matches(".n > 1", columns) == [1, 2, 70])
        #expect(try matches("1", columns) == [1, 2, 3, 70])
        columns.set(70, attributes: bytes("no JSON"))
        #expect(try matches(".n > 1", columns) == [1, 2])
        #expect(try matches("1", columns) == [1, 2, 3, 70])
    }

    @Test func theColumnsNotUsedForLongestAreDropped() throws {
        let columns = AttributeColumns(columnLimit: 3)
        func ensure(_ fields: String...) { columns.ensure(fields: fields.map(bytes), rows: 1) { _ in bytes("{}") } }
        func kept() -> [String] { columns.fields.map { String(decoding: $0, as: UTF8.self) }.sorted() }
        ensure("a")
        ensure("b")
        ensure("c")
        #expect(kept() == ["a", "b", "c"])
        _ = columns.matcher(for: try FilterExpression(".a"))
        ensure("d")
        #expect(kept() == ["a", "c", "d"])
        ensure("a", "e")
        #expect(kept() == ["a", "d", "e"])
        // One filter may need more than the limit, and gets them.
        ensure("v", "w", "x", "y", "z")
        #expect(kept() == ["v", "w", "x", "y", "z"])
        #expect(columns.covers([bytes("v"), bytes("z")]) && !columns.covers([bytes("v"), bytes("a")]))
        ensure("a")
        #expect(kept().count == 3 && kept().contains("a"))
    }

    @Test func theHighestColumnLimit() throws {
        let columns = AttributeColumns()
        let text = bytes("{" + (0..<100).map { "\"f\($0)\":\($0)" }.joined(separator: ",") + "}")
        for i in 0..<100 { columns.ensure(fields: [bytes("f\(i)")], rows: 1) { _ in text } }
        #expect(columns.fields.count == FilterLimits.fields)
        columns.set(0, attributes: text)
        #expect(try matches(".f99 == 99 and .f36 == 36", columns) == [0])
        #expect(try matches(".f35", columns) == nil)
    }

    /// A string that is in no other row costs its bytes, its cell of nine and its length of four.
    @Test func memory() throws {
        let columns = AttributeColumns()
        let count = 20_000
        func path(_ id: UInt32) -> String { "/photos/2024/holiday/IMG_\(100_000 + id).jpg" }
        columns.ensure(fields: [bytes("path")], rows: count) { bytes("{\"path\":\"\(path($0))\"}") }
        #expect(columns.byteCount <= count * (path(0).utf8.count + 14))
        let short = AttributeColumns()
        short.ensure(fields: [bytes("colour")], rows: count) { _ in bytes("{\"colour\":\"magenta\"}") }
        #expect(short.byteCount <= count * 10)
    }

    /// Strings and tuples written again and again leave garbage, which is collected.
    @Test func garbageIsCollected() throws {
        let seed = SeededRandom.seed(of: 4301)
        print("AttributeColumnsTests seed \(seed)")
        var random = SeededRandom(seed: seed)
        let columns = AttributeColumns()
        var versions = [Int](repeating: 0, count: 300)
        func attributes(_ id: Int) -> [UInt8] {
            let text = "element \(id) in version \(versions[id])"
            return bytes("{\"s\":\"\(text)\",\"t\":[\"\(text)\",[1],\(versions[id]),\"short\"]}")
        }
        columns.ensure(fields: [bytes("s"), bytes("t")], rows: versions.count) { attributes(Int($0)) }
        for _ in 0..<60_000 {
            let id = Int.random(in: 0..<versions.count, using: &random)
            versions[id] += 1
            columns.set(UInt32(id), attributes: attributes(id))
        }
        #expect(columns.byteCount < 500_000)
        for id in versions.indices {
            let text = "element \(id) in version \(versions[id])"
            #expect(try matches(".s == '\(text)' and '\(text)' in .t and .s in .t and 'short' in .t", columns) == [id])
        }
    }

    @Test func emptyTables() throws {
        let columns = AttributeColumns()
        columns.ensure(fields: [bytes("n")], rows: 0) { _ in nil }
        #expect(try matches(".n", columns) == [])
        for rows in [1, 63, 64, 65, 1023, 1024, 1025, 2048] {
            let columns = AttributeColumns()
            columns.ensure(fields: [bytes("n")], rows: rows) { bytes("{\"n\":\($0 + 1)}") }
            #expect(try matches(".n", columns)?.count == rows)
            #expect(try matches(".n == \(rows)", columns) == [rows - 1])
            #expect(try matches("1", columns)?.count == rows)
        }
    }

    /// What it points to may be gone; it must not be looked at.
    @Test func aMatcherTrapsOnceColumnsHaveChanged() async {
        await #expect(processExitsWith: .failure) {
            let columns = AttributeColumns()
            columns.ensure(fields: [[0x6E]], rows: 1) { _ in Array("{\"n\":1}".utf8) }
            guard let matcher = columns.matcher(for: try FilterExpression(".n")), matcher.matches(0) else { return }
            columns.set(5000, attributes: nil)
            _ = matcher.matches(0)
        }
    }

    @Test func readersWorkSideBySide() async throws {
        let columns = AttributeColumns()
        columns.ensure(fields: [bytes("n")], rows: 5000) { bytes("{\"n\":\($0 % 7)}") }
        let filter = try FilterExpression(".n == 3 or .n ** 2 > 30")
        nonisolated(unsafe) let shared = columns
        let expected = (0..<5000).count { $0 % 7 == 3 || $0 % 7 == 6 }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    guard let matcher = shared.matcher(for: filter) else { return false }
                    var bitmap: [UInt64] = []
                    return matcher.matchAll(into: &bitmap) == expected
                        && (0..<5000).count { matcher.matches($0) } == expected
                }
            }
            for await same in group { #expect(same) }
        }
    }
}
