import CVectorKernels

/// A vector that others are compared with, in the two forms in which they can be: its code against their codes, and its
/// values against theirs.
///
/// Thread-safety: none. It belongs to one search.
final class QueryVector {
    private let nodes: NodeStorage
    private let table: lk_kernels
    // What the hot calls need of the nodes, out of their objects.
    private let quantization: Quantization
    private let codes: UnsafeMutablePointer<lk_records>
    private let terms: UnsafeMutablePointer<lk_records>?
    private let codeBytes: Int
    private let codeStride: Int
    /// The vector in the metric's form, the origin taken off; of a node's code only filled in when it is needed.
    let values: UnsafeMutableBufferPointer<Float>
    /// The code as it is stored.
    let code: UnsafeMutablePointer<UInt8>
    /// An int8 code as the kernels want a query: signed.
    private let signed: UnsafeMutablePointer<Int8>
    private(set) var coded = CodedVector(norm: 1)
    /// Whether all that is compared is exact under L2: then the distance is that of the bytes, with no terms to fetch.
    /// It is decided once a search or insertion: a vector that is not exact and comes in meanwhile is compared wrongly
    /// by this one, which may miss it, or link to it less well.
    private var comparesBytes = false
    private var rows: UnsafeMutablePointer<UnsafePointer<UInt8>?>
    private var termRows: UnsafeMutablePointer<UnsafePointer<UInt8>?>
    private var sums: UnsafeMutablePointer<Int32>
    private var capacity = 128
    private var decoded: UnsafeMutablePointer<Float>

    init(nodes: NodeStorage) {
        self.nodes = nodes
        table = lk_kernels_best()!.pointee
        let codec = nodes.codec
        quantization = codec.quantization
        codes = nodes.codes.handle
        terms = nodes.terms?.handle
        codeBytes = codec.codeBytes
        codeStride = codec.codeStride
        func aligned<T>(_ count: Int, of: T.Type) -> UnsafeMutablePointer<T> {
            let bytes = (max(count, 1) * MemoryLayout<T>.stride + 63) / 64 * 64
            return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
                .bindMemory(to: T.self, capacity: count)
        }
        values = UnsafeMutableBufferPointer(start: aligned(codec.dimension, of: Float.self), count: codec.dimension)
        decoded = aligned(codec.dimension, of: Float.self)
        code = aligned(codec.codeStride, of: UInt8.self)
        signed = aligned(codec.codeStride, of: Int8.self)
        rows = .allocate(capacity: capacity)
        termRows = .allocate(capacity: capacity)
        sums = .allocate(capacity: capacity)
    }

    deinit {
        UnsafeMutableRawPointer(values.baseAddress!).deallocate()
        UnsafeMutableRawPointer(decoded).deallocate()
        UnsafeMutableRawPointer(code).deallocate()
        UnsafeMutableRawPointer(signed).deallocate()
        rows.deallocate()
        termRows.deallocate()
        sums.deallocate()
    }

    /// What `NodeStorage.insert` wants of it.
    var encoded: EncodedVector {
        EncodedVector(values: UnsafePointer(values.baseAddress!), code: UnsafePointer(code), coded: coded)
    }

    /// Becomes a vector as the user sent it: `dimension` finite values.
    func set(_ vector: [Float], settles: Bool = false) {
        precondition(vector.count == nodes.codec.dimension, "the vector has another dimension than the index")
        _ = values.update(fromContentsOf: vector)
        coded = nodes.codec.encode(values, into: code, settles: settles)
        sign()
    }

    /// Becomes the vector of a node; `values` are filled in only if `inFull`.
    func set(node id: UInt32, inFull: Bool = false) {
        let codec = nodes.codec
        code.update(from: nodes.code(id), count: codec.codeStride)
        coded.isExact = nodes.fullVector(id) == nil
        if let terms = nodes.terms {
            let term = terms.address(id).load(as: lk_code_terms.self)
            coded.scale = codec.metric == .l2 ? -0.5 * term.factor : -term.factor
            coded.base = codec.metric == .l2 ? term.constant : 0
        }
        sign()
        if inFull { nodes.copyVector(id, into: values.baseAddress!) }
    }

    private func sign() {
        guard quantization == .int8 else { return }
        comparesBytes = nodes.codec.metric == .l2 && coded.isExact && nodes.areAllExact
        for i in 0..<codeStride { signed[i] = Int8(bitPattern: code[i] ^ 0x80) }
    }

    @inline(__always)
    private func reserve(_ count: Int) {
        if count > capacity { grow(to: count) }
    }

