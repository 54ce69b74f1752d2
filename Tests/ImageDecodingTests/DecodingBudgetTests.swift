import Foundation
import ImageDecoding
import Synchronization
import Testing

/// The memory that decodes at the same time may take together.
@Suite struct DecodingBudgetTests {
    /// What a decode takes, as its refusal under a limit of one byte says.
    static func need(_ bytes: [UInt8]) throws -> Int {
        var limits = DecodingLimits()
        limits.memoryBytes = 1
        let words = try #require(refusal(bytes, limits)?.reason).split(separator: " ")
        return try #require(words.dropFirst().first.flatMap { Int($0) })
    }

    static func files() throws -> [[UInt8]] {
        let picture = Picture.smooth(300, 200)
        var progressive = JPEGEncoder()
        progressive.options.isProgressive = true
        var layout = PNGEncoder.Layout(colourType: .rgb, bitDepth: 8)
        layout.isInterlaced = true
        let interlaced = try PNGEncoder().encode(samples: picture.pixels, width: 300, height: 200, layout: layout)
        var damaged = PNGChunks(try PNGEncoder().encode(picture))
        let pixels = try #require(damaged.chunks.firstIndex { $0.type == "IDAT" })
        damaged.chunks[pixels].data = [UInt8](repeating: 7, count: 100)
        return [
            try JPEGEncoder().encode(picture), try progressive.encode(picture), try PNGEncoder().encode(picture),
            interlaced, damaged.bytes,
        ]
    }

    /// Runs all on threads of their own and waits without blocking one of the pool that tests run on.
    static func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup { group in
            for number in 0..<count {
                group.addTask {
                    await withCheckedContinuation { done in
                        Thread {
                            body(number)
                            done.resume()
                        }.start()
                    }
                }
            }
        }
    }

    @Test func whatDoesNotFitWaits() async {
        let budget = DecodingBudget(bytes: 100)
        budget.take(60)
        await Self.onThreads(3) { number in
            // One after the other: 41 do not fit, 1 would but has to wait its turn.
            while budget.state.waiting < number { usleep(100) }
            if number == 2 {
                #expect(budget.state == (60, 60, 2))
                budget.giveBack(60)
            } else {
                let count: UInt64 = number == 0 ? 41 : 1
                budget.take(count)
                budget.giveBack(count)
            }
        }
        #expect(budget.state == (0, 60, 0))
    }

    @Test func whatFitsDoesNotWait() {
        let budget = DecodingBudget(bytes: 100)
        budget.take(60)
        budget.take(40)
        #expect(budget.state == (100, 100, 0))
        budget.giveBack(60)
        budget.giveBack(40)
    }

    @Test func moreThanAllRunsAlone() {
        let budget = DecodingBudget(bytes: 100)
        budget.take(.max)
        budget.giveBack(.max)
        #expect(budget.state == (0, .max, 0))
    }

    @Test func everyPathGivesBack() throws {
        for file in try Self.files() {
            let budget = DecodingBudget()
            _ = outcome(file, ImageDecoder(budget: budget))
            #expect(budget.state == (0, UInt64(try Self.need(file)), 0))
        }
    }

    @Test(arguments: [0, 1, 2, 3]) func decodesTogetherStayWithin(_ together: Int) async throws {
        let files = try Self.files()
        let largest = try files.map(Self.need).max() ?? 0
        let budget = DecodingBudget(bytes: largest * together)
        let expected = files.map { outcome($0).map(\.picture) }
        let finished = Mutex(0)
        let decoder = ImageDecoder(budget: budget)
        await Self.onThreads(6) { _ in
            for (file, expected) in zip(files, expected) where outcome(file, decoder).map(\.picture) == expected {
                finished.withLock { $0 += 1 }
            }
        }
        #expect(finished.withLock { $0 } == 6 * files.count)
        let state = budget.state
        #expect((state.taken, state.waiting) == (0, 0))
        // With a budget of nothing each runs alone.
        #expect(state.highest <= UInt64(largest * max(1, together)))
    }
}
