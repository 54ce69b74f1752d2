import Foundation
import RecallBenchmark

/// A figure of queries per second over the share of elements that a filter lets through, both logarithmic, a line for
/// each kind of filter; without a filter there is a level line.
public struct FilterPlot: Sendable {
    private let title: String
    private let report: FilterReport

    /// A figure of a report.
    public init(title: String, report: FilterReport) {
        self.title = title
        self.report = report
    }

    private struct Line {
        var name: String
        var points: [FilterReport.Point]
    }

    /// The figure's text.
    public var svg: String {
        let lines = lines
        let shares = lines.flatMap(\.points).map(\.selectivity)
        let sheet = PlotSheet(title: title, caption: report.caption, summary: summary, names: lines.map(\.name))
        let range = log10(shares.min() ?? 1e-4) - 0.1...log10(shares.max() ?? 1) + 0.1
        let decades = Int(range.lowerBound.rounded(.up))...Int(range.upperBound.rounded(.down))
        let axes = PlotAxes(
            sheet.frame,
            ticks: decades.map {
                PlotTick(position: Double($0), label: FilterReport.percent(pow(10, Double($0))))
            },
            range: range, rate: RateAxis(lines.flatMap(\.points).map(\.qps)))
        let drawn = lines.enumerated().reversed().map { number, line in
            Look(number).line(
                line.points.map { axes.place(x: log10($0.selectivity), rate: $0.qps) },
                tips: line.points.map { point in
                    "\(line.name), \(FilterReport.percent(point.selectivity)): "
                        + "\(RecallReport.grouped(point.qps)) queries a second, recall "
                        + RecallReport.fixed(point.recall, 4)
                })
        }
        let grid = axes.grid("elements that match (logarithmic)")
        return sheet.svg(([grid] + drawn).joined(separator: "\n"))
    }

    private var lines: [Line] {
        let names: [(FilterKind, String)] = [
            (.random, "spread evenly"), (.near, "near the query"), (.far, "far from the query"),
        ]
        var lines = names.map { kind, name in
            Line(name: name, points: report.points.filter { $0.kind == kind })
        }
        // The level line: the one point, at both ends.
        if let without = report.points.first(where: { $0.kind == nil }) {
            let shares = report.points.map(\.selectivity)
            let ends = [shares.max() ?? 1, shares.min() ?? 1].map { share in
                var point = without
                point.selectivity = share
                return point
            }
            lines.append(Line(name: "no filter", points: ends))
        }
        return lines.map { line in
            Line(name: line.name, points: line.points.filter { $0.qps > 0 && $0.qps.isFinite })
        }.filter { !$0.points.isEmpty }
    }

    /// What somebody who does not see it is told.
    private var summary: String {
        let parts = lines.map { line in
            let slowest = line.points.min { $0.qps < $1.qps }
            return slowest.map {
                "\(line.name): at least \(RecallReport.grouped($0.qps)) queries a second, at "
                    + FilterReport.percent($0.selectivity)
            } ?? line.name
        }
        return "Queries per second over the share of elements that match a filter. " + parts.joined(separator: "; ")
            + "."
    }
}
