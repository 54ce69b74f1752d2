extension ReferenceCall {
    /// saturate(round(x / scale) + zero point), halves rounded to the even number.
    func quantize(axis: Int?) -> Tensor {
        let x = input(0)
        let scales = input(1).floatValues
        let zeros = optional(2)?.integerValues ?? [Int64](repeating: 0, count: scales.count)
        let type = result.element
        let channel = channels(axis)
        let values = x.floatValues.enumerated().map { index, value in
            let steps = (value / scales[channel(index)]).rounded(.toNearestOrEven)
            return type.saturated(Double(steps) + Double(zeros[channel(index)]))
        }
        return Tensor(shape: x.shape, type: type, elements: .integers(values))
    }

    /// (x - zero point) * scale
    func dequantize(axis: Int?) -> Tensor {
        let x = input(0)
        let scales = input(1).floatValues
        let zeros = optional(2)?.integerValues ?? [Int64](repeating: 0, count: scales.count)
        let channel = channels(axis)
        let values = x.integerValues.enumerated().map { index, value in
            Float(value &- zeros[channel(index)]) * scales[channel(index)]
        }
        return Reference.tensor(values, result)
    }

    /// Which scale belongs to an element.
    private func channels(_ axis: Int?) -> (Int) -> Int {
        guard let axis else { return { _ in 0 } }
        let (_, length, inner) = Reference.extents(input(0).shape, around: axis..<axis + 1)
        return { $0 / inner % length }
    }
}

extension Reference {
    /// The same numbers as another type. Floats become whole numbers by cutting off the fraction, and stay within the
    /// type's range; whole numbers wrap around. All float types are held alike, so that a model in half precision is
    /// computed in single precision throughout.
    static func cast(_ x: Tensor, to type: ElementType) -> Tensor {
        let elements: Tensor.Elements =
            switch (x.elements, type.isFloat) {
            case (.floats, true): x.elements
            case (.floats(let values), false):
                .integers(values.map { type == .boolean ? ($0 == 0 ? 0 : 1) : type.saturated(Double($0)) })
            case (.integers(let values), true): .floats(values.map { Float($0) })
            case (.integers(let values), false): .integers(values.map { type.wrapped($0) })
            }
        return Tensor(shape: x.shape, type: type, elements: elements)
    }
}

extension ElementType {
    /// Bits of a whole number, and whether it has a sign.
    private var width: (bits: Int, signed: Bool) {
        switch self {
        case .int8: (8, true)
        case .uint8: (8, false)
        case .int16: (16, true)
        case .uint16: (16, false)
        case .int32: (32, true)
        case .uint32: (32, false)
        default: (64, true)
        }
    }

    /// A whole number cut off to this type's bits.
    func wrapped(_ value: Int64) -> Int64 {
        if self == .boolean { return value == 0 ? 0 : 1 }
        let (bits, signed) = width
        let raised = value << (64 - bits)
        return signed ? raised >> (64 - bits) : Int64(UInt64(bitPattern: raised) >> (64 - bits))
    }

    /// The whole part of a number, the nearest end of this type's range where it lies outside; 0 for NaN.
    func saturated(_ value: Double) -> Int64 {
        if value.isNaN { return 0 }
        let (bits, signed) = width
        // 64-bit numbers are all held as Int64, whose largest is no Double: the next one below it is the bound.
        if bits == 64 { return Int64(min(max(value, -0x1p63), 0x1.fffffffffffffp62)) }
        let largest = Double((1 << (signed ? bits - 1 : bits)) - 1)
        return Int64(min(max(value, signed ? -largest - 1 : 0), largest))
    }
}
