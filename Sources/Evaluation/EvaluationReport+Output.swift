import JSONLines

extension EvaluationReport {
    /// The set of the last line.
    public static let meanName = "mean"

    /// A line a set, and the mean last; `facts` are added to the last one.
    public func jsonLines(_ facts: (inout JSONLine) -> Void = { _ in }) -> [JSONLine] {
        var lines = sets.map { set in
            var line = JSONLine()
            line.add("set", name: set.name)
            Self.add(set.count, set.withoutMatch, set.rejected, set.quality, to: &line)
            return line
        }
        var line = JSONLine()
        line.add("set", Self.meanName)
        Self.add(
            sets.reduce(0) { $0 + $1.count }, sets.reduce(0) { $0 + $1.withoutMatch },
            sets.reduce(0) { $0 + $1.rejected }, mean, to: &line)
        facts(&line)
        lines.append(line)
        return lines
    }

    private static func add(
        _ count: Int, _ withoutMatch: Int, _ rejected: Int, _ quality: RetrievalQuality?, to line: inout JSONLine
    ) {
        line.add("n", count)
        line.add("map", quality?.averagePrecision ?? .nan)
        line.add("recall_at_1", quality?.recallAt1 ?? .nan)
        line.add("precision_at_10", quality?.precisionAt10 ?? .nan)
        line.add("ndcg_at_10", quality?.ndcgAt10 ?? .nan)
        line.add("mrr", quality?.reciprocalRank ?? .nan)
        line.add("without_match", withoutMatch)
        line.add("rejected", rejected)
    }

    /// The same as a table for people.
    public func table(readable: ([UInt8]) -> String) -> String {
        let names = sets.map { readable($0.name) } + [Self.meanName]
        let width = max(3, names.map(\.count).max() ?? 3)
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func row(_ name: String, _ cells: [String]) -> String {
            name + String(repeating: " ", count: width - name.count)
                + cells.map { padded($0, 10) }.joined()
        }
        func cells(_ count: Int, _ withoutMatch: Int, _ quality: RetrievalQuality?) -> [String] {
            let figures: [Double?] = [
                quality?.averagePrecision, quality?.recallAt1, quality?.precisionAt10, quality?.ndcgAt10,
                quality?.reciprocalRank,
            ]
            return ["\(count)"] + figures.map { $0.map(Self.fixed) ?? "-" } + ["\(withoutMatch)"]
        }
        var lines = [row("set", ["n", "mAP", "recall@1", "prec@10", "nDCG@10", "MRR", "no match"])]
        for (set, name) in zip(sets, names) { lines.append(row(name, cells(set.count, set.withoutMatch, set.quality))) }
        lines.append(
            row(
                Self.meanName,
                cells(sets.reduce(0) { $0 + $1.count }, sets.reduce(0) { $0 + $1.withoutMatch }, mean)))
        return lines.joined(separator: "\n")
    }

    /// Four digits behind the point.
    private static func fixed(_ value: Double) -> String {
        let tenThousandths = Int((value * 10_000).rounded())
        let digits = "\(tenThousandths % 10_000)"
        return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
