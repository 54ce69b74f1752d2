/// What all figures share: the ground, the title, the legend, colours for light and for dark.
package struct PlotSheet {
    /// Where the body lies.
    package let frame: Frame
    private let title: String
    private let caption: String
    private let summary: String
    private let legend: Legend

    /// A sheet.
    /// - Parameters:
    ///   - caption: what the figures were measured with, below the title.
    ///   - summary: what somebody who does not see it is told.
    ///   - names: of the lines, in their order.
    package init(title: String, caption: String, summary: String, names: [String]) {
        self.title = title
        self.caption = caption
        self.summary = summary
        legend = Legend(names)
        frame = Frame(top: 156 + legend.height, height: 660 + legend.height)
    }

    /// The figure's text around its body.
    package func svg(_ body: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Frame.width) \(frame.height)" role="img" \
        aria-labelledby="title desc" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif">
        <title id="title">\(XML.escaped(title))</title>
        <desc id="desc">\(XML.escaped(summary))</desc>
        <style>\(Self.style)</style>
        <rect class="ground" width="\(Frame.width)" height="\(frame.height)"/>
        <text class="ink" x="28" y="44" font-size="22" font-weight="600">\(XML.escaped(title))</text>
        <text class="quiet" x="28" y="68" font-size="13">\(XML.escaped(caption))</text>
        \(legend.svg)
        \(body)
        </svg>

        """
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
package struct Frame {
    static let width = 960
    static let left = 84
    static let right = 924
    let top: Int
    let height: Int
    var bottom: Int { height - 74 }
}

/// From figures to places: something across, queries per second up.
package struct PlotAxes {
    let frame: Frame
    private let ticks: [PlotTick]
    private let range: ClosedRange<Double>
    private let rate: RateAxis

    /// - Parameters:
    ///   - ticks: what is marked across.
    ///   - range: what there is room for across, in the ticks' unit.
    package init(_ frame: Frame, ticks: [PlotTick], range: ClosedRange<Double>, rate: RateAxis) {
        self.frame = frame
        self.ticks = ticks
        self.range = range
        self.rate = rate
    }

    /// Where a figure is.
    package func place(x: Double, rate figure: Double) -> PlotPlace {
        PlotPlace(x: across(x), y: up(rate.position(figure)))
    }

    private func across(_ position: Double) -> Double {
        let share = (position - range.lowerBound) / (range.upperBound - range.lowerBound)
        return Double(Frame.left) + share * Double(Frame.right - Frame.left)
    }

    private func up(_ position: Double) -> Double {
        let share = (position - rate.range.lowerBound) / (rate.range.upperBound - rate.range.lowerBound)
        return Double(frame.bottom) - share * Double(frame.bottom - frame.top)
    }

    /// The lines behind the figures, what they mean, and below them what is across.
    package func grid(_ title: String) -> String {
        var out: [String] = []
        for tick in rate.ticks {
            let y = up(tick.position)
            out.append("<path class=\"grid\" d=\"M\(Frame.left) \(XML.number(y))H\(Frame.right)\"/>")
            out.append(
                "<text class=\"quiet\" x=\"\(Frame.left - 10)\" y=\"\(XML.number(y + 4.5))\" font-size=\"13\" "
                    + "text-anchor=\"end\">\(tick.label)</text>")
        }
        var lastLabel = -Double.infinity
        for tick in ticks {
            let place = across(tick.position)
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
                + "text-anchor=\"end\">\(XML.escaped(title))</text>")
        return out.joined(separator: "\n")
    }
}

/// A place in the figure.
package struct PlotPlace {
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