    @inline(never)
    private func grow(to count: Int) {
        let (oldRows, oldTerms, old) = (rows, termRows, capacity)
        capacity = max(count, 2 * capacity)
        rows = .allocate(capacity: capacity)
        termRows = .allocate(capacity: capacity)
        rows.update(from: oldRows, count: old)
        termRows.update(from: oldTerms, count: old)
        oldRows.deallocate()
        oldTerms.deallocate()
        sums.deallocate()
        sums = .allocate(capacity: capacity)
    }

    /// Bytes of a code that are asked for ahead; the processor's own prefetching takes over from there.
    private static let prefetchLimit = 512

    /// The distances of its code to the codes of nodes, into `out`.
    func score(_ ids: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<Float>) {
        locate(ids, count: count, at: 0)
        scoreLocated(count: count, into: out)
    }

    /// Finds where the codes of nodes are and asks for them, without waiting until they come: the first half of
    /// `score`. They are the nodes from `at` on of those that `scoreLocated` will look at.
    @inline(__always)
    func locate(_ ids: UnsafePointer<UInt32>, count: Int, at: Int) {
        reserve(at + count)
        lk_locate(codes, ids, count, rows + at, min(codeStride, Self.prefetchLimit))
        if let terms, !comparesBytes { lk_locate(terms, ids, count, termRows + at, 1) }
    }

    /// The distances to the first `count` nodes located: the second half.
    func scoreLocated(count: Int, into out: UnsafeMutablePointer<Float>) {
        switch quantization {
        case .f32:
            nodes.kernel.distances(
                from: UnsafeRawPointer(code).assumingMemoryBound(to: Float.self), to: rows, count: count, into: out)
        case .int8 where comparesBytes:
            let squares = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: UInt32.self)
            table.squared_l2_u8_many(code, rows, count, codeStride, squares)
            for i in 0..<count { out[i] = Float(squares[i]) }
        case .int8:
            table.dot_i8_many(signed, rows, count, codeStride, sums)
            let terms = UnsafeRawPointer(termRows).assumingMemoryBound(to: UnsafePointer<lk_code_terms>?.self)
            table.scale_dots(terms, sums, count, coded.base, coded.scale, out)
        case .bin:
            let differing = UnsafeMutableRawPointer(sums).assumingMemoryBound(to: UInt32.self)
            table.hamming_many(code, rows, count, codeBytes, differing)
            let unit = 2 / Float(nodes.codec.dimension)
            for i in 0..<count { out[i] = Float(differing[i]) * unit }
        }
    }

    /// The distance of its code to that of one node.
    func distance(to id: UInt32) -> Float {
        withUnsafePointer(to: id) { id in
            var out: Float = 0
            score(id, count: 1, into: &out)
            return out
        }
    }

    /// The distances in full precision. `values` must have been filled in. The same as `score` where codes are exact.
    func rescore(_ ids: UnsafePointer<UInt32>, count: Int, into out: UnsafeMutablePointer<Float>) {
        if nodes.codec.quantization == .f32 { return score(ids, count: count, into: out) }
        nodes.askAhead(ids, count: count)
        reserve(count)
        var start = 0
        while start < count {
            // Runs of nodes that have full vectors are compared in one call; one with an exact code by the integers, if
            // this one is exact too, else by what the code stands for.
            var end = start
            while end < count, let full = nodes.fullVector(ids[end]) {
                rows[end] = UnsafePointer(UnsafeRawPointer(full).assumingMemoryBound(to: UInt8.self))
                end += 1
            }
            if end > start {
                nodes.kernel.distances(
                    from: values.baseAddress!, to: rows + start, count: end - start, into: out + start)
                start = end
            } else if coded.isExact, quantization == .int8, nodes.codec.metric == .l2 {
                var row: UnsafePointer<UInt8>? = nodes.code(ids[start])
                var square: UInt32 = 0
                table.squared_l2_u8_many(code, &row, 1, codeStride, &square)
                out[start] = Float(square)
                start += 1
            } else if coded.isExact {
                out[start] = distance(to: ids[start])
                start += 1
            } else {
                nodes.codec.decodeExact(nodes.code(ids[start]), into: decoded)
                rows[start] = UnsafePointer(UnsafeRawPointer(decoded).assumingMemoryBound(to: UInt8.self))
                nodes.kernel.distances(from: values.baseAddress!, to: rows + start, count: 1, into: out + start)
                start += 1
            }
        }
    }

    /// Whether a node has exactly this vector and norm, bit for bit. `values` must have been filled in.
    func isStored(in id: UInt32) -> Bool {
        let head = nodes.head(id)
        guard head.norm.bitPattern == coded.norm.bitPattern else { return false }
        guard let full = nodes.fullVector(id) else {
            let stored = nodes.code(id)
            return coded.isExact && (0..<nodes.codec.codeStride).allSatisfy { code[$0] == stored[$0] }
        }
        return !coded.isExact && values.indices.allSatisfy { values[$0].bitPattern == full[$0].bitPattern }
    }
}
