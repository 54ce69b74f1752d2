/// What a tensor's elements are. Reading widens: every float type is held as float32, every whole number and truth
/// value as int64; the type says what the model declared.
public enum ElementType: String, Sendable, Equatable, CaseIterable {
    case float32, float16, float64, int64, int32, int16, int8, uint8, uint16, uint32, uint64, boolean

    /// Whether elements are held as `Float`.
    public var isFloat: Bool { self == .float32 || self == .float16 || self == .float64 }
}

/// Sizes of a tensor's dimensions, outermost first.
public struct TensorShape: Sendable, Hashable, CustomStringConvertible, ExpressibleByArrayLiteral {
    /// The sizes; empty for a scalar.
    public var dimensions: [Int]

    /// A shape of these sizes, none negative.
    public init(_ dimensions: [Int]) { self.dimensions = dimensions }

    /// With these.
    public init(arrayLiteral elements: Int...) { dimensions = elements }

    /// How many dimensions.
    public var rank: Int { dimensions.count }

    /// How many elements; nil when that is more than an `Int` holds.
    public var elementCount: Int? {
        var count = 1
        for size in dimensions {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            count = product
        }
        return count
    }

    /// The size of a dimension.
    public subscript(_ index: Int) -> Int { dimensions[index] }

    /// Distance in elements between neighbours along each dimension, the last dimension contiguous.
    public var rowMajorStrides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for index in dimensions.indices.dropLast().reversed() {
            strides[index] = strides[index + 1] * dimensions[index + 1]
        }
        return strides
    }

    /// `[1,3,224,224]`
    public var description: String { "[" + dimensions.map(String.init).joined(separator: ",") + "]" }
}

/// An array with a shape: a weight, a constant, or what the reference operators compute. Row-major, the last dimension
/// contiguous.
public struct Tensor: Sendable, Equatable {
    /// The elements, widened.
    public enum Elements: Sendable, Equatable {
        case floats([Float])
        case integers([Int64])

        /// How many.
        public var count: Int {
            switch self {
            case .floats(let values): values.count
            case .integers(let values): values.count
            }
        }
    }

    /// Sizes; their product is `elements.count`.
    public let shape: TensorShape
    /// What the model declared the elements to be.
    public let type: ElementType
    /// The elements in row-major order.
    public let elements: Elements

    /// A tensor; traps when the number of elements is not the shape's.
    public init(shape: TensorShape, type: ElementType, elements: Elements) {
        precondition(shape.elementCount == elements.count, "a tensor of shape \(shape) has \(elements.count) elements")
        switch elements {
        case .floats: precondition(type.isFloat)
        case .integers: precondition(!type.isFloat)
        }
        self.shape = shape
        self.type = type
        self.elements = elements
    }

    /// A float32 tensor.
    public init(_ values: [Float], _ shape: TensorShape) {
        self.init(shape: shape, type: .float32, elements: .floats(values))
    }

    /// An int64 tensor.
    public init(_ values: [Int64], _ shape: TensorShape) {
        self.init(shape: shape, type: .int64, elements: .integers(values))
    }

    /// The elements where they are floats, else nil.
    public var floats: [Float]? { if case .floats(let values) = elements { values } else { nil } }

    /// The elements where they are whole numbers, else nil.
    public var integers: [Int64]? { if case .integers(let values) = elements { values } else { nil } }
}
