import ArgumentParser
import Foundation
import HNSW
import RecallBenchmark

/// What the benchmarks' arguments are checked by, before anything takes long.
enum BenchInput {
    /// A file of vectors.
    static func open(_ path: String) throws -> VectorFile { try VectorFile(RawArguments.bytes(path)) }

    /// Refuses a number out of its range, as a wrong use.
    static func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        if !range.contains(value) {
            throw ValidationError("\(option) is a number from \(range.lowerBound) to \(range.upperBound).")
        }
    }

    /// An hour's figures should not end with a folder that is not there, nor an input under a drawing.
    static func checkPlot(_ plot: String, inputs: [String]) throws {
        for input in inputs where isSameFile(plot, input) {
            throw Failure("--plot \(plot) is one of the inputs: give another name")
        }
        let slash = plot.lastIndex(of: "/")
        let folder = slash.map { $0 == plot.startIndex ? "/" : String(plot[..<$0]) } ?? "."
        if access(plot, F_OK) != 0, access(folder, W_OK) != 0 {
            throw Failure(
                "cannot write \(plot) (\(String(cString: strerror(errno)))): give a path in a writable folder")
        }
    }

    private static func isSameFile(_ a: String, _ b: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev
            && first.st_ino == second.st_ino
    }
}

/// The options of all benchmarks on files of vectors.
struct BenchFileOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Vectors to search among.", valueName: "file"))
    var base: String

    @Option(help: ArgumentHelp("Vectors to search for.", valueName: "file"))
    var queries: String

    @Option(help: ArgumentHelp("What near means: l2, cosine or dot.", valueName: "metric"))
    var metric = Metric.l2

    @Option(help: ArgumentHelp("How the index keeps vectors: int8, f32, or bin (not with l2).", valueName: "form"))
    var quantization = Quantization.int8

    @Flag(help: "Print JSON lines.")
    var json = false

    func validate() throws {
        if base.isEmpty || queries.isEmpty {
            throw ValidationError("Give the files of vectors: --base FILE --queries FILE.")
        }
        if !quantization.supports(metric) {
            throw ValidationError(
                "--quantization \(quantization.rawValue) has no \(metric.rawValue): give --metric cosine or dot.")
        }
    }
}
