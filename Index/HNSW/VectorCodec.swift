import CVectorKernels
import Synchronization

/// How a vector becomes what is stored of it: the *code*, which the search compares, its *terms*, and whether the code
/// is exact. Where it is not, the vector is also kept in full, and the search orders its last candidates by that.
///
/// With x the vector in the metric's form:
///
/// - `f32`: the code is x.
/// - `int8`: q_i = round(x_i * 127 / max |x|), one scale a vector, rounded half away from zero: the code of Redis' vector
///   sets. Stored with 128 added, see the kernels. With s = max |x| / 127 and T = sum q_i p_i the dot product is about
///   s_q s_p T, so that the terms (constant, factor) and the query's (base, scale) make a distance of T:
///   cosine (1, -s), dot (0, -s), L2 (|x|^2, -2 s) and base |p|^2.
/// - `bin`: bit i is set when x_i > 0. The distance is twice the share of bits that differ, as Redis has it.
///
/// **Integers are exact.** Under L2 and dot, a vector of integers from -128 to 127 is its own int8 code with s = 1: all
/// arithmetic is in integers, and nothing is kept beside it. As L2 does not change when everything is shifted, a
/// collection whose first vector looks like bytes (SIFT, histograms, pixels) takes 128 off all of its vectors: the
/// *origin*. One scale a vector suits values around the origin; under L2, values that are all far from 0 and not bytes
/// should have their mean subtracted before they come.
///
/// Rejected: four bits a value with one byte beside it. On SIFT it halves what a distance reads and needs a third more
/// candidates for the same recall; figures in RESULTS.md.
final class VectorCodec: Sendable {
    let dimension: Int
    let metric: Metric
    let quantization: Quantization
    /// What is subtracted from every value, plus one; 0 while it is undecided.
    private let originState: Atomic<UInt32>

    init(dimension: Int, metric: Metric, quantization: Quantization, originState: UInt32 = 0) {
        precondition(quantization.supports(metric), "\(quantization) cannot keep vectors under \(metric)")
        self.dimension = dimension
        self.metric = metric
        self.quantization = quantization
        self.originState = Atomic(originState)
    }

    /// As it is saved: 0 undecided, else the origin plus one.
    var savedOrigin: UInt32 { originState.load(ordering: .acquiring) }

    /// What is subtracted from every value before it is coded.
    var origin: Float {
        let state = savedOrigin
        return state == 0 ? 0 : Float(state - 1)
    }

    /// Bytes of a code.
    var codeBytes: Int {
        switch quantization {
        case .f32: 4 * dimension
        case .int8: dimension
        case .bin: (dimension + 7) / 8
        }
    }

    /// Bytes from one code to the next: whole cache lines but for the shortest, so that a code touches as few as it can.
    var codeStride: Int { codeBytes <= 32 ? (codeBytes + 15) / 16 * 16 : (codeBytes + 63) / 64 * 64 }

    /// Whether codes have terms.
    var hasTerms: Bool { quantization == .int8 }

    /// Decides the origin by the first vector, if it has not been decided.
    private func settleOrigin(by vector: UnsafeMutableBufferPointer<Float>) -> Float {
        guard quantization == .int8, metric == .l2 else { return 0 }
        if savedOrigin == 0 {
            let areBytes = Self.looksLikeBytes(vector)
            _ = originState.compareExchange(
                expected: 0, desired: areBytes ? 129 : 1, ordering: .acquiringAndReleasing)
        }
        return origin
    }

    /// Whether a vector is one of bytes by its looks: integers from 0 to 255, a quarter of them not 0, and not all small
    /// (those are exact without an origin). A vector of zeros, or with one 1, says nothing of those to come, and a wrong
    /// guess would leave real numbers near 0 a single step of the code.
    private static func looksLikeBytes(_ vector: UnsafeMutableBufferPointer<Float>) -> Bool {
        guard vector.allSatisfy({ $0 >= 0 && $0 <= 255 && $0 == Float(Int32($0)) }) else { return false }
        return vector.contains { $0 >= 32 } && 4 * vector.count(where: { $0 != 0 }) >= vector.count
    }

