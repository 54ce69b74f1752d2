import CVectorKernels
import TestSupport
import Testing

@Suite struct KernelTests {
    static let known = ["scalar", "avx2", "avx512", "avx512vnni", "neon"]

    static func isAvailable(_ name: String) -> Bool { lk_kernels_named(name) != nil }

    @Test func theReferenceComesFirstAndTheBestLast() throws {
        #expect(String(cString: lk_kernels_at(0).pointee.name) == "scalar")
        #expect(lk_kernels_at(lk_kernels_count()) == nil)
        #expect(lk_kernels_best() == lk_kernels_at(lk_kernels_count() - 1))
        #expect(lk_kernels_named("none such") == nil)
        for i in 0..<lk_kernels_count() {
            let kernels = try #require(lk_kernels_at(i))
            #expect(lk_kernels_named(kernels.pointee.name) == kernels)
        }
    }

    @Test(.enabled(if: isAvailable("avx2"), "this processor or build has no AVX2 with FMA"))
    func avx2AgreesWithTheReference() throws { try compare("avx2") }

    @Test(.enabled(if: isAvailable("avx512"), "this processor or build has no AVX-512 (F, BW, DQ, VL)"))
    func avx512AgreesWithTheReference() throws { try compare("avx512") }

    @Test(.enabled(if: isAvailable("avx512vnni"), "this processor or build has no AVX-512 VNNI and VPOPCNTDQ"))
    func avx512VNNIAgreesWithTheReference() throws { try compare("avx512vnni") }

    @Test(.enabled(if: isAvailable("neon"), "this processor or build has no NEON"))
    func neonAgreesWithTheReference() throws { try compare("neon") }

    @Test func theReferenceAgreesWithTheDefinition() throws { try compare("scalar") }

    /// Every length 0...130 at every alignment of both vectors that a float may have within 32 bytes; around the vectors
    /// lie NaNs, so that reading past an end shows.
    private func compare(_ name: String) throws {
        try compareFloats(name)
        try compareBytes(name)
        try compareScaling(name)
        try compareFreshLinks(name)
    }

