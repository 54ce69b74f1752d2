import CTensorKernels
import TestSupport
import Testing

/// An instruction set's convolutions, by name, as an argument of tests.
struct ConvolutionSet: CustomTestStringConvertible, Sendable {
    let name: String

    /// The table. It is static: valid for ever.
    var table: UnsafePointer<lk_convolution_kernels> { lk_convolution_kernels_named(name) }
    var kernels: lk_convolution_kernels { table.pointee }
    var testDescription: String { name }

    /// Those that this processor runs; `ConvolutionSetTests` reports the others as skipped.
    static let present = (0..<lk_convolution_kernels_count()).map {
        ConvolutionSet(name: String(cString: lk_convolution_kernels_at($0).pointee.name))
    }

    /// What is wrong with the first set that `body` finds wrong; nil when none is.
    static func failure(_ body: (ConvolutionSet) -> String?) -> String? {
        for set in present {
            if let failure = body(set) { return "\(set.name): \(failure)" }
        }
        return nil
    }

    static func isAvailable(_ name: String) -> Bool { lk_convolution_kernels_named(name) != nil }
}

@Suite struct ConvolutionSetTests {
    @Test func theReferenceComesFirstAndTheBestLast() throws {
        let count = lk_convolution_kernels_count()
        #expect(String(cString: lk_convolution_kernels_at(0).pointee.name) == "scalar")
        #expect(lk_convolution_kernels_at(count) == nil)
        #expect(lk_convolution_kernels_best() == lk_convolution_kernels_at(count - 1))
        #expect(lk_convolution_kernels_named("none such") == nil)
        for index in 0..<count {
            let kernels = try #require(lk_convolution_kernels_at(index))
            #expect(lk_convolution_kernels_named(kernels.pointee.name) == kernels)
            #expect(kernels.pointee.panel % kernels.pointee.lanes == 0)
        }
    }

    // The other suites run every set that is here; these say which are not.
    @Test(.enabled(if: ConvolutionSet.isAvailable("avx2"), "this processor or build has no AVX2 with FMA"))
    func avx2IsTested() { #expect(ConvolutionSet.present.contains { $0.name == "avx2" }) }

    @Test(.enabled(if: ConvolutionSet.isAvailable("avx512"), "this processor or build has no AVX-512 (F, BW, DQ, VL)"))
    func avx512IsTested() { #expect(ConvolutionSet.present.contains { $0.name == "avx512" }) }

    @Test(.enabled(if: ConvolutionSet.isAvailable("avx512vnni"), "this processor or build has no AVX-512 VNNI"))
    func avx512VNNIIsTested() { #expect(ConvolutionSet.present.contains { $0.name == "avx512vnni" }) }

    @Test(.enabled(if: ConvolutionSet.isAvailable("neon"), "this processor or build has no NEON"))
    func neonIsTested() { #expect(ConvolutionSet.present.contains { $0.name == "neon" }) }
}

/// What a call of kernels is given, as long as this lives. Nothing lies behind the last element, so that an address
/// sanitizer sees what is read there.
final class CallMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    /// A copy of `values` that starts `shift` elements behind an aligned place.
    func copy<Element: BitwiseCopyable>(_ values: [Element], shift: Int = 0) -> UnsafeMutablePointer<Element> {
        let size = MemoryLayout<Element>.stride
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(1, (values.count + shift) * size), alignment: 64)
        blocks.append(block)
        let start = (block + shift * size).bindMemory(to: Element.self, capacity: values.count)
        start.update(from: values, count: values.count)
        return start
    }
}

/// Pixels of `channels` elements in lines, with gaps between pixels and between lines.
struct PixelLayout {
    var width, lines, channels: Int
    var stride, line: Int

    init(width: Int, lines: Int, channels: Int, using random: inout SeededRandom) {
        (self.width, self.lines, self.channels) = (width, lines, channels)
        let isDense = Bool.random(using: &random)
        stride = channels + (isDense ? 0 : Int.random(in: 0...5, using: &random))
        line = width * stride + (isDense ? 0 : Int.random(in: 0...7, using: &random))
    }

    /// Elements from the first to the last.
    var extent: Int { (lines - 1) * line + (width - 1) * stride + channels }

    /// Where pixel m's channel n lies.
    func place(_ m: Int, _ n: Int) -> Int { m / width * line + m % width * stride + n }

    /// Where the elements are, pixel after pixel.
    var places: [Int] {
        (0..<width * lines).flatMap { m in (0..<channels).map { place(m, $0) } }
    }

    /// Elements at their places, `around` between them.
    func spread<Element>(_ elements: [Element], around: Element) -> [Element] {
        var storage = [Element](repeating: around, count: extent)
        for (place, element) in zip(places, elements) { storage[place] = element }
        return storage
    }

    /// Whether all but the places is `around` still.
    func isUntouched<Element: Equatable>(_ storage: [Element], around: Element) -> Bool {
        var isInside = [Bool](repeating: false, count: storage.count)
        for place in places { isInside[place] = true }
        return storage.indices.allSatisfy { isInside[$0] || storage[$0] == around }
    }
}

/// What lies where nothing is to be written.
let untouchedFloat: Float = -77_777
let untouchedByte: UInt8 = 0xA5

func roundedUp(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit * unit }

func padded<Element>(_ values: [Element], to unit: Int, with filler: Element) -> [Element] {
    values + [Element](repeating: filler, count: roundedUp(values.count, unit) - values.count)
}
