import CTensorKernels
import TestSupport
import Testing

@Suite struct CopyTests {
    private func check<Element: FixedWidthInteger & UnsignedInteger>(
        _ set: KernelSet, _ type: Element.Type, _ sizes: [Int], _ x: View<Element>, _ y: View<Element>,
        simplifies: Bool = true, _ comment: Comment
    ) {
        var y = y
        var walk = lk_walk(sizes, [y.strides, x.strides])
        if simplifies { walk = walk.simplified(2) }
        x.read { x in y.write { set.kernels.copy([walk], MemoryLayout<Element>.size, x, $0) } }
        #expect(y.elements == x.elements, comment)
        #expect(y.surroundingsAre(77), comment)
    }

    private func copyAny<Element: FixedWidthInteger & UnsignedInteger>(_ set: KernelSet, _ type: Element.Type) {
        let seed = SeededRandom.seed(of: 38)
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            let sizes = randomSizes(using: &random)
            let broadcast = Set(sizes.indices.filter { _ in Int.random(in: 0..<8, using: &random) == 0 })
            let x = View(random: sizes, broadcast: broadcast, around: 1, using: &random) {
                Element.random(in: 0...Element.max, using: &$0)
            }
            let y = View(random: sizes, around: Element(77), using: &random) { _ in 0 }
            check(
                set, type, sizes, x, y, simplifies: Bool.random(using: &random),
                "\(sizes), round \(round), seed \(seed)")
        }
        for length in 0...130 {
            for shift in [0, 1, 3, 7] {
                let x = View(contiguous: [length], shift: shift, around: 1) {
                    Element.random(in: 0...Element.max, using: &random)
                }
                let y = View(contiguous: [length], shift: 5 - shift / 2, around: Element(77)) { 0 }
                check(set, type, [length], x, y, "length \(length), seed \(seed)")
            }
        }
    }

    private func transpose<Element: FixedWidthInteger & UnsignedInteger>(_ set: KernelSet, _ type: Element.Type) {
        let seed = SeededRandom.seed(of: 39)
        var random = SeededRandom(seed: seed)
        // Planes to pixels and back, of every shape from a few planes to several squares.
        for channels in [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 64, 70] {
            for pixels in [1, 2, 3, 4, 8, 16, 31, 64, 130] {
                for gap in [0, 3] {
                    let planes = View(
                        sizes: [channels, pixels], strides: [pixels + gap, 1], start: 2, around: Element(77)
                    ) { Element.random(in: 0...Element.max, using: &random) }
                    let turned = View(
                        sizes: [channels, pixels], strides: [1, channels + gap], start: 1, around: Element(77)
                    ) { Element.random(in: 0...Element.max, using: &random) }
                    check(set, type, [channels, pixels], planes, turned, "\(channels) planes of \(pixels), gap \(gap)")
                    check(set, type, [channels, pixels], turned, planes, "\(pixels) pixels of \(channels), gap \(gap)")
                }
            }
        }
    }

    @Test(arguments: KernelSet.present) func bytesOfAnyStrides(set: KernelSet) { copyAny(set, UInt8.self) }
    @Test(arguments: KernelSet.present) func wordsOfAnyStrides(set: KernelSet) { copyAny(set, UInt32.self) }
    @Test(arguments: KernelSet.present) func bytesTransposed(set: KernelSet) { transpose(set, UInt8.self) }
    @Test(arguments: KernelSet.present) func wordsTransposed(set: KernelSet) { transpose(set, UInt32.self) }

    @Test(arguments: KernelSet.present)
    func filling(set: KernelSet) {
        let seed = SeededRandom.seed(of: 40)
        var random = SeededRandom(seed: seed)
        for round in 0..<200 {
            let sizes = randomSizes(using: &random)
            var words = View(random: sizes, around: UInt32(77), using: &random) { _ in 0 }
            var bytes = View(random: sizes, around: UInt8(77), using: &random) { _ in 0 }
            let word = UInt32.random(in: 0...UInt32.max, using: &random)
            let (ofWords, ofBytes) = (lk_walk(sizes, [words.strides]), lk_walk(sizes, [bytes.strides]))
            words.write { set.kernels.fill([ofWords], 4, [word], $0) }
            bytes.write { set.kernels.fill([ofBytes], 1, [UInt8(round)], $0) }
            #expect(words.elements.allSatisfy { $0 == word } && words.surroundingsAre(77), "\(sizes), seed \(seed)")
            #expect(bytes.elements.allSatisfy { $0 == UInt8(round) } && bytes.surroundingsAre(77))
        }
    }
}
