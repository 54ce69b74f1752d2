import Foundation

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
        let legend = Legend(series.map(\.name))
        let frame = Frame(top: 156 + legend.height, height: 660 + legend.height)
        let points = series.flatMap(\.points)
        let axes = Axes(frame, recall: RecallAxis(points.map(\.recall)), rate: RateAxis(points.map(\.qps)))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Frame.width) \(frame.height)" role="img" \
            aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">
            <title id="title">\(XML.escaped(title))</title>
            <desc id="desc">\(XML.escaped(summary))</desc>
            <style>\(Self.style)</style>
            <rect class="ground" width="\(Frame.width)" height="\(frame.height)"/>
            <text class="ink" x="28" y="44" font-size="22" font-weight="600">\(XML.escaped(title))</text>
            <text class="quiet" x="28" y="68" font-size="13">\(XML.escaped(caption))</text>
            \(legend.svg)
            \(grid(axes))
            \(lines(axes))
            </svg>

            """
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

    private func grid(_ axes: Axes) -> String {
        let frame = axes.frame
        var out: [String] = []
        for tick in axes.rate.ticks {
            let y = axes.y(tick.position)
            out.append("<path class=\"grid\" d=\"M\(Frame.left) \(XML.number(y))H\(Frame.right)\"/>")
            out.append(
                "<text class=\"quiet\" x=\"\(Frame.left - 10)\" y=\"\(XML.number(y + 4.5))\" font-size=\"13\" "
                    + "text-anchor=\"end\">\(tick.label)</text>")
        }
        var lastLabel = -Double.infinity
        for tick in axes.recall.ticks {
            let place = axes.x(tick.position)
            let x = XML.number(place)
            out.append("<path class=\"grid\" d=\"M\(x) \(frame.top)V\(frame.bottom)\"/>")
            // On an axis of many decades the labels would touch.
            if place - lastLabel < 8 * Double(tick.label.count) { continue }
            lastLabel = place
            out.append(
                "<text class=\"quiet\" x=\"\(x)\" y=\"\(frame.bottom + 21)\" font-size=\"13\" "
                    + "text-anchor=\"middle\">\(tick.label)</text>")
        }
        out.append("<path class=\"axis\" d=\"M\(Frame.left) \(frame.top)V\(frame.bottom)H\(Frame.right)\"/>")
        out.append(
            "<text class=\"ink\" x=\"28\" y=\"\(frame.top - 18)\" font-size=\"13\">queries per second "
                + "(logarithmic)</text>")
        out.append(
            "<text class=\"ink\" x=\"\(Frame.right)\" y=\"\(frame.bottom + 46)\" font-size=\"13\" "
                + "text-anchor=\"end\">recall@\(count), stretched towards 1; small numbers: ef</text>")
        return out.joined(separator: "\n")
    }

    private func lines(_ axes: Axes) -> String {
        var labels = LabelPlacer(axes.frame)
        for line in series { for point in line.points { labels.block(axes.place(point), radius: 5) } }
        // The first is ours: its labels have the first choice of place, and it is drawn last, above the others.
        let texts = series.enumerated().map { number, line in
            line.points.compactMap { labels.label($0, at: axes.place($0), Look(number)) }.joined()
        }
        return series.enumerated().reversed().map { number, line in
            let look = Look(number)
            let places = line.points.map(axes.place)
            let path = places.enumerated().map {
                ($0.offset == 0 ? "M" : "L") + XML.number($0.element.x) + " " + XML.number($0.element.y)
            }.joined()
            let marks = zip(line.points, places).map { point, place in
                let tip =
                    "\(line.name), ef \(point.ef): recall \(RecallReport.fixed(point.recall, 4)), "
                    + "\(RecallReport.grouped(point.qps)) queries a second"
                return look.mark(at: place, radius: number == 0 ? 5 : 4.2, tip: tip)
            }
            return "<g class=\"\(look.className)\"><path class=\"line\" d=\"\(path)\"\(look.dashes)"
                + " stroke-width=\"\(number == 0 ? 3 : 2)\"/>\n\(marks.joined(separator: "\n"))\n\(texts[number])</g>"
        }.joined(separator: "\n")
    }

    /// Plain properties, said twice: not every program that draws SVG knows CSS variables.
    private static let style: String = {
        func rules(_ ground: String, _ ink: String, _ quiet: String, _ grid: String, _ colors: [String]) -> String {
            """
            .ground{fill:\(ground)}.ink{fill:\(ink)}.quiet{fill:\(quiet)}\
            .grid{stroke:\(grid);fill:none}.axis{stroke:\(quiet);fill:none}\
            .line{fill:none;stroke-linejoin:round;stroke-linecap:round}.mark{stroke:\(ground);stroke-width:1.2}
            """
                + colors.enumerated().map {
                    ".s\($0.offset) .line{stroke:\($0.element)}.s\($0.offset) .mark,.s\($0.offset) text"
                        + "{fill:\($0.element)}"
                }.joined()
        }
        return rules("#fdfcfa", "#22211f", "#6b6862", "#e6e3dc", Look.light) + "@media (prefers-color-scheme: dark){"
            + rules("#171716", "#ecebe7", "#a09d96", "#32312e", Look.dark) + "}"
    }()
}

/// Where things lie, in the figure's own units.
struct Frame {
    static let width = 960
    static let left = 84
    static let right = 924
    let top: Int
    let height: Int
    var bottom: Int { height - 74 }
}

/// From figures to places.
struct Axes {
    let frame: Frame
    let recall: RecallAxis
    let rate: RateAxis

    init(_ frame: Frame, recall: RecallAxis, rate: RateAxis) {
        self.frame = frame
        self.recall = recall
        self.rate = rate
    }

    func x(_ position: Double) -> Double {
        let share = (position - recall.range.lowerBound) / (recall.range.upperBound - recall.range.lowerBound)
        return Double(Frame.left) + share * Double(Frame.right - Frame.left)
    }

    func y(_ position: Double) -> Double {
        let share = (position - rate.range.lowerBound) / (rate.range.upperBound - rate.range.lowerBound)
        return Double(frame.bottom) - share * Double(frame.bottom - frame.top)
    }

    func place(_ point: PlotSeries.Point) -> PlotPlace {
        PlotPlace(x: x(recall.position(point.recall)), y: y(rate.position(point.qps)))
    }
}

/// A place in the figure.
struct PlotPlace {
    var x: Double
    var y: Double
}

/// Text in an XML file.
enum XML {
    /// Text as content or as an attribute's value. Characters that no XML file may hold, escaped or not, are left out.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\t", "\n", "\r": out += " "
            default:
                if scalar.value >= 0x20, scalar.value != 0xFFFE, scalar.value != 0xFFFF {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
    }

    /// A coordinate: a tenth of a unit is finer than any screen shows.
    static func number(_ value: Double) -> String { RecallReport.fixed(value, 1) }
}
