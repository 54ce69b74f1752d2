import HNSW
import Storage

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
    /// Checks every block that has not been used yet, every invariant of the graph, that elements and nodes are the
    /// same set, and on demand every thumbnail against its checksum. Searches go on meanwhile; changes and checkpoints
    /// wait.
    public func validate(thumbnails: Bool = false) -> CollectionValidation {
        var names: [ElementName] = []
        var report = writer.withLock {
            graph.checkAllRecords()
            elements.base?.checkAll()
            if let fault = faults.first {
                return CollectionValidation(
                    elements: elements.count, unreachable: 0, issues: [fault.description])
            }
            let found = graph.validate()
            var report = CollectionValidation(
                elements: elements.count, unreachable: found.unreachable, issues: found.issues)
            if found.nodes != elements.count {
                report.issues.append("\(found.nodes) nodes for \(elements.count) elements")
            }
            var (withNames, withAttributes) = (0, 0)
            elements.forEach { id, element in
                withNames += 1
                if !graph.contains(id) { report.issues.append("element \(element.name) has no node") }
                if elements.id(of: element.name) != id {
                    report.issues.append("two elements are named \(element.name)")
                }
                if element.attributes != nil { withAttributes += 1 }
                if element.thumbnail != nil { names.append(element.name) }
            }
            if withNames != elements.count {
                report.issues.append("\(withNames) elements where \(elements.count) are counted")
            }
            if withAttributes != elements.attributesCount {
                report.issues.append("\(withAttributes) elements with attributes, \(elements.attributesCount) counted")
            }
            if let fault = faults.first { report.issues.append(fault.description) }
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
