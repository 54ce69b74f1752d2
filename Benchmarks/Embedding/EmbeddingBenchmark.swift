import Embedding
import Gallery
import ImageDecoding
import JSONLines
import RecallBenchmark

/// What embedding costs.
public struct EmbeddingReport: Sendable, Equatable {
    /// Pictures a second of all threads together, the best of the passes.
    public var imagesPerSecond: Double
    /// The median time from one decoded picture to its vector.
    public var p50Milliseconds: Double
    /// What one picture in a hundred takes longer than.
    public var p99Milliseconds: Double
    /// The network alone on one picture, on one thread: the median. For a model that is none, all of it.
    public var networkMilliseconds: Double
    /// Pictures that were embedded in all.
    public var images: Int
}

/// Embeds drawn pictures, decoded already, as fast as it goes.
///
/// Figures are of the whole way from a decoded picture (320 to 640 pixels a side) to its vector, resizing and
/// normalising included. Each thread embeds one picture at a time.
public struct EmbeddingBenchmark: Sendable {
    /// Threads that a benchmark may have.
    public static let threadsRange = 1...WorkerThreads.limit

    /// Different pictures that are embedded in turn.
    private static let pictureCount = 32
    private static let passes = 3
    private static let secondsPerPass = 2.0
    private static let imagesPerPass = 32...50_000
    private static let networkRuns = 25...1000

    private let embedder: any Embedder
    private let threads: Int

    /// A benchmark of a model on so many threads.
    public init(_ embedder: any Embedder, threads: Int) {
        precondition(Self.threadsRange.contains(threads))
        self.embedder = embedder
        self.threads = threads
    }

    /// Draws the pictures and measures.
    public func run(_ tell: (BenchmarkStep) -> Void = { _ in }) -> EmbeddingReport {
        tell(.note("drawing \(Self.pictureCount) pictures"))
        let families = Gallery.familyNames.count
        let pictures = (0..<Self.pictureCount).map {
            Gallery(seed: 2).picture(family: $0 % families, index: $0 / families).picture
        }
        // As many as there are, so that every thread's session is there before the first pass.
        let warmUp = pass(pictures, count: max(Self.pictureCount, 4 * threads))
        let seconds = Double(warmUp.latencies[warmUp.latencies.count / 2]) / 1e9
        func count(_ time: Double, _ range: ClosedRange<Int>) -> Int {
            Int(max(Double(range.lowerBound), min(Double(range.upperBound), time / max(seconds, 1e-9))))
        }
        let perPass = count(Self.secondsPerPass * Double(threads), Self.imagesPerPass)
        var latencies: [UInt64] = []
        var best = 0.0
        for number in 1...Self.passes {
            tell(.note("pass \(number) of \(Self.passes), \(perPass) pictures"))
            let pass = pass(pictures, count: perPass)
            best = max(best, Double(perPass) / pass.seconds)
            latencies += pass.latencies
        }
        latencies.sort()
        func percentile(_ share: Double) -> Double {
            Double(latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))]) / 1e6
        }
        return EmbeddingReport(
            imagesPerSecond: best, p50Milliseconds: percentile(0.5), p99Milliseconds: percentile(0.99),
            networkMilliseconds: network(pictures, runs: count(1, Self.networkRuns)), images: latencies.count)
    }

    private struct Pass {
        var seconds: Double
        /// Nanoseconds, ascending.
        var latencies: [UInt64]
    }

    private func pass(_ pictures: [Picture], count: Int) -> Pass {
        let work = WorkCounter(limit: count)
        let latencies = SharedArray<UInt64>(repeating: 0, count: count)
        let seconds = WorkerThreads.run(threads) { [embedder] _ in
            while let number = work.next() {
                let start = Clock.nanoseconds
                let vector = embedder.embed(pictures[number % pictures.count])
                latencies[number] = Clock.nanoseconds - start
                precondition(vector.count == embedder.model.dimension)
            }
        }
        return Pass(seconds: seconds, latencies: (0..<count).map { latencies[$0] }.sorted())
    }

    /// The median of runs of the network alone, in milliseconds.
    private func network(_ pictures: [Picture], runs: Int) -> Double {
        func times(_ run: () -> Void) -> [UInt64] {
            run()
            return (0..<runs).map { _ in
                let start = Clock.nanoseconds
                run()
                return Clock.nanoseconds - start
            }
        }
        let found =
            (embedder as? NetworkEmbedder).map { $0.withNetworkAlone(pictures[0], times) }
            ?? times { _ = embedder.embed(pictures[0]) }
        return Double(found.sorted()[found.count / 2]) / 1e6
    }
}

extension EmbeddingReport {
    /// A line for programs; `facts` come first.
    public func json(_ facts: (inout JSONLine) -> Void) -> JSONLine {
        var line = JSONLine()
        facts(&line)
        line.add("images_per_s", imagesPerSecond)
        line.add("p50_ms", p50Milliseconds)
        line.add("p99_ms", p99Milliseconds)
        line.add("network_ms", networkMilliseconds)
        line.add("images", images)
        return line
    }

    /// The same for people.
    public var text: String {
        func fixed(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        return """
            \(Int(imagesPerSecond.rounded())) images/s (best of three passes)
            p50 \(fixed(p50Milliseconds)) ms, p99 \(fixed(p99Milliseconds)) ms, decoded picture to vector
            \(fixed(networkMilliseconds)) ms the network alone (median)
            """
    }
}
