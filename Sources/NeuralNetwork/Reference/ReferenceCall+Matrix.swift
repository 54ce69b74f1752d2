extension ReferenceCall {
    func evaluate(_ gemm: Operator.Gemm) -> Tensor {
        let a = input(0)
        let (rows, columns) = (result.shape[0], result.shape[1])
        let inner = a.shape[gemm.transposesA ? 0 : 1]
        var values = Reference.product(
            a.floatValues, b: input(1).floatValues, rows: rows, inner: inner, columns: columns,
            transposesA: gemm.transposesA, transposesB: gemm.transposesB
        ).map { $0 * Double(gemm.alpha) }
        if let c = optional(2) {
            let addends = Reference.broadcast(c, to: result.shape).floatValues
            for index in values.indices { values[index] += Double(gemm.beta) * Double(addends[index]) }
        }
        return Reference.tensor(values.map { Float($0) }, result)
    }

    func matMul() throws(NetworkError) -> Tensor {
        let product = try inference.matrixProduct()
        let a = input(0).floatValues
        let b = input(1).floatValues
        // Where the matrices of each result begin in A and in B.
        let batch = TensorShape(product.batch)
        let matrices = { (stack: [Int], area: Int) -> [Int] in
            var starts: [Int] = []
            Reference.walk(batch.dimensions, Reference.broadcastTracks(TensorShape(stack), to: batch)) { _, offset in
                starts.append(offset * area)
            }
            return starts
        }
        let areaA = product.rows * product.inner
        let areaB = product.inner * product.columns
        var values: [Float] = []
        values.reserveCapacity(result.shape.elementCount ?? 0)
        for (startA, startB) in zip(matrices(product.batchA, areaA), matrices(product.batchB, areaB)) {
            values += Reference.product(
                Array(a[startA..<startA + areaA]), b: Array(b[startB..<startB + areaB]), rows: product.rows,
                inner: product.inner, columns: product.columns, transposesA: false, transposesB: false
            ).map { Float($0) }
        }
        return Reference.tensor(values, result)
    }
}

extension Reference {
    /// [rows, inner] times [inner, columns], either given transposed.
    static func product(
        _ a: [Float], b: [Float], rows: Int, inner: Int, columns: Int, transposesA: Bool, transposesB: Bool
    ) -> [Double] {
        var sums = [Double](repeating: 0, count: rows * columns)
        let (rowB, columnB) = transposesB ? (1, inner) : (columns, 1)
        for row in 0..<rows {
            for index in 0..<inner {
                let factor = Double(transposesA ? a[index * rows + row] : a[row * inner + index])
                for column in 0..<columns {
                    sums[row * columns + column] += factor * Double(b[index * rowB + column * columnB])
                }
            }
        }
        return sums
    }
}