    /// Codes a vector. `settles` is false for a query, which must not decide what is subtracted from vectors.
    ///
    /// - Parameters:
    ///   - vector: finite, `dimension` values; in the metric's form afterwards, with the origin taken off.
    ///   - code: `codeStride` bytes, filled with the code as it is stored, and what pads it.
    func encode(
        _ vector: UnsafeMutableBufferPointer<Float>, into code: UnsafeMutablePointer<UInt8>, settles: Bool
    ) -> CodedVector {
        let norm = metric.normalise(vector)
        let origin = settles ? settleOrigin(by: vector) : self.origin
        if origin != 0 { for i in vector.indices { vector[i] -= origin } }
        var coded = CodedVector(norm: norm)
        switch quantization {
        case .f32:
            code.update(repeating: 0, count: codeStride)
            UnsafeMutableRawPointer(code).copyMemory(from: vector.baseAddress!, byteCount: 4 * dimension)
            coded.isExact = true
        case .int8: encodeBytes(vector, into: code, &coded)
        case .bin:
            code.update(repeating: 0, count: codeStride)
            for i in vector.indices where vector[i] > 0 { code[i >> 3] |= 1 << UInt8(i & 7) }
        }
        return coded
    }

    private func encodeBytes(
        _ vector: UnsafeMutableBufferPointer<Float>, into code: UnsafeMutablePointer<UInt8>, _ coded: inout CodedVector
    ) {
        var largest: Float = 0
        for value in vector { largest = max(largest, value.magnitude) }
        coded.isExact = largest == 0 || metric != .cosine && vector.allSatisfy(isInt8)
        coded.scale = largest == 0 ? 0 : coded.isExact ? 1 : largest / 127
        let inverse = coded.isExact ? 1 : 127 / largest
        // Of a subnormal `largest` the inverse is infinite; no value of such a vector is worth a step of the code.
        if inverse.isFinite {
            for i in 0..<dimension {
                code[i] = UInt8(truncatingIfNeeded: roundedAwayFromZero(vector[i] * inverse) + 128)
            }
        } else {
            code.update(repeating: 128, count: dimension)
        }
        for i in dimension..<codeStride { code[i] = 128 }
        if metric == .l2 { coded.base = Float(lk_sum_of_squares(vector.baseAddress, dimension)) }
    }

    @inline(__always)
    private func isInt8(_ value: Float) -> Bool {
        value >= -128 && value <= 127 && value == Float(Int32(value))
    }

    /// To the nearest integer, halves away from zero; the value is well within an Int32. What the standard library has
    /// for it is a call into the C library where the processor's baseline lacks the instruction.
    @inline(__always)
    private func roundedAwayFromZero(_ value: Float) -> Int32 {
        let whole = Int32(value)
        let rest = value - Float(whole)
        return whole + (rest >= 0.5 ? 1 : rest <= -0.5 ? -1 : 0)
    }

    /// The terms of a coded vector.
    func terms(_ coded: CodedVector) -> lk_code_terms {
        switch metric {
        case .cosine: lk_code_terms(constant: 1, factor: -coded.scale)
        case .dot: lk_code_terms(constant: 0, factor: -coded.scale)
        case .l2: lk_code_terms(constant: coded.base, factor: -2 * coded.scale)
        }
    }

    /// The values of an exact code, the origin still off, into `values`.
    func decodeExact(_ code: UnsafePointer<UInt8>, into values: UnsafeMutablePointer<Float>) {
        if quantization == .f32 {
            UnsafeMutableRawPointer(values).copyMemory(from: code, byteCount: 4 * dimension)
        } else {
            for i in 0..<dimension { values[i] = Float(Int(code[i]) - 128) }
        }
    }
}

/// What there is to a coded vector besides its code.
struct CodedVector {
    /// What the vector was divided by.
    var norm: Float
    /// Whether the code says all there is.
    var isExact = false
    /// The value of one step of an int8 code; 0 for a vector of zeros.
    var scale: Float = 0
    /// The squared length, under L2.
    var base: Float = 0
}
