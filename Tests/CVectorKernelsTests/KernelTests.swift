import CVectorKernels
import TestSupport
import Testing

@Suite struct KernelTests {
    static let known = ["scalar", "avx2", "avx512", "neon"]

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

    @Test(.enabled(if: isAvailable("avx512"), "this processor or build has no AVX-512F"))
    func avx512AgreesWithTheReference() throws { try compare("avx512") }

    @Test(.enabled(if: isAvailable("neon"), "this processor or build has no NEON"))
    func neonAgreesWithTheReference() throws { try compare("neon") }

    @Test func theReferenceAgreesWithTheDefinition() throws { try compare("scalar") }

    /// Every length 0...130 at every alignment of both vectors that a float may have within 32 bytes; around the vectors
    /// lie NaNs, so that reading past an end shows.
    private func compare(_ name: String) throws {
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
