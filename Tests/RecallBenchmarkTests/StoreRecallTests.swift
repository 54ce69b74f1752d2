import Foundation
import HNSW
import RecallBenchmark
import Storage
import StoreRecallBenchmark
import TestSupport
import Testing
import VectorCollections

@Suite("The recall benchmark on a collection")
struct StoreRecallTests {
    private let folder = TemporaryFolder("store-recall", inMemory: true)

    /// Fills a collection with vectors named by their place.
    private func fill(
        _ vectors: [[Float]], in collection: CollectionName = "images", metric: Metric = .cosine,
        quantization: Quantization = .int8
    ) throws {
        let store = try Store.open(folder("store"), options: StoreOptions(durability: .none))
        let configuration = CollectionConfiguration(
            dimension: vectors[0].count, metric: metric, quantization: quantization,
            parameters: HNSWParameters(m: 8, efConstruction: 40))
        for (place, vector) in vectors.enumerated() {
            _ = try store.upsert(
                ElementName("\(place)"), ElementChange(vector: vector), in: collection, configuration: configuration)
        }
        try store.close()
    }

    private func run(_ change: (inout StoreRecallSettings) -> Void = { _ in }) throws -> StoreRecallReport {
        var settings = StoreRecallSettings()
        settings.workThreads = 2
        change(&settings)
        return try StoreRecallBenchmark(store: folder("store"), settings: settings).run()
    }

    // MARK: Sampling

