import CTensorKernels
import TestSupport
import Testing

@Suite struct WalkTests {
    /// Every position's places, in any order.
    private func places(_ walk: lk_walk, _ operands: Int) -> [[Int]] {
        var places = [[Int](repeating: 0, count: operands)]
        for (d, size) in walk.sizeList.enumerated() {
            places = places.flatMap { place in
                (0..<size).map { i in (0..<operands).map { place[$0] + i * walk.strideList($0)[d] } }
            }
        }
        return places.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test func simplifyingKeepsEveryPosition() {
        let seed = SeededRandom.seed(of: 31)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let sizes = randomSizes(using: &random)
            let operands = Int.random(in: 1...3, using: &random)
            let strides = (0..<operands).map { k in
                let broadcast =
                    k == 0 ? [] : Set(sizes.indices.filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
                return View(random: sizes, broadcast: broadcast, around: 0, using: &random) { _ in 0 }.strides
            }
            let walk = lk_walk(sizes, strides)
            let simple = walk.simplified(Int32(operands))
            #expect(places(walk, operands) == places(simple, operands), "seed \(seed)")
            #expect(simple.rank >= 1 && simple.rank <= max(walk.rank, 1))
            #expect(lk_walk_count([walk]) == lk_walk_count([simple]))
        }
    }

    @Test func neighboursBecomeOne() {
        // A contiguous tensor is one row; so is one that is contiguous in another order, and one of a single element.
        #expect(lk_walk([2, 3, 4], [[12, 4, 1], [12, 4, 1]]).simplified(2).sizeList == [24])
        #expect(lk_walk([2, 3, 4], [[12, 1, 3], [12, 1, 3]]).simplified(2).sizeList == [24])
        #expect(lk_walk([1, 1], [[7, 9], [0, 0]]).simplified(2).strideList(1) == [1])
        #expect(lk_walk([], [[], []]).simplified(2).sizeList == [1])
        #expect(lk_walk([3, 0, 2], [[0, 2, 1]]).simplified(1).sizeList == [0])
        // Channels times a value a channel: pixels join, channels stay.
        let scaled = lk_walk([1, 24, 5, 6], [[720, 1, 144, 24], [720, 1, 144, 24], [0, 1, 0, 0]]).simplified(3)
        #expect(scaled.sizeList == [30, 24])
        #expect(scaled.strideList(2) == [0, 1])
        // Planes to pixels: what is contiguous in the output is innermost.
        let turned = lk_walk([3, 5, 6], [[1, 18, 3], [30, 6, 1]]).simplified(2)
        #expect(turned.sizeList == [30, 3])
        #expect(turned.strideList(0) == [3, 1] && turned.strideList(1) == [1, 30])
    }
}
