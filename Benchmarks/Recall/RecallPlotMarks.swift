/// How one line of the figure looks: a colour, the shape of its marks, dashes from the seventh line on.
package struct Look {
    static let light = ["#1f6f5a", "#c2541d", "#2f66b5", "#8a4a9e", "#8f6b00", "#b0305a"]
    static let dark = ["#74c7ae", "#f0935e", "#7fb0f5", "#cf9be0", "#d9b64a", "#f08aa8"]

    private let number: Int

    /// How line `number` looks, from 0.
    package init(_ number: Int) { self.number = number }

    /// The class that gives the colour.
    var className: String { "s\(number % Self.light.count)" }

    /// An attribute for the line.
    var dashes: String {
        let round = number / Self.light.count
        return round == 0 ? "" : " stroke-dasharray=\"\(max(2, 10 - 3 * round)) 5\""
    }

    /// A line through places, with a mark and a tip at each, and text beside them. The first line is ours: it is thicker.
    package func line(_ places: [PlotPlace], tips: [String], texts: String = "") -> String {
        let path = places.enumerated().map {
            ($0.offset == 0 ? "M" : "L") + XML.number($0.element.x) + " " + XML.number($0.element.y)
        }.joined()
        let marks = zip(tips, places).map { mark(at: $1, radius: number == 0 ? 5 : 4.2, tip: $0) }
        return "<g class=\"\(className)\"><path class=\"line\" d=\"\(path)\"\(dashes)"
            + " stroke-width=\"\(number == 0 ? 3 : 2)\"/>\n\(marks.joined(separator: "\n"))\n\(texts)</g>"
    }

    /// A mark, with its tip.
    func mark(at place: PlotPlace, radius: Double, tip: String?) -> String {
        let (x, y) = (place.x, place.y)
        let title = tip.map { "<title>\(XML.escaped($0))</title>" } ?? ""
        func polygon(_ corners: [(Double, Double)]) -> String {
            let path = corners.map { "\(XML.number(x + $0.0 * radius)) \(XML.number(y + $0.1 * radius))" }
            return "<path class=\"mark\" d=\"M\(path.joined(separator: "L"))Z\">\(title)</path>"
        }
        switch number % Self.light.count {
        case 0:
            return "<circle class=\"mark\" cx=\"\(XML.number(x))\" cy=\"\(XML.number(y))\" r=\"\(radius)\">"
                + "\(title)</circle>"
        case 1: return polygon([(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)])
        case 2: return polygon([(0, -1.2), (1.1, 0.85), (-1.1, 0.85)])
        case 3: return polygon([(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)])
        case 4: return polygon([(-1.1, -0.85), (1.1, -0.85), (0, 1.2)])
        default: return polygon([(-1, -0.5), (0, -1.2), (1, -0.5), (1, 0.6), (0, 1.2), (-1, 0.6)])
        }
    }
}

/// The names of the lines, beside their marks, in as many rows as they need.
struct Legend {
    private static let rowHeight = 24
    private static let firstBaseline = 96
    /// Longest name that is shown whole.
    private static let nameLimit = 40

    let svg: String
    /// What the rows after the first add to the figure's height.
    let height: Int

    init(_ names: [String]) {
        var x = 28.0
        var row = 0
        var out: [String] = []
        for (number, name) in names.enumerated() {
            let shown = name.count > Self.nameLimit ? name.prefix(Self.nameLimit - 1) + "…" : name[...]
            let width = 34 + 8 * Double(shown.count) + 22
            if x + width > Double(Frame.right), x > 28 {
                x = 28
                row += 1
            }
            let baseline = Double(Self.firstBaseline + row * Self.rowHeight)
            let look = Look(number)
            let (from, to, middle) = (XML.number(x), XML.number(x + 24), XML.number(baseline - 4.5))
            out.append(
                "<g class=\"\(look.className)\"><path class=\"line\" stroke-width=\"2.5\"\(look.dashes) "
                    + "d=\"M\(from) \(middle)H\(to)\"/>"
                    + look.mark(at: PlotPlace(x: x + 12, y: baseline - 4.5), radius: 4.6, tip: nil)
                    + "<text x=\"\(XML.number(x + 32))\" y=\"\(XML.number(baseline))\" font-size=\"14\""
                    + "\(number == 0 ? " font-weight=\"600\"" : "")>\(XML.escaped(String(shown)))</text></g>")
            x += width
        }
        svg = out.joined(separator: "\n")
        height = row * Self.rowHeight
    }
}

/// Puts the number of candidates beside points, where nothing else is.
struct LabelPlacer {
    private struct Box {
        var left: Double, top: Double, right: Double, bottom: Double

        func overlaps(_ other: Box) -> Bool {
            left < other.right && other.left < right && top < other.bottom && other.top < bottom
        }
    }

    private let frame: Frame
    private var taken: [Box] = []

    init(_ frame: Frame) { self.frame = frame }

    /// Nothing may be put here.
    mutating func block(_ place: PlotPlace, radius: Double) {
        taken.append(
            Box(left: place.x - radius, top: place.y - radius, right: place.x + radius, bottom: place.y + radius))
    }

    /// The label's text element; nil where there is no room. The lines fall from left to right, so that above to the
    /// right and below to the left are the places away from the point's own line.
    mutating func label(_ point: PlotSeries.Point, at place: PlotPlace, _ look: Look) -> String? {
        let text = String(point.ef)
        let width = 6.6 * Double(text.count)
        for (x, y) in [(place.x + 6, place.y - 7), (place.x - 7 - width, place.y + 15)] {
            let box = Box(left: x - 1, top: y - 9, right: x + width + 1, bottom: y + 1)
            let isInside =
                box.left >= Double(Frame.left) && box.right <= Double(Frame.width) - 8
                && box.top >= Double(frame.top) - 14 && box.bottom <= Double(frame.bottom)
            if isInside, !taken.contains(where: { $0.overlaps(box) }) {
                taken.append(box)
                return "<text x=\"\(XML.number(x))\" y=\"\(XML.number(y))\" font-size=\"11\">\(text)</text>"
            }
        }
        return nil
    }
}
