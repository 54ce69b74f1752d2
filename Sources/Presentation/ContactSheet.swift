import Foundation

/// A web page of pictures that needs nothing beside it: thumbnails are inside as `data:` images.
public struct ContactSheet: Sendable {
    /// One picture of the sheet.
    public struct Cell: Sendable {
        /// The element's name.
        public var name: String
        /// 0...1, 1 for the same direction.
        public var score: Double?
        /// A JPEG.
        public var thumbnail: [UInt8]?
        /// Shown small below the name: size, format.
        public var note: String

        /// A cell.
        public init(name: String, score: Double?, thumbnail: [UInt8]?, note: String = "") {
            self.name = name
            self.score = score
            self.thumbnail = thumbnail
            self.note = note
        }
    }

    private let title: String
    private let query: Cell
    private let hits: [Cell]
    private let footer: String

    /// A sheet with the query picture first and the hits in order.
    public init(title: String, query: Cell, hits: [Cell], footer: String) {
        self.title = title
        self.query = query
        self.hits = hits
        self.footer = footer
    }

    /// The page.
    public var html: String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Self.escaped(title))</title>
        <style>
        :root { color-scheme: light dark; --ground: #f6f5f2; --card: #fff; --ink: #22211f; --quiet: #6b6862;
          --line: #dedbd4; --bar: #2f6f5e; }
        @media (prefers-color-scheme: dark) { :root { --ground: #171716; --card: #21211f; --ink: #ecebe7;
          --quiet: #a09d96; --line: #383733; --bar: #6fb8a2; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem; background: var(--ground); color: var(--ink);
          font: 15px/1.45 system-ui, sans-serif; }
        header { display: flex; gap: 1.25rem; align-items: center; margin-bottom: 1.75rem; }
        header img { width: 9rem; height: 9rem; object-fit: contain; border-radius: 10px; background: var(--card);
          border: 1px solid var(--line); }
        h1 { font-size: 1.3rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
        p { margin: 0; color: var(--quiet); }
        ol { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem;
          grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); }
        li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
        li img, li .none { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--ground); }
        li .none { display: grid; place-items: center; color: var(--quiet); }
        .text { padding: .6rem .75rem .7rem; }
        .name { overflow-wrap: anywhere; font-size: .87rem; }
        .facts { display: flex; justify-content: space-between; gap: .5rem; color: var(--quiet); font-size: .8rem;
          font-variant-numeric: tabular-nums; }
        meter { width: 100%; height: .45rem; accent-color: var(--bar); }
        footer { margin-top: 2rem; color: var(--quiet); font-size: .8rem; }
        </style>
        <header>\(image(query))<div><h1>\(Self.escaped(query.name))</h1><p>\(Self.escaped(query.note))</p></div></header>
        <ol>
        \(hits.enumerated().map { item($0.offset + 1, $0.element) }.joined(separator: "\n"))
        </ol>
        <footer>\(Self.escaped(footer))</footer>
        </html>

        """
    }

    private func item(_ rank: Int, _ cell: Cell) -> String {
        let score = cell.score ?? 0
        let text = Self.fixed(score)
        return """
            <li>\(image(cell))<div class="text"><div class="name">\(rank). \(Self.escaped(cell.name))</div>\
            <meter min="0" max="1" value="\(text)" aria-label="similarity \(text)"></meter>\
            <div class="facts"><span>\(text)</span><span>\(Self.escaped(cell.note))</span></div></div></li>
            """
    }

    private func image(_ cell: Cell) -> String {
        guard let thumbnail = cell.thumbnail else { return "<div class=\"none\">no thumbnail</div>" }
        let data = Data(thumbnail).base64EncodedString()
        return "<img src=\"data:image/jpeg;base64,\(data)\" alt=\"\(Self.escaped(cell.name))\" loading=\"lazy\">"
    }

    /// Four decimals, without a locale's comma.
    public static func fixed(_ score: Double) -> String {
        let scaled = Int((score * 10_000).rounded())
        let digits = String(abs(scaled % 10_000))
        return
            "\(scaled < 0 ? "-" : "")\(abs(scaled / 10_000)).\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }

    private static func escaped(_ text: String) -> String {
        // Scalars, not characters: a quote with a combining accent is one character, and still ends an attribute.
        text.unicodeScalars.reduce(into: "") { out, scalar in
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
    }
}
