/// A plan in words and numbers: what `lookalike model show` prints.
public struct PlanSummary: Sendable, Codable, Equatable, CustomStringConvertible {
    /// One step.
    public struct Layer: Sendable, Codable, Equatable {
        /// The node's name in the file.
        public var name: String
        /// What it does, activation and residual sum included: `Conv 3x3/2 + relu6`.
        public var operation: String
        /// Of the first output.
        public var shape: [Int]
        /// Multiplications with additions, of one picture.
        public var multiplyAccumulates: Int
        /// As packed for this processor.
        public var weightBytes: Int
        /// The kernel chosen: `gemm f32 avx512`.
        public var kernel: String
    }

    /// In the order in which they run.
    public var layers: [Layer]
    /// Multiplications with additions, of one picture.
    public var multiplyAccumulates: Int
    /// Bytes of packed weights.
    public var weightBytes: Int
    /// Bytes of activations that one session needs.
    public var arenaBytes: Int

    /// A table for people.
    public var description: String {
        let header = ["layer", "operation", "output", "MACs", "weights", "kernel"]
        var rows = layers.map { layer in
            [
                layer.name, layer.operation, layer.shape.map(String.init).joined(separator: "x"),
                Self.short(layer.multiplyAccumulates), Self.short(layer.weightBytes) + "B", layer.kernel,
            ]
        }
        rows.append([
            "total", "\(layers.count) steps", "arena " + Self.short(arenaBytes) + "B", Self.short(multiplyAccumulates),
            Self.short(weightBytes) + "B", "",
        ])
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        return ([header] + rows).map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                // Numbers stand to the right.
                line += (column == 3 || column == 4 ? padding + cell : cell + padding) + "  "
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    /// 1234567 as `1.2 M`.
    private static func short(_ number: Int) -> String {
        var value = Double(number)
        for unit in [" ", " k", " M", " G"] {
            if value < 1000 || unit == " G" {
                let rounded = (value * 10).rounded() / 10
                return (unit == " " ? "\(number)" : "\(rounded)") + unit
            }
            value /= 1000
        }
        return "\(number)"
    }
}
