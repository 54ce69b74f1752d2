/// A figure of recall against queries per second: an SVG that needs nothing beside it, legible on light and on dark.
///
/// Further up and further right is better. Colours are not all that tells lines apart: each has a mark of its own shape,
/// and from the seventh on the line is dashed. Every point has a tip with its figures; the `ef` beside it is left out
/// where it would run into another.
public struct RecallPlot: Sendable {
    private let title: String
    private let caption: String
    private let count: Int
    private let series: [PlotSeries]

    /// A figure.
    /// - Parameters:
    ///   - caption: what the figures were measured with, below the title.
    ///   - count: neighbours asked for, named on the axis.
    ///   - series: lines; points without a place on the axes are left out, and lines without points.
    public init(title: String, caption: String, count: Int, series: [PlotSeries]) {
        self.title = title
        self.caption = caption
        self.count = count
        self.series = series.compactMap { line in
            let points = line.points.filter { (0...1).contains($0.recall) && $0.qps > 0 && $0.qps.isFinite }
            return points.isEmpty ? nil : PlotSeries(name: line.name, points: points)
        }
    }

    /// The figure's text.
    public var svg: String {
        let sheet = PlotSheet(title: title, caption: caption, summary: summary, names: series.map(\.name))
        let points = series.flatMap(\.points)
        let recall = RecallAxis(points.map(\.recall))
        let axes = PlotAxes(
            sheet.frame, ticks: recall.ticks, range: recall.range, rate: RateAxis(points.map(\.qps)))
        let grid = axes.grid("recall@\(count), stretched towards 1; small numbers: ef")
        return sheet.svg(grid + "\n" + lines(axes, recall))
    }

    /// What somebody who does not see it is told.
    private var summary: String {
        let parts = series.map { line in
            let best = line.points.max { ($0.recall, $0.qps) < ($1.recall, $1.qps) }
            return best.map {
                "\(line.name): up to recall \(RecallReport.fixed($0.recall, 4)) at \(RecallReport.grouped($0.qps)) queries a second"
            } ?? line.name
        }
        return "Recall@\(count) against queries per second; further up and right is better. "
            + parts.joined(separator: "; ") + "."
    }

    private func lines(_ axes: PlotAxes, _ recall: RecallAxis) -> String {
        func place(_ point: PlotSeries.Point) -> PlotPlace {
            axes.place(x: recall.position(point.recall), rate: point.qps)
        }
        var labels = LabelPlacer(axes.frame)
        for line in series { for point in line.points { labels.block(place(point), radius: 5) } }
        // The first is ours: its labels have the first choice of place, and it is drawn last, above the others.
        let texts = series.enumerated().map { number, line in
            line.points.compactMap { labels.label($0, at: place($0), Look(number)) }.joined()
        }
        return series.enumerated().reversed().map { number, line in
            let tips = line.points.map { point in
                "\(line.name), ef \(point.ef): recall \(RecallReport.fixed(point.recall, 4)), "
                    + "\(RecallReport.grouped(point.qps)) queries a second"
            }
            return Look(number).line(line.points.map(place), tips: tips, texts: texts[number])
        }.joined(separator: "\n")
    }
}
