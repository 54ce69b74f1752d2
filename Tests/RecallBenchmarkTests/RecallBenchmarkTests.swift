import Foundation
import HNSW
import RecallBenchmark
import TestSupport
import Testing

@Suite("The recall benchmark")
struct RecallBenchmarkTests {
    private let folder = TemporaryFolder("recall", inMemory: true)

    private func floats(_ name: String, _ rows: [[Float]]) throws -> VectorFile {
        try VectorFile(try folder.write(name, TEXMEX.floats(rows)))
    }

    private static func settings(_ change: (inout RecallSettings) -> Void) -> RecallSettings {
        var settings = RecallSettings()
        settings.quantization = .f32
        change(&settings)
        return settings
    }

    // MARK: Parts

    @Test func percentilesAreMeasuredValues() {
        let hundred = Array(1...100)
        #expect(Percentile.of(hundred, 0.5) == 50)
        #expect(Percentile.of(hundred, 0.99) == 99)
        #expect(Percentile.of(hundred, 0) == 1)
        #expect(Percentile.of(hundred, 1) == 100)
        #expect(Percentile.of([7], 0.99) == 7)
        #expect(Percentile.of([1, 2, 3], 0.5) == 2)
    }

    @Test func hitsAreCountedOnce() {
        #expect(Recall.hits([1, 2, 3], [3, 2, 9]).right == 2)
        #expect(Recall.hits([1, 2, 3], [3, 2, 9]).others == [1])
        #expect(Recall.hits([5, 5, 5], [5, 6, 7]).right == 1)
        #expect(Recall.hits([], [5]).right == 0)
    }

    @Test func distancesAreThoseOfTheMetrics() {
        #expect(Recall.distance([1, 2], [4, 6], .l2) == 25)
        #expect(Recall.distance([1, 2], [4, 6], .dot) == -16)
        #expect(Recall.distance([1, 0], [0, 3], .cosine) == 1)
        #expect(Recall.distance([2, 0], [3, 0], .cosine) == 0)
        #expect(Recall.distance([0, 0], [3, 0], .cosine) == 1)
    }

    // MARK: Whole runs

    @Test(arguments: Metric.allCases, [1, 3])
    func aWideSearchFindsEverything(_ metric: Metric, _ threads: Int) throws {
        let seed = SeededRandom.seed(of: 32)
        var random = SeededRandom(seed: seed)
        let base = try floats("b.fvecs", (0..<2000).map { _ in random.vector(16) })
        let queries = try floats("q.fvecs", (0..<50).map { _ in random.vector(16) })
        let settings = Self.settings {
            $0.metric = metric
            $0.efs = [10, 2000]
            $0.buildThreads = threads
            $0.searchThreads = threads
            // The truth is put together of many blocks.
            $0.truthBlockBytes = 64 * 170
        }
        let report = try RecallBenchmark(base: base, queries: queries, truth: nil, settings: settings).run()
        #expect(report.points.count == 2)
        #expect(report.points[1].recall == 1, "seed \(seed)")
        #expect((0...1).contains(report.points[0].recall))
        for point in report.points {
            #expect(point.qps > 0 && point.p50Microseconds > 0 && point.p99Microseconds >= point.p50Microseconds)
        }
        // How much it is says nothing here: other tests grow and shrink in the same process meanwhile.
        _ = try #require(report.bytesPerVector, "this system does not say what is resident")
    }

