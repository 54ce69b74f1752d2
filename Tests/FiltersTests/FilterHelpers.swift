import Filters
import Testing

/// Whether an element with these attributes matches, found in both ways there are.
func matches(_ filter: String, _ attributes: String?) throws -> Bool {
    let expression = try FilterExpression(filter)
    let columns = AttributeColumns()
    columns.ensure(fields: expression.fields, rows: 1) { _ in attributes.map { Array($0.utf8) } }
    let matcher = try #require(columns.matcher(for: expression))
    var bitmap: [UInt64] = []
    let count = matcher.matchAll(into: &bitmap)
    #expect(
        bitmap == [matcher.matches(0) ? 1 : 0] && count == bitmap[0].nonzeroBitCount,
        "\(filter) on \(attributes ?? "nothing")")
    return matcher.matches(0)
}

/// What a filter that is not one is said to be wrong near, or nil if it is one.
func near(_ filter: String) -> String? {
    do {
        _ = try FilterExpression(filter)
        return nil
    } catch .syntax(let near) {
        return String(decoding: near, as: UTF8.self)
    } catch {
        return "\(error)"
    }
}