    private func compareFloats(_ name: String) throws {
        let kernels = try #require(lk_kernels_named(name)).pointee
        let reference = try #require(lk_kernels_named("scalar")).pointee
        let seed = SeededRandom.seed(of: 11)
        var random = SeededRandom(seed: seed)
        for length in 0...130 {
            for shift in 0..<8 {
                let other = (shift * 3 + 1) % 8
                let a = [Float](repeating: .nan, count: shift) + random.vector(length) + [.nan]
                let b = [Float](repeating: .nan, count: other) + random.vector(length) + [.nan]
                a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        let x = a.baseAddress! + shift
                        let y = b.baseAddress! + other
                        var dot = 0.0
                        var squared = 0.0
                        var magnitude = 0.0
                        for i in 0..<length {
                            dot += Double(x[i]) * Double(y[i])
                            magnitude += abs(Double(x[i]) * Double(y[i]))
                            squared += (Double(x[i]) - Double(y[i])) * (Double(x[i]) - Double(y[i]))
                        }
                        // Each of at most 131 additions rounds by 2^-24 of what has been summed.
                        let tolerance = 131 * 0x1p-24 * max(magnitude, squared, 1e-30)
                        let gotDot = Double(kernels.dot(x, y, length))
                        let gotSquared = Double(kernels.squared_l2(x, y, length))
                        #expect(abs(gotDot - dot) <= tolerance, "dot, length \(length), seed \(seed)")
                        #expect(abs(gotSquared - squared) <= tolerance, "l2, length \(length), seed \(seed)")
                        #expect(abs(gotDot - Double(reference.dot(x, y, length))) <= 2 * tolerance)
                        #expect(abs(gotSquared - Double(reference.squared_l2(x, y, length))) <= 2 * tolerance)
                    }
                }
            }
        }
    }

    /// Every length 0...130 at odd alignments, one to nine rows: integers have to agree to the last bit, with the
    /// reference and with the definition. Around each row lies what would change the sum.
    private func compareBytes(_ name: String) throws {
        let kernels = try #require(lk_kernels_named(name)).pointee
        let reference = try #require(lk_kernels_named("scalar")).pointee
        let seed = SeededRandom.seed(of: 14)
        var random = SeededRandom(seed: seed)
        for length in 0...130 {
            for shift in [0, 1, 3, 8, 31, 63] {
                let count = 1 + (length + shift) % 9
                func bytes() -> [UInt8] {
                    // Extremes often, since they are what overflows.
                    (0..<shift + length + 64).map { _ in
                        Int.random(in: 0..<3, using: &random) == 0
                            ? [0, 1, 127, 128, 255].randomElement(using: &random)!
                            : UInt8.random(in: 0...255, using: &random)
                    }
                }
                let queryBytes = bytes()
                let rowBytes = (0..<count).map { _ in bytes() }
                queryBytes.withUnsafeBufferPointer { queryBytes in
                    let query = queryBytes.baseAddress! + shift
                    let rows = rowBytes.map { row in
                        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: row.count)
                        copy.update(from: row, count: row.count)
                        return copy
                    }
                    defer { for row in rows { row.deallocate() } }
                    let starts = rows.map { UnsafePointer<UInt8>?(UnsafePointer($0 + shift)) }
                    func run<R: Equatable>(
                        _ empty: R, _ body: (lk_kernels, inout [R]) -> Void, _ definition: (Int) -> R
                    ) {
                        var got = [R](repeating: empty, count: count + 1)
                        var expected = got
                        body(kernels, &got)
                        body(reference, &expected)
                        #expect(got == expected, "\(name), length \(length), shift \(shift), seed \(seed)")
                        #expect(Array(expected.prefix(count)) == (0..<count).map(definition))
                        #expect(got[count] == empty, "nothing is written past the count")
                    }
                    let signed = UnsafeRawPointer(query).assumingMemoryBound(to: Int8.self)
                    run(Int32(-1)) {
                        $0.dot_i8_many(signed, starts, count, length, &$1)
                    } _: { row in
                        (0..<length).reduce(0) { $0 + (Int32(starts[row]![$1]) - 128) * Int32(signed[$1]) }
                    }
                    run(UInt32.max) {
                        $0.squared_l2_u8_many(query, starts, count, length, &$1)
                    } _: { row in
                        (0..<length).reduce(0) { sum, i in
                            let difference = Int32(starts[row]![i]) - Int32(query[i])
                            return sum + UInt32(difference * difference)
                        }
                    }
                    run(UInt32.max) {
                        $0.hamming_many(query, starts, count, length, &$1)
                    } _: { row in
                        (0..<length).reduce(0) { $0 + UInt32((starts[row]![$1] ^ query[$1]).nonzeroBitCount) }
                    }
                }
            }
        }
    }

    /// The largest sums there can be, at the most dimensions, do not overflow.
    @Test func byteSumsHoldAtTheHighestDimension() throws {
        let count = 65_536
        let low = [UInt8](repeating: 0, count: count)
        let high = [UInt8](repeating: 255, count: count)
        let lowest = [Int8](repeating: -128, count: count)
        low.withUnsafeBufferPointer { low in
            high.withUnsafeBufferPointer { high in
                let rows = [low.baseAddress, high.baseAddress, low.baseAddress, high.baseAddress, low.baseAddress]
                for index in 0..<lk_kernels_count() {
                    let kernels = lk_kernels_at(index).pointee
                    var dots = [Int32](repeating: 0, count: 5)
                    kernels.dot_i8_many(lowest, rows, 5, count, &dots)
                    #expect(dots == [1 << 30, -127 * 128 << 16, 1 << 30, -127 * 128 << 16, 1 << 30])
                    var squares = [UInt32](repeating: 0, count: 5)
                    kernels.squared_l2_u8_many(low.baseAddress, rows, 5, count, &squares)
                    #expect(squares == [0, 65_025 << 16, 0, 65_025 << 16, 0])
                    kernels.hamming_many(low.baseAddress, rows, 5, count, &squares)
                    #expect(squares == [0, 8 << 16, 0, 8 << 16, 0])
                }
            }
        }
    }

    private func compareScaling(_ name: String) throws {
        let kernels = try #require(lk_kernels_named(name)).pointee
        let reference = try #require(lk_kernels_named("scalar")).pointee
        var random = SeededRandom(seed: SeededRandom.seed(of: 15))
        for count in 0...40 {
            let terms = UnsafeMutablePointer<lk_code_terms>.allocate(capacity: max(count, 1))
            defer { terms.deallocate() }
            for i in 0..<count {
                terms[i] = lk_code_terms(
                    constant: Float.random(in: -9...9, using: &random),
                    factor: Float.random(in: -0.01...0.01, using: &random))
            }
            let places = (0..<count).map { UnsafePointer<lk_code_terms>?(UnsafePointer(terms + $0)) }
            let dots = (0..<count).map { _ in Int32.random(in: -1_000_000...1_000_000, using: &random) }
            var got = [Float](repeating: -1, count: count + 1)
            var expected = got
            kernels.scale_dots(places, dots, count, 1.25, 0.007, &got)
            reference.scale_dots(places, dots, count, 1.25, 0.007, &expected)
            #expect(got.map(\.bitPattern) == expected.map(\.bitPattern), "\(name), \(count) rows")
            for i in 0..<count {
                let value = (terms[i].constant + 1.25).addingProduct(terms[i].factor * 0.007, Float(dots[i]))
                #expect(got[i] == value)
            }
        }
    }

    private func compareFreshLinks(_ name: String) throws {
        let kernels = try #require(lk_kernels_named(name)).pointee
        let seed = SeededRandom.seed(of: 16)
        var random = SeededRandom(seed: seed)
        for capacity in 0...130 {
            let limit: UInt32 = 1000
            var visited = (0..<32).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }
            // Some twice, as in a list that is being changed; some beyond the bitmap.
            let links = (0..<capacity).map { _ in UInt32.random(in: 0..<1200, using: &random) }
            var model = visited
            var expected: [UInt32] = []
            for id in links where id < limit && model[Int(id / 32)] >> (id % 32) & 1 == 0 {
                model[Int(id / 32)] |= 1 << (id % 32)
                expected.append(id)
            }
            var out = [UInt32](repeating: 7, count: capacity + 16)
            let count = kernels.fresh_links(links, capacity, &visited, limit, &out)
            #expect(Array(out.prefix(count)) == expected, "\(name), capacity \(capacity), seed \(seed)")
            #expect(visited == model)
        }
    }

    @Test func poolsStaySorted() {
        let seed = SeededRandom.seed(of: 17)
        var random = SeededRandom(seed: seed)
        for capacity in [1, 2, 10, 127, 128, 129, 400] {
            var pool = [lk_candidate](repeating: lk_candidate(key: 0, expanded: 9), count: capacity)
            var count = 0
            var model: [UInt64] = []
            for _ in 0..<60 {
                let new = Int.random(in: 0...20, using: &random)
                let ids = (0..<new).map { _ in UInt32.random(in: 0...UInt32.max, using: &random) }
                let distances = (0..<new).map { _ in Float(Int.random(in: -50...50, using: &random)) / 4 }
                let before = model
                model = Array((model + zip(distances, ids).map { lk_candidate_key($0, $1) }).sorted().prefix(capacity))
                var first = count
                count = lk_pool_merge(&pool, count, capacity, ids, distances, new, &first)
                #expect(pool.prefix(count).map(\.key) == model, "capacity \(capacity), seed \(seed)")
                let changed =
                    zip(before, model).enumerated().first { $1.0 != $1.1 }?.offset ?? min(before.count, model.count)
                #expect(first <= changed && first <= before.count)
                for i in 0..<count { pool[i].expanded = 1 }
            }
        }
        #expect(lk_candidate_key(-1, 5) < lk_candidate_key(-0.0, 5) && lk_candidate_key(0, 5) < lk_candidate_key(0, 6))
        #expect(lk_candidate_key(.infinity, .max) < lk_candidate_key(.nan, 0))
        #expect(lk_candidate_key(.infinity, .max) < lk_candidate_key(-Float.nan, 0))
    }

    @Test func oneToManyIsOneToOneBitForBit() throws {
        var random = SeededRandom(seed: SeededRandom.seed(of: 12))
        for index in 0..<lk_kernels_count() {
            let kernels = try #require(lk_kernels_at(index)).pointee
            for (length, count) in [(0, 3), (1, 1), (7, 5), (33, 17), (128, 64), (300, 2), (16, 0)] {
                let query = random.vector(length) + [0]
                let flat = random.vector(length * count) + [0]
                flat.withUnsafeBufferPointer { flat in
                    let rows = (0..<count).map { UnsafePointer<Float>?(flat.baseAddress! + $0 * length) }
                    var dots = [Float](repeating: .nan, count: count + 1)
                    var squares = dots
                    kernels.dot_many(query, rows, count, length, &dots)
                    kernels.squared_l2_many(query, rows, count, length, &squares)
                    for r in 0..<count {
                        #expect(dots[r] == kernels.dot(query, rows[r], length))
                        #expect(squares[r] == kernels.squared_l2(query, rows[r], length))
                    }
                    #expect(dots[count].isNaN && squares[count].isNaN, "nothing is written past the count")
                }
            }
        }
    }

    @Test func lengthsAndFinitenessOfExtremes() {
        #expect(lk_sum_of_squares([3, 4], 2) == 25)
        #expect(lk_sum_of_squares([1, 2, 3, 4, 5], 5) == 55)
        #expect(lk_sum_of_squares([1e-30], 1) > 0)
        #expect(lk_sum_of_squares([Float](repeating: 3e38, count: 9), 9).isFinite)
        #expect(lk_all_finite([0, -0.0, Float.leastNonzeroMagnitude, -3.4e38], 4) == 1)
        for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
            for at in 0..<5 {
                var values = [Float](repeating: 1, count: 5)
                values[at] = bad
                #expect(lk_all_finite(values, 5) == 0)
            }
        }
        #expect(lk_all_finite([Float.nan], 0) == 1)
    }
}

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the usual check value.
    @Test func publishedValues() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let ones = [UInt8](repeating: 0xff, count: 32)
        let rising = [UInt8](0..<32)
        for crc in [lk_crc32c, lk_crc32c_table] {
            #expect(crc(0, zeros, 32) == 0x8a91_36aa)
            #expect(crc(0, ones, 32) == 0x62a8_ab43)
            #expect(crc(0, rising, 32) == 0x46dd_794e)
            #expect(crc(0, Array(rising.reversed()), 32) == 0x113f_db5c)
            #expect(crc(0, Array("123456789".utf8), 9) == 0xe306_9283)
            #expect(crc(0, zeros, 0) == 0)
        }
    }

    @Test func everyLengthAndAlignmentAgreesWithTheTable() {
        var random = SeededRandom(seed: SeededRandom.seed(of: 13))
        let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes.withUnsafeBytes { buffer in
            for start in 0..<9 {
                for count in 0...130 {
                    let whole = lk_crc32c(0, buffer.baseAddress! + start, count)
                    #expect(whole == lk_crc32c_table(0, buffer.baseAddress! + start, count))
                    let half = count / 2
                    let first = lk_crc32c(0, buffer.baseAddress! + start, half)
                    #expect(lk_crc32c(first, buffer.baseAddress! + start + half, count - half) == whole)
                }
            }
        }
    }

    @Test func theImplementationHasAName() {
        #expect(["sse4.2", "armv8", "table"].contains(String(cString: lk_crc32c_name())))
    }
}
