import HNSW
import Storage

extension Collection {
    /// The elements nearest to a vector, nearest first: at most `count`.
    ///
    /// - Parameters:
    ///   - query: as many values as the collection has dimensions, all finite. Normalised inside.
    ///   - count: at least 1.
    ///   - ef: candidates kept by the graph search, raised to `count`. More is slower and finds more of the nearest.
    ///   - exact: whether to look at every element instead.
    ///   - accepts: which elements may be returned, by name and attributes. A filtered search returns as many as were
    ///     asked for or as there are. It runs under the collection's lock and must not call the collection.
    /// - Throws: `dimensionMismatch`, or `invalidVector` for what could not be stored either: a value, or the length,
    ///   that is no finite number.
    public func search(
        _ query: [Float], count: Int, ef: Int, exact: Bool = false,
        where accepts: ((ElementName, [UInt8]?) -> Bool)? = nil
    ) throws(StoreError) -> [Hit] {
        guard query.count == configuration.dimension else {
            throw .dimensionMismatch(expected: configuration.dimension, got: query.count)
        }
        if let fault = VectorCheck.fault(in: query) { throw .invalidVector(reason: fault) }
        return contents.read {
            let filter = nodeFilter(accepts)
            let found =
                exact
                ? FlatIndex(sharing: graph).search(query, count: count, filter: filter)
                : graph.search(query, count: count, ef: ef, filter: filter)
            return found.map(hit)
        }
    }

    /// The elements nearest to an element, which is its own first result; nil if it does not exist.
    public func search(
        like name: ElementName, count: Int, ef: Int, exact: Bool = false,
        where accepts: ((ElementName, [UInt8]?) -> Bool)? = nil
    ) -> [Hit]? {
        contents.read {
            guard let id = elements.id(of: name) else { return nil }
            let filter = nodeFilter(accepts)
            let found =
                exact
                ? FlatIndex(sharing: graph).search(like: id, count: count, filter: filter)
                : graph.search(like: id, count: count, ef: ef, filter: filter)
            return found.map(hit)
        }
    }

    private func nodeFilter(_ accepts: ((ElementName, [UInt8]?) -> Bool)?) -> ((NodeID) -> Bool)? {
        guard let accepts else { return nil }
        return { id in
            let element = self.elements[id]!
            return accepts(element.name, element.attributes)
        }
    }
}

/// What `Collection.validate` found.
public struct CollectionValidation: Sendable, Equatable {
    /// Elements in the collection.
    public var elements: Int
    /// Nodes that no search can reach, summed over layers.
    public var unreachable: Int
    /// What is wrong, one line each.
    public var issues: [String]

    /// Whether nothing is wrong.
    public var isSound: Bool { unreachable == 0 && issues.isEmpty }
}

extension Collection {
    /// Checks every invariant of the graph, that elements and nodes are the same set, and on demand every thumbnail
    /// against its checksum. Searches go on meanwhile; changes wait.
    public func validate(thumbnails: Bool = false) -> CollectionValidation {
        var names: [ElementName] = []
        var report = contents.read {
            let found = graph.validate()
            var report = CollectionValidation(
                elements: elements.count, unreachable: found.unreachable, issues: found.issues)
            if found.nodes != elements.count {
                report.issues.append("\(found.nodes) nodes for \(elements.count) elements")
            }
            var withAttributes = 0
            elements.forEach { id, element in
                if !graph.contains(id) { report.issues.append("element \(element.name) has no node") }
                if elements.id(of: element.name) != id {
                    report.issues.append("two elements are named \(element.name)")
                }
                if element.attributes != nil { withAttributes += 1 }
                if element.thumbnail != nil { names.append(element.name) }
            }
            if withAttributes != elements.attributesCount {
                report.issues.append("\(withAttributes) elements with attributes, \(elements.attributesCount) counted")
            }
            return report
        }
        if thumbnails {
            for name in names {
                do { _ = try thumbnail(of: name) } catch { report.issues.append("\(name): \(error)") }
            }
        }
        return report
    }
}
