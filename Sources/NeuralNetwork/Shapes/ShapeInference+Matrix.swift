extension ShapeInference {
    func gemm(_ gemm: Operator.Gemm) throws(NetworkError) -> TensorType {
        let a = try floats(0, "A")
        let b = try floats(1, "B")
        try require(a.shape.rank == 2, "A \(a.shape) is not a matrix")
        try require(b.shape.rank == 2, "B \(b.shape) is not a matrix")
        let rows = a.shape[gemm.transposesA ? 1 : 0]
        let inner = a.shape[gemm.transposesA ? 0 : 1]
        let columns = b.shape[gemm.transposesB ? 0 : 1]
        try require(
            inner == b.shape[gemm.transposesB ? 1 : 0],
            "A \(a.shape)\(gemm.transposesA ? " transposed" : "") times B \(b.shape)"
                + "\(gemm.transposesB ? " transposed" : "") does not fit")
        if let c = try optionalFloats(2, "C") {
            try require(
                c.shape.broadcasts(to: [rows, columns]), "C \(c.shape) does not fit a result [\(rows),\(columns)]")
        }
        return try result([rows, columns], a.element)
    }

    /// How a product of stacks of matrices is made up. Source: numpy.matmul.
    public struct MatrixProduct: Sendable, Hashable {
        /// Shape of the stack of results, after broadcasting.
        public var batch: [Int]
        /// Shape of the stack of A.
        public var batchA: [Int]
        /// Shape of the stack of B.
        public var batchB: [Int]
        /// Rows of A and of the result.
        public var rows: Int
        /// Columns of A, rows of B.
        public var inner: Int
        /// Columns of B and of the result.
        public var columns: Int
    }

    /// A [..., rows, inner] times B [..., inner, columns]; a vector A is one row, a vector B one column.
    public func matrixProduct() throws(NetworkError) -> MatrixProduct {
        let a = try floats(0, "A").shape
        let b = try floats(1, "B").shape
        try require(a.rank > 0 && b.rank > 0, "A \(a) times B \(b): a scalar is no matrix")
        let batchA = TensorShape(Array(a.dimensions.dropLast(2)))
        let batchB = TensorShape(Array(b.dimensions.dropLast(2)))
        let inner = a[a.rank - 1]
        guard let batch = batchA.broadcast(with: batchB), inner == b[max(0, b.rank - 2)] else {
            throw contradiction("A \(a) times B \(b) does not fit")
        }
        return MatrixProduct(
            batch: batch.dimensions, batchA: batchA.dimensions, batchB: batchB.dimensions,
            rows: a.rank == 1 ? 1 : a[a.rank - 2], inner: inner, columns: b.rank == 1 ? 1 : b[b.rank - 1])
    }

    func matMul() throws(NetworkError) -> TensorType {
        let product = try matrixProduct()
        let a = try floats(0, "A")
        let rows = a.shape.rank == 1 ? [] : [product.rows]
        let columns = try floats(1, "B").shape.rank == 1 ? [] : [product.columns]
        return try result(product.batch + rows + columns, a.element)
    }
}