    @Test func drawnIndicesAreDifferentAndRepeatable() {
        for (count, total) in [(0, 0), (0, 5), (1, 1), (3, 4), (50, 50), (100, 100_000)] {
            let drawn = ElementSample.indices(count, of: total, seed: 7)
            #expect(drawn.count == count && Set(drawn).count == count)
            #expect(drawn.allSatisfy { (0..<total).contains($0) })
            #expect(drawn == ElementSample.indices(count, of: total, seed: 7))
        }
        #expect(
            ElementSample.indices(100, of: 100_000, seed: 7) != ElementSample.indices(100, of: 100_000, seed: 8))
    }

    /// Each number is drawn as often as any other, and comes first as often.
    @Test func drawingIsEven() {
        var drawn = [Int](repeating: 0, count: 10)
        var first = drawn
        for seed in 0..<20_000 {
            let indices = ElementSample.indices(3, of: 10, seed: UInt64(seed))
            for index in indices { drawn[index] += 1 }
            first[indices[0]] += 1
        }
        for index in 0..<10 {
            #expect((5700...6300).contains(drawn[index]), "\(drawn)")
            #expect((1800...2200).contains(first[index]), "\(first)")
        }
    }

    // MARK: Tuning

    @Test(arguments: [1, 2, 10, 11, 12, 13, 100, 257, 999, 1000]) func theSmallestWidthThatIsEnoughIsFound(
        _ enough: Int
    ) {
        var asked: [Int] = []
        let outcome = WidthTuning.smallest(in: 11...1000, reaching: 0.9) { ef in
            asked.append(ef)
            return ef >= enough ? 0.95 : 0.5
        }
        #expect(outcome == .reached(ef: max(11, enough), recall: 0.95))
        #expect(Set(asked).count == asked.count && asked.count <= 25, "\(asked)")
    }

    @Test func aTargetOutOfReachGivesTheBestTried() {
        var widest = 0
        let outcome = WidthTuning.smallest(in: 3...WidthTuning.limit, reaching: 1) { ef in
            widest = max(widest, ef)
            return 0.9 - 1 / Double(ef)
        }
        #expect(outcome == .missed(ef: WidthTuning.limit, recall: 0.9 - 1 / Double(WidthTuning.limit)))
        #expect(widest == WidthTuning.limit)
        #expect(WidthTuning.smallest(in: 5...5, reaching: 0.5) { _ in 0.4 } == .missed(ef: 5, recall: 0.4))
    }

    // MARK: Leaving out

    /// Against distances computed here, whatever the element's own place in its results is.
    @Test(arguments: Metric.allCases, [Quantization.f32, .int8])
    func theTruthIsThatOfTheOthers(_ metric: Metric, _ quantization: HNSW.Quantization) throws {
        let seed = SeededRandom.seed(of: 61)
        var random = SeededRandom(seed: seed)
        // Whole numbers, so that int8 keeps them as they are, and many equals.
        var vectors = (0..<200).map { _ in (0..<6).map { _ in Float(Int.random(in: -9...9, using: &random)) } }
        vectors += Array(vectors[0..<40]) + [[Float]](repeating: vectors[0], count: 30)
        try fill(vectors, metric: metric, quantization: quantization)
        let store = try Store.open(folder("store"), options: StoreOptions(readOnly: true))
        let collection = try #require(store.collection("images"))
        let sample = try ElementSample(of: collection, count: 1000, seed: 1)
        #expect(sample.members.count == vectors.count)
        let searches = LeaveOneOut(collection, sample, count: 10, threads: 3)
        for (query, member) in sample.members.enumerated() {
            let own = try #require(Int("\(member.name)"))
            let expected = vectors.indices.filter { $0 != own }
                .map { Recall.distance(vectors[own], vectors[$0], metric) }.sorted().prefix(10)
            let hits = searches.others(query, ef: 10, exact: true)
            #expect(hits.count == 10 && !hits.contains { $0.name == member.name }, "seed \(seed)")
            for (hit, distance) in zip(hits, expected) {
                let place = try #require(Int("\(hit.name)"))
                let found = Recall.distance(vectors[own], vectors[place], metric)
                #expect(abs(found - distance) < 1e-5, "seed \(seed): \(found) instead of \(distance)")
            }
        }
        // As wide as the collection, a search finds what exact search does, or equals of it.
        let truth = searches.truth { _ in }
        #expect(searches.recall(of: 0..<truth.count, ef: vectors.count, truth) == 1)
    }

    /// Forty equal elements, of which any ten are right.
    @Test func equalsAreRight() throws {
        try fill([[Float]](repeating: [1, 2], count: 40) + (0..<40).map { [Float($0), -5] })
        let report = try run { $0.efs = [10, 80] }
        #expect(report.queryCount == 80)
        #expect(report.points[1].recall == 1)
    }

    // MARK: Whole runs

    private func random(_ count: Int, dimension: Int) -> [[Float]] {
        var random = SeededRandom(seed: SeededRandom.seed(of: 62))
        return (0..<count).map { _ in random.vector(dimension) }
    }

    @Test func linesHaveTheContractsFieldsInOrder() throws {
        try fill(random(1500, dimension: 16))
        let report = try run {
            $0.efs = [10, 40, 1500]
            $0.sample = 200
            $0.target = 0.9
            $0.seed = 5
        }
        #expect(report.points.map(\.ef) == [10, 40, 1500])
        #expect(report.points[0].recall < report.points[1].recall)
        #expect(report.points[2].recall == 1, "a search as wide as the graph is exact")
        let lines = report.lines.map(\.description)
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("{\"phase\":\"open\",\"n\":1500,\"dim\":16,\"seconds\":"))
        #expect(lines[0].contains("\"bytes_per_vector\":") && lines[0].contains("\"seed\":5,"))
        #expect(lines[1].hasPrefix("{\"phase\":\"search\",\"ef\":10,\"recall\":0."))
        for name in ["qps", "p50_us", "p99_us"] { #expect(lines[1].contains("\"\(name)\":")) }
        #expect(lines[4].hasPrefix("{\"phase\":\"tuned\",\"target\":0.9,\"ef\":"))
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        guard case .reached(let width)? = report.tuning else {
            Issue.record("not reached: \(String(describing: report.tuning))")
            return
        }
        #expect(width.tuningRecall >= 0.9 && width.recall > 0.8 && !width.isApplied)
        #expect(width.tuningQueries == 100 && width.queries == 100)
        #expect(report.failure == nil)
        #expect(report.table.contains("recall@10") && report.table.contains("seed 5"))
        let again = try run {
            $0.efs = [10, 40, 1500]
            $0.sample = 200
            $0.target = 0.9
            $0.seed = 5
            $0.searchThreads = 3
        }
        #expect(again.points.map(\.recall) == report.points.map(\.recall), "the same seed, the same queries")
        #expect(again.tuning == report.tuning)
    }

    @Test func aWidthIsAppliedOnlyWhenItIsReached() throws {
        try fill(random(1500, dimension: 16))
        func stored() throws -> Int? {
            try Store.open(folder("store"), options: StoreOptions(readOnly: true)).collection("images")?.efSearch
        }
        let files = folder.files
        let measured = try run { $0.target = 0.9 }
        #expect(folder.files == files && measured.failure == nil)
        #expect(try stored() == nil, "only measured")
        let missed = try run {
            $0.target = 1
            $0.isApplying = true
            $0.tuningLimit = 12
        }
        guard case .targetMissed(let target, let best, let ef)? = missed.failure else {
            Issue.record("reached: \(String(describing: missed.tuning))")
            return
        }
        #expect(target == 1 && (0.1..<1).contains(best) && (10...12).contains(ef))
        #expect(missed.lines.count == 11, "what was measured is there")
        #expect(try stored() == nil)
        let applied = try run {
            $0.target = 0.9
            $0.isApplying = true
        }
        guard case .reached(let width)? = applied.tuning else {
            Issue.record("not reached: \(String(describing: applied.tuning))")
            return
        }
        #expect(width.isApplied)
        #expect(applied.lines.last?.description.hasSuffix("\"applied\":true}") == true)
        #expect(try stored() == width.ef)
    }

    /// Two elements are each other's neighbours.
    @Test(arguments: [2, 3, 8]) func littleIsEnough(_ size: Int) throws {
        try fill((0..<size).map { [Float($0), 1] })
        let report = try run { $0.target = 1 }
        #expect(report.count == size - 1 && report.queryCount == size)
        #expect(report.points.allSatisfy { $0.recall == 1 })
        #expect(report.tuning != nil && report.failure == nil)
    }

    // MARK: What cannot be measured

    @Test func whatCannotBeMeasuredIsSaid() throws {
        func refusal(_ change: (inout StoreRecallSettings) -> Void = { _ in }) -> StoreRecallError? {
            let error = #expect(throws: StoreRecallError.self) { try run(change) }
            if let error { #expect(!"\(error)".contains("\n")) }
            return error
        }
        let path = folder("store")
        #expect(refusal() == .store(.missing(path: path)))
        #expect(refusal { $0.isApplying = true } == .store(.missing(path: path)))
        #expect(folder.files == [], "nothing was made")
        try fill([[1, 2]], in: "one")
        #expect(refusal() == .noCollection("images", store: path, having: ["one"]))
        #expect(refusal { $0.collection = "one" } == .tooFewElements("one", count: 1))
        let holder = try Store.open(path, options: StoreOptions(program: "lookalike serve"))
        // Measuring is reading, which needs nobody's leave; setting a default is writing.
        let error = refusal {
            $0.collection = "one"
            $0.target = 0.9
            $0.isApplying = true
        }
        guard case .store(.inUse)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(error?.description.contains("lookalike serve") == true)
        try holder.close()
    }
}
