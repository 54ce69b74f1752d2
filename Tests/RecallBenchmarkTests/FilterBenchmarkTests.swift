import FilterBenchmark
import Foundation
import HNSW
import RecallBenchmark
import TestSupport
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The filter benchmark")
struct FilterBenchmarkTests {
    private let folder = TemporaryFolder("filter", inMemory: true)

    private func floats(_ name: String, _ rows: [[Float]]) throws -> VectorFile {
        try VectorFile(try folder.write(name, TEXMEX.floats(rows)))
    }

    @Test(arguments: [(Metric.l2, Quantization.int8, 1), (.cosine, .f32, 3), (.dot, .int8, 1)])
    func noSearchReturnsFewerThanItShould(_ metric: Metric, _ quantization: Quantization, _ threads: Int) throws {
        let seed = SeededRandom.seed(of: 42)
        var random = SeededRandom(seed: seed)
        let base = try floats("b.fvecs", random.clusteredVectors(2000, dimension: 24, clusters: 20))
        let queries = try floats("q.fvecs", random.clusteredVectors(100, dimension: 24, clusters: 20))
        var settings = FilterSettings()
        settings.metric = metric
        settings.quantization = quantization
        settings.queriesLimit = 50
        settings.searchThreads = threads
        settings.buildThreads = 2
        settings.seed = seed
        var lines: [String] = []
        let report = try FilterBenchmark(base: base, queries: queries, settings: settings).run(found: {
            lines.append("\($0)")
        })
        #expect(report.queryCount == 50)
        #expect(report.points.count == 1 + 3 * 5)
        for point in report.points {
            #expect(point.fewest == point.expected && point.expected == min(10, point.matches))
            // Under an inner product a graph has no neighbourhoods to speak of.
            #expect(point.recall >= (metric == .dot ? 0.8 : 0.95), "\(point), seed \(seed)")
            #expect(point.qps >= point.firstQPS && point.firstQPS > 0)
            #expect(point.p99Microseconds >= point.p50Microseconds)
            if point.kind != .random {
                #expect(point.matches == max(1, Int((2000 * point.selectivity).rounded(.up))))
            }
        }
        // What a scan answers is exact.
        for point in report.points where point.matches <= 20 { #expect(point.recall == 1 && point.firstRecall == 1) }
        #expect(lines.count == 17)
        #expect(lines[0].hasPrefix("{\"phase\":\"load\",\"n\":2000,\"dim\":24,"))
        #expect(lines[1].hasPrefix("{\"phase\":\"unfiltered\",\"selectivity\":1.0,\"matches\":2000,\"recall\":"))
        #expect(
            lines[7].hasPrefix(
                "{\"phase\":\"filter\",\"kind\":\"near\",\"selectivity\":1.0,\"matches\":2000,\"recall\":"))
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        #expect(report.table.contains("0.01 %"))
        try checkFigure(FilterPlot(title: "T <&>", report: report).svg)
    }

    private func checkFigure(_ svg: String) throws {
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        for text in ["spread evenly", "near the query", "far from the query", "no filter", "0.01 %", "100 %"] {
            #expect(svg.contains(">\(text)<"), "\(text)")
        }
        #expect(!svg.contains("nan") && !svg.contains("inf"))
    }

    @Test func queriesAreNearTheirPivots() throws {
        let base = try floats("b.fvecs", (0..<1000).map { [Float($0), 0] })
        let queries = try floats("q.fvecs", (0..<1000).map { [Float($0), 1] })
        var settings = FilterSettings()
        let groups = try FilterQueries(base: base, queries: queries, settings: settings)
        #expect(groups.pivots.count == 10 && Set(groups.pivots).count == 10)
        #expect(groups.queries.count == 200)
        for query in groups.queries {
            #expect(abs(query.vector[0] - Float(groups.pivots[query.pivot])) <= 20)
        }
        settings.queriesLimit = 3
        let few = try FilterQueries(base: base, queries: queries, settings: settings)
        #expect(few.pivots.count == 3 && few.queries.count == 3)
    }

    /// The queries' file may hold fewer than are asked for, and the base fewer than there are pivots.
    @Test func littleIsEnough() throws {
        let base = try floats("b.fvecs", (0..<12).map { [Float($0), 0] })
        let queries = try floats("q.fvecs", [[3, 1]])
        let report = try FilterBenchmark(base: base, queries: queries, settings: FilterSettings()).run()
        #expect(report.queryCount == 10, "the one query, near each pivot")
        for point in report.points { #expect(point.recall == 1 && point.fewest == point.expected) }
    }

    @Test func theFolderGoesAlsoAfterAFailure() throws {
        func leftovers() throws -> Set<String> {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: FileManager.default.temporaryDirectory.path)
            return Set(names.filter { $0.hasPrefix("lookalike-bench-") })
        }
        let scratch = ScratchFolder()
        let path = try scratch.make()
        try Data([1]).write(to: URL(fileURLWithPath: path + "/x"))
        #expect(try leftovers().contains((path as NSString).lastPathComponent))
        scratch.remove()
        scratch.remove()
        #expect(!FileManager.default.fileExists(atPath: path))

        // The pivots are read before anything is made, so a few bad rows are met while the collection is filled.
        var rows = (0..<400).map { [Float($0), 1] }
        rows[399][1] = .nan
        let base = try floats("b.fvecs", rows)
        var settings = FilterSettings()
        settings.queriesLimit = 1
        let error = #expect(throws: FilterBenchmarkError.self) {
            try FilterBenchmark(base: base, queries: try floats("q.fvecs", [[1, 2]]), settings: settings).run()
        }
        guard case .input(.file(.notFinite(_, row: 399, _, _)))? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let base = try floats("b.fvecs", (0..<40).map { [Float($0), 1] })
        let wide = try floats("w.fvecs", [[1]])
        func refusal(_ queries: VectorFile, _ change: (inout FilterSettings) -> Void = { _ in })
            -> FilterBenchmarkError?
        {
            var settings = FilterSettings()
            change(&settings)
            return #expect(throws: FilterBenchmarkError.self) {
                try FilterBenchmark(base: base, queries: queries, settings: settings)
            }
        }
        #expect(refusal(wide) == .input(.dimensions(base: 2, queries: 1)))
        #expect(refusal(base) { $0.quantization = .bin } == .input(.quantization(.bin, .l2)))
        #expect(refusal(base) { $0.count = 41 } == .input(.countAboveBase(count: 41, base: 40)))
    }
}
