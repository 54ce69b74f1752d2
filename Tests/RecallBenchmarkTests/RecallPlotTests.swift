import Foundation
import RecallBenchmark
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("The figure of recall and speed")
struct RecallPlotTests {
    private static func figure(_ series: [PlotSeries]) -> String {
        RecallPlot(title: "T <&> \"t\"", caption: "c & d", count: 10, series: series).svg
    }

    /// All elements' names and texts of a document that is well-formed.
    private func parsed(_ svg: String) throws -> XMLCounter {
        let counter = XMLCounter()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = counter
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        return counter
    }

    private static let ours = PlotSeries(
        name: "lookalike",
        points: [(10, 0.9, 60_000.0), (32, 0.98, 30_000), (64, 0.999, 15_000), (128, 1, 8000)].map {
            .init(ef: $0.0, recall: $0.1, qps: $0.2)
        })

    @Test func itIsXMLAndNamesEverySeries() throws {
        let hostile = "a<b>&\"'\u{1}\u{FFFF}]]>"
        let svg = Self.figure([
            Self.ours, PlotSeries(name: hostile, points: Self.ours.points), PlotSeries(name: "none", points: []),
        ])
        let found = try parsed(svg)
        #expect(found.texts.contains("lookalike"))
        #expect(found.texts.contains("a<b>&\"']]>"))
        #expect(!found.texts.contains("none"), "a line without points is left out")
        #expect(found.texts.contains("T <&> \"t\""))
        #expect(found.count["title"] == 1 + 8, "one of the figure, one a point")
        for ef in ["10", "32", "64", "128"] { #expect(found.texts.contains(ef)) }
        #expect(svg.contains("prefers-color-scheme: dark"))
        #expect(svg.contains("role=\"img\" aria-labelledby=\"title desc\""))
        #expect(svg.components(separatedBy: "http").count == 2, "nothing is loaded from elsewhere")
    }

    @Test func anySeriesCanBeDrawn() throws {
        let odd: [[PlotSeries]] = [
            [],
            [PlotSeries(name: "one", points: [.init(ef: 1, recall: 0.5, qps: 3)])],
            [PlotSeries(name: "all right", points: [.init(ef: 1, recall: 1, qps: 1e12)])],
            [PlotSeries(name: "none right", points: [.init(ef: 1, recall: 0, qps: 1e-9)])],
            [
                PlotSeries(
                    name: "beyond",
                    points: [
                        .init(ef: 1, recall: 1.5, qps: 1), .init(ef: 1, recall: .nan, qps: 1),
                        .init(ef: 1, recall: 0.5, qps: .infinity), .init(ef: 1, recall: 0.5, qps: 0),
                        .init(ef: .max, recall: 0.9999999999, qps: 10),
                    ])
            ],
            (0..<20).map { PlotSeries(name: String(repeating: "n\($0)", count: 40), points: Self.ours.points) },
        ]
        for series in odd {
            let svg = Self.figure(series)
            _ = try parsed(svg)
            #expect(!svg.contains("nan") && !svg.contains("inf"))
        }
    }

    @Test func theAxisOfRecallOpensUp() {
        let axis = RecallAxis([0.85, 0.95, 0.999, 1])
        #expect(axis.ticks.map(\.label) == ["0.8", "0.9", "0.95", "0.98", "0.99", "0.995", "0.998", "0.999", "1"])
        let decades = [0.9, 0.99, 0.999].map(axis.position)
        #expect(abs((decades[1] - decades[0]) - (decades[2] - decades[1])) < 1e-9)
        #expect(axis.position(1) > axis.position(0.999) && axis.position(1).isFinite)
        #expect(axis.range.contains(axis.position(0.85)) && axis.range.contains(axis.position(1)))
        #expect(RecallAxis([0.9, 0.99]).ticks.last?.label == "0.99", "no place for a 1 that is not there")
    }

    @Test func theAxisOfRatesHasRoundNumbers() {
        let axis = RateAxis([4100, 73_000])
        #expect(axis.ticks.map(\.label) == ["2k", "5k", "10k", "20k", "50k", "100k"].suffix(axis.ticks.count))
        #expect(axis.range.contains(axis.position(4100)) && axis.range.contains(axis.position(73_000)))
        #expect(RateAxis([0.02, 3_000_000]).ticks.map(\.label).contains("1M"))
        #expect(RateAxis([0.02, 3_000_000]).ticks.map(\.label).contains("0.01"))
    }

    @Test func peersAreReadFromTheirLines() {
        let text = """
            {"lib": "hnswlib", "phase": "build", "n": 5}
            {"lib": "hnswlib", "phase": "search", "ef": 10, "recall": 0.9, "qps": 100}
            not JSON
            {"lib": "faiss", "phase": "missing", "why": "not installed"}
            {"lib": "svs", "phase": "search", "ef": 10, "recall": 0.8, "qps": 200}
            {"lib": "hnswlib", "phase": "search", "ef": 16, "recall": 0.95, "qps": 80}
            {"phase": "search", "ef": 16, "recall": 0.95, "qps": 80.5}
            {"phase": "search", "ef": 16, "recall": 2, "qps": 80.5}
            {"phase": "search", "ef": 16, "recall": 1, "qps": 0}
            {"phase": "search", "ef": "x"}
            """
        let reading = PeerResults.read([UInt8](text.utf8), name: "earlier.jsonl")
        #expect(reading.series.map(\.name) == ["hnswlib", "svs", "earlier.jsonl"])
        #expect(reading.series[0].points.map(\.ef) == [10, 16])
        #expect(reading.series[2].points == [.init(ef: 16, recall: 0.95, qps: 80.5)])
        #expect(reading.missing == ["faiss: not installed"])
    }
}

/// Counts elements and keeps their texts.
private final class XMLCounter: NSObject, XMLParserDelegate {
    var count: [String: Int] = [:]
    var texts: Set<String> = []
    private var text = ""

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String] = [:]
    ) {
        count[name, default: 0] += 1
        text = ""
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        texts.insert(text)
        text = ""
    }
}
