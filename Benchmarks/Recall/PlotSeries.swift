import Foundation

/// A line of the figure: one index, at several widths of search.
public struct PlotSeries: Sendable, Equatable {
    /// One width.
    public struct Point: Sendable, Equatable {
        /// Candidates the search kept.
        public var ef: Int
        /// 0...1.
        public var recall: Double
        /// Above 0.
        public var qps: Double

        /// A point.
        public init(ef: Int, recall: Double, qps: Double) {
            self.ef = ef
            self.recall = recall
            self.qps = qps
        }
    }

    /// What the legend calls it.
    public var name: String
    /// In the order in which they are joined.
    public var points: [Point]

    /// A line.
    public init(name: String, points: [Point]) {
        self.name = name
        self.points = points
    }
}

/// Reads what other programs measured: JSON lines with the fields of `lookalike bench recall --json` and, where several
/// libraries are in one file, `lib`.
public enum PeerResults {
    /// Largest file that is read.
    public static let bytesLimit = 64 << 20
    /// Most points of all lines together.
    public static let pointsLimit = 10_000

    /// What was read, and what peers that were not measured say of it.
    public struct Reading: Sendable, Equatable {
        /// In the order in which they first occur.
        public var series: [PlotSeries] = []
        /// `faiss: No module named 'faiss'`.
        public var missing: [String] = []
    }

    private struct Line: Decodable {
        var phase: String?
        var lib: String?
        var ef: Int?
        var recall: Double?
        var qps: Double?
        var why: String?
    }

    /// Reads lines; those that are no JSON, or of another phase, are passed over, as programs print other things too.
    /// - Parameter name: of points that do not say whose they are.
    public static func read(_ bytes: [UInt8], name: String) -> Reading {
        var reading = Reading()
        var left = pointsLimit
        let decoder = JSONDecoder()
        for text in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let line = try? decoder.decode(Line.self, from: Data(text)) else { continue }
            let owner = line.lib ?? name
            if line.phase == "missing" { reading.missing.append("\(owner): \(line.why ?? "not measured")") }
            guard line.phase == "search", left > 0, let ef = line.ef, let recall = line.recall, let qps = line.qps,
                (0...1).contains(recall), qps > 0, qps.isFinite
            else { continue }
            left -= 1
            let place = reading.series.firstIndex { $0.name == owner } ?? reading.series.endIndex
            if place == reading.series.endIndex { reading.series.append(PlotSeries(name: owner, points: [])) }
            reading.series[place].points.append(.init(ef: ef, recall: recall, qps: qps))
        }
        return reading
    }
}
