import Filters
import HNSW
import Storage

/// How a search goes about it.
public struct SearchOptions: Sendable {
    /// How many elements are wanted, at least 1.
    public var count: Int
    /// Candidates kept by the graph search, raised to `count`. More is slower and finds more of the nearest.
    public var ef: Int
    /// Whether to look at every element instead.
    public var exact: Bool
    /// Which elements may be returned, by their attributes. As many are as were asked for, or as match.
    public var filter: FilterExpression?
    /// How many candidates a filtered search of the graph may expand before all matches are looked at instead.
    public var filterEF: Int?

    /// Without a filter, unless said otherwise.
    public init(
        count: Int, ef: Int, exact: Bool = false, filter: FilterExpression? = nil, filterEF: Int? = nil
    ) {
        self.count = count
        self.ef = ef
        self.exact = exact
        self.filter = filter
        self.filterEF = filterEF
    }
}

extension Collection {
    /// The elements nearest to a vector, nearest first: at most `options.count`. Never waits for another change to be
    /// written or linked.
    ///
    /// - Parameter query: as many values as the collection has dimensions, all finite. Normalised inside.
    /// - Throws: `dimensionMismatch`, or `invalidVector` for what could not be stored either: a value, or the length,
    ///   that is no finite number.
    public func search(_ query: [Float], _ options: SearchOptions) throws(StoreError) -> [Hit] {
        guard query.count == configuration.dimension else {
            throw .dimensionMismatch(expected: configuration.dimension, got: query.count)
        }
        if let fault = VectorCheck.fault(in: query) { throw .invalidVector(reason: fault) }
        return try intact { graph.pinned { hits(.vector(query), options) } }
    }

    /// The elements nearest to an element, which is its own first result; nil if it does not exist.
    public func search(like name: ElementName, _ options: SearchOptions) throws(StoreError) -> [Hit]? {
        // Pinned first, so that the node the name leads to stays what it is.
        try intact {
            graph.pinned {
                contents.read { elements.id(of: name) }.map { hits(.node($0), options) }
            }
        }
    }

    /// The same without a filter.
    public func search(_ query: [Float], count: Int, ef: Int, exact: Bool = false) throws(StoreError) -> [Hit] {
        try search(query, SearchOptions(count: count, ef: ef, exact: exact))
    }

    /// The same without a filter.
    public func search(like name: ElementName, count: Int, ef: Int, exact: Bool = false) throws(StoreError) -> [Hit]? {
        try search(like: name, SearchOptions(count: count, ef: ef, exact: exact))
    }

    /// How often a search is done again because an element moved or went while it was on its way.
    private static var retryLimit: Int { 3 }

    private func hits(_ target: SearchTarget, _ options: SearchOptions) -> [Hit] {
        if let filter = options.filter { return hits(target, options, filter) }
        var hits: [Hit] = []
        // Of nodes whose elements have gone or moved meanwhile there may be some among those found: then more are asked
        // for, until there are enough.
        var spare = 0
        for _ in 0...Self.retryLimit {
            let (count, overflow) = options.count.addingReportingOverflow(spare)
            let wanted = overflow ? options.count : count
            let found =
                options.exact
                ? FlatIndex(sharing: graph).search(for: target, count: wanted)
                : graph.search(for: target, count: wanted, ef: options.ef)
            // Only what is in memory is looked up under the lock; what is in the file is there as long as the file is.
            let (names, base, total) = contents.read {
                (found.map { elements.changed($0.id).map { $0?.name } }, elements.base, elements.count)
            }
            hits = zip(found, names).lazy.compactMap { neighbour, changed in
                let name = if let changed { changed } else { base?.name(Int(neighbour.id.rawValue)) }
                return name.map { hit($0, neighbour) }
            }.prefix(options.count).map { $0 }
            if hits.count >= min(options.count, total) { break }
            spare = 2 * spare + 8
        }
        return hits
    }

    // MARK: Filtered

    /// Rows of a collection that are looked at to guess how many match.
    private static var sampleSize: Int { 256 }
    /// With at least this share of matches, guessed, a filter that is met for the first time since attributes changed
    /// is asked of the nodes that the search meets; with less, of all.
    private static var walkShare: Double { 0.25 }

    private func hits(_ target: SearchTarget, _ options: SearchOptions, _ filter: FilterExpression) -> [Hit] {
        while true {
            let found: [Hit]? = contents.read {
                guard let matcher = elements.columns.matcher(for: filter) else { return nil }
                return hits(target, options, filter, matcher)
            }
            if let found { return found }
            // Another search may drop a column before this one gets to use it; then it is built again.
            contents.write {
                elements.columns.ensure(fields: filter.fields, rows: elements.rowCount) { row in
                    elements.attributes(NodeID(rawValue: row))
                }
            }
        }
    }

    /// Under `contents` for reading from begin to end: the table and the columns stay as they are, so that every match
    /// is an element.
    private func hits(
        _ target: SearchTarget, _ options: SearchOptions, _ filter: FilterExpression, _ matcher: FilterMatcher
    ) -> [Hit] {
        if options.exact {
            return FlatIndex(sharing: graph)
                .search(for: target, count: options.count) { matcher.matches($0.rawValue) }.compactMap(hit)
        }
        let ef = max(options.ef, options.count)
        let walkLimit =
            options.filterEF.map { limit in
                limit.multipliedReportingOverflow(by: 2 * configuration.parameters.m)
            }.map { $0.overflow ? Int.max : $0.partialValue } ?? .max
        let changes = elements.attributesChanges
        let (known, isRepeated) = filterCache.lookUp(filter, changes: changes)
        if known == nil, !isRepeated {
            let share = guessedShare(matcher)
            if share >= Self.walkShare {
                let budget = min(walkLimit, elements.count)
                let found = graph.walk(for: target, count: options.count, ef: ef, budget: budget) {
                    matcher.matches($0)
                }
                if let found { return found.compactMap(hit) }
            }
        }
        let wanted = known ?? matches(of: matcher)
        if known == nil { filterCache.note(wanted, of: filter, changes: changes) }
        return graph.search(for: target, among: wanted, count: options.count, ef: ef, walkLimit: walkLimit)
            .compactMap(hit)
    }

    private func matches(of matcher: FilterMatcher) -> NodeSet {
        var words: [UInt64] = []
        let count = matcher.matchAll(into: &words)
        return NodeSet(words: words, count: count)
    }

    /// The share of matches among rows spread evenly over the collection. Rows without an element count as none.
    private func guessedShare(_ matcher: FilterMatcher) -> Double {
        let rows = elements.rowCount
        guard rows > 0 else { return 0 }
        let sample = min(rows, Self.sampleSize)
        let matching = (0..<sample).count { matcher.matches(UInt32($0 * rows / sample)) }
        return Double(matching) / Double(sample)
    }
}
