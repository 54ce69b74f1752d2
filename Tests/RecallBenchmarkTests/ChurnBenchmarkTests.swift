import ChurnBenchmark
import Foundation
import HNSW
import RecallBenchmark
import TestSupport
import Testing

@Suite("The churn benchmark")
struct ChurnBenchmarkTests {
    private let folder = TemporaryFolder("churn", inMemory: true)

    private func floats(_ name: String, _ rows: [[Float]]) throws -> VectorFile {
        try VectorFile(try folder.write(name, TEXMEX.floats(rows)))
    }

    private static func settings(_ change: (inout ChurnSettings) -> Void) -> ChurnSettings {
        var settings = ChurnSettings()
        change(&settings)
        return settings
    }

    @Test(arguments: [(Metric.l2, Quantization.int8), (.cosine, .f32), (.cosine, .bin), (.dot, .int8)])
    func aChurnedIndexIsAsGoodAsAFreshOne(_ metric: Metric, _ quantization: Quantization) throws {
        let seed = SeededRandom.seed(of: 41)
        var random = SeededRandom(seed: seed)
        let base = try floats("b.fvecs", random.clusteredVectors(2000, dimension: 24, clusters: 20))
        let queries = try floats("q.fvecs", random.clusteredVectors(50, dimension: 24, clusters: 20))
        let settings = Self.settings {
            $0.metric = metric
            $0.quantization = quantization
            $0.rounds = 3
            $0.seed = seed
            // At the number of nodes a search is exact, whatever the links are.
            $0.ef = 2000
        }
        var lines: [String] = []
        let report = try ChurnBenchmark(base: base, queries: queries, settings: settings).run(found: {
            lines.append("\($0)")
        })
        #expect(report.count == 1332, "two thirds of 1,998")
        #expect(report.rounds.map(\.number) == [1, 2, 3])
        for round in report.rounds {
            #expect(round.unreachable == 0 && round.removed == 666 && round.added == 666 && round.updated == 132)
            #expect(round.searches > 0, "seed \(seed)")
        }
        #expect(report.fresh.recall == 1 && report.churned.recall == 1, "seed \(seed)")
        #expect(report.fresh.qps > 0 && report.churned.qps > 0)
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("{\"phase\":\"churn\",\"round\":1,\"removed\":666,\"added\":666,\"updated\":132,"))
        #expect(lines[3].hasPrefix("{\"phase\":\"compare\",\"ef\":2000,\"recall_fresh\":1.0,\"recall_churned\":1.0,"))
        #expect(lines[3].contains("\"bytes_per_vector_churned\":") && lines[3].contains("\"unreachable\":0"))
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        #expect(report.table.contains("churned"))
    }

    /// A round's steps, done one after another, lead from what was in to what the plan says is in.
    @Test(arguments: [30, 31, 32, 33, 100, 997]) func aPlanExchangesHalf(_ base: Int) {
        var plan = ChurnPlan(base: base, seed: 7)
        var inside = Set(plan.rowsInside)
        #expect(inside.count == base / 3 * 2)
        for _ in 0..<5 {
            let before = inside
            plan.draw()
            var changed: Set<UInt32> = []
            for wave in [0..<plan.waves.first, plan.waves.first..<plan.steps.count] {
                let steps = plan.steps[wave]
                #expect(Set(steps.map(\.row)).count == steps.count, "a row twice in a wave")
                for step in steps {
                    switch step.kind {
                    case .add: #expect(inside.insert(step.row).inserted)
                    case .remove: #expect(inside.remove(step.row) != nil)
                    case .change: #expect(inside.contains(step.row) && changed.insert(step.row).inserted)
                    case .changeBack:
                        #expect(inside.contains(step.row) && changed.remove(step.row) != nil && step.other == step.row)
                    }
                }
            }
            #expect(changed.isEmpty)
            #expect(inside == Set(plan.rowsInside) && inside.count == before.count)
            #expect(inside.subtracting(before).count == base / 3, "half of what is in is new")
        }
    }

    @Test func answersThatCannotBeAreNoticed() {
        func fault(_ found: [(UInt32, Float)]) -> String? {
            ChurnedIndex.fault(
                in: found.map { Neighbour(id: NodeID(rawValue: $0.0), distance: $0.1) }, count: 3)
        }
        #expect(fault([(1, 0), (2, 0), (3, 5)]) == nil)
        #expect(fault([(1, 0)]) == nil)
        #expect(fault([]) != nil)
        #expect(fault([(1, 0), (2, 1), (3, 2), (4, 3)]) != nil)
        #expect(fault([(1, 0), (1, 1)]) != nil)
        #expect(fault([(1, 0), (2, .nan)]) != nil)
        #expect(fault([(1, 0), (2, .infinity)]) != nil)
        #expect(fault([(1, 2), (2, 1)]) != nil)
    }

    @Test func whatIsMissingIsNoticed() throws {
        let rows = (0..<40).map { [Float($0), 1] }
        let base = try floats("b.fvecs", rows)
        let churned = ChurnedIndex(
            index: HNSWIndex(dimension: 2, metric: .l2), base: base, queries: rows, settings: ChurnSettings(),
            nodes: SharedArray(repeating: ChurnedIndex.none, count: 40))
        try churned.fill(Array(0..<20)) { _ in }
        try churned.checkContents(0..<20, round: 1)
        #expect(throws: ChurnError.self) { try churned.checkContents(0..<21, round: 1) }
        #expect(throws: ChurnError.self) { try churned.checkContents(1..<21, round: 1) }
        churned.nodes[3] = churned.nodes[4]
        #expect(throws: ChurnError.self) { try churned.checkContents(0..<20, round: 1) }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let base = try floats("b.fvecs", (0..<40).map { [Float($0), 1] })
        let queries = try floats("q.fvecs", [[1, 2]])
        func refusal(
            _ base: VectorFile, _ queries: VectorFile, _ change: (inout ChurnSettings) -> Void = { _ in }
        ) -> ChurnError? {
            let error = #expect(throws: ChurnError.self) {
                try ChurnBenchmark(base: base, queries: queries, settings: Self.settings(change)).run()
            }
            if let error { #expect(!"\(error)".contains("\n")) }
            return error
        }
        #expect(refusal(base, try floats("w.fvecs", [[1]])) == .input(.dimensions(base: 2, queries: 1)))
        #expect(refusal(base, queries) { $0.quantization = .bin } == .input(.quantization(.bin, .l2)))
        #expect(refusal(base, queries) { $0.count = 14 } == .tooFew(base: 40, needed: 42))
        #expect(refusal(queries, base) == .tooFew(base: 1, needed: 30))
        var rows = (0..<40).map { [Float($0), 1] }
        for row in rows.indices { rows[row][1] = .nan }
        guard case .input(.file(.notFinite))? = refusal(try floats("n.fvecs", rows), queries) else {
            Issue.record("values that are no numbers went in")
            return
        }
    }
}
