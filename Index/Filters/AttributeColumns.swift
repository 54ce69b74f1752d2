import Synchronization

/// The attributes of all elements in the form that filters are evaluated on: a column of values for each field that a
/// filter has asked for.
///
/// Nothing is kept, and `set` costs nothing, until the first filter comes. `ensure` then reads the attributes of all
/// rows once and builds the columns that are missing; from there on `set` keeps them up to date. Of too many columns
/// those that no filter has asked for longest are dropped.
///
///     columns.ensure(fields: filter.fields, rows: rows) { attributes of row $0 }
///     columns.matcher(for: filter)?.matches(row)
///
/// Rows are node numbers: dense, and free to be used again.
///
/// Thread-safety: many readers or one writer, which the owner sees to. `ensure` and `set` are writers; `matcher`,
/// `covers` and all that matchers do are readers.
public final class AttributeColumns {
    /// The most columns kept, but for those that a single `ensure` asks for.
    public let columnLimit: Int
    /// Rows that have been heard of: the highest number and one.
    public private(set) var rowCount = 0
    private var capacity = 0
    private var columns: [AttributeColumn] = []
    private var reader = AttributeReader(fields: [])
    private var decoder = AttributeDecoder()
    /// A bit for each row that has attributes, 64 to a word. A filter without fields has nothing else to go by.
    private var presence: [UInt64] = []
    /// Whether there has been a filter.
    private var isInUse = false
    /// Counts changes. A matcher made before the last one points to memory that may be gone.
    private(set) var version = 0
    private let clock = Atomic<UInt64>(0)

    /// No columns.
    public init(columnLimit: Int = FilterLimits.fields) {
        precondition((1...FilterLimits.fields).contains(columnLimit))
        self.columnLimit = columnLimit
    }

    /// Bytes of memory.
    public var byteCount: Int { columns.reduce(8 * presence.count) { $0 + $1.byteCount } }

    /// The names of the fields that have columns.
    public var fields: [[UInt8]] { columns.map(\.name) }

    /// Whether `matcher(for:)` can do without `ensure`.
    public func covers(_ fields: [[UInt8]]) -> Bool {
        isInUse && fields.allSatisfy { column(named: $0) != nil }
    }

    private func column(named name: [UInt8]) -> AttributeColumn? { columns.first { $0.name == name } }

    /// Builds the columns of those fields that have none.
    ///
    /// - Parameters:
    ///   - fields: what an expression refers to.
    ///   - rows: how many rows there are; `set` may have been told of more.
    ///   - attributes: the attributes of a row; nil if it has none or there is no such row.
    public func ensure(fields: [[UInt8]], rows: Int, attributes: (UInt32) -> [UInt8]?) {
        precondition(fields.count <= FilterLimits.fields && rows <= 1 << 32)
        if covers(fields) { return }
        version += 1
        let isFirst = !isInUse
        isInUse = true
        grow(to: rows)
        let missing = fields.filter { column(named: $0) == nil }
        makeRoom(for: missing.count, sparing: fields)
        let fresh = missing.map { AttributeColumn(name: $0, capacity: capacity) }
        let tick = clock.add(1, ordering: .relaxed).newValue
        for column in fresh { column.lastUse.store(tick, ordering: .relaxed) }
        let reader = AttributeReader(fields: missing)
        // Every later change of presence comes through `set`, so only the first time has to ask all rows.
        for row in 0..<rowCount where isFirst || isPresent(row) {
            guard let text = attributes(UInt32(row)) else { continue }
            setPresence(of: row, true)
            fill(row, with: text, columns: fresh, reader: reader)
        }
        for column in fresh { column.trim() }
        columns += fresh
        self.reader = AttributeReader(fields: self.fields)
    }

    /// Tells of an element's attributes, new or changed; nil if it has none any more or is gone itself.
    public func set(_ id: UInt32, attributes: [UInt8]?) {
        guard isInUse else { return }
        version += 1
        let row = Int(id)
        grow(to: row + 1)
        for column in columns { column.clear(row) }
        setPresence(of: row, attributes != nil)
        if let attributes { fill(row, with: attributes, columns: columns, reader: reader) }
        for column in columns { column.collectGarbage() }
    }

    /// What tells which rows match, as they are now; nil if a column is missing, and `ensure` has to be called first.
    public func matcher(for expression: FilterExpression) -> FilterMatcher? {
        guard isInUse else { return nil }
        let tick = clock.add(1, ordering: .relaxed).newValue
        var views: [ColumnView] = []
        for field in expression.fields {
            guard let column = column(named: field) else { return nil }
            column.lastUse.store(tick, ordering: .relaxed)
            views.append(column.view)
        }
        return FilterMatcher(program: expression.program, views: views, columns: self)
    }
}

// Rows.
extension AttributeColumns {
    private func fill(_ row: Int, with text: [UInt8], columns: [AttributeColumn], reader: AttributeReader) {
        reader.forEachField(of: text.span) { field, json in columns[field].fill(row, with: json, &decoder) }
    }

    private func grow(to rows: Int) {
        rowCount = max(rowCount, rows)
        guard rows > capacity else { return }
        capacity = max(rows, capacity + capacity / 2)
        for column in columns { column.grow(to: capacity) }
        presence += [UInt64](repeating: 0, count: (capacity + 63) / 64 - presence.count)
    }

    private func setPresence(of row: Int, _ isPresent: Bool) {
        let bit: UInt64 = 1 << UInt64(row & 63)
        if isPresent { presence[row >> 6] |= bit } else { presence[row >> 6] &= ~bit }
    }

    /// Whether a row has attributes.
    func isPresent(_ row: Int) -> Bool { presence[row >> 6] >> UInt64(row & 63) & 1 == 1 }

    /// The rows `64 * word` and on that have attributes, as bits.
    func presence(ofWord word: Int) -> UInt64 { presence[word] }
}

// Columns.
extension AttributeColumns {
    /// Drops columns until so many more are within the limit: those first that were not used for longest.
    private func makeRoom(for count: Int, sparing fields: [[UInt8]]) {
        let spare = columns.filter { !fields.contains($0.name) }
            .sorted { $0.lastUse.load(ordering: .relaxed) < $1.lastUse.load(ordering: .relaxed) }
        let excess = min(spare.count, max(0, columns.count + count - columnLimit))
        let dropped = spare.prefix(excess)
        columns.removeAll { column in dropped.contains { $0 === column } }
    }
}
