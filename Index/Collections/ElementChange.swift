import HNSW
import Storage

/// What happens to an element's attributes.
public enum AttributesChange: Sendable, Equatable {
    /// They stay as they are; a new element has none.
    case keep
    /// They become these bytes, which may be none.
    case set([UInt8])
    /// The element has none afterwards.
    case remove
}

/// What an element becomes: its vector, and what goes with it.
public struct ElementChange: Sendable {
    /// The vector as the user sent it.
    public var vector: [Float]
    /// What happens to its attributes.
    public var attributes: AttributesChange
    /// Its thumbnail. A thumbnail belongs to the vector it came with: without a new one there is none afterwards.
    public var thumbnail: [UInt8]?
    /// Candidates kept while its neighbours are looked for, instead of the collection's own number.
    public var efConstruction: Int?

    /// A change to that vector.
    public init(
        vector: [Float], attributes: AttributesChange = .keep, thumbnail: [UInt8]? = nil, efConstruction: Int? = nil
    ) {
        self.vector = vector
        self.attributes = attributes
        self.thumbnail = thumbnail
        self.efConstruction = efConstruction
    }

    /// Checks everything that can be checked without the collection.
    func check(name: ElementName, dimension: Int) throws(StoreError) {
        try StoreLimits.check("the length of the element's name", name.bytes.count, StoreLimits.elementNameBytes)
        if case .set(let bytes) = attributes {
            try StoreLimits.check("the length of the attributes", bytes.count, StoreLimits.attributesBytes)
        }
        if let thumbnail {
            try StoreLimits.check("the length of the thumbnail", thumbnail.count, StoreLimits.thumbnailBytes)
        }
        if let efConstruction, !HNSWParameters.efRange.contains(efConstruction) {
            throw .limitExceeded(
                what: "efConstruction", value: UInt64(max(0, efConstruction)),
                limit: UInt64(HNSWParameters.efRange.upperBound))
        }
        guard vector.count == dimension else { throw .dimensionMismatch(expected: dimension, got: vector.count) }
        if let fault = VectorCheck.fault(in: vector) { throw .invalidVector(reason: fault) }
    }
}

/// One result of a search.
public struct Hit: Sendable, Equatable {
    /// The element.
    public let name: ElementName
    /// Under cosine 1 - cos, held to 0...2 against rounding; under another metric as that metric has it.
    public let distance: Float

    /// An element at a distance.
    public init(name: ElementName, distance: Float) {
        self.name = name
        self.distance = distance
    }

    /// 1 for the same direction, 0 for the opposite one: 1 - distance / 2, in double precision.
    public var score: Double { 1 - Double(distance) / 2 }
}