    @Test func linesHaveTheContractsFieldsInOrder() throws {
        let base = try floats("b.fvecs", (0..<20).map { [Float($0), 0] })
        let report = try RecallBenchmark(
            base: base, queries: base, truth: nil,
            settings: Self.settings {
                $0.count = 3
                $0.efs = [20, 5]
            }
        ).run()
        let lines = report.lines.map(\.description)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("{\"phase\":\"build\",\"n\":20,\"dim\":2,\"seconds\":"))
        #expect(lines[0].contains("\"bytes_per_vector\":"))
        #expect(lines[1].hasPrefix("{\"phase\":\"search\",\"ef\":20,\"recall\":1.0,\"qps\":"))
        #expect(lines[2].hasPrefix("{\"phase\":\"search\",\"ef\":5,"))
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            #expect(object?["m"] as? Int == 16 && object?["quantization"] as? String == "f32")
        }
        for name in ["qps", "p50_us", "p99_us"] { #expect(lines[1].contains("\"\(name)\":")) }
        #expect(report.table.contains("recall@3"))
    }

    /// Of ten equal vectors, five are asked for. Which five is chance: right, unless a file says which.
    @Test func equalsAreRightUnlessAFileNamesThem() throws {
        let rows = [[Float]](repeating: [1, 1], count: 10) + (0..<20).map { [Float($0) + 5, 9] }
        let base = try floats("b.fvecs", rows)
        let queries = try floats("q.fvecs", [[1, 1]])
        let settings = Self.settings {
            $0.count = 5
            $0.efs = [30]
        }
        let computed = try RecallBenchmark(base: base, queries: queries, truth: nil, settings: settings).run()
        #expect(computed.points[0].recall == 1)
        var recalls: [Double] = []
        for truth in [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [20, 21, 22, 23, 24]] as [[Int32]] {
            let file = try VectorFile(try folder.write("t.ivecs", TEXMEX.integers([truth + [25]])))
            let report = try RecallBenchmark(base: base, queries: queries, truth: file, settings: settings).run()
            #expect(report.lines[1].description.contains("\"truth\":\"given\""))
            recalls.append(report.points[0].recall)
        }
        #expect(recalls[0] + recalls[1] == 1, "of each ten, five: \(recalls)")
        #expect(recalls[2] == 0)
    }

    // MARK: What does not fit

    private func refusal(
        _ base: VectorFile, _ queries: VectorFile, _ truth: VectorFile? = nil,
        _ change: (inout RecallSettings) -> Void = { _ in }
    ) -> RecallError? {
        let error = #expect(throws: RecallError.self) {
            try RecallBenchmark(base: base, queries: queries, truth: truth, settings: Self.settings(change)).run()
        }
        if let error { #expect(!"\(error)".contains("\n")) }
        return error
    }

    @Test func filesThatDoNotFitAreRefused() throws {
        let base = try floats("b.fvecs", (0..<20).map { [Float($0), 1] })
        let queries = try floats("q.fvecs", [[1, 2], [3, 4]])
        func truth(_ rows: [[Int32]]) throws -> VectorFile {
            try VectorFile(try folder.write("t\(rows.hashValue).ivecs", TEXMEX.integers(rows)))
        }
        let ten = (0..<10).map { Int32($0) }
        let wide = try floats("w.fvecs", [[1, 2, 3]])
        #expect(refusal(base, queries) { $0.quantization = .bin } == .quantization(.bin, .l2))
        #expect(refusal(base, wide) == .dimensions(base: 2, queries: 3))
        #expect(refusal(base, queries) { $0.count = 21 } == .countAboveBase(count: 21, base: 20))
        let one = try truth([ten])
        #expect(refusal(base, queries, one) == .truthRows(path: one.path, rows: 1, queries: 2))
        let short = try truth([[1], [2]])
        #expect(refusal(base, queries, short) == .truthColumns(path: short.path, columns: 1, count: 10))
        let beyond = try truth([ten, ten.dropLast() + [20]])
        #expect(refusal(base, queries, beyond) == .truthID(path: beyond.path, row: 1, id: 20, base: 20))
        let negative = try truth([ten.dropLast() + [-1], ten])
        #expect(refusal(base, queries, negative) == .truthID(path: negative.path, row: 0, id: -1, base: 20))
        #expect(refusal(base, queries, base) == .truthRows(path: base.path, rows: 20, queries: 2))
        let floatTruth = try floats("f.fvecs", [[Float]](repeating: [Float](repeating: 1, count: 10), count: 2))
        #expect(refusal(base, queries, floatTruth) == .file(.notIDs(path: floatTruth.path)))
    }

    @Test(arguments: [1, 4]) func aBadRowEndsTheBuild(_ threads: Int) throws {
        var rows = (0..<200).map { [Float($0), 1] }
        let queries = try floats("q.fvecs", [[1, 2]])
        rows[150][1] = .nan
        let base = try floats("b.fvecs", rows)
        let error = refusal(base, queries) { $0.buildThreads = threads }
        guard case .file(.notFinite(_, row: 150, column: 1, _))? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        rows[150][1] = 3e38
        rows[150][0] = 3e38
        let long = try floats("l.fvecs", rows)
        guard case .vector(_, row: 150, _)? = refusal(long, queries, nil, { $0.buildThreads = threads }) else {
            Issue.record("a vector whose length is beyond float32 went in")
            return
        }
        let asQuery = refusal(queries, base) { $0.count = 1 }
        #expect(asQuery?.description == error?.description, "as a query too")
    }

    @Test func resultsThatWouldNotFitAreRefused() throws {
        let base = try floats("b.fvecs", (0..<10_000).map { [Float($0)] })
        let error = #expect(throws: RecallError.self) {
            try RecallBenchmark(
                base: base, queries: base, truth: nil,
                settings: Self.settings {
                    $0.count = 10_000
                    $0.efs = [1, 2, 3]
                })
        }
        #expect(error == .resultsTooLarge(limit: 1 << 30))
    }
}
