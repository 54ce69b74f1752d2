/// What is known of a value before running: its elements' type and its sizes.
public struct TensorType: Sendable, Hashable, CustomStringConvertible {
    /// What the elements are.
    public var element: ElementType
    /// Its sizes.
    public var shape: TensorShape

    /// The type of a tensor of such elements and sizes.
    public init(_ element: ElementType, _ shape: TensorShape) {
        self.element = element
        self.shape = shape
    }

    /// As `float32[1,3,224,224]`.
    public var description: String { "\(element)\(shape)" }
}

extension Tensor {
    /// Its element type and sizes.
    public var tensorType: TensorType { TensorType(type, shape) }

    /// Bytes that its elements take as they are held: 4 for a float, 8 for a whole number.
    public var heldBytes: Int { elements.count * (type.isFloat ? 4 : 8) }
}

extension TensorType {
    /// Bytes that such a tensor's elements take as they are held; `Int.max` when that is more than an `Int` holds.
    public var heldBytes: Int {
        guard let count = shape.elementCount else { return .max }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: element.isFloat ? 4 : 8)
        return overflow ? .max : bytes
    }
}

extension TensorShape {
    /// The shape that two tensors have after broadcasting as NumPy does: sizes are compared from the last dimension
    /// on, and 1 or nothing fits any size. Nil when they do not fit.
    public func broadcast(with other: TensorShape) -> TensorShape? {
        let rank = max(rank, other.rank)
        var sizes = [Int](repeating: 1, count: rank)
        for back in 1...max(1, rank) where back <= rank {
            let mine = back <= self.rank ? dimensions[self.rank - back] : 1
            let its = back <= other.rank ? other.dimensions[other.rank - back] : 1
            guard mine == its || mine == 1 || its == 1 else { return nil }
            sizes[rank - back] = mine == 1 ? its : mine
        }
        return TensorShape(sizes)
    }

    /// Whether a tensor of this shape can be repeated to have the shape `target`.
    public func broadcasts(to target: TensorShape) -> Bool { broadcast(with: target) == target }

    /// This shape with 1s in front, up to `rank` dimensions.
    func padded(toRank rank: Int) -> [Int] {
        [Int](repeating: 1, count: max(0, rank - self.rank)) + dimensions
    }
}
