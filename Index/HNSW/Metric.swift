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

    /// Brings a vector into the form that this metric compares, and returns the norm that undoes the change: its length
    /// for cosine (1 for the zero vector, which stays as it is), else 1.
    ///
    /// The length is summed in double precision: in single precision, values of 1e-30 would sum to zero and values of
    /// 1e30 to infinity. It is divided by in single precision, as the wire's reference does to the last bit, but for
    /// vectors so short that the length has lost bits as a float: what is divided by that is not of unit length, and
    /// wins or loses every comparison.
    func normalise(_ vector: UnsafeMutableBufferPointer<Float>) -> Float {
        guard self == .cosine else { return 1 }
        let length = lk_sum_of_squares(vector.baseAddress, vector.count).squareRoot()
        guard length > 0 else { return 1 }
        // A length is never less than the largest value's magnitude, so it does not round to zero.
        let norm = Float(length)
        precondition(norm.isFinite, "a vector whose length is beyond float32 cannot be normalised")
        if norm.isNormal {
            for i in vector.indices { vector[i] /= norm }
        } else {
            for i in vector.indices { vector[i] = Float(Double(vector[i]) / length) }
        }
        return norm
    }
}

/// The float32 kernels of one metric and dimension, ready to be called in a loop.
struct DistanceKernel {
    let metric: Metric
    let dimension: Int
    private let many:
        @convention(c) (
            UnsafePointer<Float>?, UnsafePointer<UnsafePointer<Float>?>?, Int, Int, UnsafeMutablePointer<Float>?
        ) -> Void

    init(metric: Metric, dimension: Int) {
        self.metric = metric
        self.dimension = dimension
        let table = lk_kernels_best()!.pointee
        many = metric == .l2 ? table.squared_l2_many : table.dot_many
    }

    /// The distances of `count` vectors to a query, into `out`; all in the form that the metric compares.
    @inline(__always)
    func distances(
        from query: UnsafePointer<Float>, to rows: UnsafePointer<UnsafePointer<UInt8>?>, count: Int,
        into out: UnsafeMutablePointer<Float>
    ) {
        let rows = UnsafeRawPointer(rows).assumingMemoryBound(to: UnsafePointer<Float>?.self)
        many(query, rows, count, dimension, out)
        switch metric {
        case .cosine: for i in 0..<count { out[i] = 1 - out[i] }
        case .l2: break
        case .dot: for i in 0..<count { out[i] = -out[i] }
        }
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
