import CVectorKernels

/// How far apart two vectors are. Smaller is nearer for every metric.
public enum Metric: String, Sendable, Codable, CaseIterable {
    /// 1 - cos(a, b), 0...2. Vectors are scaled to unit length when stored and when asked for.
    case cosine
    /// The squared Euclidean distance: it orders as the distance does and spares the root.
    case l2
    /// The negated inner product. It is no metric (a vector need not be nearest to itself), so graph search on it is
    /// as good as the data allow.
    case dot
}

/// The chosen kernels of one metric and dimension, ready to be called in a loop.
struct DistanceKernel {
    let metric: Metric
    let dimension: Int
    private let one: @convention(c) (UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Float
    private let many:
        @convention(c) (
            UnsafePointer<Float>?, UnsafePointer<UnsafePointer<Float>?>?, Int, Int, UnsafeMutablePointer<Float>?
        ) -> Void

    init(metric: Metric, dimension: Int) {
        self.metric = metric
        self.dimension = dimension
        let table = lk_kernels_best()!.pointee
        switch metric {
        case .cosine, .dot:
            one = table.dot
            many = table.dot_many
        case .l2:
            one = table.squared_l2
            many = table.squared_l2_many
        }
    }

    /// The distance of two stored vectors, each `dimension` floats.
    @inline(__always)
    func distance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
        let value = one(a, b, dimension)
        switch metric {
        case .cosine: return 1 - value
        case .l2: return value
        case .dot: return -value
        }
    }

    /// The distances of `count` stored vectors to a query, into `out`.
    @inline(__always)
    func distances(
        from query: UnsafePointer<Float>, to rows: UnsafePointer<UnsafePointer<Float>?>, count: Int,
        into out: UnsafeMutablePointer<Float>
    ) {
        many(query, rows, count, dimension, out)
        switch metric {
        case .cosine: for i in 0..<count { out[i] = 1 - out[i] }
        case .l2: break
        case .dot: for i in 0..<count { out[i] = -out[i] }
        }
    }

    /// Copies a vector to where it is to be stored, in the form that this metric compares, and returns the norm that
    /// undoes the change: its length for cosine (1 for the zero vector, which stays as it is), else 1.
    ///
    /// The length is summed in double precision: in single precision, values of 1e-30 would sum to zero and values of
    /// 1e30 to infinity. It is divided by in single precision, as the wire's reference does to the last bit, but for
    /// vectors so short that the length has lost bits as a float: what is divided by that is not of unit length, and
    /// wins or loses every comparison.
    func store(_ vector: UnsafePointer<Float>, to destination: UnsafeMutablePointer<Float>) -> Float {
        destination.update(from: vector, count: dimension)
        guard metric == .cosine else { return 1 }
        let length = lk_sum_of_squares(vector, dimension).squareRoot()
        guard length > 0 else { return 1 }
        // A length is never less than the largest value's magnitude, so it does not round to zero.
        let norm = Float(length)
        precondition(norm.isFinite, "a vector whose length is beyond float32 cannot be normalised")
        if norm.isNormal {
            for i in 0..<dimension { destination[i] /= norm }
        } else {
            for i in 0..<dimension { destination[i] = Float(Double(destination[i]) / length) }
        }
        return norm
    }
}

/// Checks that a vector can be stored under any metric.
public enum VectorCheck {
    /// What is wrong with a vector, or nil when it can be stored: every value finite, and its length too.
    public static func fault(in vector: [Float]) -> String? {
        vector.withUnsafeBufferPointer { values in
            if lk_all_finite(values.baseAddress, values.count) == 0 {
                let at = values.firstIndex { !$0.isFinite } ?? 0
                return "value \(at) is \(values[at]); every value must be a finite number"
            }
            if !Float(lk_sum_of_squares(values.baseAddress, values.count).squareRoot()).isFinite {
                return "its length is beyond the range of float32; scale it down"
            }
            return nil
        }
    }
}
