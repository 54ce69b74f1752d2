import JSONLines

/// What all reports of recall against speed have in common: widths of search, as lines, as a table, and in a figure.
extension RecallReport {
    /// The contract's line of one width of search. It says what it was measured with.
    package static func line(
        _ point: Point, _ settings: RecallSettings, queries: Int, truth: String
    ) -> JSONLine {
        var line = JSONLine()
        line.add("phase", "search")
        line.add("ef", point.ef)
        line.add("recall", rounded(point.recall, 1e6))
        line.add("qps", rounded(point.qps, 10))
        line.add("p50_us", rounded(point.p50Microseconds, 10))
        line.add("p99_us", rounded(point.p99Microseconds, 10))
        line.add("count", settings.count)
        line.add("queries", queries)
        line.add("threads", settings.searchThreads)
        line.add("truth", truth)
        addShape(to: &line, settings)
        return line
    }

    /// What decides an index: every line says it.
    package static func addShape(to line: inout JSONLine, _ settings: RecallSettings) {
        line.add("m", settings.parameters.m)
        line.add("ef_construction", settings.parameters.efConstruction)
        line.add("metric", settings.metric.rawValue)
        line.add("quantization", settings.quantization.rawValue)
    }

    /// All widths for people.
    package static func table(_ points: [Point], count: Int) -> String {
        aligned(
            [["ef", "recall@\(count)", "queries/s", "p50 µs", "p99 µs"]]
                + points.map { point in
                    [
                        "\(point.ef)", fixed(point.recall, 4), grouped(point.qps), fixed(point.p50Microseconds, 1),
                        fixed(point.p99Microseconds, 1),
                    ]
                })
    }

    /// Rows of equally many cells as lines, the cells flush right.
    package static func aligned(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// What a figure says below its title: everything that another run has to share to be compared.
    package static func caption(
        _ settings: RecallSettings, _ environment: BenchmarkEnvironment, count: Int, dimension: Int, queries: Int
    ) -> String {
        let threads = settings.searchThreads == 1 ? "1 thread" : "\(settings.searchThreads) threads"
        return
            "\(grouped(Double(count))) × \(dimension), \(grouped(Double(queries))) queries, "
            + "\(settings.metric.rawValue), m \(settings.parameters.m), efConstruction "
            + "\(settings.parameters.efConstruction), \(settings.quantization.rawValue), \(threads), \(environment.cpu)"
    }
}

extension PlotSeries {
    /// A line of measured widths.
    package init(name: String, measured points: [RecallReport.Point]) {
        self.init(name: name, points: points.map { Point(ef: $0.ef, recall: $0.recall, qps: $0.qps) })
    }
}
